// One word edits a meaning, in words: what the five nearest uses say, and where the star went.

function readWords(model) {
  const { words, ...about } = model.get("about");
  const maps = words.map((one) => ({ ...one, points: numbers(one.points, Float32Array) }));
  return { ...about, maps };
}

// The nearest uses of a star in one layer: how many of each sense, and which has more.
function voteOf(map, star, layer) {
  const nearest = star.nearest[layer];
  const second = nearest.filter((i) => map.sense[i]).length;
  const sense = Number(2 * second > nearest.length);
  return { sense, most: sense ? second : nearest.length - second, of: nearest.length };
}

const textOf = (parts) => parts.join(" ").trim();

// The star against the one before it, in the layer that is shown.
function wentWhere(map, before, star, layer) {
  if (!before) return "";
  const [from, to] = [before, star].map((one) => map.senses[voteOf(map, one, layer).sense]);
  const [x, y] = [0, 1].map((at) => star.points[layer][at] - before.points[layer][at]);
  if (Math.hypot(x, y) < 1e-3) return "The star did not move.";
  return from === to ? `The star stays with ${to}.` : `The star flew from ${from} to ${to}.`;
}

function describe({ story, map, star, before, layer }) {
  const { sense, most, of } = voteOf(map, star, layer);
  const vote = `“${textOf(star.parts)}”: ${most} of ${of} nearest uses are ${map.senses[sense]}.`;
  const score = `Layer ${layer}: ${percent(story.score[layer])} told apart (${story.measured}).`;
  const stays = "The static vector stays.";
  return [vote, wentWhere(map, before, star, layer), stays, score, map.note].join(" ");
}

// Everything on the map with its place in this layer, the star first; then every layer's score.
function tableRows({ story, map, star, before, layer }) {
  const shown = ([x, y]) => [x.toFixed(2), y.toFixed(2)];
  const nearest = voteOf(map, star, layer);
  const vote = `${nearest.most} of ${nearest.of} ${map.senses[nearest.sense]}`;
  const rows = [["what", "x", "y", "sentence"]];
  rows.push([`star: ${vote}`, ...shown(star.points[layer]), textOf(star.parts)]);
  if (before) rows.push(["before", ...shown(before.points[layer]), textOf(before.parts)]);
  rows.push(["static vector", ...shown(map.static), "every sentence"]);
  map.sense.forEach((sense, i) => {
    rows.push([map.senses[sense], ...shown(pointOf(map, layer, i)), textOf(map.sentences[i])]);
  });
  story.score.forEach((one, at) => {
    rows.push([`layer ${at}`, percent(one), `${map.word}: ${percent(map.own[at])}`, ""]);
  });
  return rows;
}

function pointOf(map, layer, i) {
  const at = 2 * (layer * map.sense.length + i);
  return [map.points[at], map.points[at + 1]];
}
