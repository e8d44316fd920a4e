# %% [markdown]
# # 07b · From frames to words: CTC, decoding, few labels
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you can say how a text is learned when nobody says which frame holds which letter; walk through CTC's trellis; fine-tune a recogniser on minutes of labels, from scratch and pre-trained; decode greedily, by a beam, with a language model; and let a recogniser write its own labels.
#
# **You need** 07a (wav2vec 2.0) and 04 (beam search). **It takes** {{minutes}} minutes to run on two CPU cores. The speech is real: strings of digits, joined from recordings of six people (three give labels, one chooses settings, two are tested).

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# Classical systems learned from thousands of transcribed hours. The slide: *add a single linear projection on top into target vocab and train with CTC loss with a low learning rate*. What does pre-training buy when there are minutes of labels?
#
# Our answer in one picture, five fine-tunings each, letters wrong in the strings of two strangers:

# %%
from lecturelib import claims
from lecturelib.claims.speech_recognition import SHOWN
from lecturelib.viz import figures

figures.claim_bars(claims.entry("speech_recognition")["runs"], SHOWN, "letters wrong, %")

# %% [markdown]
# Nothing, at this size: from scratch and pre-trained are about as good as each other, with 40 seconds of labels and with three minutes. That is **not** what the paper found. We tried other rates, the encoder frozen at first, none to three of its blocks from random weights, less SpecAugment, an open feature encoder, and ten minutes of English prompts instead of digits; nothing turned it around. Our guess, unproved: ten words on log-mel frames are so easy that labels alone do. What pre-training *did* buy stands in 07a.
#
# | on the slide, in the paper | here | in the code |
# |:--|:--|:--|
# | single linear projection | 17 classes: 15 letters, space and blank | `Recogniser.head` |
# | target vocab | the letters of ten digits, and space | `Alphabet` |
# | CTC loss | sum over all alignments | `Ctc`, `forward_trellis` |
# | CNN encoder frozen | no gradient there | `features_frozen` |
# | SpecAugment in latent space | spans of time and channels | `Spoil` |
# | wav2letter decoder, LM | beam search over texts | `prefix_beam` |
#
# ## CTC: a text without an alignment
#
# There are more frames than letters. A *path* names one class a frame: a letter or the **blank**, *nothing new*. Collapse: merge what repeats, then drop the blanks.

# %%
# NBVAL_CHECK_OUTPUT
import numpy as np
import torch

from lecturelib.objectives.ctc import collapse

path = "--h-ee--l-lloo-"
ids = torch.tensor([" ehlo".index(sign) if sign != "-" else 0 for sign in path])
print(path, "->", "".join(" ehlo"[one] for one in collapse(ids)))

# %% [markdown]
# A text's probability is the sum over **all** paths that collapse to it. For four frames and a two-letter text, all of them, by brute force; and by the library in a few multiplications:

# %%
# NBVAL_CHECK_OUTPUT
from itertools import product

from lecturelib.objectives.ctc import log_likelihood

log_p = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).double().log_softmax(-1)
text = torch.tensor([1, 2])
paths = [torch.tensor(one) for one in product(range(3), repeat=4)]
fits = [one for one in paths if collapse(one).tolist() == text.tolist()]
total = sum(log_p[torch.arange(4), one].sum().exp() for one in fits)
print(f"{len(fits)} of {len(paths)} paths, together {total:.4f}")
print(f"the trellis: {log_likelihood(log_p, text).exp():.4f}")

# %% [markdown]
# > PyTorch's `F.ctc_loss` gives the same numbers, and training uses it: it is faster. Ours is there to be read.
#
# ## A recogniser
#
# Shipped: the pre-trained model of 07a, a linear layer, ten minutes of labelled strings (`python -m lecturelib pretrain recogniser --pace full`). Two strangers say three to five digits:

# %%
from lecturelib.adapt.recognition import error_rates, transcribe
from lecturelib.data.digit_strings import digit_strings, minutes
from lecturelib.pretraining import recogniser

