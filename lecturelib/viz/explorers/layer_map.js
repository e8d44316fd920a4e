// The layer map, on the stage: walk over the cells, exchange the digits, read the numbers.

const TASK = "Which layers of different models are alike? Exchange the digits: does it change?";
const HELP =
  "arrow keys or mouse: a pair of layers (0: what goes in) · " +
  "C: every seven meets, say, a three · F: full screen";
const WAYS = {
  arrowup: [-1, 0],
  arrowdown: [1, 0],
  arrowleft: [0, -1],
  arrowright: [0, 1],
};

function sceneOf(model) {
  const { names, draws, ticks } = model.get("about");
  const [at, exchanged] = [model.get("at"), model.get("exchanged")];
  const values = numbers(model.get("values"), Float32Array);
  const size = names.length ** 2;
  const maps = [0, 1, 2, 3].map((which) => values.subarray(which * size, (which + 1) * size));
  const cellOf = (row, column) => {
    const [matched, mean, low, high] = maps.map((map) => map[row * names.length + column]);
    return { matched, mean, low, high };
  };
  const shown = maps[Number(exchanged)];
  return { names, draws, ticks, at, exchanged, shown, cellOf, cell: cellOf(...at) };
}

function describe({ names, draws, at, exchanged, cell }) {
  const pair = at.map((one) => `${names[one][0]} layer ${names[one][1]}`).join(" and ");
  const matched = `CKA ${short(cell.matched)} for the same digit`;
  const range = `9 of 10 from ${short(cell.low)} to ${short(cell.high)}`;
  const control = `${short(cell.mean)} with digits exchanged (mean of ${draws}, ${range})`;
  const map = exchanged ? "digits exchanged" : "the same digit";
  return `${pair}: ${matched}, ${control}. The map shows ${map}.`;
}

function tableRows({ names, cellOf }) {
  const rows = [["layer", "layer", "CKA", "exchanged", "5 %", "95 %"]];
  names.forEach((one, row) => {
    names.forEach((other, column) => {
      if (column < row) return;
      const { matched, mean, low, high } = cellOf(row, column);
      rows.push([one.join(" "), other.join(" "), ...[matched, mean, low, high].map(short)]);
    });
  });
  return rows;
}

function movesOf(model, last) {
  const go = (name, value) => {
    if (String(model.get(name)) === String(value)) return;
    model.set(name, value);
    model.save_changes();
  };
  const choose = (cell) => go("at", cell);
  const walk = (way) => () => {
    const next = model.get("at").map((one, axis) => one + way[axis]);
    choose(next.map((one) => Math.min(Math.max(one, 0), last)));
  };
  const exchange = () => go("exchanged", !model.get("exchanged"));
  const walks = Object.entries(WAYS).map(([key, way]) => [key, walk(way)]);
  return { choose, exchange, keys: { c: exchange, ...Object.fromEntries(walks) } };
}

function listenToCells(canvas, names, choose) {
  const point = (event) => {
    const unit = WIDE / canvas.clientWidth;
    const cell = cellAt(WIDE, canvas.clientHeight * unit, names, [
      event.offsetX * unit,
      event.offsetY * unit,
    ]);
    if (cell) choose(cell);
  };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
}

function render({ model, el }) {
  const over = new AbortController();
  let scene = sceneOf(model);
  const moves = movesOf(model, scene.names.length - 1);
  const words = { name: "Layer map", task: TASK, help: HELP, keys: moves.keys };
  const hall = stage(el, { ...words, rows: () => tableRows(scene), over: over.signal });
  const draw = scaled((pen, ...rest) => drawLayerMap(pen, scene, ...rest));
  const label = "Map of all pairs of layers. Arrow keys choose a pair.";
  const map = picture(hall.body, { label, draw, over: over.signal });
  listenToCells(map.canvas, scene.names, moves.choose);
  const control = button(hall.controls, "Exchange the digits (C)", moves.exchange);
  const show = () => {
    scene = sceneOf(model);
    control.ariaPressed = String(scene.exchanged);
    control.textContent = scene.exchanged ? "Match the digits (C)" : "Exchange the digits (C)";
    map.redraw();
    hall.say(describe(scene));
  };
  show();
  model.on("change:at change:exchanged", show);
  return () => {
    over.abort();
    model.off("change:at change:exchanged", show);
  };
}

export default { render };
