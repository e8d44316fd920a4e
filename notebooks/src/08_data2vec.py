# %% [markdown]
# # 08 · data2vec: one learning rule for sound, pictures and words
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can write down data2vec's teacher, target and loss; say in which lines speech, images and text still differ; train all three with one loop and tell from two curves whether a model is alive; switch off what keeps it from collapsing; and say honestly what it was worth here beside BERT, hidden patches and wav2vec 2.0.
#
# **You need** notebooks 05, 06 and 07a: their front ends and masks return. **It takes** {{minutes}} minutes to run on two CPU cores. Speech, photographs and articles are real; without network what stands in for them says so.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# BERT guesses words, the Vision Transformer paints patches, wav2vec 2.0 finds quantised frames. *This is all very different with respect to the units; training therefore works quite different. Could we unify the way we look at the data?*
#
# data2vec's answer: *do not predict this, rather predict representations*. A slow copy of the network sees everything, and the network, from which something is hidden, says what the copy makes of it. One rule for three kinds of data. Is it worth anything at our size? One training of each kind, frozen; per cent right by a linear layer, five draws of labels, beside the same network before training:

# %%
from lecturelib import claims
from lecturelib.viz import figures

found: list[dict] = [{} for _ in range(5)]
for name in ("speech", "images", "text"):
    for row, run in zip(found, claims.entry(f"data2vec_{name}")["runs"], strict=True):
        row |= {f"{name}, {way}": run[way] for way in ("data2vec", "untrained")}
figures.claim_bars(found, list(found[0]), "right, %")

# %% [markdown]
# | on the slides | here | in the code |
# |:--|:--|:--|
# | modality-specific feature extractors | three front ends | `MelFrames`, `Patches`, `Words` |
# | modality-specific masking | three rules | `span_mask`, `random_patches`, `mask_words` |
# | Transformer | the one encoder of notebook 04 | `model.encoder` |
# | teacher: full input | exponential moving average of the encoder | `Teacher` |
# | latent representations | average of the top K layers, normalised | `targets` |
# | smoothed L1 loss | `smooth_l1` | `LatentRegression` |
#
# ## The rule, by hand
#
# **The teacher** has the student's weights of a while ago: after each step it keeps the share $\tau$ of itself, $\Delta \leftarrow \tau\Delta + (1-\tau)\,\theta$. From 1 towards a student that stands at 0, with $\tau = 0.999$:

# %%
# NBVAL_CHECK_OUTPUT
import torch

from lecturelib.objectives.teacher import ema

weight = torch.tensor(1.0)
for step in range(1, 2001):
    weight = ema(weight, torch.tensor(0.0), 0.999)
    if step in (1, 693, 2000):
        print(f"after {step:>4} steps {weight:.3f}, closed form {0.999**step:.3f}")

# %% [markdown]
# **The target** is what this teacher, who sees the whole input, makes of each place: the last K layers, each normalised, then averaged. **The loss** compares it with the student's guess, at the hidden places only. The slide's formula:
#
# $$\mathcal{L}(y_t, f_t(x)) = \begin{cases} \frac{1}{2}(y_t - f_t(x))^2 / \beta & |y_t - f_t(x)| \leq \beta \\ |y_t - f_t(x)| - \frac{1}{2}\beta & \text{otherwise} \end{cases}$$

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.objectives.latent_regression import smooth_l1

gap = torch.tensor([0.1, 0.5, 1.0, 3.0])
for beta in (1.0, 0.25):
    ours = smooth_l1(gap, torch.zeros(4), beta)
    torchs = torch.nn.functional.smooth_l1_loss(gap, torch.zeros(4), beta=beta, reduction="none")
    print(beta, ours.tolist(), bool(torch.equal(ours, torchs)))

# %% [markdown]
# Small gaps cost their square, large ones only their size: one teacher's whim does not rule the step. $\beta = 0$ is taken as the plain square, which the published code uses for speech.
#
# The whole objective is one class. Its step, as it stands in the library:

# %%
import inspect

