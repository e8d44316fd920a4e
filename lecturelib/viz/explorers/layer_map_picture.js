// The layer map, drawn: blocks of models, the chosen cell, and what its numbers mean.

const TEXT = 24; // of 1280 across: a hall can read it
const TOP = 76; // names of models and numbers of layers stand here

// Two decimals without the 0 before the point, as `short` in layer_map.py.
function short(value) {
  const text = value.toFixed(2).replace("-0.00", "0.00");
  return Math.abs(value) < 0.995 ? text.replace("0.", ".") : text;
}

// Models' blocks: where each begins, and how many layers it has.
function blocksOf(names) {
  const models = [...new Set(names.map(([model]) => model))];
  return models.map((model) => {
    const own = names.map(([other]) => other === model);
    return { model, first: own.indexOf(true), count: own.filter(Boolean).length };
  });
}

// The map is a square as high as the picture, but leaves the numbers half of its width.
function placeOfMap(width, height, names) {
  const left = 150;
  const cell = Math.floor(Math.min(height - TOP - 6, 0.6 * width - left) / names.length);
  return { x: left, y: TOP, cell, side: cell * names.length };
}

// The cell under a point, or none.
function cellAt(width, height, names, [x, y]) {
  const place = placeOfMap(width, height, names);
  const cell = [y - place.y, x - place.x].map((far) => Math.floor(far / place.cell));
  return cell.every((one) => one >= 0 && one < names.length) ? cell : null;
}

// Roots: between models CKA is small, and a quarter gets half of the colours.
function shade(colours) {
  const colour = weightColour(colours);
  return (value) => colour(Math.sqrt(Math.min(Math.max(value, 0), 1)));
}

function drawLayerMap(pen, scene, width, height, colours) {
  const place = placeOfMap(width, height, scene.names);
  const heat = paintHeat([...scene.shown], scene.names.length, shade(colours));
  drawHeat(pen, heat, { ...place, width: place.side, height: place.side }, colours);
  drawBlocks(pen, scene, place, colours);
  drawNumbers(pen, scene, place, colours);
  drawCell(pen, scene, place, colours);
  const right = place.x + place.side + 60;
  const scale = { x: right, y: height - 66, width: width - right - 24 };
  drawReading(pen, scene, right, colours);
  drawScale(pen, scene.ticks, scale, colours);
  drawRange(pen, scene.cell, scale, colours);
}

function drawBlocks(pen, { names }, { x, y, cell, side }, colours) {
  const look = { size: 1.15 * TEXT, colour: colours.ink, bold: true };
  for (const { model, first, count } of blocksOf(names)) {
    const middle = (first + count / 2) * cell;
    write(pen, model, x + middle, 22, { ...look, align: "center" });
    write(pen, model, x - 44, y + middle, { ...look, align: "right" });
    if (!first) continue;
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 3;
    pen.beginPath();
    pen.moveTo(x + first * cell, y);
    pen.lineTo(x + first * cell, y + side);
    pen.moveTo(x, y + first * cell);
    pen.lineTo(x + side, y + first * cell);
    pen.stroke();
  }
}

function drawNumbers(pen, { names, at }, { x, y, cell }, colours) {
  const [row, column] = at;
  names.forEach(([, number], i) => {
    const middle = (i + 0.5) * cell;
    const look = { size: TEXT, colour: colours.ink, align: "center" };
    write(pen, number, x + middle, y - 18, { ...look, bold: i === column });
    write(pen, number, x - 20, y + middle, { ...look, bold: i === row });
  });
}

// A frame that shows on light and dark cells alike.
function drawCell(pen, { at: [row, column] }, { x, y, cell }, colours) {
  const corner = [x + column * cell, y + row * cell];
  for (const [colour, thick] of [
    [colours.paper, 9],
    [colours.wrong, 5],
  ]) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.strokeRect(...corner, cell, cell);
  }
}

// The chosen pair in large type: its CKA, and what exchanged digits give.
function drawReading(pen, scene, x, colours) {
  const { names, at, exchanged, cell } = scene;
  const ink = { colour: colours.ink };
  at.forEach((one, line) => {
    const [model, number] = names[one];
    const text = `${line ? "and " : ""}${model} layer ${number}`;
    write(pen, text, x, TOP + 40 * line, { ...ink, size: 1.4 * TEXT, bold: true });
  });
  const lines = [
    [cell.matched, "CKA, the same digit"],
    [cell.mean, "CKA, digits exchanged"],
  ];
  lines.forEach(([value, text], line) => {
    const isShown = line === Number(exchanged);
    const y = TOP + 122 + 78 * line;
    const look = { ...ink, bold: isShown };
    write(pen, short(value), x, y, { ...look, size: isShown ? 70 : 50 });
    write(pen, text, x + 150, y, { ...look, size: 1.25 * TEXT });
  });
  const usual = `9 of 10 exchanges: ${short(cell.low)} to ${short(cell.high)}`;
  write(pen, usual, x, TOP + 252, { ...ink, size: TEXT });
}

// The same above the scale: a bar for 9 of 10 exchanges, a mark for the same digit.
function drawRange(pen, { matched, low, high }, { x, y: scale, width }, colours) {
  const y = scale - 28;
  const far = (value) => x + Math.sqrt(Math.min(Math.max(value, 0), 1)) * width;
  pen.fillStyle = colours.quiet;
  pen.fillRect(x, y - 1, width, 2);
  pen.fillRect(far(low), y - 9, Math.max(4, far(high) - far(low)), 18);
  pen.fillStyle = colours.wrong;
  pen.fillRect(far(matched) - 4, y - 18, 8, 36);
}

// What the colours mean.
function drawScale(pen, ticks, { x, y, width }, colours) {
  const colour = shade(colours);
  for (let pixel = 0; pixel < width; pixel++) {
    pen.fillStyle = css(colour((pixel / width) ** 2));
    pen.fillRect(x + pixel, y, 1.5, 22);
  }
  pen.strokeStyle = colours.quiet;
  pen.lineWidth = 1;
  pen.strokeRect(x, y, width, 22);
  for (const tick of ticks) {
    const text = tick === 0 || tick === 1 ? String(tick) : short(tick);
    const look = { size: 0.9 * TEXT, colour: colours.ink, align: "center" };
    write(pen, text, x + Math.sqrt(tick) * width, y + 42, look);
  }
}
