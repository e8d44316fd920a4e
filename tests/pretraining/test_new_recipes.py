"""BEiT, wav2vec and vq-wav2vec: the job is the paper's idea on the right data, and it learns."""

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch import Generator

from lecturelib import pretraining
from lecturelib.adapt.worlds import Splits
from lecturelib.data.batch import Batch
from lecturelib.data.download import mirror_folder
from lecturelib.data.photos import photos
from lecturelib.data.speech import Utterance
from lecturelib.objectives.future_contrast import FutureContrast
from lecturelib.objectives.masked_image import MaskedTokens, cut
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, beit, mae, sounds, vq_wav2vec, wav2vec
from lecturelib.quantizers import KMeansQuantizer
from lecturelib.training import checkpoint
from lecturelib.training.loop import Plan, Trainer
from tests.requirements import require


def tones(split: str) -> list[Utterance]:
    """Two people who whistle, each a melody of its own."""
    rng = Generator().manual_seed(len(split))
    pitch = 300 + 2000 * torch.rand(2, 40, generator=rng)
    waves = torch.sin(2 * torch.pi * pitch.repeat_interleave(400, 1).cumsum(1) / 8000)
    noisy = waves + 0.1 * torch.randn(waves.shape, generator=rng)
    names = zip(noisy, "ab", strict=True)
    return [Utterance(wave, 8000, "x", who, "en", None, "made for a test") for wave, who in names]


def checks(labels: range) -> tuple[Splits, tuple[str, ...]]:
    """Pictures of 4x4 squares in two colours: two visual tokens would do."""
    rng = Generator().manual_seed(0)
    squares = torch.randint(2, (1000, 1, 8, 8), generator=rng).repeat(1, 3, 1, 1)
    pixels = squares.repeat_interleave(4, 2).repeat_interleave(4, 3).float()
    batch = Batch(pixels + 0, None, torch.arange(1000) % 10)
    return Splits(batch, batch, batch, source="made"), ()


def test_beit_is_asked_for_the_nearest_centre_of_each_hidden_patch(monkeypatch) -> None:
    """By hand: 40 % hidden in blocks; the answer is the argmin of distances to 512 centres."""
    monkeypatch.setattr(beit, "classes", checks)
    monkeypatch.setattr(mae, "classes", checks)
    monkeypatch.setattr(mae, "read_out", lambda *_: 0.5)
    noisy = torch.rand(100, 3, 32, 32, generator=Generator().manual_seed(1))
    monkeypatch.setattr(beit, "examples", lambda data: noisy)
    job = pretraining.build("beit", "", "quick", seed=3)
    assert isinstance(job, Job)
    objective = job.objective
    assert isinstance(objective, MaskedTokens)
    assert (job.plan.steps, job.plan.seed, job.plan.betas) == (40, 3, (0.9, 0.95))
    drawn = job.draw(Generator().manual_seed(0))
    assert (len(drawn), drawn.label) == (64, None)
    hidden = objective.hide(8, (8, 8), Generator().manual_seed(0))
    assert hidden.sum(1).tolist() == [26] * 8  # 40 % of 64, rounded up
    tokens = objective.tokenize(noisy[:2])
    patches, centres = cut(noisy[:2], (4, 4)), objective.tokenize.book.centres
    assert torch.equal(tokens, torch.cdist(patches, centres).argmin(-1))
    assert "tokenize.book.centres" in job.ship.state_dict()
    assert job.measure is not None
    assert job.measure() == {"probe_50_labels": 0.5}


def job_of(name: str, monkeypatch) -> Job:
    monkeypatch.setattr(sounds, "everybody", tones)
    job = pretraining.build(name, "", "quick", seed=3)
    assert isinstance(job, Job)
    assert (job.plan.steps, job.plan.seed, job.plan.lr) == (60, 3, 5e-3)
    assert job.facts["data_source"] == "made for a test"
    assert job.draw(Generator().manual_seed(0)).rows(slice(2)).signal.shape == (2, 24_000)
    return job


def test_wav2vec_has_no_quantiser_and_learns_a_melody_in_twelve_steps(monkeypatch) -> None:
    job = job_of("wav2vec", monkeypatch)
    assert isinstance(job.objective, FutureContrast)
    assert job.objective.model.quantizer is None
    assert job.measure is not None
    before = job.measure()
    assert before["held_out_tie_accuracy"] < 0.15  # chance: 1 in 11
    Trainer(job.objective, job.draw, Plan(12, lr=5e-3, clip=5.0), label="").run()
    assert job.measure()["held_out_contrastive"] < before["held_out_contrastive"] - 0.1
    assert job.objective.model.aggregator.kernels == wav2vec.KERNELS


def test_vq_wav2vec_names_frames_and_tells_how_many_names_are_in_use(monkeypatch) -> None:
    job = job_of("vq_wav2vec", monkeypatch)
    assert isinstance(job.objective, FutureContrast)
    assert isinstance(job.objective.model.quantizer, KMeansQuantizer)
    assert job.measure is not None
    row = job.measure()
    batch = sounds.sounds("speech", 8, watched=64).held_out
    with torch.no_grad():
        codes = job.objective.model(batch.signal).units.codes.flatten(0, 1)
    expected = 0.0
    for group in codes.unbind(1):
        share = np.bincount(group.numpy(), minlength=32) / len(group)
        expected += np.exp(-sum(p * np.log(p) for p in share if p > 0))
    assert row["held_out_hard_perplexity"] == pytest.approx(expected, rel=1e-6)
    assert vq_wav2vec.CODES == 32


