# %% [markdown]
# # A2 · Spam on BERT features, with few labels
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **The task.** You may label 8 or 32 text messages. Build a spam filter on a frozen BERT, fine-tune one, and compare both with counting words. Then read what goes wrong.
#
# **You need** notebooks 05 and 05b. **Hand in** this notebook, run from start to end, and half a page: which filter would you use, with how many labels, and which messages does it miss?
#
# **Parts.** The rival (2 points), frozen features and the layer (4), fine-tuning (2), mistakes (3), the half page (4).

# %%
# {{first cell}}

# %% [markdown]
# ## The messages
#
# 5,103 messages, near-equal ones once, in fixed splits. Labels are drawn from the pool; choices are made on the validation messages; the test messages are looked at once, at the end. For sentiment, write `text.sentiment` in the place of `text.sms`: nothing else changes (the words *ham* and *spam* in the prose do).

# %%
from lecturelib.adapt.messages import messages
from lecturelib.data import text

world = messages(text.sms)
print(world.classes, len(world.pool), "to label,", len(world.test), "to test")
print(f"class 1 is {world.test.labels.float().mean():.0%} of the test messages")

# %% [markdown]
# Only one test message in nine is spam: whoever says *ham* to everything is right in 89 % of all cases. So the measure is **balanced accuracy**, the mean of what is found of each class; chance is 50 %.
#
# Five draws of labels. Every filter gets the same ones, half of them spam.

# %%
from lecturelib.adapt.transfer import few_labels

