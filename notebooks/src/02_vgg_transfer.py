# %% [markdown]
# # 02 · VGG: labels first, then other labels
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can say why VGG stacks small filters and count what that saves; move a trained network to classes it has never seen, with one label a class or fifty; choose what to freeze; and look at what each layer wants to see.
#
# **You need** notebook 01's words (supervised, fine-tuning). **It takes** {{minutes}} minutes to run on two CPU cores. CIFAR-10 is fetched once (20 MB); without network MNIST's digits stand in.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# In 2015 pre-training meant *supervised* pre-training: a network learns a thousand classes of ImageNet from a million labels, and then serves a task that has few. *Why should features for airplanes and cats help with ships and horses?*
#
# Here is the answer that we are going to measure: five draws of labels, a small VGG, classes that it has never seen.

# %%
from lecturelib import claims
from lecturelib.adapt.transfer import stored_curve
from lecturelib.viz import figures

arms = ("from scratch", "random, frozen", "frozen", "fine-tuned", "lower half frozen")
measured = stored_curve(claims.entry("vgg_transfer")["runs"], arms)
figures.label_curve(measured.per_class, measured.accuracy)

# %% [markdown]
# With one label a class a frozen network that knows *other* classes is far ahead of one that starts from nothing. By the end of this notebook you have run every arm of this picture once.
#
# | on the slides, in the paper | here | in the code |
# |:--|:--|:--|
# | VGG16, OxfordNet, configuration D | a list of widths | `CONFIGS["D"]` |
# | $C$ channels in, $C$ out | `channels` | `stack_weights(kernel=3, layers=2, channels=C)` |
# | receptive field | what one place sees | `receptive_field(plan)` |
# | frozen features + linear SVM | frozen + logistic regression | `read_out(encoder, labelled, test)` |
# | fine-tuning | all layers learn on | `learn(encoder, labelled, seed=0)` |
#
# ## The network is a list
#
# The paper's Table 1 fits on five lines: a number is a 3x3 convolution so wide, with its ReLU; "M" halves the picture.

# %%
from lecturelib.encoders.vgg import CONFIGS

for name, plan in CONFIGS.items():
    print(name, *plan)

# %% [markdown]
# Table 2 of the paper counts parameters in millions: 133, 133, 134, 138, 144 for A to E. Ours, on the *meta* device, where a network has shapes but no memory:

# %%
# NBVAL_CHECK_OUTPUT
import torch

from lecturelib.recipes import vgg

with torch.device("meta"):
    counts = {name: sum(p.numel() for p in vgg(name).parameters()) for name in CONFIGS}
print({name: round(count / 1e6) for name, count in counts.items()})

# %% [markdown]
# Where do they sit? Nine of ten are in the first linear layers, not in the convolutions:

# %%
# NBVAL_CHECK_OUTPUT
with torch.device("meta"):
    vgg16 = vgg("D")
in_layers = sum(p.numel() for p in vgg16.layers.parameters())
print(f"convolutions {in_layers / 1e6:.1f} M of {counts['D'] / 1e6:.1f} M")

# %% [markdown]
# Is it *the* VGG? torchvision's, with random weights copied into ours, must give the same numbers:

# %%
# NBVAL_CHECK_OUTPUT
from torchvision.models import vgg11_bn

from lecturelib.published import from_reference

theirs = vgg11_bn(num_classes=10).eval().double()
ours, picture = from_reference(theirs), torch.rand(1, 3, 64, 64, dtype=torch.double)
print(
    f"largest difference below 1e-10: {bool((ours(picture) - theirs(picture)).abs().max() < 1e-10)}"
)

# %% [markdown]
# > **On the slide / in the paper.** VGG won the localisation task of ILSVRC 2014 and came second in classification, behind GoogLeNet (6.7 % top-5 error).
#
# ## Why 3x3?
#
# One place of the last map sees a window of the picture. Two 3x3 layers see as much as one 5x5, three as much as one 7x7:

