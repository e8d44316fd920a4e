// Listen to a code, on the stage: two codebooks, their training, and what a code sounds like.

const TASK = "Play the training; then click a code and hear what it stands for.";
const HELP =
  "Space: play the training · Page Up, Down: a snapshot · arrow keys: the next code · " +
  "1, 2: hear a code again · F: full screen";
const WAYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const STEP_MS = 500;

const snapshotOf = (book, at) => Math.min(at, book.size[0] - 1);

// A panel's state: what the kernel knows of one book, and which of its places is heard now.
function panelsOf(model) {
  return model.get("about").books.map((book, number) => {
    return { book, number, share: numbers(model.get("use")[number], Float32Array), heard: -1 };
  });
}

function shareOf({ book, share, at, chosen: [group, code] }) {
  const [, groups, codes] = book.size;
  return share[(at * groups + group) * codes + code];
}

function codeText(panel) {
  const [group, code] = panel.chosen;
  const where = panel.book.size[1] > 1 ? `group ${group + 1}, code ${code}` : `code ${code}`;
  return `${where}: ${(100 * shareOf(panel)).toFixed(1)} % of frames`;
}

function perplexityText({ book, at }) {
  const [, groups, codes] = book.size;
  const soft = book.soft.length ? `, soft ${book.soft[at].toFixed(1)}` : "";
  return `hard perplexity ${book.hard[at].toFixed(1)}${soft} of ${groups * codes}`;
}

function describe(panels, about) {
  const parts = panels.map((panel) => {
    const step = panel.book.size[0] > 1 ? ` at step ${panel.book.steps[panel.at]}` : "";
    const heard = panel.pieces.map(({ speaker, text }) => `${speaker} ${text}`).join(", ");
    const name = `${panel.book.name}${step}: ${perplexityText(panel)}`;
    return `${name}; ${codeText(panel)}, heard in ${heard || "no clip"}`;
  });
  return `${parts.join(". ")}. ${about.verdict}.`;
}

function tableRows(panels) {
  const rows = [["codebook", "group", "code", "use now, %"]];
  for (const { book, share, at } of panels) {
    const [, groups, codes] = book.size;
    for (let row = 0; row < groups * codes; row++) {
      const use = (100 * share[at * groups * codes + row]).toFixed(2);
      rows.push([book.name, Math.floor(row / codes) + 1, row % codes, use]);
    }
  }
  for (const { book, pieces } of panels)
    pieces.forEach((one) => rows.push([book.name, one.speaker, one.text, `${one.second} s`]));
  return rows;
}

function movesOf(model, panels, play) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const last = panels[0].book.size[0] - 1;
  const toSnapshot = (at) => go("at", Math.min(Math.max(at, 0), last));
  const hear = (number, piece) => {
    const [group, code] = model.get("chosen")[number];
    const all = [...Array(panels[number].book.heard[group][code]).keys()];
    if (piece === undefined) play([number, group, code].join(" "), all);
    else if (piece < all.length) play([number, group, code, piece].join(" "), [piece]);
  };
  const choose = (number, code) => {
    go("chosen", model.get("chosen").with(number, code));
    hear(number);
  };
  const walk = (number, [down, across]) => {
    const [, groups, codes] = panels[number].book.size;
    const [group, code] = model.get("chosen")[number];
    choose(number, [
      Math.min(Math.max(group + down, 0), groups - 1),
      Math.min(Math.max(code + across, 0), codes - 1),
    ]);
  };
  return { toSnapshot, hear, choose, walk };
}

// A picture in a box of its own, drawn from `panel`.
function pictureIn(parent, { name, label, draw, panel, over }) {
  const box = make("div", parent, { className: name });
  const paint = (pen, width, height, colours) => draw(pen, panel, { width, height }, colours);
  return picture(box, { label, draw: paint, over });
}

// The use of a book's codes: a click or an arrow key chooses one and plays it.
function usePicture(box, panel, { moves, over }) {
  const label = `Use of the codes of ${panel.book.name}. Arrow keys choose a code and play it.`;
  const view = pictureIn(box, { name: "codes-use", label, draw: drawUse, panel, over });
  view.canvas.addEventListener("click", (event) => {
    view.canvas.focus();
    const code = codeAt(panel, event.offsetX, event.offsetY);
    if (code) moves.choose(panel.number, code);
  });
  keysOn(view.canvas, WAYS, (way) => moves.walk(panel.number, way));
  return view;
}

// The places of the chosen code: a click plays one.
function placesPicture(box, panel, { moves, over }) {
  const label = `Where the chosen code of ${panel.book.name} is heard`;
  const view = pictureIn(box, { name: "codes-places", label, draw: drawPlaces, panel, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  view.canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const [across, down] = [offsetX / view.canvas.clientWidth, offsetY / view.canvas.clientHeight];
    moves.hear(panel.number, Math.floor(4 * across) + 4 * Math.floor(2 * down));
  });
  return view;
}

