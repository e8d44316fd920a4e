// Lecture mode of JupyterLab: a bar with a mark for each stop, and keys that step through them.
// PageDown, Alt+Right: next; PageUp, Alt+Left: back; Alt+R: a dead kernel returns to its stop.
// The work is done by the server (lecturelib/lecture/room.py); this file shows and asks.

const FILE = document.currentScript.src;
const SIGNS = { waiting: "·", working: "…", ready: "✓", failed: "✗" };
const WORDS = { waiting: "not yet", working: "running", ready: "ready", failed: "failed" };
const KEYS = "Page Down, Page Up: step · Alt+R: return";
const EVERY = 1000; // milliseconds between two questions to the server
const SETTLING = [0, 300, 900]; // until the outputs above have their heights
const PATIENCE = 5000; // and how long an explorer may take until it is drawn

function activate(app) {
  const room = { live: false, stops: [], versions: {} };
  const place = JSON.parse(sessionStorage.getItem("lecture")) ?? { at: 0, began: 0 };
  const seen = new WeakMap(); // a notebook's context -> the version that it shows
  const bar = makeBar((number) => step(number));

  async function ask(wish) {
    const { baseUrl } = app.serviceManager.serverSettings;
    const xsrf = document.cookie.match(/_xsrf=([^;]+)/)?.[1] ?? "";
    const post = { method: "POST", headers: { "X-XSRFToken": xsrf }, body: JSON.stringify(wish) };
    const answer = await fetch(`${baseUrl}lecturelib/lecture`, wish && post);
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    Object.assign(room, await answer.json());
    bar.show(room, place);
  }

  const opened = (path) =>
    [...app.shell.widgets("main")].filter((panel) => panel.context?.path === path);

  // The server has written into a copy that is open: show it, with the kernel's widgets.
  async function renew() {
    for (const [path, version] of Object.entries(room.versions)) {
      for (const panel of opened(path)) {
        if (!panel.context.isReady || (seen.get(panel.context) ?? 0) === version) continue;
        seen.set(panel.context, version);
        await panel.sessionContext.session?.kernel?.reconnect();
        await panel.context.revert();
        if (room.stops[place.at].path === path) await show(panel, place.at);
      }
    }
  }

  async function step(number) {
    if (!room.stops[number]) return;
    Object.assign(place, { at: number, began: place.began || Date.now() });
    sessionStorage.setItem("lecture", JSON.stringify(place));
    bar.show(room, place);
    await leaveFullScreen();
    await tell(false);
    await open(number);
  }

  async function open(number) {
    const { path } = room.stops[number];
    const version = room.versions[path];
    if (place.at !== number) return;
    const panel = await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
    await panel.context.ready;
    if (!seen.has(panel.context)) seen.set(panel.context, version);
    await show(panel, number);
  }

  // The server begins if there is something to do. It reads the copy, so what the lecturer has
  // run and written must be in it.
  async function tell(afresh) {
    const { path, state } = room.stops[place.at];
    if (afresh || state === "waiting") {
      for (const panel of opened(path)) await panel.context.save();
    }
    await ask({ stop: place.at, afresh });
  }

  async function show(panel, number) {
    const stop = room.stops[number];
    const notebook = panel.content;
    await panel.revealed;
    const index = notebook.widgets.findIndex((cell) => cell.model.id === stop.at);
    if (index < 0 || place.at !== number) return;
    notebook.activeCellIndex = index;
    notebook.mode = "command";
    if (app.shell.currentWidget === panel) notebook.activate(); // keys go to it
    const isWanted = () => place.at === number && stop.fullscreen && stop.state === "ready";
    const filled = fillScreen(notebook.widgets[index], isWanted);
    for (const pause of SETTLING) {
      await new Promise((done) => setTimeout(done, pause));
      if (place.at === number) notebook.widgets[index]?.node.scrollIntoView({ block: "start" });
    }
    await filled;
  }

  const acts = {
    PageDown: () => step(place.at + 1),
    PageUp: () => step(place.at - 1),
    "Alt+ArrowRight": () => step(place.at + 1),
    "Alt+ArrowLeft": () => step(place.at - 1),
    "Alt+KeyR": () => tell(true), // by its place: with Alt the letter is another on a Mac
  };
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const act = acts[event.altKey ? `Alt+${event.code}` : event.key];
    const isTyping = event.target.closest?.("input, textarea, [contenteditable=true]");
    if (!act || (isTyping && !event.altKey)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) act().catch(bar.complain);
  };
  document.addEventListener("keydown", pressed, { capture: true });

  async function watch() {
    await ask().then(renew).catch(bar.complain);
    setTimeout(watch, EVERY);
  }
  app.restored.then(async () => {
    app.shell.collapseLeft();
    await ask()
      .then(() => tell(false))
      .then(() => open(place.at))
      .catch(bar.complain);
    watch();
  });
}

// An explorer's own key is F. It may need a moment until it is drawn, and browsers fill the screen
// only shortly after somebody pressed a key.
async function fillScreen(cell, isWanted) {
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    if (!isWanted() || !navigator.userActivation?.isActive) return;
    const stage = cell.node.querySelector(".ll-stage");
    if (stage) return stage.dispatchEvent(new KeyboardEvent("keydown", { key: "f" }));
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function leaveFullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  document.querySelector(".ll-stage.ll-large")?.classList.remove("ll-large");
}

function make(tag, parent, props = {}) {
  const node = Object.assign(document.createElement(tag), props);
  parent.append(node);
  return node;
}

function makeBar(onStop) {
  const css = new URL("lecture.css", FILE).href;
  make("link", document.head, { rel: "stylesheet", href: css });
  const root = make("nav", document.body, { id: "lecture", ariaLabel: "Stops of the lecture" });
  const marks = make("div", root, { className: "lecture-marks" });
  const title = make("p", root, { className: "lecture-title" });
  const note = make("p", root, { className: "lecture-note", role: "status" });
  const time = make("p", root, { className: "lecture-time" });
  const buttons = [];

  function show({ stops, live }, { at, began }) {
    stops.forEach((stop, number) => {
      buttons[number] ??= make("button", marks, { type: "button", onclick: () => onStop(number) });
      const words = `${number + 1}. ${stop.title}: ${WORDS[stop.state]} ${stop.why}`.trim();
      Object.assign(buttons[number], { title: words, ariaLabel: words });
      buttons[number].dataset.state = stop.state;
      buttons[number].textContent = `${number + 1} ${SIGNS[stop.state]}`;
      buttons[number].ariaCurrent = number === at ? "step" : null;
    });
    const { title: name, minutes, why } = stops[at];
    title.textContent = `${name} · ${minutes} min${live ? " · live" : ""}`;
    time.textContent = remaining(stops, at, began);
    say(why ? `${why} · Alt+R: return` : KEYS);
    note.classList.toggle("lecture-bad", Boolean(why));
  }

  function say(words) {
    if (note.textContent !== words) note.textContent = words;
  }
  return { show, complain: (error) => say(`Something went wrong: ${error.message}`) };
}

// The route's minutes from this stop on, and what the clock leaves of its whole time.
function remaining(stops, at, began) {
  const sum = (some) => some.reduce((total, { minutes }) => total + minutes, 0);
  const gone = began ? (Date.now() - began) / 60000 : 0;
  return `route ${sum(stops.slice(at))} min · clock ${Math.round(sum(stops) - gone)} min left`;
}

const plugin = { id: "lecture:plugin", autoStart: true, activate };
const extension = { __esModule: true, default: plugin };
window._JUPYTERLAB ??= {};
window._JUPYTERLAB.lecture = { init: () => {}, get: async () => () => extension };
