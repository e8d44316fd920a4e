"""Answer generation: what an encoder alone cannot do, and what a decoder adds.

An encoder has a word for a gap whose size is known, and no notion of a next word. A decoder writes
one word after another and says itself when it is done.
"""

import torch
from jaxtyping import Int
from torch import Tensor

from lecturelib.data.facts import BEGIN, WORDS
from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.words import SinusoidalWords
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.objectives.translation import Translation
from lecturelib.shapes import Ids


def fill_at_once(model: MaskedLM, ids: Ids) -> Ids:
    """Every [MASK] gets its most likely piece; no gap knows what stands in the others."""
    hidden = ids == model.pieces.mask
    best: Int[Tensor, " hidden"] = model.fill_in(ids, hidden).argmax(-1)
    return ids.masked_scatter(hidden, best)


def fill_in_turn(model: MaskedLM, ids: Ids) -> Ids:
    """From left to right, each [MASK] with the earlier ones filled in and the later ones open."""
    for place in (ids == model.pieces.mask).any(0).nonzero().flatten().tolist():
        filled = fill_at_once(model, ids)
        ids = torch.cat([filled[:, : place + 1], ids[:, place + 1 :]], dim=1)
    return ids


def answer_writer(*, dim: int = 64, heads: int = 4, depth: int = 1) -> Translation:
    """Notebook 04's encoder and decoder, words for letters: facts and a question in, an answer out.

    Starts from random weights: a toy, see `data.facts`.
    """
    sizes = {"dim": dim, "heads": heads, "depth": depth, "hidden": 2 * dim}
    variant = Variant(dropout=0.0)
    model = EncoderDecoder(
        source=SinusoidalWords(vocab=len(WORDS), dim=dim, dropout=0.0),
        encoder=Encoder(**sizes, variant=variant),
        target=SinusoidalWords(vocab=len(WORDS), dim=dim, dropout=0.0),
        decoder=Decoder(**sizes, variant=variant),
        vocab=len(WORDS),
    )
    return Translation(model, begin=BEGIN)
