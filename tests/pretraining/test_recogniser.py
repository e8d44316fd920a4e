"""The recogniser that is shipped: ten words by strangers, from ten minutes of labels."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.recognition import error_rates, transcribe
from lecturelib.data.digit_strings import digit_strings
from lecturelib.data.download import mirror_folder
from lecturelib.data.speech import Utterance
from lecturelib.objectives.ctc import Ctc
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import recogniser, wav2vec2
from lecturelib.training.checkpoint import read
from tests.requirements import require

PATH = CHECKPOINTS / "recogniser_digits.safetensors"


def test_it_says_how_it_was_made() -> None:
    facts = read(PATH)[1]
    assert facts["command"] == "python -m lecturelib pretrain recogniser --pace full --ship"
    assert facts["plan"]["steps"] == recogniser.STEPS["full"]
    assert facts["last"]["validation_letters_wrong"] < 0.1
    assert PATH.stat().st_size < 2e6


def test_two_strangers_are_understood_better_than_not_at_all() -> None:
    require("mirror", mirror_folder() is not None, "real digits of people who gave no label")
    said = digit_strings("test", 20, seed=1)
    texts = [one.text or "" for one in said]
    ours = error_rates(texts, transcribe(recogniser.shipped(), said))
    assert ours.letters < 0.3
    assert ours.words < 0.6


def test_the_alphabet_spells_ten_digits_and_nothing_else() -> None:
    letters = recogniser.alphabet()
    assert letters.letters == " efghinorstuvwxz"
    assert letters.decode(letters.encode("seven eight")) == "seven eight"
    with pytest.raises(ValueError, match="'b'"):
        letters.encode("burger")


def test_the_start_is_the_shipped_encoder_with_two_new_blocks_and_a_frozen_front() -> None:
    torch.manual_seed(0)
    model, shipped = recogniser.pretrained().model, wav2vec2.shipped().model
    same = [
        all(torch.equal(a, b) for a, b in zip(x.parameters(), y.parameters(), strict=True))
        for x, y in zip(model.encoder.layers, shipped.encoder.layers, strict=True)
    ]
    assert same == [True, False, False]
    assert torch.equal(model.frontend.project.weight, shipped.frontend.project.weight)
    assert not any(p.requires_grad for p in model.frontend.convolutions.parameters())
    scratch = recogniser.from_scratch().model
    assert all(p.requires_grad for p in scratch.frontend.convolutions.parameters())


def test_the_job_trains_on_one_half_and_watches_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    rng = torch.Generator().manual_seed(0)
    waves = torch.randn(3, 9000, generator=rng)
    made = [Utterance(w, 8000, "one two", "ann", "en", None, "made for a test") for w in waves]

    def strings(split: str, count: int) -> list[Utterance]:
        asked.append((split, count))
        return made

    monkeypatch.setattr(recogniser, "digit_strings", strings)
    job = pretraining.build("recogniser", "", "quick", seed=3)
    assert asked == [("train", 300), ("validation", 60)]
    assert isinstance(job.objective, Ctc)
    batch = job.draw(torch.Generator().manual_seed(0))
    assert batch.signal.shape == (8, 9000)
    assert job.measure is not None
    row = job.measure()
    assert set(row) == {"validation_words_wrong", "validation_letters_wrong"}
