"""data2vec: one learning rule, three front ends. What differs between them stands here.

`waveform`, `patches` and `words` say how a front end shows a batch to the teacher, whole, and to
the student, with something hidden. `PUBLISHED` and `OURS` hold the numbers; `data2vec` joins both.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Generator, nn

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import WordPieces
from lecturelib.masking import (
    block_patches,
    check_hidden,
    mask_word_spans,
    mask_words,
    random_patches,
    span_mask,
)
from lecturelib.objectives.latent_regression import Covered, LatentRegression, Settings, View
from lecturelib.objectives.masked_contrast import frame_pad
from lecturelib.recipes.images import vit
from lecturelib.recipes.speech import wav2vec2
from lecturelib.recipes.words import bert

Hide: TypeAlias = Callable[..., Any]
"""One of `masking`'s rules, its numbers filled in."""


def waveform(front: Any, batch: Batch, *, hide: Hide) -> View:
    """Spans of frames are hidden, after the convolutions."""
    latents, is_pad = front.latents(batch.signal), frame_pad(front, batch)

    def cover(rng: Generator) -> Covered:
        hidden = hide(is_pad, rng=rng)
        check_hidden(hidden, ~is_pad)
        return Covered(front.tokens(latents, is_pad, hidden), hidden)

    return View(is_pad, lambda: front.tokens(latents, is_pad), cover)


def patches(front: Any, batch: Batch, *, hide: Hide) -> View:
    """Patches are hidden after they are embedded; never [class]."""

    def cover(rng: Generator) -> Covered:
        hidden = hide(len(batch), front.grid, rng).to(batch.signal.device)
        check_hidden(hidden, torch.ones_like(hidden))
        return Covered(front(batch.signal, hidden), F.pad(hidden, (1, 0)))

    return View(None, lambda: front(batch.signal), cover)


def words(front: Any, batch: Batch, *, hide: Hide, pieces: WordPieces) -> View:
    """Words are hidden before they are embedded, as in BERT; never [CLS] or [SEP]."""

    def cover(rng: Generator) -> Covered:
        changed, hidden = hide(batch.signal, pieces, rng)
        check_hidden(hidden, ~pieces.is_special(batch.signal))
        return Covered(front(changed, batch.segment), hidden)

    return View(batch.is_pad, lambda: front(batch.signal, batch.segment), cover)


@dataclass(frozen=True)
class Recipe:
    """The numbers of one column of the lecture's table.

    rate      the peak; schedule: a function of `training.schedule`
    batch     in words
    """

    hide: partial[Any]
    settings: Settings
    rate: float
    schedule: str
    batch: str
    updates: int


PUBLISHED = {  # base_librispeech.yaml, base_imagenet_d2v1.yaml and base.yaml (text) in fairseq
    "waveform": Recipe(
        hide=partial(span_mask, start_prob=0.065, span=10),
        settings=Settings(top=8, norm="instance", beta=0.0, tau=(0.999, 0.9999, 30_000)),
        rate=5e-4,
        schedule="tri_stage",
        batch="63 minutes",
        updates=400_000,
    ),
    "patches": Recipe(
        hide=partial(block_patches, share=75 / 196, smallest=16),
        settings=Settings(
            top=6, target="out", norm="average", beta=2.0, tau=(0.999, 0.9998, 375_300)
        ),
        rate=5e-4,
        schedule="cosine",
        batch="2048 pictures",
        updates=375_300,
    ),
    "words": Recipe(
        hide=partial(mask_word_spans, share=0.35, span=4),
        settings=Settings(top=10, norm="layer", beta=4.0, tau=(0.999, 0.9999, 300_000), head=2),
        rate=2e-4,
        schedule="cosine",
        batch="256 texts of 512 pieces",
        updates=1_000_000,
    ),
}
OURS = {
    "waveform": Recipe(
        hide=partial(span_mask, start_prob=0.13, span=5),
        settings=Settings(top=3, target="out", norm="instance", beta=0.0, tau=(0.99, 0.999, 900)),
        rate=1e-3,
        schedule="tri_stage",
        batch="8 crops of 3 s",
        updates=3000,
    ),
    "patches": Recipe(
        hide=partial(random_patches, share=0.6),
        settings=Settings(top=4, target="out", norm="instance", beta=0.0, tau=(0.99, 0.999, 750)),
        rate=2e-3,
        schedule="cosine",
        batch="64 pictures",
        updates=2500,
    ),
    "words": Recipe(
        hide=partial(mask_words, share=0.15, mix=(0.8, 0.1, 0.1)),
        settings=Settings(top=4, norm="instance", beta=0.0, tau=(0.99, 0.999, 3000)),
        rate=1e-3,
        schedule="linear",
        batch="8 pairs of texts of 64 pieces",
        updates=10_000,
    ),
}


def data2vec(
    frontend: str, *, pieces: WordPieces | None = None, **changes: Any
) -> LatentRegression:
    """Baevski et al. 2022 on this course's small encoders: "waveform", "patches" or "words".

    pieces   the vocabulary, for words
    changes  of `OURS`: hide=..., or anything of `Settings`

    >>> data2vec("patches", top=1).settings.top
    1
    """
    if frontend not in OURS:
        raise ValueError(f"frontend={frontend!r}: choose from {', '.join(OURS)}")
    recipe = OURS[frontend]
    hide = changes.pop("hide", recipe.hide)
    if frontend == "waveform":
        model = wav2vec2("mini")
        view = partial(waveform, model.frontend, hide=hide)
    elif frontend == "patches":
        model = vit("mini")
        view = partial(patches, model.frontend, hide=hide)
    else:
        if pieces is None:
            raise ValueError("words need their vocabulary: pieces=train_wordpieces(texts)")
        model = bert("mini", vocab=len(pieces))
        nn.init.normal_(model.frontend.position.weight, std=0.02)
        view = partial(words, model.frontend, hide=hide, pieces=pieces)
    return LatentRegression(model, view=view, settings=replace(recipe.settings, **changes))
