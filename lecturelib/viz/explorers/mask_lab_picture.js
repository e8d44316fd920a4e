// The mask lab, drawn: a clip with its hidden spans, and the share that each number hides.

// A frame's left edge in the picture, and the frame under a place.
const edgeOf = ({ frames }, width) => (frame) => (frame * width) / frames;
const frameAt = ({ frames }, x, width) => {
  return Math.min(Math.max(Math.floor((x * frames) / width), 0), frames - 1);
};

// The hidden stretches: first frame, and how many.
function spansOf(hidden) {
  const spans = [];
  hidden.forEach((isHidden, at) => {
    if (isHidden && !hidden[at - 1]) spans.push({ from: at, long: 0 });
    if (isHidden) spans[spans.length - 1].long += 1;
  });
  return spans;
}

function drawClip(pen, scene, width, height, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const place = { edge: edgeOf(scene, width), em, top: 1.9 * em, floor: height - 3 * em };
  for (const { from, long } of spansOf(scene.hidden)) drawSpan(pen, from, long, place, colours);
  drawLoudness(pen, scene, place, colours);
  drawFrames(pen, scene, place, colours);
  drawSeconds(pen, scene, { ...place, width, height }, colours);
  drawBrush(pen, scene, place, colours);
}

// One hidden stretch: grey over the sound, its length above.
function drawSpan(pen, from, long, { edge, em, top, floor }, colours) {
  const [left, wide] = [edge(from), edge(from + long) - edge(from)];
  pen.fillStyle = "#707070";
  pen.fillRect(left, top, wide, floor - top);
  const look = { size: 1.3 * em, bold: true, align: "center", colour: colours.ink };
  pen.font = `bold ${look.size}px sans-serif`;
  const text = String(long);
  if (pen.measureText(text).width < wide) write(pen, text, left + wide / 2, top - em, look);
}

function drawLoudness(pen, { loud, bars, hidden }, { edge, top, floor }, { isDark }) {
  const blue = css(BLUE[isDark ? "dark" : "light"]);
  const middle = (top + floor) / 2;
  loud.forEach((byte, at) => {
    const [left, right] = [edge(at / bars), edge((at + 1) / bars)];
    const high = Math.max(1, (byte / 255) * (floor - top - 4));
    pen.fillStyle = hidden[Math.floor(at / bars)] ? "#9c9c9c" : blue;
    pen.fillRect(left, middle - high / 2, Math.max(0.5, 0.8 * (right - left)), high);
  });
}

// What the Transformer gets: a vector a frame, the same learned one wherever a frame is hidden.
function drawFrames(pen, { hidden }, { edge, em, floor }, { isDark, paper }) {
  const [top, high] = [floor + 0.4 * em, 1.1 * em];
  const blue = css(BLUE[isDark ? "dark" : "light"]);
  hidden.forEach((isHidden, at) => {
    const [left, wide] = [edge(at), edge(at + 1) - edge(at)];
    Object.assign(pen, { fillStyle: isHidden ? "#707070" : blue, globalAlpha: isHidden ? 1 : 0.5 });
    pen.fillRect(left, top, wide, high);
    Object.assign(pen, { globalAlpha: 1, strokeStyle: paper, lineWidth: 1 });
    if (wide > 4) pen.strokeRect(left, top, wide, high);
  });
}

function drawSeconds(pen, { frames }, { edge, em, width, height }, { quiet }) {
  const look = { size: 0.9 * em, colour: quiet };
  const step = frames > 400 ? 100 : 25; // frames of 20 ms
  for (let frame = step; edge(frame) < width - 4 * em; frame += step) {
    const text = `${(frame / 50).toFixed(1)} s`;
    write(pen, text, edge(frame), height - 0.7 * em, { ...look, align: "center" });
  }
  write(pen, "frames of 20 ms", 0, height - 0.7 * em, look);
}

// The frame that Enter starts a span at.
function drawBrush(pen, { here, frames }, { edge, em, top, floor }, { ink, paper }) {
  const [left, wide] = [edge(here), Math.max(edge(1), 4)];
  for (const [colour, thick] of [[paper, 6], [ink, 3]]) {
    Object.assign(pen, { strokeStyle: colour, lineWidth: thick });
    pen.strokeRect(Math.min(left, edge(frames) - wide), top, wide, floor - top + 1.5 * em);
  }
}

// Share hidden against the slider's number, its stops marked; both scales of a curve are Python's.
function drawCurve(pen, { facts, result, levels, level }, width, height, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const box = { left: 4 * em, right: width - 2 * em, top: em, floor: height - 3.3 * em };
  const [low, high] = [levels[0], levels[levels.length - 1]].map(Math.log);
  const x = (part) => box.left + part * (box.right - box.left);
  const at = (number) => x((Math.log(number) - low) / (high - low));
  const y = (share) => box.floor - share * (box.floor - box.top);
  drawScale(pen, { em, box, y }, colours);
  const look = { size: 0.9 * em, align: "center" };
  [levels[0], 0.065, 0.2, 0.65].forEach((number) => {
    write(pen, String(number), at(number), box.floor + em, { ...look, colour: colours.quiet });
  });
  pen.beginPath();
  facts.curve.forEach((share, point) => pen.lineTo(x(point / (facts.curve.length - 1)), y(share)));
  Object.assign(pen, { lineWidth: 0.22 * em, strokeStyle: colours.ink }).stroke();
  const blue = css(BLUE[colours.isDark ? "dark" : "light"]);
  drawDot(pen, at(levels[level]), y(facts.many.share), 0.75 * em, [blue, colours.paper]);
  drawCross(pen, at(levels[level]), y(result.share), 0.6 * em, colours.ink);
  const key = { size: em, colour: colours.ink };
  write(pen, "— closed form   ● simulated   × this mask", box.left, height - em, key);
}

function drawScale(pen, { em, box, y }, { quiet }) {
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    Object.assign(pen, { fillStyle: quiet, globalAlpha: share ? 0.35 : 1 });
    pen.fillRect(box.left, y(share), box.right - box.left, 1);
    pen.globalAlpha = 1;
    const look = { size: 0.9 * em, colour: quiet, align: "right" };
    write(pen, `${100 * share} %`, box.left - 0.4 * em, y(share), look);
  }
}

function drawDot(pen, x, y, radius, [fill, rim]) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  Object.assign(pen, { fillStyle: fill, strokeStyle: rim, lineWidth: radius / 4 });
  pen.fill();
  pen.stroke();
}

function drawCross(pen, x, y, arm, colour) {
  pen.beginPath();
  for (const side of [-1, 1]) {
    pen.moveTo(x - arm, y - side * arm);
    pen.lineTo(x + arm, y + side * arm);
  }
  Object.assign(pen, { strokeStyle: colour, lineWidth: arm / 3 }).stroke();
}
