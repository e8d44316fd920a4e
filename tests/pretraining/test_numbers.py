"""The shipped translator: above 95 % exact in each language on numbers never trained on."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.data.numbers import BEGIN, encode, numbers, spell_out, written
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining.numbers import exact, looked, search, translate
from lecturelib.recipes import numbers_model
from lecturelib.training import checkpoint

PATH = CHECKPOINTS / "numbers.safetensors"


@pytest.fixture(scope="module")
def shipped() -> EncoderDecoder:
    model = numbers_model().eval()
    checkpoint.load_weights(PATH, model)
    return model


def test_above_95_percent_exact_on_unseen_numbers_in_each_language(shipped) -> None:
    test = numbers("test")
    part = torch.cat([torch.arange(0, 200), torch.arange(1000, 1200)])
    english, german = exact(shipped, test.rows(part)).view(2, -1).float().mean(1).tolist()
    assert english > 0.95
    assert german > 0.95


def test_the_draw_brings_short_numbers_as_often_as_long_ones() -> None:
    """0-9 are 0.1 % of the data; no row twice in a batch keeps them a little under a quarter."""
    job = pretraining.build("numbers", "", "quick")
    rng = torch.Generator().manual_seed(0)
    lengths = torch.cat([(~job.draw(rng).is_label_pad).sum(1) - 1 for _ in range(60)])
    share = torch.bincount(lengths, minlength=5)[1:] / len(lengths)
    assert torch.allclose(share, torch.tensor([0.19, 0.27, 0.27, 0.27]), atol=0.03)


def test_every_word_alone_is_known(shipped) -> None:
    assert exact(shipped, spell_out(range(10))).all()


def test_the_lectures_example_crosses_in_german_and_not_in_english(shipped) -> None:
    """The tens are read from "zwanzig", then the ones from "ein" to the left of it."""
    for said, parts in (
        ("dreihunderteinundzwanzig", ["drei", "zwanzig", "ein"]),
        ("three hundred twenty-one", ["three", "twenty", "-one"]),
    ):
        text, digits, weights = looked(shipped, said)
        assert (text, digits) == (said, "321")
        assert torch.allclose(weights.sum(1), torch.ones(3))
        most = weights.argmax(1).tolist()
        assert all(inside(text, part, at) for part, at in zip(parts, most, strict=True))


def test_where_it_looked_is_what_the_slow_way_computes(shipped) -> None:
    """One digit at a time, each from its own beginning: the last row of the last layer."""
    text, digits, weights = looked(shipped, "twelve")
    assert digits == "12"
    memory = shipped.encoder(shipped.source(encode([text])[0]))
    for row, beginning in enumerate([[BEGIN], [BEGIN, 1]]):
        trace = shipped.decoder.trace(shipped.target(torch.tensor([beginning])), memory)
        last = trace.layers[-1].cross.weights[0, :, -1].mean(0)
        assert torch.allclose(weights[row], last, atol=1e-6)


def test_a_beam_of_one_is_greedy_and_a_wider_one_is_sorted(shipped) -> None:
    texts = ["seven", "zweitausendzwei"]
    (first,), (second,) = search(shipped, texts, 1)
    assert [written(first.ids), written(second.ids)] == translate(shipped, texts) == ["7", "2002"]
    for found in search(shipped, texts, 3):
        assert len(found) == 3
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def inside(text: str, word: str, letter: int) -> bool:
    """Does the letter stand in the word?"""
    start = text.index(word)
    return start <= letter < start + len(word)


def test_exact_counts_whole_answers() -> None:
    """A model that writes 7 up to the limit of eight: 7 alone is wrong, it does not stop."""
    model = numbers_model(dim=8, heads=2, depth=1).eval()
    with torch.no_grad():
        model.predict.weight.zero_()
        model.predict.bias.copy_(torch.eye(12)[7])
    endless = [7, 77777777]
    assert exact(model, spell_out(endless, ["en"])).tolist() == [False, True]


def test_the_checkpoint_was_trained_on_the_numbers_that_we_make() -> None:
    job = pretraining.build("numbers", "", "quick")
    _, facts = checkpoint.read(PATH)
    assert facts["data_sha256"] == job.facts["data_sha256"]
    assert facts["command"] == "python -m lecturelib pretrain numbers --pace full --ship"
