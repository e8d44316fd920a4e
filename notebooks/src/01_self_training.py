# %% [markdown]
# # 01 · Self-training and the words of the lecture
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can say which labels each kind of pre-training uses and when; write the loss of contrastive learning and the rule of self-training in a few lines; and tell when a model that teaches itself gets better and when it talks itself into mistakes.
#
# **You need** Python and a little PyTorch. **It takes** {{minutes}} minutes to run on two CPU cores; nothing is downloaded but the spoken digits and the telephone prompts.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# Labels are written by people and cost money. Digits without labels cost nothing. *What can a model learn from the ones that nobody labelled?*
#
# The lecture's words are answers to that. Here they are on one map: which labels are used first, and which then.

# %%
from lecturelib.viz import figures

figures.term_map()

# %% [markdown]
# The colour says **who made the labels**. People made the blue ones. The yellow ones come for free with the data. A model made the pink ones, and it may be wrong. Everything in this notebook is one row of this map, on real digits.
#
# | on the slides | here | in the code |
# |:--|:--|:--|
# | labelled data | a few digits a class | `start.labelled` |
# | unlabelled data | the pool | `start.pool` |
# | supervised model | teacher | `train(method, labelled)` |
# | $\mathbf{c}_t, \mathbf{q}_t$ | two views of one picture | `anchor, positive` |
# | $sim$, $\kappa$ | cosine, temperature | `F.normalize(a) @ F.normalize(b).T`, `temperature` |
#
# ## Real data, few labels
#
# MNIST-5k: 3,000 digits to learn from, 500 to choose settings with, 1,500 that are touched only to report. The pool keeps its labels in a drawer: they are for scoring, and the loop never opens it (a test holds that).

# %%
import torch

from lecturelib.adapt.worlds import world, written

digits = written()
start = world(digits.train, per_class=2, seed=0)
print(len(start.labelled), "digits with a label,", len(start.pool), "without")
figures.gallery(start.labelled.signal, [str(int(y)) for y in start.labelled.labels])

# %% [markdown]
# ## The words, each in a few lines
#
# ### Supervised
#
# *All training data has labels.* We have twenty, so we train on twenty: a small stack of 3x3 convolutions and one linear layer.

# %%
from lecturelib.adapt.self_training import accuracy, train

teacher = train(start.method, start.labelled)
print(f"supervised, 2 labels a class: {accuracy(teacher, digits.test):.1%} of the test digits")

# %% [markdown]
# ### Semi-supervised
#
# *A small part has labels; clusters and Bayes' rule give the rest a class.* Forty clusters are found in all 3,000 digits without looking at a label. Then each cluster gets its names from the few labelled digits in it:
#
# $$P(\text{class} \mid x) = \sum_{\text{cluster}} P(\text{class} \mid \text{cluster})\; P(\text{cluster} \mid x)$$

# %%
from lecturelib.adapt.semi_supervised import cluster_then_label

flat = start.pool.signal.flatten(1), start.labelled.signal.flatten(1)
guess = cluster_then_label(*flat, start.labelled.labels, classes=10).argmax(1)
print(
    f"20 labels, no network: {(guess == start.pool.labels).float().mean():.1%} of the pool is right"
)

# %% [markdown]
# ### Self-supervised: a pretext task
#
# *First solve a task with pseudo-labels.* The oldest trick: turn each picture by 0, 1, 2 or 3 quarters and ask which it was. Something is hidden (which way is up), and the label is free.

# %%
from lecturelib.masking import quarter_turns

rng = torch.Generator().manual_seed(0)
turned, quarters = quarter_turns(start.pool.signal[50::298], rng)
figures.gallery(turned, [f"{q} quarters" for q in quarters.tolist()])

# %% [markdown]
# Nobody labelled these, and there are as many as we like. Whoever can answer must know what a 4 looks like upright. We train on that question alone.

# %%
from lecturelib.data.batch import Batch
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.classification import Classification
from lecturelib.training.loop import Plan, Trainer


def turned_digits(rng):
    rows = torch.randint(len(start.pool), (64,), generator=rng)
    turned, quarters = quarter_turns(start.pool.signal[rows], rng)
    return Batch(turned, None, quarters)


upright = Classification(ConvStack(), dim=64, classes=4)
figures.curves(Trainer(upright, turned_digits, Plan(200, lr=3e-3)).run().rows, ["loss", "accuracy"])