from lecturelib.objectives.latent_regression import LatentRegression

print(inspect.getsource(LatentRegression.forward), inspect.getsource(LatentRegression.after_step))

# %% [markdown]
# Is the network *the* data2vec? The three models of Hugging Face, random weights copied into ours:

# %%
# NBVAL_CHECK_OUTPUT
import transformers

from lecturelib.published import from_reference

torch.manual_seed(0)
small = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
signals = {"Audio": torch.randn(1, 8000), "Vision": torch.rand(1, 3, 224, 224)}
for kind, signal in (signals | {"Text": torch.randint(5, 900, (1, 20))}).items():
    config = getattr(transformers, f"Data2Vec{kind}Config")(**small)
    theirs = getattr(transformers, f"Data2Vec{kind}Model")(config).double().eval()
    signal = signal.double() if signal.is_floating_point() else signal
    ours, answer = (net(signal).last_hidden_state for net in (from_reference(theirs), theirs))
    print(f"Data2Vec{kind}Model {tuple(ours.shape)}", bool((ours - answer).abs().max() < 1e-10))

# %% [markdown]
# (Hugging Face has the networks, not the training. Teacher, target and loss are tested against a plain loop.)
#
# ## What still differs
#
# The slides' table, from the objects that run. **Bold** is what is not as on the slide, or not said there in the same words; the last column says why. Rows with a star are not on the slides: their first column is the paper's, from memory, not checked. Published code: fairseq's three configuration files.

# %%
from IPython.display import Markdown, display

from lecturelib.recipes.lecture_table import NOT_ON_SLIDES, lecture_table
from lecturelib.viz.lecture_table import unification_table

for name in ("waveform", "patches", "words"):
    display(Markdown(f"**{name}**"), unification_table(lecture_table(name), NOT_ON_SLIDES))

# %% [markdown]
# And in code? Everything that knows whether it is sound, pictures or words, apart from the front end itself:

# %%
from lecturelib.recipes.data2vec import OURS, patches, waveform, words

for way in (waveform, patches, words):
    print(inspect.getsource(way))

# %% [markdown]
# > **On the slide / in the paper.** *Smoothed L1* stands on the slide for all; for speech the published code takes the square. *15 % of tokens, 80/10/10* is ours, too; the published code hides runs of four words and shows all of them as [MASK] (`data2vec("words", pieces=..., hide=mask_word_spans)`). And *one method* is not one model: three networks are trained, none sees another's data.
#
# ## One cell, three worlds
#
# The same loop, three front ends. Each panel shows what is hidden, the teacher's answer and the student's guess as colours (three principal components of the teacher's answers), and three numbers: R², the share of the target's variance that is predicted, and how much target and guess vary at all. The loss is not shown: its target moves, so that it may stand still while the model learns.

# %%
from lecturelib.pretraining import data2vec as data2vecs

shipped = {data: data2vecs.shipped(data) for data in data2vecs.DATA}
pieces = shipped["wikipedia"].view.keywords["pieces"]
sources = {
    "speech": data2vecs.speech(),
    "cifar10": data2vecs.pictures(),
    "wikipedia": data2vecs.sentences(epochs=1, pieces=pieces),
}
print({data: len(source.held_out) for data, source in sources.items()}, "examples held out")

# %% [markdown]
# A few held-out examples are measured, and the first of them is drawn; of texts, the first 24 pieces.

# %%
from lecturelib.adapt.three_worlds import World, looks, panels, unguarded
from lecturelib.data.batch import Batch


def few(batch):
    if batch.segment is None:
        return batch.rows(slice(8))
    ids, is_pad, segment = (x[:32, :24] for x in (batch.signal, batch.is_pad, batch.segment))
    return Batch(ids, is_pad, None, segment=segment)


watched = {data: few(source.held_out) for data, source in sources.items()}
print({data: list(batch.signal.shape) for data, batch in watched.items()})

# %% [markdown]
# Here is the cell. Only the name of the front end and the data change; the batches are small, so that something happens within half a minute.

