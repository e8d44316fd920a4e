// The CTC trellis, on the stage: step through time, read how each cell is made, hear the letters.

const HELP =
  "← →: a frame · ↑ ↓: a state · Space: play · B: best path · H: its piece · W: the word · " +
  "Home, End · F: full screen · Stronger colour: more of the frame's alpha";
const PACE = 120; // milliseconds a frame while it plays

const taskOf = ({ word }) =>
  `All ways to say “${word}” at once: press → and see the probability flow.`;

function sceneOf(model) {
  const about = model.get("about");
  const [alpha, emitted] = ["alpha", "emitted"].map((name) => {
    return numbers(model.get(name), Float64Array);
  });
  const [states, outline] = [about.signs.length, numbers(about.outline)];
  const shares = sharesOf(alpha, states);
  const frames = alpha.length / states;
  return { about: { ...about, outline }, alpha, emitted, shares, states, frames };
}

// A probability from its logarithm, also where it is too small for a number: 3.1·10⁻⁸.
function chance(log) {
  if (log === -Infinity) return "0";
  const tens = Math.floor(log / Math.LN10 + 1e-12);
  if (tens >= -2) return Math.exp(log).toPrecision(3);
  const part = Math.exp(log - tens * Math.LN10).toPrecision(3);
  const small = [...String(-tens)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
  return `${part}·10⁻${small}`;
}

// The ways into the chosen cell from the frame before: [stay, step, skip], as logarithms.
function waysInto({ about, alpha, states, at: [frame, state] }) {
  return ["stay", "step", "skip"].map((name, down) => {
    const from = state - down;
    const isOpen = frame > 0 && from >= 0 && (down < 2 || about.skips[state]);
    return { name, from, log: isOpen ? alpha[(frame - 1) * states + from] : -Infinity };
  });
}

const nameOf = ({ about, at }) => (at[1] % 2 ? about.signs[at[1]] : "blank");

// The arithmetic of the chosen cell, written out.
function sumText(scene) {
  const { alpha, emitted, states, at } = scene;
  const [frame, state] = at;
  const here = frame * states + state;
  const result = `alpha[${frame}, ${state}] = `;
  const own = `p(${nameOf(scene)}) ${chance(emitted[here])}`;
  if (!frame) return result + (state > 1 ? "0" : own);
  const sums = waysInto(scene).map(({ name, log }) => `${name} ${chance(log)}`);
  return `${result}(${sums.join(" + ")}) × ${own} = ${chance(alpha[here])}`;
}

// Which ways lead into the cell and why, and what the last frame is for.
function whyText({ about, frames, at: [frame, state] }) {
  if (frame === frames - 1) {
    const [last, before] = [about.signs.length - 1, about.signs.length - 2];
    const sum = `alpha[${frame}, ${before}] + alpha[${frame}, ${last}]`;
    const loss = `loss −log p = ${(-about.total).toFixed(2)}`;
    return `The last frame: p(“${about.word}”) = ${sum} = ${chance(about.total)}; ${loss}.`;
  }
  if (!frame) return "The first frame: a path begins with the blank or with the first letter.";
  if (about.skips[state]) return "Stay, step, or skip the blank: its two neighbours differ.";
  if (state % 2 === 0) return "Stay or step: into a blank no path skips; a letter would be lost.";
  if (state === 1) return "Stay or step: before the first letter there is only the blank.";
  return "Stay or step: the blank between two equal letters is not skipped, or they would merge.";
}

function describe(scene) {
  const { about, at, frames, shares, states } = scene;
  const share = percent(shares[at[0] * states + at[1]]);
  const best = about.signs[about.best[at[0]]].replace("–", "blank");
  const where = `Frame ${at[0]} of 0 to ${frames - 1}, state ${at[1]}, ${nameOf(scene)}`;
  const how = `${sumText(scene)}. ${share} of the frame. ${whyText(scene)}`;
  return `${where}: ${how} Best path: ${best}.`;
}

function tableRows({ about, alpha, states, frames }) {
  const rows = Array.from({ length: frames }, (_, frame) => {
    const own = alpha.subarray(frame * states, (frame + 1) * states);
    const time = (frame * about.hop).toFixed(2);
    return [frame, time, ...Array.from(own, chance), about.signs[about.best[frame]]];
  });
  return [["frame", "s", ...about.signs, "best path"], ...rows];
}

function movesOf(model, current, play) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const step = (frames, states) => {
    const scene = current();
    const inside = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const [frame, state] = scene.at;
    go("at", [inside(frame + frames, scene.frames), inside(state + states, scene.states)]);
  };
  const hear = () => {
    const { about, at } = current();
    const [, first, last] = stretches(about.best).find(([, , end]) => at[0] <= end);
    play(`${first} ${last}`);
  };
  const listen = (frame) => {
    const { best } = current().about;
    model.set("path", true);
    go("at", [frame, best[frame]]);
    hear();
  };
  const flip = () => go("path", !current().path);
  return { go, step, hear, listen, flip, whole: () => play("") };
}