# %% [markdown]
# > **Two kinds of "pseudo-label".** A *pretext label* (how many quarters) is made from the data and is always true. A *teacher's pseudo-label* (this is probably a 7) is made by a model and may be false. The slides use one word for both; this notebook does not.
#
# What did it learn about digits? Freeze it and ask how easily a **linear** layer reads the digit's class from it. That is *representation learning*: judged by what can be read out.

# %%
from lecturelib.adapt.transfer import few_labels, read_out

known = digits.train.rows(few_labels(digits.train.labels, 5, seed=0))
for name, encoder in {"untrained": ConvStack(), "which way is up": upright.encoder}.items():
    print(f"5 labels a class, {name}: {read_out(encoder, known, digits.validation):.1%}")

# %% [markdown]
# Surprised? It can tell up from down, and the classes became **harder** to read than from random weights. A pretext task teaches what *it* needs, and up and down look alike in 0, 1 and 8. Choosing what to hide is the art of everything that follows in this lecture.
#
# ### Contrastive
#
# *Show positive examples and unlabelled negative ones.* Two views of one picture are a pair; all other pictures in the batch are the negatives. Here are two views of five digits:

# %%
from lecturelib.data.augment import jitter

five = start.pool.signal[350::597]
figures.gallery(torch.cat([jitter(five, rng), jitter(five, rng)]), ["view 1"] * 5 + ["view 2"] * 5)

# %% [markdown]
# The loss is the one on the wav2vec 2.0 slide: *which of these is my partner?*
#
# $$\mathcal{L} = -\log \frac{\exp(sim(\mathbf{c}_t, \mathbf{q}_t)/\kappa)}{\sum_{\tilde{\mathbf{q}}} \exp(sim(\mathbf{c}_t, \tilde{\mathbf{q}})/\kappa)}$$
#
# In code it is a cross-entropy whose right answer is the diagonal. Write it, then compare with the library's.

# %%
import torch.nn.functional as F

from lecturelib.exercises import check


def my_info_nce(anchor, positive, temperature):
    scores = F.normalize(anchor, dim=1) @ F.normalize(positive, dim=1).T / temperature
    return F.cross_entropy(scores, torch.arange(len(anchor)), reduction="sum")


check("info_nce", my_info_nce)

# %% [markdown]
# A value to know: if all vectors are the same, every row is a guess among $n$, so the loss is $\log n$. A model that starts there has learned nothing; a model that *stays* there never will.

# %%
# NBVAL_CHECK_OUTPUT
same = torch.ones(64, 8)
print(f"{my_info_nce(same, same, 0.2) / 64:.4f} = log(64) = {torch.tensor(64.0).log():.4f}")

# %% [markdown]
# Now train with it, live. Watch the loss leave $\log 128 = 4.85$ in the first steps.

# %%
from lecturelib.data.batch import at_random
from lecturelib.objectives.contrastive import Contrastive
from lecturelib.training import runtime
from lecturelib.viz.live import LiveCurve

pairs = Contrastive(ConvStack(), dim=64, view=jitter)
live = LiveCurve(150, ["loss", "partner_found"], quiet=runtime.quiet())
Trainer(pairs, at_random(start.pool.signal, 128), Plan(150, lr=2e-3), on_step=live).run()
print(f"5 labels a class, contrastive: {read_out(pairs.encoder, known, digits.validation):.1%}")

# %% [markdown]
# No digit had a label, and yet the classes are much easier to read. We use this encoder again below, from a checkpoint that was trained twenty times as long.
#
# ### Non-contrastive
#
# *Only positive examples.* Then there is a trivial answer: give every picture the same vector, and every pair agrees perfectly. What prevents that? Three switches: a **predictor** on one side, a **stop-gradient** on the other, and an **EMA teacher** as that other side. Take them away and watch the collapse meter (1: directions fill the space, 0: one vector for everything).

# %%
from lecturelib.objectives.non_contrastive import NonContrastive


def collapse_meter(**switches):
    torch.manual_seed(0)
    model = NonContrastive(ConvStack(), dim=64, view=jitter, **switches)
    return Trainer(model, at_random(start.pool.signal, 128), Plan(80, lr=2e-3)).run().rows


