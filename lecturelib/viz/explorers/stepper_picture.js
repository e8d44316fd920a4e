// The Transformer, animated, in pictures: the plan with "you are here", panels, and alignments.

// One colour a written token (as LINES in figures.py).
const LINES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

// The plan: boxes from the bottom up, as in the paper's Figure 1. Each knows its first step.
function planOf(walk) {
  const box = (stack, text, fits) => ({ stack, text, fits });
  const boxes = [
    box(
      0,
      "embed + position",
      (s) => s.part === "encoder" && ["embed", "position"].includes(s.kind),
    ),
  ];
  const isIn = (part, layer, kinds) => (s) =>
    s.part === part && s.layer === layer && kinds.includes(s.kind);
  const think = ["thought", "end"];
  for (let layer = 0; layer < walk.sizes.encoder; layer++) {
    boxes.push(box(0, "self-attention", isIn("encoder", layer, ATTEND)));
    boxes.push(box(0, "feed-forward", isIn("encoder", layer, think)));
  }
  boxes.push(
    box(
      1,
      "embed + position",
      (s) => s.part === "decoder" && ["embed", "position"].includes(s.kind),
    ),
  );
  for (let layer = 0; layer < walk.sizes.decoder; layer++) {
    boxes.push(box(1, "masked self-att.", isIn("decoder", layer, ATTEND)));
    boxes.push(box(1, "cross-attention", isIn("cross", layer, ATTEND)));
    boxes.push(box(1, "feed-forward", isIn("decoder", layer, think)));
  }
  boxes.push(box(1, "linear + softmax", (s) => s.kind === "predict"));
  return boxes;
}

function drawPlan(pen, scene, { x, y, width, height }) {
  const { walk, step, colours, plan } = scene;
  const most = Math.max(...[0, 1].map((stack) => plan.filter((one) => one.stack === stack).length));
  const high = Math.min(58, (height - 30) / most);
  const wide = (width - 14) / 2;
  const count = [0, 0];
  const size = Math.min(15, wide / 8.2);
  ["reads", "writes"].forEach((text, stack) => {
    const centre = x + stack * (wide + 14) + wide / 2;
    write(pen, text, centre, y + height - 10, {
      size: size + 2,
      align: "center",
      colour: colours.quiet,
    });
  });
  for (const one of plan) {
    const top = y + height - 26 - ++count[one.stack] * high;
    one.place = { x: x + one.stack * (wide + 14), y: top + 3, width: wide, height: high - 6 };
    const isHere = one.fits(step);
    pen.beginPath();
    pen.roundRect(one.place.x, one.place.y, wide, high - 6, 6);
    pen.fillStyle = isHere ? CLASS_COLOURS[0] : colours.paper;
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = colours.quiet;
    pen.stroke();
    const colour = isHere ? "#ffffff" : colours.ink;
    write(pen, one.text, one.place.x + wide / 2, top + high / 2, {
      size,
      align: "center",
      colour,
      bold: isHere,
    });
  }
}

// The source and what is written so far, on top of every step.
function drawLine(pen, scene, width) {
  const { walk, step, focus, colours } = scene;
  const done = walk.written.slice(0, tokensAt(step));
  const size = Math.min(30, width / (walk.source.length + 10));
  let x = 4;
  const put = (text, look) => {
    write(pen, text, x, 22, { size, font: "monospace", ...look });
    x += pen.measureText(text).width;
  };
  walk.source.forEach((word, at) => {
    const isHere = step.part === "encoder" && at === focus;
    put(visible(word), { colour: isHere ? colours.wrong : colours.ink, bold: isHere });
  });
  put("  →  ", { colour: colours.quiet });
  done.forEach((word) => put(`${word} `, { colour: colours.ink, bold: true }));
  if (step.row >= 0) put("?", { colour: colours.wrong, bold: true });
}

