// Three worlds, on the stage: the kernel trains one look at a time, as the browser asks for it.

const TASK = "One learning rule, three worlds. Space: learn. Then remove both safeguards (X).";
const HELP =
  "Space: run, pause · ← → one world large · Esc: all three · X: remove or restore both safeguards · " +
  "R: start again, with them · F: full screen";
const NAMES = ["R2", "target variance", "prediction variance"];
const SAFE = "safeguards on: targets normalised, slow teacher";
const BARE = "safeguards off: raw targets, teacher = student";

// Two digits that count; 4e−6 where there would be too many zeros.
const round = (x) => {
  const size = Math.abs(x);
  const text = size && size < 0.00005 ? x.toExponential(0) : x.toFixed(size && size < 0.095 ? 4 : 2);
  return text.replaceAll("-", "−").replace(/(\.\d\d[1-9]*)0+$/, "$1");
};

// What is drawn of each world: its panel, its looks so far, those of the run before, the last look.
function sceneOf(model) {
  const [rows, before, now] = ["rows", "before", "now"].map((name) => model.get(name));
  const panels = (model.get("about").panels ?? []).map((panel, at) => {
    panel.bytes ??= panel.loud && numbers(panel.loud);
    panel.picture ??= panel.photo && photoOf(panel.photo, panel.size);
    const look = now[at];
    look.targets ??= numbers(look.target);
    look.predictions ??= numbers(look.prediction);
    const last = rows[at][rows[at].length - 1];
    return { panel, look, rows: rows[at], before: before[at] ?? [], last };
  });
  const names = ["guarded", "running", "chosen", "verdicts", "trouble"];
  return { panels, ...Object.fromEntries(names.map((name) => [name, model.get(name)])) };
}

function describe({ panels, verdicts, guarded, running }) {
  const said = panels.map(({ panel, last }, at) => {
    const values = NAMES.map((name, n) => `${name} ${round(last[n + 1])}`).join(", ");
    const found = verdicts[at] ? `; ${verdicts[at]}` : "";
    return `${panel.name}, step ${last[0]}: ${values}${found}`;
  });
  return `${running ? "Learning" : "Paused"}, ${guarded ? SAFE : BARE}. ${said.join(". ")}.`;
}

function tableRows({ panels, guarded }) {
  const heads = ["world", "safeguards", "step", ...NAMES];
  const told = ({ panel }, rows, way) => {
    return rows.map(([step, ...values]) => [panel.name, way, step, ...values.map(round)]);
  };
  const rows = panels.flatMap((one) => [
    ...told(one, one.before, "run before"),
    ...told(one, one.rows, guarded ? "on" : "off"),
  ]);
  return [heads, ...rows];
}

function movesOf(model) {
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  const ask = () => model.send({ tick: model.get("ticks") });
  const play = () => {
    set({ running: !model.get("running") });
    if (model.get("running")) ask();
  };
  const restart = (guarded) => {
    set({ running: true });
    model.send({ restart: guarded });
  };
  const go = (by) => () => {
    const count = model.get("about").panels.length + 1; // the last: none of them
    set({ chosen: ((model.get("chosen") + 1 + by + count) % count) - 1 });
  };
  const keys = { " ": play, r: () => restart(true), x: () => restart(!model.get("guarded")) };
  Object.assign(keys, { arrowright: go(1), arrowleft: go(-1), escape: () => set({ chosen: -1 }) });
  return { ask, keys, choose: (chosen) => set({ chosen }) };
}

// One world: name, note, what is seen and said, three numbers with their curves, verdict, recipe.
function panelIn(parent, { panel }, { at, choose, over }) {
  const box = make("section", parent, { className: "worlds-panel", ariaLabel: panel.name });
  const head = make("h3", box);
  const enlarge = make("button", head, { type: "button", textContent: panel.name });
  enlarge.addEventListener("click", () => choose(at));
  const step = make("span", head);
  make("p", box, { className: "worlds-note", textContent: panel.note });
  let scene = null;
  const draw = (pen, ...rest) => scene && drawWorld(pen, scene, ...rest);
  const view = picture(box, { label: "", draw, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  const grid = make("div", box, { className: "worlds-numbers" });
  const boxes = NAMES.map((textContent) => {
    const one = make("div", grid);
    make("span", one, { textContent });
    return make("b", one);
  });
  const drawBelow = (pen, ...rest) => scene && drawCurves(pen, scene, ...rest);
  const curves = picture(box, { label: "", draw: drawBelow, over });
  Object.assign(curves.canvas, { tabIndex: -1, role: "img" });
  const verdict = make("p", box, { className: "worlds-verdict" });
  const recipe = make("pre", box, { className: "worlds-recipe", tabIndex: 0 });
  recipe.ariaLabel = `${panel.name}: the recipe; marked lines are this world’s own`;
  panel.lines.forEach((line, n) => {
    make(panel.changed[n] ? "mark" : "span", recipe, { textContent: line });
  });
  const show = (next, found, chosen) => {
    scene = next;
    const { last, look } = scene;
    box.classList.toggle("worlds-large", chosen === at);
    box.classList.toggle("worlds-bad", Boolean(found));
    enlarge.ariaPressed = String(chosen === at);
    step.textContent = `step ${last[0]}`;
    boxes.forEach((node, n) => (node.textContent = round(last[n + 1])));
    verdict.textContent = found;
    const count = look.hidden.filter(Boolean).length;
    view.canvas.ariaLabel = `${count} of ${look.hidden.length} places hidden; targets, predictions`;
    curves.canvas.ariaLabel = `${NAMES.join(", ")} over ${last[0]} steps`;
    [view, curves].forEach((one) => one.redraw());
  };
  return show;
}

function controlsOf(hall, { keys }) {
  const play = button(hall.controls, "", keys[" "]);
  play.classList.add("ll-first");
  const bare = button(hall.controls, "", keys.x);
  button(hall.controls, "Start again (R)", keys.r);
  const state = make("p", hall.controls, { className: "worlds-state" });
  const trouble = make("p", hall.controls, { className: "ll-trouble", role: "alert" });
  return (scene) => {
    play.textContent = scene.running ? "❚❚ Pause" : "▶ Learn";
    bare.textContent = scene.guarded ? "Remove the two safeguards (X)" : "Restore the safeguards (X)";
    state.textContent = scene.guarded ? SAFE : BARE;
    trouble.textContent = scene.trouble;
  };
}

function render({ model, el }) {
  const over = new AbortController();
  const moves = movesOf(model);
  let scene = sceneOf(model);
  const about = { name: "One rule, three worlds", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over: over.signal });
  hall.body.classList.add("worlds");
  const { choose } = moves;
  const panels = scene.panels.map((one, at) => {
    return panelIn(hall.body, one, { at, choose, over: over.signal });
  });
  const tell = controlsOf(hall, moves);
  const show = () => {
    scene = sceneOf(model);
    const { chosen, verdicts, guarded } = scene;
    hall.body.dataset.chosen = String(chosen);
    hall.body.classList.toggle("worlds-bare", !guarded);
    panels.forEach((draw, at) => draw(scene.panels[at], verdicts[at], chosen));
    tell(scene);
    hall.say(describe(scene));
  };
  show();
  const names = ["rows", "now", "guarded", "running", "chosen", "trouble"];
  const heard = names.map((name) => `change:${name}`).join(" ");
  const next = () => model.get("running") && moves.ask();
  model.on(heard, show);
  model.on("change:ticks", next);
  next();
  return () => {
    over.abort();
    model.off(heard, show);
    model.off("change:ticks", next);
  };
}

export default { render };
