// Numbers as colour, the same in every explorer: no colour is 0, blue is above, orange is below.

const WIDE = 1280; // every picture is laid out this wide and scaled to fit: a hall can read it

function scaled(draw) {
  return (pen, width, height, colours) => {
    pen.scale(width / WIDE, width / WIDE);
    draw(pen, WIDE, (height * WIDE) / width, colours);
  };
}

// Where a click fell, in the picture's own units.
function placeOf(event, canvas) {
  canvas.focus();
  return [event.offsetX, event.offsetY].map((pixel) => (pixel * WIDE) / canvas.clientWidth);
}

const BLUE = { light: [0, 114, 178], dark: [86, 180, 233] };
const ORANGE = { light: [213, 94, 0], dark: [230, 159, 0] };

function mix(from, to, part) {
  return from.map((c, at) => c + (to[at] - c) * part);
}

// Weights, 0 to 1: paper, blue, and ink where all of it goes to one place.
function weightColour(colours) {
  const [paper, ink] = [colours.paper, colours.ink].map(channels);
  const blue = BLUE[colours.isDark ? "dark" : "light"];
  const deep = mix(blue, ink, 0.6);
  return (w) => (w < 0.5 ? mix(paper, blue, 2 * w) : mix(blue, deep, 2 * w - 1));
}

// Any numbers: full colour at `limit`.
function signedColour(colours, limit) {
  const paper = channels(colours.paper);
  const [blue, orange] = [BLUE, ORANGE].map((one) => one[colours.isDark ? "dark" : "light"]);
  return (x) => mix(paper, x < 0 ? orange : blue, Math.min(1, Math.abs(x) / limit));
}

function channels(colour) {
  return colour
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);
}

function css(rgb) {
  return `rgb(${rgb.map(Math.round).join()})`;
}

// Numbers [rows x columns] painted once, one pixel each, to be drawn at any size.
function paintHeat(values, columns, colour) {
  const canvas = document.createElement("canvas");
  const rows = values.length / columns;
  Object.assign(canvas, { width: columns, height: rows });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(columns, rows);
  values.forEach((value, at) => {
    const [red, green, blue] = colour(value);
    image.data[4 * at] = red;
    image.data[4 * at + 1] = green;
    image.data[4 * at + 2] = blue;
    image.data[4 * at + 3] = 255;
  });
  pen.putImageData(image, 0, 0);
  return canvas;
}

function drawHeat(pen, heat, { x, y, width, height }, colours) {
  pen.imageSmoothingEnabled = false;
  pen.drawImage(heat, x, y, width, height);
  pen.lineWidth = 1;
  pen.strokeStyle = colours.quiet;
  pen.strokeRect(x, y, width, height);
}

function write(
  pen,
  text,
  x,
  y,
  { size, align = "left", colour, bold = false, font = "sans-serif" },
) {
  pen.font = `${bold ? "bold " : ""}${size}px ${font}`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

// A line as thick as its weight, from one word to another.
function drawLink(pen, from, to, weight, { thick, colour, bend = "across" }) {
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  pen.beginPath();
  pen.moveTo(...from);
  if (bend === "across") pen.bezierCurveTo(x, from[1], x, to[1], ...to);
  else pen.bezierCurveTo(from[0], y, to[0], y, ...to);
  pen.globalAlpha = Math.min(1, 0.25 + weight);
  pen.lineWidth = Math.max(0.5, thick * weight);
  pen.strokeStyle = colour;
  pen.stroke();
  pen.globalAlpha = 1;
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

// A space is a word, too: a letter that nobody would see.
function visible(word) {
  return word === " " ? "␣" : word;
}
