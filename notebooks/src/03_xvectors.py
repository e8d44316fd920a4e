# %% [markdown]
# # 03 · Voices: x-vectors
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can turn a recording of any length into one vector; compare two voices and say how often that goes wrong; read a DET curve; and say what else such a vector gives away, and what it forgets.
#
# **You need** notebook 01's words; 02 helps (features learned on one task serve another). **It takes** {{minutes}} minutes to run on two CPU cores. Most voices here are *synthetic*, made on your machine; ten real ones are fetched once (113 MB), and each cell says which it uses.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# *Who is speaking?* Two recordings, never the same words, never the same length. Train a network to name sixty speakers, throw the names away, and keep what it computed just before. Does that vector tell apart people whom the network has never heard?
#
# The answer in one picture: how often two voices are mistaken, five trainings, 21 new voices. All of them are synthetic, so this is about a method and never about people.

# %%
from lecturelib import claims
from lecturelib.viz import figures

worth = claims.entry("voice_vectors")["runs"]
ways = ["MFCC statistics", "MFCC statistics, PLDA", "x-vector", "x-vector, PLDA"]
figures.claim_bars(worth, ways, "equal error rate, % (lower is better)")

# %% [markdown]
# Yes, for voices of one engine: about 2 % of the pairs go wrong. Statistics of the sound without any network (MFCC) get 15 % wrong by their cosine, and half of that with the paper's scoring, PLDA. With people it is another story, further down.
#
# | on the slide, in the paper | here | in the code |
# |:--|:--|:--|
# | speech, 24 filterbanks, voice activity | front end | `Filterbanks` |
# | TDNN features | five layers that look around | `TDNN`, `CONTEXTS` |
# | global pooling | mean and deviation over time | `statistics` |
# | x-vector (segment6) | what is kept | `encoder(waves)` |
# | softmax over speakers | what is thrown away | `speaker_softmax` |
#
# ## Hear them
#
# Four synthetic voices. Listen before you compute: what makes a voice a voice?

# %%
from lecturelib.data.voices import CAST, voices
from lecturelib.viz.sound import players

test = voices("test")
first = list({u.speaker: u for u in test}.values())  # one sentence a voice
players([u.wave.numpy() for u in first[:4]], 8000, [u.speaker for u in first[:4]])

# %% [markdown]
# The real ones. Where they cannot be fetched the cell says so, and the sections on people are skipped:

# %%
from lecturelib.data.registry import Unavailable
from lecturelib.data.voices import people

try:
    real = [u for split in ("train", "validation", "test") for u in people(split)]
except Unavailable as error:
    real = []
    print(error)
some = list({u.speaker: u for u in real}.values())
players([u.wave.numpy() for u in some[:4]], 8000, [u.speaker for u in some[:4]])

# %% [markdown]
# Everything is at 8,000 Hz, the telephone's rate, so that nothing can be known by its recording quality alone. It is not perfect: each person has one microphone and one room, and that is part of what tells them apart.
#
# ## What the network hears
#
# 24 bands of 25 ms, every 10 ms; from each band its mean over three seconds is taken off, which takes a microphone's colour off; frames without speech are dropped.

# %%
from lecturelib.frontends.spectrogram import Filterbanks
from lecturelib.viz.voices import bands

wave = test[0].wave[None]
heard = Filterbanks()(wave)
print(f"{wave.shape[1] / 8000:.2f} s -> {heard.features.shape[1]} frames with speech")
bands(heard.features[0])

# %% [markdown]
# ## The network: Table 1
#
# Five layers. Each looks at a few frames of the one below, some with gaps; together they see 15 frames. Then time is over: mean and deviation of each channel, and two layers for the whole clip.

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.encoders.tdnn import CONTEXTS, WIDTHS
from lecturelib.recipes import xvector

seen = 1
for number, (context, width) in enumerate(zip(CONTEXTS, WIDTHS, strict=True), start=1):
    seen += context.edge
    print(
        f"layer {number}: {context.frames} frames, {context.apart} apart, sees {seen:>2}; {width} wide"
    )
original = xvector("original")
print(f"{sum(p.numel() for p in original.parameters()) / 1e6:.1f} M weights up to segment6")

# %% [markdown]
# A time-delay layer is a dilated convolution: torch's, with the same weights, gives the same numbers.

# %%
# NBVAL_CHECK_OUTPUT
import torch
import torch.nn.functional as F

