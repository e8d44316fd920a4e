// One word edits a meaning, on the stage: the panel beside the map, keys, and what flies when.

const TASK = "Press Space: one word edits the meaning. Then drag the layer.";
const HELP =
  "Space: next sentence · 0-9, Page Up, Down: layer · arrow keys: uses · W: word · F: full screen";
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FLIGHT_MS = 1200; // slow enough for the last row to follow
const MORPH_MS = 800;

// The score, and the curve whose horizontal axis is the slider; then what the star's place says.
function panelBeside(body, scene, onLayer, over) {
  const panel = make("div", body, { className: "meaning-panel" });
  const score = make("div", panel, { className: "meaning-score" });
  const number = make("b", score);
  const caption = make("p", score);
  const draw = (pen, width, height, colours) => drawCurve(pen, scene, { width, height }, colours);
  const curve = picture(panel, { label: "Told apart, layer by layer", draw, over });
  Object.assign(curve.canvas, { tabIndex: -1, role: "img" });
  const stops = scene.story.score.map((_, at) => String(at));
  const layers = slider(panel, { label: "Layer (0: before any context)", stops, onMove: onLayer });
  const card = make("div", panel, { className: "meaning-card" });
  const [votes, verdict, sentence, note] = ["votes", "verdict", "sentence", "note"].map((name) => {
    return make("p", card, { className: `meaning-${name}` });
  });
  votes.ariaHidden = "true";
  return { number, caption, curve, layers, votes, verdict, sentence, note };
}

// A layer's dot stands above its stop of the slider; the dashed line is chance.
function drawCurve(pen, { story, layer }, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const last = Math.max(story.score.length - 1, 1);
  const place = (at, value) => [
    0.75 * em + (at / last) * (width - 1.5 * em),
    height - em - ((value - 0.45) / 0.55) * (height - 2.5 * em),
  ];
  const line = (points, look) => {
    Object.assign(pen, look).beginPath();
    points.forEach((point) => pen.lineTo(...point));
    pen.stroke();
  };
  pen.setLineDash([0.4 * em, 0.4 * em]);
  line([place(0, 0.5), place(last, 0.5)], { strokeStyle: colours.quiet, lineWidth: 2 });
  pen.setLineDash([]);
  const look = { size: 0.9 * em, colour: colours.quiet, align: "right" };
  write(pen, "chance", width - 0.75 * em, place(0, 0.5)[1] - 0.8 * em, look);
  const points = story.score.map((value, at) => place(at, value));
  line(points, { strokeStyle: colours.ink, lineWidth: 0.18 * em });
  points.forEach(([x, y]) => disc(pen, x, y, 0.3 * em, colours.ink));
  disc(pen, ...points[layer], 0.75 * em, colours.paper);
  disc(pen, ...points[layer], 0.6 * em, css(BLUE[colours.isDark ? "dark" : "light"]));
}

function tell(scene, panel, hall) {
  const { story, map, star, before, layer, chosen } = scene;
  panel.number.textContent = percent(story.score[layer]);
  const own = map.note ? "" : `; “${map.word}” alone ${percent(map.own[layer])}`;
  panel.caption.replaceChildren();
  make("b", panel.caption, { textContent: `told apart in layer ${layer}` });
  panel.caption.append(`${story.measured}${own}`.replaceAll(" %", "\u00a0%"));
  panel.layers.show(layer);
  panel.curve.redraw();
  const { sense, most, of } = voteOf(map, star, layer);
  panel.votes.replaceChildren();
  for (let at = 0; at < of; at++) {
    const one = at < most ? sense : 1 - sense;
    const chip = make("span", panel.votes, { className: one ? "meaning-disc" : "" });
    chip.style.background = CLASS_COLOURS[one];
  }
  make("b", panel.votes, { textContent: wentWhere(map, before, star, layer) });
  panel.verdict.textContent = `${most} of ${of} nearest uses: ${map.senses[sense]}`;
  showSentence(panel.sentence, scene);
  panel.note.textContent = map.note;
  const looked = chosen === null ? "" : ` Use: ${map.senses[map.sense[chosen]]}, `;
  const shown = chosen === null ? "" : `“${textOf(map.sentences[chosen])}”`;
  hall.say(describe({ story, map, star, before, layer }) + looked + shown);
}

// The use that is looked at; else the nearest one: why the star stands where it stands.
function showSentence(parent, { map, star, layer, chosen }) {
  const i = chosen ?? star.nearest[layer][0];
  const [before, word, after] = map.sentences[i];
  const kind = chosen === null ? "The nearest" : map.senses[map.sense[i]];
  parent.replaceChildren(`${kind}: ${before} `);
  const mark = make("mark", parent, { textContent: word });
  Object.assign(mark.style, {
    background: CLASS_COLOURS[map.sense[i]],
    color: inkOn(CLASS_COLOURS[map.sense[i]]),
  });
  parent.append(` ${after}`);
}

// Where everything stands in the layer that is shown.
function restOf({ map, star, before, layer }) {
  return {
    uses: map.sense.map((_, i) => pointOf(map, layer, i)),
    star: star.points[layer],
    before: before?.points[layer],
    nearest: star.nearest[layer],
  };
}

const between = (from, to, part) => from.map((value, at) => value + part * (to[at] - value));

