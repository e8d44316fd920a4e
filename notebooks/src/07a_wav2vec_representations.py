# %% [markdown]
# # 07a · Learning to listen: wav2vec, vq-wav2vec, wav2vec 2.0
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can say what makes a representation of audio good, and measure it; tell the three steps from wav2vec to wav2vec 2.0 apart; write the slide's contrastive loss; compute how much a span mask hides; and see at a glance whether a codebook is alive.
#
# **You need** 04 (attention, the encoder) and 05 (masking in BERT). **It takes** {{minutes}} minutes to run on two CPU cores. All speech here is real: spoken digits of six people and telephone prompts in five languages, 8,000 Hz. Where they cannot be fetched, synthetic speech takes their place and each cell says so.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# *Learning good representations of audio data from unlabeled audio!* says the slide. Good for what? A representation is good if little is left to learn. So: freeze it, label a few clips, and read a digit out of it by one linear layer. Two people whom the model has never heard say the digits; three others gave the labels.
#
# The answer in one picture, three pre-trainings:

# %%
from lecturelib import claims
from lecturelib.adapt.transfer import stored_curve
from lecturelib.viz import figures

stored = claims.entry("speech_few_labels")["runs"]
curve = stored_curve(stored, ["wav2vec 2.0", "untrained", "log-mel"])
figures.label_curve(curve.per_class, curve.accuracy)

# %% [markdown]
# Bands are one standard deviation over three pre-trainings and their draws of labels. What it was pre-trained on: an hour and three quarters of speech, no transcript, and neither of these two voices.
#
# | on the slide | here | in the code |
# |:--|:--|:--|
# | $x$ raw waveform | samples, mean 0, deviation 1 | `batch.signal` |
# | $z$ latent speech | frames every 20 ms | `front.latents(waves)` |
# | masked | spans of $z$ | `span_mask` |
# | $c_t$ context | the one encoder | `encoder(tokens)` |
# | $q_t$ quantised | what is to be found | `GumbelQuantizer` |
# | $\tilde q \sim Q_t$ | distractors, $q_t$ among them | `distractors` |
# | $sim$, $\kappa$ | cosine, 0.1 | `compare`, `Settings.kappa` |
# | $\mathcal L_m$ | $-\log$ softmax of the true one | `contrastive_loss` |
#
# Listen first. A digit of each person who gave labels, and a prompt of each announcer:

# %%
from lecturelib.data.speech import fsdd
from lecturelib.data.speech_crops import everybody
from lecturelib.viz.sound import players

heard = everybody("train")
voices = {(u.speaker, u.language): u for u in heard if len(u.wave) < 24000}
names = [f"{who}, {tongue}" for who, tongue in voices]
players([u.wave.numpy() for u in voices.values()], 8000, names)

# %% [markdown]
# ## What would be a good representation of audio?
#
# One exam for everything that follows: a frozen encoder, and one linear layer a question. *Which word? Who? Which language? Which letters, and when? Where does somebody stumble? Do two sentences in two languages mean the same?* Layer and weight decay are chosen on other people or other texts than those that are asked about.
#
# The stumbles are **edited, not pathological speech**: we cut repetitions, stretched sounds and pauses into real clips, so that we know where they are.

# %%
from lecturelib.adapt.speech_exam import exam
from lecturelib.data.disfluencies import EDITED

asked = exam()
stumble = next(one for one in asked.timelines["test"] if len(one.events) == 3)
print(*(f"{kind} at {start:.1f} to {end:.1f} s" for kind, start, end in stumble.events), sep=", ")
players([stumble.said.wave.numpy()], 8000, [EDITED])

# %% [markdown]
# Log-mel bands without any network; a wav2vec 2.0 before and after training (section 3). Every row is the same function, `superb`, on real recordings:

# %%
import numpy as np
import torch

from lecturelib.adapt.hearing import layers_of, log_mel
from lecturelib.adapt.speech_probes import superb
from lecturelib.pretraining import wav2vec2
from lecturelib.viz.speech import event_timeline, probe_table

torch.manual_seed(0)
model = wav2vec2.shipped()
encoders = {"log-mel": log_mel, "untrained": layers_of(wav2vec2.untrained().eval().model)}
encoders |= {"wav2vec 2.0": layers_of(model.model)}
reports = {name: superb(hear, asked) for name, hear in encoders.items()}
probe_table({name: report.score for name, report in reports.items()}, asked.chance)

