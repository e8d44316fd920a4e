// The same voice?, on the stage: two clips, the decision, and the threshold that makes it.

const TASK = "Two clips: the same voice? Choose, record or bring them; then move the threshold.";
const HELP =
  "1, 2: hear a clip · Space: next pair · Page Up, Down: threshold · F: full screen · " +
  "Your own clips go to the kernel's machine only; nothing keeps them.";
const VERDICTS = ["Different voices", "Same voice"];

// What the threshold makes of the pair, and what is true.
function decisionOf({ about, at, clips, result }) {
  const accepted = Number(result.score >= about.thresholds[at]);
  const [first, second] = result.pair.map((number) => clips[number].voice);
  const truth = first && second ? Number(first === second) : null;
  return { accepted, truth, wrong: truth !== null && truth !== accepted };
}

function scoreText({ score }) {
  return Math.abs(score) < 10 ? score.toFixed(2) : score.toFixed(1);
}

function truthText({ truth, wrong }) {
  if (truth === null) return "Only you know whether that is right.";
  const known = ["they are two voices", "it is one voice"][truth];
  return wrong ? `Wrong: ${known}.` : `Right: ${known}.`;
}

const rateText = (rate) => `${(100 * rate).toFixed(1)}\u00a0%`;

function ratesText({ about, at }) {
  const strangers = `lets in ${rateText(about.wrong[at])} of strangers (false alarms)`;
  const own = `turns away ${rateText(about.missed[at])} of true pairs (misses)`;
  return `On ${about.measured} this threshold ${strangers} and ${own}.`;
}

function describe(scene) {
  const { clips, result, about, at } = scene;
  const [first, second] = result.pair.map((number) => `“${clips[number].name}”`);
  const decision = decisionOf(scene);
  const score = `score ${scoreText(result)}, threshold ${about.stops[at]}`;
  const verdict = VERDICTS[decision.accepted].toLowerCase();
  return `${first} and ${second}: ${score}: ${verdict}. ${truthText(decision)} ${ratesText(scene)}`;
}

function tableRows({ about }) {
  const rows = about.stops.map((stop, at) => {
    return [stop, ...[about.wrong, about.missed].map((rates) => rateText(rates[at]))];
  });
  return [["threshold", "false alarms", "misses"], ...rows];
}

function sceneOf(model) {
  const names = ["about", "clips", "at", "result"];
  return Object.fromEntries(names.map((name) => [name, model.get(name)]));
}

function movesOf(model, play) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const choose = (side, number) => {
    go("pair", model.get("pair").map((old, at) => (at === side ? number : old)));
  };
  const step = (by) => {
    const last = model.get("about").stops.length - 1;
    go("at", Math.min(Math.max(model.get("at") + by, 0), last));
  };
  const next = () => {
    const { pairs } = model.get("about");
    const here = pairs.findIndex((pair) => pair.join() === model.get("pair").join());
    go("pair", pairs[(here + 1) % pairs.length]);
  };
  const bring = (side) => (name, wave) => model.send({ side, name }, undefined, [wave.buffer]);
  const hear = (side) => play(model.get("pair")[side]);
  const keys = { 1: () => hear(0), 2: () => hear(1), " ": next };
  keys.pageup = () => step(1);
  keys.pagedown = () => step(-1);
  return { go, choose, next, bring, hear, keys, refuse: (why) => go("trouble", why) };
}

// One clip: which, how it looks, and the ways to hear it or to bring another.
function clipCard(parent, side, { model, moves, over }) {
  const label = SIDES[side];
  const card = make("div", parent, { className: "verify-clip" });
  const choice = make("select", card, { ariaLabel: `The ${label} clip` });
  choice.addEventListener("change", () => moves.choose(side, Number(choice.value)));
  let bytes = new Uint8Array();
  const draw = (pen, width, height, colours) => {
    drawOutline(pen, bytes, { width, height }, kindColours(colours)[1]);
  };
  const view = picture(card, { label: "", draw, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  const row = make("div", card, { className: "verify-ways" });
  button(row, `♪ Hear (${side + 1})`, () => moves.hear(side));
  const { rate, longest } = model.get("about");
  const own = { label: `the ${label} clip`, name: `your voice ${label}`, rate, longest };
  ownClip(row, { ...own, bring: moves.bring(side), refuse: moves.refuse, over });
  return ({ clips, result }) => {
    const isNew = choice.options.length !== clips.length;
    if (isNew) choice.replaceChildren(...clips.map(({ name }, at) => new Option(name, at)));
    choice.value = result.pair[side];
    bytes = numbers(result.outlines[side]);
    const { name, seconds } = clips[result.pair[side]];
    view.canvas.ariaLabel = `${name}: loudness over ${seconds.toFixed(1)} s`;
    view.redraw();
  };
}

// The decision in large letters, the scores of all trials, and the threshold beneath them.
function decisionPanel(parent, { model, moves, current, over }) {
  const panel = make("div", parent, { className: "verify-panel" });
  const verdict = make("b", panel, { className: "verify-verdict" });
  const truth = make("p", panel, { className: "verify-truth" });
  const draw = (pen, width, height, colours) => {
    drawScores(pen, current(), { width, height }, colours);
  };
  const label = "How often each score came up, for pairs of one voice and of two";
  const view = picture(panel, { label, draw, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  const { stops } = model.get("about");
  const onMove = (at) => moves.go("at", at);
  const line = slider(panel, { label: "Threshold: at or above it, the same voice", stops, onMove });
  return (scene) => {
    const decision = decisionOf(scene);
    verdict.textContent = VERDICTS[decision.accepted];
    const { result, about, at } = scene;
    const scores = `Score ${scoreText(result)}, threshold ${about.stops[at]}.`;
    truth.textContent = `${scores} ${truthText(decision)}`;
    truth.classList.toggle("ll-trouble", decision.wrong);
    line.show(at);
    view.redraw();
  };
}

function detPanel(parent, { current, over }) {
  const panel = make("div", parent, { className: "verify-det" });
  const draw = (pen, width, height, colours) => drawDet(pen, current(), { width, height }, colours);
  const label = "DET curve: false alarms against misses, a point a threshold";
  const view = picture(panel, { label, draw, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  const rates = make("p", panel);
  return (scene) => {
    rates.textContent = ratesText(scene);
    view.redraw();
  };
}

function build(hall, parts) {
  const { model, moves, over } = parts;
  hall.body.classList.add("verify");
  const clips = make("div", hall.body, { className: "verify-clips" });
  const shows = [0, 1].map((side) => clipCard(clips, side, { model, moves, over }));
  shows.push(decisionPanel(hall.body, parts), detPanel(hall.body, parts));
  button(hall.controls, "Next pair (Space)", moves.next).classList.add("ll-first");
  const trouble = make("p", hall.controls, { className: "ll-trouble", role: "alert" });
  return (scene) => {
    shows.forEach((show) => show(scene));
    trouble.textContent = model.get("trouble");
  };
}

function render({ model, el }) {
  const over = new AbortController();
  const moves = movesOf(model, clipPlayer(model, over.signal));
  let scene = sceneOf(model);
  const about = { name: "The same voice?", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over: over.signal });
  const draw = build(hall, { model, moves, current: () => scene, over: over.signal });
  const show = () => {
    scene = sceneOf(model);
    draw(scene);
    hall.say(describe(scene));
  };
  show();
  const heard = "change:result change:at change:clips change:trouble";
  model.on(heard, show);
  return () => {
    over.abort();
    model.off(heard, show);
  };
}

export default { render };
