// The collapse doctor, on the stage: the race, the curtain, the diagnosis; and a run trained live.

const TASK = "Loss 0, accuracy 100 %. A perfect model? Press Space, then raise the curtain (C).";
const HELP =
  "Space: play · ← → step · C: curtain · D: doctor · 1 2 3: switches · T: train · F: full screen";
const RACE_MS = 6000;
const SHORT = { diversity: "Diversity", noise: "Noise", schedule: "Cooling" };
const SICK = ["dead", "guessing", "undecided", "few codes"];

const part = (value) => `${(100 * value).toFixed(1)}\u00a0%`;
const entries = ({ size }) => size[1] * size[2];

// The numbers of one row: name, value, a note; the last two only once the curtain is up.
function numbersOf(run, now) {
  return [
    ["loss", run.loss[now].toFixed(2), "nats a frame"],
    ["accuracy", part(run.accuracy[now]), "equal distractors left out"],
    ["tie-split accuracy", part(run.tie_accuracy[now]), `chance ${part(run.chance)}`],
    [
      "perplexity",
      run.hard_perplexity[now].toFixed(1),
      `of ${entries(run)} codes; soft ${run.soft_perplexity[now].toFixed(1)}`,
    ],
  ];
}

// Each run from its first step to its last; one that is being trained shows all it has.
const rowAt = (run, at) => Math.round((at / 100) * (run.step.length - 1));

function sceneOf(model) {
  const [act, busy, at] = ["act", "busy", "at"].map((name) => model.get(name));
  const all = model.get("runs");
  const runs = act === "race" && !busy ? all.slice(0, 1) : all;
  const cards = runs.map((run, number) => {
    const isLive = busy && number === all.length - 1;
    return { run, now: isLive ? run.step.length - 1 : rowAt(run, at), isOpen: act !== "race" };
  });
  return { act, busy, at, cards };
}

function describe({ act, cards }) {
  const said = cards.map(({ run, now, isOpen }) => {
    const values = numbersOf(run, now).slice(0, isOpen ? 4 : 2);
    const words = values.map(([name, value]) => `${name} ${value}`).join(", ");
    const found = act === "doctor" ? `: ${run.found[now]}` : "";
    return `${run.name}, step ${run.step[now]}: ${words}${found}`;
  });
  return `${said.join(". ")}.`;
}

function tableRows({ act, cards }) {
  const heads = ["run", "step", "loss", "accuracy"];
  const more = ["tie-split accuracy", "perplexity", "diagnosis"];
  const rows = cards.flatMap(({ run }) => {
    return run.step.map((step, at) => {
      const values = numbersOf(run, at).map(([, value]) => value);
      const told = act === "race" ? values.slice(0, 2) : [...values, run.found[at]];
      return [run.name, step, ...told];
    });
  });
  return [act === "race" ? heads : [...heads, ...more], ...rows];
}

function movesOf(model, show) {
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  let end = () => {};
  let isPlaying = false;
  const stop = () => {
    end();
    isPlaying = false;
    show();
  };
  const go = (at) => {
    stop();
    set({ at: Math.min(Math.max(at, 0), 100) });
  };
  const play = () => {
    if (isPlaying) return go(model.get("at"));
    const from = model.get("at") < 100 ? model.get("at") : 0;
    isPlaying = true;
    end = animate(RACE_MS * (1 - from / 100), (p) => {
      model.set("at", Math.round(from + p * (100 - from)));
      if (p === 1) go(100);
    });
  };
  const turn = (act) => () => set({ act: model.get("act") === act ? ACTS_BELOW[act] : act });
  const train = () => {
    if (model.get("busy") || !model.get("about").trains) return;
    model.send({ train: model.get("settings") });
  };
  const flip = (name) => () => {
    const settings = model.get("settings");
    if (!model.get("busy")) set({ settings: { ...settings, [name]: !settings[name] } });
  };
  const keys = { " ": play, c: turn("curtain"), d: turn("doctor"), t: train };
  Object.keys(model.get("about").switches).forEach((name, at) => (keys[at + 1] = flip(name)));
  keys.arrowright = () => go(model.get("at") + 1);
  keys.arrowleft = () => go(model.get("at") - 1);
  Object.assign(keys, { home: () => go(0), end: () => go(100) });
  return { go, stop, flip, keys, isPlaying: () => isPlaying };
}

const ACTS_BELOW = { curtain: "race", doctor: "curtain" };