# %% [markdown]
# Pre-training helps with words and with stumbles. Speaker and language are nearly solved by any features, and it does **not** help with letters: there the order of the columns turns with the person who is asked. (The two strangers of *spoken word* and *letters* were in no pre-training; of the prompts it has heard many, without a label. The letters' probe got its weight decay on the validation speaker after a first look at these strings: that row is a second look. One draw of labels here; the card at the end has five, and three pre-trainings.)
#
# Meaning across languages? A control first: long sentences are long in every language. By the clips' lengths alone:

# %%
from lecturelib.adapt.speech_probes import by_length

alone = by_length(asked)
print(f"by length alone: first {alone['recall@1']:.1%}, among 5 {alone['recall@5']:.1%}")

# %% [markdown]
# So nothing was translated, and why should it be? Nobody ever told the model that two sentences mean the same.
#
# **Few labels, live.** The first picture again, now with the shipped model and ten draws of labels:

# %%
from lecturelib.adapt.hearing import pooled
from lecturelib.adapt.speech_probes import few_label_curve

clips, words_asked = asked.clips["digits"], asked.questions["spoken word"]
vectors = {way: pooled(encoders[way], clips) for way in ("wav2vec 2.0", "untrained", "log-mel")}
few = few_label_curve(vectors, words_asked)
gain = few.accuracy["wav2vec 2.0"][2].mean() - few.accuracy["log-mel"][2].mean()
assert gain > 3 or "synthetic" in clips[0].source  # of machine voices nothing is promised
figures.label_curve(few.per_class, few.accuracy)

# %% [markdown]
# Which layer was chosen for each row of the table? 0 is the front end, the last the top of the encoder. Often it is the front end: the last layers serve the pretext, so never take the top one without asking.

# %%
for name in asked.questions:
    print(f"{name:<22}", {way: report.layer[name] for way, report in reports.items()})

# %% [markdown]
# The stumbles of one clip, as the probe hears them, frame by frame:

# %%
from lecturelib.adapt.events import events_of
from lecturelib.adapt.speech_frames import stumbles

kinds = stumbles(encoders["wav2vec 2.0"], asked.timelines["train"], [stumble])[0]
event_timeline(stumble.said.wave, 8000, stumble.events, events_of(kinds))

# %% [markdown]
# `data.disfluencies.disfluencies(split, folder="my_recordings")` takes real recordings with a table `file,start,end,kind` instead; nothing else changes. What is shown here says something about edits, and nothing about people who stutter.

# %% [markdown]
# ## 1. wav2vec: guess what comes
#
# *Fully convolutional, binary cross-entropy.* Two stacks of convolutions: the first turns samples into frames $z$, the second looks back over the last 79 of them and makes $c$. (Its convolutions never look ahead; its norm, over all of time as in the paper, feels the future a little.) From $c_t$ a linear map for each step says what $z$ will be one, two, ... twelve frames later; ten frames from elsewhere in the clip are the wrong answers.

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.encoders.aggregator import Aggregator
from lecturelib.frontends.wav2vec import PLAN as WAV2VEC
from lecturelib.frontends.waveform import samples_of

seen, moved = samples_of(WAV2VEC, 1), samples_of(WAV2VEC, 2) - samples_of(WAV2VEC, 1)
print(f"a frame of z sees {seen} samples and moves {moved}")
print(f"a frame of c sees {Aggregator(dim=8).context} frames of z")

# %% [markdown]
# By hand, for one step: the true frame's score and ten wrong ones go through $\sigma$; the true one should be 1, the others 0. This is exercise 1.

# %%
# NBVAL_CHECK_OUTPUT

from lecturelib.objectives.future_contrast import step_loss

scores = torch.tensor([2.0, -1.0, 0.5])  # the true one first
print(f"{-torch.log(torch.sigmoid(scores[0])) - torch.log(torch.sigmoid(-scores[1:])).sum():.4f}")
print(f"{step_loss(scores):.4f}")

# %% [markdown]
# Live, small (64 channels), from the waveform as in the paper. Whoever says *1 in 11* of every frame has the base rate for a loss; this is where it stays, here for 40 steps, and in a longer try for 150:

