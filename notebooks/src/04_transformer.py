# %% [markdown]
# # 04 · The Transformer
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can compute attention by hand; say why it is scaled, why there are several heads, residuals, norms and positions; read an alignment in cross-attention; and write the decoder's search.
#
# **You need** matrix products, softmax and a little PyTorch. **It takes** {{minutes}} minutes to run on two CPU cores; nothing is downloaded.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# An Englishman writes 321 in the order in which he says it: *three hundred twenty-one*. A German says *dreihunderteinundzwanzig*, three-hundred-one-and-twenty, and has to cross over. How does a network that reads all letters **at once** know which one to look at next?
#
# ## What you will see
#
# A model of 670,000 numbers, trained by this project, that never saw 321 in either language. Dark: what it looked at while it wrote each digit. Line by line, you will build all of it below.

# %%
from lecturelib.pretraining.numbers import shipped, translate

trained = shipped().requires_grad_(False)  # to look at, not to train
translate(trained, ["three hundred twenty-one", "dreihunderteinundzwanzig"])

# %% [markdown]
# And where did it look? The picture shows the last layer's cross-attention; both words come below.

# %%
from lecturelib.data.numbers import encode, spelled
from lecturelib.pretraining.numbers import looked
from lecturelib.viz import attention as figures

figures.alignment({n: looked(trained, spelled(321, n)) for n in ("en", "de")})

# %% [markdown]
# ## Attention by hand, on five words
#
# $$\text{Attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# | on the slides | here | in the code |
# |:--|:--|:--|
# | $Q$ | what each word asks | `q` |
# | $K$ | what each word offers to be found by | `k` |
# | $V$ | what it hands out when it is found | `v` |
# | $d$ | width of a key | `head_dim` |
# | softmax$(\cdot)$ | the attention: a row sums to 1 | `weights` |
#
# Three channels that we make up: is it an *article*, a *noun*, a *verb*? A question is a linear map of the word; ours: *verbs look for nouns, nouns look for articles, articles look for nouns.* A key is the word itself.

# %%
import torch

words = ["the", "cat", "chased", "a", "mouse"]
article, noun, verb = torch.eye(3)
x = torch.stack([article, noun, verb, article, noun])
q, k = x @ (torch.stack([noun, article, noun]) * 4), x
scores = q @ k.T / 3**0.5
scores.round(decimals=2)

# %% [markdown]
# Softmax over each row: where does each word look? *chased* looks at *cat* and *mouse*, half and half: who did it to whom is not in these vectors, for nothing in them says where a word stands. What each word gets is the weighted sum of the values: *chased* is then mostly *noun*, it has learned about its company.

# %%
weights = scores.softmax(dim=-1)
print("chased becomes", (weights @ x)[2].round(decimals=2))
figures.attention_matrix(weights, words, words)

# %% [markdown]
# That is all of it. The library's version has a batch and heads in front, and leaves out padding (`-inf` before the softmax is 0 after it). Same numbers?

# %%
# NBVAL_CHECK_OUTPUT
import inspect

from lecturelib.encoders.attention import attend

print("\n".join(inspect.getsource(attend).splitlines()[-7:]))
mixed, same = attend(q[None, None], k[None, None], x[None, None])
print(torch.allclose(same[0, 0], weights), torch.allclose(mixed[0, 0], weights @ x))

# %% [markdown]
# ## Why divide by $\sqrt d$?
#
# If the entries of $q$ and $k$ are independent with variance 1, then $q \cdot k$ has variance $d$: long vectors make large scores, large scores make a softmax that puts everything on one word, and there its gradient is nearly zero. Measured with 16 random words: how much gradient comes through the softmax (the trace of its derivative)?


# %%
def slope(d, scale):
    rng = torch.Generator().manual_seed(0)
    q, k = (torch.randn(500, 16, d, generator=rng) for _ in range(2))
    weights = (q @ k.mT * scale).softmax(-1)
    return (1 - weights.square().sum(-1)).mean().item()


