// Three worlds, drawn: what is hidden, the teacher's targets and the student's predictions as colours.

const COVER = "#8a8a8a"; // what the student may not see

const DRAW = { speech: drawSpeech, images: drawImages, text: drawText };

function drawWorld(pen, scene, width, height, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  DRAW[scene.panel.kind](pen, scene, { width, height, em }, colours);
}

// One place's colour; null: nothing is predicted there.
function colourAt(bytes, at) {
  return `rgb(${bytes[3 * at]},${bytes[3 * at + 1]},${bytes[3 * at + 2]})`;
}

// What is said of each place: "targets" of all, "predictions" where it is hidden.
function fillPlace(pen, { look }, name, at, [x, y, wide, high], { quiet }) {
  if (name === "targets" || look.hidden[at]) {
    pen.fillStyle = colourAt(look[name], at);
    pen.fillRect(x, y, wide, high);
  } else {
    Object.assign(pen, { fillStyle: quiet, globalAlpha: 0.12 });
    pen.fillRect(x, y, wide, high);
    pen.globalAlpha = 1;
  }
}

const ROWS = [
  ["targets", "teacher’s target"],
  ["predictions", "student’s prediction, where hidden"],
];

// The sound's loudness, grey where it is hidden; below it a strip of targets, one of predictions.
function drawSpeech(pen, scene, { width, height, em }, colours) {
  const { panel, look } = scene;
  const wide = width / look.hidden.length;
  const label = { size: em, colour: colours.ink };
  const high = (height - 3 * 1.6 * em) / 4;
  write(pen, "what the student hears; grey: hidden", 0, 0.8 * em, label);
  const [top, middle] = [1.6 * em, 1.6 * em + high];
  look.hidden.forEach((isHidden, at) => {
    if (!isHidden) return;
    Object.assign(pen, { fillStyle: COVER, globalAlpha: 0.35 });
    pen.fillRect(at * wide, top, wide + 0.5, 2 * high);
    pen.globalAlpha = 1;
  });
  const blue = css(BLUE[colours.isDark ? "dark" : "light"]);
  panel.bytes.forEach((byte, at) => {
    const loud = Math.max(1, (byte / 255) * high);
    pen.fillStyle = look.hidden[Math.floor(at / panel.bars)] ? COVER : blue;
    pen.fillRect((at * wide) / panel.bars, middle - loud, (0.8 * wide) / panel.bars, 2 * loud);
  });
  ROWS.forEach(([name, text], row) => {
    const y = top + 2 * high + row * (high + 1.6 * em);
    write(pen, text, 0, y + 0.8 * em, label);
    look.hidden.forEach((_, at) => {
      fillPlace(pen, scene, name, at, [at * wide, y + 1.6 * em, wide + 0.5, high], colours);
    });
  });
}

// Three squares: the picture with its cover, the targets, the predictions.
function drawImages(pen, scene, { width, height, em }, colours) {
  const { panel, look } = scene;
  const gap = 0.8 * em;
  const side = Math.min((width - 2 * gap) / 3, height - 1.6 * em);
  const cell = side / panel.across;
  const corner = (row) => (width - 3 * side - 2 * gap) / 2 + row * (side + gap);
  const top = 1.6 * em;
  const label = { size: 0.95 * em, colour: colours.ink, align: "center" };
  const texts = ["grey: hidden", "teacher", "student"];
  texts.forEach((text, row) => write(pen, text, corner(row) + side / 2, 0.8 * em, label));
  pen.imageSmoothingEnabled = false;
  pen.drawImage(panel.picture, corner(0), top, side, side);
  look.hidden.forEach((isHidden, at) => {
    const [x, y] = [(at % panel.across) * cell, top + Math.floor(at / panel.across) * cell];
    const box = (row) => [corner(row) + x, y, cell + 0.5, cell + 0.5];
    pen.fillStyle = COVER;
    if (isHidden) pen.fillRect(...box(0));
    ROWS.forEach(([name], row) => fillPlace(pen, scene, name, at, box(row + 1), colours));
  });
}

// Lines of words; below each word its target and its prediction.
function drawText(pen, scene, { width, height, em }, colours) {
  const { panel, look } = scene;
  const lines = linesOf(pen, panel.seen, width, em);
  const high = (height - 1.6 * em) / lines.length;
  const label = { size: Math.min(em, width / 30), colour: colours.ink };
  write(pen, "grey: hidden. Below it: teacher’s target, student’s prediction", 0, 0.8 * em, label);
  lines.forEach((line, row) => {
    const y = 1.6 * em + row * high;
    for (const { at, x, wide } of line) {
      const [word, strip] = [0.4 * high, 0.24 * high];
      pen.fillStyle = COVER;
      if (look.hidden[at]) pen.fillRect(x, y, wide, word);
      const colour = look.hidden[at] ? "#000000" : colours.ink;
      const size = Math.min(1.05 * em, 0.8 * word);
      const text = { size, align: "center", colour, bold: look.hidden[at] };
      write(pen, panel.seen[at], x + wide / 2, y + word / 2, text);
      ROWS.forEach(([name], below) => {
        fillPlace(pen, scene, name, at, [x, y + word + below * strip, wide, strip - 1], colours);
      });
    }
  });
}

// Pieces from left to right, as many in a line as fit.
function linesOf(pen, pieces, width, em) {
  pen.font = `bold ${1.05 * em}px sans-serif`;
  const lines = [[]];
  let x = 0;
  pieces.forEach((piece, at) => {
    const wide = Math.max(2 * em, pen.measureText(piece).width + 0.4 * em);
    if (x + wide > width && x) {
      lines.push([]);
      x = 0;
    }
    lines[lines.length - 1].push({ at, x, wide: Math.min(wide, width) });
    x += wide + 0.25 * em;
  });
  return lines;
}

// Three small charts side by side; the run before as a thin shadow. Both variances share one scale.
function drawCurves(pen, { rows, before }, width, height, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const all = [...rows, ...before];
  const last = Math.max(...all.map(([step]) => step), 1);
  const most = Math.max(...all.flatMap(([, , target, prediction]) => [target, prediction]), 1e-9);
  const ranges = [[Math.max(-1, Math.min(0, ...all.map(([, r2]) => r2))), 1], [0, most], [0, most]];
  const gap = 1.2 * em;
  const wide = (width - 2 * gap) / 3;
  ranges.forEach(([low, high], chart) => {
    const [left, top, floor] = [chart * (wide + gap), 0.3 * em, height - 1.3 * em];
    const x = (step) => left + (step / last) * wide;
    const y = (value) => floor - ((Math.max(low, value) - low) / (high - low)) * (floor - top);
    pen.fillStyle = colours.quiet;
    pen.fillRect(left, y(0), wide, 1);
    pen.fillRect(left, top, 1, floor - top);
    const text = chart ? `0 to ${round(high)}` : `${low ? round(low) : 0} to 1`;
    const look = { size: Math.min(0.8 * em, wide / 9), colour: colours.quiet };
    write(pen, text, left, height - 0.55 * em, look);
    write(pen, `${last} steps`, left + wide, height - 0.55 * em, { ...look, align: "right" });
    const blue = css(BLUE[colours.isDark ? "dark" : "light"]);
    for (const [points, colour, thick] of [[before, colours.quiet, 0.12], [rows, blue, 0.28]]) {
      pen.beginPath();
      points.forEach((row) => pen.lineTo(x(row[0]), y(row[chart + 1])));
      Object.assign(pen, { lineWidth: thick * em, lineJoin: "round", strokeStyle: colour }).stroke();
    }
  });
}