# %%
from lecturelib.claims.steps_ahead import by_step, trained
from lecturelib.data.speech_crops import crops
from lecturelib.frontends.wav2vec import FeatureEncoder
from lecturelib.objectives.future_contrast import FutureContrast, Wav2Vec
from lecturelib.pretraining import wav2vec
from lecturelib.training.loop import Plan, Trainer

narrow = FeatureEncoder(plan=[conv._replace(width=64) for conv in WAV2VEC])
raw = Wav2Vec(frontend=narrow, aggregator=Aggregator(dim=64, kernels=wav2vec.KERNELS))
raw_rows = Trainer(FutureContrast(raw), crops(heard, 8), Plan(40, lr=1e-3)).run().rows
base = -(np.log(1 / 11) + 10 * np.log(10 / 11))
print(f"loss {raw_rows[-1]['contrastive']:.3f}, base rate {base:.3f}")

# %% [markdown]
# So from here on its frames are log-mel bands and one convolution. How far ahead can it see, after 80 steps that you can watch, and after the 3,000 of the shipped one (`pretrain wav2vec --pace full`)?

# %%
models = {"80 steps, live": trained(seed=0, steps=80), "3,000 steps": wav2vec.shipped()}
picture = figures.figure(7, 2.8)
axis = picture.add_subplot()
for name, model_of in models.items():
    axis.plot([20 * k for k in range(3, 15)], by_step(model_of), "o-", linewidth=2.5, label=name)
axis.axhline(100 / 11, color="black", linestyle="--")
axis.set(xlabel="milliseconds ahead", ylabel="right, % (chance dashed)")
axis.legend()
picture

# %% [markdown]
# What comes 60 ms later (the first frame that shares no sample) the shipped one tells from ten others six times as often as by chance; a quarter of a second later still twice as often. 80 steps are a beginning.
#
# ## 2. vq-wav2vec: give the sounds names
#
# *Vector quantize to discover discrete latent speech representations.* Between $z$ and $c$ each frame becomes one of a few: in each of two groups one of V entries, side by side. That is *product quantisation*: 2 x 320 vectors are stored, and 320 x 320 sounds can be named.
#
# Choosing has no gradient. Two ways out, both **straight-through**: forward one entry, backward as if nothing had been chosen. Gumbel: draw the entry by a softmax with noise. k-means: take the nearest.

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.quantizers import GumbelUnits, KMeansQuantizer, unit_ids

latents = torch.randn(1, 5, 64, generator=torch.Generator().manual_seed(0))
for way in (GumbelUnits(dim=64), KMeansQuantizer(dim=64)):
    units = way(latents, torch.Generator().manual_seed(0))
    print(type(way).__name__, tuple(units.vectors.shape), tuple(units.codes.shape))
print("one number for a pair:", bool((unit_ids(units.codes, 320) < 320 * 320).all()))

# %% [markdown]
# A clip as its names: the shipped vq-wav2vec (k-means, two groups of 32, 3,000 steps) on two people whom it has never heard, each saying *zero*. A name that lasts is written once, with its frames of 20 ms:

# %%
from itertools import groupby
from textwrap import fill

from lecturelib.adapt.recognition import levelled
from lecturelib.pretraining import vq_wav2vec

namer = vq_wav2vec.shipped().model
zeros = {one.speaker: one for one in clips if one.text == "zero"}
for who, one in list(zeros.items())[-2:]:
    with torch.no_grad():
        names = namer(levelled(one).wave[None]).units.codes[0].tolist()
    runs = [f"{a}|{b}×{len(list(same))}" for (a, b), same in groupby(names)]
    print(fill(f"{who}:  " + "  ".join(runs), width=80), end="\n\n")

# %% [markdown]
# Some names are used by both, most by one of them: a name says something of the voice, too.
#
# *VQ enables use of NLP-style models*: a clip is now a sentence of units, and BERT can fill in what is hidden. Here with the units of our shipped quantiser (section 3), spans of five hidden:

# %%
from lecturelib.claims import unit_bert

words = unit_bert.words()
first = unit_bert.sentences(torch.Generator().manual_seed(0)).signal[0]
print(f"{len(words.used)} of {32 * 32:,} pairs are in use; 240 ms: {first[:12].tolist()}")
_, bert_run = unit_bert.trained("spans", seed=0, steps=60)
figures.curves(bert_run.rows, ["units_nll", "units_right"])