layer = original.encoder.layers[1].double()
frames = torch.randn(2, 40, 512, dtype=torch.double)
weight, bias = layer.affine.weight[:, :, 0], layer.affine.bias
by_torch = F.conv1d(frames.mT, weight, bias, dilation=2).relu().mT
ours = layer.affine(frames.mT[:, :, None])[:, :, 0].relu().mT
print(f"{tuple(ours.shape)}, equal: {torch.allclose(ours, by_torch, atol=1e-10)}")

# %% [markdown]
# **Statistics pooling** is what makes any length one vector. By hand, in numpy:

# %%
# NBVAL_CHECK_OUTPUT
import numpy as np

from lecturelib.encoders.tdnn import statistics

frames = torch.randn(1, 50, 3, dtype=torch.double)
by_hand = np.concatenate([frames[0].numpy().mean(0), frames[0].numpy().std(0)])
print(np.abs(statistics(frames)[0].numpy() - by_hand).max() < 1e-10)

# %% [markdown]
# Clips of different length go into one batch, filled with silence. The filling must change nothing: each alone, and both together.

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.adapt.speakers import embed

model = xvector("mini").eval()
together, alone = embed(model, test[:2]), torch.cat([embed(model, [u]) for u in test[:2]])
print(f"largest difference below 1e-5: {bool((together - alone).abs().max() < 1e-5)}")

# %% [markdown]
# ## Training: name the speaker, whatever happens
#
# Chunks of one to two seconds, and things that leave the speaker alone: noise, other voices, tones, rooms. Hear one sentence seven ways. (The last two are not in the training: the telephone's band, and speed, which makes another voice of it.)

# %%
from lecturelib.data import augment_speech as changes

rng = torch.Generator().manual_seed(0)
clips = torch.stack([u.wave[:15000] for u in test[:8]])
ways = {"as it is": clips, "noise": changes.noise(clips, rng), "babble": changes.babble(clips, rng)}
ways |= {"tones": changes.tones(clips, rng), "a room": changes.reverberate(clips, rng)}
ways |= {"telephone": changes.telephone(clips), "speed": changes.speed(clips, rng)}
players([waves[0].numpy() for waves in ways.values()], 8000, list(ways))

# %% [markdown]
# Live, thirty steps on 60 synthetic voices and four real ones: from chance (1 in 64) upwards.

# %%
from lecturelib import pretraining

job = pretraining.build("xvector", "voices", "quick")
figures.curves(job.trainer(None, "x-vector").run().rows, ["loss", "accuracy"])

# %% [markdown]
# At full pace (`python -m lecturelib pretrain xvector --pace full`), with the equal error rate of 21 other voices on the way:

# %%
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining.xvector import shipped
from lecturelib.training.checkpoint import read

encoder = shipped()
_, facts = read(CHECKPOINTS / "xvector_voices.safetensors")
watched = facts["curve"]["validation_eer"]
figures.curves([{"step": s, "validation equal error rate": e} for s, e in watched])

# %% [markdown]
# > **On the slide / in the paper.** The slide says *contrastive loss*. The paper trains a softmax over speakers and compares with PLDA. A contrastive loss for voices is GE2E (Wan et al. 2018): each clip is pulled to the mean of its speaker's *other* clips, and no list of speakers is needed.
#
# Live, from nothing, 25 steps of eight speakers with four clips each (accuracy: nearest to its own speaker's mean; chance is 1 in 8):

# %%
from lecturelib.adapt.speakers import chunks
from lecturelib.claims.small_voices import said
from lecturelib.objectives.speakers import GE2E
from lecturelib.training.loop import Plan, Trainer

known = said("train")
contrast = GE2E(xvector("mini"))
history = Trainer(contrast, chunks(known, 32, each=4), Plan(25, lr=1e-3), label="GE2E").run()
figures.curves(history.rows, ["loss", "accuracy"])

# %% [markdown]
# ## One voice or two?
#
# Verification: a *trial* is a pair of clips. The score is the cosine of their vectors; at or above a threshold we say "one voice". Pairs of one sex only: man against woman would be too easy.

# %%
from lecturelib.adapt.speakers import mfcc_statistics, numbered
from lecturelib.adapt.verification import bootstrap, cosine, det, eer, trials
from lecturelib.claims.small_voices import sexes
from lecturelib.viz.voices import det_curves, score_histograms

