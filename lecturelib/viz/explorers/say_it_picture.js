// Say it yourself, drawn: sound under its mask, codes, CTC's posteriors with their best path, and
// the letters of that path, all on one axis of time.

// Where the rows of one listener stand, in CSS pixels; `x(frame)` is a frame's left edge.
function rowsOf(heard, { hop, seconds }, { width, height, em }) {
  const left = 3.6 * em;
  const wide = width - left - 0.6 * em;
  const x = (frame) => left + (frame * hop * wide) / seconds;
  const lines = heard.codes ? heard.codes.length : 1;
  const sound = { y: 1.6 * em, height: 2.6 * em };
  const codes = { y: sound.y + sound.height + 0.4 * em, height: 1.5 * em * lines };
  const letters = { y: codes.y + codes.height + 1.6 * em, height: 1.8 * em };
  const ctc = { y: letters.y + letters.height };
  ctc.height = Math.max(height - ctc.y - 1.9 * em, 4 * em);
  return { left, wide, x, sound, codes, letters, ctc };
}

// The frame under the pointer, -1 beside the picture.
function frameAt(heard, places, x) {
  const frame = Math.floor((x - places.left) / (places.x(1) - places.left));
  return frame >= 0 && frame < heard.frames ? frame : -1;
}

function drawHearing(pen, scene, { width, height }, colours) {
  const { heard, outline, cursor } = scene;
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const places = rowsOf(heard, scene, { width, height, em });
  const tools = { pen, em, places, colours };
  drawSound(tools, heard, outline);
  drawCodes(tools, heard);
  drawPosteriors(tools, heard);
  drawLetters(tools, heard);
  drawSeconds(tools, scene, height);
  if (cursor >= 0 && cursor < heard.frames) drawCursor(tools, cursor);
  const says = cursor >= 0 && cursor < heard.frames ? frameText(heard, cursor, scene.hop) : "";
  const plain = "CTC: what each frame hears; the line is the best path";
  caption(tools, says || plain, places.letters, says);
}

function caption({ pen, em, places, colours }, text, row, isBold) {
  const look = { size: em, colour: isBold ? colours.ink : colours.quiet, bold: Boolean(isBold) };
  write(pen, text, places.left, row.y - 0.8 * em, look);
}

// Runs of equal values: [value, first, last].
function runsOf(values) {
  const runs = [];
  values.forEach((value, at) => {
    const last = runs[runs.length - 1];
    if (last && last[0] === value) last[2] = at;
    else runs.push([value, at, at]);
  });
  return runs;
}

function drawSound(tools, heard, outline) {
  const { pen, places, colours } = tools;
  const box = { x: places.left, width: places.wide, ...places.sound };
  const spans = runsOf([...heard.hidden]).filter(([isHidden]) => isHidden);
  Object.assign(pen, { fillStyle: colours.quiet, globalAlpha: 0.4 });
  for (const [, first, last] of spans) {
    pen.fillRect(places.x(first), box.y, places.x(last + 1) - places.x(first), box.height);
  }
  pen.globalAlpha = 1;
  drawOutline(pen, outline, box, css(BLUE[colours.isDark ? "dark" : "light"]));
  const share = spans.reduce((sum, [, first, last]) => sum + last - first + 1, 0) / heard.frames;
  const sums = `the sound; grey: what the mask hides in pre-training, ${percent(share)}`;
  caption(tools, sums, places.sound);
}

// One colour a code; its number where the run is wide enough to read it.
function drawCodes(tools, heard) {
  const { pen, em, places, colours } = tools;
  const note = { size: 0.9 * em, colour: colours.quiet };
  if (!heard.codes) return write(pen, "no codes", places.left, places.codes.y + 0.7 * em, note);
  heard.codes.forEach((group, line) => {
    const y = places.codes.y + 1.5 * em * line;
    const name = `code ${line + 1}`;
    write(pen, name, places.left - 0.4 * em, y + 0.7 * em, { ...note, align: "right" });
    for (const [code, first, last] of runsOf([...group])) {
      const [from, to] = [places.x(first), places.x(last + 1)];
      const colour = CLASS_COLOURS[code % CLASS_COLOURS.length];
      pen.fillStyle = colour;
      pen.fillRect(from, y, to - from, 1.4 * em);
      pen.fillStyle = colours.paper; // equal colours of two codes stay apart
      pen.fillRect(from, y, 1, 1.4 * em);
      const look = { size: 0.8 * em, align: "center", colour: inkOn(colour) };
      pen.font = `${look.size}px sans-serif`;
      const isWide = pen.measureText(code).width < to - from - 4;
      if (isWide) write(pen, code, (from + to) / 2, y + 0.7 * em, look);
    }
  });
}