# %%
NOTES = {
    "speech": "log-mel frames, not the raw waveform; fresh weights",
    "images": "CIFAR-10, 64 patches of 4x4 pixels; fresh weights",
    "text": "Wikipedia in word pieces; fresh weights, embeddings from word2vec",
}
worlds = []
for (kind, note), (data, source) in zip(NOTES.items(), sources.items(), strict=True):
    model = data2vecs.begin(data, source, seed=0)

    def draw(rng, source=source):
        return source.draw(rng).rows(slice(6))

    first = int(kind == "images")  # [class] is no place of the picture
    rate = OURS[data2vecs.FRONTENDS[data]].rate
    worlds.append(World(kind, note, model, draw, watched[data], rate=rate, first=first))

# %% [markdown]
# Space lets all three learn on; **X** takes the two safeguards away (targets are not normalised, and the teacher is the student itself, tau 0) and starts anew; **R** brings them back. Every student first says the mean of everything, with the safeguards, too. With them R² leaves 0 sooner or later, sound first; watch what happens without them, panel by panel. (F: full screen; arrow keys: one panel large.)

# %%
from lecturelib.viz.explorers.three_worlds import three_worlds


def train(guarded):
    chosen = worlds if guarded else [unguarded(world) for world in worlds]
    return [looks(world, steps=400, every=10) for world in chosen]


show = three_worlds(panels(worlds), train)
show.learn(6)  # 60 steps each, for readers without a kernel
show

# %% [markdown]
# Was that an accident? Five seeds, 120 steps, held-out examples: how much the predictions vary, with both safeguards and with neither.

# %%
from lecturelib.viz.cards import claim_card

fall = claims.entry("data2vec_safeguards")
for data in data2vecs.DATA:
    for way in ("with", "without"):
        seen = [run[f"{data}, prediction_variance, {way}"] for run in fall["runs"]]
        print(f"{data:<10}{way:<8}", "  ".join(f"{one:7.0e}" for one in seen))
claim_card(fall)

# %% [markdown]
# Words fall silent in every seed: all predictions become one vector. Pictures fall silent in three and blow up in two, the target's rank down to about ten. Sound goes on, with a target of fewer directions (rank 40 to 49 instead of 74): it was not true here that data2vec must die without its safeguards. Our guess: sound's target is the whole layer, which still carries the input.
#
# ## At full pace
#
# `python -m lecturelib pretrain data2vec --data speech --pace full`, and the same for `cifar10` and `wikipedia`, on a shared machine, so that the minutes are too many. Watched on recordings, pictures and articles that were never trained on: R², and how many directions target and guess use (effective rank; of 128).

# %%
from lecturelib.paths import CHECKPOINTS
from lecturelib.training.checkpoint import read

for data in data2vecs.DATA:
    _, facts = read(CHECKPOINTS / f"data2vec_{data}.safetensors")
    names = ["held_out_r2", "held_out_target_rank", "held_out_prediction_rank"]
    curve = {name: dict(facts["curve"][name]) for name in names}
    print(f"{data}: {facts['plan']['steps']:,} steps, {facts['minutes']:.0f} minutes by the clock")
    points = [{"step": s, **{n: curve[n][s] for n in names}} for s in curve[names[0]]]
    display(figures.curves(points))

# %% [markdown]
# All three are alive: R² rises, and no rank falls to 1. The same examples as above, now after full pace. What do teacher and student say of a place?

# %%
from dataclasses import replace

from lecturelib.adapt.three_worlds import Palette, looked
from lecturelib.viz.explorers.three_worlds import worlds_figure

full, ends = [], []
for world, (data, net) in zip(worlds, shipped.items(), strict=True):
    note = world.note.replace("fresh weights", "at full pace")
    full.append(replace(world, objective=net, note=note))
    begun = looked(world, world.objective, Palette(), 0)
    steps = OURS[data2vecs.FRONTENDS[data]].updates
    ends.append([begun, looked(full[-1], net, Palette(), steps)])
worlds_figure(panels(full), ends)