vectors = embed(encoder, test)
who, names = numbered(test)
pair, same = trials(who, within=sexes(test))
score = cosine(*vectors[pair].unbind(1))
equal = eer(score, same)
print(f"{len(pair):,} trials of {len(names)} synthetic voices; equal error rate {equal.rate:.1%}")
low, high, _ = bootstrap(score, same, who[pair], torch.Generator().manual_seed(0), 100)
print(f"95 % interval, voices drawn anew: {low:.1%} to {high:.1%}")
score_histograms(score, same, equal.threshold, "cosine")

# %% [markdown]
# Five of six pairs speak two languages, which may tell them apart as well. Of one sex *and* one language:

# %%
tongue = torch.tensor([sorted({u.language for u in test}).index(u.language) for u in test])
alike = trials(who, within=2 * tongue + sexes(test))
harder = eer(cosine(*vectors[alike.pair].unbind(1)), alike.same).rate
print(f"pairs of one sex and one language: {harder:.1%} of {len(alike.pair):,}")

# %% [markdown]
# Move the threshold and one kind of error falls while the other rises. Both at every threshold: the **DET curve**. Beside ours, statistics of cepstra without any network; each by its cosine, and by the paper's scoring, LDA and PLDA, fitted on the training voices:

# %%
from lecturelib.adapt.plda import Plda
from lecturelib.claims.small_voices import baseline

plain, speaker = [mfcc_statistics(clips) for clips in (known, test)], numbered(known)[0]
plda = Plda(dims=30).fit(embed(encoder, known), speaker)
mfcc_plda = Plda().fit(plain[0], speaker)
scores = {"x-vector": score, "x-vector, PLDA": plda.score(*vectors[pair].unbind(1))}
scores["MFCC"] = cosine(*baseline(test)[pair].unbind(1))
scores["MFCC, PLDA"] = mfcc_plda.score(*plain[1][pair].unbind(1))
errors = {name: det(s, same)[:2] for name, s in scores.items()}
det_curves(errors, {name: eer(s, same).rate for name, s in scores.items()})

# %% [markdown]
# One training proves little. Five each, and what each ingredient is worth:

# %%
from lecturelib.viz.cards import claim_card

cards = ("voice_vectors", "voice_augmentation", "voice_deviation", "voice_duration")
display(*(claim_card(claims.entry(name)) for name in cards))

# %% [markdown]
# Augmentation costs half a point where it is quiet and saves 17 points under noise. The deviation is worth one point on average, but hardly anything in some trainings. PLDA, which the paper needs, halves the errors of MFCC statistics and does nothing for the x-vector.
#
# ### How long must one listen?
#
# Five trainings; each test clip cut to its first seconds:

# %%
from lecturelib.claims.voice_duration import SECONDS
from lecturelib.viz.voices import duration_curve

runs = claims.entry("voice_duration")["runs"]
stored = np.array([[run[f"{long} s"] for run in runs] for long in SECONDS])
duration_curve(SECONDS, {"x-vector": stored})

# %% [markdown]
# Live, on the shipped network: move the slider.

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def listen(seconds):
    short = embed(encoder, test, seconds=seconds)
    score = cosine(*short[pair].unbind(1))
    return [score_histograms(score, same, eer(score, same).threshold, f"cosine, {seconds} s")]


slide(listen, widgets.SelectionSlider(options=SECONDS, value=0.5, description="seconds"))

# %% [markdown]
# ## People
#
# Real ones: four announcers, six people who say digits. Four of them were in the training. The six others make the trials here. **Too few**: an interval over speakers needs ten or more, so this is a number about six people and nothing else. (With network, `data.voices.librispeech("test")` brings ten more, and `folder("my_voices")` your own.) Beside ours, a published encoder trained on thousands of people (Resemblyzer), where it can be had:

# %%
from lecturelib.published.resemblyzer import speaker_encoder

strangers = [u for u in real if u.speaker not in set(facts["vocabulary"])][::8]
if strangers:
    who_real, names_real = numbered(strangers)
    pair_real, same_real = trials(who_real)
    found = {"x-vector": embed(encoder, strangers), "MFCC statistics": baseline(strangers)}
    try:
        found["Resemblyzer"] = embed(speaker_encoder(), strangers)
    except Unavailable as error:
        print(error)
    for name, own in found.items():
        rate = eer(cosine(*own[pair_real].unbind(1)), same_real).rate
        print(f"{name:<16}{rate:.1%} of {len(pair_real):,} trials, {len(names_real)} people")

# %% [markdown]
# A network that has heard sixty machines and four people is wrong on more than one pair in five; one that has heard thousands of people, on one in twenty. **Voices of an engine are not people**, whatever the first picture of this notebook looked like.
#
# **A closed set is easier.** Which of the six digit speakers was it? Five clips of each are enrolled; the nearest mean is named. Three of the six were in the training.

