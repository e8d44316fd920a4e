// The mask painter for pictures, on the stage: three pictures, two errors, keys and controls.

const TASK = "Click or drag to hide parts of the picture. What will the model paint there?";
const HELP =
  "← → ↑ ↓ patch · Enter or Space: hide, show · R: random · B: blocks (BEiT) · C: show all · " +
  "N, P: next, previous picture · F: full screen";
const START = "Nothing is hidden: click or drag over patches, or press R or B.";

function describe({ result, hidden, name, number, count }) {
  const where = `Picture ${number + 1} of ${count}, ${name}`;
  if (!result.places) return `${where}. ${START}`;
  const [own, flat] = [result.model, result.flat].map((error) => error.toFixed(3));
  const off = `The model is off by ${own} of 1, the mean visible colour by ${flat}.`;
  return `${where}. ${verdict(result, hidden)} ${off}`;
}

// In words, what the two bars say.
function verdict({ places, model, flat }, hidden) {
  const count = `${places.length} of ${hidden.length} patches hidden.`;
  if (model >= flat) return `${count} The mean colour would be as good as the model there.`;
  const share = Math.round((100 * model) / flat);
  return `${count} The model’s error there is ${share} % of the mean colour’s.`;
}

function tableRows({ result, grid }) {
  const heading = ["row", "column", "error of the model", "error of the mean visible colour"];
  const rows = (result.places ?? []).map((place, at) => {
    const where = [Math.floor(place / grid[1]) + 1, (place % grid[1]) + 1];
    return [...where, result.model_each[at].toFixed(3), result.flat_each[at].toFixed(3)];
  });
  return [heading, ...(rows.length ? rows : [["nothing is hidden", "", "", ""]])];
}

function movesOf(model) {
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  const by = (rule) => () => set({ rule, draw: model.get("draw") + 1 });
  const turn = (step) => () => {
    const count = model.get("about").names.length;
    set({ number: (model.get("number") + step + count) % count });
  };
  const paint = (places, hide) => {
    const hidden = [...model.get("hidden")];
    for (const place of places) hidden[place] = hide;
    set({ hidden });
  };
  const clear = () => set({ hidden: model.get("hidden").map(() => false) });
  const keys = { r: by("random"), b: by("blocks"), c: clear, n: turn(1), p: turn(-1) };
  return { paint, keys, share: (share) => set({ share }) };
}

function controlsOf(hall, model, { keys, share }) {
  const trouble = make("p", hall.body, { className: "ll-trouble", role: "alert" });
  button(hall.controls, "Random (R)", keys.r);
  button(hall.controls, "Blocks (B)", keys.b);
  const stops = model.get("about").stops;
  const line = slider(hall.controls, { label: "Share that R and B hide", stops, onMove: share });
  button(hall.controls, "Show all (C)", keys.c);
  if (model.get("about").names.length > 1) button(hall.controls, "Next picture (N)", keys.n);
  return () => {
    trouble.textContent = model.get("trouble");
    line.show(model.get("share"));
  };
}

// The three pictures; the function that it gives draws a scene.
function boardOf(parent, about, { paint, over }) {
  const row = make("div", parent, { className: "patch-row" });
  const views = [1, 2, 3].map(() => photoView(row, { ...about, over }));
  const [seen, painted, truth] = views;
  const look = (place) => [buttons, painted, truth].forEach((view) => view.mark(place));
  const buttons = patchButtons(seen.box, about.grid, { paint, look });
  const tell = errorBars(parent);
  return ({ hidden, photo, filled, result, name }) => {
    buttons.show(hidden);
    seen.show(photo, "The model sees");
    painted.show(filled, "It paints");
    truth.show(photo, `The truth: ${name}`);
    if (!result.places) return tell([], START);
    const { model, flat } = result;
    const rows = [["The model is off by", model], ["The mean visible colour by", flat]];
    tell(rows, verdict(result, hidden));
  };
}

function sceneOf(model) {
  const { names, size, grid } = model.get("about");
  const [number, hidden, result] = ["number", "hidden", "result"].map((name) => model.get(name));
  const [photo, filled] = ["truth", "filled"].map((name) => photoOf(model.get(name), size));
  return { number, hidden, result, photo, filled, grid, name: names[number], count: names.length };
}

function render({ model, el }) {
  const over = new AbortController();
  const moves = movesOf(model);
  let scene = sceneOf(model);
  const hall = stage(el, {
    name: "Mask painter for pictures",
    task: TASK,
    help: HELP,
    keys: moves.keys,
    rows: () => tableRows(scene),
    over: over.signal,
  });
  hall.body.classList.add("patch");
  const { grid, size } = model.get("about");
  const draw = boardOf(hall.body, { grid, size }, { paint: moves.paint, over: over.signal });
  const tell = controlsOf(hall, model, moves);
  const show = () => {
    scene = sceneOf(model);
    draw(scene);
    tell();
    hall.say(describe(scene));
  };
  show();
  const heard =
    "change:hidden change:number change:filled change:result change:share change:trouble";
  model.on(heard, show);
  return () => {
    over.abort();
    model.off(heard, show);
  };
}

export default { render };