# %% [markdown]
# Look at the pictures' target: its colours run from top to bottom. A good part of what this teacher says is *where* a patch is, which any student can tell: R² counts that, too.
#
# **Where do they look?** The explorer of notebook 04, once for each world. It does not know which one it is.

# %%
from lecturelib.viz.explorers.attention import attention_explorer


def attention(world, names):
    view, encoder = world.objective.view(world.shown), world.objective.model.encoder
    with torch.no_grad():
        weights = encoder.trace(view.whole(), view.is_pad).weights
    maps = torch.stack([one[0, :, : len(names), : len(names)] for one in weights])
    return attention_explorer(maps, names)


attention(full[0], [f"{20 * n} ms" for n in range(148)])

# %% [markdown]
# Pictures (row.column):

# %%
attention(full[1], ["[class]", *(f"{r}.{c}" for r in range(1, 9) for c in range(1, 9))])

# %% [markdown]
# And words:

# %%
is_word = ~watched["wikipedia"].is_pad[0]
attention(full[2], pieces.words(watched["wikipedia"].signal[0][is_word]))

# %% [markdown]
# ## What is it worth?
#
# A linear layer reads the frozen models: spoken digits of strangers, 5 labelled clips a digit; five classes of CIFAR-10, 50 labels each; Brown's word classes, 400 sentences. Five draws each, from the ledger. **Pictures gain about seven points** over raw pixels and over the untrained network. **Sound gains about three**, and the strangers who are tested here were looked at when its recipe was chosen, which flatters it; after a minute of training, five pre-trainings, it gains nothing (second card). **Words lose one**: after 10,000 steps R² on unseen articles is .55, and the encoder says less about word classes than before. To agree with one's teacher is not to know something.
#
# (Our first recipe for sound had the paper's feed-forward target and its long spans. Five pre-trainings of 200 steps, not in the ledger, were 5.8 points *below* the better of log-mel and untrained; then we changed both.)

# %%
for name in ("data2vec_speech", "data2vec_brief", "data2vec_images", "data2vec_text"):
    display(claim_card(claims.entry(name)))

# %% [markdown]
# **Beside wav2vec 2.0, hidden patches and BERT**, the same encoders with the targets of notebooks 05 to 07a. Sound and words: with as many operations, about a minute, no difference. Pictures: hidden patches are ahead, with 58 % of the operations.

# %%
for name in ("data2vec_speech_rival", "data2vec_images_rival", "data2vec_text_rival"):
    display(claim_card(claims.entry(name)))

# %% [markdown]
# ## From one modality to another
#
# The lecture's first idea: *transfer knowledge from one modality to another*. The encoder is the same everywhere, so its layers can be moved: words' layers under a new front end for sound or pictures, sound's under one for pictures; then everything is fine-tuned on few labels. Does it help against random layers?

# %%
moves = claims.entry("other_modality")
ways = [name for name in moves["runs"][0] if " from " in name]
display(figures.claim_bars(moves["runs"], ways, "right, %"), claim_card(moves))

# %% [markdown]
# Not here: words' layers helped to hear in three of five draws and hurt in two; to see, words' layers hurt in all five and sound's in four.
#
# ## What keeps it alive, and what makes it good?
#
# Each of these is one argument of `Settings`. Live, on words, the smallest of the three: 40 steps each, measured on held-out texts.

# %%
from lecturelib.adapt.latents import health
from lecturelib.training.loop import Plan, Trainer

own = sources["wikipedia"]
held = own.held_out.rows(slice(16))


def alive(steps=40, **change):
    objective = data2vecs.begin("wikipedia", own, seed=0, **change)
    plan = Plan(steps, lr=1e-3, clip=5.0, measure_every=10)
    return Trainer(objective, own.draw, plan, lambda: health(objective, held)).run().rows


# %%
at_start = alive()
SEEN = ["held_out_r2", "held_out_target_variance", "held_out_prediction_variance"]
figures.curves(at_start, SEEN)

