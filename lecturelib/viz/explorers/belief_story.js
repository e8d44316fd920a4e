// Watch belief spread, in numbers and words: `story` is all that was measured; `now` is one round
// at one threshold.

const LEARNERS = ["Teacher", "Teacher, same steps", "Student"];

function readStory(model) {
  const bytes = model.get("data");
  const story = { ...model.get("about"), sounds: bytes.sounds };
  for (const name of ["truth", "labelled", "sure", "guess", "percent", "pictures"]) {
    story[name] = numbers(bytes[name]);
  }
  for (const name of ["position", "accuracy"]) story[name] = numbers(bytes[name], Float32Array);
  story.misledBy = numbers(bytes.misledBy, Int32Array);
  return story;
}

// Round 0 is before any teacher spoke: only the true labels are known.
function momentOf(story, at, round) {
  const { n, rounds } = story;
  const run = at * rounds + Math.max(round - 1, 0);
  const part = (name, size = n) => story[name].subarray(run * size, (run + 1) * size);
  const [guess, percent, misledBy] = ["guess", "percent", "misledBy"].map((name) => part(name));
  const sure = round ? part("sure") : new Uint8Array(n);
  const accuracy = round ? [...part("accuracy", 3)] : [0, 0, 0];
  const told = [...Array(n).keys()].filter((i) => sure[i]);
  told.sort((a, b) => percent[b] - percent[a]); // the surest first: so belief spreads on the map
  const isWrong = (i) => sure[i] && guess[i] !== story.truth[i];
  return {
    at,
    round,
    guess,
    percent,
    misledBy,
    sure,
    told,
    isWrong,
    wrong: told.filter(isWrong),
    accuracy,
  };
}

function describe(story, now) {
  const [added, wrong] = [now.told.length, now.wrong.length];
  const given = story.labelled.reduce((sum, one) => sum + one, 0);
  const setting = `Threshold ${story.thresholds[now.at]}, round ${now.round} of ${story.rounds}`;
  if (!now.round) return `${setting}: ${given} true labels, ${story.n - given} items without.`;
  const scores = LEARNERS.map((name, k) => `${name} ${percentText(now.accuracy[k])}`).join(", ");
  return `${setting}: ${added} more labels, ${added - wrong} right, ${wrong} wrong. ${scores}.`;
}

const percentText = (part) => `${(100 * part).toFixed(1)} %`;

// The label that an item wears now; undefined: none.
function labelOf(story, now, i) {
  if (story.labelled[i]) return story.truth[i];
  return now.sure[i] ? now.guess[i] : undefined;
}

// One item in words: what it is, what the teacher says, and who taught the teacher that.
function explain(story, now, i) {
  const name = (label) => story.classes[label];
  const truth = name(story.truth[i]);
  const says = `the teacher says ${name(now.guess[i])}, ${now.percent[i]} % sure`;
  if (story.labelled[i]) return [`True label: ${truth}.`, ""];
  if (!now.round) return [`Truly ${truth}. No teacher has seen it yet.`, ""];
  if (!now.sure[i]) return [`Truly ${truth}; ${says}: not enough.`, ""];
  if (!now.isWrong(i)) return [`Truly ${truth}, and ${says}.`, ""];
  return [`Truly ${truth}, but ${says}.`, blame(story, now, i, name)];
}

// The culprit wore in training what the teacher now guesses: its true label, or a teacher's.
function blame(story, now, i, name) {
  const culprit = now.misledBy[i];
  const label = name(now.guess[i]);
  if (culprit < 0) return `No example wore the label ${label}.`;
  const nearest = "Misled by its nearest example";
  if (story.labelled[culprit]) return `${nearest}, a true ${label}.`;
  if (story.truth[culprit] === now.guess[i])
    return `${nearest}: truly ${label}, labelled by a teacher.`;
  return `${nearest}: truly ${name(story.truth[culprit])}, wrongly labelled ${label} by a teacher.`;
}

// A table of all rounds at this threshold, then the wrong ones of this round.
function tableRows(story, now) {
  const rows = [
    ["round", "labels added", "right", "wrong", ...LEARNERS.map((name) => name.toLowerCase())],
  ];
  for (let round = 1; round <= story.rounds; round++) {
    const then = momentOf(story, now.at, round);
    const [added, wrong] = [then.told.length, then.wrong.length];
    rows.push([round, added, added - wrong, wrong, ...then.accuracy.map(percentText)]);
  }
  for (const i of now.wrong)
    rows.push([`wrong in round ${now.round}: item ${i}`, ...explain(story, now, i)]);
  return rows;
}