widths = [4, 16, 64, 256, 1024]
divided, raw = [slope(d, d**-0.5) for d in widths], [slope(d, 1) for d in widths]
series = {"divided by sqrt(d)": divided, "not divided": raw}
figures.against(widths, series, ("d, width of a key", "slope of the softmax"), log="x")

# %% [markdown]
# ## Heads
#
# One softmax is one question. Several heads ask several questions side by side, each in its own `dim / heads` channels; then one linear layer mixes the answers. It costs nothing: four heads of 32 are as many numbers as one head of 128.
#
# Here are all heads of both layers of the trained encoder, reading *einundzwanzig*, with lines from the letter that you choose (arrow keys, or click). Nobody told them what to look for. `trace` is `forward` with every step kept; a test holds the two equal.

# %%
from lecturelib.viz.explorers.attention import attention_explorer

reading = trained.encoder.trace(trained.source(encode(["einundzwanzig"])[0]))
attention_explorer(torch.cat(reading.weights), "einundzwanzig")

# %% [markdown]
# ## Is it the real thing?
#
# `from_reference` copies PyTorch's weights into ours. Any difference would be ours to explain. In double precision, one attention and a whole encoder of three layers:

# %%
# NBVAL_CHECK_OUTPUT
from torch import nn

from lecturelib.published import from_reference

some = torch.randn(2, 7, 64, dtype=torch.double)
one = nn.MultiheadAttention(64, 4, batch_first=True).double()
far = (from_reference(one)(some, some, some)[0] - one(some, some, some)[0]).abs().max()
print("nn.MultiheadAttention: same to 1e-10?", bool(far < 1e-10))
layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, dtype=torch.double)
stack = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False).eval()
far = (from_reference(stack)(some) - stack(some)).abs().max()
print("nn.TransformerEncoder: same to 1e-10?", bool(far < 1e-10))

# %% [markdown]
# The same file, `encoders/transformer.py`, also takes the published weights of BERT, ViT and wav2vec 2.0, and gives their outputs. That is the lecture's thesis; notebooks 05 to 08 use it.
#
# ## Residuals and LayerNorm
#
# Every sublayer is wrapped:
#
# ```python
# x = x + change                               # change = sublayer(x), the residual keeps x
# return x if self.norm_first else self.norm(x)
# ```
#
# Here is the slide's wrapper, and three things that one can do to it, in every layer of a small reader-writer:

# %%
kinds = {
    "post-norm (slide)": lambda add: {},
    "pre-norm": lambda add: {"norm_first": True},
    "no LayerNorm": lambda add: {"norm": nn.Identity()},
    "no residual": lambda add: {"leave": lambda x, change: add.norm(change)},
}
print(*kinds, sep=" | ")

# %% [markdown]
# Same seed, same sizes:

# %%
from lecturelib.encoders.transformer import AddNorm
from lecturelib.recipes import numbers_model


def build(kind, depth):
    torch.manual_seed(0)
    model = numbers_model(dim=32, depth=depth)
    for add in [part for part in model.modules() if isinstance(part, AddNorm)]:
        for name, value in kinds[kind](add).items():
            setattr(add, name, value)
    return model


build("no LayerNorm", depth=1).encoder.layers[0].add_attention

# %% [markdown]
# Numbers below 1,000, one backward pass through **24** layers, before any learning. How much gradient reaches each layer of the encoder?

# %%
from lecturelib.data.numbers import BEGIN, deal, spell_out
from lecturelib.objectives.translation import Translation

small = spell_out([number for number in deal()["train"] if number < 1000])


def reaching(model):
    total, _, count = Translation(model, begin=BEGIN)(small.rows(slice(0, None, 30)), None)
    (total / count).backward()
    print(f"first loss {total / count:.1f}")
    return [layer.feed_forward.widen.weight.grad.norm().item() for layer in model.encoder.layers]


norms = {kind: reaching(build(kind, 24)) for kind in kinds}
figures.against(range(1, 25), norms, ("layer of the encoder", "gradient norm"), log="y")

