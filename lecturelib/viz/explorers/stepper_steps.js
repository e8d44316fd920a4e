// The Transformer, animated, in words: what each kind of step shows and says.

const LOOKS = {
  encoder: "Self-attention",
  decoder: "Masked self-attention",
  cross: "Cross-attention",
};

// An array of this step as a panel; `sign` stands before it.
function panelOf(walk, step, head, name, own) {
  const full = name.includes(".") ? name : `${step.part}.${name}`;
  return { ...rowsOf(walk, full, step, head), ...own };
}

// Panels from left to right, a maker a kind. `of(name, own)` gives an array of this step.
const SHOWS = {
  embed: ({ of, side }) => [of(`${side}.words`, { name: "word" })],
  position: ({ of, side }) => [
    of(`${side}.words`, { name: "word" }),
    of(`${side}.positions`, { name: "position", sign: "+" }),
    of("before", { name: "sum", sign: "=" }),
  ],
  qkv: ({ of, before, given }) => {
    const isKey = Boolean(given);
    const small = [of("q", { sign: "→" }), of("k", { isKey }), of("v", { isKey })];
    return [before, ...(given ? [given] : []), ...small];
  },
  scores: ({ of, look, walk }) => [
    of("q"),
    of("k", { sign: "·", isKey: true }),
    { ...look.scores, sign: `/ √${walk.sizes.d} =` },
  ],
  softmax: ({ look }) => [look.scores, { ...look.weights, sign: "softmax →" }],
  sum: ({ of, look, head }) => [
    look.weights,
    of("v", { sign: "·", isKey: true }),
    of("heads", { name: `head ${head + 1}`, sign: "=" }),
  ],
  join: ({ of, walk, step }) => [
    ...Array.from({ length: walk.sizes.heads }, (_, h) => {
      return panelOf(walk, step, h, "heads", { name: `head ${h + 1}` });
    }),
    of("out", { name: "joined", sign: "W →" }),
  ],
  add: ({ of, before }) => [
    before,
    of("out", { name: "attention", sign: "+" }),
    of("after", { name: "normed sum", sign: "norm →" }),
  ],
  thought: ({ of, looked }) => [
    looked,
    of("thought", { name: "feed-forward", sign: "widen, bend, narrow →" }),
  ],
  end: ({ of, looked, step }) => [
    looked,
    of("thought", { name: "feed-forward", sign: "+" }),
    of("end", { name: `after layer ${step.layer + 1}`, sign: "norm →" }),
  ],
  predict: ({ of, next }) => [of("end", { name: "decoder's output" }), next],
};

function panelsOf(walk, step, head) {
  const { part, layer, row, kind } = step;
  const of = (name, own) => panelOf(walk, step, head, name, own);
  const input = layer ? `after layer ${layer}` : "input";
  const columns = walk.choices.length;
  const parts = {
    ...{ walk, step, head, of, side: SIDE[part], look: lookOf(walk, step, head) },
    before: of("before", { name: part === "cross" ? "normed sum" : input }),
    looked: of(part === "encoder" ? "encoder.after" : "cross.after", { name: "normed sum" }),
    given: part === "cross" && givenTo(walk),
    next: {
      ...{ name: "what comes next", sign: "linear, softmax →", isShare: true },
      ...{ columns, labels: walk.read.slice(0, row + 1), above: walk.choices },
      values: walk.arrays.predict.subarray(0, (row + 1) * columns),
    },
  };
  const rowOf = (panel) => (focus) => {
    if (panel.isKey) return mostSeen(parts.look.weights, focus);
    return Math.min(focus, panel.labels.length - 1);
  };
  return SHOWS[kind](parts).map((panel) => ({ ...panel, rowOf: rowOf(panel) }));
}

// What the encoder hands over: its last layer's output.
function givenTo(walk) {
  const last = { layer: walk.sizes.encoder - 1 };
  const rows = rowsOf(walk, "encoder.end", last, 0);
  return { ...rows, name: "encoder's output", isKey: true };
}

// The title and one sentence of a step.
function wordsOf(walk, step, head, lines) {
  const { part, layer, kind } = step;
  const stack = part === "encoder" ? "Encoder" : "Decoder";
  const depth = walk.sizes[stack.toLowerCase()];
  const place = `${stack}, layer ${layer + 1} of ${depth}`;
  const which = `head ${head + 1} of ${walk.sizes.heads}`;
  const look = `${place} · ${LOOKS[part]}`;
  const { d } = walk.sizes;
  const words = {
    embed: [`${stack} · Embed`, `Each word picks its row of a learned table: ${walk.dim} numbers.`],
    position: [
      `${stack} · Add the position`,
      "Attention knows no order, so each place adds its own pattern.",
    ],
    qkv: [
      `${look}, ${which} · q, k, v`,
      `Three small vectors (${d} numbers) a row: what it asks, how it is found, what it gives.`,
    ],
    scores: [
      `${look}, ${which} · Scores`,
      "Each question meets each key: multiply, add up, divide by √d.",
    ],
    softmax: [`${look}, ${which} · Softmax`, "Each row becomes shares of one: who looks where."],
    sum: [`${look}, ${which} · Weighted sum`, "Each row takes from every v as much as its share."],
    join: [`${look} · Heads joined`, "All heads side by side, then one linear layer over them."],
    add: [
      `${look} · Add & norm`,
      "What was gathered is added to what was there; each row is normalised.",
    ],
    thought: [
      `${place} · Feed-forward`,
      "Each row thinks alone: two linear layers with a bend between.",
    ],
    end: [`${place} · Add & norm`, "Added and normalised again: the next layer reads this."],
    predict: [
      "Decoder · What comes next?",
      "One linear layer and a softmax: a share for every choice; the largest is written.",
    ],
  };
  if (part === "decoder" && kind === "softmax") words.softmax[1] += " None looks ahead.";
  if (part === "cross" && kind === "qkv")
    words.qkv[1] = "The decoder asks (q); the encoder's output answers (k and v).";
  if (kind === "write") return writeWords(walk, step.row, lines);
  return words[kind];
}

function writeWords(walk, row, lines) {
  if (row < 0)
    return [
      "The encoder has read. Nothing is written yet.",
      "Space writes the next sign; → goes through every step of it.",
    ];
  const which = lines.length ? `head ${lines[1] + 1}` : `mean of ${walk.sizes.heads} heads`;
  const layer = `Cross-attention of decoder layer ${(lines[0] ?? walk.aligned) + 1}`;
  return [`Written: ${visible(walk.written[row])}`, `${layer}, ${which} (H: the next head).`];
}

function tableOfStep({ walk, step, head, focus, lines }) {
  if (step.kind === "write") {
    const rows = walk.written.slice(0, step.row + 1).map((word, row) => {
      return [word, ...Array.from(alignmentOf(walk, row, lines), (share) => digits(share))];
    });
    const first = [["nothing is written yet", ...walk.source.map(() => "–")]];
    return [["", ...walk.source.map(visible)], ...(rows.length ? rows : first)];
  }
  const rows = panelsOf(walk, step, head).map((panel) => {
    const row = panel.rowOf(focus);
    const values = panel.values.subarray(row * panel.columns, (row + 1) * panel.columns);
    return [panel.name, visible(panel.labels[row]), ...Array.from(values, digits)];
  });
  return [["array", "row", "numbers"], ...rows];
}
