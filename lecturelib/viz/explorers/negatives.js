// Where distractors come from, on the stage: a hidden frame, its K distractors, the slide's loss.

const TASK = "Which one is the hidden frame? Take the distractors from other speakers, and listen.";
const HELP =
  "← → hear the next · Space: the true frame · Page Up, Down: another hidden frame · " +
  "F: full screen";
const WAYS = { ArrowLeft: -1, ArrowRight: 1 };

const frameText = ({ about }, [clip, frame]) => {
  return `${about.names[clip]}, ${(FRAME_SECONDS * frame).toFixed(2)} s`;
};

const lossOf = ({ choices }) => -Math.log(choices.find(({ at }) => at === 0).softmax);
const chanceOf = ({ choices }) => Math.log(choices.length);

function sceneOf(model) {
  const names = ["about", "result", "kappa", "count", "keep"];
  const scene = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  return { ...scene, choices: choicesOf(scene) };
}

// How the true frame does: alone at the top, tied there, or below others.
function rankText({ choices }) {
  const own = choices.find(({ at }) => at === 0);
  const rivals = choices.filter(({ at, out }) => at && !out);
  const above = rivals.filter(({ score }) => score > own.score).length;
  const ties = rivals.filter(({ score }) => score === own.score).length;
  if (above) return `${above} of ${choices.length - 1} distractors score higher.`;
  return ties ? `The true frame ties with ${ties} equal to it.` : "The true frame scores best.";
}

function sourceText({ result, choices }) {
  const same = choices.filter((one) => one.same).length;
  const where = result.others ? "other speakers' utterances" : "the same utterance";
  const fate = choices.some(({ out }) => out) ? "left out" : "kept";
  const equal = same ? `${same} equal to the true frame, ${fate}` : "none equal to the true frame";
  return `${choices.length - 1} distractors from ${where}, ${equal}`;
}

function describe(scene) {
  const { about, result, kappa, picked, choices } = scene;
  const loss = `loss ${lossOf(scene).toFixed(3)}, chance ${chanceOf(scene).toFixed(3)}`;
  const one = choices.find(({ at }) => at === picked);
  const heard = one ? ` Heard: ${choiceText(scene, one)}.` : "";
  const whole = `${frameText(scene, result.place)}: ${sourceText(scene)}`;
  return `${whole}; κ ${about.kappas[kappa]}: ${loss}. ${rankText(scene)}${heard}`;
}

function choiceText(scene, { at, place, score, softmax, same }) {
  const kind = at === 0 ? "the true frame" : same ? `a distractor ${SAME}` : "a distractor";
  return `${kind}, ${frameText(scene, place)}, score ${score.toFixed(2)}, ${percent(softmax)}`;
}

// The slide's equation with this frame's numbers, written into `line`.
function writeSum(line, { choices }) {
  const own = choices.find(({ at }) => at === 0);
  const rest = choices.filter(({ at, out }) => at && !out);
  const sum = rest.reduce((whole, { score }) => whole + Math.exp(score), 0);
  const others = sum.toLocaleString("en", { maximumSignificantDigits: 3 });
  const power = () => make("sup", line, { textContent: own.score.toFixed(1) });
  line.replaceChildren("L = −ln [ e");
  power();
  line.append(" / ( e");
  power();
  line.append(` + ${others} ) ] = −ln ${own.softmax.toPrecision(2)}`);
}

function tableRows(scene) {
  const rows = scene.choices.map(({ at, place, score, softmax, same }) => {
    const kind = at === 0 ? "true frame" : same ? `distractor, ${SAME}` : "distractor";
    return [kind, frameText(scene, place), score.toFixed(3), softmax.toFixed(4)];
  });
  return [["what", "where", "similarity / κ", "softmax"], ...rows];
}

function movesOf(model, scene, { play, show }) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const pick = (at) => {
    scene.picked = at;
    const { place } = scene.choices.find((one) => one.at === at);
    play(place.join(" "));
    show();
  };
  const next = (by) => {
    const here = scene.choices.findIndex(({ at }) => at === scene.picked);
    const last = scene.choices.length - 1;
    pick(scene.choices[Math.min(Math.max(here + by, 0), last)].at);
  };
  const another = (by) => {
    const all = scene.about.hidden.flatMap((bytes, clip) => {
      return [...numbers(bytes)].flatMap((isHidden, frame) => (isHidden ? [[clip, frame]] : []));
    });
    const here = all.findIndex((place) => place.join() === model.get("place").join());
    go("place", all[(here + by + all.length) % all.length]);
  };
  const keys = { " ": () => pick(0) };
  keys.pageup = () => another(-1);
  keys.pagedown = () => another(1);
  keys.o = () => go("others", !model.get("others"));
  keys.n = () => go("seed", model.get("seed") + 1);
  keys.e = () => go("keep", !model.get("keep"));
  return { go, pick, next, keys };
}

