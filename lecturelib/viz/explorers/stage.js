// The stage: everything that explorers share in the browser. An explorer's own file follows below
// it in the same module, builds its picture with these pieces, and ends with `export default`.

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

function make(tag, parent, props = {}) {
  const node = Object.assign(document.createElement(tag), props);
  parent.append(node);
  return node;
}

// A kernel's bytes (a DataView, at any offset) as numbers.
function numbers(view, Kind = Uint8Array) {
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// The frame: one sentence that says what to do, a body, controls, live text, a table.
// `keys` maps a key to what it does, `rows()` gives the table: the first row is its heading.
// `over` is an AbortSignal: the view is gone, let go of everything.
function stage(el, { name, task, help, keys, rows, over }) {
  const root = make("section", el, { className: "ll-stage", ariaLabel: name });
  const frame = make("div", root, { className: "ll-frame" });
  const head = make("header", frame, { className: "ll-head" });
  make("p", head, { className: "ll-task", textContent: task });
  button(head, "Full screen (F)", () => toggleFullScreen(root));
  const body = make("div", frame, { className: "ll-body" });
  const controls = make("div", frame, { className: "ll-controls" });
  const foot = make("footer", frame, { className: "ll-foot" });
  const table = tableOf(foot, rows);
  make("p", foot, { className: "ll-help", textContent: help });
  const live = make("p", frame, { className: "ll-live", role: "status" });
  listenToKeys(root, { f: () => toggleFullScreen(root), ...keys }, over);
  const say = (text) => {
    if (live.textContent !== text) live.textContent = text;
    table.refresh();
  };
  return { root, body, controls, say };
}

// JupyterLab's command mode would eat plain keys; its own chords must still reach it.
function listenToKeys(root, keys, signal) {
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && event.key === "Enter") return;
    event.stopPropagation();
    if (event.target.matches("input[type=text]")) return;
    const act = keys[event.key.toLowerCase()];
    const isSpaceOnButton = event.key === " " && event.target.closest("button, summary");
    if (!act || isSpaceOnButton || event.repeat) return;
    event.preventDefault();
    act();
  };
  root.addEventListener("keydown", pressed, { signal });
}

// Keys of one part, by their full names: `act(keys[name])`, before the stage hears of them.
function keysOn(node, keys, act = (move) => move()) {
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!(event.key in keys)) return;
    event.preventDefault();
    act(keys[event.key]);
  });
}

// Where a page may not go full screen (a frame without permission) the stage fills the window.
function toggleFullScreen(root) {
  if (document.fullscreenElement) return document.exitFullscreen();
  if (root.classList.contains("ll-large")) return root.classList.remove("ll-large");
  const fill = () => root.classList.add("ll-large");
  return root.requestFullscreen ? root.requestFullscreen().catch(fill) : fill();
}

function button(parent, text, act) {
  const node = make("button", parent, {
    type: "button",
    className: "ll-button",
    textContent: text,
  });
  node.addEventListener("click", act);
  return node;
}

// A line of text to edit: `enter(text)` when the reader presses Enter.
function field(parent, { label, enter }) {
  const box = make("label", parent, { className: "ll-field" });
  make("span", box, { className: "ll-label", textContent: label });
  const input = make("input", box, { type: "text", spellcheck: false });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") enter(input.value);
  });
  return input;
}

// A slider whose stops are labelled: only what was measured can be chosen.
function slider(parent, { label, stops, onMove }) {
  const box = make("label", parent, { className: "ll-slider" });
  make("span", box, { className: "ll-label", textContent: label });
  const last = stops.length - 1;
  const input = make("input", box, { type: "range", min: 0, max: last, step: 1, ariaLabel: label });
  const marks = make("span", box, { className: "ll-stops", ariaHidden: "true" });
  const names = stops.map((text) => make("span", marks, { textContent: text }));
  names.forEach((node, at) => node.style.setProperty("--at", last ? at / last : 0));
  input.addEventListener("input", () => onMove(Number(input.value)));
  const show = (value) => {
    input.value = value;
    input.setAttribute("aria-valuetext", stops[value]);
    names.forEach((node, at) => node.classList.toggle("ll-here", at === value));
  };
  return { input, show };
}

// A canvas as sharp as the screen. `draw(pen, width, height, colours)` works in CSS pixels and
// runs at most once a frame, also when the size or the theme changes.
function picture(parent, { label, draw, over }) {
  const box = make("div", parent, { className: "ll-picture" });
  const canvas = make("canvas", box, { tabIndex: 0, role: "application", ariaLabel: label });
  let waiting = 0;
  const paint = () => {
    waiting = 0;
    const { clientWidth: width, clientHeight: height } = box;
    // JupyterLab hides its page for a moment while it changes the theme: look again soon.
    if (!width || !height) return over.aborted || setTimeout(redraw, 200);
    const sharp = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * sharp); // this also wipes the canvas
    canvas.height = Math.round(height * sharp);
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    draw(pen, width, height, themeColours(box));
  };
  const redraw = () => {
    waiting ||= requestAnimationFrame(paint);
  };
  watch(box, redraw, over);
  return { canvas, redraw };
}

function watch(box, redraw, over) {
  const size = new ResizeObserver(redraw);
  size.observe(box);
  const theme = new MutationObserver(redraw);
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name"] });
  over.addEventListener("abort", () => [size, theme].forEach((observer) => observer.disconnect()));
}

function themeColours(node) {
  const { color: ink, backgroundColor: paper } = getComputedStyle(node);
  const [quiet, wrong] = ["quiet", "wrong"].map((name) => {
    return getComputedStyle(node).getPropertyValue(`--ll-${name}`).trim();
  });
  const [red, green, blue] = ink.match(/[\d.]+/g).map(Number);
  return { ink, paper, quiet, wrong, isDark: red + green + blue > 384 };
}

// Black or white, whichever reads better on a colour (as ink_on in stage.py).
function inkOn(colour) {
  const linear = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return (luminance + 0.05) ** 2 > 0.05 * 1.05 ? "#000000" : "#ffffff";
}

// Runs `frame(p)`, p from 0 to 1; for readers who asked for less motion only the end is drawn.
function animate(milliseconds, frame) {
  if (!milliseconds || lessMotion.matches) {
    frame(1);
    return () => {};
  }
  const begin = performance.now();
  let next = 0;
  const tick = () => {
    const p = Math.min(1, (performance.now() - begin) / milliseconds);
    if (p < 1) next = requestAnimationFrame(tick);
    frame(p);
  };
  tick();
  return () => cancelAnimationFrame(next);
}

// One button runs a story at its pace: `forward()` goes one on, from the end to the start, and says
// whether more is to come; `show` gets what the button says.
function player({ forward, pace, show, over }) {
  let timer = 0;
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
    show("▶ Play");
  };
  const tick = () => {
    if (!forward()) return stop();
    timer = setTimeout(tick, pace);
    show("❚❚ Pause");
  };
  over.addEventListener("abort", () => clearTimeout(timer));
  return { stop, toggle: () => (timer ? stop() : tick()) };
}

// The table behind the picture, filled only while it is open.
function tableOf(parent, rows) {
  const details = make("details", parent, { className: "ll-details" });
  make("summary", details, { textContent: "The same as a table" });
  const table = make("table", details);
  const refresh = () => {
    table.replaceChildren();
    if (!details.open) return;
    rows().forEach((cells, at) => {
      const row = make("tr", table);
      cells.forEach((text) => make(at ? "td" : "th", row, { textContent: text }));
    });
  };
  details.addEventListener("toggle", refresh);
  return { refresh };
}