# %% [markdown]
# The first losses are printed in the same order. Who guesses among twelve signs has $\log 12 = 2.5$; without LayerNorm the sums grow with depth, and it starts at ten times that.
#
# Without residuals the gradient fades on its way down to layer 1: each layer must hand it on, and each loses some. With them it is level. Without LayerNorm it is level too, but far too large.
#
# Now let them learn, with eight layers:

# %%
from lecturelib.training.loop import Plan, Trainer
from lecturelib.viz.figures import compare


def draw(rng):
    return small.rows(torch.randint(len(small), (32,), generator=rng))


def learn(model, steps):
    return Trainer(Translation(model, begin=BEGIN), draw, Plan(steps, lr=2e-3)).run().rows


compare({kind: learn(build(kind, 8), 80) for kind in kinds}, ["loss", "grad_norm"])

# %% [markdown]
# Without residuals nothing is learned. Without LayerNorm eight layers do learn, here even faster than the slide's post-norm; their gradients jump, and gradient clipping saves them. LayerNorm is an insurance that pays with depth: it is what keeps 24 layers from starting at a loss of 29.
#
# > **On the slide / in the paper.** The slide draws *Add & Norm* after each sublayer, as Vaswani 2017 does (post-norm). ViT and the large wav2vec 2.0 normalise **before** the sublayer (pre-norm): the residual path then has no norm on it at all, and gradients pass undisturbed. In our curves, too, pre-norm learns faster. It is one switch, `Variant(norm_first=True)`; Xiong 2020 explains why.
#
# ## Positions
#
# Attention mixes what it finds, wherever it stands. So if the letters are shuffled, what comes out should be the same, shuffled. Is it?

# %%
# NBVAL_CHECK_OUTPUT
tokens, shuffle = torch.randn(1, 6, 128), torch.tensor([3, 0, 5, 1, 4, 2])
straight, crossed = trained.encoder(tokens), trained.encoder(tokens[:, shuffle])
print("shuffled in = shuffled out:", torch.allclose(crossed, straight[:, shuffle], atol=1e-5))

# %% [markdown]
# To the encoder a sentence is a bag. So the front end adds *where* to *what*: to each word a pattern of sines and cosines, clock hands from fast to slow.
#
# $$PE_{(pos, 2i)} = \sin(pos / 10000^{2i/d}) \qquad PE_{(pos, 2i+1)} = \cos(pos / 10000^{2i/d})$$

# %%
from lecturelib.frontends.words import sinusoids

figures.positions(sinusoids(torch.arange(50), 128))

# %% [markdown]
# What does the trained model lose without them? We take the pattern away and let it read *einundzwanzig* and its letters in another order.


# %%
from lecturelib.data.numbers import END, written
from lecturelib.decoding.sequences import Stop, greedy


def bag(text):
    tokens = trained.source.word(encode([text])[0]) * 128**0.5
    cache = trained.decoder.start(trained.encoder(tokens))
    found = greedy(trained.write, cache, torch.tensor([[BEGIN]]), Stop(END, limit=8))
    return written(found[0].ids)


{text: bag(text) for text in ("einundzwanzig", "gizdnuawniezn")}

# %% [markdown]
# The same wrong answer for both: without positions they are the same input.
#
# > **On the slide / in the paper.** Sinusoids are Vaswani's choice. BERT and ViT *learn* a vector a position, and wav2vec 2.0 uses a convolution. All of them live in front ends here, so that one encoder serves all.
#
# ## Train it: read, then write
#
# Now the whole: an encoder reads letters, a decoder writes digits, looking **back** at what it wrote (a causal mask: never ahead) and **across** at what was read. 8,000 numbers to learn from in two languages; 1,000 others to choose settings, 1,000 others to report. No number of one part is in another, in either language.

# %%
from lecturelib.data.numbers import numbers

parts = {name: numbers(name) for name in ("train", "validation", "test", "longer")}
print({name: len(part) for name, part in parts.items()})
print(parts["test"].meta["text"][0], "|", parts["test"].meta["text"][1000])