# %% [markdown]
# *Different to vq-vae: context in latent space prediction vs. data reconstruction.* The same quantiser with another target; only the last line differs in spirit: the units must give the sound back.

# %%
from lecturelib.frontends.spectrogram import LogMel
from lecturelib.frontends.waveform import MelFrames
from lecturelib.objectives.reconstruction import Reconstruction

units = KMeansQuantizer(dim=64, groups=2, codes=32)
vq_vae = Reconstruction(
    frontend=MelFrames(), quantizer=units, target=LogMel(), decoder=torch.nn.Linear(64, 40)
)
rows = Trainer(vq_vae, crops(heard, 8), Plan(60, lr=3e-3), label="VQ-VAE").run().rows
figures.curves(rows, ["sound"])

# %% [markdown]
# ## 3. wav2vec 2.0: hide, and find it among others
#
# *Joint VQ and context representation learning; bi-directional; contrastive task; vector quantized targets.* The lecture's sentence: a front end (raw waveform, convolutions), a rule that hides something (spans of frames), one encoder (notebook 04's), a target (which quantised frame stood there?).
#
# ### What is hidden
#
# Each frame starts a span with chance $p = 0.065$; a span is $M = 10$ frames; spans may overlap. How much is hidden? A frame stays visible if none of the ten frames up to it starts a span: $1 - (1 - p)^M$.

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.masking import expected_share, expected_span, span_mask

is_pad = torch.zeros(100, 1000, dtype=torch.bool)
hidden = span_mask(is_pad, start_prob=0.065, span=10, rng=torch.Generator().manual_seed(0))
print(f"closed form {expected_share(0.065, 10):.3f}, drawn {hidden.float().mean():.2f}")
print(f"mean span {expected_span(0.065, 10):.1f} frames, {13.7 * 20 + 25:.0f} ms")

# %% [markdown]
# > **On the slide / in the paper.** *Sample starting points without replacement* is the published code: it draws $0.65 \cdot T / M$ starts for $T$ frames. Its 0.65 is $p \cdot M$, not $p$: a well-known trap. Try both units in the lab: paint spans, move the sliders, hear what is left (F: full screen).

# %%
from lecturelib.viz.explorers.clips import Clip
from lecturelib.viz.explorers.mask_lab import mask_lab


def rule(frames, p, span, seed):
    rng = torch.Generator().manual_seed(seed)
    nothing = torch.zeros(1, frames, dtype=torch.bool)
    return span_mask(nothing, start_prob=p, span=span, rng=rng)[0].numpy()


prompts = [u for u in heard if u.take is None and 16000 < len(u.wave) < 40000]
shown = [Clip(f"{u.speaker}", u.wave.numpy(), u.speaker, u.text) for u in prompts[:3]]
mask_lab(shown, rule)

# %% [markdown]
# ### The front end
#
# Seven convolutions make a frame of 25 ms every 20 ms. Another convolution, 128 frames wide, tells each frame where it is by its neighbourhood (no sinusoids).

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.frontends.waveform import PLAN, frames_of

seen, moved = samples_of(PLAN, 1), samples_of(PLAN, 2) - samples_of(PLAN, 1)
print(f"sees {seen} samples, moves {moved}: {seen / 16:.0f} ms every {moved / 16:.0f} ms at 16 kHz")
print(f"15 s are {int(frames_of(PLAN, torch.tensor(15 * 16000)))} frames")

# %% [markdown]
# Hugging Face's model and ours are the same function: copy the weights, compare. (Small sizes and random weights here; `published.load("facebook/wav2vec2-base")` does it with the real ones, with network.)

# %%
# NBVAL_CHECK_OUTPUT
from transformers import Wav2Vec2Config, Wav2Vec2Model

from lecturelib.published import from_reference

config = Wav2Vec2Config(hidden_size=48, num_hidden_layers=2, num_attention_heads=4)
theirs = Wav2Vec2Model(config).double().eval()
ours, wave = from_reference(theirs), torch.randn(1, 8000, dtype=torch.double)
gap = (ours(wave).last_hidden_state - theirs(wave).last_hidden_state).abs().max()
print(f"{type(ours.model.encoder).__name__}, {type(ours.model.frontend).__name__}")
print(f"largest difference below 1e-10: {bool(gap < 1e-10)}")