# %%
from lecturelib.viz import images as pictures_of

pictures_of.receptive_fields({"two 3x3": (3, 5), "three 3x3": (3, 5, 7), "one 7x7": (7,)})

# %% [markdown]
# The stack is cheaper, and it bends twice more: a ReLU stands after each layer. You write the count; with $C$ channels in and out a layer has $k^2C^2$ weights.


# %%
# NBVAL_CHECK_OUTPUT
def weights(kernel, layers, channels):
    return layers * kernel**2 * channels**2


print("three 3x3:", weights(3, 3, 1), "C^2   one 7x7:", weights(7, 1, 1), "C^2")
print("two 3x3:  ", weights(3, 2, 1), "C^2   one 5x5:", weights(5, 1, 1), "C^2")

# %% [markdown]
# Cheaper is not yet better. The paper replaced each pair of 3x3 by one 5x5 and lost 7 points on ImageNet. Ours: six 3x3 layers against three of 5x5, the same widths, five seeds.

# %%
from lecturelib.viz.cards import claim_card

row = claims.entry("small_kernels")
unit = "test accuracy, % (five CIFAR-10 classes)"
display(figures.claim_bars(row["runs"], ["3x3 pairs", "5x5"], unit), claim_card(row))

# %% [markdown]
# ## Pre-training: five classes with all their labels
#
# Our small VGG has six 3x3 layers. It was trained here on airplanes, automobiles, birds, cats and deer (`python -m lecturelib pretrain vgg --pace full`). The notebook opens the result, with its curve:

# %%
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining.vgg import shipped
from lecturelib.training.checkpoint import read

source = shipped()
_, facts = read(CHECKPOINTS / "vgg_cifar10.safetensors")
print(f"{facts['minutes']} minutes, validation {facts['last']['validation_accuracy']:.1%}")
curve = facts["curve"]["validation_accuracy"]
figures.curves([{"step": s, "validation": v} for s, v in curve], ["validation"])

# %% [markdown]
# And live, from nothing, for 40 steps of 64 pictures, so that you see it begin:

# %%
from lecturelib import pretraining

job = pretraining.build("vgg", "cifar10", "quick")
figures.curves(job.trainer(None, "VGG").run().rows, ["loss", "accuracy"])

# %% [markdown]
# ## Moving: five classes that it has never seen
#
# Dogs, frogs, horses, ships, trucks. Each has a few labels; 500 test pictures say how well it went (one picture is 0.2 %).

# %%
from lecturelib.adapt.pictures import TARGET, classes
from lecturelib.adapt.transfer import few_labels

target, names = classes(TARGET)
labelled = target.train.rows(few_labels(target.train.labels, 5, seed=0))
test = target.test.rows(few_labels(target.test.labels, 100, seed=0))
figures.gallery(labelled.signal[::2], [names[int(y)] for y in labelled.labels[::2]])

# %% [markdown]
# ### Frozen
#
# Throw the old head away, keep the rest as it is, and fit *one linear layer* on its vectors. That is all:

# %%
from lecturelib.adapt.transfer import read_out

print(f"frozen, 5 labels a class: {read_out(source.encoder, labelled, test):.1%}")

# %% [markdown]
# Before you are impressed: what does a network give that has learned nothing? Random filters are no bad features.

# %%
torch.manual_seed(0)
print(f"random, frozen: {read_out(vgg('mini').eval(), labelled, test):.1%}   chance: 20.0%")

# %% [markdown]
# ### Fine-tuned
#
# The same network, a new head, and all layers may learn: 100 steps of 32 pictures, as many as "from scratch" gets.

# %%
from lecturelib.adapt.moving import hold_lower, learn
from lecturelib.adapt.self_training import accuracy

tuned = learn(source.encoder, labelled, seed=0)
print(f"fine-tuned: {accuracy(tuned, test):.1%}")

# %% [markdown]
# The same labels and the same steps, for a network that starts from nothing:

# %%
scratch = learn(vgg("mini"), labelled, seed=0)
print(f"from scratch: {accuracy(scratch, test):.1%}")