model = recogniser.shipped()
test = digit_strings("test", 40, seed=1)
guess = transcribe(model, test)
for said, heard in list(zip(test, guess, strict=True))[:5]:
    print(f"{said.text:<28} -> {heard}")
wrong = error_rates([said.text for said in test], guess)
print(f"letters wrong {wrong.letters:.1%}, words wrong {wrong.words:.1%}")

# %% [markdown]
# Wrong words look right to the ear: it spells what it hears. A language model will mend much of it.
#
# **The trellis** of the clearest "seven" of two strangers: states (blank, letter, blank ...) upwards, frames to the right; colour is the probability of all beginnings of paths that are there. Arrow keys walk; each cell writes its own arithmetic; B: the best path; click on the sound to hear a piece.

# %%
from lecturelib.adapt.recognition import hear
from lecturelib.data.speech import fsdd
from lecturelib.objectives.ctc import align, forward_trellis
from lecturelib.viz.explorers.trellis import Trellis, trellis_walk

labels = torch.tensor(model.alphabet.encode("seven"))
sevens = [u for u in fsdd("test") if u.text == "seven" and len(u.wave) < 6000]
heard = hear(model, sevens)
clearest = max(range(len(sevens)), key=lambda n: log_likelihood(heard[n], labels))
word, log_p = sevens[clearest], heard[clearest]
signs = ["blank", *model.alphabet.letters]
alpha, state = forward_trellis(log_p, labels), align(log_p, labels).state
trellis_walk(
    Trellis(log_p.numpy(), labels.numpy(), signs, alpha.numpy(), state.numpy(), word.wave.numpy())
)

# %% [markdown]
# Many frames are blank, and a letter stands for a few frames: CTC needs it once, and does not care where within the sound.
#
# ## Fine-tune: from scratch, and pre-trained
#
# Live, small: a hundred strings (three minutes of labels), 120 steps each. The first steps go down a plateau: **all blank** is the cheapest first answer. Watch the share of blanks.

# %%

from lecturelib.claims.speech_recognition import tuned

known = digit_strings("train", 100)
print(f"{minutes(known):.1f} minutes of labels")
arms = {way: tuned(way, known, seed=0, steps=120) for way in ("from scratch", "pre-trained")}
figures.compare({way: rows for way, (_, rows) in arms.items()}, ["nll", "blanks"])

# %% [markdown]
# What they make of the strangers' strings:

# %%
for way, (learner, _) in arms.items():
    wrong = error_rates([said.text for said in test], transcribe(learner, test))
    print(f"{way:<14} letters wrong {wrong.letters:.1%}, words wrong {wrong.words:.1%}")

# %% [markdown]
# One seed proves nothing; the card has five:

# %%
from lecturelib.viz.cards import claim_card

display(claim_card(claims.entry("speech_recognition")))

# %% [markdown]
# ## Decoding: greedy, a beam, a language model
#
# Greedy takes the best class of each frame: the single best *path*. A beam over **texts** adds up all paths of a text; at each frame every text stays as it is or gets one more letter. With a language model a text also has to be likely as a text:
#
# $$\log p(\text{text} \mid \text{sound}) + \alpha \log p_{LM}(\text{text}) + \beta \cdot \text{letters}$$

# %%
from lecturelib.adapt.ngrams import Ngrams
from lecturelib.decoding.ctc import prefix_beam

corpus = [said.text for said in digit_strings("train", 300, seed=2)]
lm = Ngrams(list(map(model.alphabet.encode, corpus)), classes=len(model.alphabet), order=5)
frames = hear(model, test)
ways = {"greedy": transcribe(model, test)}
for name, own in {"beam": None, "beam and LM": lm}.items():
    best = [prefix_beam(one, width=8, lm=own, weight=1.0, bonus=0.5)[0] for one in frames]
    ways[name] = [model.alphabet.decode(one.ids) for one in best]
for name, texts in ways.items():
    wrong = error_rates([said.text for said in test], texts)
    print(f"{name:<12} letters wrong {wrong.letters:.1%}, words wrong {wrong.words:.1%}")

