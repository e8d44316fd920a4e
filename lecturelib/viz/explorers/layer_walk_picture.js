// The layer walk, in pictures: a photograph, its layer's maps, one map over it, what excites it.

const TEXT = 21; // of 1280 across: a hall can read it
const VIRIDIS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
]; // dark is nothing, yellow is most, as in the lecture's figures

const SHADES = Array.from({ length: 256 }, (_, byte) => {
  const at = (byte / 255) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return mix(VIRIDIS[low], VIRIDIS[low + 1], at - low);
});
// To lie over a photograph: clear where a map is 0.
const VEIL = SHADES.map((shade, byte) => [...shade, 0.85 * byte]);

// Many bytes as colours at once, a pixel each: all of a layer's maps, one below the other.
function sheetOf(bytes, columns, shades) {
  const sheet = document.createElement("canvas");
  Object.assign(sheet, { width: columns, height: bytes.length / columns });
  const pen = sheet.getContext("2d");
  const image = pen.createImageData(sheet.width, sheet.height);
  const bits = new Uint8ClampedArray(shades.flatMap(([r, g, b, clear = 255]) => [r, g, b, clear]));
  const palette = new Uint32Array(bits.buffer);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < bytes.length; at++) pixels[at] = palette[bytes[at]];
  pen.putImageData(image, 0, 0);
  return sheet;
}

// Colours, three bytes a pixel, as a picture to be drawn at any size; `shade` may change them.
function photoOf(bytes, width, shade = (colour) => colour) {
  const places = Array.from({ length: bytes.length / 3 }, (_, at) => at);
  return paintHeat(places, width, (at) => shade(bytes.subarray(3 * at, 3 * at + 3)));
}

function grey([red, green, blue]) {
  return Array(3).fill((red + green + blue) / 3);
}

// Where everything stands: the photograph, the tiles, the large map, the patches.
function placesOf(width, height, count) {
  const [top, edge] = [38, 2];
  const right = 0.645 * width;
  const patch = Math.min(88, (width - right - edge) / count - 8);
  const side = Math.min(width - right - edge, height - top - patch - 50);
  return {
    photo: { x: edge, y: top, side: Math.min(0.23 * width, height - top - 150) },
    tiles: { x: 0.26 * width, y: top, width: 0.355 * width, height: height - top - edge },
    large: { x: right, y: top, side },
    patches: { x: right, y: top + side + 44, side: patch, step: patch + 8 },
  };
}

// The largest square cells in which so many tiles fit the box.
function cellsOf(count, box) {
  const fit = (columns) => Math.min(box.width / columns, box.height / Math.ceil(count / columns));
  const choices = Array.from({ length: count }, (_, at) => at + 1);
  const columns = choices.reduce((best, next) => (fit(next) > fit(best) ? next : best));
  return { columns, cell: fit(columns) };
}

function drawPhoto(pen, scene) {
  const { story, now, colours } = scene;
  const { x, y, side } = scene.places.photo;
  const name = `${story.names[now.picture]} (${now.picture + 1} of ${story.names.length})`;
  write(pen, name, x, 18, { size: 1.1 * TEXT, colour: colours.ink, bold: true });
  drawSquare(pen, scene.photos[now.picture].colour, scene.places.photo);
  drawWindow(pen, scene, scene.places.photo);
  const { map, size } = story.layers[now.layer];
  const lines = [`maps of ${map[0]}x${map[1]}`, `a place sees ${size}x${size} pixels`];
  lines.forEach((text, at) => {
    write(pen, text, x, y + side + 26 + 30 * at, { size: TEXT, colour: colours.ink });
  });
  drawKey(pen, { x, y: y + side + 90, width: side, height: 18 }, colours);
}

// What the colours mean: bytes are roots of shares, so that a quarter lies in the middle.
function drawKey(pen, { x, y, width, height }, colours) {
  SHADES.forEach((shade, at) => {
    pen.fillStyle = css(shade);
    pen.fillRect(x + (at * width) / 256, y, width / 256 + 1, height);
  });
  const look = { size: TEXT, colour: colours.ink };
  write(pen, "0", x, y + height + 18, look);
  write(pen, "25 %", x + width / 2, y + height + 18, { ...look, align: "center" });
  write(pen, "its record", x + width, y + height + 18, { ...look, align: "right" });
}

function drawSquare(pen, image, { x, y, side }) {
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, x, y, side, side);
}

// White in black: a frame that shows on every photograph, round what the largest place sees.
function drawWindow(pen, { story, now }, { x, y, side }) {
  const { size, step, start } = story.layers[now.layer];
  const [row, column, share] = now.peaks[now.channel];
  if (!share) return;
  const [down, across] = story.size.map((pixels) => side / pixels);
  const corner = [x + (start + column * step) * across, y + (start + row * step) * down];
  pen.save();
  pen.beginPath();
  pen.rect(x - 2, y - 2, side + 4, side + 4);
  pen.clip();
  for (const [colour, thick] of [
    ["#000000", 6],
    ["#ffffff", 3],
  ]) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.strokeRect(...corner, size * across, size * down);
  }
  pen.restore();
}

function drawTiles(pen, scene) {
  const { story, now, colours } = scene;
  const { x, y } = scene.places.tiles;
  const { name, channels, map } = story.layers[now.layer];
  const last = Math.min(channels, now.first + story.tiles);
  const which = `${name}: channels ${now.first + 1}–${last} of ${channels}`;
  write(pen, which, x, 18, { size: 1.1 * TEXT, colour: colours.ink, bold: true });
  scene.cells = cellsOf(last - now.first, scene.places.tiles);
  const { columns, cell } = scene.cells;
  const place = (channel) => {
    const at = channel - now.first;
    return [x + (at % columns) * cell, y + Math.floor(at / columns) * cell];
  };
  scene.sheet ??= sheetOf(now.maps, map[1], SHADES);
  for (let channel = now.first; channel < last; channel++) {
    const [left, top] = place(channel).map((edge) => edge + 0.03 * cell);
    const from = [0, channel * map[0], map[1], map[0]];
    pen.drawImage(scene.sheet, ...from, left, top, 0.94 * cell, 0.94 * cell);
  }
  pen.lineWidth = 4;
  pen.strokeStyle = colours.wrong;
  pen.strokeRect(...place(now.channel), cell, cell);
}

function drawLarge(pen, scene) {
  const { story, now, colours } = scene;
  const { x } = scene.places.large;
  const { map } = story.layers[now.layer];
  const size = map[0] * map[1];
  const share = percent(now.peaks[now.channel][2]);
  const title = `channel ${now.channel + 1}: ${share} of its record`;
  write(pen, title, x, 18, { size: 1.1 * TEXT, colour: colours.ink, bold: true });
  drawSquare(pen, scene.photos[now.picture].grey, scene.places.large);
  const bytes = now.maps.subarray(now.channel * size, (now.channel + 1) * size);
  drawSquare(pen, sheetOf(bytes, map[1], VEIL), scene.places.large);
  drawWindow(pen, scene, scene.places.large);
}

function drawPatches(pen, scene) {
  const { story, now, colours } = scene;
  const { x, y, side, step } = scene.places.patches;
  write(pen, "excited most by (its record first)", x, y - 20, { size: TEXT, colour: colours.ink });
  const long = 3 * story.layers[now.layer].side ** 2;
  for (let at = 0; at < now.patches.length / long; at++) {
    const bytes = now.patches.subarray(at * long, (at + 1) * long);
    const patch = photoOf(bytes, story.layers[now.layer].side);
    drawSquare(pen, patch, { x: x + at * step, y, side });
  }
}