# %% [markdown]
# The causal mask is added to the scores: 0 for *may look*, $-\infty$ for *may not*.

# %%
# NBVAL_CHECK_OUTPUT
from lecturelib.encoders.attention import causal_bias

causal_bias(4, 4, torch.zeros(()))[0, 0]

# %% [markdown]
# So all places can be trained at once, each seeing only the *right* beginning (teacher forcing). Watch it learn, live, from nothing:

# %%
from lecturelib.training import runtime
from lecturelib.viz.live import LiveCurve


def batches(rng):
    return parts["train"].rows(torch.randint(16000, (64,), generator=rng))


torch.manual_seed(0)
fresh = numbers_model()
live = LiveCurve(120, ["loss", "signs_right", "answers_right"], quiet=runtime.quiet())
plan = Plan(120, lr=1e-3)
history = Trainer(Translation(fresh, begin=BEGIN), batches, plan, on_step=live).run()

# %% [markdown]
# *signs right*: digits, given the right beginning. *answers right*: all digits of a number. Now it must write alone, on numbers it has never seen. Beside it the shipped model, trained twenty times as long by `python -m lecturelib pretrain numbers --pace full`:

# %%
from lecturelib.pretraining.numbers import exact

right = {
    name: exact(model, parts["test"]) for name, model in [("live", fresh), ("shipped", trained)]
}
for name, rows in right.items():
    print(name, "English {:.1%}, German {:.1%} exact".format(*rows.float().view(2, -1).mean(1)))
assert right["shipped"].view(2, -1).float().mean(1).min() > 0.95

# %% [markdown]
# What did the live model write where it is wrong?

# %%
unseen = parts["test"].meta["text"]
wrong = [unseen[row] for row in (~right["live"]).nonzero().flatten()[-5:]]
for text, digits in zip(wrong, translate(fresh, wrong), strict=True):
    print(f"{text:<45}{digits:>6}")

# %% [markdown]
# And numbers **longer** than any it was trained on, five digits? Guess before you run it.

# %%
longer = parts["longer"].rows(slice(None, None, 10))
print(f"five digits: {exact(trained, longer).float().mean():.1%} exact")
dict(zip(longer.meta["text"][:3], translate(trained, longer.meta["text"]), strict=False))

# %% [markdown]
# Nothing. It has never written a fifth digit, and "forty" has never stood before "thousand". Attention alone does not make a rule out of examples.
#
# ## Cross-attention as alignment
#
# Each digit asks the letters. Move the slider: English walks down the diagonal, German jumps ahead for the tens and comes back for the ones. (Edit the function; it is yours.)

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def crossing(number):
    return [figures.alignment({n: looked(trained, spelled(number, n)) for n in ("en", "de")})]


slide(crossing, widgets.IntSlider(321, min=20, max=9999, description="number"))

# %% [markdown]
# Is that one lucky picture? Count it on 100 numbers that were never trained: is the letter read for the tens **to the right** of the one read for the ones?


# %%
def crosses(number, language):
    weights = looked(trained, spelled(number, language))[2]
    tens, ones = weights.argmax(1)[-2:]
    return bool(tens > ones)


chosen = [n for n in deal()["test"] if n > 100 and n % 10 > 1 and n % 100 > 20][:100]
for language in ("en", "de"):
    share = sum(crosses(n, language) for n in chosen) / len(chosen)
    print(f"{language}: tens to the right of the ones in {share:.0%} of {len(chosen)} numbers")

# %% [markdown]
# > **On the slide / in the paper.** "Attention shows what the model looks at" is true for the weights and careful for the meaning: what is mixed are *contexts*, and a context at one letter already knows about its neighbours. Jain & Wallace 2019 and Wiegreffe & Pinter 2019 argue how far such pictures explain a decision.
#
# ## The Transformer, animated
#
# One key press, one step: →, ←, Home, End; Space writes the next digit; F for full screen. Type another number up to 9999, in either language. The lines are one of the decoder's eight heads, the one that aligns best (layer 2, head 1); H shows the others.