function limitOf(values) {
  let most = 1e-6;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

// How wide each panel is: as its columns ask for, but a small one still shows its numbers.
function layPanels(panels, { x, y, width, height }) {
  const gap = (panel) => (panel.sign ? 24 + 10.5 * panel.sign.length : 18);
  const label = (panel) => 14 + 11 * Math.max(...panel.labels.map((word) => word.length));
  const free = panels.reduce((rest, panel) => rest - gap(panel) - label(panel), width);
  const ask = panels.map((panel) => Math.sqrt(Math.max(panel.columns, panel.above ? 40 : 24)));
  const total = ask.reduce((sum, one) => sum + one, 0);
  let left = x;
  return panels.map((panel, at) => {
    const rows = panel.labels.length;
    const cell = Math.min(64, (height - (panel.above ? 26 : 0)) / rows);
    const wide = (free * ask[at]) / total;
    const box = { x: left + gap(panel) + label(panel), width: wide, height: rows * cell };
    box.y = y + (height - box.height) / 2;
    box.cell = cell;
    left = box.x + wide;
    return box;
  });
}

function drawPanels(pen, scene, area) {
  const { panels, colours } = scene;
  scene.boxes = layPanels(panels, area);
  const bottom = Math.max(...scene.boxes.map((box) => box.y + box.height)) + 26;
  panels.forEach((panel, at) => {
    const box = scene.boxes[at];
    const limit = limitOf(panel.values);
    const colour = panel.isShare ? weightColour(colours) : signedColour(colours, limit);
    const hidden = colours.isDark ? [70, 70, 70] : [205, 205, 205];
    const heat = paintHeat(panel.values, panel.columns, (v) =>
      Number.isFinite(v) ? colour(v) : hidden,
    );
    drawHeat(pen, heat, box, colours);
    drawLabels(pen, scene, panel, box);
    drawFocus(pen, scene, panel, { ...box, bottom });
  });
}

function drawLabels(pen, { colours, focus }, panel, box) {
  const middle = box.y + box.height / 2;
  if (panel.sign) {
    const x = box.x - 20 - 11 * Math.max(...panel.labels.map((word) => word.length));
    write(pen, panel.sign, x, middle, {
      size: 20,
      align: "right",
      colour: colours.ink,
      bold: true,
    });
  }
  const up = panel.above ? 34 : 14;
  write(pen, panel.name, box.x, box.y - up, { size: 18, colour: colours.ink, bold: true });
  const size = Math.min(18, 0.95 * box.cell);
  const here = panel.rowOf(focus);
  panel.labels.forEach((word, row) => {
    const isHere = row === here;
    const colour = isHere ? colours.wrong : colours.quiet;
    const look = {
      size: isHere ? Math.max(size, 15) : size,
      align: "right",
      colour,
      bold: isHere,
      font: "monospace",
    };
    write(pen, visible(word), box.x - 6, box.y + (row + 0.5) * box.cell, look);
  });
  const step = box.width / panel.columns;
  (panel.above ?? []).forEach((word, at) => {
    const look = {
      size: Math.min(18, 1.3 * step),
      align: "center",
      colour: colours.quiet,
      font: "monospace",
    };
    write(pen, shorten(word, step), box.x + (at + 0.5) * step, box.y - 11, look);
  });
}

function shorten(word, room) {
  return word.length > 1 && 11 * word.length > room ? word[0] : visible(word);
}

// The chosen row, framed; below the panel its numbers, read from the array.
function drawFocus(pen, { colours, focus }, panel, box) {
  const row = panel.rowOf(focus);
  pen.lineWidth = 2.5;
  pen.strokeStyle = colours.wrong;
  pen.strokeRect(box.x, box.y + row * box.cell, box.width, box.cell);
  const values = panel.values.subarray(row * panel.columns, (row + 1) * panel.columns);
  const heat = paintHeat(
    values,
    panel.columns,
    panel.isShare ? weightColour(colours) : signedColour(colours, limitOf(panel.values)),
  );
  drawHeat(pen, heat, { x: box.x, y: box.bottom - 14, width: box.width, height: 12 }, colours);
  const text = panel.above ? largest(values, panel.above) : firstNumbers(values, box.width);
  write(pen, text, box.x, box.bottom + 14, { size: 17, colour: colours.ink, font: "monospace" });
}

function firstNumbers(values, width) {
  const room = Math.max(1, Math.floor(width / 62));
  const shown = Array.from(values.subarray(0, room), digits).join(" ");
  return values.length > room ? `${shown} …` : shown;
}

// The largest scores or shares and where they go; all the rest is in the table.
function largest(values, above) {
  const best = Array.from(values, (value, at) => [value, at]).sort((a, b) => b[0] - a[0]);
  return best
    .slice(0, 3)
    .map(([value, at]) => `${visible(above[at])} ${digits(value)}`)
    .join("  ");
}

// One word and what was written from it: lines from each token to the letters it looked at.
function drawAlignment(pen, { colours, lines }, walk, done, { x, y, width, height }) {
  const step = width / Math.max(walk.source.length, 8);
  const size = Math.min(44, 1.5 * step);
  const place = (key) => x + (key + 0.5) * step + (width - step * walk.source.length) / 2;
  const [top, low] = [y + 0.1 * height, y + 0.66 * height];
  const slot = (width * 0.8) / walk.written.length;
  const under = (row) => x + 0.1 * width + (row + 0.5) * slot;
  for (let row = 0; row < done; row++) {
    const isNew = row === done - 1;
    const colour = LINES[row % LINES.length];
    alignmentOf(walk, row, lines).forEach((share, key) => {
      if (share < 0.02) return;
      drawLink(pen, [place(key), top + size * 0.7], [under(row), low - 46], share, {
        thick: isNew ? 34 : 16,
        colour,
        bend: "down",
      });
    });
    write(pen, walk.written[row], under(row), low, {
      size: walk.written[row].length > 1 ? 34 : 84,
      align: "center",
      colour,
      bold: true,
    });
    const share =
      walk.arrays.predict[row * walk.choices.length + walk.choices.indexOf(walk.written[row])];
    write(pen, percent(share), under(row), low + 56, {
      size: 17,
      align: "center",
      colour: colours.quiet,
    });
  }
  const strongest = done ? alignmentOf(walk, done - 1, lines) : [];
  walk.source.forEach((word, key) => {
    const isSeen = strongest[key] > 0.1;
    const colour = isSeen ? LINES[(done - 1) % LINES.length] : colours.ink;
    write(pen, visible(word), place(key), top, {
      size,
      align: "center",
      colour,
      bold: isSeen,
      font: "monospace",
    });
  });
  drawMap(pen, { colours, lines }, walk, done, {
    x: place(0) - step / 2,
    y: low + 80,
    step,
    width: step * walk.source.length,
    height: height - (low - y) - 90,
  });
}

// The same as a map: a row a token, under the letters; reading order makes a diagonal.
function drawMap(pen, { colours, lines }, walk, done, { x, y, step, width, height }) {
  const cell = height / walk.written.length;
  for (let row = 0; row < walk.written.length; row++) {
    const box = { x, y: y + row * cell, width, height: cell };
    const shares =
      row < done ? alignmentOf(walk, row, lines) : new Float32Array(walk.source.length);
    drawHeat(pen, paintHeat(shares, shares.length, weightColour(colours)), box, colours);
    if (row < done)
      write(pen, walk.written[row], x - 8, box.y + cell / 2, {
        size: Math.min(18, cell, 36 / walk.written[row].length),
        align: "right",
        colour: LINES[row % LINES.length],
        bold: true,
      });
  }
}