# %% [markdown]
# Choose what to change; R² and how much the predictions vary, beside the recipe:

# %%
CHANGES = {
    "no normalisation": {"norm": "none"},
    "no slow teacher": {"tau": (0.0, 0.0, 1)},
    "no schedule: tau stays .999": {"tau": (0.999, 0.999, 1)},
    "neither": {"norm": "none", "tau": (0.0, 0.0, 1)},
    "nothing covered": {"cover": False},
    "top layer only": {"top": 1},
    "top two layers": {"top": 2},
    "top three layers": {"top": 3},
    "attention's output": {"target": "attention"},
    "whole layer": {"target": "out"},
    "teacher sees 2 words each side": {"window": 2},
}
print(*CHANGES, sep=", ")

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def changed(name):
    runs = {"the recipe": at_start, name: alive(**CHANGES[name])}
    return [figures.compare(runs, ["held_out_r2", "held_out_prediction_variance"])]


slide(changed, widgets.Dropdown(options=list(CHANGES), value="neither", description="change"))

# %% [markdown]
# These are 40 steps of one seed: look, and conclude nothing. The card above has five seeds.
#
# **Does it matter for what is learned?** The paper's three questions, on speech, five seeds each: how many layers, which step of a layer, how much the teacher sees.

# %%
for name in ("data2vec_layers", "data2vec_targets", "data2vec_context"):
    display(claim_card(claims.entry(name)))

# %% [markdown]
# After a minute of training none of the three differences is more than chance: every interval holds 0. The paper's disaster, attention as the target (WER 100), does not show here; ours is read by a probe, theirs fine-tuned.
#
# ## Do three worlds meet?
#
# Three networks that never saw each other's data. Do they arrange the ten digits alike? A person says *seven*, somebody has written a 7, a sentence holds the word *seven*: two hundred such triples, each layer of each model, compared by CKA (Kornblith et al. 2019; 1: alike but for rotation, 0: nothing in common).

# %%
from lecturelib.adapt.hearing import frames, layers_of
from lecturelib.adapt.paired_digits import exchanged, paired_digits
from lecturelib.adapt.reading import BertReader

things = paired_digits(20, seed=0)
heard = frames(layers_of(shipped["speech"].model), things.clips)
reader = BertReader("data2vec", pieces, shipped["wikipedia"].model, 64)
read_words = reader.word_states([one.words for one in things.sentences])
with torch.no_grad():
    vit = shipped["cifar10"].model
    seen = vit.encoder.trace(vit.frontend(things.pictures)).states
print(f"{len(things.clips)} digits; {' '.join(things.sentences[7].words)}")

# %%
from lecturelib.adapt.similarity import similarities
from lecturelib.viz.explorers.layer_map import layer_map

at = [one.at for one in things.sentences]
states = {
    "speech": list(torch.stack([one.mean(1) for one in heard], 1))[1:],
    "images": [state[:, 1:].mean(1) for state in seen],
    "text": list(torch.stack([s[:, n] for s, n in zip(read_words, at, strict=True)], 1)),
}
wrong = exchanged(things.digit, 40, torch.Generator().manual_seed(0))
layer_map(*similarities(states, wrong))

# %% [markdown]
# C shows the control: the same triples with the digits exchanged, every *seven* with a 3, and so on. Within a model layers are alike. Between models they agree a little, and **hardly more with the right digits than with exchanged ones**: each of the three keeps ten things apart, but that it is *seven* that two of them hold is not to be seen. (Speech layer 0 are the tokens, before any layer.)
#
# ## The slides' last table
#
# *Pre-training teacher*: what was trained how long, and our scaled-down values beside it; printed from the same recipes as the table above.

# %%
from lecturelib.recipes.lecture_table import LAST_SLIDE

for name in ("patches", "waveform", "words"):
    print(name)
    for line in lecture_table(name):
        if line.row in LAST_SLIDE:
            print(f"   {line.row:<9} slide: {line.slide:<36} ours: {line.ours}")
        if line.row in ("teacher's tau", "peak rate"):
            print(f"   {line.row:<14} published code: {line.published:<26} ours: {line.ours}")