# %% [markdown]
# ### Between the two: the lower half stands still
#
# Edges and colours serve every picture; what a cat is made of serves cats. So hold the first four convolutions and let the last two learn. `hold_lower` is a copy whose lower layers neither learn nor move their batch-norm statistics.

# %%
half = learn(hold_lower(source.encoder), labelled, seed=0)
moving = sum(p.numel() for p in half.parameters() if p.requires_grad)
print(f"lower half frozen: {accuracy(half, test):.1%}, {moving:,} weights learn")

# %% [markdown]
# One draw of five labels proves little. Five draws, six numbers of labels:

# %%
display(claim_card(claims.entry("vgg_transfer")), claim_card(claims.entry("vgg_fine_tuned")))

# %% [markdown]
# Read the first picture of this notebook again. Frozen features are ahead of fine-tuning with one or two labels, and fall behind when there are more. Holding the lower half is the best of all on average at every number of labels, with fifty together with fine-tuning. The gap to "from scratch" shrinks from five labels on.
#
# ### Which layer's features?
#
# Each layer's maps, averaged over the picture, as features for the same linear layer:

# %%
from lecturelib.adapt.transfer import probe


@torch.no_grad()
def means(signal):
    return {name: maps.mean((2, 3)) for name, maps in source.encoder.trace(signal)}


known, unseen = means(labelled.signal), means(test.signal)
scores = {n: probe(known[n], labelled.labels, unseen[n], test.labels) for n in known}
figures.claim_bars(
    [{name: 100 * score for name, score in scores.items()}], list(scores), "test accuracy, %"
)

# %% [markdown]
# ### What goes wrong: too fast
#
# Fine-tuning with too high a rate destroys what was learned, before the new head knows what to ask for. Three rates; how well does the encoder still know its *old* classes afterwards?

# %%
from lecturelib.adapt.moving import How
from lecturelib.adapt.pictures import SOURCE

old, old_names = classes(SOURCE)
some = old.train.rows(few_labels(old.train.labels, 50, seed=0))
old_test = old.test.rows(few_labels(old.test.labels, 100, seed=0))
print(f"before: old classes {read_out(source.encoder, some, old_test):.1%}")
for lr in (2e-3, 2e-2, 2e-1):
    model = learn(source.encoder, labelled, how=How(steps=40, lr=lr), seed=0)
    kept = read_out(model.encoder, some, old_test)
    print(f"lr {lr:g}: new classes {accuracy(model, test):.1%}, old classes {kept:.1%}")

# %% [markdown]
# ### Further away: digits
#
# Handwritten digits are not photographs at all. MNIST-5k, made 32x32 and given three equal colours:

# %%
from lecturelib.adapt.pictures import digits

written = digits()
written_test = written.test.rows(few_labels(written.test.labels, 50, seed=0))
figures.gallery(written_test.signal[::50])

# %% [markdown]
# The same frozen network, and a slider for the number of labels a digit (edit the function, it is yours):

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def digit_transfer(per_class):
    known = written.train.rows(few_labels(written.train.labels, per_class, seed=0))
    torch.manual_seed(0)
    encoders = {"photos": source.encoder, "random": vgg("mini").eval()}
    bars = {n: 100 * read_out(e, known, written_test) for n, e in encoders.items()}
    return [figures.claim_bars([bars], list(bars), f"digits right, %, {per_class} labels")]


slide(digit_transfer, widgets.SelectionSlider(options=[1, 2, 5, 10, 20, 50], value=5))

# %% [markdown]
# Here the photographs' network is hardly ahead of the random one, or behind it: **how much transfers depends on how far you move**. Without the random control nobody would have noticed.
#
# ## Look inside
#
# Real photographs, none of them from the training data, as small as the network has learned to see:

# %%
from lecturelib.data.photos import photos

seen = photos(32)
figures.gallery(seen.pixels, list(seen.classes))