kept = collapse_meter(tau=None)
gone = collapse_meter(tau=None, stop_gradient=False)
figures.compare({"with stop-gradient": kept, "without": gone}, ["spread", "loss"])

# %% [markdown]
# Look at the right panel: **the run that learns nothing has the better loss.** That is why this course never shows a loss without a meter beside it.
#
# All six settings, five seeds each, from the ledger:

# %%
from lecturelib import claims
from lecturelib.claims.collapse import SWITCHES
from lecturelib.viz.cards import claim_card

row = claims.entry("collapse")
unit = "collapse meter: 1 spread out, 0 one vector"
display(figures.claim_bars(row["runs"], list(SWITCHES), unit), claim_card(row))

# %% [markdown]
# > **On the slide / in the paper.** The slide says that non-contrastive learning "needs a non-trainable predictor on the target side". In BYOL and SimSiam the predictor is trainable and sits on the *online* side; what is not trained by gradients is the target side (stop-gradient, or an EMA teacher). That EMA teacher returns as data2vec's teacher in notebook 08.
#
# ### Fine-tuning, transfer, representation learning
#
# The encoder below was trained contrastively on the 3,000 digits without a label (the command stands in its metadata). *Fine-tuning*: go on training it with the twenty labels.

# %%
from dataclasses import replace

from lecturelib.paths import CHECKPOINTS
from lecturelib.training.checkpoint import load_weights


def pretrained():
    encoder = ConvStack()
    load_weights(CHECKPOINTS / "simclr_mnist5k.safetensors", encoder)
    return encoder


tuned = train(replace(start.method, make=pretrained), start.labelled)
for name, model in {"from scratch": teacher, "fine-tuned": tuned}.items():
    print(f"2 labels a class, {name}: {accuracy(model, digits.test):.1%}")

# %% [markdown]
# *Transfer*: the same encoder on other data. scikit-learn's digits are 8x8 pixels, written by other people; we only blow them up to 28x28 and read out.

# %%
from lecturelib.data import images


def grown(split):
    small = images.digits(split)
    return Batch(F.interpolate(small.pixels, (28, 28), mode="bilinear"), None, small.label)


old, new = grown("train"), grown("test")
old = old.rows(few_labels(old.labels, 2, seed=0))
for name, encoder in {"untrained": ConvStack(), "pre-trained": pretrained()}.items():
    print(f"{name}: {read_out(encoder, old, new):.1%}")

# %% [markdown]
# ## The loop of the slides
#
# Train a supervised model with all the labels you have. Let it label good unlabelled data. Train again on both. The teacher says how sure it is of each guess:

# %%
from lecturelib.adapt.self_training import accept, believe, predict

belief = believe(predict(teacher, start.pool.signal))
correct = belief.guess == start.pool.labels
figures.belief_histogram(belief.confidence, correct, threshold=0.8)

# %% [markdown]
# Being sure and being right go together, but not always. Move the threshold: what do you gain, what do you lose? (Edit the function; it is yours.)

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def wrong_but_sure(threshold):
    wrong = (accept(belief, threshold) & ~correct).nonzero().flatten()
    surest = wrong[belief.confidence[wrong].argsort(descending=True)][:10]
    names = [f"says {int(belief.guess[i])}" for i in surest]
    histogram = figures.belief_histogram(belief.confidence, correct, threshold)
    return [histogram, figures.gallery(start.pool.signal[surest], names, [True] * len(surest))]


slide(wrong_but_sure, widgets.FloatSlider(0.8, min=0, max=1, step=0.05, description="threshold"))

# %% [markdown]
# Each of these digits will be shown to the student with its wrong name. Now the student: a **fresh** network on the true labels and the accepted guesses, with moved and turned input (a *noisy student*), every class equally often.
#
# A fair comparison needs a control. The student came after a teacher, so the pair had twice the steps. The *same-steps teacher* gets them too, on the labels alone. In this order: teacher, same-steps teacher, student.

# %%
from lecturelib.adapt.self_training import rounds, same_steps_teacher

student = rounds(start.method, teacher, start.labelled, start.pool, threshold=0.8)[0].student
control = same_steps_teacher(start.method, start.labelled)
print([f"{accuracy(model, digits.test):.1%}" for model in (teacher, control, student)])