# %% [markdown]
# ## Where it went next
#
# Four ideas that followed, each small enough to run here, each on the one encoder. Speech starts from log-mel frames, as everywhere in this notebook.

# %%
from functools import partial


def pictures(rng):
    return sources["cifar10"].draw(rng).rows(slice(16))


sound, rng = sources["speech"].draw, torch.Generator().manual_seed(1)
clips = Batch(torch.cat([sound(rng).signal for _ in range(4)]), None, None)
photos = pictures(rng)
print(f"{len(clips)} clips of {clips.signal.shape[1] / 8000:.0f} s, {len(photos)} pictures")

# %% [markdown]
# **Many masks for one look of the teacher: data2vec 2.0** ([Baevski et al. 2023](https://arxiv.org/abs/2212.07525)). The teacher's look at the whole input costs the same however often the student is asked, so ask M times: each masked example becomes cheaper, up to a point. We time forward, backward and the teacher's step, the same encoder throughout. Not here: the encoder that sees only visible places, the convolutional decoder and the inverse block masks, from which the paper's speed comes as well.

# %%
import time

from lecturelib.recipes import data2vec


def per_mask(frontend, batch, masks):
    objective, taken = data2vec(frontend, masks=masks), []
    for _ in range(2):
        began = time.process_time()
        objective(batch, torch.Generator().manual_seed(0)).total.backward()
        objective.after_step(0)
        taken.append(time.process_time() - began)
    return 1000 * min(taken) / (masks * len(batch))


# %%
print("CPU milliseconds a masked example")
for frontend, batch in {"waveform": clips.rows(slice(8)), "patches": photos}.items():
    cost = {masks: per_mask(frontend, batch, masks) for masks in (1, 4)}
    print(f"{frontend:<9}", "   ".join(f"M={masks}: {ms:5.1f}" for masks, ms in cost.items()))

# %% [markdown]
# **Units instead of vectors: HuBERT** ([Hsu et al. 2021](https://arxiv.org/abs/2106.07447)). k-means names each frame, first from MFCC; the model says the names of hidden frames, BERT's question; then its own layer is clustered, and a second model says those names. No teacher runs along, and nothing can collapse: the names are fixed. From random weights, 40 steps on MFCC units gave us no more than the commonest unit (six settings, one seed each), so both rounds start from 07a's wav2vec 2.0; the paper starts afresh, with 100 and 500 units.

# %%
from lecturelib.masking import span_mask
from lecturelib.objectives.hidden_units import Cepstra, HiddenUnits, Layer, find_units
from lecturelib.pretraining import wav2vec2


def one_round(features):
    units = find_units(features, clips, codes=50)
    hide = partial(span_mask, start_prob=0.08, span=10)
    objective = HiddenUnits(wav2vec2.shipped().model, units=units, hide=hide)
    rows = Trainer(objective, sound, Plan(40, lr=1e-3, clip=5.0)).run().rows
    return objective.cpu(), rows


first, first_rows = one_round(Cepstra())
print("a clip in units:", *first.units(clips)[0, :30].tolist())

# %% [markdown]
# How often the name is right, beside the best that one answer for all frames could do. The two rounds ask for different names: their curves are not to be compared with each other.

# %%
_, second_rows = one_round(Layer(first.model, number=1))
runs = {"units of MFCC": first_rows, "units of its own layer 2": second_rows}
figures.compare(runs, ["right", "majority"])

# %% [markdown]
# **Leave out and say latents: I-JEPA** ([Assran et al. 2023](https://arxiv.org/abs/2301.08243)). From MAE it differs in the target: the teacher's latents, not pixels. From data2vec in the way in: the encoder sees only what is left, and a small predictor, thrown away later, says the rest. Here all blocks of a picture are asked for at once, in the paper four one by one. Watch R2 and both variances; in our run of 40 steps (one seed) R2 rose from -.8 to about .2, and the target's variance swung between .3 and .8 from batch to batch of 16 pictures: too short to say more.