def test_a_dead_codebook_ends_the_run_at_the_second_measurement(monkeypatch) -> None:
    job = job_of("vq_wav2vec", monkeypatch)
    assert job.watch is not None
    rows = [{"step": n, "loss": 1.0, "held_out_hard_perplexity": 2.0} for n in range(2)]
    assert job.watch(rows[:1]) == ""
    assert "one entry a group" in job.watch(rows)


def test_wav2vec_is_over_where_all_frames_are_one(monkeypatch) -> None:
    """Then all eleven candidates tie: exactly 1/11; by luck alone nobody is there so long."""
    job = job_of("wav2vec", monkeypatch)
    assert job.watch is not None
    dead = [{"step": n, "loss": 1.0, "tie_accuracy": 1 / 11} for n in range(200)]
    assert "all frames have become one vector" in job.watch(dead)
    alive = [{"step": n, "loss": 1.0, "tie_accuracy": 0.09 + 0.004 * (n % 2)} for n in range(200)]
    assert job.watch(alive) == ""


@pytest.mark.parametrize("name", ["wav2vec", "vq_wav2vec", "wav2vec2", "data2vec"])
def test_each_hears_a_folder(name: str, tmp_path) -> None:
    for number, wave in enumerate([one.wave for one in tones("train")] * 2):
        soundfile.write(tmp_path / f"{number}.flac", 0.3 * wave.numpy(), 8000)
    job = pretraining.build(name, f"sound:{tmp_path}", "quick")
    assert isinstance(job, Job)
    assert job.facts["data_source"] == f"sound:{tmp_path}"
    one, two = (job.draw(Generator().manual_seed(0)).rows(slice(None)).signal for _ in range(2))
    assert one.shape == (8, 24_000)
    assert torch.equal(one, two)


@pytest.mark.parametrize("name", ["mae", "beit", "data2vec"])
def test_each_sees_a_folder(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(beit, "examples", lambda data: torch.rand(100, 3, 32, 32))
    for tone in range(4):
        Image.new("RGB", (40, 40), (60 * tone, 0, 0)).save(tmp_path / f"{tone}.jpg")
    job = pretraining.build(name, f"pictures:{tmp_path}", "quick")
    assert isinstance(job, Job)
    pictures = job.draw(Generator().manual_seed(0)).rows(slice(None)).signal
    assert pictures.shape[1:] == (3, 32, 32)
    assert job.measure is not None
    numbers = job.measure()
    assert all(key.startswith("held_out_") for key in numbers)
    assert all(np.isfinite(value) for value in numbers.values())


def test_beits_tokens_come_from_the_folder(tmp_path) -> None:
    for tone in range(2):
        Image.new("RGB", (40, 40), (200 * tone, 0, 0)).save(tmp_path / f"{tone}.jpg")
    pictures = beit.examples(f"pictures:{tmp_path}")
    assert pictures.shape == (4000, 3, 32, 32)
    assert pictures[:, 0].mean() == pytest.approx(200 / 255, abs=0.02)  # the other is watched


@pytest.mark.parametrize(
    ("recipe", "file"),
    [(beit, "beit_cifar10"), (wav2vec, "wav2vec_speech"), (vq_wav2vec, "vq_wav2vec_speech")],
)
def test_the_shipped_file_says_how_it_was_made(recipe, file: str) -> None:
    path = CHECKPOINTS / f"{file}.safetensors"
    _, facts = checkpoint.read(path)
    name = file.rpartition("_")[0]
    assert facts["command"] == f"python -m lecturelib pretrain {name} --pace full --no-bf16 --ship"
    assert facts["plan"]["steps"] == recipe.STEPS["full"]
    assert facts["stopped"] == ""
    assert path.stat().st_size < 2e6


def test_the_shipped_beit_says_hidden_tokens_of_photographs_better_than_counting() -> None:
    """Photographs that nobody trained it on; the rival says the commonest visible token."""
    speaker, images = beit.shipped(), photos(32).pixels
    hidden = beit.HIDE(len(images), (8, 8), Generator().manual_seed(0))
    with torch.no_grad():
        said, guess = speaker.tokenize(images), speaker.guess(images, hidden)
    right = guess.argmax(1) == said[hidden]
    commonest = torch.cat(
        [row[gone] == row[~gone].mode().values for row, gone in zip(said, hidden, strict=True)]
    )
    assert right.float().mean() > commonest.float().mean() + 0.02


def test_the_shipped_wav2vec_hears_what_comes_in_a_voice_it_never_heard() -> None:
    require("mirror", mirror_folder() is not None, "real digits of a person who is in no training")
    held_out = sounds.sounds("speech", 8, watched=64).held_out
    found = pretraining.held_out_row(wav2vec.shipped(), held_out)
    assert found["held_out_tie_accuracy_1"] > 0.3  # chance: 1 in 11
    last = checkpoint.read(CHECKPOINTS / "wav2vec_speech.safetensors")[1]["last"]
    assert found["held_out_tie_accuracy"] == pytest.approx(
        last["held_out_tie_accuracy"],
        abs=0.01,  # half precision
    )


def test_the_shipped_vq_wav2vec_uses_its_names() -> None:
    require("mirror", mirror_folder() is not None, "real digits of a person who is in no training")
    held_out = sounds.sounds("speech", 8, watched=64).held_out
    found = vq_wav2vec.held_out_row(vq_wav2vec.shipped(), held_out)
    assert found["held_out_hard_perplexity"] > 0.3 * 64
    assert found["held_out_tie_accuracy_1"] > 0.3
