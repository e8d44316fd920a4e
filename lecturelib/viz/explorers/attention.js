// The attention explorer, on the stage: a grid of heads, one head large, lines from one word.

function readInputs(model) {
  const about = model.get("about");
  const small = model.get("small").map((view) => numbers(view));
  return { ...about, inputs: about.inputs.map((one, at) => ({ ...one, thumbs: small[at] })) };
}

// What is looked at now. Of a long input only the layer that was sent can be shown large; the frame
// in the grid (`asked`) goes ahead.
function nowOf(model, story) {
  const layer = story.whole ? model.get("layer") : model.get("sent");
  const maps = model.get("maps").map((view) => numbers(view));
  return {
    layer,
    asked: model.get("layer"),
    head: model.get("head"),
    token: model.get("token"),
    maps,
  };
}

// One head's weights of input `at`, as bytes.
function headOf(story, now, at) {
  const { queries, keys } = story.inputs[at];
  const size = queries.length * keys.length;
  const start = ((story.whole ? now.layer : 0) * story.heads + now.head) * size;
  return now.maps[at].subarray(start, start + size);
}

// The weights of the chosen word, 0 to 1; a shorter input's last word stands in for a missing one.
function rowOf(story, now, at) {
  const { queries, keys } = story.inputs[at];
  const query = Math.min(now.token, queries.length - 1);
  const row = headOf(story, now, at).subarray(query * keys.length, (query + 1) * keys.length);
  return { query, row: Array.from(row, (byte) => byte / 255) };
}

function factsOf(story, now, at) {
  const { entropy, distance, keys } = story.inputs[at];
  const bits = entropy[now.layer][now.head].toFixed(2);
  const most = Math.log2(keys.length).toFixed(2);
  const far = distance ? `, mean distance ${distance[now.layer][now.head].toFixed(1)}` : "";
  return `entropy ${bits} of ${most} bits${far}`;
}

function describe(story, now) {
  const where = `Layer ${now.layer + 1}, head ${now.head + 1}`;
  const parts = story.inputs.map((one, at) => {
    const { query, row } = rowOf(story, now, at);
    const best = row.map((w, key) => [w, key]).sort((a, b) => b[0] - a[0]);
    const seen = best.slice(0, 3).map(([w, k]) => `${visible(one.keys[k])} ${percent(w)}`);
    const who = `${visible(one.queries[query])} looks at ${seen.join(", ")}`;
    return `${factsOf(story, now, at)}; ${who}`;
  });
  return `${where}: ${parts.join(" · ")}.`;
}

// A click: on a small map its head, on the large one or its words the row.
function clicked(scene, x, y) {
  const { story, grid, panes } = scene;
  const [head, layer] = [x - grid.x, y - grid.y].map((far) => Math.floor(far / grid.cell));
  if (head >= 0 && head < story.heads && layer >= 0 && layer < story.layers) return { head, layer };
  for (const [at, box] of panes.entries()) {
    const count = story.inputs[at].queries.length;
    const token = Math.floor(((y - box.y) / box.height) * count);
    const isInside = x > box.x - box.margin && x < box.to + box.margin;
    if (isInside && token >= 0 && token < count) return { token };
  }
  return {};
}

function tableRows(story, now) {
  const rows = [["input", "layer", "head", "entropy, bits", "mean distance"]];
  story.inputs.forEach((one, at) => {
    one.entropy.forEach((heads, layer) => {
      heads.forEach((bits, head) => {
        const far = one.distance ? one.distance[layer][head].toFixed(2) : "–";
        rows.push([at + 1, layer + 1, head + 1, bits.toFixed(2), far]);
      });
    });
  });
  return rows;
}

function paint(pen, scene, width, height) {
  const { story, colours } = scene;
  if (scene.theme !== colours.paper) {
    scene.theme = colours.paper;
    scene.sheets = story.inputs.map((_, at) => sheetOf(story, at, colours));
  }
  scene.grid = gridBox(story, width, height);
  scene.panes = story.inputs.map((_, at) => paneOf(story, at, scene.grid, width, height));
  drawGrid(pen, scene, height);
  scene.panes.forEach((_, at) => drawPane(pen, scene, at));
}

function render({ model, el }) {
  const over = new AbortController();
  const story = readInputs(model);
  const scene = { story, now: nowOf(model, story) };
  const tokens = Math.max(...story.inputs.map((one) => one.queries.length));
  const last = { head: story.heads - 1, layer: story.layers - 1, token: tokens - 1 };
  const go = (name, value) => {
    model.set(name, Math.min(Math.max(value, 0), last[name]));
    model.save_changes();
  };
  const by = (name, far) => () => go(name, model.get(name) + far);
  const hall = stage(el, {
    name: "Attention explorer",
    task: "Who looks at whom? ← → head, ↑ ↓ word, Page Up and Down: layer.",
    help: "Click: small map, row of the large one · Home, End: first, last word · F: full screen",
    keys: {
      ...{ arrowleft: by("head", -1), arrowright: by("head", 1) },
      ...{ arrowup: by("token", -1), arrowdown: by("token", 1) },
      ...{ pageup: by("layer", -1), pagedown: by("layer", 1) },
      ...{ home: () => go("token", 0), end: () => go("token", last.token) },
    },
    rows: () => tableRows(story, scene.now),
    over: over.signal,
  });
  const draw = scaled((pen, width, height, colours) => {
    paint(pen, Object.assign(scene, { colours }), width, height);
  });
  const label = "All heads small, one large. Arrow keys choose a head and a word.";
  const map = picture(hall.body, { label, draw, over: over.signal });
  map.canvas.addEventListener("click", (event) => {
    const moves = clicked(scene, ...placeOf(event, map.canvas));
    Object.entries(moves).forEach(([name, value]) => go(name, value));
  });
  const refresh = () => {
    scene.now = nowOf(model, story);
    map.redraw();
    hall.say(describe(story, scene.now));
  };
  const moves = "change:layer change:head change:token change:sent change:maps";
  model.on(moves, refresh);
  refresh();
  return () => {
    over.abort();
    model.off(moves, refresh);
  };
}

export default { render };
