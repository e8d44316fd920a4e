// Where distractors come from, drawn: the clips as rows, what is hidden in them, who is compared.

const FRAME_SECONDS = 0.02;
const TRIANGLE = [[-1, -1], [1, -1], [0, 1.2]];
const SAME = "equal to the true frame";

// What is compared, best score first; `at` is the order in which it was drawn, 0 the true frame.
function choicesOf({ about, result, kappa, count, keep }) {
  const many = 1 + about.counts[count];
  const places = [result.place, ...result.drawn].slice(0, many);
  const all = places.map((place, at) => {
    const score = result.cosine[at] / about.kappas[kappa];
    const same = at > 0 && result.same[at - 1];
    return { at, place, score, same, out: same && !keep };
  });
  const best = Math.max(...all.map(({ score }) => score));
  const power = all.map(({ score, out }) => (out ? 0 : Math.exp(score - best)));
  const sum = power.reduce((a, b) => a + b);
  all.forEach((one) => (one.softmax = power[one.at] / sum));
  return all.sort((a, b) => b.score - a.score || a.at - b.at);
}

function markColours({ isDark, ink, quiet }) {
  return { own: ink, other: css(ORANGE[isDark ? "dark" : "light"]), out: quiet };
}

function markOf({ at, out }, colours) {
  const marks = markColours(colours);
  return at === 0 ? marks.own : out ? marks.out : marks.other;
}

// One row a clip; the row of the true frame is higher. All rows share one scale of time.
function rowsOf({ about, result }, width, height, em) {
  const weights = about.names.map((_, clip) => (clip === result.place[0] ? 2.2 : 1));
  const whole = weights.reduce((a, b) => a + b);
  const scale = (width - em) / Math.max(...about.seconds);
  let y = 0;
  return weights.map((weight, clip) => {
    const high = (weight / whole) * height;
    const row = { x: 0.5 * em, y: y + 1.3 * em, width: scale * about.seconds[clip], scale };
    y += high;
    return { ...row, height: high - 1.5 * em };
  });
}

const frameX = (row, frame) => row.x + (frame + 0.5) * FRAME_SECONDS * row.scale;

function drawClips(pen, scene, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  scene.rows = rowsOf(scene, width, height, em);
  const used = new Set(scene.choices.map(({ place }) => place[0]));
  scene.rows.forEach((row, clip) => {
    pen.globalAlpha = used.has(clip) ? 1 : 0.35;
    drawClip(pen, scene, { row, clip, em }, colours);
  });
  pen.globalAlpha = 1;
  scene.marks = marksOf(scene, em);
  [...scene.marks].reverse().forEach((mark) => drawMark(pen, mark, { em, scene }, colours));
}

function drawClip(pen, { about }, { row, clip, em }, colours) {
  write(pen, about.names[clip], row.x, row.y - 0.65 * em, { size: em, colour: colours.ink });
  const frame = FRAME_SECONDS * row.scale;
  const alpha = pen.globalAlpha;
  Object.assign(pen, { fillStyle: colours.quiet, globalAlpha: 0.35 * alpha });
  for (const [from, to] of runsOf(numbers(about.hidden[clip]))) {
    pen.fillRect(row.x + from * frame, row.y, (to - from) * frame, row.height);
  }
  pen.globalAlpha = alpha;
  const blue = css(BLUE[colours.isDark ? "dark" : "light"]);
  drawOutline(pen, numbers(about.outlines[clip]), row, blue);
}

// Stretches of hidden frames, [first, one after the last].
function runsOf(hidden) {
  const edges = [];
  for (let t = 0; t <= hidden.length; t++) {
    if ((hidden[t] ?? 0) !== (hidden[t - 1] ?? 0)) edges.push(t);
  }
  return edges.flatMap((edge, at) => (at % 2 ? [] : [[edge, edges[at + 1]]]));
}

// Where each choice stands: the true frame above its row's middle, distractors below one another.
function marksOf({ choices, rows }, em) {
  const seen = new Map();
  return choices.map((choice) => {
    const [clip, frame] = choice.place;
    const row = rows[clip];
    const key = choice.place.join();
    const before = seen.get(key) ?? 0;
    seen.set(key, before + (choice.at ? 1 : 0));
    const low = row.y + row.height - 0.6 * em;
    const y = choice.at ? Math.max(low - 0.7 * em * before, row.y) : row.y + 0.4 * em;
    return { choice, x: frameX(row, frame), y };
  });
}