# %% [markdown]
# (The bonus is used without a language model, too, so that the two beams differ in one thing.) The n-gram model has seen three hundred strings of digit words: it knows ten words and no grammar, which is all that there is to know here. That is easier than English.
#
# How much weight? Move it. At 0 the sound alone decides; from 0.5 to 4 nothing changes, as only ten words are possible; at 16 and 32 every letter costs so much that words are left out:

# %%
import ipywidgets as widgets

from lecturelib.viz.slider import slide


def weigh(alpha):
    best = [prefix_beam(one, width=8, lm=lm, weight=alpha, bonus=0.5)[0] for one in frames[:12]]
    texts = [model.alphabet.decode(one.ids) for one in best]
    wrong = error_rates([said.text for said in test[:12]], texts)
    percent = {"letters": 100 * wrong.letters, "words": 100 * wrong.words}
    return [figures.claim_bars([percent], list(percent), "wrong, %")]


slide(weigh, widgets.SelectionSlider(options=[0.0, 0.5, 1.0, 4.0, 16.0, 32.0], value=1.0))

# %% [markdown]
# A second look by a Transformer that is too slow for the beam: notebook 04's encoder, left to right, trained for seconds on the same texts, *rescores* what the beam (without a language model) has left.

# %%
from lecturelib.adapt.language_model import log_probability, train_language_model
from lecturelib.decoding.ctc import rescore
from lecturelib.training.loop import Plan

transformer = train_language_model(corpus, Plan(60, lr=2e-3))


def score(ids):
    return float(log_probability(transformer, [model.alphabet.decode(ids)])[0])


again = [rescore(prefix_beam(one, width=8), score, 1.0)[0] for one in frames[:12]]
heard = [model.alphabet.decode(one.ids) for one in again]
wrong = error_rates([said.text for said in test[:12]], heard)
print(f"rescored: letters wrong {wrong.letters:.1%}, words wrong {wrong.words:.1%} (12 strings)")

# %% [markdown]
# torchaudio's decoder (flashlight's, as on the slide: *wav2letter decoder*) on the same frames, where it is installed (`pip install flashlight-text`):

# %%
from importlib.util import find_spec

if find_spec("flashlight"):
    from torchaudio.models.decoder import ctc_decoder

    signs = ["-", *model.alphabet.letters.replace(" ", "|")]
    decoder = ctc_decoder(
        None, signs, nbest=1, beam_size=8, blank_token="-", sil_token="|", log_add=True
    )
    theirs = [decoder(one[None])[0][0].tokens.tolist() for one in frames]
    spoken = [model.alphabet.decode([i for i in ids if i]).strip() for ids in theirs]
    ours = [model.alphabet.decode(prefix_beam(one, width=8)[0].ids).strip() for one in frames]
    print(f"{sum(a == b for a, b in zip(spoken, ours, strict=True))} of {len(ours)} texts alike")

# %% [markdown]
# ## Self-training, once more
#
# The lecture's first loop, now with transcripts: the teacher transcribes what has no labels, the surest half stays, a student learns from both. It may be combined with pre-training: pre-train, fine-tune, transcribe, fine-tune again.

# %%
from lecturelib.adapt.recognition import pseudo_labels

unlabelled = digit_strings("validation", 60, seed=5)
guessed = pseudo_labels(model, unlabelled, keep=0.5)
true = {id(said.wave): said.text for said in unlabelled}
wrong = error_rates([true[id(said.wave)] for said in guessed], [said.text for said in guessed])
everything = error_rates([u.text for u in unlabelled], transcribe(model, unlabelled))
print(f"letters wrong: {everything.letters:.1%} of all, {wrong.letters:.1%} of the surest half")

# %% [markdown]
# The loop itself, five times: teacher, student with the surest half, and a control with as many steps and no new labels.

# %%
display(claim_card(claims.entry("speech_self_training")))

# %% [markdown]
# ## Say it yourself
#
# Record or upload (the slide's *I like burgers*), or choose a clip: what a span mask would hide, the codes, what CTC hears frame by frame, and the text. Our small model knows ten words: it will turn burgers into digits. What you record stays in this kernel.

# %%
from lecturelib import published
from lecturelib.data.speech_crops import level
from lecturelib.pretraining import wav2vec2
from lecturelib.viz.hearing import Heard