# %% [markdown]
# One draw of twenty labels proves little. The protocol below was fixed first and then run with five draws. Do not believe us: one of them is run again under the card.

# %%
from lecturelib.claims import student_beats_teacher

display(claim_card(claims.entry("student_beats_teacher")))
print(
    "seed 0, now:",
    {name: round(value, 1) for name, value in student_beats_teacher.run(seed=0).items()},
)

# %% [markdown]
# ## Watch belief spread
#
# 500 unlabelled digits and 20 labelled ones, on a map that was made without labels: neighbours look alike to the pre-trained encoder. The whole loop is now run live, three rounds at each of four thresholds (about half a minute).

# %%
from lecturelib.adapt.belief import flat_map, watch

some = digits.train.rows(torch.linspace(0, 2999, 520).long())
few = world(some, per_class=2, seed=1, steps=100)
shown = torch.cat([few.labelled.signal, few.pool.signal])
spread = watch(few, digits.test, thresholds=(0.0, 0.5, 0.8, 0.95), turns=3)
print("students after three rounds:", [f"{a:.1%}" for a in spread["accuracy"][:, -1, 2]])

# %% [markdown]
# Press **Play**. Squares were labelled by people, discs by the teacher, and a red ring is a wrong label that the next student will believe. Then drag the threshold down. Click a ring: who misled the teacher? (It shows the nearest digit that wore that wrong name while the teacher was trained: a suspect, not a proof.)

# %%
from lecturelib.viz.explorers.belief import Spread
from lecturelib.viz.explorers.belief import belief as show

pictures = (255 * shown[:, 0]).byte().numpy()
show(Spread(position=flat_map(pretrained(), shown), **spread), pictures=pictures)

# %% [markdown]
# Wrong labels do not come alone: they sit in clumps. One digit fools the teacher, the student learns it, and the neighbours follow. That is **confirmation bias**.
#
# ## When does it help?
#
# One map for teachers of different strength (1, 2, 5, 20 labels a class) and thresholds: how many points the student is above the same-steps teacher, mean of five draws. Four maps for two switches: augmented input, and drawing every class equally often.

# %%
from lecturelib.claims import weak_teacher

row = claims.entry("weak_teacher")
maps = weak_teacher.maps(row["runs"])
labels = [f"{n} labels" for n in weak_teacher.PER_CLASS]
stops = [str(threshold) for threshold in weak_teacher.THRESHOLDS]
display(figures.phase_diagram(maps, labels, stops), claim_card(row))

# %% [markdown]
# The folklore says: a weak teacher hurts. Here it does **not**: with one or two labels a class the student gains most, and the verdict is "not reproduced". Confirmation bias is real (you saw the clumps), but even without augmentation and without balance the right guesses teach more than the wrong ones spoil.
#
# Two places do hurt. Asking for 95 % certainty with one label a class and plain input: hardly anything passes. And 20 labels a class with augmented input, a little, at every threshold. Which cells are worst, in each map?

# %%
for name, gains in maps.items():
    print(f"{' '.join(name.split()):<30} worst {gains.min():+.1f}, best {gains.max():+.1f} points")

# %% [markdown]
# ## The same loop on sound
#
# The slides' example is speech. The digits are now spoken: log-mel pictures of recordings by real people. Listen to three (and look: a spectrogram is a picture, so the network is the same).

# %%
from lecturelib.adapt.worlds import new_voices, spoken
from lecturelib.viz.sound import players

voices = spoken()
three = voices.train.rows([0, 700, 1400])
names = [f"{y}, {who}" for y, who in zip(three.labels.tolist(), three.meta["speaker"], strict=True)]
players(three.meta["wave"].numpy(), 8000, names)

# %% [markdown]
# Ten labels a digit come from some people. Two **other** people have recorded digits too, but nobody labelled those: that is the pool. Can the model adapt itself to voices by listening to them? One draw of labels live, five on the card:

# %%
pool, new_test = new_voices(voices.test)
heard = replace(world(voices.train, per_class=10, seed=0), pool=pool)
hearing = train(heard.method, heard.labelled)
turn = rounds(heard.method, hearing, heard.labelled, pool, threshold=0.0)[0]
for name, model in {"teacher": hearing, "student": turn.student}.items():
    print(f"{name} on the new voices: {accuracy(model, new_test):.1%}")
claim_card(claims.entry("spoken_student"))