function drawMark(pen, { choice, x, y }, { em, scene }, colours) {
  const isPicked = choice.at === scene.picked;
  const radius = (isPicked ? 0.8 : 0.45) * em;
  pen.beginPath();
  const side = 1.4 * radius;
  if (choice.at) pen.arc(x, y, radius, 0, 2 * Math.PI);
  else for (const [dx, dy] of TRIANGLE) pen.lineTo(x + side * dx, y + side * dy);
  pen.closePath();
  pen.fillStyle = choice.out ? colours.paper : markOf(choice, colours);
  pen.fill();
  pen.lineWidth = (isPicked ? 0.22 : 0.1) * em;
  pen.strokeStyle = choice.same || isPicked ? colours.ink : colours.paper;
  pen.stroke();
  const look = { size: side, align: "center", colour: colours.ink, bold: true };
  if (choice.same) write(pen, "=", x, y, look);
}

// The choice whose mark is under the pointer, or null.
function markAt({ marks }, x, y, reach) {
  const far = marks.map((mark) => Math.hypot(mark.x - x, mark.y - y));
  const best = far.indexOf(Math.min(...far));
  return far[best] <= reach ? marks[best].choice : null;
}

// The hidden frame under the pointer as [clip, frame], or null.
function hiddenAt({ about, rows }, x, y) {
  const clip = rows.findIndex((row) => y >= row.y && y <= row.y + row.height);
  if (clip < 0) return null;
  const frame = Math.floor((x - rows[clip].x) / rows[clip].scale / FRAME_SECONDS);
  return numbers(about.hidden[clip])[frame] ? [clip, frame] : null;
}

// Scores above, their softmax below; a bar a choice, the best score first.
function drawChoices(pen, scene, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const left = 3.4 * em;
  const wide = (width - left - 0.3 * em) / scene.choices.length;
  scene.bars = { left, wide };
  const view = { left, wide, width, em, colours, scene, high: height / 2 };
  const low = Math.min(0, ...scene.choices.map(({ score }) => score));
  const most = Math.max(...scene.choices.map(({ softmax }) => softmax));
  const tall = [0.1, 0.2, 0.5, 1].find((mark) => mark >= most) ?? 1; // rounding may pass 1
  const scores = { name: "similarity / κ", range: [low, 1 / scene.about.kappas[scene.kappa]] };
  drawChart(pen, { ...scores, top: 0, valueOf: ({ score }) => score }, view);
  const parts = { name: "softmax: the part of each", range: [0, tall] };
  drawChart(pen, { ...parts, top: height / 2, valueOf: ({ softmax }) => softmax }, view);
}

function drawChart(pen, { name, range: [low, tall], top, valueOf }, view) {
  const { left, wide, width, em, colours, scene } = view;
  const [y, high] = [top + 1.6 * em, view.high - 2.4 * em];
  const place = (value) => y + (1 - (value - low) / (tall - low)) * high;
  const look = { size: 0.9 * em, colour: colours.quiet, align: "right" };
  write(pen, name, left, top + 0.7 * em, { size: em, colour: colours.ink, bold: true });
  for (const mark of new Set([low, 0, tall])) {
    pen.fillStyle = colours.quiet;
    pen.fillRect(left, place(mark), width - left, 1);
    write(pen, Number(mark.toPrecision(2)), left - 0.4 * em, place(mark), look);
  }
  scene.choices.forEach((choice, at) => {
    const [from, to] = [place(0), place(valueOf(choice))].sort((a, b) => a - b);
    const across = { x: left + at * wide, width: Math.max(1, 0.85 * wide) };
    drawBar(pen, choice, { ...across, y: from, height: to - from }, view);
  });
}

function drawBar(pen, choice, { x, y, width, height }, { em, colours, scene }) {
  pen.fillStyle = markOf(choice, colours);
  pen.globalAlpha = choice.out ? 0.5 : 1;
  pen.fillRect(x, y, width, Math.max(1, height));
  pen.globalAlpha = 1;
  if (choice.at !== scene.picked) return;
  pen.lineWidth = 0.16 * em;
  pen.strokeStyle = css(BLUE[colours.isDark ? "dark" : "light"]);
  pen.strokeRect(x - 0.1 * em, y - 0.2 * em, width + 0.2 * em, height + 0.4 * em);
}
