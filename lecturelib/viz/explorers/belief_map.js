// Watch belief spread, on the map: marks, rings, and the line to the one that misled.

// Each item's ink, once dark and once light, so that it reads on every colour.
function inkSheets(story) {
  if (!story.picture.length) return null;
  return { "#000000": inkSheet(story, 0), "#ffffff": inkSheet(story, 255) };
}

// All pictures in one canvas, about square: browsers limit the longer side.
function inkSheet(story, level) {
  const [height, width] = story.picture;
  const columns = Math.ceil(Math.sqrt(story.n));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: width * columns, height: height * columns });
  const pen = canvas.getContext("2d");
  for (let i = 0; i < story.n; i++) {
    const image = pen.createImageData(width, height);
    inkOf(story, i).forEach((ink, at) => image.data.set([level, level, level, ink], 4 * at));
    pen.putImageData(image, (i % columns) * width, Math.floor(i / columns) * height);
  }
  return { canvas, columns };
}

function inkOf(story, i) {
  const size = story.picture[0] * story.picture[1];
  return story.pictures.subarray(i * size, (i + 1) * size);
}

function drawInk(pen, story, { canvas, columns }, i, x, y, side) {
  const [height, width] = story.picture;
  const from = [(i % columns) * width, Math.floor(i / columns) * height, width, height];
  pen.drawImage(canvas, ...from, x - side / 2, y - side / 2, side, side);
}

// The map's units to CSS pixels: the whole box, centred, with room for the marks at its edge.
function placing(story, width, height) {
  const [wide, high] = story.box;
  const rim = 2 * story.radius;
  const scale = Math.min(width / (wide + 2 * rim), height / (high + 2 * rim));
  const x0 = (width - wide * scale) / 2;
  const y0 = (height - high * scale) / 2;
  const place = (i) => [x0 + story.position[2 * i] * scale, y0 + story.position[2 * i + 1] * scale];
  return { place, radius: story.radius * scale };
}

// Grey: no label yet. Disc: a teacher's label. Square: a true one. Red ring and cross: wrong.
function drawMap(pen, story, now, view) {
  const { place, radius, colours, shown } = view;
  const early = new Set(now.told.slice(0, shown));
  for (let i = 0; i < story.n; i++) {
    if (!story.labelled[i] && !early.has(i)) drawUnsure(pen, story, i, view);
  }
  for (const i of early) drawMark(pen, story, i, now.guess[i], view);
  for (let i = 0; i < story.n; i++) {
    if (story.labelled[i]) drawMark(pen, story, i, story.truth[i], view);
  }
  for (const i of now.wrong) if (early.has(i)) drawRing(pen, ...place(i), radius, colours);
}

function drawUnsure(pen, story, i, { place, radius, colours, sheets }) {
  const [x, y] = place(i);
  if (!sheets) return disc(pen, x, y, radius / 2, colours.quiet);
  pen.globalAlpha = 0.5;
  drawInk(pen, story, sheets[colours.isDark ? "#ffffff" : "#000000"], i, x, y, 1.9 * radius);
  pen.globalAlpha = 1;
}

function drawMark(pen, story, i, label, { place, radius, colours, sheets }) {
  const [x, y] = place(i);
  const fill = CLASS_COLOURS[label];
  if (story.labelled[i]) square(pen, x, y, radius, fill, colours.ink);
  else disc(pen, x, y, radius, fill);
  if (sheets) return drawInk(pen, story, sheets[inkOn(fill)], i, x, y, 1.6 * radius);
  pen.fillStyle = inkOn(fill);
  pen.font = `bold ${1.4 * radius}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(story.classes[label], x, y, 2 * radius);
}

function disc(pen, x, y, radius, fill) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
}

function square(pen, x, y, radius, fill, edge) {
  pen.beginPath();
  pen.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, radius / 4);
  pen.fillStyle = fill;
  pen.fill();
  pen.lineWidth = radius / 4;
  pen.strokeStyle = edge;
  pen.stroke();
}

function drawRing(pen, x, y, radius, colours) {
  const stroke = (width, colour) => {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.arc(x, y, 1.15 * radius, 0, 2 * Math.PI);
    for (const [dx, dy] of [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ]) {
      pen.moveTo(x + 0.81 * radius * dx, y + 0.81 * radius * dy);
      pen.lineTo(x + 1.25 * radius * dx, y + 1.25 * radius * dy);
    }
    pen.stroke();
  };
  stroke(0.6 * radius, colours.paper); // a rim, so that red does not touch the mark's own colour
  stroke(0.34 * radius, colours.wrong);
}

// From the chosen mark to the one that misled it.
function drawChosen(pen, now, i, { place, radius, colours }) {
  const [x, y] = place(i);
  const culprit = now.isWrong(i) ? now.misledBy[i] : -1;
  for (const [width, colour] of [
    [0.7 * radius, colours.paper],
    [0.35 * radius, colours.ink],
  ]) {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.arc(x, y, 1.5 * radius, 0, 2 * Math.PI);
    if (culprit >= 0) link(pen, x, y, ...place(culprit), 1.5 * radius);
    pen.stroke();
  }
}

function link(pen, x, y, toX, toY, gap) {
  const far = Math.max(Math.hypot(toX - x, toY - y), 1e-6);
  const [dx, dy] = [(gap * (toX - x)) / far, (gap * (toY - y)) / far];
  if (far > 2 * gap) {
    pen.moveTo(x + dx, y + dy);
    pen.lineTo(toX - dx, toY - dy);
  }
  pen.moveTo(toX + gap, toY);
  pen.arc(toX, toY, gap, 0, 2 * Math.PI);
}

// The nearest ring in the direction of an arrow key; the first one if none is chosen yet.
function neighbour(story, now, from, [dx, dy]) {
  if (from === null || !now.isWrong(from)) return now.wrong[0] ?? null;
  let best = from;
  let least = Infinity;
  for (const i of now.wrong) {
    const x = story.position[2 * i] - story.position[2 * from];
    const y = story.position[2 * i + 1] - story.position[2 * from + 1];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    if (along > 1e-6 && along + 2 * across < least) [best, least] = [i, along + 2 * across];
  }
  return best;
}
