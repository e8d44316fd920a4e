// The mask painter, on the stage: a sentence of buttons, the guesses below, keys and controls.

const MASK = "[MASK]";
const TASK = "Click a word to hide it. What would you put there? What does the model?";
const HELP =
  "← → ↑ ↓ word · Enter or Space: hide, show · R: BERT's rule, 15 % · C: show all · F: full screen";
const START = "Nothing is hidden: click a word, or press Enter.";

// What became of a chosen place; "": nobody asks.
function fateOf(piece, shown) {
  if (shown === null) return "";
  if (shown === MASK) return "masked";
  return shown === piece ? "kept" : "swapped";
}

// The sentence: one button a piece, above it what was done, below it the model's first guess.
function sentenceRow(parent, { toggle, look }) {
  const label = "The sentence, a button a word piece; pressed: hidden";
  const row = make("div", parent, { className: "paint-row", role: "toolbar", ariaLabel: label });
  let words = [];
  let here = 0;
  const stand = (at) => {
    here = Math.min(Math.max(at, 0), words.length - 1);
    words.forEach(({ node }, place) => (node.tabIndex = place === here ? 0 : -1));
  };
  const go = (at) => {
    stand(at);
    words[here].node.focus();
    look(here);
  };
  const build = (pieces) => {
    row.replaceChildren();
    const size = 2.4 - pieces.join("").length / 150; // a longer sentence is written smaller
    row.style.setProperty("--size", Math.min(2.1, Math.max(1.3, size)));
    words = pieces.map((piece, at) => wordBox(row, piece, () => (go(at), toggle(at))));
    words.forEach(({ box }, at) => {
      // A word that the layout moves under a resting pointer is not looked at.
      box.addEventListener("pointermove", ({ movementX, movementY }) => {
        if (movementX || movementY) look(at);
      });
    });
    stand(0);
  };
  keysOn(row, {
    ...{ ArrowRight: () => go(here + 1), ArrowLeft: () => go(here - 1) },
    ...{ ArrowDown: () => go(nextRow(words, here, 1)), ArrowUp: () => go(nextRow(words, here, -1)) },
    ...{ Home: () => go(0), End: () => go(words.length - 1) },
  });
  const show = (at, state) => words[at].show(state);
  return { build, show, focus: () => words[here]?.node.focus() };
}

function wordBox(row, piece, act) {
  const box = make("div", row, { className: "paint-word" });
  const tag = make("span", box, { className: "paint-tag", ariaHidden: "true" });
  const node = make("button", box, { type: "button" });
  const verdict = make("span", box, { className: "paint-verdict", ariaHidden: "true" });
  node.addEventListener("click", act);
  box.classList.toggle("paint-part", piece.startsWith("##"));
  const show = ({ shown, guess, isChosen }) => {
    const fate = fateOf(piece, shown);
    box.dataset.fate = fate;
    box.classList.toggle("paint-chosen", isChosen);
    node.textContent = shown ?? piece;
    node.ariaPressed = String(Boolean(fate));
    node.ariaLabel = fate ? `${piece}, ${fate}` : piece;
    tag.textContent = fate && (fate === "kept" ? fate : `${piece}, ${fate}`);
    const best = guess?.top[0];
    const mark = guess ? markOf(guess, best) : "";
    verdict.className = `paint-verdict paint-${mark}`;
    verdict.textContent = guess ? `${signed(mark)} ${best.piece} ${chance(best.share)}` : "";
  };
  return { box, node, show };
}

// The word nearest to the one above or below it.
function nextRow(words, here, down) {
  const middle = ({ box }) => box.offsetLeft + box.offsetWidth / 2;
  const tops = [...new Set(words.map(({ box }) => box.offsetTop))];
  const top = tops[tops.indexOf(words[here].box.offsetTop) + down];
  const far = (word) => Math.abs(middle(word) - middle(words[here]));
  const row = words.filter(({ box }) => box.offsetTop === top);
  return row.length ? words.indexOf(row.reduce((a, b) => (far(b) < far(a) ? b : a))) : here;
}

function titleOf({ guess, pieces, shown }) {
  if (!guess) return START;
  const fate = fateOf(pieces[guess.place], shown[guess.place]);
  const sees = fate === "masked" ? MASK : `${shown[guess.place]} (${fate})`;
  return `Here the model sees ${sees} and says:`;
}

function describe(scene, size) {
  const { guess, pieces, shown } = scene;
  if (!guess) return START;
  const fate = fateOf(pieces[guess.place], shown[guess.place]);
  const best = guess.top.map((one) => `${one.piece} ${chance(one.share)}`).join(", ");
  const truth = `${guess.true.piece} ${chance(guess.true.share)}, ${rankOf(guess, size)}`;
  return `Place ${guess.place + 1}, ${fate}: the model says ${best}. There stood ${truth}.`;
}

