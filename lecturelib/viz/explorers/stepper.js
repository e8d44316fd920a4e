// The Transformer, animated, on the stage: keys, text fields, and what is drawn when.

const TASK = "Press Space: one more sign is written. Press →: one step through the model.";
const HELP =
  "← → step · Space, Backspace: write, erase · ↑ ↓ row · H: head · Home, End · F: full screen";

function paint(pen, scene, width, height) {
  const { walks, step } = scene;
  const [title, sentence] = wordsOf(scene.walk, step, scene.head, scene.lines);
  const { ink, quiet } = scene.colours;
  if (step.kind === "write") {
    const wide = width / walks.length;
    walks.forEach((walk, at) => {
      const done = Math.min(tokensAt(step), walk.written.length);
      drawAlignment(pen, scene, walk, done, {
        x: at * wide + 24,
        y: 8,
        width: wide - 48,
        height: height - 44,
      });
    });
    const isStart = step.row < 0; // an empty page: say in its middle what to do
    const [y, size] = isStart ? [height / 2, 30] : [height - 14, 18];
    write(pen, sentence, width / 2, y, { size, align: "center", colour: quiet });
    return;
  }
  const left = Math.min(300, 0.2 * width);
  drawLine(pen, scene, width);
  drawPlan(pen, scene, { x: 4, y: 48, width: left, height: height - 52 });
  write(pen, title, left + 30, 66, { size: 25, colour: ink, bold: true });
  write(pen, sentence, left + 30, 98, { size: 20, colour: ink });
  drawPanels(pen, scene, { x: left + 12, y: 160, width: width - left - 16, height: height - 230 });
}

// A click: on the plan the next visit of that box, on a panel the row.
function clicked(scene, x, y) {
  if (scene.step.kind === "write") return;
  const isInside = (box) =>
    x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;
  const box = scene.plan.find((one) => one.place && isInside(one.place));
  if (box) return scene.visit(box);
  const at = scene.boxes.findIndex(isInside);
  if (at >= 0) scene.look(Math.floor((y - scene.boxes[at].y) / scene.boxes[at].cell));
}

// All that the keys and the pointer can do; each ends in a new picture.
function movesOf(model, scene, show) {
  const go = (step) => {
    model.set("step", Math.min(Math.max(step, 0), scene.walk.steps.length - 1));
    model.save_changes();
  };
  const isWrite = (step) => step.kind === "write";
  const sign = (far) => {
    const { steps } = scene.walk;
    const now = model.get("step");
    const next =
      far > 0
        ? steps.findIndex((step, at) => at > now && isWrite(step))
        : steps.findLastIndex((step, at) => at < now && isWrite(step));
    if (next >= 0) go(next);
  };
  scene.visit = (box) => {
    const { steps } = scene.walk;
    const now = model.get("step");
    const next = steps.findIndex((step, at) => at > now && box.fits(step));
    go(next >= 0 ? next : steps.findIndex(box.fits));
  };
  scene.look = (row) => {
    const rows = scene.panels[0]?.labels.length ?? 1;
    scene.focus = Math.min(Math.max(row, 0), rows - 1);
    show();
  };
  const turn = () => {
    if (isWrite(scene.step)) {
      model.set("head", nextHead(scene.walk, scene.lines));
      return model.save_changes();
    }
    scene.head = (scene.head + 1) % scene.walk.sizes.heads;
    show();
  };
  return {
    ...{ arrowright: () => go(model.get("step") + 1), arrowleft: () => go(model.get("step") - 1) },
    ...{ arrowdown: () => scene.look(scene.focus + 1), arrowup: () => scene.look(scene.focus - 1) },
    ...{ " ": () => sign(1), backspace: () => sign(-1), h: turn },
    ...{ home: () => go(0), end: () => go(scene.walk.steps.length - 1) },
  };
}

function fieldsOf(controls, model, canvas) {
  const fields = model.get("texts").map((_, at) => {
    const label = at ? "Beside it" : "Read this";
    const enter = (text) => {
      model.set("texts", model.get("texts").with(at, text));
      model.save_changes();
      canvas.focus();
    };
    return field(controls, { label, enter });
  });
  const trouble = make("p", controls, { className: "ll-trouble", role: "alert" });
  return () => {
    fields.forEach((input, at) => (input.value = model.get("texts")[at]));
    trouble.textContent = model.get("trouble");
  };
}

// The row that is looked at: the token being written, in the encoder the letter that was chosen.
function arrive(scene, model) {
  const before = scene.step;
  const { steps } = scene.walk;
  scene.step = steps[Math.max(0, Math.min(model.get("step"), steps.length - 1))];
  const isElsewhere = before?.part !== scene.step.part || before?.row !== scene.step.row;
  if (isElsewhere) scene.focus = scene.step.row ?? 0;
}

function render({ model, el }) {
  const over = new AbortController();
  const scene = { head: 0, focus: 0, panels: [], boxes: [], plan: [] };
  const read = () => {
    scene.walks = model.get("walks").map(readWalk);
    scene.walk = scene.walks[0];
    scene.plan = planOf(scene.walk);
  };
  const show = () => {
    const { walk, step, head } = scene;
    scene.lines = model.get("head");
    scene.panels = step.kind === "write" ? [] : panelsOf(walk, step, head);
    map.redraw();
    const at = `Step ${walk.steps.indexOf(step) + 1} of ${walk.steps.length}`;
    hall.say(`${at}. ${wordsOf(walk, step, head, scene.lines).join(". ")}`);
  };
  const moved = () => {
    arrive(scene, model);
    show();
  };
  const again = () => {
    read();
    moved();
  };
  const hall = stage(el, {
    name: "The Transformer, animated",
    task: TASK,
    help: HELP,
    keys: movesOf(model, scene, show),
    rows: () => tableOfStep(scene),
    over: over.signal,
  });
  const draw = scaled((pen, width, height, colours) => {
    paint(pen, Object.assign(scene, { colours }), width, height);
  });
  const label = "The model at one step. Right arrow: the next step; Space: the next sign.";
  const map = picture(hall.body, { label, draw, over: over.signal });
  map.canvas.addEventListener("click", (event) => {
    clicked(scene, ...placeOf(event, map.canvas));
  });
  const tell = fieldsOf(hall.controls, model, map.canvas);
  again();
  tell();
  const heard = {
    "change:step": moved,
    "change:head": show,
    "change:walks": again,
    "change:texts change:trouble": tell,
  };
  Object.entries(heard).forEach(([what, act]) => model.on(what, act));
  return () => {
    over.abort();
    Object.entries(heard).forEach(([what, act]) => model.off(what, act));
  };
}

export default { render };