COUNTS, SEEDS = (8, 32), (0, 1, 2, 3, 4)
draws = {
    (n, seed): world.pool.rows(few_labels(world.pool.labels, n // 2, seed=seed))
    for n in COUNTS
    for seed in SEEDS
}
for row in draws[8, 0].signal.tolist()[::4]:
    print(world.texts[row])

# %% [markdown]
# ## Part 1: the rival counts words
#
# Write `by_counting`: TF-IDF of words and logistic regression with C = 10, both from scikit-learn. `sublinear_tf=True` damps repeated words. It returns the probability of class 1 for each unseen text.


# %% tags=["stub"]
def by_counting(known, label, unseen):
    """P(class 1) of each unseen text, from TF-IDF of words; known, unseen: lists of texts."""
    raise NotImplementedError("part 1")


# %% tags=["solution"]
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def by_counting(known, label, unseen):
    """P(class 1) of each unseen text, from TF-IDF of words; known, unseen: lists of texts."""
    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    )
    return model.fit(known, label).predict_proba(unseen)[:, 1]


# %%
from sklearn.metrics import balanced_accuracy_score


def texts_of(batch):
    """The texts of a batch of row numbers."""
    return [world.texts[row] for row in batch.signal.tolist()]


def balanced(probability, batch):
    """Balanced accuracy in percent, the line drawn at one half."""
    return 100 * balanced_accuracy_score(batch.labels, probability > 0.5)


# %%
def counted(known):
    """The rival on the test messages."""
    return by_counting(texts_of(known), known.labels.numpy(), texts_of(world.test))


# %%
import numpy as np

results = {
    ("TF-IDF", n): [balanced(counted(draws[n, s]), world.test) for s in SEEDS] for n in COUNTS
}


def show():
    """Mean and deviation over the draws so far."""
    for (name, n), values in results.items():
        print(f"{name:22}{n:3} labels {np.mean(values):5.1f} ± {np.std(values, ddof=1):.1f} %")


show()

# %% [markdown]
# ## Part 2: frozen features
#
# The project's own small BERT (4 layers, pre-trained on 86 Wikipedia articles) reads every message that we need once; each layer gives the mean over its pieces. Online and with more patience, try `minilm()` from `lecturelib.adapt.reading`: one line.

# %%
import torch

from lecturelib.pretraining import bert

reader = bert.reader()
some = sorted(
    {r for b in [*draws.values(), world.validation, world.test] for r in b.signal.tolist()}
)
seen = torch.zeros(len(reader.model.encoder.layers) + 1, len(world.texts), reader.model.encoder.dim)
seen[:, some] = reader.text_states([world.texts[row] for row in some])
print(f"{len(some)} messages, layers 0 to {len(seen) - 1}, {seen.shape[2]} numbers each")

# %% [markdown]
# Write `by_features`: a linear classifier on vectors. Standardise them on the labelled rows first; C = 0.01, because 128 numbers and 8 labels leave much room for accidents.


# %% tags=["stub"]
def by_features(known, label, unseen):
    """P(class 1) of each unseen row [n, dim], linear on standardised vectors."""
    raise NotImplementedError("part 2")


# %% tags=["solution"]
from sklearn.preprocessing import StandardScaler


def by_features(known, label, unseen):
    """P(class 1) of each unseen row [n, dim], linear on standardised vectors."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    return model.fit(known, label).predict_proba(unseen)[:, 1]


# %% [markdown]
# Which layer? Not the one that is best on the **test** messages: that would be training on them. Write `best_layer`; `score(layer)` is given and asks the validation messages, mean over the draws.


# %%
def frozen(layer, known, unseen):
    """The filter on one layer's vectors."""
    there = seen[layer].numpy()
    return by_features(there[known.signal], known.labels.numpy(), there[unseen.signal])


def on_validation(layer):
    """Balanced accuracy on validation messages with 32 labels, mean over the draws."""
    draw = [draws[32, seed] for seed in SEEDS]
    unseen = world.validation
    return float(np.mean([balanced(frozen(layer, known, unseen), unseen) for known in draw]))


# %% tags=["stub"]
def best_layer(count, score):
    """The layer 0 ... count - 1 with the highest score(layer)."""
    raise NotImplementedError("part 2")


# %% tags=["solution"]
def best_layer(count, score):
    """The layer 0 ... count - 1 with the highest score(layer)."""
    return max(range(count), key=score)


# %%
print({layer: round(on_validation(layer), 1) for layer in range(len(seen))}, "on validation")
layer = best_layer(len(seen), on_validation)
for n in COUNTS:
    guesses = [frozen(layer, draws[n, seed], world.test) for seed in SEEDS]
    results[f"BERT layer {layer}, frozen", n] = [balanced(p, world.test) for p in guesses]
show()

# %% [markdown]
# A layer that is best here is not always the last one; say in your half page why that may be.
#
# ## Part 3: fine-tune
#
# Just one additional layer, and all weights learn, 40 steps on 32 labels. Three of the draws are enough for a first look. Try the learning rate: on **validation**.

# %%
from lecturelib.adapt.heads import text_classifier
from lecturelib.adapt.messages import pieces_of, tuned
from lecturelib.training.loop import Plan

read = pieces_of(reader, world.texts)
make = lambda: text_classifier(reader.model, classes=2, mean=True)  # noqa: E731
learn = tuned(make, read, Plan(40, lr=5e-4))
found = [learn(draws[32, seed], world.test, seed)[:, 1].numpy() for seed in SEEDS[:3]]
results["BERT, fine-tuned", 32] = [balanced(probability, world.test) for probability in found]
show()

# %%
mean = {key: np.mean(values) for key, values in results.items()}
assert mean[f"BERT layer {layer}, frozen", 32] > 65
assert mean["BERT, fine-tuned", 32] > 60

# %% [markdown]
# ## Part 4: read the mistakes
#
# Numbers do not say *why*. Write `worst`: the rows that a filter gets wrong, the surest mistake first.


# %% tags=["stub"]
def worst(probability, label):
    """Row numbers of wrong guesses (line at one half), by how far they are from the line."""
    raise NotImplementedError("part 4")


# %% tags=["solution"]
def worst(probability, label):
    """Row numbers of wrong guesses (line at one half), by how far they are from the line."""
    far = np.abs(probability - 0.5)
    wrong = (probability > 0.5) != label.astype(bool)
    return [int(row) for row in np.argsort(-far, kind="stable") if wrong[row]]


# %%
assert worst(np.array([0.9, 0.2, 0.6, 0.1]), np.array([0, 0, 0, 1])) == [0, 3, 2]
label, written = world.test.labels.numpy(), texts_of(world.test)
filters = {"TF-IDF": counted(draws[32, 0]), "frozen": frozen(layer, draws[32, 0], world.test)}
for name, probability in filters.items():
    print(f"== {name}: {len(worst(probability, label))} wrong; the surest of each kind")
    for kind, word in enumerate(world.classes):
        rows = [row for row in worst(probability, label) if label[row] == kind][:3]
        print(*(f"  {word}: {written[row][:90]}" for row in rows), sep="\n")

# %% [markdown]
# Two things to check before you blame the network: how long are the messages, and have they digits? A filter that looks at nothing else is the rival that everybody forgets.


# %%
def surface(batch):
    """Length and number of digits of each message."""
    return np.array([[len(t), sum(c.isdigit() for c in t)] for t in texts_of(batch)], dtype=float)


for n in COUNTS:
    found = [
        by_features(surface(d), d.labels.numpy(), surface(world.test))
        for d in (draws[n, s] for s in SEEDS)
    ]
    results["length and digits", n] = [balanced(probability, world.test) for probability in found]
show()

# %% [markdown]
# ## The half page
#
# - Which difference above is larger than its deviation over the draws? Only those are findings.
# - Frozen or fine-tuned: what would you need in order to decide?
# - Notebook 05b has the same table for MiniLM, 8 to 128 labels. Is a larger encoder worth it here?
# - Take five missed spam messages: what would a person see that the features do not hold?
