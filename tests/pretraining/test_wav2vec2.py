"""The wav2vec 2.0 that is shipped: it learned, it did not collapse, and it can be repeated."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.data.download import mirror_folder
from lecturelib.data.speech import Utterance
from lecturelib.data.speech_crops import crops, everybody
from lecturelib.objectives.masked_contrast import MaskedContrast, Settings
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import sounds, wav2vec2
from lecturelib.training.checkpoint import read
from tests.requirements import require

PATH = CHECKPOINTS / "wav2vec2_speech.safetensors"


def made() -> list[Utterance]:
    """Noise of two people."""
    rng = torch.Generator().manual_seed(0)
    waves = torch.randn(2, 9000, generator=rng)
    names = zip(waves, "ab", strict=True)
    return [Utterance(wave, 8000, "x", who, "en", None, "made for a test") for wave, who in names]


@pytest.fixture(scope="module")
def facts() -> dict:
    return read(PATH)[1]


def test_it_says_how_it_was_made(facts: dict) -> None:
    assert facts["command"] == "python -m lecturelib pretrain wav2vec2 --pace full --ship"
    assert facts["plan"]["steps"] == wav2vec2.STEPS["full"]
    assert PATH.stat().st_size < 2e6
    steps, uses = zip(*facts["curve"]["use 1 31"], strict=True)
    assert len(steps) >= 20
    assert 0 <= min(uses) <= max(uses) <= 1


def test_it_learned_and_did_not_collapse(facts: dict) -> None:
    """At least .30 with ties shared (chance .0196) and 60 % of 64 entries, on 4,000 frames of a
    person and of texts that it has never heard."""
    require("mirror", mirror_folder() is not None, "real digits of a person who is in no training")
    held_out = crops(everybody("validation"), 64)(torch.Generator().manual_seed(0))
    found = wav2vec2.held_out_row(wav2vec2.shipped(), held_out)
    torch.manual_seed(0)
    before = wav2vec2.held_out_row(wav2vec2.untrained(), held_out)
    frames = wav2vec2.HIDE(torch.zeros(64, 148).bool(), rng=torch.Generator().manual_seed(1))
    assert int(frames.sum()) >= 4000
    assert found["held_out_tie_accuracy"] >= 0.30
    assert found["held_out_hard_perplexity"] >= 0.6 * 64
    assert before["held_out_tie_accuracy"] < 0.04
    last = facts["last"]["held_out_tie_accuracy"]
    assert found["held_out_tie_accuracy"] == pytest.approx(last, abs=0.01)  # half precision


def test_the_use_of_each_entry_is_a_share_of_its_group() -> None:
    batch = crops(made(), 2)(torch.Generator().manual_seed(0))
    row = wav2vec2.held_out_row(wav2vec2.untrained(), batch)
    for group in (0, 1):
        shares = [row[f"use {group} {entry}"] for entry in range(32)]
        assert sum(shares) == pytest.approx(1)


def test_the_job_trains_on_one_half_and_watches_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sounds, "everybody", lambda split: asked.append(split) or made())
    job = pretraining.build("wav2vec2", "", "quick", seed=3)
    assert asked == ["train", "validation"]
    assert (job.plan.steps, job.plan.seed) == (wav2vec2.STEPS["quick"], 3)
    assert job.facts["data_source"] == "made for a test"
    assert isinstance(job.ship, MaskedContrast)
    assert job.draw(torch.Generator().manual_seed(0)).signal.shape == (8, 24000)


def test_the_quantiser_is_cold_after_60_percent_of_the_steps() -> None:
    objective = wav2vec2.untrained(wav2vec2.cooling(Settings(negatives=50), 100))
    found = []
    for step in range(100):
        objective.after_step(step)
        found.append(float(objective.temperature))
    assert found[29] == pytest.approx(1.0, abs=1e-5)  # half way: the geometric mean of 2 and .5
    assert found[58] > 0.5
    assert found[59:] == pytest.approx([0.5] * 41, abs=1e-5)
