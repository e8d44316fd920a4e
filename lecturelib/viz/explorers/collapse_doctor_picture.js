// The collapse doctor, drawn: a run's curves and, once the curtain is up, which codes it chooses.

const LINES = [
  { name: "loss", label: "loss", dash: [0.6, 0.4] },
  { name: "accuracy", label: "accuracy", dash: [] },
  { name: "tie_accuracy", label: "tie-split accuracy", dash: [] },
];

function lineColours({ isDark, ink, quiet }) {
  const [blue, orange] = [BLUE, ORANGE].map((one) => css(one[isDark ? "dark" : "light"]));
  return { loss: quiet, accuracy: orange, tie_accuracy: blue, ink };
}

// A run as far as it has been played; `isOpen`: the curtain is up.
function drawRun(pen, { run, now, isOpen }, { width, height }, colours) {
  const em = parseFloat(getComputedStyle(pen.canvas).fontSize);
  const [left, right] = [3.4 * em, width - 0.6 * em];
  const split = isOpen ? 0.44 * height : height - 2 * em;
  const last = Math.max(run.step.length - 1, 1);
  const x = (row) => left + (row / last) * (right - left);
  const box = { x, left, right, em };
  drawCurves(pen, { run, now, isOpen }, { ...box, top: 2.2 * em, floor: split - 0.6 * em }, colours);
  const below = { ...box, top: split + 1.8 * em, floor: height - 2 * em };
  if (isOpen) drawCodes(pen, run, now, below, colours);
  const look = { size: 1.1 * em, colour: colours.quiet };
  write(pen, "step 0", left, height - 0.8 * em, look);
  const end = `step ${run.step[run.step.length - 1].toLocaleString("en")}`;
  write(pen, end, right, height - 0.8 * em, { ...look, align: "right" });
}

// Accuracies from 0 to 100 %, the loss beside its own largest value.
function drawCurves(pen, { run, now, isOpen }, box, colours) {
  const { x, left, right, top, floor, em } = box;
  const y = (part) => floor - part * (floor - top);
  for (const part of [0, 0.5, 1]) {
    Object.assign(pen, { fillStyle: colours.quiet, globalAlpha: part ? 0.35 : 1 });
    pen.fillRect(left, y(part), right - left, 1);
    pen.globalAlpha = 1;
    const look = { size: 1.1 * em, colour: colours.quiet, align: "right" };
    write(pen, `${100 * part} %`, left - 0.3 * em, y(part), look);
  }
  const paint = lineColours(colours);
  const most = { loss: Math.max(...run.loss), accuracy: 1, tie_accuracy: 1 };
  const shown = isOpen ? LINES : LINES.slice(0, 2);
  let at = left;
  for (const { name, label, dash } of shown) {
    pen.beginPath();
    pen.setLineDash(dash.map((one) => one * em));
    run[name].slice(0, now + 1).forEach((value, row) => pen.lineTo(x(row), y(value / most[name])));
    Object.assign(pen, { lineWidth: 0.3 * em, lineJoin: "round", strokeStyle: paint[name] }).stroke();
    pen.setLineDash([]);
    const size = Math.min(1.2 * em, right / 24);
    write(pen, label, at, 0.9 * em, { size, bold: true, colour: paint[name] });
    at += pen.measureText(label).width + 1.4 * em;
  }
}

// A row a code, a column a snapshot; what is still to come stays empty.
function drawCodes(pen, run, now, { x, left, right, top, floor, em }, colours) {
  const [snapshots, groups, codes] = run.size;
  if (run.theme !== colours.paper) {
    const colour = weightColour(colours);
    const cells = Array.from({ length: groups * codes * snapshots }, (_, at) => {
      const [code, snapshot] = [Math.floor(at / snapshots), at % snapshots];
      return run.bytes[snapshot * groups * codes + code] / 255;
    });
    Object.assign(run, { theme: colours.paper, heat: paintHeat(cells, snapshots, colour) });
  }
  pen.save();
  pen.beginPath();
  pen.rect(left, top, x(now) - left + 2, floor - top);
  pen.clip();
  drawHeat(pen, run.heat, { x: left, y: top, width: right - left, height: floor - top }, colours);
  pen.restore();
  const title = `all ${groups * codes} codes: dark, chosen often`;
  const size = Math.min(1.2 * em, right / 24);
  write(pen, title, left, top - 0.9 * em, { size, bold: true, colour: colours.ink });
  const high = (floor - top) / groups;
  for (let group = 0; group < groups; group++) {
    Object.assign(pen, { lineWidth: 2, strokeStyle: colours.ink });
    pen.strokeRect(left, top + group * high, right - left, high);
    const look = { size: 1.1 * em, colour: colours.quiet, align: "center" };
    pen.save();
    pen.translate(left - em, top + (group + 0.5) * high);
    pen.rotate(-Math.PI / 2);
    write(pen, high > 4.5 * em ? `group ${group + 1}` : group + 1, 0, 0, look);
    pen.restore();
  }
}
