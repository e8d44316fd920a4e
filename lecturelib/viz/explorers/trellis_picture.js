// The CTC trellis, drawn: states downwards, frames to the right, the best path, the sound beneath.

function placesOfTrellis({ about, frames }, { width, height, em }) {
  const states = about.signs.length;
  const [left, top] = [2.6 * em, 0.3 * em];
  const wide = (width - left - 0.5 * em) / frames;
  const sound = { y: height - 4.2 * em, height: 2.4 * em };
  const letters = { y: sound.y - 1.9 * em };
  const high = (letters.y - 0.3 * em - top) / states;
  const cell = (frame, state) => [left + (frame + 0.5) * wide, top + (state + 0.5) * high];
  return { left, top, wide, high, states, sound, letters, cell };
}

// What was clicked: a cell of the trellis, or a frame of the sound beneath.
function trellisAt(places, frames, [x, y]) {
  const frame = Math.floor((x - places.left) / places.wide);
  const state = Math.floor((y - places.top) / places.high);
  if (frame < 0 || frame >= frames || state < 0) return null;
  return { frame, state: state < places.states ? state : null };
}

// alpha of a state over that of all states of its frame, frame by frame.
function sharesOf(alpha, states) {
  return alpha.map((value, at) => {
    const own = alpha.subarray(at - (at % states), at - (at % states) + states);
    const most = Math.max(...own);
    if (most === -Infinity) return 0;
    const sum = own.reduce((total, one) => total + Math.exp(one - most), 0);
    return Math.exp(value - most) / sum;
  });
}

function drawTrellis(pen, scene, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const places = placesOfTrellis(scene, { width, height, em });
  const tools = { pen, em, places, colours };
  drawCells(tools, scene);
  if (scene.path) drawBest(tools, scene);
  drawArrivals(tools, scene);
  drawSound(tools, scene);
}

// Up to the chosen frame the cells are computed; what comes after is dots.
function drawCells({ pen, em, places, colours }, { about, shares, frames, at }) {
  const { left, top, wide, high, states } = places;
  const blue = weightColour(colours);
  for (let frame = 0; frame < frames; frame++) {
    for (let state = 0; state < states; state++) {
      const [x, y] = places.cell(frame, state);
      if (frame <= at[0]) {
        pen.fillStyle = css(blue(shares[frame * states + state]));
        pen.fillRect(x - wide / 2, y - high / 2, wide - 1, high - 1);
      } else {
        pen.beginPath();
        pen.arc(x, y, 0.1 * em, 0, 2 * Math.PI);
        pen.fillStyle = colours.quiet;
        pen.fill();
      }
    }
  }
  Object.assign(pen, { lineWidth: 1, strokeStyle: colours.quiet });
  pen.strokeRect(left, top, wide * frames, high * states);
  about.signs.forEach((sign, state) => {
    const isBlank = state % 2 === 0;
    const size = Math.min(isBlank ? 1.2 * em : 1.7 * em, 0.95 * high);
    const look = { size, bold: !isBlank, align: "center" };
    const colour = isBlank ? colours.quiet : colours.ink;
    write(pen, sign, left - 1.2 * em, top + (state + 0.5) * high, { ...look, colour });
  });
}

function drawBest({ pen, em, places, colours }, { about }) {
  pen.beginPath();
  about.best.forEach((state, frame) => pen.lineTo(...places.cell(frame, state)));
  const orange = css(ORANGE[colours.isDark ? "dark" : "light"]);
  for (const [thick, colour] of [[0.5, colours.paper], [0.28, orange]]) {
    Object.assign(pen, { lineWidth: thick * em, lineJoin: "round", strokeStyle: colour }).stroke();
  }
}

// Where the chosen cell's probability comes from, a line as thick as its share; none vanishes.
function drawArrivals({ pen, em, places, colours }, scene) {
  const [frame, state] = scene.at;
  const to = places.cell(frame, state);
  const ways = waysInto(scene).filter(({ log }) => log > -Infinity);
  const most = Math.max(...ways.map(({ log }) => log));
  for (const { from, log } of ways) {
    const start = places.cell(frame - 1, from);
    const share = Math.max(Math.exp(log - most), 0.2);
    drawLink(pen, start, to, share, { thick: 0.4 * em, colour: colours.ink });
  }
  const { wide, high } = places;
  const box = [to[0] - wide / 2, to[1] - high / 2, wide - 1, high - 1];
  for (const [thick, colour] of [[0.45, colours.paper], [0.25, colours.ink]]) {
    Object.assign(pen, { lineWidth: thick * em, strokeStyle: colour }).strokeRect(...box);
  }
}

// The sound on the same axis, and over it each letter where the best path has it.
function drawSound({ pen, em, places, colours }, { about, frames, at, path }) {
  const { left, wide, sound, letters } = places;
  const blue = css(BLUE[colours.isDark ? "dark" : "light"]);
  const width = (wide * about.seconds) / about.hop;
  drawOutline(pen, about.outline, { x: left, y: sound.y, width, height: sound.height }, blue);
  for (const [state, first, last] of path ? stretches(about.best) : []) {
    if (state % 2 === 0) continue;
    const [from, to] = [left + first * wide, left + (last + 1) * wide];
    Object.assign(pen, { strokeStyle: colours.ink, lineWidth: 1.5 });
    pen.strokeRect(from, sound.y, to - from, sound.height);
    const look = { size: 1.4 * em, bold: true, align: "center", colour: colours.ink };
    write(pen, about.signs[state], (from + to) / 2, letters.y + 0.9 * em, look);
  }
  pen.fillStyle = colours.ink;
  pen.fillRect(places.cell(at[0], 0)[0] - 1, sound.y - 0.3 * em, 2, sound.height + 0.6 * em);
  const step = frames * about.hop > 1 ? 0.2 : 0.1;
  for (let mark = 0; mark * step <= frames * about.hop + 1e-6; mark++) {
    const x = left + (mark * step * wide) / about.hop;
    const text = `${(mark * step).toFixed(1)}${mark ? "" : " s"}`;
    const look = { size: 0.9 * em, colour: colours.quiet, align: mark ? "center" : "left" };
    write(pen, text, x, sound.y + sound.height + 1.1 * em, look);
  }
}

// Runs of one state: [state, first frame, last frame].
function stretches(best) {
  const firsts = best.map((_, at) => at).filter((at) => best[at] !== best[at - 1]);
  return firsts.map((first, run) => [best[first], first, (firsts[run + 1] ?? best.length) - 1]);
}
