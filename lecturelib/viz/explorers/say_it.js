// Say it yourself, on the stage: the clip, what each listener hears in it, and the ways to listen.

const TASK = "Say something, or choose a clip. Then click a letter and hear where it was heard.";
const HELP =
  "Space: the clip · R: record · ← →: a frame · Page Up, Down: a letter · H: hear it again · " +
  "F: full screen · Your clips stay on the kernel's machine.";
const KNOBS = { weight: "LM weight", width: "Beam width" };

// All that is shown; bytes are read anew only for another clip. `hovered` is the pointer's frame.
function sceneOf(model, before = { hovered: -1 }) {
  const names = ["about", "clips", "result", "decoded", "frame", "weight", "width"];
  const scene = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const { about, clips, result, frame } = scene;
  const read = () => ({ outline: numbers(result.outline), heard: result.heard.map(readHeard) });
  const { outline, heard } = result === before.result ? before : read();
  const hovered = frame === before.frame ? before.hovered : -1; // a key takes over from the pointer
  const { seconds } = clips[result.clip];
  return { ...scene, outline, heard, hovered, hop: about.hop, seconds };
}

// One listener's bytes as numbers; codes come group by group.
function readHeard(one) {
  const [p, hidden] = [numbers(one.p), numbers(one.hidden)];
  const all = one.codes && numbers(one.codes, Uint16Array);
  const groups = all ? all.length / one.frames : 0;
  const group = (_, at) => all.subarray(at * one.frames, (at + 1) * one.frames);
  const heard = { ...one, p, hidden, codes: all && Array.from({ length: groups }, group) };
  const path = Array.from({ length: one.frames }, (_, frame) => bestOf(heard, frame)[0]);
  return { ...heard, path };
}

// A frame in words: its three likeliest characters, and its codes.
function frameText(heard, frame, hop) {
  const { p, signs, codes } = heard;
  const top = bestOf(heard, frame).slice(0, 3);
  const shares = top.map((row) => {
    return `${signs[row]} ${percent(p[frame * signs.length + row] / 255)}`;
  });
  const own = codes ? ` · codes ${codes.map((group) => group[frame]).join(" and ")}` : "";
  return `${(frame * hop).toFixed(2)} s: ${shares.join(" · ")}${own}`;
}

// What was read, each way: [how, text].
function readings({ about, clips, result, decoded, weight, width }, at) {
  const { text } = clips[result.clip];
  const said = text ? [["said", text]] : [];
  const [weights, widths] = about.stops;
  const how = `sliders: weight ${weights[weight]}, beam ${widths[width]}`;
  const searched = about.decodes[at] ? [[how, decoded[at]]] : [];
  return [...said, ...result.heard[at].texts, ...searched];
}

function describe(scene) {
  const { name, seconds } = scene.clips[scene.result.clip];
  const parts = scene.about.listeners.map((listener, at) => {
    const read = readings(scene, at).map(([how, text]) => `${how}: “${text}”`);
    const heard = scene.heard[at];
    const isInside = scene.frame >= 0 && scene.frame < heard.frames;
    const frame = isInside ? ` At ${frameText(heard, scene.frame, scene.hop)}.` : "";
    return `${listener}: ${read.join(", ")}.${frame}`;
  });
  return `“${name}”, ${seconds.toFixed(1)} s. ${parts.join(" ")}`;
}

function tableRows({ about, heard, hop }) {
  const rows = heard.flatMap(({ letters, signs, p }, at) => {
    return letters.map(([sign, first, last]) => {
      const own = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      const mean = own.reduce((sum, t) => sum + p[t * signs.length + sign] / 255, 0) / own.length;
      const times = [first, last + 1].map((frame) => (frame * hop).toFixed(2));
      return [about.listeners[at], signs[sign], ...times, percent(mean)];
    });
  });
  return [["listener", "letter", "from, s", "to, s", "probability"], ...rows];
}

// All that keys and pointer can do; `at` is the listener whose picture is in focus.
function movesOf(model, current, play) {
  const go = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const own = (at) => current().heard[at];
  const letterOf = (at, frame) => {
    return own(at).letters.find(([, first, last]) => first <= frame && frame <= last);
  };
  const hear = (at) => {
    const { frame, result } = current();
    if (frame < 0) return;
    const [, first, last] = letterOf(at, frame) ?? [0, frame, frame];
    play(`${result.clip} ${first} ${last}`);
  };
  const look = (at, frame) => {
    if (frame < 0 || frame >= own(at).frames) return;
    go("frame", frame);
    hear(at);
  };
  const step = (at, by) => {
    const frame = current().frame < 0 ? 0 : current().frame + by;
    go("frame", Math.min(Math.max(frame, 0), own(at).frames - 1));
  };
  const letter = (at, way) => {
    const starts = own(at).letters.map(([, first]) => first);
    const here = current().frame;
    const next = way > 0 ? starts.find((t) => t > here) : starts.findLast((t) => t < here);
    if (next !== undefined) look(at, next);
  };
  const whole = () => play(String(current().result.clip));
  const bring = (name, wave) => model.send({ name }, undefined, [wave.buffer]);
  return { go, hear, look, step, letter, whole, bring, refuse: (why) => go("trouble", why) };
}

