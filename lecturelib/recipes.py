"""The lecture's table as code: which front end, which encoder, which sizes."""

from lecturelib.data.numbers import LETTERS, SIGNS
from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.words import SinusoidalWords


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