// The clips: a click on a mark plays it, on another hidden frame compares that one instead.
function clipsPicture(body, scene, { moves, over }) {
  const box = make("div", body, { className: "negatives-clips" });
  const draw = (pen, width, height, colours) => drawClips(pen, scene, { width, height }, colours);
  const label = "Clips with their hidden frames. Left, right: hear the next one that is compared.";
  const view = picture(box, { label, draw, over });
  view.canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    view.canvas.focus();
    const reach = 0.8 * parseFloat(getComputedStyle(view.canvas).fontSize);
    const choice = markAt(scene, offsetX, offsetY, reach);
    const place = hiddenAt(scene, offsetX, offsetY);
    if (choice) moves.pick(choice.at);
    else if (place) moves.go("place", place);
  });
  keysOn(view.canvas, WAYS, moves.next);
  return view;
}

// The loss in large numbers, the equation in this frame's numbers, a bar a choice.
function lossPanel(body, scene, { moves, over }) {
  const panel = make("div", body, { className: "negatives-panel" });
  const row = make("div", panel, { className: "negatives-loss" });
  const [loss, chance] = [make("b", row), make("span", row)];
  const sum = make("p", panel, { className: "negatives-sum" });
  const words = make("p", panel);
  const box = make("div", panel, { className: "negatives-bars" });
  const draw = (pen, width, height, colours) => drawChoices(pen, scene, { width, height }, colours);
  const label = "Similarity and softmax of all that is compared";
  const bars = picture(box, { label, draw, over });
  Object.assign(bars.canvas, { tabIndex: -1, role: "img" });
  bars.canvas.addEventListener("click", ({ offsetX }) => {
    const at = Math.floor((offsetX - scene.bars.left) / scene.bars.wide);
    if (scene.choices[at]) moves.pick(scene.choices[at].at);
  });
  return () => {
    loss.textContent = `Loss ${lossOf(scene).toFixed(2)}`;
    chance.textContent = `chance ln ${scene.choices.length} = ${chanceOf(scene).toFixed(2)}`;
    writeSum(sum, scene);
    words.textContent = `${rankText(scene)} ${sourceText(scene)}.`;
    bars.redraw();
  };
}

function controlsOf(hall, { model, moves, about }) {
  const others = button(hall.controls, "From other speakers (O)", moves.keys.o);
  const keep = button(hall.controls, "Keep equal ones (E)", moves.keys.e);
  button(hall.controls, "Draw again (N)", moves.keys.n);
  const sliders = [["kappa", "Temperature κ"], ["count", "Distractors K"]].map(([name, label]) => {
    const stops = about[`${name}s`].map(String);
    const onMove = (value) => moves.go(name, value);
    return { name, ...slider(hall.controls, { label, stops, onMove }) };
  });
  const trouble = make("p", hall.controls, { className: "ll-trouble", role: "alert" });
  return () => {
    others.ariaPressed = String(model.get("others"));
    keep.ariaPressed = String(model.get("keep"));
    sliders.forEach((one) => one.show(model.get(one.name)));
    trouble.textContent = model.get("trouble");
  };
}

function render({ model, el }) {
  const over = new AbortController();
  const scene = { ...sceneOf(model), picked: null };
  const parts = { model, about: scene.about, over: over.signal };
  const play = clipPlayer(model, over.signal);
  parts.moves = movesOf(model, scene, { play, show: () => show() });
  const words = { name: "Distractors", task: TASK, help: HELP, keys: parts.moves.keys };
  const hall = stage(el, { ...words, rows: () => tableRows(scene), over: over.signal });
  hall.body.classList.add("negatives");
  const clips = clipsPicture(hall.body, scene, parts);
  const shows = [lossPanel(hall.body, scene, parts), controlsOf(hall, parts), clips.redraw];
  const show = () => {
    shows.forEach((one) => one());
    hall.say(describe(scene));
  };
  const again = () => {
    Object.assign(scene, sceneOf(model));
    if (scene.picked >= scene.choices.length) scene.picked = null;
    show();
  };
  const drawn = () => {
    scene.picked = null;
    again();
  };
  show();
  const settings = "change:kappa change:count change:keep change:trouble";
  const heard = { "change:result": drawn, [settings]: again };
  Object.entries(heard).forEach(([what, act]) => model.on(what, act));
  return () => {
    over.abort();
    Object.entries(heard).forEach(([what, act]) => model.off(what, act));
  };
}

export default { render };
