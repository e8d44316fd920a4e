// Listen to a code, drawn: a group's codes across, training downwards, the use now as bars above.

// How much a code is used beside the others: half for its fair share, all for four times as much.
const shadeOf = (share, codes) => Math.min(1, Math.sqrt(share * codes) / 2);

// Where each group's block stands: bars, then a heat map of all snapshots where there are several.
function blocksOf({ size }, width, height, em) {
  const [snapshots, groups] = size;
  const [left, title] = [3.6 * em, 1.5 * em];
  const high = height / groups;
  return Array.from({ length: groups }, (_, group) => {
    const top = group * high + title;
    const room = high - title - 0.6 * em;
    const bars = snapshots > 1 ? 0.34 * room : room;
    const wide = width - left - 0.6 * em;
    return {
      bars: { x: left, y: top, width: wide, height: bars },
      heat: { x: left, y: top + bars + 0.3 * em, width: wide, height: room - bars - 0.3 * em },
    };
  });
}

function paintUse({ size: [snapshots, groups, codes] }, share, colours) {
  const colour = weightColour(colours);
  return Array.from({ length: groups }, (_, group) => {
    const rows = Array.from({ length: snapshots }, (_, at) => {
      const start = (at * groups + group) * codes;
      return [...share.subarray(start, start + codes)];
    });
    return paintHeat(rows.flat(), codes, (one) => colour(shadeOf(one, codes)));
  });
}

// `panel`: its book, shares, snapshot and chosen code.
function drawUse(pen, panel, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const { book, share, at } = panel;
  const [snapshots, groups, codes] = book.size;
  panel.blocks = blocksOf(book, width, height, em);
  if (panel.theme !== colours.paper) panel.heat = paintUse(book, share, colours);
  panel.theme = colours.paper;
  panel.blocks.forEach(({ bars, heat }, group) => {
    const name = groups > 1 ? `group ${group + 1} of ${groups}: ` : "";
    const text = `${name}codes 0 to ${codes - 1}`;
    write(pen, text, bars.x, bars.y - 0.8 * em, { size: 1.05 * em, colour: colours.ink });
    const start = (at * groups + group) * codes;
    const now = share.subarray(start, start + codes);
    drawBars(pen, now, bars, { em, colours });
    if (snapshots > 1) drawSnapshots(pen, panel, { heat, group, em, colours });
  });
  drawChoice(pen, panel, { em, colours });
}

function drawBars(pen, now, { x, y, width, height }, { em, colours }) {
  const most = Math.max(...now);
  const wide = width / now.length;
  pen.fillStyle = css(BLUE[colours.isDark ? "dark" : "light"]);
  now.forEach((share, code) => {
    const high = (share / most) * height;
    pen.fillRect(x + code * wide, y + height - high, Math.max(1, 0.85 * wide), high);
  });
  pen.fillStyle = colours.quiet;
  pen.fillRect(x, y + height, width, 1);
  const look = { size: 0.85 * em, colour: colours.quiet, align: "right" };
  write(pen, `${(100 * most).toFixed(most < 0.1 ? 1 : 0)} %`, x - 0.3 * em, y + 0.5 * em, look);
}

// Snapshots that are still to come are pale.
function drawSnapshots(pen, { book, heat: sheets, at }, { heat, group, em, colours }) {
  const { steps } = book;
  drawHeat(pen, sheets[group], heat, colours);
  const row = heat.height / steps.length;
  const end = heat.y + (at + 1) * row;
  Object.assign(pen, { fillStyle: colours.paper, globalAlpha: 0.8 });
  pen.fillRect(heat.x, end, heat.width, heat.y + heat.height - end);
  Object.assign(pen, { globalAlpha: 1, strokeStyle: colours.ink, lineWidth: 2 });
  pen.strokeRect(heat.x, end - row, heat.width, row);
  const look = { size: 0.85 * em, align: "right" };
  const place = (step) => heat.y + (step + 0.5) * row;
  const here = Math.min(Math.max(place(at), heat.y + 0.4 * em), heat.y + heat.height - 0.4 * em);
  const now = { ...look, colour: colours.ink, bold: true };
  write(pen, stepText(steps[at]), heat.x - 0.3 * em, here, now);
}

const stepText = (step) => (step < 10000 ? String(step) : `${Math.round(step / 1000)}k`);