# %%
from lecturelib.adapt.walk import walk
from lecturelib.data.numbers import SIGNS, tidy
from lecturelib.viz.explorers.stepper import Walk, stepper


def steps(text):
    digits = translate(trained, [text])[0]
    arrays = walk(trained, encode([text])[0], torch.tensor([[BEGIN, *map(int, digits)]]))
    return Walk(list(tidy(text)), ["begin", *digits], [*digits, "end"], SIGNS, arrays)


stepper(steps, "dreihunderteinundzwanzig", beside="three hundred twenty-one", head=(1, 0))

# %% [markdown]
# ## Greedy or beam?
#
# Greedy takes the best next digit and never looks back. A beam keeps several beginnings alive: the best *whole* need not begin with the best digit. Here are four hypotheses of the half-trained model.

# %%
from lecturelib.pretraining.numbers import search

for found in search(fresh, wrong[-1:], width=4)[0]:
    print(f"{written(found.ids):>6}  log p = {found.score:.2f}")

# %% [markdown]
# Does it pay? On 400 unseen German numbers, with the half-trained model:

# %%
answers = [str(number) for number in parts["test"].meta["number"][1000:1400]]
for width in (1, 2, 4, 8):
    best = [found[0] for found in search(fresh, unseen[1000:1400], width)]
    hits = sum(written(b.ids) == answer for b, answer in zip(best, answers, strict=True))
    print(
        f"beam of {width}: {hits / 4:.1f} % exact, mean log p {sum(b.score for b in best) / 400:.3f}"
    )

# %% [markdown]
# A beam of 1 is greedy. A wider one finds answers that the model likes better (the mean log p rises), and few more of them are right. Search repairs mistakes of search, not of the model.
#
# ## What does it cost?
#
# Every word asks every word: $n^2$ scores. The feed-forward layer treats each word alone: $n$. Measured here, one thread, width 64:

# %%
import timeit

from lecturelib.encoders.transformer import EncoderLayer, Variant

block = EncoderLayer(dim=64, heads=4, hidden=256, variant=Variant()).eval()


def milliseconds(part, n):
    x = torch.randn(1, n, 64)
    with torch.no_grad():
        return 1e3 * min(timeit.repeat(lambda: part(x), number=1, repeat=5))


print(f"attention over 256 words: {milliseconds(block.attention, 256):.1f} ms")

# %% [markdown]
# Longer and longer, on a double logarithmic scale: a straight line whose slope is the power of $n$. Where the two lines part, length begins to hurt.

# %%
lengths = [256, 512, 1024, 2048, 4096]
costs = {
    "attention": [milliseconds(block.attention, n) for n in lengths],
    "feed-forward": [milliseconds(block.feed_forward, n) for n in lengths],
}
growth = {name: ms[-1] / ms[-2] for name, ms in costs.items()}
guide = {"n squared": [costs["attention"][-1] * (n / lengths[-1]) ** 2 for n in lengths]}
figures.against(lengths, costs | guide, ("n, length of the sequence", "ms"), log="xy")

# %% [markdown]
# Writing has a cost of its own: each new digit looks at all before it. Without keeping keys and values, everything is computed again for each; `python -m lecturelib bench decode_cached` measures what the cache saves at 128 tokens.
#
# ## The same in PyTorch
#
# All of it is one call, `nn.Transformer`. Its weights in our code, its mask in PyTorch's words: is it the same function?

# %%
# NBVAL_CHECK_OUTPUT
whole = nn.Transformer(64, 4, 2, 1, 128, batch_first=True, dtype=torch.double).eval()
source, target = torch.randn(2, 2, 6, 64, dtype=torch.double)
future = nn.Transformer.generate_square_subsequent_mask(6, dtype=torch.double)
memory = from_reference(whole.encoder)(source)
ours = whole.decoder.norm(from_reference(whole.decoder.layers[0])(target, memory, future))
far = (ours - whole(source, target, tgt_mask=future)).abs().max()
print("nn.Transformer: same to 1e-10?", bool(far < 1e-10))

