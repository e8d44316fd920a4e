"""The shipped ViT: [class] names pictures that it never saw, as its own file says."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.pictures import SOURCE, colour, only
from lecturelib.adapt.self_training import predict
from lecturelib.adapt.worlds import Splits
from lecturelib.data.batch import Batch
from lecturelib.data.cifar import CLASSES
from lecturelib.data.images import cifar10
from lecturelib.objectives.classification import Classification
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import vgg, vit
from lecturelib.training import checkpoint
from tests.requirements import require

PATH = CHECKPOINTS / "vit_cifar10.safetensors"


@pytest.fixture(scope="module")
def shipped() -> Classification:
    return vit.shipped()


def test_the_file_says_how_it_was_trained_and_how_well() -> None:
    _, facts = checkpoint.read(PATH)
    assert facts["command"] == "python -m lecturelib pretrain vit --pace full --ship"
    assert "CIFAR-10" in facts["data_licence"]
    assert facts["plan"]["steps"] == vit.STEPS["full"]
    assert facts["last"]["validation_accuracy"] > 0.7
    assert pretraining.vocabulary(PATH) == list(CLASSES[:5])
    assert PATH.stat().st_size < 2e6


def test_it_names_pictures_that_it_never_saw(shipped: Classification) -> None:
    found = cifar10("test")
    require("mirror", found.classes == CLASSES, "CIFAR-10 is not here")
    some = colour(only(found[::18], SOURCE))
    right = predict(shipped, some.pixels).argmax(1) == some.label
    assert right.float().mean() > 0.7
    assert not any(layer.training for layer in shipped.modules())


def test_a_picture_as_a_vector_is_the_context_of_class() -> None:
    model = vit.untrained().eval().encoder
    assert isinstance(model, vit.First)
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(model(images), model.model(images)[:, 0])


def test_all_patches_reach_class_and_none_of_another_picture() -> None:
    encoder = vit.untrained().encoder.eval()
    images = torch.rand(2, 3, 32, 32, requires_grad=True)
    encoder(images)[0].square().sum().backward()
    assert images.grad is not None
    moved = images.grad.abs().sum((1,)).unfold(1, 4, 4).unfold(2, 4, 4).sum((-1, -2))
    assert (moved[0] > 0).all()
    assert (moved[1] == 0).all()


def test_the_quick_job_has_the_source_classes_and_its_own_rate(monkeypatch) -> None:
    some = Batch(torch.rand(20, 3, 32, 32), None, torch.arange(20) % 5)
    splits = Splits(some, some, some, source="made")
    asked = []
    monkeypatch.setattr(vgg, "classes", lambda labels: asked.append(labels) or (splits, CLASSES))
    job = pretraining.build("vit", "", "quick", seed=3)
    assert isinstance(job, pretraining.Job)
    assert asked == [SOURCE]
    assert (job.plan.steps, job.plan.lr, job.plan.seed) == (vit.STEPS["quick"], 1e-3, 3)
    assert job.ship is job.objective
    assert isinstance(job.objective, Classification)
    assert isinstance(job.objective.encoder, vit.First)
    batch = job.draw(torch.Generator().manual_seed(0))
    assert len(batch) == 64
    assert set(batch.labels.tolist()) == set(range(5))