// A moment on the way; the star of a flight bends upwards, as its trail does.
function onTheWay(from, to, part, bend) {
  const eased = part * part * (3 - 2 * part);
  const star = between(from.star, to.star, eased);
  const far = Math.hypot(to.star[0] - from.star[0], to.star[1] - from.star[1]);
  star[1] -= bend * far * eased * (1 - eased);
  const uses = to.uses.map((use, i) => between(from.uses[i], use, eased));
  return { ...to, uses, star, nearest: part < 1 ? [] : to.nearest };
}

function movesOf(model, scene) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const last = scene.story.score.length - 1;
  const toLayer = (layer) => go("layer", Math.min(Math.max(layer, 0), last));
  const next = () => {
    const { examples } = scene.story.maps[model.get("word")]; // the star may still be on its way
    go("text", examples[(examples.indexOf(model.get("text")) + 1) % examples.length]);
  };
  const keys = { " ": next };
  keys.w = () => go("word", (model.get("word") + 1) % scene.story.maps.length);
  keys.pageup = () => toLayer(model.get("layer") - 1);
  keys.pagedown = () => toLayer(model.get("layer") + 1);
  scene.story.score.slice(0, 10).forEach((_, layer) => (keys[layer] = () => toLayer(layer)));
  return { go, toLayer, next, keys };
}

function controlsOf(hall, model, scene, { go, next }) {
  button(hall.controls, "Next sentence", next).classList.add("ll-first");
  const words = make("div", hall.controls, { className: "meaning-words", role: "group" });
  const chooseAnd = (name, value) => {
    go(name, value);
    scene.picture.canvas.focus(); // so that Space goes on with the next sentence
  };
  const buttons = scene.story.maps.map((map, at) => {
    return button(words, map.word, () => chooseAnd("word", at));
  });
  const enter = (text) => chooseAnd("text", text);
  const input = field(hall.controls, { label: "Your sentence", enter });
  const trouble = make("p", hall.controls, { className: "ll-trouble", role: "alert" });
  return () => {
    input.value = model.get("text");
    trouble.textContent = model.get("trouble");
    buttons.forEach((one, at) => (one.ariaPressed = String(at === model.get("word"))));
  };
}

// Pointer and arrow keys look at a use: `look(item or null)`.
function listenToMap(canvas, scene, look) {
  canvas.addEventListener("pointermove", (event) => {
    const unit = WIDE / canvas.clientWidth;
    const far = (i) => {
      const [x, y] = scene.placed(scene.now.uses[i]);
      return Math.hypot(x - event.offsetX * unit, y - event.offsetY * unit);
    };
    const items = scene.map.sense.map((_, i) => i);
    const best = items.reduce((a, b) => (far(b) < far(a) ? b : a));
    look(far(best) < 24 ? best : null);
  });
  canvas.addEventListener("pointerleave", () => look(null));
  keysOn(canvas, WAYS, (way) => look(neighbour(scene, way)));
}

// A new star: on the same word it flies from where the last one stood.
function arrive(scene, star) {
  const isSame = scene.star?.word === star.word;
  scene.before = isSame ? scene.star : null;
  scene.star = star;
  scene.map = scene.story.maps[star.word];
  scene.box = boxOf(scene.map);
  scene.chosen = null;
  if (!isSame) scene.now = null;
}

// Everything that is drawn goes from where it is to where it belongs now.
function traveller(scene, show) {
  let rest = () => {};
  const travel = (milliseconds, bend) => {
    const to = restOf(scene);
    const from = scene.now ?? to;
    rest();
    rest = animate(scene.now ? milliseconds : 0, (part) => {
      scene.now = onTheWay(from, to, part, bend);
      scene.picture.redraw();
    });
    show();
  };
  return { travel, stop: () => rest() };
}

function build(el, model, scene, over) {
  const moves = movesOf(model, scene);
  const about = { name: "One word edits a meaning", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over });
  const draw = scaled((pen, width, height, colours) => {
    drawMap(pen, Object.assign(scene, { colours }), width, height);
  });
  const label = "Map of a word's uses; the star is your sentence. Arrow keys look at uses.";
  scene.picture = picture(hall.body, { label, draw, over });
  const panel = panelBeside(hall.body, scene, moves.toLayer, over);
  const showControls = controlsOf(hall, model, scene, moves);
  const show = () => tell(scene, panel, hall);
  listenToMap(scene.picture.canvas, scene, (item) => {
    if (item === scene.chosen) return;
    scene.chosen = item;
    scene.picture.redraw();
    show();
  });
  return { show, showControls };
}

function render({ model, el }) {
  const over = new AbortController();
  const scene = { story: readWords(model), layer: model.get("layer"), chosen: null };
  arrive(scene, model.get("star"));
  scene.now = restOf(scene);
  const { show, showControls } = build(el, model, scene, over.signal);
  const { travel, stop } = traveller(scene, show);
  const heard = {
    "change:star": () => {
      arrive(scene, model.get("star"));
      travel(FLIGHT_MS, 0.9);
    },
    "change:layer": () => {
      scene.layer = model.get("layer");
      travel(MORPH_MS, 0);
    },
    "change:text change:trouble change:word": showControls,
  };
  Object.entries(heard).forEach(([what, act]) => model.on(what, act));
  showControls();
  show();
  return () => {
    over.abort();
    stop();
    Object.entries(heard).forEach(([what, act]) => model.off(what, act));
  };
}

export default { render };