# %% [markdown]
# Here the threshold was 0: on the validation voice, being choosy gained less. What the teacher is sure of is what sounds like the voices it knows already. Move the threshold and listen to what it gets wrong while being that sure:

# %%
said = believe(predict(hearing, pool.signal))


def misheard(threshold):
    wrong = (accept(said, threshold) & (said.guess != pool.labels)).nonzero().flatten()
    surest = wrong[said.confidence[wrong].argsort(descending=True)][:4]
    names = [f"heard {int(said.guess[i])}, is {int(pool.labels[i])}" for i in surest]
    sounds = players(pool.meta["wave"][surest].numpy(), 8000, names)
    return [figures.belief_histogram(said.confidence, said.guess == pool.labels, threshold), sounds]


slide(misheard, widgets.FloatSlider(0.5, min=0, max=1, step=0.05, description="threshold"))

# %% [markdown]
# ## "Get quality unlabelled data"
#
# What if the pool is not what we think? We replace part of it by noise, made music, and telephone prompts in four other languages (real voices). This is what crept in:

# %%
from lecturelib.adapt.worlds import pollute, summary

dirty = pollute(pool, 0.5, seed=0)
kinds = ["noise", "music", "other languages"]
players([dirty.meta["wave"][dirty.meta["kind"].index(kind)] for kind in kinds], 8000, kinds)

# %% [markdown]
# A filter that needs no labels: how far is a clip from the nearest labelled clip, by mean and spread of its mel bands? A distance of 1 is what labelled clips have among themselves.

# %%
from lecturelib.adapt.quality import strangeness

strange, own = strangeness(summary(dirty), summary(heard.labelled)), dirty.labels >= 0
groups = {"spoken digits": strange[own], "strangers": strange[~own]}
figures.two_histograms(groups, "strangeness", line=2.5)

# %% [markdown]
# Noise and music are far away. The other languages are not: they are human voices, and this filter hears *how* it sounds, not *what* is said. What does it cost the student? Move the share of strangers (five draws of labels each, from the ledger). With a clean pool the filter can only throw digits away, about one in five; the more strangers there are, the more it saves.

# %%
from lecturelib.claims import quality_filter

runs = claims.entry("quality_filter")["runs"]


def cost(share):
    names = [f"{name} share={share}" for name in ("teacher", "unfiltered", "filtered")]
    return [figures.claim_bars(runs, names, "% right on new voices")]


display(slide(cost, widgets.SelectionSlider(options=quality_filter.SHARES, value=0.5)))
claim_card(claims.entry("quality_filter"))

# %% [markdown]
# ## What is a label worth?
#
# The curve that every later notebook draws: labels a class against accuracy. From scratch, self-trained, and pre-trained without labels then fine-tuned.

# %%
from lecturelib.adapt.transfer import stored_curve

row = claims.entry("few_labels")
measured = stored_curve(row["runs"], ("scratch", "self-trained", "pre-trained"))
display(figures.label_curve(measured.per_class, measured.accuracy), claim_card(row))

# %% [markdown]
# Not what SimCLR's paper promises: fine-tuned from the pre-trained encoder is no better than from scratch, while the student is ahead at few labels. Why? The pre-training knew one thing: *a moved or turned digit is the same digit*. The arm from scratch sees moved and turned digits too, so it is told the same. (The paper's gain is at ImageNet's size.) With the encoder **frozen**, the pre-training has to do all the work, and there it shows:
#
# One function makes such curves: arms in, curve out. Here with arms that take a second: a linear layer on pixels, and one on the frozen pre-trained network.

# %%
from lecturelib.adapt.transfer import features, label_curve, linear_on

ready = pretrained()
arms = {
    "pixels": linear_on(lambda x: x.flatten(1), digits.test),
    "pre-trained": linear_on(lambda x: features(ready, x), digits.test),
}
curve = label_curve(arms, digits.train, per_class=(1, 2, 5, 20), seeds=(0, 1, 2))
figures.label_curve(curve.per_class, curve.accuracy)

# %% [markdown]
# ## The same in scikit-learn
#
# The loop is in the library you know. Same digits, same twenty labels (unlabelled is -1), a linear model on the pre-trained features:

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