// One run: its name, its numbers in large letters, its picture.
function cardIn(parent, over) {
  const box = make("section", parent, { className: "doctor-card" });
  const name = make("h3", box);
  const grid = make("div", box, { className: "doctor-numbers" });
  const boxes = Array.from({ length: 4 }, () => {
    const one = make("div", grid);
    return ["span", "b", "small"].map((tag) => make(tag, one));
  });
  let card = null;
  const draw = (pen, width, height, colours) => drawRun(pen, card, { width, height }, colours);
  const view = picture(box, { label: "", draw, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  const show = (next, act) => {
    card = next;
    const { run, now } = card;
    const isSick = SICK.includes(run.found[now]);
    box.classList.toggle("doctor-sick", isSick && act !== "race");
    const verdict = act === "doctor" ? `: ${run.found[now]}` : "";
    name.textContent = `${run.name}, step ${run.step[now].toLocaleString("en")}${verdict}`;
    numbersOf(run, now).forEach((texts, at) => {
      texts.forEach((text, line) => (boxes[at][line].textContent = text));
    });
    view.canvas.ariaLabel = `${run.name}: curves and codes`;
    view.redraw();
  };
  return { box, show };
}

// The bytes of a run's codes, read once.
function readRuns(model) {
  model.get("runs").forEach((run) => (run.bytes ??= numbers(run.shade)));
}

function cardsIn(parent, over) {
  let cards = [];
  return ({ cards: wanted, act }) => {
    while (cards.length < wanted.length) cards.push(cardIn(parent, over));
    cards.slice(wanted.length).forEach(({ box }) => box.remove());
    cards = cards.slice(0, wanted.length);
    wanted.forEach((card, at) => cards[at].show(card, act));
  };
}

// All that the doctor knows; the rows that fit are marked with the runs that they fit.
function chartIn(parent, { fingerprints }) {
  const table = make("table", parent, { className: "doctor-chart" });
  const head = make("tr", table);
  for (const text of ["diagnosis", "in the log", "why", "what helps", "here"]) {
    make("th", head, { textContent: text });
  }
  const rows = Object.entries(fingerprints).map(([name, texts]) => {
    const row = make("tr", table);
    make("th", row, { textContent: name, scope: "row" });
    texts.forEach((textContent) => make("td", row, { textContent }));
    return { name, row, here: make("td", row) };
  });
  return ({ cards, act }) => {
    table.hidden = act !== "doctor";
    for (const { name, row, here } of rows) {
      const fits = cards.filter(({ run, now }) => run.found[now] === name);
      here.textContent = fits.map(({ run }) => run.name).join(", ");
      row.classList.toggle("doctor-here", fits.length > 0);
    }
  };
}

function controlsOf(hall, model, moves) {
  const { keys, go, flip } = moves;
  const { switches, trains } = model.get("about");
  const play = button(hall.controls, "", keys[" "]);
  play.classList.add("ll-first");
  const acts = [["curtain", "Curtain (C)", keys.c], ["doctor", "Doctor (D)", keys.d]];
  const buttons = acts.map(([act, text, turn]) => [act, button(hall.controls, text, turn)]);
  const stops = Array.from({ length: 101 }, (_, at) => `${at} %`);
  const line = slider(hall.controls, { label: "So far", stops, onMove: go });
  const set = Object.entries(trains ? switches : {}).map(([name, text], at) => {
    const node = button(hall.controls, `${SHORT[name]} (${at + 1})`, flip(name));
    node.ariaLabel = node.title = text;
    return [name, node];
  });
  const train = trains && button(hall.controls, "", keys.t);
  const trouble = make("p", hall.controls, { className: "ll-trouble", role: "alert" });
  return ({ act, at, busy }) => {
    play.textContent = moves.isPlaying() ? "❚❚ Pause" : "▶ Play";
    buttons.forEach(([name, node]) => {
      node.ariaPressed = String(name === act || (name === "curtain" && act === "doctor"));
    });
    line.show(at);
    set.forEach(([name, node]) => (node.ariaPressed = String(model.get("settings")[name])));
    if (train) train.textContent = busy ? "Training …" : "Train (T)";
    trouble.textContent = model.get("trouble");
  };
}

function render({ model, el }) {
  const over = new AbortController();
  let scene = null;
  let draw = () => {};
  const show = () => {
    readRuns(model);
    scene = sceneOf(model);
    draw(scene);
  };
  const moves = movesOf(model, show);
  show();
  const about = { name: "The collapse doctor", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over: over.signal });
  hall.body.classList.add("doctor");
  const row = make("div", hall.body, { className: "doctor-runs" });
  const parts = [cardsIn(row, over.signal), chartIn(hall.body, model.get("about"))];
  parts.push(controlsOf(hall, model, moves), (now) => hall.say(describe(now)));
  draw = (now) => {
    hall.body.dataset.act = now.act;
    parts.forEach((tell) => tell(now));
  };
  show();
  const names = ["runs", "act", "at", "settings", "busy", "trouble"];
  const heard = names.map((name) => `change:${name}`).join(" ");
  model.on(heard, show);
  return () => {
    moves.stop();
    over.abort();
    model.off(heard, show);
  };
}

export default { render };
