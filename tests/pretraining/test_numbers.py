"""The shipped translator: above 95 % exact in each language on numbers never trained on."""

import re

import pytest
import torch

from lecturelib import pretraining
from lecturelib.data.numbers import BEGIN, END, encode, numbers, spell_out, written
from lecturelib.decoding import Stop, greedy
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining.numbers import exact
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


def test_every_word_alone_is_known(shipped) -> None:
    assert exact(shipped, spell_out(range(10))).all()


def test_the_lectures_example_crosses_in_german_and_not_in_english(shipped) -> None:
    """The tens are read from "zwanzig", then the ones from "ein" to the left of it."""
    for text, tens, ones in (
        ("dreihunderteinundzwanzig", "zwanzig", "ein"),
        ("three hundred twenty-one", "twenty", "one"),
    ):
        most = reading(shipped, text)
        assert inside(text, "three" if " " in text else "drei", most[0])
        assert inside(text, tens, most[1])
        assert inside(text, f"-?{ones}", most[2])
        assert (most[1] > most[2]) == (tens == "zwanzig")


def reading(model: EncoderDecoder, text: str) -> list[int]:
    """The letter that each digit looks at most: last layer, mean over heads."""
    signal, _ = encode([text])
    begin = torch.tensor([[BEGIN]])
    ids = greedy(model.write, model.read(signal), begin, Stop(END, 8))[0].ids
    assert written(ids) == "321"
    with torch.no_grad():
        memory = model.encoder(model.source(signal))
        trace = model.decoder.trace(model.target(torch.tensor([[BEGIN, *ids[:-1]]])), memory)
    return trace.layers[-1].cross.weights[0].mean(0).argmax(1).tolist()


def inside(text: str, word: str, letter: int) -> bool:
    """Does the letter stand in the word's last occurrence?"""
    *_, match = re.finditer(word, text)
    return match.start() <= letter < match.end()


def test_exact_counts_whole_answers() -> None:
    """A model that always writes 7 is right about 7 only if it stops; this one never stops."""
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
