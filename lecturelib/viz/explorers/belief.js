// Watch belief spread, on the stage: the panel beside the map, and what moves it.

const TASK = "Press Play and watch labels spread; then drag the threshold down.";
const HELP =
  "Space: play · arrow keys: a slider's next stop, the map's next wrong label · F: full screen";
// Where each key looks for the next wrong label; Enter stays, and starts with the first.
const WAYS = {
  Enter: [0, 0],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const ROUND_MS = 1700; // a hall needs a moment to look; the spreading itself takes half of it

// The large numbers, the three bars, the colour key and the chosen item, beside the map.
function panelBeside(body, story) {
  const panel = make("div", body, { className: "belief-panel" });
  const counts = make("div", panel, { className: "belief-counts" });
  const count = ["labels added", "right", "wrong"].map((label) => countOf(counts, label));
  make("p", panel, { className: "belief-title", textContent: "Right on test data" });
  const bars = make("div", panel, { className: "belief-bars" });
  const bar = LEARNERS.map((label) => barOf(bars, label));
  const card = cardIn(panel, story);
  const key = make("div", panel, { className: "belief-key" });
  story.classes.forEach((name, label) => {
    const chip = make("span", key, { textContent: name });
    Object.assign(chip.style, {
      background: CLASS_COLOURS[label],
      color: inkOn(CLASS_COLOURS[label]),
    });
  });
  make("p", panel, {
    className: "belief-note",
    textContent: "square: true label · disc: teacher's label · red: wrong",
  });
  return { count, bar, card };
}

function countOf(parent, label) {
  const box = make("div", parent, { className: `belief-count belief-${label.split(" ")[0]}` });
  const number = make("b", box);
  make("span", box, { textContent: label });
  return (value) => (number.textContent = value);
}

function barOf(parent, label) {
  make("span", parent, { textContent: label });
  const track = make("div", parent, { className: "belief-track" });
  const fill = make("div", track, {
    className: `belief-fill belief-${label.replace(/\W+/g, "-").toLowerCase()}`,
  });
  const number = make("b", parent);
  return (part) => {
    fill.style.width = `${100 * part}%`;
    number.textContent = part ? percentText(part) : "–";
  };
}

function cardIn(panel, story) {
  const card = make("div", panel, { className: "belief-card" });
  const faces = make("div", card, { className: "belief-faces" });
  const text = make("p", card);
  const sounds = make("div", card, { className: "belief-sounds" });
  return (lines, items, label) => {
    text.textContent = lines.join(" ");
    faces.replaceChildren();
    sounds.replaceChildren();
    items.forEach((item, at) => {
      if (story.picture.length) drawFace(faces, story, item, CLASS_COLOURS[label]);
      const name = ["♪ Hear it", "♪ Hear the example"][at];
      if (story.sounds.length) button(sounds, name, () => playSound(story.sounds[item]));
    });
  };
}

// The item itself, framed in the colour of the label that it wears.
function drawFace(faces, story, item, colour) {
  const [height, width] = story.picture;
  const face = make("canvas", faces, { width, height, ariaHidden: "true" });
  face.style.borderColor = colour ?? "";
  const pen = face.getContext("2d");
  const image = pen.createImageData(width, height);
  inkOf(story, item).forEach((ink, at) => {
    image.data.set([255 - ink, 255 - ink, 255 - ink, 255], 4 * at);
  });
  pen.putImageData(image, 0, 0);
}

function playSound(bytes) {
  const url = URL.createObjectURL(new Blob([bytes]));
  const sound = new Audio(url);
  sound.addEventListener("ended", () => URL.revokeObjectURL(url));
  sound.play();
}

// The item under the pointer, if any.
function itemAt(story, { place, radius }, x, y) {
  let best = null;
  let least = 1.6 * radius;
  for (let i = 0; i < story.n; i++) {
    const [itemX, itemY] = place(i);
    const far = Math.hypot(itemX - x, itemY - y);
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

// Pointer and arrow keys choose an item: `choose(item)`.
function listenToMap(canvas, scene, choose) {
  canvas.addEventListener("click", (event) => {
    canvas.focus();
    choose(itemAt(scene.story, scene.placed, event.offsetX, event.offsetY));
  });
  keysOn(canvas, WAYS, (way) => choose(neighbour(scene.story, scene.now, scene.chosen, way)));
}

// The first `part` of the labels that this round hands out. Accuracies are those of its end.
function showPart(scene, panel, part) {
  const { now } = scene;
  scene.shown = Math.round(part * now.told.length);
  const wrong = now.told.slice(0, scene.shown).filter(now.isWrong).length;
  [scene.shown, scene.shown - wrong, wrong].forEach((value, at) => panel.count[at](value));
  now.accuracy.forEach((value, at) => panel.bar[at](value));
}

// The card and the live text: the chosen item, or what one can choose.
function tellChosen(scene, panel, hall) {
  const { story, now, chosen } = scene;
  scene.map.redraw();
  const invite = now.wrong.length
    ? "Click a red ring: what is it, and who misled the teacher?"
    : "";
  if (chosen === null) {
    panel.card([invite], []);
    return hall.say(describe(story, now));
  }
  const culprit = now.isWrong(chosen) ? now.misledBy[chosen] : -1;
  const lines = explain(story, now, chosen);
  panel.card(lines, culprit < 0 ? [chosen] : [chosen, culprit], labelOf(story, now, chosen));
  hall.say(`${describe(story, now)} Item ${chosen}: ${lines.join(" ")}`);
}

function slidersOf(controls, story, move, stop) {
  const rounds = ["start", ...Array.from({ length: story.rounds }, (_, at) => String(at + 1))];
  const thresholds = story.thresholds.map(String);
  const parts = [
    ["round", "Round", rounds],
    ["at", "Threshold: how sure the teacher must be", thresholds],
  ];
  return parts.map(([name, label, stops]) => {
    const onMove = (value) => {
      stop();
      move(name, value);
    };
    return { name, ...slider(controls, { label, stops, onMove }) };
  });
}

function build(hall, scene, over) {
  const draw = (pen, width, height, colours) => {
    scene.placed = placing(scene.story, width, height);
    const view = { ...scene.placed, colours, sheets: scene.sheets, shown: scene.shown };
    drawMap(pen, scene.story, scene.now, view);
    if (scene.chosen !== null) drawChosen(pen, scene.now, scene.chosen, view);
  };
  const label = "Map of all items. Arrow keys go from one wrong label to the next.";
  scene.map = picture(hall.body, { label, draw, over });
  return panelBeside(hall.body, scene.story);
}

function render({ model, el }) {
  const over = new AbortController();
  const story = readStory(model);
  const current = () => momentOf(story, model.get("at"), model.get("round"));
  const scene = { story, sheets: inkSheets(story), now: current(), chosen: null, shown: 0 };
  const move = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const forward = () => {
    const round = model.get("round") < story.rounds ? model.get("round") + 1 : 1;
    move("round", round);
    return round < story.rounds;
  };
  const show = (text) => (playButton.textContent = text);
  const play = player({ forward, pace: ROUND_MS, show, over: over.signal });
  const rows = () => tableRows(story, scene.now);
  const hall = stage(el, {
    name: "Watch belief spread",
    task: TASK,
    help: HELP,
    keys: { " ": play.toggle },
    rows,
    over: over.signal,
  });
  const panel = build(hall, scene, over.signal);
  const playButton = button(hall.controls, "▶ Play", play.toggle);
  playButton.classList.add("ll-first");
  const sliders = slidersOf(hall.controls, story, move, play.stop);
  const choose = (item) => {
    scene.chosen = item;
    tellChosen(scene, panel, hall);
  };
  let rest = () => {};
  const refresh = () => {
    const before = scene.now;
    scene.now = current();
    sliders.forEach((one) => one.show(model.get(one.name)));
    const isStep = scene.now.at === before.at && scene.now.round === before.round + 1;
    rest();
    rest = animate(isStep ? ROUND_MS / 2 : 0, (part) => {
      showPart(scene, panel, part);
      scene.map.redraw();
    });
    tellChosen(scene, panel, hall);
  };
  listenToMap(scene.map.canvas, scene, choose);
  model.on("change:round change:at", refresh);
  refresh();
  return () => {
    [over.abort.bind(over), rest].forEach((end) => end());
    model.off("change:round change:at", refresh);
  };
}

export default { render };
