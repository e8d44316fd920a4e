// A map to click and listen, drawn: a colour and a shape a group, the chosen clip ringed.

// Corners of the shapes, in units of a mark's radius; a disc has none. In the order of SHAPES.
const CORNERS = [
  [],
  polygon(4, 1.15, 45),
  polygon(3, 1.3, -90),
  polygon(4, 1.25, 0),
  polygon(3, 1.3, 90),
  star(),
  plus(),
];
const GLYPHS = ["●", "■", "▲", "◆", "▼", "★", "✚"];

function polygon(count, radius, degrees) {
  return Array.from({ length: count }, (_, at) => {
    const turn = ((360 * at) / count + degrees) * (Math.PI / 180);
    return [radius * Math.cos(turn), radius * Math.sin(turn)];
  });
}

function star() {
  const [points, notches] = [polygon(5, 1.4, -90), polygon(5, 0.6, -54)];
  return points.flatMap((point, at) => [point, notches[at]]);
}

function plus() {
  const arms = [[0.4, -1.2], [0.4, -0.4], [1.2, -0.4]];
  return [0, 1, 2, 3].flatMap((quarter) => {
    return arms.map(([x, y]) => [[x, y], [-y, x], [-x, -y], [y, -x]][quarter]);
  });
}

// Ten colours and seven shapes: their pairs repeat after 70 groups.
function lookOf(group) {
  return { colour: CLASS_COLOURS[group % CLASS_COLOURS.length], shape: group % CORNERS.length };
}

// The map's units to CSS pixels: the whole box, centred, with room for the ring at its edge.
function placing({ place, about }, width, height) {
  const [wide, high] = about.box;
  const rim = 2.5 * about.radius;
  const scale = Math.min(width / (wide + 2 * rim), height / (high + 2 * rim));
  const [left, top] = [(width - wide * scale) / 2, (height - high * scale) / 2];
  const at = (i) => [left + place[2 * i] * scale, top + place[2 * i + 1] * scale];
  return { at, radius: 0.8 * about.radius * scale };
}

// With a clip chosen, all of its group stay bright and the others fade.
function drawMap(pen, scene, width, height, colours) {
  const { about, shown, item } = scene;
  scene.placed = placing(scene, width, height);
  const { of } = about.labels[shown];
  of.forEach((group, i) => {
    pen.globalAlpha = item < 0 || group === of[item] ? 1 : 0.3;
    drawMark(pen, scene.placed.at(i), lookOf(group), scene.placed.radius, colours);
  });
  pen.globalAlpha = 1;
  if (item >= 0) drawRing(pen, scene.placed.at(item), 1.7 * scene.placed.radius, colours);
}

function drawMark(pen, [x, y], { colour, shape }, radius, colours) {
  pen.beginPath();
  if (shape) CORNERS[shape].forEach(([dx, dy]) => pen.lineTo(x + radius * dx, y + radius * dy));
  else pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = Math.max(1, radius / 6);
  pen.strokeStyle = colours.isDark ? "#ffffff" : "#000000";
  pen.stroke();
}

function drawRing(pen, [x, y], radius, { ink, paper }) {
  for (const [colour, thick] of [[paper, 9], [ink, 5]]) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.lineWidth = thick;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}

// The clip nearest to a place in the picture.
function nearest({ placed, about }, x, y) {
  const far = about.names.map((_, i) => {
    const [itemX, itemY] = placed.at(i);
    return Math.hypot(itemX - x, itemY - y);
  });
  return far.indexOf(Math.min(...far));
}

// The nearest clip in the direction of an arrow key; without one yet, the first.
function neighbour({ place, about, item }, [dx, dy]) {
  if (item < 0) return 0;
  let best = item;
  let least = Infinity;
  about.names.forEach((_, i) => {
    const [x, y] = [place[2 * i] - place[2 * item], place[2 * i + 1] - place[2 * item + 1]];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    if (along > 1e-6 && along + 2 * across < least) [best, least] = [i, along + 2 * across];
  });
  return best;
}
