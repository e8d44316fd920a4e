// A map to click and listen, on the stage: labels to colour by, the chosen clip, its sound.

const TASK = "Click a point and hear it. Who stands together?";
const HELP =
  "arrow keys: the next clip that way · Space: hear it again · L: next label · F: full screen";
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEGEND = 14; // groups that the key names

function sceneOf(model) {
  const [about, item, shown] = ["about", "item", "shown"].map((name) => model.get(name));
  return { about, item, shown, place: numbers(model.get("place"), Float32Array) };
}

const labelOf = ({ about }, what, i) => about.labels[what].groups[about.labels[what].of[i]];

function describe(scene) {
  const { about, item, shown } = scene;
  const groups = about.labels[shown].groups.length;
  const whole = `${about.names.length} clips coloured by ${shown}, ${groups} groups.`;
  if (item < 0) return `${whole} No clip is chosen.`;
  const facts = Object.keys(about.labels).map((what) => `${what} ${labelOf(scene, what, item)}`);
  return `${about.names[item]}, ${about.seconds[item].toFixed(1)} s: ${facts.join(", ")}. ${whole}`;
}

function tableRows(scene) {
  const { about, place } = scene;
  const labels = Object.keys(about.labels);
  const rows = about.names.map((name, i) => {
    const [x, y] = [place[2 * i].toFixed(2), place[2 * i + 1].toFixed(2)];
    return [name, ...labels.map((what) => labelOf(scene, what, i)), x, y];
  });
  return [["clip", ...labels, "x", "y (down)"], ...rows];
}

function movesOf(model, play) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const hear = () => model.get("item") >= 0 && play(model.get("item"));
  const choose = (item) => {
    go("item", item);
    hear();
  };
  const next = () => {
    const labels = Object.keys(model.get("about").labels);
    go("shown", labels[(labels.indexOf(model.get("shown")) + 1) % labels.length]);
  };
  return { choose, hear, show: (what) => go("shown", what), keys: { l: next, " ": hear } };
}

// Pointer and arrow keys choose a clip.
function listenToMap(canvas, current, choose) {
  canvas.addEventListener("click", (event) => {
    canvas.focus();
    choose(nearest(current(), event.offsetX, event.offsetY));
  });
  keysOn(canvas, WAYS, (way) => choose(neighbour(current(), way)));
}

// Which label is shown, what its colours mean, and the chosen clip.
function panelBeside(body, { model, moves }) {
  const panel = make("div", body, { className: "voices-panel" });
  const label = "What the colours mean";
  const row = make("div", panel, { className: "voices-labels", role: "group", ariaLabel: label });
  const labels = Object.keys(model.get("about").labels);
  const buttons = labels.map((what) => button(row, what, () => moves.show(what)));
  const key = make("ul", panel, { className: "voices-key" });
  const card = make("div", panel, { className: "voices-card" });
  const name = make("b", card);
  const facts = make("p", card);
  const hear = button(card, "♪ Hear it again (Space)", moves.hear);
  return (scene) => {
    const { about, item, shown } = scene;
    buttons.forEach((one, at) => (one.ariaPressed = String(labels[at] === shown)));
    showKey(key, about.labels[shown], item);
    hear.hidden = item < 0;
    name.textContent = item < 0 ? "No clip is chosen" : about.names[item];
    const known = labels.map((what) => item >= 0 && `${what}: ${labelOf(scene, what, item)}`);
    facts.textContent = item < 0 ? "Click a point, or press an arrow key." : known.join(" · ");
  };
}

// The groups, the chosen clip's first where there is no room for all.
function showKey(parent, { groups, of }, item) {
  const order = groups.map((_, group) => group);
  if (item >= 0 && of[item] >= LEGEND) order.unshift(...order.splice(of[item], 1));
  parent.replaceChildren();
  for (const group of order.slice(0, LEGEND)) {
    const line = make("li", parent);
    const { colour, shape } = lookOf(group);
    make("span", line, { textContent: GLYPHS[shape], ariaHidden: "true" }).style.color = colour;
    line.append(groups[group]);
    line.classList.toggle("voices-here", item >= 0 && of[item] === group);
  }
  const more = groups.length - LEGEND;
  if (more > 0) make("li", parent, { textContent: `… and ${more} more` });
}

function render({ model, el }) {
  const over = new AbortController();
  const moves = movesOf(model, clipPlayer(model, over.signal));
  let scene = sceneOf(model);
  const about = { name: "A map of voices", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over: over.signal });
  const draw = (pen, ...rest) => drawMap(pen, scene, ...rest);
  const label = "Map of all clips. Arrow keys go to the next clip that way and play it.";
  const map = picture(hall.body, { label, draw, over: over.signal });
  listenToMap(map.canvas, () => scene, moves.choose);
  const tell = panelBeside(hall.body, { model, moves });
  const show = () => {
    scene = { ...scene, item: model.get("item"), shown: model.get("shown") };
    map.redraw();
    tell(scene);
    hall.say(describe(scene));
  };
  show();
  model.on("change:item change:shown", show);
  return () => {
    over.abort();
    model.off("change:item change:shown", show);
  };
}

export default { render };