units = wav2vec2.shipped()


def codes_of(wave):
    latents = units.model.frontend.latents(level(torch.from_numpy(wave)[None]))[0]
    hidden = wav2vec2.HIDE(torch.zeros(1, len(latents)).bool(), rng=torch.Generator())[0]
    return units.quantizer(latents).codes.numpy(), hidden.numpy()


print(codes_of(test[0].wave.numpy())[0][:8].tolist())


# %% [markdown]
# A listener hears a wave and says what it found; one that can `decode` gets sliders for the weight of the language model and the width of the beam:


# %%
from dataclasses import replace


class Ours:
    def __call__(self, wave):
        log_p = hear(model, [replace(test[0], wave=torch.from_numpy(wave))])[0]
        codes, hidden = codes_of(wave)
        texts = {"greedy": self.decode(log_p, 0, 1), "beam and LM": self.decode(log_p, 1, 8)}
        return Heard(hidden, log_p.numpy(), signs, texts, codes)

    def decode(self, log_p, weight, width):
        best = prefix_beam(torch.as_tensor(log_p), width=width, lm=lm, weight=weight)
        return model.alphabet.decode(best[0].ids)


# %% [markdown]
# The published model can listen beside it: set this to True where there is network (378 MB, once).

# %%
from torchaudio.functional import resample

WITH_PUBLISHED = False


def famous(wave, name="facebook/wav2vec2-base-960h"):
    sound = level(resample(torch.from_numpy(wave)[None], 8000, 16000))
    log_p = published.load(name)(sound).logits[0].detach().log_softmax(-1)
    letters = [*published.letters(name).values()]
    text = "".join(letters[i] for i in collapse(log_p.argmax(-1)).tolist())
    return Heard(np.zeros(len(log_p), bool), log_p.numpy(), letters, {"greedy": text})


print("both listen" if WITH_PUBLISHED else "ours listens alone")

# %% [markdown]
# R records; Space: the next clip; click on a letter to hear it; F: full screen.

# %%
from lecturelib.viz.explorers.clips import Clip
from lecturelib.viz.explorers.say_it import say_it

listeners = {"ours, ten words": Ours()}
listeners |= {"wav2vec2-base-960h": famous} if WITH_PUBLISHED else {}
clips = [Clip(said.speaker, said.wave.numpy(), said.speaker, said.text) for said in test[:3]]
say_it(listeners, clips)

# %% [markdown]
# With Hugging Face alone: `Wav2Vec2ForCTC.from_pretrained(...)(input_values).logits.argmax(-1)`, then `processor.batch_decode`. That it is the same function, here in small and with random weights:

# %%
# NBVAL_CHECK_OUTPUT
from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

from lecturelib.published import from_reference

config = Wav2Vec2Config(hidden_size=48, num_hidden_layers=2, num_attention_heads=4, vocab_size=32)
theirs = Wav2Vec2ForCTC(config).double().eval()
ours, wave = from_reference(theirs), torch.randn(1, 8000, dtype=torch.double)
gap = (ours(wave).logits - theirs(wave).logits).abs().max()
print(f"{tuple(ours(wave).logits.shape)}, largest difference below 1e-10: {bool(gap < 1e-10)}")

# %% [markdown]
# ## Exercises
#
# Write each function, then run its cell. `solution("name")` prints the library's own. Eight of them; class 0 is always the blank:

# %%
from lecturelib.exercises import check
from lecturelib.exercises.recognition import EXERCISES

print(*EXERCISES)

# %% [markdown]
# **1.** Collapse a path [time]: merge what repeats, then drop the blanks (0).


# %% tags=["exercise:collapse"]
def collapse(path):
    raise NotImplementedError


check("collapse", collapse)

# %% [markdown]
# **2.** The states of the trellis: a blank before, between and after the `labels` [n], 2 n + 1 of them.


# %% tags=["exercise:with_blanks"]
def with_blanks(labels):
    raise NotImplementedError


check("with_blanks", with_blanks)

