// The Transformer, animated, in numbers: one walk and the order of its steps.
// `walk` is all that was computed; a step is { kind, part, layer, row }: row is the token being
// written, and nothing in the encoder.

const ATTEND = ["qkv", "scores", "softmax", "sum", "join", "add"];
const SIDE = { encoder: "source", decoder: "read", cross: "read" };

function readWalk(sent) {
  const arrays = {};
  for (const [name, view] of Object.entries(sent.arrays))
    arrays[name] = numbers(view, Float32Array);
  const walk = { ...sent, arrays };
  walk.dim = arrays["source.words"].length / walk.source.length;
  walk.steps = stepsOf(walk);
  return walk;
}

// Nothing written yet; the encoder, layer by layer; then for each token the decoder, and the token.
function stepsOf({ sizes, written }) {
  const steps = [{ kind: "write", row: -1 }];
  const embed = (part, row) => ["embed", "position"].map((kind) => ({ kind, part, row, layer: 0 }));
  const attend = (part, layer, row) => ATTEND.map((kind) => ({ kind, part, layer, row }));
  const think = (part, layer, row) =>
    ["thought", "end"].map((kind) => ({ kind, part, layer, row }));
  steps.push(...embed("encoder"));
  for (let layer = 0; layer < sizes.encoder; layer++) {
    steps.push(...attend("encoder", layer), ...think("encoder", layer));
  }
  written.forEach((_, row) => {
    steps.push(...embed("decoder", row));
    for (let layer = 0; layer < sizes.decoder; layer++) {
      for (const part of ["decoder", "cross"]) steps.push(...attend(part, layer, row));
      steps.push(...think("decoder", layer, row));
    }
    steps.push({ kind: "predict", part: "decoder", layer: sizes.decoder - 1, row });
    steps.push({ kind: "write", row });
  });
  return steps;
}

// How many tokens stand there at a step.
function tokensAt({ kind, row = -1 }) {
  return kind === "write" ? row + 1 : Math.max(row, 0);
}

// An array's rows in one layer (and head), as far as they exist at this step.
function rowsOf(walk, name, { layer, row }, head) {
  const [part, what] = name.split(".");
  const { heads, d } = walk.sizes;
  const isEmbedding = ["source", "read"].includes(part);
  const isAnswer = part === "cross" && ["k", "v"].includes(what);
  const isSource = part === "source" || part === "encoder" || isAnswer;
  const isHead = ["q", "k", "v", "heads"].includes(what);
  const columns = isHead ? d : walk.dim;
  const all = isSource ? walk.source : walk.read;
  const index = isEmbedding ? 0 : isHead ? layer * heads + head : layer;
  const labels = isSource ? all : all.slice(0, row + 1);
  const start = index * all.length * columns;
  const values = walk.arrays[name].subarray(start, start + labels.length * columns);
  return { name: what, values, columns, labels };
}

// Who looks at whom, in one head: scores before the softmax, and weights after it.
function lookOf(walk, { part, layer, row }, head) {
  const [q, k] = ["q", "k"].map((what) => rowsOf(walk, `${part}.${what}`, { layer, row }, head));
  const [queries, keys] = [q.labels.length, k.labels.length];
  const scores = new Float32Array(queries * keys);
  for (let i = 0; i < queries; i++) {
    for (let j = 0; j < keys; j++) {
      let sum = 0;
      for (let c = 0; c < q.columns; c++)
        sum += q.values[i * q.columns + c] * k.values[j * k.columns + c];
      scores[i * keys + j] = part === "decoder" && j > i ? -Infinity : sum / Math.sqrt(q.columns);
    }
  }
  const all = part === "decoder" ? walk.read.length : walk.source.length;
  const rows = part === "encoder" ? walk.source.length : walk.read.length;
  const start = (layer * walk.sizes.heads + head) * rows * all;
  const weights = Float32Array.from({ length: queries * keys }, (_, at) => {
    return walk.arrays[`${part}.weights`][start + Math.floor(at / keys) * all + (at % keys)];
  });
  const shape = { columns: keys, labels: q.labels, above: k.labels };
  return {
    scores: { name: "scores", values: scores, ...shape },
    weights: { name: "weights", values: weights, ...shape, isShare: true },
  };
}

// The key that a query looks at most.
function mostSeen({ values, columns }, query) {
  const row = Array.from(values.subarray(query * columns, (query + 1) * columns));
  return row.indexOf(Math.max(...row));
}

// One number, three digits, with a true minus sign.
function digits(x) {
  if (!Number.isFinite(x)) return "−∞";
  const size = Math.abs(x);
  const text = size >= 100 ? size.toFixed(0) : size.toFixed(size >= 10 ? 1 : 2);
  return (x < 0 ? "−" : "") + text;
}

// What cross-attention looked at while a token was written: in one head [layer, head], or, if none
// is chosen, in the mean over the heads of one sharp layer.
function alignmentOf(walk, row, [layer = walk.aligned, only]) {
  const [s, t] = [walk.source.length, walk.read.length];
  const heads = only === undefined ? [...Array(walk.sizes.heads).keys()] : [only];
  const shares = new Float32Array(s);
  for (const head of heads) {
    const start = ((layer * walk.sizes.heads + head) * t + row) * s;
    for (let key = 0; key < s; key++) shares[key] += walk.arrays["cross.weights"][start + key];
  }
  return shares.map((share) => share / heads.length);
}

// H goes from the mean through every head of every layer, and back to the mean.
function nextHead({ sizes }, [layer, head]) {
  if (layer === undefined) return [0, 0];
  const next = layer * sizes.heads + head + 1;
  return next < sizes.decoder * sizes.heads
    ? [Math.floor(next / sizes.heads), next % sizes.heads]
    : [];
}
