// The mask lab, on the stage: paint spans or draw them by the rule, count, listen.

const TASK = "Drag over the sound to hide it, or draw spans by wav2vec 2.0’s rule. What is left?";
const HELP =
  "← → frame · Enter: hide or show M frames from there · R: draw again · C: show all · " +
  "L: hear what is left · H: what is hidden · U: unit · N: next clip · F: full screen";
const UNITS = {
  paper: "Paper: p, frames that start a span",
  code: "Published code: p × M, before overlaps",
};
const HEARD_MS = 25; // that one frame of the paper's encoder hears; the next begins 20 ms later

const share = (part) => `${(100 * part).toFixed(1)}\u00a0%`;
const short = (number) => String(Number(number.toPrecision(3)));
const count = (frames) => {
  return frames < 100 ? frames.toFixed(1) : Math.round(frames).toLocaleString("en");
};
// n frames last (n - 1) x 20 + 25 ms, as the paper counts.
const lasting = (frames) => {
  const ms = Math.round(20 * (frames - 1) + HEARD_MS);
  return ms < 10000 ? `${ms}\u00a0ms` : `${Math.round(ms / 1000).toLocaleString("en")}\u00a0s`;
};

function sceneOf(model) {
  const about = model.get("about");
  const names = ["number", "hidden", "unit", "level", "span", "facts", "result"];
  const scene = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const { number, span } = scene;
  const clip = { name: about.names[number], frames: about.frames[number], bars: about.bars };
  const loud = numbers(about.outlines[number]);
  return { ...scene, ...clip, loud, levels: about.levels, long: about.spans[span] };
}

// The same rule in both units: the confusion, resolved.
function unitText({ facts, long }) {
  const [p, wanted] = [facts.p, facts.wanted].map(short);
  return `p = ${p} of the frames start a span of M = ${long}; the published code writes p × M = ${wanted}`;
}

// What the same number would do in the other unit.
function trapText({ facts, unit, levels, level, long }) {
  if (long === 1) return "At M = 1 both units are the same.";
  const number = levels[level];
  const [reader, p] =
    unit === "paper" ? ["by the published code", number / long] : ["as the paper’s p", number];
  const [other, here] = [1 - (1 - p) ** long, facts.closed.share].map(share);
  return `Read ${reader}, ${number} would hide ${other} of the frames instead of ${here}.`;
}

function describe(scene) {
  const { name, frames, facts, result } = scene;
  const mask = result.spans
    ? `${share(result.share)} hidden in ${result.spans} spans of ${count(result.mean)} frames`
    : "Nothing is hidden";
  const closed = `closed form ${share(facts.closed.share)} and ${count(facts.closed.mean)} frames`;
  const many = `simulated ${share(facts.many.share)} and ${count(facts.many.mean)}`;
  return `${name}, ${frames} frames. ${mask}. ${unitText(scene)}: ${closed}, ${many}.`;
}

function tableRows({ hidden }) {
  const rows = spansOf(hidden).map(({ from, long }, at) => {
    const [start, end] = [from, from + long].map((frame) => (frame / 50).toFixed(2));
    return [at + 1, start, end, long];
  });
  return [["span", "from, s", "to, s", "frames"], ...rows];
}

function movesOf(model, play, brush) {
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  const frames = () => model.get("hidden").length;
  const paint = (from, to, hide) => {
    const hidden = [...model.get("hidden")];
    hidden.fill(hide, Math.min(from, to), Math.max(from, to) + 1);
    set({ hidden });
  };
  const stamp = () => {
    const [at, long] = [brush.at, model.get("about").spans[model.get("span")]];
    paint(at, Math.min(at + long, frames()) - 1, !model.get("hidden")[at]);
  };
  const hear = (part) => () => {
    play(`${part} ${model.get("number")} ${model.get("hidden").map(Number).join("")}`);
  };
  const next = () => set({ number: (model.get("number") + 1) % model.get("about").names.length });
  const unit = () => set({ unit: model.get("unit") === "paper" ? "code" : "paper" });
  const clear = () => paint(0, frames() - 1, false);
  const again = () => set({ draw: model.get("draw") + 1 });
  const keys = { r: again, c: clear, l: hear("left"), h: hear("hidden"), u: unit, n: next };
  return { set, paint, stamp, frames, keys };
}

// The first frame says whether a drag hides or shows.
function paintWithPointer(canvas, current, moves, brush) {
  let drag = null;
  const under = ({ offsetX }) => frameAt(current(), offsetX, canvas.clientWidth);
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    const at = under(event);
    drag = { last: at, hide: !current().hidden[at] };
    brush.go(at);
    moves.paint(at, at, drag.hide);
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = under(event);
    if (!drag || at === drag.last) return;
    moves.paint(drag.last, at, drag.hide);
    brush.go(at);
    drag.last = at;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => (drag = null));
  }
}

function paintWithKeys(canvas, moves, brush) {
  keysOn(canvas, {
    ...{ ArrowRight: () => brush.go(brush.at + 1), ArrowLeft: () => brush.go(brush.at - 1) },
    ...{ Home: () => brush.go(0), End: () => brush.go(moves.frames() - 1), Enter: moves.stamp },
  });
}

