// Frames to hear, shared by explorers: the outline of 320 ms with the 20 ms in its middle marked,
// and which of several pieces is heard now.

const MIDDLE = [150 / 320, 170 / 320]; // the frame itself, in parts of a piece

function drawPiece(pen, outline, { x, y, width, height }, colours) {
  const theme = colours.isDark ? "dark" : "light";
  const [from, to] = MIDDLE.map((part) => x + part * width);
  pen.globalAlpha = 0.45;
  pen.fillStyle = css(ORANGE[theme]);
  pen.fillRect(from, y, to - from, height);
  pen.globalAlpha = 1;
  drawOutline(pen, outline, { x, y, width, height }, css(BLUE[theme]));
}

// Cut to fit: the longest beginning of a text that is as wide as its cell.
function fitting(pen, text, width, size) {
  pen.font = `${size}px sans-serif`;
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

// Plays as a clipPlayer does and says which piece is heard, `show(clip, piece)`; -1: no more.
function piecePlayer(model, { period, show, over }) {
  const play = clipPlayer(model, over);
  const known = new Set();
  let [wanted, order, timer] = [null, [], 0];
  const follow = (at) => {
    clearTimeout(timer);
    show(wanted, at < order.length ? order[at] : -1);
    if (at < order.length) timer = setTimeout(() => follow(at + 1), 1000 * period);
  };
  const came = ({ clip }) => {
    known.add(clip);
    if (clip === wanted) follow(0);
  };
  model.on("msg:custom", came);
  over.addEventListener("abort", () => {
    clearTimeout(timer);
    model.off("msg:custom", came);
  });
  return (clip, pieces) => {
    if (!pieces.length) return;
    [wanted, order] = [clip, pieces];
    play(clip);
    if (known.has(clip)) follow(0);
  };
}
