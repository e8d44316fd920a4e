// The same voice?, drawn: all trials' scores above the slider, and the DET curve.

const SIDES = ["first", "second"];

function kindColours({ isDark }) {
  return [ORANGE, BLUE].map((one) => css(one[isDark ? "dark" : "light"]));
}

// A score's place above the slider: the same as that of the slider's thumb, which is 1.5 em wide.
function scorePlace({ thresholds }, em, width) {
  const [low, high] = [thresholds[0], thresholds[thresholds.length - 1]];
  return (score) => {
    const part = Math.min(Math.max((score - low) / (high - low), 0), 1);
    return 0.75 * em + part * (width - 1.5 * em);
  };
}

// Pale: what the threshold decides rightly. Solid, and above it: errors.
function drawScores(pen, { about, at, result }, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const [place, floor, top] = [scorePlace(about, em, width), height - 0.3 * em, 3.6 * em];
  const stops = about.thresholds.map(place);
  const most = Math.max(...about.heights.flat());
  // One kind's bars on one side of the threshold; side 1 is at or above it.
  const bars = (kind, side, alpha) => {
    Object.assign(pen, { fillStyle: kindColours(colours)[kind], globalAlpha: alpha });
    about.heights[kind].forEach((share, bin) => {
      const [left, right] = [stops[2 * bin], stops[2 * bin + 2]];
      const cut = Math.min(Math.max(stops[at], left), right);
      const [from, to] = side ? [cut, right] : [left, cut];
      const high = (share / most) * (floor - top);
      pen.fillRect(from, floor - high, to - from, high);
    });
  };
  [0, 1].forEach((kind) => bars(kind, kind, 0.4));
  [0, 1].forEach((kind) => bars(kind, 1 - kind, 1));
  pen.globalAlpha = 1;
  nameKinds(pen, { em, width }, colours);
  drawThreshold(pen, { x: stops[at], top: 2.2 * em, floor, em, colours });
  drawPair(pen, { x: place(result.score), y: floor, em, colours });
}

function nameKinds(pen, { em, width }, colours) {
  const look = { size: 1.1 * em, bold: true };
  const [different, same] = kindColours(colours);
  write(pen, "different voices", 0.75 * em, em, { ...look, colour: different });
  write(pen, "same voice", width - 0.75 * em, em, { ...look, colour: same, align: "right" });
  const note = { size: 0.9 * em, colour: colours.quiet, align: "center" };
  write(pen, "solid: errors · pin: your pair", width / 2, em, note);
}

function drawThreshold(pen, { x, top, floor, em, colours }) {
  pen.fillStyle = colours.ink;
  pen.fillRect(x - 0.12 * em, top, 0.24 * em, floor - top + 0.3 * em);
}

// This pair, as a pin on the axis.
function drawPair(pen, { x, y, em, colours }) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.arc(x, y - 2 * em, 0.7 * em, 0.8 * Math.PI, 0.2 * Math.PI);
  pen.closePath();
  pen.lineWidth = 0.2 * em;
  pen.strokeStyle = colours.paper;
  pen.fillStyle = colours.ink;
  pen.fill();
  pen.stroke();
}

function drawDet(pen, { about, at }, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const side = Math.min(width - 4.5 * em, height - 4 * em);
  const corner = [width - side - em, em];
  const part = (value) => (value - about.range[0]) / (about.range[1] - about.range[0]);
  const place = (x, y) => [corner[0] + side * part(x), corner[1] + side * (1 - part(y))];
  drawGrid(pen, about, { corner, side, em, place }, colours);
  pen.beginPath();
  about.curve[0].forEach((x, stop) => pen.lineTo(...place(x, about.curve[1][stop])));
  Object.assign(pen, { lineWidth: 0.2 * em, lineJoin: "round", strokeStyle: colours.ink }).stroke();
  const [x, y] = place(about.curve[0][at], about.curve[1][at]);
  for (const [radius, colour] of [[0.8, colours.paper], [0.62, kindColours(colours)[1]]]) {
    pen.beginPath();
    pen.arc(x, y, radius * em, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
  }
}

// Both axes are stretched as Gaussian quantiles; the dashed line is where the two rates are equal.
function drawGrid(pen, about, { corner, side, em, place }, colours) {
  const [low, high] = about.range;
  const line = (from, to) => {
    pen.beginPath();
    pen.moveTo(...place(...from));
    pen.lineTo(...place(...to));
    pen.stroke();
  };
  Object.assign(pen, { strokeStyle: colours.quiet, lineWidth: 1, globalAlpha: 0.5 });
  const look = { size: 0.85 * em, colour: colours.quiet };
  for (const [text, mark] of about.marks) {
    pen.globalAlpha = 0.5;
    line([mark, low], [mark, high]);
    line([low, mark], [high, mark]);
    pen.globalAlpha = 1;
    const [x, y] = [place(mark, low)[0], place(low, mark)[1]];
    write(pen, text, x, corner[1] + side + 0.8 * em, { ...look, align: "center" });
    write(pen, text, corner[0] - 0.4 * em, y, { ...look, align: "right" });
  }
  pen.setLineDash([0.5 * em, 0.4 * em]);
  pen.lineWidth = 2;
  line([low, low], [high, high]);
  pen.setLineDash([]);
  const title = { size: em, colour: colours.ink, align: "center" };
  write(pen, "false alarms, %", corner[0] + side / 2, corner[1] + side + 2.1 * em, title);
  pen.save();
  pen.translate(corner[0] - 2.9 * em, corner[1] + side / 2);
  pen.rotate(-Math.PI / 2);
  write(pen, "misses, %", 0, 0, title);
  pen.restore();
}