# %% [markdown]
# ## Exercises
#
# Write each function, then run its cell: `check` compares with the library's on small random inputs and knows the typical slips. `solution("name")` prints the library's own.
#
# There are six here:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.transformer import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** Attention: `q` [batch, heads, query, d], `k` and `v` [batch, heads, key, d], `is_pad` [batch, key] is True where nobody may look. Return the mixture (not the weights).


# %% tags=["exercise:attend"]
def attend(q, k, v, is_pad):
    raise NotImplementedError


check("attend", attend)

# %% [markdown]
# **2.** The causal mask [1, 1, query, key] as something to add. The queries are the **last** positions of the keys. `like` has the dtype.


# %% tags=["exercise:causal_bias"]
def causal_bias(query, key, like):
    raise NotImplementedError


check("causal_bias", causal_bias)

# %% [markdown]
# **3.** Sinusoids, [time, dim] in float64.


# %% tags=["exercise:sinusoids"]
def sinusoids(positions, dim):
    raise NotImplementedError


check("sinusoids", sinusoids)

# %% [markdown]
# **4.** Split [batch, time, dim] into [batch, heads, time, d]; `attention.heads` says how many.


# %% tags=["exercise:split"]
def split(attention, x):
    raise NotImplementedError


check("split", split)

# %% [markdown]
# **5.** Add & norm: `add.norm` is the LayerNorm, `add.norm_first` says that it has been applied at the entrance already (pre-norm). No dropout.


# %% tags=["exercise:leave"]
def leave(add, x, change):
    raise NotImplementedError


check("leave", leave)

# %% [markdown]
# **6.** Beam search: `log_p` [rows, vocab]; a row that is `done` may only write `end` again, and that costs nothing.


# %% tags=["exercise:only_end"]
def only_end(log_p, done, end):
    raise NotImplementedError


check("only_end", only_end)

# %% [markdown]
# ## Exam-style questions
#
# **1.** You double the number of heads and keep `dim`. How does the number of weights change?
# <details><summary>Answer</summary>Not at all: each head becomes half as wide. (The attention maps, batch x heads x n x n, double.)</details>
#
# **2.** All keys are equal. What does attention compute?
# <details><summary>Answer</summary>The mean of the values: all scores of a query are equal, so the softmax is uniform.</details>
#
# **3.** Why can the decoder be trained on all positions at once, but must write one after another?
# <details><summary>Answer</summary>In training the right beginning is known, and the causal mask hides the rest. In use, the next input is what was just written.</details>
#
# **4.** A colleague removes the key's bias and finds exactly the same outputs. A bug?
# <details><summary>Answer</summary>No: it adds the same number q·b to all scores of a query, and the softmax does not see it. BEiT has none.</details>
#
# **5.** Without positions, can this model tell "einundzwanzig" from "zwanzigundein"? And can its decoder still write digits in order?
# <details><summary>Answer</summary>Not the words: to the encoder both are the same bag of letters. The decoder has its own positions and its causal mask, so it still writes in order.</details>

#
# ## Recap
#
# - Attention is a weighted mean; the weights are a softmax of how well a question fits a key, divided by $\sqrt d$ so that it stays soft.
# - Heads are questions side by side; residuals carry the gradient through depth; LayerNorm keeps sizes in hand.
# - The encoder sees a bag; positions are added in the front end.
# - The decoder looks back (masked) and across; its cross-attention is an alignment that may cross.
# - It costs $n^2$, and the search decides what a trained model says.
#
# **References.** Vaswani et al. 2017, Attention Is All You Need, arXiv 1706.03762 · Bahdanau et al. 2015, arXiv 1409.0473 · Ba et al. 2016, Layer Normalization, arXiv 1607.06450 · Xiong et al. 2020, On Layer Normalization, arXiv 2002.04745 · Jain & Wallace 2019, arXiv 1902.10186 · Wiegreffe & Pinter 2019, arXiv 1908.04626 · Alammar, The Illustrated Transformer.
#
# **Next:** 05, where the encoder alone reads sentences with holes in them.