# %% [markdown]
# **First filters.** 3x3 pixels of three colours leave little room: spots, edges, and colour contrasts.

# %%
pictures_of.filters(source.encoder.layers[0].weight)

# %% [markdown]
# **Activation maps.** The cat through every layer: the map shrinks, and what is left is coarse and says *what* rather than *where*.

# %%
with torch.no_grad():
    trace = [(name, maps[0]) for name, maps in source.encoder.trace(seen.pixels[:1])]
pictures_of.activation_maps(seen.pixels[0], trace[::2])

# %% [markdown]
# **What excites a channel most?** Of 500 pictures, the patches with the highest value of a channel of the fifth convolution, cut to what it sees:

# %%
from lecturelib.adapt.looking import most_exciting

rows = [most_exciting(source.encoder, old_test.signal, "conv3_1", c, 6) for c in (3, 40, 77, 120)]
patches = torch.stack([row.patches for row in rows])
pictures_of.exciting_patches(patches, ["channel 3", "channel 40", "channel 77", "channel 120"])

# %% [markdown]
# **Walk through the layers.** Arrow up and down: the layer; left and right: the channel; N: the next photograph; F: full screen.

# %%
from lecturelib.adapt.looking import walk
from lecturelib.viz.explorers.layer_walk import layer_walk

pool = old_test.signal[:200]
steps = layer_walk(seen.pixels[:4], seen.classes[:4], walk(source.encoder, seen.pixels[:4], pool))
steps.layer = 4
steps

# %% [markdown]
# **Which places decide?** Grad-CAM weighs the last maps by how much each one moves the score of a class, $\alpha_k = \frac{1}{Z}\sum_{ij} \partial y / \partial A^k_{ij}$, and keeps what speaks *for* it. One test picture of each class, and after the colon the class that the network names (look at what decided where it is wrong):

# %%
from lecturelib.adapt.looking import grad_cam
from lecturelib.adapt.self_training import predict

shown = old_test.signal[::100]
guess = predict(source, shown).argmax(1)
called = facts["vocabulary"]
titles = [f"{old_names[i]}: {called[int(g)]}" for i, g in enumerate(guess)]
pictures_of.overlays(shown, grad_cam(source, shown, guess), titles)

# %% [markdown]
# ## The real thing, and your own photos
#
# Put photos into folders, `my_photos/cat/*.jpg`, `my_photos/dog/*.jpg`, at least six a class, and name the folder. Five of each class are labels, the others the test, and the same linear layer reads our small VGG:

# %%
from lecturelib.adapt.pictures import own_photos

FOLDER = ""  # "my_photos"
score = read_out(source.encoder, *own_photos(FOLDER)) if FOLDER else None
print("no folder is named" if score is None else f"small VGG, frozen: {score:.1%}")

# %% [markdown]
# And ImageNet's VGG16 (528 MB, hash-checked, fetched once). It wants larger pictures, with ImageNet's mean and deviation taken off:

# %%
from torchvision.transforms.v2.functional import normalize

from lecturelib.published import load

if FOLDER:
    own, imagenet = own_photos(FOLDER, 224), load("vgg16").model
    centred = [normalize(part.signal, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]) for part in own]
    far = [torch.no_grad()(imagenet.features)(pixels) for pixels in centred]
    print(f"ImageNet's VGG16: {probe(far[0], own[0].labels, far[1], own[1].labels):.1%}")
else:
    print("no folder is named")

# %% [markdown]
# torchvision's own way to freeze all convolutions and learn new classes, on the meta device so that nothing is fetched:

# %%
# NBVAL_CHECK_OUTPUT
from torchvision.models import vgg16 as their_vgg16

with torch.device("meta"):
    model = their_vgg16()  # weights="IMAGENET1K_V1" fetches the trained ones
    model.features.requires_grad_(False)
    model.classifier[-1] = torch.nn.Linear(4096, 5)
print(f"{sum(p.numel() for p in model.parameters() if p.requires_grad) / 1e6:.1f} M weights learn")