# %%
from lecturelib.adapt.verification import identified

digits = [u for u in real if u.language == "en" and u.speaker != "Allison Smith"]
if digits:
    who_said, six = numbered(digits)
    rank = torch.stack([(who_said[:n] == who_said[n]).sum() for n in range(len(digits))])
    five, rest = rank < 5, rank >= 5
    for name, own in {"x-vector": embed(encoder, digits), "MFCC": baseline(digits)}.items():
        right = identified(own[five], who_said[five], own[rest], who_said[rest])
        print(f"{name}: {right.float().mean():.1%} of {len(right)} clips named right (six people)")

# %% [markdown]
#
# **Try it.** Choose two clips, or record or upload your own (it stays in this kernel); move the threshold. Space: the next pair; F: full screen.

# %%
from lecturelib.adapt.speakers import Ear
from lecturelib.viz.explorers.verifier import Clip, Measured, verifier

shown = [*first[:4], *some[:4]]
clips = [Clip(f"{n + 1} {u.speaker}", u.wave.numpy(), u.speaker) for n, u in enumerate(shown)]
measured = Measured(score.numpy(), same.numpy(), "21 synthetic voices, pairs of one sex")
verifier(Ear(encoder), clips, measured, equal.threshold)

# %% [markdown]
# ## What else is in the vector?
#
# The slide: *classification of age/sex, medical conditions, etc.* Train a linear layer on the training voices' vectors, ask it about the test voices. The vector was never asked for any of this.

# %%
from lecturelib.adapt.voice_probes import probes, questions, which_digit
from lecturelib.data import speech
from lecturelib.viz.voices import probe_bars

asked = questions(known[::4], test)
if real:
    asked["digit (people)"] = which_digit(speech.fsdd("train")[::5], speech.fsdd("test")[::5])
chance = {name: question.chance for name, question in asked.items()}
probe_bars(probes(encoder, asked), chance | {"age": 0, "medical condition": 0})

# %% [markdown]
# Sex and language are all but written in, though it was only asked for names. (Each synthetic voice speaks one language, so that a language helps to name it.) The room and what is behind the voice are *harder* to read than in the untrained network: that is what augmentation is for. The digit is as readable as before training. A vector gives away more than it was asked for, and less than the sound.
#
# For age and medical conditions there is no open data here, so the rows stay empty. `data.voices.folder("my_recordings")` takes a folder of sound files, one sub-folder a speaker, and the same linear layer takes any label that you have. Nobody may be in both halves.
#
# **A map.** t-SNE of the vectors; click a point or walk with the arrow keys and hear it; L: another label.

# %%
from sklearn.manifold import TSNE

from lecturelib.viz.explorers.voice_map import Voices, voice_map

few = test[::2]
points = TSNE(perplexity=15, random_state=0).fit_transform(vectors[::2].numpy())
labels = {"voice": [u.speaker.removeprefix("eSpeak ") for u in few]}
labels |= {"sex": [CAST[u.speaker].sex for u in few], "language": [u.language for u in few]}
voice_map(
    Voices(
        points, [f"{u.speaker}: {u.text}" for u in few], [u.wave.numpy() for u in few], labels, 8000
    )
)

# %% [markdown]
# ## Consent, and a spoof
#
# A voice is biometric data: it cannot be changed as a password can. Nobody in these recordings was asked about *this* use; the announcers and the six digit speakers gave their recordings under open licences, which is why they are here and others are not. Record nobody without asking.
#
# Does the verifier notice a machine? Each stranger's clips against synthetic voices of the same language, at the threshold that real pairs would get:

# %%
from lecturelib.adapt.voice_probes import spoofed

if strangers:
    limit = eer(cosine(*found["x-vector"][pair_real].unbind(1)), same_real).threshold
    taken = spoofed(found["x-vector"], strangers, vectors, test, limit)
    others = cosine(*found["x-vector"][pair_real[~same_real]].unbind(1)) >= limit
    print(f"taken for the person: {taken:.1%} of synthetic clips", end=", ")
    print(f"{others.float().mean():.1%} of other people's (threshold {limit:.2f})")

# %% [markdown]
# An eSpeak voice imitates nobody, and this network knows such voices well, so the number is about robots that do not try. A cloned voice is made to score high; nothing here says how it would do.
#
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own.
#
# Eight of them:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.voices import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** Statistics pooling: `frames` [batch, time, dim], `is_pad` [batch, time] True on filling; result [batch, 2 dim], the means, then the standard deviations (divide by the number of real frames).


