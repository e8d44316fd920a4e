# %% [markdown]
# # 06 · The Vision Transformer: pictures as sequences
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can turn a picture into a sequence and say what a patch costs; read where a Vision Transformer looks; hide patches and predict them, in pixels and in visual tokens; and say honestly what that teaches beside labels, beside nothing, and beside raw pixels.
#
# **You need** notebooks 04 (the encoder) and 05 (BERT); 02 helps. **It takes** {{minutes}} minutes to run on two CPU cores. CIFAR-10 is fetched once (20 MB); without network MNIST's digits stand in.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# *Why not think of images as sequences?* BERT's encoder takes any sequence of vectors. If a picture can be one, then everything of notebook 05 comes for free: the encoder, the hidden words, the fine-tuning.
#
# And then: *what is pre-training without labels worth, beside labels and beside nothing?* The slide speaks of a gap. Here is ours, five draws of labels, before you know how: a linear layer on frozen features of five classes, 50 labels each.

# %%
from lecturelib import claims
from lecturelib.viz import figures

worth = claims.entry("hidden_patches")["runs"]
probes = [name for name in worth[0] if name.startswith("probe")]
figures.claim_bars(worth, probes, "test accuracy, % (chance 20)")

# %% [markdown]
# Fourteen minutes of hidden patches, without a label, are worth about twelve points over a network that has learned nothing, and over raw pixels. Labels of five *other* classes are worth two to four points more: that is the gap, and here it is small. By the end of this notebook you have run every arm once.
#
# | on the slides, in the paper | here | in the code |
# |:--|:--|:--|
# | image as a sequence of patches (16x16) | front end | `Patches(grid, patch, channels, dim)` |
# | extra learnable [class] embedding | token 0 | `frontend.cls` |
# | Transformer encoder | the one of notebook 04 | `model.encoder` |
# | masked patches, BEiT: adjacent ones | which patches are hidden | `random_patches`, `block_patches` |
# | target: pixels (MAE), visual tokens (BEiT) | objective | `MaskedPixels`, `MaskedTokens` |
#
# ## A picture as a sequence
#
# Cut it. A photograph of 96x96 pixels and patches of 16x16 give 6 rows of 6:

# %%
from lecturelib.data.photos import photos
from lecturelib.objectives.masked_image import cut
from lecturelib.viz import images as pictures_of

photo = photos(96).pixels[:1]
patches = cut(photo, (16, 16))
squares = patches.view(6, 6, 16, 16, 3).movedim(-1, 2)
pictures_of.picture_rows({f"row {n + 1}": row for n, row in enumerate(squares)})

# %% [markdown]
# Read row by row, as a text is. Each patch is now a vector of 16 · 16 · 3 = 768 numbers, and one linear layer makes a token of it (Equation 1). A convolution whose step is its width does exactly that:

# %%
# NBVAL_CHECK_OUTPUT
import torch

from lecturelib.recipes import vit

torch.manual_seed(0)
model = vit("mini").eval()
pictures = torch.rand(2, 3, 32, 32)
embed = model.frontend.embed
by_hand = cut(pictures, (4, 4)) @ embed.weight.permute(0, 2, 3, 1).flatten(1).T + embed.bias
same = torch.allclose(by_hand, embed(pictures).flatten(2).mT, atol=1e-5)
print(f"{tuple(cut(pictures, (4, 4)).shape)} -> {tuple(by_hand.shape)}, as the convolution: {same}")

# %% [markdown]
# Then [class] goes in front and positions are added; from here on the encoder does not know that it was a picture:

# %%
# NBVAL_CHECK_OUTPUT
tokens = model.frontend(pictures)
context = model.encoder(tokens)
print(f"tokens {tuple(tokens.shape)}, context {tuple(context.shape)}")

# %% [markdown]
# **What does a patch cost?** Attention compares every token with every other. Halve the side of a patch: four times as many tokens, sixteen times as many comparisons.

