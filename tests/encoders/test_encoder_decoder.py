"""Reader and writer joined: the cache writes what teacher forcing says."""

import pytest
import torch

from lecturelib.encoders.decoder import Decoder
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.words import SinusoidalWords
from tests.oracle import error, padded, randomise


def model(vocab: int = 7) -> EncoderDecoder:
    size = {"dim": 12, "heads": 3, "depth": 2, "hidden": 20, "variant": Variant(dropout=0.0)}
    built = EncoderDecoder(
        source=SinusoidalWords(vocab=9, dim=12, dropout=0.0),
        encoder=Encoder(**size),
        target=SinusoidalWords(vocab=vocab, dim=12, dropout=0.0),
        decoder=Decoder(**size),
        vocab=vocab,
    )
    return randomise(built)  # type: ignore[return-value]


def test_forward_is_its_four_parts():
    whole, is_source_pad = model(), padded([6, 4])
    source, written = torch.randint(0, 9, (2, 6)), torch.randint(0, 7, (2, 5))
    memory = whole.encoder(whole.source(source), is_source_pad)
    context = whole.decoder(whole.target(written), memory, None, is_source_pad)
    want = context @ whole.predict.weight.T + whole.predict.bias
    assert error(whole(source, written, is_source_pad), want) < 1e-12


@pytest.mark.parametrize("pieces", [[1] * 5, [2, 3]])
def test_writing_step_by_step_equals_teacher_forcing(pieces):
    whole, is_source_pad = model(), padded([6, 4])
    source, written = torch.randint(0, 9, (2, 6)), torch.randint(0, 7, (2, 5))
    scores = whole(source, written, is_source_pad)
    cache, place = whole.read(source, is_source_pad), 0
    for ids in written.split(pieces, dim=1):
        found, cache = whole.write(ids, cache)
        place += ids.shape[1]
        assert error(found, scores[:, place - 1]) < 1e-12