// The chosen code: a frame round its column.
function drawChoice(pen, { book, blocks, chosen }, { em, colours }) {
  const [group, code] = chosen;
  const { bars, heat } = blocks[group];
  const wide = bars.width / book.size[2];
  const bottom = book.size[0] > 1 ? heat.y + heat.height : bars.y + bars.height;
  const [x, thick] = [bars.x + code * wide, Math.max(wide, 3)];
  pen.lineWidth = 0.2 * em;
  pen.strokeStyle = css(ORANGE[colours.isDark ? "dark" : "light"]);
  pen.strokeRect(x, bars.y - 0.1 * em, thick, bottom - bars.y + 0.2 * em);
}

// The code under the pointer: [group, code], or null beside all blocks.
function codeAt({ book, blocks }, x, y) {
  const [, groups, codes] = book.size;
  const below = blocks.findIndex(({ heat }) => y < heat.y + heat.height + 4);
  const group = below < 0 ? groups - 1 : below;
  const { bars } = blocks[group];
  const code = Math.floor(((x - bars.x) / bars.width) * codes);
  return code >= 0 && code < codes ? [group, code] : null;
}

// Eight places of a code, four in a row: the outline, who speaks, what is said.
function placesAt(width, height, em) {
  const [wide, high] = [width / 4, height / 2];
  return Array.from({ length: 8 }, (_, at) => {
    const [x, y] = [(at % 4) * wide + 0.3 * em, Math.floor(at / 4) * high + 0.3 * em];
    return { x, y, width: wide - 0.6 * em, height: high - 0.6 * em };
  });
}

function drawPlaces(pen, { pieces, heard }, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  placesAt(width, height, em).forEach((cell, at) => {
    if (at >= pieces.length) return;
    const { outline, speaker, text } = pieces[at];
    const tall = cell.height - 1.5 * em;
    drawPiece(pen, numbers(outline), { ...cell, height: tall }, colours);
    const isHeard = at === heard;
    pen.lineWidth = (isHeard ? 0.25 : 0.06) * em;
    pen.strokeStyle = isHeard ? colours.ink : colours.quiet;
    pen.strokeRect(cell.x, cell.y, cell.width, tall);
    const words = fitting(pen, `${speaker}: ${text}`, cell.width, 0.85 * em);
    const look = { size: 0.85 * em, colour: colours.ink };
    write(pen, words, cell.x, cell.y + tall + 0.8 * em, look);
  });
  if (pieces.length) return;
  const look = { size: 1.1 * em, align: "center", colour: colours.quiet };
  write(pen, "No frame chose this code.", width / 2, height / 2, look);
}

// Perplexity over training: hard as a line, soft dashed, the most there can be dotted.
function drawPerplexity(pen, { book, at }, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const [snapshots, groups, codes] = book.size;
  const [left, right, top, floor] = [2.6 * em, width - 0.8 * em, em, height - 1.6 * em];
  const x = (step) => left + (snapshots > 1 ? step / (snapshots - 1) : 0.5) * (right - left);
  const y = (value) => floor - (value / (groups * codes)) * (floor - top);
  const line = (values, dash, colour) => {
    pen.beginPath();
    pen.setLineDash(dash);
    values.forEach((value, step) => pen.lineTo(x(step), y(value)));
    Object.assign(pen, { lineWidth: 0.2 * em, strokeStyle: colour }).stroke();
    pen.setLineDash([]);
  };
  const look = { size: 0.9 * em, colour: colours.quiet };
  for (const value of [0, groups * codes]) {
    pen.fillStyle = colours.quiet;
    pen.fillRect(left, y(value), right - left, 1);
    write(pen, value, left - 0.3 * em, y(value), { ...look, align: "right" });
  }
  const blue = css(BLUE[colours.isDark ? "dark" : "light"]);
  line(book.soft, [0.5 * em, 0.4 * em], blue);
  line(book.hard, [], colours.ink);
  pen.beginPath();
  pen.arc(x(at), y(book.hard[at]), 0.5 * em, 0, 2 * Math.PI);
  pen.fillStyle = css(ORANGE[colours.isDark ? "dark" : "light"]);
  pen.fill();
  const text = `step ${stepText(book.steps[0])} to ${stepText(book.steps[snapshots - 1])}`;
  write(pen, text, (left + right) / 2, height - 0.7 * em, { ...look, align: "center" });
}
