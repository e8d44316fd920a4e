"""The shipped x-vector network: voices that it never heard are told apart."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.verification import cosine, eer, trials
from lecturelib.data.registry import Unavailable
from lecturelib.data.speech import Utterance
from lecturelib.data.voices import voices
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import xvector
from lecturelib.recipes import xvector as recipe
from lecturelib.training import checkpoint

PATH = CHECKPOINTS / "xvector_voices.safetensors"


@pytest.fixture(scope="module")
def strangers() -> list[Utterance]:
    """Half of the clips of the 21 test voices."""
    return voices("test")[::2]


def made(names: str, count: int = 3) -> list[Utterance]:
    """Noise of two seconds, so many clips a name."""
    rng = torch.Generator().manual_seed(0)
    waves = torch.randn(len(names) * count, 16000, generator=rng)
    return [
        Utterance(0.1 * wave, 8000, None, names[n // count], "en", None, "made")
        for n, wave in enumerate(waves)
    ]


def test_the_file_says_how_it_was_trained_and_how_well() -> None:
    _, facts = checkpoint.read(PATH)
    assert facts["command"] == "python -m lecturelib pretrain xvector --pace full --ship"
    assert facts["plan"]["steps"] == xvector.STEPS["full"]
    assert facts["last"]["validation_eer"] < 0.1
    assert "synthetic" in facts["data_source"]
    assert len(pretraining.vocabulary(PATH)) == 64  # 60 synthetic voices, four people
    assert PATH.stat().st_size < 3e6


def test_new_voices_are_told_apart_better_than_by_the_untrained_network(
    strangers: list[Utterance],
) -> None:
    torch.manual_seed(0)
    ours = xvector.equal_error(xvector.shipped(), strangers)
    assert ours < 0.1
    assert ours < 0.7 * xvector.equal_error(recipe("mini"), strangers)


def test_the_error_is_that_of_all_pairs_by_the_cosine(monkeypatch) -> None:
    clips = made("ab")
    vectors = torch.randn(6, 4, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(xvector, "embed", lambda encoder, said: vectors)
    pair, same = trials(torch.tensor([0, 0, 0, 1, 1, 1]))
    score = cosine(vectors[pair[:, 0]], vectors[pair[:, 1]])
    assert len(pair) == 15
    assert xvector.equal_error(recipe("mini"), clips) == eer(score, same).rate


def test_without_real_voices_the_synthetic_ones_remain(monkeypatch) -> None:
    def nobody(split: str) -> list[Utterance]:
        raise Unavailable("real voices", "no network")

    monkeypatch.setattr(xvector, "voices", lambda split: made("ab"))
    monkeypatch.setattr(xvector, "people", lambda split: made("c"))
    assert {u.speaker for u in xvector.everybody("train")} == {"a", "b", "c"}
    monkeypatch.setattr(xvector, "people", nobody)
    assert {u.speaker for u in xvector.everybody("train")} == {"a", "b"}


def test_the_job_learns_train_watches_validation_and_ships_the_encoder_alone(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(xvector, "everybody", lambda split: asked.append(split) or made("abcd"))
    monkeypatch.setattr(xvector, "voices", lambda split: asked.append(split) or made("ef"))
    monkeypatch.setattr(xvector, "equal_error", lambda encoder, said: (encoder, len(said)))
    job = pretraining.build("xvector", "", "quick", seed=3)
    assert isinstance(job, pretraining.Job)
    assert asked == ["train", "validation"]
    assert (job.plan.steps, job.plan.seed) == (xvector.STEPS["quick"], 3)
    assert job.vocabulary == ("a", "b", "c", "d")
    assert job.measure is not None
    assert job.measure() == {"validation_eer": (job.ship, 6)}
    batch = job.draw(torch.Generator().manual_seed(0))
    assert len(batch) == xvector.BATCH
    losses = job.objective(batch, torch.Generator())
    assert losses.count == xvector.BATCH
    assert losses.total.isfinite()