// Pointer and keys on one listener's picture.
function listenToRows(view, at, { moves, current, hover }) {
  const { canvas } = view;
  const frameOf = (event) => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const em = parseFloat(getComputedStyle(canvas).fontSize);
    const places = rowsOf(current().heard[at], current(), { width, height, em });
    return frameAt(current().heard[at], places, event.offsetX);
  };
  canvas.addEventListener("click", (event) => {
    canvas.focus();
    moves.look(at, frameOf(event));
  });
  canvas.addEventListener("mousemove", (event) => hover(frameOf(event)));
  canvas.addEventListener("mouseleave", () => hover(-1));
  keysOn(canvas, {
    ...{ ArrowLeft: () => moves.step(at, -1), ArrowRight: () => moves.step(at, 1) },
    ...{ PageUp: () => moves.letter(at, -1), PageDown: () => moves.letter(at, 1) },
    ...{ Home: () => moves.step(at, -1e6), End: () => moves.step(at, 1e6) },
  });
}

// One listener: its name, its rows, and what was read.
function listenerPanel(parent, at, { model, moves, current, hover, over, focused }) {
  const name = model.get("about").listeners[at];
  const panel = make("div", parent, { className: "said-panel" });
  make("b", panel, { className: "said-name", textContent: name });
  const draw = (pen, width, height, colours) => {
    const { hovered, frame } = current();
    const scene = { ...current(), heard: current().heard[at] };
    scene.cursor = hovered >= 0 ? hovered : frame;
    drawHearing(pen, scene, { width, height }, colours);
  };
  const label = `What ${name} hears. Arrow keys: a frame; Page Down: the next letter, and hear it.`;
  const view = picture(panel, { label, draw, over });
  listenToRows(view, at, { moves, current, hover });
  view.canvas.addEventListener("focus", () => focused(at));
  const list = make("dl", panel, { className: "said-texts" });
  const show = (scene) => {
    const lines = readings(scene, at);
    list.replaceChildren();
    for (const [how, text] of lines) {
      make("dt", list, { textContent: how });
      make("dd", list, { textContent: text || "(nothing)" });
    }
    view.redraw();
  };
  return { show, redraw: view.redraw };
}

// The clip, one's own voice, and, where a listener searches, its two knobs.
function controlsOf(parent, { model, moves, over }) {
  const about = model.get("about");
  const choice = make("select", parent, { className: "said-choice", ariaLabel: "The clip" });
  choice.addEventListener("change", () => moves.go("clip", Number(choice.value)));
  button(parent, "♪ Hear (Space)", moves.whole);
  const own = { label: "your voice", name: "your voice", rate: about.rate, longest: about.longest };
  const record = ownClip(parent, { ...own, bring: moves.bring, refuse: moves.refuse, over });
  record.classList.add("ll-first");
  const offered = about.decodes.includes(true) ? KNOBS : {};
  const knobs = Object.entries(offered).map(([name, label], at) => {
    const onMove = (stop) => moves.go(name, stop);
    return [name, slider(parent, { label, stops: about.stops[at], onMove })];
  });
  const trouble = make("p", parent, { className: "ll-trouble", role: "alert" });
  const show = (scene) => {
    const isNew = choice.options.length !== scene.clips.length;
    if (isNew) choice.replaceChildren(...scene.clips.map(({ name }, at) => new Option(name, at)));
    choice.value = scene.result.clip;
    knobs.forEach(([name, knob]) => knob.show(scene[name]));
    trouble.textContent = model.get("trouble");
  };
  return { record, show };
}

function render({ model, el }) {
  const over = new AbortController();
  let [scene, at] = [sceneOf(model), 0];
  const current = () => scene;
  const moves = movesOf(model, current, clipPlayer(model, over.signal));
  const keys = { " ": moves.whole, h: () => moves.hear(at), r: () => controls.record.click() };
  const about = { name: "Say it yourself", task: TASK, help: HELP, keys };
  const hall = stage(el, { ...about, rows: () => tableRows(scene), over: over.signal });
  hall.body.classList.add("said");
  const hover = (frame) => {
    scene.hovered = frame;
    panels.forEach((panel) => panel.redraw());
  };
  const parts = { model, moves, current, hover, over: over.signal, focused: (one) => (at = one) };
  const panels = scene.heard.map((_, one) => listenerPanel(hall.body, one, parts));
  const controls = controlsOf(hall.controls, parts);
  const show = () => {
    scene = sceneOf(model, scene);
    [...panels, controls].forEach((one) => one.show(scene));
    hall.say(describe(scene));
  };
  show();
  const heard = "change:result change:frame change:decoded change:clips change:trouble";
  model.on(heard, show);
  return () => {
    over.abort();
    model.off(heard, show);
  };
}

export default { render };