# %% [markdown]
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own.
#
# Six of them:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.vgg import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** What does one place see? Walk through `plan` (8: a 3x3 convolution; (16, 5): a 5x5 one; "M": halve) and return `torch.tensor([size, step, start])`: pixels across, pixels to the neighbour's window, and where the first window begins, below 0 because convolutions are padded.


# %% tags=["exercise:receptive_field"]
def receptive_field(plan):
    raise NotImplementedError


check("receptive_field", receptive_field)

# %% [markdown]
# **2.** How many weights do `layers` convolutions of `kernel` x `kernel` on top of one another have, `channels` in and out, without biases? Return a tensor: `torch.tensor(...)`.


# %% tags=["exercise:stack_weights"]
def stack_weights(kernel, layers, channels):
    raise NotImplementedError


check("stack_weights", stack_weights)

# %% [markdown]
# **3.** Cut out of `image` [colour, height, width] the square of `window.size` pixels that the place in this row and column sees (`window.at(row)` says where it begins); 0 where it looks past the edge.


# %% tags=["exercise:cut_window"]
def cut_window(image, window, row, column):
    raise NotImplementedError


check("cut_window", cut_window)

# %% [markdown]
# **4.** Each picture's score of its own label, before the softmax: `logits` [batch, classes], `label` [batch], result [batch].


# %% tags=["exercise:of_label"]
def of_label(logits, label):
    raise NotImplementedError


check("of_label", of_label)

# %% [markdown]
# **5.** Grad-CAM: average each channel's `slope` over the places, weigh its map with it, add the channels up, keep what is above 0; both [batch, channels, down, across].


# %% tags=["exercise:weigh_maps"]
def weigh_maps(slope, maps):
    raise NotImplementedError


check("weigh_maps", weigh_maps)

# %% [markdown]
# **6.** Before a linear layer reads frozen features: return `unseen` [m, dim] in the scale of `known` [n, dim], each number less the known ones' mean, over their deviation (`correction=0`, at least 1e-6).


# %% tags=["exercise:standardised"]
def standardised(known, unseen):
    raise NotImplementedError


check("standardised", standardised)

# %% [markdown]
# ## Exam-style questions
#
# **1.** Three 3x3 layers instead of one 7x7: which two things improve, and what gets worse?
# <details><summary>Answer</summary>27C² weights instead of 49C², and two more ReLUs. There are three layers to compute one after another and three maps to keep for the backward pass.</details>
#
# **2.** Your frozen features reach 58 %, random frozen features 41 %. How much did pre-training bring?
# <details><summary>Answer</summary>17 points at this number of labels, not 38 above chance: the random network is the control.</details>
#
# **3.** Fine-tuning is worse than frozen features. Name two reasons.
# <details><summary>Answer</summary>Too few labels for so many weights, or a rate that is too high: the features are destroyed before the head has learned. A rate too low for the new head looks alike.</details>
#
# **4.** You froze the lower layers, and the accuracy falls while you train anyway. What did you forget?
# <details><summary>Answer</summary>Batch norm: its running statistics move even when no weight does. Frozen layers must stay in eval mode.</details>
#
# **5.** Why do the lower layers transfer better than the upper ones?
# <details><summary>Answer</summary>They answer to edges and colours, which every picture has; upper layers answer to what tells the old classes apart.</details>

# %% [markdown]
# ## Recap
#
# - VGG is a list of small filters: the same window, fewer weights, more bends.
# - Supervised pre-training makes features that serve classes it never saw, most of all where labels are few.
# - Frozen, fine-tuned, or half of each depends on how many labels there are. Show the random network beside them.
#
# **References.** Simonyan and Zisserman 2015, VGG, arXiv 1409.1556 · Yosinski et al. 2014, How transferable are features, arXiv 1411.1792 · Zeiler and Fergus 2014, arXiv 1311.2901 · Selvaraju et al. 2017, Grad-CAM, arXiv 1610.02391.
#
# **Next:** 03, the same idea for voices.
