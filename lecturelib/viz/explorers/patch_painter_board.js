// The board: what the model sees, a button a patch; what it paints; the truth. Below, how far off.

const FULL = 0.5; // a bar as long as its track: half of all brightness

// A kernel's bytes, three a pixel, as a picture to be drawn at any size.
function photoOf(bytes, [height, width]) {
  const photo = Object.assign(document.createElement("canvas"), { width, height });
  const colours = numbers(bytes);
  const pen = photo.getContext("2d");
  const image = pen.createImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    image.data.set(colours.subarray(3 * at, 3 * at + 3), 4 * at);
    image.data[4 * at + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
  return photo;
}

// One picture below its title; `show(photo, title)`, `mark(place)`: a frame round one patch.
function photoView(parent, { grid, size, over }) {
  const part = make("div", parent, { className: "patch-view" });
  const title = make("p", part, { className: "patch-title" });
  let photo = null;
  let place = null;
  const draw = (pen, width, height) => {
    pen.imageSmoothingEnabled = false;
    if (photo) pen.drawImage(photo, 0, 0, width, height);
    if (place !== null) framePatch(pen, place, grid, [width, height]);
  };
  const view = picture(part, { label: "", draw, over });
  Object.assign(view.canvas, { tabIndex: -1, role: "img" });
  view.canvas.parentElement.style.aspectRatio = `${size[1]} / ${size[0]}`;
  const show = (next, text) => {
    photo = next;
    title.textContent = view.canvas.ariaLabel = text;
    view.redraw();
  };
  const mark = (next) => {
    place = next;
    view.redraw();
  };
  return { box: view.canvas.parentElement, show, mark };
}

// Black within white: seen on every photograph.
function framePatch(pen, place, [down, across], [width, height]) {
  const [high, wide] = [height / down, width / across];
  const corner = [(place % across) * wide, Math.floor(place / across) * high];
  for (const [colour, thick] of [["#ffffff", 6], ["#000000", 3]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.strokeRect(...corner, wide, high);
  }
}

// The patches from one to another, as a drag passes over them.
function between(from, to, across) {
  const [row, column] = [Math.floor(from / across), from % across];
  const [rows, columns] = [Math.floor(to / across) - row, (to % across) - column];
  const steps = Math.max(Math.abs(rows), Math.abs(columns), 1);
  return Array.from({ length: steps }, (_, at) => {
    const part = (at + 1) / steps;
    return Math.round(row + part * rows) * across + Math.round(column + part * columns);
  });
}

// A button a patch over the picture. `paint(places, hide)` hides or shows, `look(place)` looks.
function patchButtons(box, [down, across], { paint, look }) {
  const label = "The picture's patches, row by row; pressed: hidden";
  const cover = make("div", box, { className: "patch-cover", role: "toolbar", ariaLabel: label });
  cover.style.setProperty("--across", across);
  const patch = () => make("button", cover, { type: "button" });
  const nodes = Array.from({ length: down * across }, patch);
  const isHidden = (at) => nodes[at].ariaPressed === "true";
  let here = 0;
  const stand = (at) => {
    here = at;
    nodes.forEach((node, place) => (node.tabIndex = place === here ? 0 : -1));
  };
  const go = (at) => nodes[at].focus();
  stand(0);
  cover.addEventListener("focusin", ({ target }) => (stand(nodes.indexOf(target)), look(here)));
  nodes.forEach((node, at) => {
    // A key or a screen reader clicks with detail 0; a pointer has painted already.
    node.addEventListener("click", ({ detail }) => detail || (go(at), paint([at], !isHidden(at))));
  });
  walkWithKeys(cover, [down, across], () => here, go);
  dragOver(cover, [down, across], { isHidden, paint, go, look });
  const show = (hidden) => {
    nodes.forEach((node, at) => {
      const where = `row ${Math.floor(at / across) + 1}, column ${(at % across) + 1}`;
      node.ariaPressed = String(hidden[at]);
      node.ariaLabel = `${where}, ${hidden[at] ? "hidden" : "visible"}`;
    });
  };
  const mark = (at) => {
    nodes.forEach((node, place) => node.classList.toggle("patch-here", place === at));
  };
  return { show, mark };
}

function walkWithKeys(cover, [down, across], here, go) {
  const to = (rows, columns) => {
    const [row, column] = [Math.floor(here() / across) + rows, (here() % across) + columns];
    if (row >= 0 && row < down && column >= 0 && column < across) go(row * across + column);
  };
  keysOn(cover, {
    ...{ ArrowRight: () => to(0, 1), ArrowLeft: () => to(0, -1) },
    ...{ ArrowDown: () => to(1, 0), ArrowUp: () => to(-1, 0) },
    ...{ Home: () => go(0), End: () => go(down * across - 1) },
  });
}

// The first patch says whether the drag hides or shows.
function dragOver(cover, [down, across], { isHidden, paint, go, look }) {
  let drag = null;
  const under = ({ clientX, clientY }) => {
    const { left, top, width, height } = cover.getBoundingClientRect();
    const cell = (part, count) => Math.min(Math.max(Math.floor(part * count), 0), count - 1);
    return cell((clientY - top) / height, down) * across + cell((clientX - left) / width, across);
  };
  cover.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    cover.setPointerCapture(event.pointerId);
    const at = under(event);
    drag = { last: at, hide: !isHidden(at) };
    paint([at], drag.hide);
    go(at);
  });
  cover.addEventListener("pointermove", (event) => {
    const at = under(event);
    look(at);
    if (!drag || at === drag.last) return;
    paint(between(drag.last, at, across), drag.hide);
    drag.last = at;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    cover.addEventListener(end, () => (drag = null));
  }
}

// Two bars, the model's first: the root mean square error where patches are hidden, brightness 0-1.
function errorBars(parent) {
  const panel = make("div", parent, { className: "patch-errors" });
  const title = make("p", panel, { className: "patch-title" });
  const bars = make("div", panel, { className: "patch-bars" });
  return (rows, words) => {
    title.textContent = words;
    bars.replaceChildren();
    for (const [name, error] of rows) {
      make("span", bars, { textContent: name });
      const track = make("div", bars, { className: "patch-track" });
      const fill = make("div", track, { className: "patch-fill" });
      fill.style.width = `${Math.min(100, (100 * error) / FULL)}%`;
      make("b", bars, { textContent: `${error.toFixed(3)} of 1` });
    }
  };
}