# %% [markdown]
# **3.** One frame of the trellis in logarithms: `before` [states], `frame` [classes] log p, `states` [states] classes. Stay, step, or skip a blank between two *different* labels; add up, times p of the state.


# %% tags=["exercise:forward_step"]
def forward_step(before, frame, states):
    raise NotImplementedError


check("forward_step", forward_step)

# %% [markdown]
# **4.** log p(text | sound): `log_p` [time, classes], `labels` [n]; a path begins in the first blank or label, and ends in the last label or the blank after it.


# %% tags=["exercise:log_likelihood"]
def log_likelihood(log_p, labels):
    raise NotImplementedError


check("log_likelihood", log_likelihood)

# %% [markdown]
# **5.** The class of each frame [time] on the likeliest path of a text: the trellis with max for sum, and back.


# %% tags=["exercise:align"]
def align(log_p, labels):
    raise NotImplementedError


check("align", align)

# %% [markdown]
# **6.** One frame of the beam: `beams` is a dict, text (a tuple of classes) -> `Mass(blank, label)`, logarithms of what ends in a blank and in the last letter; `frame` a list of log p. Return the grown dict; equal texts are added up (`log_add`).

# %%
from lecturelib.decoding.ctc import Mass, log_add
from lecturelib.exercises.recognition import as_table

print(Mass(blank=-0.5, label=-1.2), f"{log_add(-0.5, -1.2):.3f}")

# %% [markdown]
# (`as_table` only turns the dict into something that can be compared.)


# %% tags=["exercise:grow"]
@as_table
def grow(beams, frame):
    raise NotImplementedError


check("grow", grow)

# %% [markdown]
# **7.** The edit distance of two sequences of words, a tensor without axes: the fewest insertions, deletions and substitutions. The word error rate is this over the number of words said.


# %% tags=["exercise:edit_distance"]
def edit_distance(said, heard):
    raise NotImplementedError


check("edit_distance", edit_distance)

# %% [markdown]
# **8.** Absolute discounting: `counts` [classes] of what followed a context, `lower` [classes] the shorter context's distribution. Take 0.75 off each count that has as much, and give all that was taken to `lower`.


# %% tags=["exercise:discounted"]
def discounted(counts, lower):
    raise NotImplementedError


check("discounted", discounted)

# %% [markdown]
# ## Exam-style questions
#
# **1.** Why does CTC need a blank, apart from silence?
# <details><summary>Answer</summary>Without it "ll" could not be written: repeats are merged. The blank between two l keeps them apart.</details>
#
# **2.** The loss stands still and greedy says nothing. What is it?
# <details><summary>Answer</summary>The all-blank plateau: blank in every frame is the cheapest first answer. It ends suddenly; train on, and look at the share of blanks.</details>
#
# **3.** Why may the best path not be the best text?
# <details><summary>Answer</summary>A text's probability is the sum over its paths. Many middling paths can outweigh one good path of another text.</details>
#
# **4.** The language model's best weight falls as labels grow. Why?
# <details><summary>Answer</summary>With more labels the sound model itself is right, and knows part of the language; there is less to mend.</details>
#
# **5.** A student trained on its teacher's transcripts repeats an error with confidence. What helps?
# <details><summary>Answer</summary>Keep only the surest transcripts, decode with a language model, start from the pre-trained model and not from the teacher, augment; and measure against more steps without pseudo-labels.</details>

# %% [markdown]
# ## Recap
#
# - CTC sums over all alignments; blanks fill the gaps; a trellis makes the sum cheap.
# - A beam over texts adds up paths, and a language model mends spelling.
# - With ten words, 0.7 M weights and minutes of labels, pre-training helped the frozen probes of 07a and not the fine-tuned recogniser. The language model helped most.
#
# **References.** Graves et al. 2006, CTC, ICML · Hannun et al. 2014, arXiv 1408.2873 · Baevski et al. 2020, wav2vec 2.0, arXiv 2006.11477 · Xu et al. 2020, Self-training and pre-training are complementary, arXiv 2010.11430 · Park et al. 2019, SpecAugment, arXiv 1904.08779.
#
# **Next:** 08, data2vec.