# %%
from lecturelib.masking import block_patches
from lecturelib.objectives.joint_embedding import JointEmbedding
from lecturelib.recipes import vit

jepa = JointEmbedding(vit("mini"), hide=partial(block_patches, share=0.6, smallest=4))
rows = Trainer(jepa, pictures, Plan(25, lr=1e-3, clip=5.0)).run().rows
figures.curves(rows, ["r2", "target_variance", "prediction_variance"])

# %% [markdown]
# **No front end to speak of: Perceiver** ([Jaegle et al. 2021](https://arxiv.org/abs/2103.03206)), the slide's *future work: self-supervised + Perceiver (operates on raw data)*. M learned latents ask N raw inputs by cross-attention, then the one encoder thinks on the latents: MN + depth M² attention weights instead of depth N². One class takes samples, pixels and the bits of a text. We count and run it with random weights, and did not train it; it asks once, where the paper's asks again between layers.

# %%
from torch.nn.functional import gelu

from lecturelib.encoders.perceiver import Perceiver
from lecturelib.encoders.transformer import Variant
from lecturelib.frontends.raw import Raw, bits

text = "self-supervised + Perceiver (operates on raw data) " * 10
raw = {"samples": clips.signal[:1, :, None], "pixels": photos.signal[:1].movedim(1, 3)}
raw["bytes"] = bits([text], 512)
variant = Variant(norm_first=True, activation=gelu)
perceiver = Perceiver(latents=32, dim=64, heads=4, depth=4, hidden=256, variant=variant)
print({name: list(signal.shape) for name, signal in raw.items()})

# %%
from lecturelib.encoders.perceiver import attention_weights

print("attention weights a head          Perceiver    self-attention")
for name, signal in raw.items():
    *places, channels = signal.shape[1:]
    tokens = Raw(places=places, channels=channels, dim=64)(signal)
    shape, n = list(perceiver(tokens).shape), tokens.shape[1]
    few, all_pairs = (
        attention_weights(time=n, depth=4, latents=32),
        attention_weights(time=n, depth=4),
    )
    print(f"{name:<7} {n:>6,} -> {shape}{few:>13,}{all_pairs:>18,}")

# %% [markdown]
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own. Seven of them, the teacher's half first:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.data2vec import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** The teacher follows: `teacher` [n] are its weights, `students` [steps, n] the student's after each step. Each step keeps `tau` of the teacher. Return the weights after the last one; the student is in training, and no gradient may flow into the teacher.


# %% tags=["exercise:follow"]
def follow(teacher, students, tau):
    raise NotImplementedError


check("follow", follow)

# %% [markdown]
# **2.** tau's schedule: `tau` is (first, last, steps). A straight line from the first value at step 0 to the last one at step `steps`, then constant. `step` [n] are whole numbers; result [n].


# %% tags=["exercise:annealed"]
def annealed(tau, step):
    raise NotImplementedError


check("annealed", annealed)

# %% [markdown]
# **3.** Instance norm, for speech: `x` [batch, time, dim], `is_pad` [batch, time]. Each channel of each example gets mean 0 and deviation 1 over its *real* places; divide by n under the variance, and add 1e-5 to it. Filling gets the same formula.


# %% tags=["exercise:over_time"]
def over_time(x, is_pad):
    raise NotImplementedError


check("over_time", over_time)

# %% [markdown]
# **4.** The target: `layers` [depth, batch, time, dim] is what each layer's feed-forward part gave, the first layer first. Normalise each place of each of the last `top` layers over its channels (LayerNorm without weights, 1e-5 added to the variance), then average the layers. The layers come with a gradient; the target has none.


# %% tags=["exercise:targets"]
def targets(layers, top):
    raise NotImplementedError


check("targets", targets)

# %% [markdown]
# **5.** The slide's loss, element by element: `guess`, `answer` of any shape, `beta` above 0.


# %% tags=["exercise:smooth_l1"]
def smooth_l1(guess, answer, beta):
    raise NotImplementedError