const NAMES = [
  ["hidden", "1 − (1 − p)ᴹ"],
  ["mean span", "hidden / (p (1 − p)ᴹ)"],
  ["median, longest", ""],
];

// This mask, very many, and the formula, side by side.
function countsIn(parent, drawn) {
  const grid = make("div", parent, { className: "lab-counts" });
  for (const title of ["", "this mask", `${drawn.toLocaleString("en")} frames`, "closed form"]) {
    make("span", grid, { className: "lab-head", textContent: title });
  }
  const rows = NAMES.map(([name, formula]) => {
    const title = make("span", grid, { textContent: `${name} ` });
    make("small", title, { textContent: formula });
    return [0, 1, 2].map(() => make("b", grid));
  });
  return ({ result, facts }) => {
    [result, facts.many, facts.closed].forEach((one, side) => {
      const mean = one.mean ? `${count(one.mean)} = ${lasting(one.mean)}` : "–";
      const most = one.longest ? `${short(one.median)}, ${one.longest.toLocaleString("en")}` : "–";
      [share(one.share), mean, most].forEach((text, row) => (rows[row][side].textContent = text));
    });
  };
}

// What the slider's number counts: two buttons, one pressed, and what the other would do.
function unitsIn(parent, { set, keys }) {
  const bar = make("div", parent, { className: "lab-bar" });
  const label = "What the number counts";
  const box = make("div", bar, { className: "lab-units", role: "group", ariaLabel: label });
  const nodes = Object.keys(UNITS).map((unit) => button(box, UNITS[unit], () => set({ unit })));
  button(bar, "♪ What is left (L)", keys.l);
  button(bar, "♪ What is hidden (H)", keys.h);
  const both = make("p", parent, { className: "lab-both" });
  const trap = make("p", parent);
  return (scene) => {
    Object.keys(UNITS).forEach((unit, at) => (nodes[at].ariaPressed = String(unit === scene.unit)));
    both.textContent = `${unitText(scene)}.`;
    trap.textContent = trapText(scene);
  };
}

function controlsOf(hall, model, { keys, set }) {
  const { levels, spans, names } = model.get("about");
  button(hall.controls, "Draw (R)", keys.r).classList.add("ll-first");
  const lines = [
    ["level", "p or p × M, in the unit above (U)", levels.map(String)],
    ["span", "M: frames in a span", spans.map(String)],
  ].map(([name, label, stops]) => {
    const onMove = (value) => set({ [name]: value });
    return { name, ...slider(hall.controls, { label, stops, onMove }) };
  });
  button(hall.controls, "Show all (C)", keys.c);
  if (names.length > 1) button(hall.controls, "Next clip (N)", keys.n);
  const trouble = make("p", hall.body, { className: "ll-trouble", role: "alert" });
  return () => {
    lines.forEach((line) => line.show(model.get(line.name)));
    trouble.textContent = model.get("trouble");
  };
}

function build(hall, { model, moves, current, brush, over }) {
  hall.body.classList.add("lab");
  const label = "The clip; grey: hidden. Arrow keys choose a frame, Enter hides M from there.";
  const drawTop = (pen, ...rest) => drawClip(pen, { ...current(), here: brush.at }, ...rest);
  const clip = picture(hall.body, { label, draw: drawTop, over });
  paintWithPointer(clip.canvas, current, moves, brush);
  paintWithKeys(clip.canvas, moves, brush);
  const units = unitsIn(hall.body, moves);
  const row = make("div", hall.body, { className: "lab-row" });
  const counts = countsIn(row, model.get("about").many);
  const drawRight = (pen, ...rest) => drawCurve(pen, current(), ...rest);
  const curve = picture(row, { label: "", draw: drawRight, over });
  Object.assign(curve.canvas, { tabIndex: -1, role: "img" });
  brush.redraw = clip.redraw;
  return (scene) => {
    [clip, curve].forEach((view) => view.redraw());
    units(scene);
    counts(scene);
    curve.canvas.ariaLabel = `Share hidden against the number: ${share(scene.facts.closed.share)}`;
  };
}

function render({ model, el }) {
  const over = new AbortController();
  const brush = { at: 0, redraw: () => {} };
  const moves = movesOf(model, clipPlayer(model, over.signal), brush);
  brush.go = (at) => {
    brush.at = Math.min(Math.max(at, 0), moves.frames() - 1);
    brush.redraw();
  };
  let scene = sceneOf(model);
  const about = { name: "The mask lab", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over: over.signal });
  const draw = build(hall, { model, moves, current: () => scene, brush, over: over.signal });
  const tell = controlsOf(hall, model, moves);
  const show = () => {
    scene = sceneOf(model);
    brush.go(brush.at);
    draw(scene);
    tell();
    hall.say(describe(scene));
  };
  show();
  const names = ["hidden", "number", "unit", "level", "span", "facts", "result", "trouble"];
  const heard = names.map((name) => `change:${name}`).join(" ");
  model.on(heard, show);
  return () => {
    over.abort();
    model.off(heard, show);
  };
}

export default { render };
