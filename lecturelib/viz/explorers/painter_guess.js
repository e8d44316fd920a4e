// What the mask painter shows of one hidden place: the first guesses, and the whole vocabulary.

// Two digits that count, as on the slide.
function chance(share) {
  if (share < 0.0005) return "< 0.1 %";
  return share > 0.0995 ? `${Math.round(100 * share)} %` : `${(100 * share).toFixed(1)} %`;
}

// "right" for what stood there, "wrong" for a first guess that is something else.
function markOf(guess, entry) {
  if (entry.piece === guess.true.piece) return "right";
  return entry.piece === guess.top[0].piece ? "wrong" : "";
}

const SIGNS = { right: "✓", wrong: "✗" };

function signed(mark) {
  return SIGNS[mark] ?? "";
}

function rankOf(guess, size) {
  return `rank ${guess.rank} of ${size.toLocaleString("en")}`;
}

// Five bars, and below them what really stood there. `show(guess)`; null: nothing is hidden.
function guessPanel(parent, size) {
  const panel = make("div", parent, { className: "paint-panel" });
  const title = make("p", panel, { className: "paint-title" });
  const bars = make("div", panel, { className: "paint-bars" });
  const truth = make("p", panel, { className: "paint-truth paint-right" });
  return (guess, words) => {
    title.textContent = words;
    bars.replaceChildren();
    for (const entry of guess?.top ?? []) {
      const className = `paint-${markOf(guess, entry)}`;
      make("b", bars, { className, textContent: signed(markOf(guess, entry)) });
      make("b", bars, { className, textContent: entry.piece });
      const track = make("div", bars, { className: `paint-track ${className}` });
      make("div", track, { className: "paint-fill" }).style.width = `${100 * entry.share}%`;
      make("b", bars, { className, textContent: chance(entry.share) });
    }
    truth.textContent = guess
      ? `It was ${guess.true.piece}: ${chance(guess.true.share)}, ${rankOf(guess, size)}`
      : "";
  };
}

// Labels beside the alphabet: as near as possible to their places, and never on one another.
function spread(labels, height, step) {
  const sorted = labels.toSorted((a, b) => a.at - b.at);
  let last = -step / 2;
  sorted.forEach((label) => {
    last = label.y = Math.max(label.at * height, last + step);
  });
  let next = height + step / 2;
  sorted.toReversed().forEach((label) => {
    next = label.y = Math.min(label.y, next - step);
  });
  return sorted;
}

function labelsOf(guess) {
  const all = [guess.true, ...guess.top, ...guess.ends];
  const seen = new Set();
  return all.filter(({ piece }) => !seen.has(piece) && seen.add(piece)).map((one) => ({ ...one }));
}

// The slide's list: every piece from A to Z, its probability to the right.
function drawAlphabet(pen, guess, width, height, colours) {
  const em = colours.em;
  const strongest = numbers(guess.strongest, Float32Array);
  const most = Math.max(...guess.top.map((one) => one.share));
  const scale = [0.1, 0.25, 0.5, 1].find((edge) => most <= edge) ?? 1;
  const box = { x: 16 * em, y: 0.7 * em, width: width - 17.5 * em, height: height - 2 * em };
  const y = (at) => box.y + at * box.height;
  const bar = (entry, colour, thick) => {
    pen.fillStyle = colour;
    const long = Math.max(1, (entry.share / scale) * box.width);
    pen.fillRect(box.x, y(entry.at) - thick / 2, long, thick);
  };
  drawScale(pen, box, scale, colours);
  const thin = Math.max(1, box.height / strongest.length);
  strongest.forEach((share, bin) => {
    if (share > 0.001) bar({ share, at: (bin + 0.5) / strongest.length }, colours.quiet, thin);
  });
  for (const label of spread(labelsOf(guess), box.height, 1.45 * em)) {
    const mark = markOf(guess, label);
    const colour = { right: colours.accent, wrong: colours.wrong }[mark] ?? colours.ink;
    bar(label, colour, mark ? 0.3 * em : 0.1 * em);
    drawLabel(pen, label, [box.y + label.y, y(label.at)], { mark, colour, em });
  }
}

function drawScale(pen, box, scale, { ink, quiet, em }) {
  pen.fillStyle = quiet;
  pen.fillRect(box.x, box.y, 1, box.height);
  pen.fillRect(box.x, box.y + box.height, box.width, 1);
  pen.fillStyle = ink;
  pen.font = `${em}px sans-serif`;
  pen.textBaseline = "middle";
  for (const part of [0, 0.5, 1]) {
    pen.textAlign = "center";
    pen.fillText(`${100 * part * scale} %`, box.x + part * box.width, box.y + box.height + 0.6 * em);
  }
}

// Probability and piece, and a line to their place in the alphabet.
function drawLabel(pen, label, [from, to], { mark, colour, em }) {
  const text = `${label.piece} ${signed(mark)}`;
  pen.font = `${mark ? "bold " : ""}${1.15 * em}px sans-serif`;
  pen.fillStyle = pen.strokeStyle = colour;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  pen.fillText(chance(label.share), 4.8 * em, from);
  pen.textAlign = "left";
  pen.fillText(text, 5.4 * em, from, 8.5 * em);
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(5.6 * em + Math.min(8.5 * em, pen.measureText(text).width), from);
  pen.lineTo(14.5 * em, from);
  pen.lineTo(16 * em, to);
  pen.stroke();
}