// Blue: characters; grey: the blank. The line goes through the likeliest of every frame.
function drawPosteriors(tools, heard) {
  const { pen, em, places, colours } = tools;
  const { rows, frames, signs, p } = heard;
  const [x, y, high] = [places.left, places.ctc.y, places.ctc.height / rows.length];
  const width = places.x(frames) - x;
  const blue = weightColour(colours);
  const [paper, quiet] = [colours.paper, colours.isDark ? "rgb(160,160,160)" : "rgb(118,118,118)"];
  const grey = (share) => mix(channels(paper), channels(quiet), 0.75 * share);
  const share = (row, at) => p[at * signs.length + row] / 255;
  const shares = (row) => Array.from({ length: frames }, (_, at) => share(row, at));
  const letters = paintHeat(rows.slice(0, -1).flatMap(shares), frames, blue);
  const top = high * (rows.length - 1);
  if (rows.length > 1) drawHeat(pen, letters, { x, y, width, height: top }, colours);
  const blank = { x, y: y + top, width, height: high };
  drawHeat(pen, paintHeat(shares(0), frames, grey), blank, colours);
  rows.forEach((row, at) => {
    const look = { size: Math.min(1.2 * em, 0.9 * high), bold: row > 0, align: "right" };
    const sign = { ...look, colour: row ? colours.ink : colours.quiet };
    write(pen, signs[row], x - 0.4 * em, y + (at + 0.5) * high, sign);
  });
  drawPath(tools, heard, high);
}

function bestOf({ p, signs }, frame) {
  const own = p.subarray(frame * signs.length, (frame + 1) * signs.length);
  return Array.from(own.keys()).sort((a, b) => own[b] - own[a]);
}

function drawPath({ pen, em, places, colours }, heard, high) {
  const orange = css(ORANGE[colours.isDark ? "dark" : "light"]);
  pen.beginPath();
  heard.path.forEach((row, frame) => {
    const place = heard.rows.indexOf(row);
    if (place < 0) return; // a thirteenth character
    const y = places.ctc.y + (place + 0.5) * high;
    pen.lineTo(places.x(frame) + 1, y);
    pen.lineTo(places.x(frame + 1) - 1, y);
  });
  Object.assign(pen, { lineWidth: 0.13 * em, lineJoin: "round", strokeStyle: orange }).stroke();
}

// The letters of the best path above their frames, as large as their neighbours allow.
function drawLetters({ pen, em, places, colours }, { letters, signs }) {
  const middles = letters.map(([, first, last]) => (places.x(first) + places.x(last + 1)) / 2);
  letters.forEach(([sign], at) => {
    const [before, after] = [middles[at - 1] ?? -1e6, middles[at + 1] ?? 1e6];
    const nearest = Math.min(middles[at] - before, after - middles[at]);
    const size = Math.max(Math.min(1.7 * em, 1.3 * nearest), 0.8 * em);
    const look = { size, align: "center", bold: true, colour: colours.ink };
    write(pen, signs[sign], middles[at], places.letters.y + 0.9 * em, look);
  });
}

function drawSeconds({ pen, em, places, colours }, { hop, seconds }, height) {
  const step = [0.1, 0.2, 0.5, 1, 2].find((one) => seconds / one <= 10) ?? 2;
  for (let at = 0; at <= Math.floor(seconds / step + 1e-6); at++) {
    const x = places.x((at * step) / hop);
    pen.fillStyle = colours.quiet;
    pen.fillRect(x, height - 1.9 * em, 1, 0.4 * em);
    const text = `${(at * step).toFixed(step < 1 ? 1 : 0)}${at ? "" : " s"}`;
    const look = { size: 0.9 * em, colour: colours.quiet, align: "center" };
    write(pen, text, x, height - 0.8 * em, look);
  }
}

function drawCursor({ pen, em, places, colours }, frame) {
  const [from, to] = [places.x(frame), places.x(frame + 1)];
  Object.assign(pen, { strokeStyle: colours.ink, lineWidth: Math.max(1.5, 0.1 * em) });
  const { sound, codes, ctc } = places;
  const spans = [[sound.y, codes.y + codes.height], [ctc.y, ctc.y + ctc.height]];
  for (const [top, bottom] of spans) {
    pen.strokeRect(from, top, Math.max(to - from, 2), bottom - top);
  }
}
