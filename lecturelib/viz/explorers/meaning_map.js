// One word edits a meaning, on the map: uses, the static mark, the star and where it came from.

const EDGE = { x: 70, top: 110, bottom: 60 }; // room for names above and marks at the rim

// All layers in one scale, so that they can be compared; the two axes have a scale each. One use
// in fifty may lie beyond either end: a few far ones would leave the picture to no one.
function boxOf({ points }) {
  const [x, y] = [0, 1].map((axis) => {
    const values = points.filter((_, at) => at % 2 === axis).sort();
    const far = Math.floor(values.length / 50);
    return [values[far], values[values.length - 1 - far]];
  });
  return { x, y };
}

// A place in the layer to a place in the picture; what lies beyond the box stands at its rim.
function placing({ x, y }, width, height) {
  const along = (value, [low, high]) => {
    return Math.min(Math.max((value - low) / (high - low || 1), -0.04), 1.04);
  };
  return ([px, py]) => [
    EDGE.x + along(px, x) * (width - 2 * EDGE.x),
    EDGE.top + along(py, y) * (height - EDGE.top - EDGE.bottom),
  ];
}

function drawMap(pen, scene, width, height) {
  const { map, now, colours } = scene;
  scene.placed = placing(scene.box, width, height);
  const star = scene.placed(now.star);
  drawNames(pen, map, width, colours);
  for (const i of now.nearest) drawTie(pen, star, scene.placed(now.uses[i]), map.sense[i], colours);
  const isNear = (i) => now.nearest.includes(i);
  now.uses.forEach((use, i) => {
    drawUse(pen, scene.placed(use), map.sense[i], { big: isNear(i), colours });
  });
  if (scene.chosen !== null) ring(pen, scene.placed(now.uses[scene.chosen]), colours);
  drawStatic(pen, scene.placed(map.static), width, height, colours);
  if (scene.before) drawTrail(pen, scene.placed(now.before), star, scene, width);
  drawStar(pen, star, 34, colours);
  const away = star[1] < EDGE.top + 60 ? 64 : -60; // below the star where the names stand above it
  drawLabel(pen, scene.star.parts, [star[0], star[1] + away], { size: 34, width, colours });
}

function drawNames(pen, map, width, colours) {
  map.senses.forEach((name, sense) => {
    const x = width * (sense ? 0.74 : 0.16);
    drawUse(pen, [x, 34], sense, { big: true, colours });
    const count = map.sense.filter((one) => one === sense).length;
    write(pen, name, x + 24, 34, { size: 36, colour: colours.ink, bold: true });
    const far = pen.measureText(name).width;
    write(pen, `${count} uses`, x + far + 36, 37, { size: 22, colour: colours.quiet });
  });
}

function drawUse(pen, [x, y], sense, { big, colours }) {
  const radius = big ? 13 : 9;
  pen.beginPath();
  if (sense) pen.arc(x, y, radius, 0, 2 * Math.PI);
  else pen.rect(x - 0.9 * radius, y - 0.9 * radius, 1.8 * radius, 1.8 * radius);
  pen.fillStyle = CLASS_COLOURS[sense];
  pen.globalAlpha = big || colours.isDark ? 1 : 0.75;
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = big ? 3 : 1;
  pen.strokeStyle = big ? colours.ink : colours.paper;
  pen.stroke();
}

// From the star to one of the uses that vote on it: nearest in all dimensions, not on the map.
function drawTie(pen, from, to, sense, colours) {
  for (const [thick, colour] of [
    [7, colours.paper],
    [4, CLASS_COLOURS[sense]],
  ]) {
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.lineWidth = thick;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}

function ring(pen, [x, y], colours) {
  pen.beginPath();
  pen.arc(x, y, 20, 0, 2 * Math.PI);
  pen.lineWidth = 5;
  pen.strokeStyle = colours.ink;
  pen.stroke();
}

// A nail: it goes nowhere.
function drawStatic(pen, [x, y], width, height, colours) {
  pen.beginPath();
  pen.moveTo(x, y - 20);
  pen.lineTo(x + 20, y);
  pen.lineTo(x, y + 20);
  pen.lineTo(x - 20, y);
  pen.closePath();
  pen.fillStyle = colours.paper;
  pen.fill();
  pen.lineWidth = 6;
  pen.strokeStyle = colours.ink;
  pen.stroke();
  disc(pen, x, y, 6, colours.ink);
  const low = Math.min(y + 48, height - 20);
  const look = { size: 24, width, colours, colour: colours.ink };
  drawLabel(pen, ["static vector: stays", "", ""], [x, low], look);
}

function disc(pen, x, y, radius, fill) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
}

// Where the star stood before the edit, and the way that it took.
function drawTrail(pen, from, to, scene, width) {
  const { colours } = scene;
  const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (far < 40) return;
  pen.beginPath();
  pen.moveTo(...from);
  pen.quadraticCurveTo(...bendOf(from, to), ...to);
  pen.setLineDash([4, 14]);
  pen.lineCap = "round";
  pen.lineWidth = 6;
  pen.strokeStyle = colours.ink;
  pen.stroke();
  pen.setLineDash([]);
  drawStar(pen, from, 24, { ...colours, ink: colours.paper, rim: colours.ink });
  if (far < 120) return;
  const look = { size: 26, width, colours, colour: colours.quiet };
  drawLabel(pen, scene.before.parts, [from[0], from[1] - 46], look);
}

// The way bends upwards: a star flies.
function bendOf(from, to) {
  const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
  return [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2 - 0.45 * far];
}

function drawStar(pen, [x, y], radius, { ink, paper, rim = paper }) {
  pen.beginPath();
  for (let at = 0; at < 10; at++) {
    const turn = (at * Math.PI) / 5 - Math.PI / 2;
    const far = at % 2 ? 0.45 * radius : radius;
    pen.lineTo(x + far * Math.cos(turn), y + far * Math.sin(turn));
  }
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 5;
  pen.strokeStyle = rim;
  pen.stroke();
  pen.fillStyle = ink;
  pen.fill();
}

// A sentence, its word bold, on a strip of paper that stays inside the picture.
function drawLabel(pen, [before, word, after], [x, y], { size, width, colours, colour }) {
  const pieces = [
    [before && `${before} `, false],
    [word, true],
    [after && ` ${after}`, false],
  ];
  const fontOf = (bold) => `${bold ? "bold " : ""}${size}px sans-serif`;
  const wide = pieces.map(([text, bold]) => {
    pen.font = fontOf(bold);
    return pen.measureText(text).width;
  });
  const whole = wide[0] + wide[1] + wide[2];
  let left = Math.min(Math.max(x - whole / 2, 12), Math.max(12, width - whole - 12));
  pen.fillStyle = colours.paper;
  pen.globalAlpha = 0.85;
  pen.beginPath();
  pen.roundRect(left - 10, y - 0.7 * size, whole + 20, 1.4 * size, 8);
  pen.fill();
  pen.globalAlpha = 1;
  pieces.forEach(([text, bold], at) => {
    write(pen, text, left, y, { size, colour: colour ?? colours.ink, bold });
    left += wide[at];
  });
}

// The nearest use in the direction of an arrow key; without one yet, the nearest to the star.
function neighbour({ now, chosen }, [dx, dy]) {
  if (chosen === null) return now.nearest[0];
  let best = chosen;
  let least = Infinity;
  now.uses.forEach((use, i) => {
    const [x, y] = [use[0] - now.uses[chosen][0], use[1] - now.uses[chosen][1]];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    if (along > 1e-6 && along + 2 * across < least) [best, least] = [i, along + 2 * across];
  });
  return best;
}
