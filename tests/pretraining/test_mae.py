"""The shipped MAE: it paints what is hidden in photographs nobody trained it on."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.pictures import EVERY
from lecturelib.adapt.worlds import Splits
from lecturelib.data.batch import Batch
from lecturelib.data.photos import photos
from lecturelib.objectives.masked_image import MaskedPixels, cut, paste
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import mae
from lecturelib.training import checkpoint

PATH = CHECKPOINTS / "mae_cifar10.safetensors"
COMMAND = "python -m lecturelib pretrain mae --pace full --ship"


@pytest.fixture(scope="module")
def shipped() -> MaskedPixels:
    assert PATH.exists(), f"{PATH.name} is not here: make it with {COMMAND}"
    return mae.shipped()


def test_the_file_says_how_it_was_trained_and_how_well() -> None:
    _, facts = checkpoint.read(PATH)
    assert facts["command"] == COMMAND
    assert "CIFAR-10" in facts["data_licence"]
    assert facts["plan"]["steps"] == mae.STEPS["full"]
    assert facts["last"]["probe_50_labels"] > 0.2  # ten classes: 0.1 is chance
    losses = [loss for _, loss in facts["curve"]["loss"]]
    assert losses[-1] < 0.8 * losses[0]
    assert PATH.stat().st_size < 3e6


def test_hidden_patches_are_painted_better_than_in_the_mean_visible_colour(
    shipped: MaskedPixels,
) -> None:
    images = photos(32).pixels
    hidden = shipped.hide(len(images), shipped.grid, torch.Generator().manual_seed(0))
    painted = shipped.restore(images, hidden)
    patches = cut(images, shipped.patch)
    plain = patches.clone()
    for row, gone in enumerate(hidden):
        colour = patches[row, ~gone].view(-1, 3).mean(0)
        plain[row, gone] = colour.repeat(16)
    rivals = paste(plain, shipped.grid, shipped.patch)
    ours, theirs = ((made - images).square().mean((1, 2, 3)) for made in (painted, rivals))
    assert hidden.sum(1).tolist() == [48] * 6  # three quarters of 64
    assert ours.mean() < 0.7 * theirs.mean()
    assert (ours < theirs).sum() >= 5
    seen = cut(painted, shipped.patch)
    assert torch.equal(seen[~hidden], patches[~hidden])


def test_it_sees_the_visible_patches_and_nothing_else(shipped: MaskedPixels) -> None:
    images = photos(32).pixels
    hidden = shipped.hide(len(images), shipped.grid, torch.Generator().manual_seed(1))
    patches = cut(images, shipped.patch)
    patches[hidden] = torch.rand(int(hidden.sum()), 48)
    other = paste(patches, shipped.grid, shipped.patch)
    assert torch.equal(shipped.restore(images, hidden), shipped.restore(other, hidden))


@pytest.mark.parametrize(("share", "count"), [(0.75, 48), (0.5, 32)])
def test_an_untrained_one_hides_its_share(share: float, count: int) -> None:
    """He 2022, Figure 5: 75 %, which is what is meant where nothing is said."""
    model = mae.untrained(share)
    hidden = model.hide(4, model.grid, torch.Generator().manual_seed(0))
    assert hidden.sum(1).tolist() == [count] * 4
    assert mae.SHARE == 0.75


def test_a_picture_as_a_vector_is_the_mean_of_its_patches_without_class() -> None:
    model = mae.untrained().model.eval()
    images = torch.rand(2, 3, 32, 32)
    context = model(images)
    assert context.shape == (2, 65, 128)
    by_hand = torch.stack([context[:, place] for place in range(1, 65)]).sum(0) / 64
    assert torch.allclose(mae.Mean(model)(images), by_hand, atol=1e-5)


def test_what_is_drawn_has_no_label_and_is_moved_and_mirrored() -> None:
    pixels = torch.rand(2, 3, 32, 32)
    batch = mae.augmented(Batch(pixels, None, None), 8)(torch.Generator().manual_seed(0))
    assert batch.label is None
    assert len(batch.signal.flatten(1).unique(dim=0)) == 8
    assert all(torch.isin(one, pixels).all() for one in batch.signal)


def test_the_job_learns_without_labels_and_measures_with_fifty_a_class(monkeypatch) -> None:
    label = torch.arange(1000) % 10
    tone = (label / 10)[:, None, None, None] + 0.05 * torch.rand(1000, 3, 32, 32)
    batch, asked = Batch(tone, None, label), []

    def classes(labels: range) -> tuple[Splits, tuple[str, ...]]:
        asked.append(labels)
        return Splits(batch, batch, batch, source="made"), ()

    seen = []
    monkeypatch.setattr(mae, "classes", classes)
    monkeypatch.setattr(mae, "read_out", lambda *given: seen.extend(given) or 0.5)
    job = pretraining.build("mae", "", "quick", seed=3)
    assert isinstance(job, pretraining.Job)
    assert asked == [EVERY]
    assert (job.plan.steps, job.plan.seed, job.ship) == (mae.STEPS["quick"], 3, job.objective)
    assert job.facts["data_sha256"] == checkpoint.digest(tone)
    drawn = job.draw(torch.Generator().manual_seed(0))
    assert (len(drawn), drawn.label) == (128, None)
    assert job.measure is not None
    assert job.measure() == {"probe_50_labels": 0.5}
    encoder, known, unseen = seen
    assert isinstance(job.objective, MaskedPixels)
    assert encoder.model is job.objective.model
    assert torch.bincount(known.labels).tolist() == [50] * 10
    assert torch.bincount(unseen.labels).tolist() == [100] * 10