# %% [markdown]
# ### The loss on the slide
#
# $$\mathcal{L}_m = -\log \frac{\exp(sim(\mathbf{c}_t, \mathbf{q}_t)/\kappa)}{\sum_{\tilde{\mathbf{q}} \sim \mathbf{Q}_t} \exp(sim(\mathbf{c}_t, \tilde{\mathbf{q}})/\kappa)}$$
#
# By hand for one hidden frame with three distractors, and by the library:

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.objectives.masked_contrast import compare, contrastive_loss

rng = torch.Generator().manual_seed(0)
c, q = torch.randn(4, 8, generator=rng), torch.randn(4, 8, generator=rng)
sim = torch.cosine_similarity(c[0], q) / 0.1
print(f"{-torch.log(sim[0].exp() / sim.exp().sum()):.4f}")
others = torch.tensor([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
found = compare(c, q, torch.arange(4)[:, None], others, [4])
print(f"{contrastive_loss(found._replace(scores=found.scores[:1], same=found.same[:1]), 0.1):.4f}")

# %% [markdown]
# Three things are added: the **codebook penalty** (the slide: *to encourage more codes to be used*) on the perplexity of the softmax, a small penalty on the size of $z$, and Gumbel noise whose temperature falls from 2 to 0.5.
#
# > **On the slide / in the paper.** *Masking of quantized sequence* is a simplification: the encoder hears **continuous** frames, and only the targets are quantised. Quantising both is the worst of four variants in the paper (WER 12.18 against 7.97).
#
# ### Train it
#
# Live, from nothing; what to watch is `tie_accuracy`: how often the true frame scores best, where whoever ties shares. Chance is 1 in 51.

# %%
from lecturelib.claims.codebook_collapse import recorded
from lecturelib.training.schedule import constant
from lecturelib.viz.explorers.collapse_doctor import run_of

torch.manual_seed(0)
live = wav2vec2.untrained(wav2vec2.cooling(wav2vec2.SETTINGS, 400))
plan = Plan(120, lr=5e-4, schedule=constant, clip=5.0)
run = Trainer(live, crops(heard, 8), plan, label="wav2vec 2.0")
alive = run_of("healthy", recorded(run, every=5))
figures.curves(alive.rows, ["contrastive", "tie_accuracy", "hard_perplexity"])

# %% [markdown]
# At full pace (`python -m lecturelib pretrain wav2vec2 --pace full`, 16 minutes of one core), watched on a person and on sentences that are not in the training:

# %%
from lecturelib.paths import CHECKPOINTS
from lecturelib.training.checkpoint import read

_, facts = read(CHECKPOINTS / "wav2vec2_speech.safetensors")
watched = ["held_out_contrastive", "held_out_tie_accuracy", "held_out_hard_perplexity"]
curve = {name: dict(facts["curve"][name]) for name in watched}
steps = curve[watched[0]]
figures.curves([{"step": s, **{n: curve[n][s] for n in watched}} for s in steps])

# %% [markdown]
# Three such trainings, from the ledger: how often the hidden frame is found, ties shared, and how many of 64 entries are in use.

# %%
for run in stored:
    print(f"{run['tie_accuracy']:.3f} found, {run['hard_perplexity']:.1f} entries in use")

# %% [markdown]
# It goes on live: a new optimiser, forty more steps at a small rate. Beside it what an untrained network scores:

# %%
held_out = crops(everybody("validation"), 64)(torch.Generator().manual_seed(0))
going = wav2vec2.shipped()
before = wav2vec2.held_out_row(going, held_out)
Trainer(going, crops(heard, 8), Plan(40, lr=1e-4, clip=5.0), label="going on").run()
rows = {"untrained": wav2vec2.held_out_row(wav2vec2.untrained(), held_out), "shipped": before}
rows["40 steps more"] = wav2vec2.held_out_row(going, held_out)
for name, row in rows.items():
    print(f"{name:<14}", end="")
    for part in ("accuracy", "tie_accuracy", "hard_perplexity", "soft_perplexity"):
        print(f"{part} {row[f'held_out_{part}']:6.3f}", end="   ")
    print()

# %% [markdown]
# ## 100 % accuracy, and it is dead
#
# Now the same recipe from the raw waveform, with the large model's LayerNorm after every convolution, and without warm-up. Watch loss and accuracy, the two numbers that every log prints. Then lift the curtain.

# %%
from lecturelib.claims.codebook_collapse import Patient, trainer

dead = run_of("the patient", recorded(trainer(Patient())))
print(f"loss {dead.rows[-1]['loss']:.3f}, accuracy {dead.rows[-1]['accuracy']:.0%}")

# %% [markdown]
# Beside it the healthy run from above. Space plays; C lifts the curtain; D calls the doctor.

# %%
from lecturelib.viz.explorers.collapse_doctor import collapse_doctor


def treat(switches):
    kept = {"diversity": 0.1 * switches["diversity"], "noise": switches["noise"]}
    yield from recorded(trainer(Patient(cooling=switches["schedule"], **kept)))


collapse_doctor([dead, alive], treat)

# %% [markdown]
# One code a group: every distractor *is* the true frame, and the published count leaves such distractors out. Nothing is left to confuse it with, so it is always right. Ties shared, it is at chance. The switches (third act) train once more, here, in eight seconds each.
#
# Five trainings of each kind; entries in use at the end, of 64:

# %%
from lecturelib.claims.codebook_collapse import WAYS

figures.claim_bars(claims.entry("codebook_collapse")["runs"], list(WAYS), "entries in use, of 64")

# %% [markdown]
# ## Listen to a code
#
# What does a code stand for? 20 ms cannot be heard, so a click plays eight places where it stands, 150 ms either side, from different speakers. Beside it 64 clusters of log-mel frames (k-means): which of the two knows more about the word, and about the speaker?

# %%
from lecturelib.adapt.codes import knows, occurrences
from lecturelib.adapt.recognition import levelled
from lecturelib.quantizers import fit_codebook

digits = [u for split in ("train", "validation", "test") for u in fsdd(split) if (u.take or 0) < 6]
front, quantizer = model.model.frontend, model.quantizer
with torch.no_grad():
    waves = [levelled(u).wave[None] for u in digits]
    codes = [quantizer(front.latents(wave)[0]).codes for wave in waves]
    mels = [front.convolutions.mel(wave)[0].T[::2].add(1e-3).log() for wave in waves]
clusters = fit_codebook(torch.cat(mels), codes=64, seed=0)
named = [clusters(one)[:, None] for one in mels]
print(f"{sum(map(len, codes)):,} frames of {len(digits)} spoken digits, six people")

# %% [markdown]
# For each code eight places, of as many people as say it; and what a code tells (adjusted mutual information, 0 is chance):

# %%
from lecturelib.quantizers import use
from lecturelib.viz.explorers.books import Book

speakers, texts = [u.speaker for u in digits], [u.text for u in digits]
rng = torch.Generator().manual_seed(0)
places = [occurrences(c, speakers, size=n, rng=rng) for c, n in ((codes, 32), (named, 64))]
known = [knows(c, texts, speakers) for c in (codes, named)]
flat = use(torch.cat(named), 64)[None].numpy()
k_means = Book("k-means of log-mel", flat, [0], places[1], known[1])
for name, what in zip(("wav2vec 2.0", "k-means"), known, strict=True):
    print(f"{name:<12}", {label: round(value, 3) for label, value in what.items()})

# %% [markdown]
# Space plays the training; arrows or a click choose a code and play it; 1 and 2 hear the two books again.

# %%
from lecturelib.viz.explorers.codebook import codebook
from lecturelib.viz.explorers.pieces import Recordings

shares = {name: dict(values) for name, values in facts["curve"].items()}
steps = list(shares["use 0 0"])
grown = [[[shares[f"use {g} {v}"][s] for v in range(32)] for g in (0, 1)] for s in steps]
soft = [shares["held_out_soft_perplexity"][s] for s in steps]
learned = Book("wav2vec 2.0", np.array(grown), steps, places[0], known[0], soft)
books = codebook(Recordings([u.wave.numpy() for u in digits], speakers, texts), [learned, k_means])
nine = texts.index("nine")  # both books open at the middle of one "nine"
books.chosen = [[0, int(c[nine][len(c[nine]) // 2, 0])] for c in (codes, named)]
books

# %% [markdown]
# ## Where the distractors come from
#
# Of the same clip: same voice, same microphone, so that only *what is said* tells them apart. Switch to other speakers: many are ruled out by the voice alone. Click one to hear it.

# %%

from lecturelib.adapt.distractors import distractors_of
from lecturelib.viz.explorers.contrast import Contrast
from lecturelib.viz.explorers.negatives import negatives

crop = crops(everybody("validation"), 4)(torch.Generator().manual_seed(3))
with torch.no_grad():
    latents = front.latents(crop.signal)
    nothing = torch.zeros(latents.shape[:2], dtype=torch.bool)
    hidden = wav2vec2.HIDE(nothing, rng=torch.Generator().manual_seed(3))
    context = model.project_context(model.model.encoder(front.tokens(latents, None, hidden)))
    found = model.quantizer(latents.flatten(0, 1))
    target = model.project_target(found.vectors).view_as(context)
print(f"{int(hidden.sum())} frames are hidden in four crops of three seconds")


# %% [markdown]
# O: other speakers. N draws again, sliders for K and kappa; the slide's sum is written out for the frame chosen.


# %%
def draw(place, count, others, seed):
    rng = torch.Generator().manual_seed(seed)
    who = crop.meta["speaker"]
    return distractors_of(place, list(hidden), who, count=count, others=others, rng=rng)


parts = {"hidden": hidden, "context": context, "target": target}
parts |= {"codes": found.codes.view(*hidden.shape, -1)}
heard_crops = Recordings([w.numpy() for w in crop.signal], crop.meta["speaker"], [""] * 4)
negatives(
    Contrast(heard_crops, **{k: [one.numpy() for one in v] for k, v in parts.items()}, draw=draw)
)

# %% [markdown]
# ## What the papers claim, and what we measured
#
# Small models, minutes of training: what a card says is about these, and its protocol was fixed before the seeds were run.

# %%
from lecturelib.viz.cards import claim_card

cards = ("speech_few_labels", "steps_ahead", "unit_bert", "raw_waveform")
display(*(claim_card(claims.entry(name)) for name in cards))

# %% [markdown]
# The paper's Table 4 in small, one thing changed at a time:

# %%
cards = ("quantised_targets", "code_penalty", "gumbel_noise", "span_length", "own_negatives")
display(*(claim_card(claims.entry(name)) for name in cards))

# %% [markdown]
# Only one row of the table holds at this size: distractors of the same clip. An easier pretext need not be a better representation, says the paper: without quantisation its accuracy rises from 62 to 78 %, and recognition gets worse. In our 300 steps the easiest pretext is also the best one, and whoever quantises what is heard learns nothing. A point a training:

# %%
from lecturelib.claims.quantised_targets import WAYS as VARIANTS

runs = claims.entry("quantised_targets")["runs"]
picture = figures.figure(7, 3.6)
axis = picture.add_subplot()
for way, colour in zip(VARIANTS, figures.LINES, strict=False):
    points = [(run[f"{way}, pretext"], run[way]) for run in runs]
    axis.plot(*zip(*points, strict=True), "o", color=colour, markersize=9, label=way)
axis.set(xlabel="hidden frame found, % (ties shared)", ylabel="digit right, %")
axis.legend(frameon=False)
picture

# %% [markdown]
# And the question that the paper answers and we do not: *from the raw waveform*. Three trainings of five ways to start (`raw_waveform`'s card); the dashed line is log-mel without a network:

# %%
from lecturelib.claims.raw_waveform import WAYS as STARTS

runs = claims.entry("raw_waveform")["runs"]
picture = figures.claim_bars(runs, list(STARTS), "digit right, %")
picture.axes[0].axvline(np.mean([run["log-mel"] for run in runs]), color="black", linestyle="--")
picture

# %% [markdown]
# That is why every figure of these two notebooks comes from the log-mel front end (`MelFrames`), unless it says *raw waveform*. The encoder of the waveform is the paper's, equal to the published one; the paper gave it 960 hours of speech and 400,000 updates.
#
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own. Eight of them:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.speech import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** wav2vec's loss: `scores` [..., 1 + negatives], the true frame's first. Minus log sigmoid of the true one, minus log sigmoid of minus each wrong one; the sum of all.


# %% tags=["exercise:step_loss"]
def step_loss(scores):
    raise NotImplementedError


check("step_loss", step_loss)

# %% [markdown]
# **2.** What share of a long clip is hidden if each frame starts a span with chance `start_prob` and a span has `span` frames? A tensor without axes.


# %% tags=["exercise:expected_share"]
def expected_share(start_prob, span):
    raise NotImplementedError


check("expected_share", expected_share)

# %% [markdown]
# **3.** The rule itself: `is_pad` [batch, time]; draw `torch.rand(is_pad.shape, generator=torch.Generator().manual_seed(seed))`, a start where it is below `start_prob`; hide `span` frames from each start; never filling.


# %% tags=["exercise:span_mask"]
def span_mask(is_pad, start_prob, span, seed):
    raise NotImplementedError


check("span_mask", span_mask)

# %% [markdown]
# **4.** Hard perplexity of `codes` [n, groups] with `entries` a group: exp(entropy) of how often each is chosen, summed over the groups.


# %% tags=["exercise:perplexity"]
def perplexity(codes, entries):
    raise NotImplementedError


check("perplexity", perplexity)

# %% [markdown]
# **5.** Choose with noise: `scores` and `noise` [n, groups, codes], `temperature`. A one-hot vector a group: forward 1 at the largest of (scores + noise) / temperature and 0 elsewhere, backward the gradient of its softmax; result [n, groups, codes].


# %% tags=["exercise:gumbel"]
def gumbel(scores, noise, temperature):
    raise NotImplementedError


check("gumbel", gumbel)

# %% [markdown]
# **6.** Product quantisation: one number for a frame's `codes` [..., groups], each below `entries`: 0 to entries^groups - 1, the first group counts most.


# %% tags=["exercise:unit_ids"]
def unit_ids(codes, entries):
    raise NotImplementedError


check("unit_ids", unit_ids)

# %% [markdown]
# **7.** The slide's loss: `c` [n, dim], `q` [n, dim], `negatives` [n, K, dim], `kappa`; cosine similarity; the sum over frames.


# %% tags=["exercise:contrastive_loss"]
def contrastive_loss(c, q, negatives, kappa):
    raise NotImplementedError


check("contrastive_loss", contrastive_loss)

# %% [markdown]
# **8.** k-means in groups: `vectors` [groups, n, part], `centres` [groups, codes, part]; which centre is nearest, [groups, n]? Without ever making a tensor [groups, n, codes, part].


# %% tags=["exercise:nearest"]
def nearest(vectors, centres):
    raise NotImplementedError


check("nearest", nearest)

# %% [markdown]
# ## Exam-style questions
#
# **1.** A log says accuracy 1.0, loss 0. What do you ask for before you celebrate?
# <details><summary>Answer</summary>The perplexity of the codes, and the accuracy with ties shared. With one code a group every distractor equals the target and is left out; what is left is always right.</details>
#
# **2.** p = 0.065, M = 10. Why is not 65 % hidden, and where does 0.65 come from?
# <details><summary>Answer</summary>Spans overlap: 1 - (1 - p)^10 = 49 %. The published code's 0.65 is p times M, the share that would be hidden without overlaps.</details>
#
# **3.** Why are distractors taken from the same clip?
# <details><summary>Answer</summary>Otherwise the voice and the microphone tell them apart, and the model need not hear what is said.</details>
#
# **4.** Why quantise the target and not what the encoder hears?
# <details><summary>Answer</summary>A quantised target forgets details that cannot be predicted and are no speech, such as noise; but the encoder needs the details to predict well.</details>
#
# **5.** Your frozen features beat the untrained network's by 30 points. Which baseline is missing?
# <details><summary>Answer</summary>Log-mel statistics without any network. From the raw waveform an untrained network is a far too easy opponent.</details>

# %% [markdown]
# ## Recap
#
# - A representation is measured by what can be read from it with few labels, beside log-mel and beside its untrained twin.
# - wav2vec predicts what comes; vq-wav2vec names sounds; wav2vec 2.0 hides spans and finds the quantised frame among others of the same clip.
# - Loss and accuracy can be perfect and the codebook dead: look at perplexity, and share ties.
# - In minutes a log-mel front end learns, and from the raw waveform we got nothing.
#
# **References.** Schneider et al. 2019, wav2vec, arXiv 1904.05862 · Baevski et al. 2020, vq-wav2vec, arXiv 1910.05453 · Baevski et al. 2020, wav2vec 2.0, arXiv 2006.11477 · van den Oord et al. 2017, VQ-VAE, arXiv 1711.00937 · Yang et al. 2021, SUPERB, arXiv 2105.01051.
#
# **Next:** 07b, from frames to words.
