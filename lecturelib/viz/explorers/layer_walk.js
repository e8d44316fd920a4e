// The layer walk, on the stage: what each layer of a network sees in a photograph.

// The photographs, painted once: in colour, and in grey to lay a map over.
function paintPhotos(model, { names, size: [height, width] }) {
  const bytes = numbers(model.get("photos"));
  const long = 3 * height * width;
  return names.map((_, at) => {
    const one = bytes.subarray(at * long, (at + 1) * long);
    return { colour: photoOf(one, width), grey: photoOf(one, width, grey) };
  });
}

// What is drawn now: the layer and picture whose maps have come. A channel of them is chosen at
// once; its patches follow.
function nowOf(model, story) {
  const facts = model.get("facts");
  const isHere = facts.layer === model.get("layer");
  // A layer may come from the kernel while a channel that it lacks is still on its way there.
  const last = facts.peaks.length - 1;
  const channel = isHere ? Math.min(model.get("channel"), last) : facts.channel;
  const hasPatches = channel === facts.channel;
  return {
    ...facts,
    channel,
    first: channel - (channel % story.tiles),
    maps: numbers(model.get("maps")),
    patches: hasPatches ? numbers(model.get("patches")) : new Uint8Array(),
  };
}

function describe(story, now) {
  const { name, channels, map, size } = story.layers[now.layer];
  const [row, column, share] = now.peaks[now.channel];
  const where = share ? `, at row ${row + 1}, column ${column + 1} of ${map[0]}x${map[1]}` : "";
  const sees = `A place sees ${size}x${size} pixels.`;
  const who = `${name}, channel ${now.channel + 1} of ${channels}`;
  return `${who}, in ${story.names[now.picture]}: ${percent(share)} of its record${where}. ${sees}`;
}

function tableRows(story, now) {
  const rows = now.peaks.map(([row, column, share], channel) => {
    return [channel + 1, percent(share), share ? row + 1 : "–", share ? column + 1 : "–"];
  });
  return [["channel", "of its record", "row", "column"], ...rows];
}

// Moves, each kept within what there is; pictures go round in a circle.
function movesOf(model, story) {
  const go = (name, value) => {
    const layer = name === "layer" ? Math.min(Math.max(value, 0), story.layers.length - 1) : null;
    if (layer !== null) model.set("layer", layer);
    if (name === "picture") model.set("picture", value % story.names.length);
    const channel = name === "channel" ? value : model.get("channel");
    const last = story.layers[model.get("layer")].channels - 1;
    model.set("channel", Math.min(Math.max(channel, 0), last));
    model.save_changes();
  };
  const by = (name, far) => () => go(name, model.get(name) + far);
  return { go, by };
}

function keysOf({ go, by }, story, isOnSlider) {
  const side = (far) => () => by(isOnSlider() ? "layer" : "channel", far)();
  return {
    ...{ arrowup: by("layer", -1), arrowdown: by("layer", 1) },
    ...{ arrowleft: side(-1), arrowright: side(1) },
    ...{ pageup: by("channel", -story.tiles), pagedown: by("channel", story.tiles) },
    ...{ home: () => go("channel", 0), end: () => go("channel", Infinity) },
    ...{ n: by("picture", 1), p: by("picture", story.names.length - 1) },
  };
}

// A click on a small map chooses its channel.
function clicked(scene, x, y) {
  const { places, cells, now, story } = scene;
  const [column, row] = [x - places.tiles.x, y - places.tiles.y].map((far) => {
    return Math.floor(far / cells.cell);
  });
  const channel = now.first + row * cells.columns + column;
  const last = Math.min(now.first + story.tiles, story.layers[now.layer].channels) - 1;
  return column >= 0 && column < cells.columns && row >= 0 && channel <= last ? channel : null;
}

function paint(pen, scene, width, height) {
  scene.places = placesOf(width, height, scene.story.layers[scene.now.layer].count);
  drawPhoto(pen, scene);
  drawTiles(pen, scene);
  drawLarge(pen, scene);
  drawPatches(pen, scene);
}

function controlsOf(hall, story, { go }, keys) {
  const stops = story.layers.map((one) => one.name);
  const layers = slider(hall.controls, { label: "Layer", stops, onMove: (at) => go("layer", at) });
  button(hall.controls, "Previous (P)", keys.p);
  button(hall.controls, "Next picture (N)", keys.n);
  return layers;
}

function render({ model, el }) {
  const over = new AbortController();
  const story = model.get("about");
  const scene = { story, photos: paintPhotos(model, story) };
  const moves = movesOf(model, story);
  const keys = keysOf(moves, story, () => layers.input === document.activeElement);
  const hall = stage(el, {
    name: "Layer walk",
    task: "What does each layer see? ↑ ↓ layer, ← → channel, N and P: picture.",
    help: "Click: a small map · Home, End: first, last channel · F: full screen",
    keys,
    rows: () => tableRows(story, scene.now),
    over: over.signal,
  });
  hall.body.classList.add("layer-walk");
  const draw = scaled((pen, width, height, colours) => {
    paint(pen, Object.assign(scene, { colours }), width, height);
  });
  const label = "A photograph, the maps of one layer, one of them large. Arrow keys choose.";
  const map = picture(hall.body, { label, draw, over: over.signal });
  map.canvas.addEventListener("click", (event) => {
    const channel = clicked(scene, ...placeOf(event, map.canvas));
    if (channel !== null) moves.go("channel", channel);
  });
  const layers = controlsOf(hall, story, moves, keys);
  const refresh = () => {
    scene.now = nowOf(model, story);
    if (scene.sent !== model.get("maps")) scene.sheet = null;
    scene.sent = model.get("maps");
    layers.show(model.get("layer"));
    map.redraw();
    hall.say(describe(story, scene.now));
  };
  const heard = "change:picture change:layer change:channel change:facts change:maps";
  model.on(heard, refresh);
  refresh();
  return () => {
    over.abort();
    model.off(heard, refresh);
  };
}

export default { render };
