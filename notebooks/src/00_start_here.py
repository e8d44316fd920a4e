# %% [markdown]
# # 00 · Start here
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# **After this notebook** you know which notebook runs which slide, and how long it takes; whether this machine is ready; which keys every explorer listens to; how an exercise is checked; and where each word of the lecture is explained, in English and in German.
#
# **You need** nothing. **It takes** {{minutes}} minutes to run on two CPU cores, and fetches nothing.

# %%
# {{first cell}}

# %% [markdown]
# ## The question
#
# Self-training, VGG, x-vectors, word2vec, ELMo, BERT, the Vision Transformer, wav2vec 2.0, data2vec: ten years, three kinds of data, one lecture. *What do they have in common?*
#
# Our answer is one sentence: **a model is a front end, a rule that hides something, one encoder, and a target.** Each notebook is that sentence with other words in it.
#
# ## The lecture as one map
#
# Every box is a system, in the order of the slides. Read its four lines from top to bottom, and you have said the sentence. Where the third line is filled, it is one and the same file, `lecturelib/encoders/transformer.py`: from the Transformer on, front end, hiding and target change, and the encoder does not.
#
# A click on a box opens the notebook that runs it; so does Tab to the box, then Enter. In JupyterLab the first click stops at the notebook's beginning; once it is open, the same click goes on to the section.

# %%
from lecturelib.course.lecture_map import lecture_map

lecture_map()

# %% [markdown]
# Slides have no numbers in the lecture's text, so that they are called by their title and by how often it has come up: *BERT (2)* is the second slide called BERT. Who gives the lecture writes the numbers into `data/slides.csv`; then they are shown here and in the table below.
#
# ## What to run first
#
# Three ways: in *20 minutes*, one encoder and four things to hide, each with its explorers; in *an evening*, what is needed to answer the exam-style questions of these notebooks; *everything*, in lecture order, with the exercises. The minutes are the computer's alone, measured on two CPU cores, one thread, at quick pace; how long you read has not been measured.

# %%
from lecturelib.course.routes import routes

routes()

# %% [markdown]
# In every notebook: *Run → Run All Cells*, then read from the top. `make run` runs all of them, one after the other.
#
# ## Is this machine ready?
#
# The same as `python -m lecturelib doctor`. *STOP* must be repaired first; a *note* is good to know, and the notebooks run.

# %%
from lecturelib.course.self_check import self_check

self_check()

# %% [markdown]
# ## Explorers: look, press, hear
#
# An explorer is a picture that answers. All of them listen to the same keys, once you have clicked on the picture or reached it with Tab:
#
# | key | what it does |
# |:--|:--|
# | arrows | to the next place, head, layer or clip |
# | Home, End | to the first, to the last |
# | Space, Enter | play, pause, choose |
# | F | full screen, and back; Escape, too |
# | Tab | to the next control |
#
# Each names its own keys in a line below the picture, and under *The same as a table* it says in words what is drawn. Without a running kernel you see a still picture.
#
# Try it here, on four heads that were not learned but written by hand. Which one looks to the left? Which one cannot tell anything apart?

# %%
import torch

from lecturelib.viz.explorers.attention import attention_explorer

words = ["hide", "a", "word", "then", "say", "the", "word"]
n = len(words)
itself, before, alike = torch.eye(n), torch.eye(n).roll(-1, dims=1), torch.eye(n)
before[0] = itself[0]
alike[[2, 6], [6, 2]] = 1  # "word" stands in two places
heads = torch.stack([itself, before, alike, torch.ones(n, n)])
attention_explorer((heads / heads.sum(-1, keepdim=True))[None], words)

# %% [markdown]
# From the left: every word looks at itself, at the word before it, at all words that are written alike, and at everything in equal shares. Notebook 04 shows heads that were learned.
#
# ## Exercises: how an answer is checked
#
# At the end of each notebook you write functions. `check` runs yours beside the library's on small random inputs, shows the smallest case where they differ, and knows typical slips. Here is one, made on purpose: data2vec's teacher should keep the share `tau` of itself.

# %%
from lecturelib.exercises import check


def slowly(teacher, student, tau):
    return (1 - tau) * teacher + tau * student


check("ema", slowly)

# %% [markdown]
# Exchange `tau` and `1 - tau` above and run the cell again. `solution` prints the library's own function, which is the solution:

# %%
from lecturelib.exercises import solution

solution("ema")

# %% [markdown]
# ## The words, in English and German
#
# Every term of the lecture, and the section that runs it. Type in either language; `uberwacht` finds *überwacht*. (Jeder Begriff der Vorlesung auf Englisch und Deutsch. Was an deutschen Hochschulen englisch bleibt, steht dabei.)

# %%
from lecturelib.course.glossary_search import glossary_search

glossary_search()

# %% [markdown]
# ## The slides, one by one
#
# Every slide, in order, and the section to open for it. Several slides may lead to one section.

# %%
from lecturelib.course.slides import slide_table

slide_table()

# %% [markdown]
# ## Recap and sources
#
# - One sentence for the whole lecture: a front end, a rule that hides something, one encoder, a target.
# - The map opens the notebooks; the glossary and the table of slides lead to their sections.
# - What a paper claims, and what we measured, stands side by side in each notebook, also where it was not reproduced.
#
# **Sources.** The lecture: *Pre-training and important transformer architectures*, Sebastian Bayerl and Korbinian Riedhammer, Technische Hochschule Nürnberg. Its last slide names Michael Auli's [talk on wav2vec](http://michaelauli.github.io/talks/wav2vec-ssl.pdf), Jay Alammar's [Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/), and the papers on wav2vec 2.0 (arXiv 2006.11477), BERT (arXiv 1810.04805) and data2vec (arXiv 2202.03555). Each notebook ends with its own references.
#
# **Next:** [01 · Self-training and the words of the lecture](01_self_training.ipynb).