signal = torch.cat([start.labelled.signal, start.pool.signal])
marks = torch.cat([start.labelled.labels, torch.full((len(start.pool),), -1)])
seen, scale = features(ready, signal), StandardScaler()
loop = SelfTrainingClassifier(LogisticRegression(max_iter=500), threshold=0.8)
loop.fit(scale.fit_transform(seen), marks)
unseen = scale.transform(features(ready, digits.test.signal))
print(f"scikit-learn's loop: {loop.score(unseen, digits.test.labels):.1%}")

# %% [markdown]
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own.
#
# **1.** Which guesses may the student see? `belief.confidence` and `belief.guess` are tensors.


# %% tags=["exercise:accept"]
def accept(belief, threshold):
    raise NotImplementedError


check("accept", accept)

# %% [markdown]
# **2.** One step of the EMA teacher: `tau` of the old value, the rest of the student's.


# %% tags=["exercise:ema"]
def ema(teacher, student, tau):
    raise NotImplementedError


check("ema", ema)

# %% [markdown]
# **3.** Turn picture `i` counter-clockwise by `quarters[i]` quarters (`torch.rot90` helps).


# %% tags=["exercise:turn"]
def turn(images, quarters):
    raise NotImplementedError


check("turn", turn)

# %% [markdown]
# **4.** How often should each example be drawn so that every class comes equally often? The numbers sum to 1.


# %% tags=["exercise:fair_share"]
def fair_share(label):
    raise NotImplementedError


check("fair_share", fair_share)

# %% [markdown]
# **5.** Name the clusters: $P(\text{class} \mid \text{cluster})$ from `cluster` [points, clusters] and the points' labels, with $1/\text{classes}$ added to every count so that an empty cluster stays undecided.


# %% tags=["exercise:name_clusters"]
def name_clusters(cluster, label, classes):
    raise NotImplementedError


check("name_clusters", name_clusters)

# %% [markdown]
# **6.** InfoNCE from an empty page: sum over rows, cosine, temperature.


# %% tags=["exercise:info_nce"]
def info_nce(anchor, positive, temperature):
    raise NotImplementedError


check("info_nce", info_nce)

# %% [markdown]
# ## Exam-style questions
#
# **1.** A contrastive run sits at loss 4.852 with batches of 128. What do you suspect?
# <details><summary>Answer</summary>4.852 = log 128: every row is a guess among 128. All vectors are alike, or the pairs are mixed up.</details>
#
# **2.** Why is the student's input augmented and the teacher's, while it labels, not?
# <details><summary>Answer</summary>The teacher should guess as well as it can. The student should learn that the label stays the same when the picture moves; without noise it could only copy the teacher.</details>
#
# **3.** A non-contrastive run reaches loss 0.001 in 20 seconds. Do you celebrate?
# <details><summary>Answer</summary>Look at the spread first: one vector for every input has loss 0.</details>
#
# **4.** Is BERT's pre-training supervised, semi-supervised or self-supervised?
# <details><summary>Answer</summary>Self-supervised: the hidden word is a free label. The lecture's slide calls the whole two-step recipe semi-supervised, since a few labels follow.</details>
#
# **5.** Your threshold of 0.95 gives no gain although all accepted labels are right. Why?
# <details><summary>Answer</summary>Too few pass, and they are the easy ones that the teacher knows anyway.</details>

# %% [markdown]
# ## Recap
#
# - The words differ in **who makes the labels and when**: people, the data, or a model.
# - Contrastive learning asks *which is my partner?*; with positives only, stop-gradient or an EMA teacher keeps everything from becoming one point. The loss alone does not show it.
# - Self-training lifts a teacher when its sure guesses are mostly right; mistakes come in clumps and stay.
# - The quality of the pool matters, and a filter hears only what it was made to hear.
#
# **References.** Lee 2013, Pseudo-Label · Xie et al. 2020, Noisy Student, arXiv 1911.04252 · Xu et al. 2020, Iterative Pseudo-Labeling, arXiv 2005.09267 · Gidaris et al. 2018, RotNet, arXiv 1803.07728 · Chen et al. 2020, SimCLR, arXiv 2002.05709 · Grill et al. 2020, BYOL, arXiv 2006.07733 · Chen and He 2021, SimSiam, arXiv 2011.10566 · Arazo et al. 2020, confirmation bias, arXiv 1908.02983.
#
# **Next:** 02, where the first task has labels after all, and the network is deep.