# %% tags=["exercise:statistics"]
def statistics(frames, is_pad):
    raise NotImplementedError


check("statistics", statistics)

# %% [markdown]
# **2.** Length normalisation: each row of `embedding` [n, dim] at length 1.


# %% tags=["exercise:unit_length"]
def unit_length(embedding):
    raise NotImplementedError


check("unit_length", unit_length)

# %% [markdown]
# **3.** The cosine of each row of `a` with the same row of `b`: [n].


# %% tags=["exercise:cosine"]
def cosine(a, b):
    raise NotImplementedError


check("cosine", cosine)

# %% [markdown]
# **4.** The equal error rate of `score` [trials] and `same` [trials]: a score at or above a threshold is accepted. Take every score, and one above all, as a threshold; where misses overtake false alarms, draw straight lines between the two neighbouring points and return the rate where they meet, a tensor without axes.


# %% tags=["exercise:eer"]
def eer(score, same):
    raise NotImplementedError


check("eer", eer)

# %% [markdown]
# **5.** The bootstrap over speakers: speaker i was drawn `times[i]` times; `who` [trials, 2] says who is on both sides, `same` whether it is one. How often does each trial come up? A copy of a speaker brings its own trials of one; two speakers drawn m and n times meet m · n times.


# %% tags=["exercise:appearances"]
def appearances(same, who, times):
    raise NotImplementedError


check("appearances", appearances)

# %% [markdown]
# **6.** PLDA's score: log p(a, b | one speaker) - log p(a, b | two speakers), for `a`, `b` [n, dim] and a `model` with `mean`, `between` and `within`. Two clips of one speaker share `between`; each clip alone varies by `between + within`.


# %% tags=["exercise:log_ratio"]
def log_ratio(a, b, model):
    raise NotImplementedError


check("log_ratio", log_ratio)

# %% [markdown]
# **7.** GE2E: the cosine of each clip's vector with each speaker's mean of unit vectors, [clips, speakers]; a clip is left out of its own speaker's mean. `who` [clips] numbers speakers from 0.


# %% tags=["exercise:to_centroids"]
def to_centroids(vectors, who):
    raise NotImplementedError


check("to_centroids", to_centroids)

# %% [markdown]
# **8.** Closed-set identification: whose mean of unit vectors is nearest by cosine? `enrolled` [clips, dim], `speaker` [clips] their names as numbers, `unknown` [asked, dim]; return names.


# %% tags=["exercise:identify"]
def identify(enrolled, speaker, unknown):
    raise NotImplementedError


check("identify", identify)

# %% [markdown]
# ## Exam-style questions
#
# **1.** Why is the x-vector taken before the nonlinearity of segment6, and not the softmax?
# <details><summary>Answer</summary>The softmax says which of the training speakers it is, and a new voice is none of them. The layers before hold what tells voices apart.</details>
#
# **2.** A verifier has an equal error rate of 2 % on 21 synthetic voices. A bank wants it. What do you say?
# <details><summary>Answer</summary>21 settings of one engine are not people. Measure on many speakers of the bank's own kind, channel and languages, give an interval over speakers, choose the threshold by the costs of both errors, and test against synthetic speech.</details>
#
# **3.** Why must an interval be drawn over speakers and not over trials?
# <details><summary>Answer</summary>Trials share speakers: one odd voice spoils all of its trials together. Thousands of trials of six people are still six people.</details>
#
# **4.** What does statistics pooling throw away, and what does the deviation keep that the mean does not?
# <details><summary>Answer</summary>The order of time. The deviation says how much each channel varies: how lively a voice is, for instance.</details>
#
# **5.** Your vector reads the room with 90 %. Is that good?
# <details><summary>Answer</summary>Not for a verifier: two clips in one room will look like one voice. Augmentation with rooms is meant to make the vector forget them.</details>

# %% [markdown]
# ## Recap
#
# - Any length becomes one vector: look around, pool mean and deviation, keep the layer before the names.
# - Verification is trials, scores, and two kinds of error; the threshold is a decision, not a fact.
# - The vector gives away more than it was asked for. Synthetic voices say nothing about people, and six people say little.
#
# **References.** Snyder et al. 2018, X-vectors, ICASSP · Wan et al. 2018, GE2E, arXiv 1710.10467 · Brümmer and de Villiers 2010, two-covariance model, Odyssey · Martin et al. 1997, DET curve, Eurospeech.
#
# **Next:** 04, the Transformer.