function tableRows({ pieces, shown, guesses }) {
  const rows = [["place", "piece", "the model sees", "rank", "probability", "first guesses"]];
  pieces.forEach((piece, at) => {
    const guess = guesses.find((one) => one.place === at);
    const best = guess?.top.map((one) => `${one.piece} ${chance(one.share)}`).join(", ");
    const own = guess ? [guess.rank, chance(guess.true.share), best] : ["–", "–", "–"];
    rows.push([at + 1, piece, shown[at] ?? piece, ...own]);
  });
  return rows;
}

function controlsOf(hall, model, moves, focus) {
  const set = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const enter = (text) => {
    set("text", text);
    focus();
  };
  const line = field(hall.controls, { label: "Sentence", enter });
  const trouble = make("p", hall.body, { className: "ll-trouble", role: "alert" });
  const back = (act) => () => (act(), focus());
  button(hall.controls, "BERT’s rule (R)", back(moves.r));
  const mix = slider(hall.controls, {
    label: "Masked / swapped / kept",
    stops: model.get("about").mixes,
    onMove: (value) => set("mix", value),
  });
  button(hall.controls, "Show all (C)", back(moves.c));
  return () => {
    if (line !== document.activeElement) line.value = model.get("text");
    trouble.textContent = model.get("trouble");
    mix.show(model.get("mix"));
  };
}

function movesOf(model) {
  const set = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const clear = () => set("shown", model.get("shown").map(() => null));
  const toggle = (at) => {
    const now = model.get("shown");
    set("shown", now.with(at, now[at] === null ? MASK : null));
  };
  return { toggle, r: () => set("draw", model.get("draw") + 1), c: clear, escape: clear };
}

function render({ model, el }) {
  const over = new AbortController();
  const size = model.get("about").vocabulary;
  const scene = { guess: null, place: 0 };
  const { toggle, ...keys } = movesOf(model);
  const hall = stage(el, {
    name: "Mask painter",
    task: TASK,
    help: HELP,
    keys,
    rows: () => tableRows(scene),
    over: over.signal,
  });
  hall.body.classList.add("paint");
  const look = (at) => {
    scene.place = at;
    show();
  };
  const row = sentenceRow(hall.body, { toggle, look });
  const below = make("div", hall.body, { className: "paint-below" });
  const panel = guessPanel(below, size);
  const label = "All pieces of the vocabulary from A to Z, and how probable each is here";
  const draw = (pen, width, height, colours) => {
    if (scene.guess) drawAlphabet(pen, scene.guess, width, height, withEm(below, colours));
  };
  const side = make("div", below, { className: "paint-alphabet" });
  const title = make("p", side, { className: "paint-title" });
  const map = picture(side, { label, draw, over: over.signal });
  const tell = controlsOf(hall, model, keys, row.focus);
  const show = () => {
    if (scene.pieces !== model.get("pieces")) row.build(model.get("pieces"));
    arrive(scene, model);
    scene.pieces.forEach((_, at) => row.show(at, stateOf(scene, at)));
    panel(scene.guess, titleOf(scene));
    title.textContent = scene.guess ? `All ${size.toLocaleString("en")} pieces, A to Z:` : "";
    map.redraw();
    tell();
    hall.say(describe(scene, size));
  };
  show();
  const heard = "change:pieces change:shown change:guesses change:text change:trouble change:mix";
  model.on(heard, show);
  return () => {
    over.abort();
    model.off(heard, show);
  };
}

// The guess that is shown large: at the place looked at, else the one before, else the first.
function arrive(scene, model) {
  for (const name of ["pieces", "shown"]) scene[name] = model.get(name);
  // The kernel has yet to answer: what it said of a word that is shown again is old.
  scene.guesses = model.get("guesses").filter(({ place }) => scene.shown[place] !== null);
  const [place, before] = [scene.place, scene.guess?.place];
  const at = (place) => scene.guesses.find((one) => one.place === place);
  scene.guess = at(place) ?? at(before) ?? scene.guesses[0] ?? null;
}

function stateOf({ shown, guesses, guess }, at) {
  const isChosen = guess?.place === at;
  if (shown[at] === null) return { shown: null, isChosen };
  return { shown: shown[at], guess: guesses.find((one) => one.place === at), isChosen };
}

function withEm(node, colours) {
  const accent = getComputedStyle(node).getPropertyValue("--ll-accent").trim();
  return { ...colours, accent, em: parseFloat(getComputedStyle(node).fontSize) };
}

export default { render };