check("smooth_l1", smooth_l1)

# %% [markdown]
# **6.** The loss as the loop minimises it: `guess`, `answer` [batch, time, dim], `hidden` [batch, time] True where the student saw nothing. Squares (beta 0, as for speech), summed over channels, over √dim, averaged over the hidden places of the whole batch.


# %% tags=["exercise:hidden_loss"]
def hidden_loss(guess, answer, hidden):
    raise NotImplementedError


check("hidden_loss", hidden_loss)

# %% [markdown]
# **7.** What to watch instead of the loss: `guess`, `answer` [n, dim]. Three numbers in one tensor: R² (1 less what is left of the target's squares around each channel's mean, all channels in one fraction); the target's variance over the n places, averaged over channels; the same of the prediction. Divide by n. A variance of 0 is the alarm: every place says the same.


# %% tags=["exercise:agreement"]
def agreement(guess, answer):
    raise NotImplementedError


check("agreement", agreement)

# %% [markdown]
# ## Exam-style questions
#
# **1.** The loss hardly falls, and R² rises. Does the model learn?
# <details><summary>Answer</summary>Yes. The target is not fixed: as the teacher gets better, its answers vary more and are harder to say. R² compares what is left with what varies; the loss does not.</details>
#
# **2.** All places of a recording get one and the same vector. Can the teacher's target be so after instance norm over time? After LayerNorm of each place?
# <details><summary>Answer</summary>After instance norm it would be 0 everywhere, and no place can be told from another; any difference left in the teacher is blown up to deviation 1. LayerNorm looks at one place alone and lets the same vector through at all places: only its size is fixed.</details>
#
# **3.** tau = 0.999. After how many steps is half of what the teacher was forgotten? And with tau = 0.9999?
# <details><summary>Answer</summary>0.999^n = 1/2: n = ln 2 / -ln 0.999 = 693 steps. With 0.9999 it is 6,931, ten times as many.</details>
#
# **4.** (open) "One method for speech, images and text." What is the same in all three, and what is not?
# <details><summary>What a full answer has</summary>Same: the encoder; teacher and student, one a slow average of the other; the target, an average of the teacher's last K layers on the whole input; a regression at hidden places. Not the same: front end, hiding rule, K, the target's norm, beta and tau. Three models are trained, one for each: it is no multimodal model. Full marks for three things on each side and the last sentence.</details>
#
# **5.** (open) A fellow student reports R² = 0.95 on held-out recordings: "my data2vec works". What do you ask?
# <details><summary>What a full answer has</summary>Whether the target varies at all (its variance, and the prediction's); whether a hidden place could be copied from its neighbours (span length, window of the teacher); what a predictor without learning gets; what the features are worth: a probe beside the untrained network and the raw input, over seeds. R² says that the student agrees with its teacher, not that the teacher knows anything. Full marks for the last sentence and two of the questions.</details>

# %% [markdown]
# ## Recap
#
# - One rule: predict what a slow copy of yourself, which sees everything, makes of what is hidden. Front end, mask and a few numbers differ; teacher, target and loss do not.
# - Watch R² and variances, not the loss; and then ask a probe. Here all three models agreed with their teachers, and one of the three knew less than before.
# - At our size it helped pictures, a little sound, and not words; BERT's, MAE's and wav2vec 2.0's targets were as good or better.
#
# **References.** Baevski et al. 2022, data2vec, arXiv 2202.03555 · Grill et al. 2020, BYOL, arXiv 2006.07733 · Lu et al. 2021, Pretrained transformers as universal computation engines, arXiv 2103.05247 · Kornblith et al. 2019, Similarity of neural network representations, arXiv 1905.00414 · Baevski et al. 2023, data2vec 2.0, arXiv 2212.07525 · Hsu et al. 2021, HuBERT, arXiv 2106.07447 · Assran et al. 2023, I-JEPA, arXiv 2301.08243 · Jaegle et al. 2021, Perceiver, arXiv 2103.03206.