// One frame on, up the best path's states; from the last to the first.
function onward(moves, { at, about, frames }) {
  const next = (at[0] + 1) % frames;
  moves.go("at", [next, about.best[next]]);
  return next < frames - 1;
}

function keysOf(moves, play) {
  const still = (act) => () => {
    play.stop();
    act();
  };
  const steps = {
    ...{ arrowright: () => moves.step(1, 0), arrowleft: () => moves.step(-1, 0) },
    ...{ arrowdown: () => moves.step(0, 1), arrowup: () => moves.step(0, -1) },
    ...{ home: () => moves.step(-1e6, 0), end: () => moves.step(1e6, 0) },
  };
  const stills = Object.entries(steps).map(([key, act]) => [key, still(act)]);
  const others = { " ": play.toggle, b: moves.flip, h: moves.hear, w: moves.whole };
  return { ...Object.fromEntries(stills), ...others };
}

// A click on a cell looks at it; one on the sound hears the letter there.
function listenToTrellis(canvas, { moves, current, stop }) {
  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    canvas.focus();
    const { clientWidth: width, clientHeight: height } = canvas;
    const em = parseFloat(getComputedStyle(canvas).fontSize);
    const places = placesOfTrellis(current(), { width, height, em });
    const found = trellisAt(places, current().frames, [offsetX, offsetY]);
    if (!found) return;
    stop();
    if (found.state === null) moves.listen(found.frame);
    else moves.go("at", [found.frame, found.state]);
  });
}

function render({ model, el }) {
  const over = new AbortController();
  const still = sceneOf(model);
  const current = () => ({ ...still, at: model.get("at"), path: model.get("path") });
  const moves = movesOf(model, current, clipPlayer(model, over.signal));
  const forward = () => onward(moves, current());
  const say = (text) => (first.textContent = `${text} (Space)`);
  const play = player({ forward, pace: PACE, show: say, over: over.signal });
  const about = { name: "The CTC trellis", task: taskOf(still.about), help: HELP };
  const keys = keysOf(moves, play);
  const rows = () => tableRows(still);
  const hall = stage(el, { ...about, keys, rows, over: over.signal });
  hall.body.classList.add("trellis");
  const draw = (pen, width, height, colours) => {
    drawTrellis(pen, current(), { width, height }, colours);
  };
  const label = "The trellis. Arrow keys: frame and state; H: hear the piece of the best path.";
  const map = picture(hall.body, { label, draw, over: over.signal });
  listenToTrellis(map.canvas, { moves, current, stop: play.stop });
  const [sum, why] = ["trellis-sum", "trellis-why"].map((className) => {
    return make("p", hall.body, { className });
  });
  const first = button(hall.controls, "▶ Play (Space)", play.toggle);
  first.classList.add("ll-first");
  const best = button(hall.controls, "Best path (B)", moves.flip);
  button(hall.controls, "♪ Hear the piece (H)", moves.hear);
  button(hall.controls, "♪ Hear the word (W)", moves.whole);
  const show = () => {
    map.redraw();
    [sum.textContent, why.textContent] = [sumText(current()), whyText(current())];
    best.ariaPressed = String(current().path);
    hall.say(describe(current()));
  };
  show();
  model.on("change:at change:path", show);
  return () => {
    over.abort();
    model.off("change:at change:path", show);
  };
}

export default { render };
