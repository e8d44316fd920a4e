// The attention explorer, in pictures: the grid of small maps, a large map, its words and lines.

const LABEL = 9; // CSS pixels: below this a row of words cannot be read, and none is written

// All small maps of one input in one sheet, painted once a theme.
function sheetOf(story, at, colours) {
  const one = story.inputs[at];
  const [rows, columns] = one.small;
  const size = rows * columns;
  const sheet = document.createElement("canvas");
  Object.assign(sheet, { width: columns * story.heads, height: rows * story.layers });
  const pen = sheet.getContext("2d");
  for (let map = 0; map < story.layers * story.heads; map++) {
    const bytes = one.thumbs.subarray(map * size, (map + 1) * size);
    const [x, y] = [(map % story.heads) * columns, Math.floor(map / story.heads) * rows];
    pen.drawImage(paintHeat(bytes, columns, byteColour(colours)), x, y);
  }
  return sheet;
}

function byteColour(colours) {
  const colour = weightColour(colours);
  const table = Array.from({ length: 256 }, (_, byte) => colour(byte / 255));
  return (byte) => table[byte];
}

// The grid's cells: heads across, layers down; two inputs share a cell, side by side.
function gridBox(story, width, height) {
  const part = story.inputs.length > 1 ? 0.24 : 0.3;
  const cell = Math.min((width * part) / story.heads, (height - 50) / story.layers);
  return { x: 26, y: 26, cell, right: 26 + cell * story.heads };
}

function drawGrid(pen, scene, height) {
  const { story, now, grid, colours } = scene;
  const { x, y, cell } = grid;
  const size = Math.min(15, 0.7 * cell);
  write(pen, "heads →", x, 12, { size: 15, colour: colours.quiet });
  for (let layer = 0; layer < story.layers; layer++) {
    const middle = y + (layer + 0.5) * cell;
    write(pen, layer + 1, x - 6, middle, { size, align: "right", colour: colours.quiet });
    for (let head = 0; head < story.heads; head++) {
      drawThumb(pen, scene, layer, head);
    }
  }
  pen.lineWidth = 3;
  pen.strokeStyle = colours.wrong;
  pen.strokeRect(x + now.head * cell, y + now.asked * cell, cell, cell);
}

function drawThumb(pen, { story, grid, sheets, colours }, layer, head) {
  const width = (0.92 * grid.cell) / story.inputs.length;
  const rim = 0.04 * grid.cell;
  story.inputs.forEach((one, at) => {
    const [rows, columns] = one.small;
    const from = [head * columns, layer * rows, columns, rows];
    const left = grid.x + head * grid.cell + rim + at * width;
    pen.imageSmoothingEnabled = columns > width;
    const to = [left, grid.y + layer * grid.cell + rim, width, 0.92 * grid.cell];
    pen.drawImage(sheets[at], ...from, ...to);
    pen.lineWidth = 0.5;
    pen.strokeStyle = colours.quiet;
    pen.strokeRect(...to);
  });
}

// Where the large matrix and the two columns of words of input `at` stand.
function paneOf(story, at, grid, width, height) {
  const left = grid.right + 20;
  const wide = (width - left) / story.inputs.length;
  const x = left + at * wide;
  const { queries, keys } = story.inputs[at];
  const longest = (words) => Math.max(...words.map((word) => word.length));
  const margin = Math.min(0.14 * wide, 14 + 10 * longest(queries));
  const high = height - 50 - Math.min(margin, 14 + 10 * longest(keys));
  const side = Math.min(high, 0.58 * wide);
  const box = { x: x + margin, y: height - 16 - high, width: side, height: high };
  const from = box.x + side + 12 + margin;
  return { ...box, margin, from, to: Math.min(x + wide - margin - 16, from + 0.6 * side) };
}

function drawPane(pen, scene, at) {
  const { story, now, colours, panes } = scene;
  const [one, box] = [story.inputs[at], panes[at]];
  write(pen, factsOf(story, now, at), box.x - box.margin, 14, { size: 17, colour: colours.ink });
  const heat = paintHeat(headOf(story, now, at), one.keys.length, byteColour(colours));
  drawHeat(pen, heat, box, colours);
  const { query, row } = rowOf(story, now, at);
  const step = box.height / one.queries.length;
  pen.lineWidth = 2.5;
  pen.strokeStyle = colours.wrong;
  pen.strokeRect(box.x, box.y + query * step, box.width, step);
  column(
    pen,
    one.queries,
    box,
    { x: box.x - 6, align: "right", strong: (i) => i === query },
    colours,
  );
  topWords(pen, one.keys, box, colours);
  column(
    pen,
    one.queries,
    box,
    { x: box.from - 6, align: "right", strong: (i) => i === query },
    colours,
  );
  column(
    pen,
    one.keys,
    box,
    { x: box.to + 6, align: "left", strong: (i) => row[i] > 0.1 },
    colours,
  );
  const place = (count, i) => box.y + ((i + 0.5) * box.height) / count;
  row.forEach((weight, key) => {
    if (weight < 0.01) return;
    const ends = [
      [box.from, place(one.queries.length, query)],
      [box.to, place(one.keys.length, key)],
    ];
    drawLink(pen, ...ends, weight, { thick: 14, colour: css(weightColour(colours)(0.5)) });
  });
}

function column(pen, words, box, { x, align, strong }, colours) {
  const step = box.height / words.length;
  const size = Math.min(20, 0.85 * step);
  words.forEach((word, i) => {
    if (size < LABEL && !strong(i)) return;
    const look = { size: Math.max(size, LABEL + 3), align, bold: strong(i) };
    const colour = strong(i) ? colours.ink : colours.quiet;
    write(pen, visible(word), x, box.y + (i + 0.5) * step, { ...look, colour });
  });
}

function topWords(pen, words, box, colours) {
  const step = box.width / words.length;
  const size = Math.min(20, 0.85 * step);
  if (size < LABEL) return;
  words.forEach((word, i) => {
    pen.save();
    pen.translate(box.x + (i + 0.5) * step, box.y - 6);
    pen.rotate(-Math.PI / 2);
    write(pen, visible(word), 0, 0, { size, colour: colours.ink });
    pen.restore();
  });
}
