"""Text: the Transformer, BERT and ELMo."""

import math
from typing import NamedTuple

import torch.nn.functional as F
from torch import nn

from lecturelib.data.numbers import LETTERS, SIGNS
from lecturelib.encoders.bilstm import BiLSTM
from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.characters import Characters
from lecturelib.frontends.words import SinusoidalWords, Words
from lecturelib.recipes.start import start_at


def numbers_model(*, dim: int = 128, heads: int = 4, depth: int = 2) -> EncoderDecoder:
    """Vaswani 2017 in small, for numbers in words -> digits: letters in, digits out.

    The paper's base model has dim 512, 8 heads, depth 6; dropout is 0.1 there, here 0: the
    task is exact, and there is no noise to overfit to.
    """
    sizes = {"dim": dim, "heads": heads, "depth": depth, "hidden": 2 * dim}
    variant = Variant(dropout=0.0)
    return EncoderDecoder(
        source=SinusoidalWords(vocab=len(LETTERS), dim=dim, dropout=0.0),
        encoder=Encoder(**sizes, variant=variant),
        target=SinusoidalWords(vocab=len(SIGNS), dim=dim, dropout=0.0),
        decoder=Decoder(**sizes, variant=variant),
        vocab=len(SIGNS),
    )


class BertSize(NamedTuple):
    """What two BERTs differ in."""

    dim: int
    heads: int
    depth: int
    length: int
    dropout: float


BERTS = {  # Devlin 2019, Section 3, and ours
    "base": BertSize(768, 12, 12, 512, 0.1),
    "large": BertSize(1024, 16, 24, 512, 0.1),
    "mini": BertSize(128, 4, 4, 64, 0.0),
    "tiny": BertSize(128, 4, 2, 64, 0.0),
}


def bert(size: str = "base", *, vocab: int = 30522) -> Model:
    """Devlin 2019: words with learned positions and segments, and the encoder, post-norm, GELU.

    base, large  the paper's "110 M" and "340 M": 110.1 and 336.2 with both heads, as
                 `torch.device("meta")` lets you count without memory
    mini, tiny   ours. They start larger: 0.02 is made for 768 channels, and a narrow model that
                 starts so does not learn more than word frequencies within minutes
    """
    if size not in BERTS:
        raise ValueError(f"size={size!r}: choose from {', '.join(BERTS)}")
    dim, heads, depth, length, dropout = BERTS[size]
    words = Words(vocab=vocab, dim=dim, length=length, dropout=dropout)
    variant = Variant(activation=F.gelu, eps=1e-12, dropout=dropout, attention_dropout=dropout)
    encoder = Encoder(dim=dim, heads=heads, depth=depth, hidden=4 * dim, variant=variant)
    model = Model(frontend=words, encoder=encoder)
    start_at(model, linear=0.02 * math.sqrt(max(1, 768 / dim)))
    if dim < 768:
        nn.init.normal_(words.word.weight, std=0.15)
        nn.init.normal_(words.position.weight, std=0.3)
    return model


ELMOS = {  # dim, cell, highways, letter filters (width, number); Peters et al. 2018, and ours
    "original": (
        512,
        4096,
        2,
        ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024)),
    ),
    "mini": (128, 256, 1, ((1, 16), (2, 16), (3, 32), (4, 64), (5, 128))),
}


def elmo(size: str = "original") -> Model:
    """Peters et al. 2018: words from their letters, two layers of LSTMs in each direction.

    original  93.6 M weights, without the words that it can say. Try `torch.device("meta")`
    mini      ours
    """
    if size not in ELMOS:
        raise ValueError(f"size={size!r}: choose from {', '.join(ELMOS)}")
    dim, cell, highways, filters = ELMOS[size]
    letters = Characters(dim=dim, filters=filters, highways=highways)
    return Model(frontend=letters, encoder=BiLSTM(dim=dim, cell=cell))