# %%
# NBVAL_CHECK_OUTPUT
for patch in (32, 16, 8, 1):
    count = 1 + (224 // patch) ** 2
    print(f"patch {patch:>2}: {count:>6,} tokens, {count**2:>13,} weights a head")

# %% [markdown]
# With single pixels it would be 2.5 thousand million weights in each head. *That* is why the paper is called "An image is worth 16x16 words". The paper's Table 1 says 86, 307 and 632 million parameters:

# %%
# NBVAL_CHECK_OUTPUT
with torch.device("meta"):
    sizes = {s: sum(p.numel() for p in vit(s).parameters()) for s in ("base", "large", "huge")}
print({size: f"{count / 1e6:.1f} M" for size, count in sizes.items()})

# %% [markdown]
# Is it *the* ViT? Hugging Face's and torchvision's, with random weights copied into ours, must give the same numbers:

# %%
# NBVAL_CHECK_OUTPUT
from torchvision.models import VisionTransformer
from transformers import ViTConfig, ViTModel

from lecturelib.published import from_reference

small = {"num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 4}
face = ViTModel(ViTConfig(image_size=32, patch_size=8, intermediate_size=64, **small))
torchvision = VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10)
with torch.no_grad():
    for theirs in (face.eval().double(), torchvision.eval().double()):
        answers = [net(pictures.double()) for net in (from_reference(theirs), theirs)]
        ours, answer = [getattr(one, "last_hidden_state", one) for one in answers]
        print(type(theirs).__name__, bool((ours - answer).abs().max() < 1e-10))

# %% [markdown]
# ## From scratch: patches against convolutions
#
# A convolution knows that neighbours belong together and that a cat is a cat wherever it lies. A Transformer must learn both. The paper: with 9 million pictures ViT is behind ResNets, from about 90 million on it is ahead. We ask the same at our size: equal weights, equal steps, ever more pictures.

# %%
from lecturelib.adapt.transfer import stored_curve
from lecturelib.viz.cards import claim_card

row = claims.entry("cnn_and_vit")
found = stored_curve(row["runs"], ("CNN", "ViT"))
display(figures.label_curve(found.per_class, found.accuracy), claim_card(row))

# %% [markdown]
# No crossing here: the CNN is ahead at every size, by 7 points with ten pictures a class and by 14 with 4,000. More pictures help it more. 300 steps are short; but with thousands of them, and all pictures, the CNN stays ahead, as you will see in a moment.
#
# Live, from nothing, for 40 steps of 64 pictures: it begins.

# %%
from lecturelib import pretraining

job = pretraining.build("vit", "cifar10", "quick")
figures.curves(job.trainer(None, "ViT").run().rows, ["loss", "accuracy"])

# %% [markdown]
# And at full pace (`python -m lecturelib pretrain vit --pace full`), on the same five classes as notebook 02's VGG:

# %%
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import vit as by_labels
from lecturelib.training.checkpoint import read

classifier = by_labels.shipped()
for name in ("vgg", "vit"):
    _, facts = read(CHECKPOINTS / f"{name}_cifar10.safetensors")
    right, steps = facts["last"]["validation_accuracy"], facts["plan"]["steps"]
    print(f"{name}: validation {right:.1%} after {steps:,} steps")

# %% [markdown]
# ## What has it learned? Positions
#
# The positions were random vectors. How alike is each one to all others now? One panel a patch, every second one, cosine similarity:

# %%
from lecturelib.adapt.attention_maps import position_similarity

position = classifier.encoder.model.frontend.position[0].detach()
pictures_of.position_maps(position_similarity(position, (8, 8)), every=2)

# %% [markdown]
# Nobody said that a picture is two-dimensional; the network found it. Neighbours have similar positions, and edges know that they are edges. It is coarse: the paper's Figure 7 shows clear rows and columns, after far more pictures.
#
# **Another resolution.** Patches keep their size, so a finer picture has more of them, and the network has no positions for those. Interpolate the ones that it has (Section 3.2):

# %%
frontend = classifier.encoder.model.frontend
finer = frontend.resized((16, 16))
print(f"{tuple(frontend.position.shape)} -> {tuple(finer.position.shape)}")
print(f"tokens of a 64x64 photograph: {tuple(finer(photos(64).pixels[:1]).shape)}")

# %% [markdown]
# ## Where does it look?
#
# Six photographs that nobody trained it on, as small as it has learned to see. Attention of [class] in the last layer, heads averaged, is one answer. **Rollout** is another: it follows the attention through all layers down to the patches, half of each layer being the residual.

# %%
from lecturelib.adapt.attention_maps import class_maps, rollout

seen = photos(32)
network = classifier.encoder.model
with torch.no_grad():
    weights = network.encoder.trace(network.frontend(seen.pixels)).weights
last = class_maps(weights[-1], (8, 8)).mean(1)
pictures_of.overlays(seen.pixels, last, seen.classes, ("picture", "last layer"))

# %% [markdown]
# And rollout, less its smallest value, since every patch has a share:

# %%
flow = class_maps(rollout(weights)[:, None], (8, 8))[:, 0]
flow = flow - flow.amin((1, 2), keepdim=True)
pictures_of.overlays(seen.pixels, flow, seen.classes, ("picture", "rollout"))

# %% [markdown]
# The cat's eyes and nose, the rim of the cup, the lamps below the rocket. Do not read more into it: at 32x32 pixels a patch is a blob, and attention says where values came from, not why the network decided as it did.
#
# **How far does a head look?** The mean distance in pixels between who asks and what is looked at, a dot a head. A convolution of 3x3 cannot look farther than one pixel in its first layer.

# %%
from lecturelib.adapt.attention_maps import mean_distance

even = torch.full((1, 1, 65, 65), 1 / 65)
print(f"looking everywhere alike: {float(mean_distance([even], (8, 8), (4, 4))):.1f} pixels")
pictures_of.attention_distance(mean_distance(weights, (8, 8), (4, 4)), 32)

# %% [markdown]
# The paper's first layers have heads that look near and heads that look far. Ours, after 5,000 steps, look nearly everywhere; one head of the first layer has begun to look near.
#
# The explorer of notebook 04 does not know either that these are patches (row.column). Choose a layer and a head, then a patch. The stripes are a few patches that all others look at:

# %%
from lecturelib.viz.explorers.attention import attention_explorer

names = ["[class]", *(f"{r}.{c}" for r in range(1, 9) for c in range(1, 9))]
cat = torch.stack([one[0] for one in weights])
attention_explorer(cat, names)

# %% [markdown]
# ## Hide patches, as BERT hides words
#
# No labels from here on. Two rules: MAE hides three quarters, patch by patch; BEiT hides 40 % in blocks, because a single missing patch can be copied from its neighbours.

# %%
from lecturelib.masking import block_patches, random_patches
from lecturelib.objectives.masked_image import paste

rng = torch.Generator().manual_seed(0)


def covered(pictures, hidden):
    return paste(cut(pictures, (4, 4)).masked_fill(hidden[:, :, None], 0.46), (8, 8), (4, 4))


by_chance = random_patches(6, (8, 8), rng, share=0.75)
in_blocks = block_patches(6, (8, 8), rng, share=0.4, smallest=4)
both = {"MAE": covered(seen.pixels, by_chance), "BEiT": covered(seen.pixels, in_blocks)}
pictures_of.picture_rows({"all": seen.pixels} | both)

# %% [markdown]
# ### Pixels: the masked autoencoder
#
# Four lines are the idea. The encoder sees **only what is left**, a quarter of the tokens; a small decoder gets its context back in place, one learned vector in every gap, and paints.

# %%
from lecturelib.objectives.masked_image import leave, put_back
from lecturelib.pretraining import mae

painter = mae.shipped()
with torch.no_grad():
    left, _ = leave(painter.model.frontend(seen.pixels), by_chance)
    context = painter.enter(painter.model.encoder(left))
    whole = put_back(context, by_chance, painter.missing) + painter.position
    painted = painter.detail(painter.decoder(whole)[:, 1:][by_chance])
print(f"{left.shape[1]} tokens seen, {whole.shape[1]} put back, {painted.shape[0]} patches painted")

# %% [markdown]
# Training is notebook 04's loop with this objective. Forty steps of 128 pictures, live; *detail* is the error of each patch's own contrast (1: it paints nothing), *tone* that of its brightness:

# %%
job = pretraining.build("mae", "cifar10", "quick")
figures.curves(job.trainer(None, "MAE").run().rows, ["detail", "tone"])

# %% [markdown]
# At full pace it ran for 3,000 steps (`python -m lecturelib pretrain mae --pace full`). What it makes of the photographs, none of them from the training data:

# %%
restored = painter.restore(seen.pixels, by_chance)
_, facts = read(CHECKPOINTS / "mae_cifar10.safetensors")
print(f"{facts['minutes']:.0f} minutes of one core")
pictures_of.picture_rows({"seen": both["MAE"], "painted": restored, "truth": seen.pixels})

# %% [markdown]
# Blurred, and right about what is dark and what is bright. Is it better than no model at all, the mean colour of what is visible? Error on the hidden patches, as a share of that guess's:

# %%
before, after = cut(seen.pixels, (4, 4)), cut(restored, (4, 4))
for name, truth, guess, gone in zip(seen.classes, before, after, by_chance, strict=True):
    flat = truth[~gone].view(-1, 3).mean(0).repeat(16)
    share = (guess - truth)[gone].square().mean() / (flat - truth)[gone].square().mean()
    print(f"{name:<10}{share:.2f}")

# %% [markdown]
# ### How much to hide?
#
# Move the slider. At 15 % the gaps close from their neighbours, which teaches little; at 90 % there is hardly anything to go by.

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def hide_and_paint(share):
    hidden = random_patches(6, (8, 8), torch.Generator().manual_seed(0), share=share)
    rows = {"seen": covered(seen.pixels, hidden), "painted": painter.restore(seen.pixels, hidden)}
    return [pictures_of.picture_rows(rows)]


stops = [0.15, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9]
slide(hide_and_paint, widgets.SelectionSlider(options=stops, value=0.9, description="hidden"))

# %% [markdown]
# **Paint it yourself.** Click or drag patches away; R: a random mask, B: blocks; N: the next photograph; F: full screen. Hide an eye of the cat: is it painted back? Hide the whole head.

# %%
from lecturelib.adapt.patch_painting import MaskedPictures
from lecturelib.viz.explorers.patch_painter import patch_painter

eye = [18, 19, 20, 21, 26, 27, 28, 29]
patch_painter(MaskedPictures(painter), seen.pixels, seen.classes, hidden=eye)

# %% [markdown]
# ### Visual tokens: BERT for pictures
#
# BEiT does not paint. It asks *which visual token was it?*, out of a vocabulary. The paper's tokenizer is a discrete VAE; ours is k-means on patches, with a few hundred centres. A photograph said in 512 words:

# %%
from lecturelib.adapt.pictures import TARGET, classes
from lecturelib.adapt.transfer import few_labels
from lecturelib.quantizers import fit_codebook

target, target_names = classes(TARGET)
some = target.train.signal[few_labels(target.train.labels, 200, seed=0)]
book = fit_codebook(cut(some, (4, 4)).flatten(0, 1), codes=512, seed=0)
said = paste(book.centres[book(cut(seen.pixels, (4, 4)))], (8, 8), (4, 4))
pictures_of.picture_rows({"photograph": seen.pixels, "512 tokens": said.clamp(0, 1)})

# %% [markdown]
# Then it is notebook 05: hidden tokens, cross-entropy, and a mask token in the gaps, so that the encoder sees *all* places. BEiT's positions are relative, and every layer has a learned scale; both are switches of the one encoder. Twenty steps, live:

# %%
from functools import partial

from lecturelib.data.batch import Batch
from lecturelib.objectives.masked_image import MaskedTokens
from lecturelib.pretraining.vgg import augmented
from lecturelib.recipes import beit
from lecturelib.training.loop import Plan, Trainer

blocks = partial(block_patches, share=0.4, smallest=4)
words = MaskedTokens(
    beit("mini"), tokenize=lambda images: book(cut(images, (4, 4))), codes=512, hide=blocks
)
draw = augmented(Batch(target.train.signal, None, None), 64)
rows = Trainer(words, draw, Plan(20, lr=1.5e-3), label="BEiT").run().rows
print(f"nll {rows[0]['nll']:.2f} -> {rows[-1]['nll']:.2f}, random {torch.tensor(512.0).log():.2f}")

# %% [markdown]
# The shipped one ran for 1,500 steps (`python -m lecturelib pretrain beit --pace full`), with tokens of its own. What does it say in the gaps? From above: what it sees; the photographs as its tokenizer says them; the same with its guesses in the hidden places:

# %%
from lecturelib.pretraining import beit as beit_recipe

speaker = beit_recipe.shipped()
said = speaker.tokenize(seen.pixels)
with torch.no_grad():
    guess = said.masked_scatter(in_blocks, speaker.guess(seen.pixels, in_blocks).argmax(1))
print(
    f"{(guess == said)[in_blocks].float().mean():.0%} of {in_blocks.sum()} hidden tokens are right"
)
tokens = {"said": said, "guessed": guess}
shown = {
    name: paste(speaker.tokenize.book.centres[ids], (8, 8), (4, 4)).clamp(0, 1)
    for name, ids in tokens.items()
}
pictures_of.picture_rows({"seen": both["BEiT"]} | shown)

# %% [markdown]
# Few names are exactly right, there are 512 of them. But how it goes on is told: sky as sky, fruit as fruit, the suit in its red.
#
# Is it *the* BEiT? With random weights of Hugging Face's, ours predicts the same tokens:

# %%
# NBVAL_CHECK_OUTPUT
from transformers import BeitConfig, BeitForMaskedImageModeling

config = BeitConfig(image_size=32, patch_size=8, intermediate_size=64, vocab_size=50, **small)
config.use_mask_token = config.use_shared_relative_position_bias = True
theirs = BeitForMaskedImageModeling(config).eval().double()
hidden = block_patches(2, (4, 4), rng, share=0.4, smallest=2)
with torch.no_grad():
    ours, answer = [net(pictures.double(), hidden) for net in (from_reference(theirs), theirs)]
print(bool((ours.logits - answer.logits).abs().max() < 1e-10))

# %% [markdown]
# ### What matters, measured
#
# Blocks or single patches, tokens or pixels, how much: the papers' three questions at our size. All arms start from the same weights and see the same pictures for 400 steps; then a linear probe on five classes that the pre-training has not seen.

# %%
cards = ("block_masks", "visual_tokens", "mask_share")
display(*(claim_card(claims.entry(name)) for name in cards))

# %% [markdown]
# None of the three is seen here. Blocks are no better than single patches. Hidden pixels teach more than our tokens: k-means names a patch by its colour, where the paper's tokenizer is a trained network, and after 400 steps the token predictor is where the untrained network was. Hiding 90 % is worse than 75 %, which is one side of the U; 40 % is as good as 75 %, so the other side is not there.
#
# ## What is it worth?
#
# Never show a pre-trained network's number alone. Beside it: the same network **untrained**, and **raw pixels**. Dogs, frogs, horses, ships, trucks, 50 labels each, a linear layer:

# %%
known = target.train.rows(few_labels(target.train.labels, 50, seed=0))
test = target.test.rows(few_labels(target.test.labels, 200, seed=0))
print(f"{len(known)} labelled pictures, {len(test):,} to test: {', '.join(target_names)}")

# %% [markdown]
# The same linear layer reads all four:

# %%
from lecturelib.adapt.transfer import features, probe

torch.manual_seed(0)
untrained = vit("mini")
encoders = {"untrained": mae.Mean(untrained), "hidden patches": mae.Mean(painter.model)}
encoders["labels of five other classes"] = classifier.encoder
looks = {name: partial(features, encoder) for name, encoder in encoders.items()}
looks["raw pixels"] = lambda signal: signal.flatten(1)
scores = {
    name: 100 * probe(see(known.signal), known.labels, see(test.signal), test.labels, cost=0.01)
    for name, see in looks.items()
}
figures.claim_bars([scores], list(scores), "test accuracy, % (chance 20)")

# %% [markdown]
# Without the two controls the middle bars would mean little: nothing learned, and no network at all, are not far below 50 %.
#
# **Fine-tuned.** All layers learn on, from three starts, 50 steps each:

# %%
from lecturelib.adapt.moving import How, learn
from lecturelib.adapt.self_training import accuracy

tuned = {
    name: 100 * accuracy(learn(encoder, known, how=How(steps=50, lr=1e-3), seed=0), test)
    for name, encoder in encoders.items()
}
figures.claim_bars([tuned], list(tuned), "test accuracy, % (chance 20)")

# %% [markdown]
# One draw of labels proves little; five draws are on the card. But this painter has seen the target's training pictures (without labels), and longer than the classifier has seen its own. So a second card: everything pre-trained on the *other* five classes, 400 steps, five seeds, judged after fine-tuning as in the paper.

# %%
row = claims.entry("masked_images")
display(claim_card(claims.entry("hidden_patches")), claim_card(row))
figures.claim_bars(
    row["runs"], [name for name in row["runs"][0] if ", " in name], "test accuracy, % (chance 20)"
)

# %% [markdown]
# Read out, the paper's order holds in each of the five: nothing, hidden patches, labels. Fine-tuned, the three are alike: 150 steps wash out what 400 steps of pre-training had put in. The paper's claim is about fine-tuned networks, so the verdict is "inconclusive"; pre-training *longer* is what helped above.
#
# ## Another task than recognition?
#
# The slide asks. A context vector stands for a *patch*, so let a linear layer say of each patch what it shows. Mosaics of four pictures that meet at a random point; the truth is known by construction.

# %%
from lecturelib.adapt.mosaics import agreement, mosaics, segment

draw_mosaics = partial(mosaics, grid=(8, 8), patch=(4, 4))
known_mosaics = draw_mosaics(target.train, 300, torch.Generator().manual_seed(0))
new_mosaics = draw_mosaics(target.test, 200, torch.Generator().manual_seed(1))
pictures_of.picture_rows({"mosaics": new_mosaics.pixels[:6]})

# %% [markdown]
# Three descriptions of a patch: its context in the pre-trained and in the untrained encoder, and its own 48 numbers. Share of patches named right, and the mean over classes of intersection over union, which segmentation is judged by:


# %%
def patches_of(model):
    return torch.no_grad()(lambda images: model(images)[:, 1:])


looks = {"pre-trained": patches_of(painter.model), "untrained": patches_of(untrained.eval())}
looks["raw patches"] = lambda images: cut(images, (4, 4))
maps = {name: segment(look, known_mosaics, new_mosaics) for name, look in looks.items()}
for name, guess in maps.items():
    right, iou = agreement(guess, new_mosaics.label)
    print(f"{name:<12} patches right {right:.1%}, mean IoU {iou:.1%}")

# %% [markdown]
# Six of them, a colour a class:

# %%
shown = {"truth": new_mosaics.label} | maps
some_maps = {name: labels[:6] for name, labels in shown.items()}
pictures_of.segmentation_rows(new_mosaics.pixels[:6], some_maps, target_names)

# %% [markdown]
# A patch alone says little (raw: its colours). The encoder's context knows what stands around it, and pre-training has made that useful, with one linear layer and no fine-tuning.
#
# ## The real thing
#
# With network `load("google/vit-base-patch16-224")` gives ImageNet's ViT in our classes (safetensors, from the hub). Ask for it by one word; where it cannot be had, the cell says why.

# %%
from lecturelib.published import load

EAGER = False  # set it to True to fetch 346 MB
try:
    print(load("google/vit-base-patch16-224").model if EAGER else "not asked")
except OSError as error:
    print(error)

# %% [markdown]
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own.
#
# Six of them:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.vit import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** Pictures as rows of patches: `images` [batch, channel, height, width], `patch` (down, across) in pixels; result [batch, patches, values], patches in reading order, a patch's values in the order (down, across, channel).


# %% tags=["exercise:cut"]
def cut(images, patch):
    raise NotImplementedError


check("cut", cut)

# %% [markdown]
# **2.** Put the seen tokens back in their places: `seen` [batch, 1 + left, dim] has [class] in front, `hidden` [batch, patches] is True where a patch is missing; there stands `missing` [dim]. Result [batch, 1 + patches, dim].


# %% tags=["exercise:put_back"]
def put_back(seen, hidden, missing):
    raise NotImplementedError


check("put_back", put_back)

# %% [markdown]
# **3.** MAE's target: each patch's pixels less the patch's mean, over its deviation: `patches` [n, values]; the variance divides by values - 1, and 1e-6 is added to it.


# %% tags=["exercise:take_apart"]
def take_apart(patches):
    raise NotImplementedError


check("take_apart", take_apart)

# %% [markdown]
# **4.** A block's side: a stretch of `long` [count] among `room` places that starts at the whole number below luck · (room - long + 1), `luck` [count] in 0-1. Result [count, room], True inside.


# %% tags=["exercise:between"]
def between(luck, long, room):
    raise NotImplementedError


check("between", between)

# %% [markdown]
# **5.** Rollout: `weights`, a tensor [batch, heads, query, key] a layer, the first layer first. Average the heads, let A = W/2 + I/2, and multiply, the last layer on the left.


# %% tags=["exercise:rollout"]
def rollout(weights):
    raise NotImplementedError


check("rollout", rollout)

# %% [markdown]
# **6.** How far each head looks, in pixels: [layers, heads]. Leave [class] out, as who asks and as what is looked at, make the rest of each row sum to 1, weigh the distances between the patches' middles, average over patches and pictures. `grid` and `patch` are (down, across).


# %% tags=["exercise:mean_distance"]
def mean_distance(weights, grid, patch):
    raise NotImplementedError


check("mean_distance", mean_distance)

# %% [markdown]
# ## Exam-style questions
#
# **1.** A picture of 224x224 with patches of 16x16: how many tokens does the encoder see, in ViT, in BEiT while pre-training, in MAE while pre-training?
# <details><summary>Answer</summary>197, 197 (hidden ones are mask tokens), and 50: 49 of 196 patches and [class].</details>
#
# **2.** Shuffle the patches of a picture. What changes in the encoder's output if positions are left out, what if they are not?
# <details><summary>Answer</summary>Without positions the context is shuffled alike and [class] is the same. With them it is another picture.</details>
#
# **3.** Why does BEiT hide blocks, and why can MAE do without?
# <details><summary>Answer</summary>A single missing patch can be copied from its neighbours. With three quarters hidden most neighbours are missing as well.</details>
#
# **4.** Your hidden-patch network's probe reaches 50 %, chance is 20 %. What did pre-training bring?
# <details><summary>Answer</summary>Nobody knows yet: show the untrained network and raw pixels. Only what is above both is pre-training's.</details>
#
# **5.** Why does a ViT need more pictures than a CNN?
# <details><summary>Answer</summary>A convolution has locality and translation built in. A ViT has to learn both; even which patches are neighbours it must learn, in its positions.</details>

# %% [markdown]
# ## Recap
#
# - A picture is a sequence of patches; the encoder is BERT's, and positions are learned.
# - Hide patches and predict them: pixels (MAE) or visual tokens (BEiT), blocks or single ones.
# - The slide's gap is real here too. Pre-training without labels is worth what stands above the untrained network and raw pixels.
#
# **References.** Dosovitskiy et al. 2021, ViT, arXiv 2010.11929 · Bao et al. 2022, BEiT, arXiv 2106.08254 · He et al. 2022, MAE, arXiv 2111.06377 · Xie et al. 2022, SimMIM, arXiv 2111.09886 · Abnar and Zuidema 2020, rollout, arXiv 2005.00928.
#
# **Next:** 07a, hiding stretches of sound.