function bookPanel(body, panel, parts) {
  const box = make("div", body, { className: "codes-panel" });
  make("p", box, { className: "codes-name", textContent: panel.book.name });
  const use = usePicture(box, panel, parts);
  const line = make("div", box, { className: "codes-line" });
  button(line, `♪ Hear it (${panel.number + 1})`, () => parts.moves.hear(panel.number));
  const text = make("p", line);
  const places = placesPicture(box, panel, parts);
  panel.redraw = places.redraw;
  return () => {
    text.textContent = codeText(panel);
    [use, places].forEach((view) => view.redraw());
  };
}

// Perplexity of the first book, in large numbers and as a curve; what the books know.
function sidePanel(body, panel, { about, over }) {
  const side = make("div", body, { className: "codes-side" });
  const [, groups, codes] = panel.book.size;
  make("b", side, { textContent: `Perplexity, of ${groups * codes} codes` });
  const row = make("div", side, { className: "codes-numbers" });
  const kinds = panel.book.soft.length ? ["hard", "soft"] : ["hard"];
  const values = kinds.map((kind) => {
    const box = make("span", row);
    const value = make("b", box);
    box.append(` ${kind}`);
    return { kind, value };
  });
  const label = "Perplexity over training";
  const options = { name: "codes-curve", label, draw: drawPerplexity, panel, over };
  const curve = panel.book.size[0] > 1 ? pictureIn(side, options) : null;
  if (curve) Object.assign(curve.canvas, { tabIndex: -1, role: "img" });
  knowledge(side, about);
  return () => {
    values.forEach(({ kind, value }) => {
      value.textContent = panel.book[kind][panel.at].toFixed(1);
    });
    curve?.redraw();
  };
}

// Adjusted mutual information, a column a book; the one that knows more in bold.
function knowledge(side, { books, near, verdict }) {
  make("b", side, { textContent: "What a code knows" });
  const table = make("table", side, { className: "codes-knows" });
  const head = make("tr", table);
  ["", ...books.map(({ name }) => name)].forEach((text) => make("th", head, { textContent: text }));
  for (const what of Object.keys(books[0].knows)) {
    const row = make("tr", table);
    make("td", row, { textContent: what });
    const values = books.map(({ knows }) => knows[what]);
    for (const value of values) {
      const isMost = values.some((other) => value - other >= near);
      const className = isMost ? "codes-most" : "";
      make("td", row, { className, textContent: value.toFixed(2) });
    }
  }
  const note = "adjusted mutual information; 0 is chance";
  make("p", side, { className: "codes-note", textContent: note });
  make("p", side, { className: "codes-verdict", textContent: `${verdict}.` });
}

// The training's button and slider; a book of one snapshot has neither.
function trainingOf(hall, { model, moves, panels, over }) {
  const { book } = panels[0];
  const last = book.size[0] - 1;
  const idle = () => {};
  if (!last) return { show: idle, toggle: idle, step: idle };
  const first = button(hall.controls, "▶ Play", () => play.toggle());
  first.classList.add("ll-first");
  const now = () => model.get("at");
  const show = (text) => (first.textContent = text);
  const forward = () => {
    moves.toSnapshot(now() < last ? now() + 1 : 0);
    return now() < last;
  };
  const play = player({ forward, pace: STEP_MS, show, over });
  const goTo = (at) => {
    play.stop();
    moves.toSnapshot(at);
  };
  const stops = book.steps.map(stepText);
  const line = slider(hall.controls, { label: "Training steps", stops, onMove: goTo });
  return { ...play, show: () => line.show(now()), step: (by) => goTo(now() + by) };
}

function render({ model, el }) {
  const over = new AbortController();
  const about = model.get("about");
  const panels = panelsOf(model);
  const heard = (clip, piece) => {
    panels.forEach((panel) => {
      panel.heard = panel.number === Number(clip.split(" ")[0]) ? piece : -1;
      panel.redraw();
    });
  };
  const play = piecePlayer(model, { period: about.period, show: heard, over: over.signal });
  const moves = movesOf(model, panels, play);
  const keys = { 1: () => moves.hear(0), 2: () => panels[1] && moves.hear(1) };
  keys[" "] = () => training.toggle();
  keys.pageup = () => training.step(-1);
  keys.pagedown = () => training.step(1);
  const words = { name: "Listen to a code", task: TASK, help: HELP, keys };
  const hall = stage(el, { ...words, rows: () => tableRows(panels), over: over.signal });
  hall.body.classList.add("codes");
  const parts = { model, moves, panels, about, over: over.signal };
  const shows = panels.map((panel) => bookPanel(hall.body, panel, parts));
  const training = trainingOf(hall, parts);
  shows.push(sidePanel(hall.body, panels[0], parts), training.show);
  const show = () => {
    panels.forEach((panel) => {
      panel.at = snapshotOf(panel.book, model.get("at"));
      panel.chosen = model.get("chosen")[panel.number];
      panel.pieces = model.get("pieces")[panel.number];
    });
    shows.forEach((one) => one());
    hall.say(describe(panels, about));
  };
  show();
  model.on("change:at change:chosen change:pieces", show);
  return () => {
    over.abort();
    model.off("change:at change:chosen change:pieces", show);
  };
}

export default { render };
