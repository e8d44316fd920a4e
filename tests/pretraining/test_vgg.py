"""The shipped VGG: right on four of five pictures that it never saw, as its own file says."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.pictures import SOURCE, colour, only
from lecturelib.adapt.self_training import predict
from lecturelib.adapt.worlds import Splits
from lecturelib.data.batch import Batch
from lecturelib.data.cifar import CLASSES
from lecturelib.data.images import Images, cifar10
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.classification import Classification
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import vgg
from lecturelib.recipes.images import MINI_VGG
from lecturelib.training import checkpoint
from tests.requirements import require

PATH = CHECKPOINTS / "vgg_cifar10.safetensors"


@pytest.fixture(scope="module")
def shipped() -> Classification:
    return vgg.shipped()


@pytest.fixture(scope="module")
def unseen() -> Images:
    """Every 18th of CIFAR-10's test pictures, all ten classes."""
    found = cifar10("test")
    require("mirror", found.classes == CLASSES, "CIFAR-10 is not here")
    return found[::18]


def test_the_file_says_how_it_was_trained_and_how_well() -> None:
    _, facts = checkpoint.read(PATH)
    assert facts["command"] == "python -m lecturelib pretrain vgg --pace full --ship"
    assert facts["data_licence"] == vgg.licence(("airplane", "cat"))
    assert "CIFAR-10" in facts["data_licence"]
    assert facts["plan"]["steps"] == vgg.STEPS["full"]
    assert facts["last"]["validation_accuracy"] > 0.8
    assert pretraining.vocabulary(PATH) == list(CLASSES[:5])
    assert PATH.stat().st_size < 1e6


def test_digits_that_stand_in_have_their_own_licence() -> None:
    assert "MNIST" in vgg.licence(("0", "1", "2"))


def test_it_is_the_small_vgg_in_eval_mode_with_five_classes(shipped: Classification) -> None:
    tensors, _ = checkpoint.read(PATH)
    model = Classification(ConvStack(channels=3, plan=MINI_VGG), dim=128, classes=5)
    checkpoint.load_model(model, tensors)
    pictures = torch.rand(3, 3, 32, 32)
    assert torch.equal(shipped.logits(pictures), model.eval().logits(pictures))
    assert not any(layer.training for layer in shipped.modules())


def test_it_names_pictures_that_it_never_saw(shipped: Classification, unseen: Images) -> None:
    some = colour(only(unseen, SOURCE))
    right = predict(shipped, some.pixels).argmax(1) == some.label
    assert len(some) > 250
    assert right.float().mean() > 0.8
    share = [right[some.label == k].float().mean() for k in SOURCE]
    assert min(share) > 0.6  # of each class


def test_what_is_drawn_keeps_its_label() -> None:
    """Pictures of one tone, which is the label: neither a move nor a mirror changes them."""
    label = torch.arange(10)
    tone = label[:, None, None, None].expand(10, 3, 32, 32) / 10
    draw = vgg.augmented(Batch(tone, None, label), 64)
    batch = draw(torch.Generator().manual_seed(0))
    assert len(batch) == 64
    assert torch.equal(batch.signal, tone[batch.labels])
    assert batch.labels.unique().tolist() == list(range(10))


def test_pictures_are_moved_and_mirrored_each_on_its_own() -> None:
    picture = torch.rand(1, 3, 32, 32)
    draw = vgg.augmented(Batch(picture, None, torch.tensor([3])), 8)
    drawn = draw(torch.Generator().manual_seed(0)).signal
    assert len(drawn.flatten(1).unique(dim=0)) == 8
    assert all(torch.isin(one, picture).all() for one in drawn)


def test_the_job_trains_on_train_and_watches_validation(monkeypatch) -> None:
    parts = [Batch(torch.rand(n, 3, 32, 32), None, torch.arange(n) % 5) for n in (10, 15, 20)]
    asked = []

    def classes(labels: range) -> tuple[Splits, tuple[str, ...]]:
        asked.append(labels)
        return Splits(*parts, source="made"), tuple("abcde")

    monkeypatch.setattr(vgg, "classes", classes)
    monkeypatch.setattr(vgg, "accuracy", lambda model, test: (model, test))
    job = pretraining.build("vgg", "", "quick", seed=3)
    assert isinstance(job, pretraining.Job)
    assert asked == [SOURCE]
    assert (job.plan.steps, job.plan.seed, job.ship) == (vgg.STEPS["quick"], 3, job.objective)
    assert job.facts["data_sha256"] == checkpoint.digest(parts[0].signal)
    assert job.facts["data_source"] == "made"
    assert job.vocabulary == tuple("abcde")
    batch = job.draw(torch.Generator().manual_seed(0))
    assert torch.isin(batch.signal, parts[0].signal).all()
    assert job.measure is not None
    assert job.measure() == {"validation_accuracy": (job.objective, parts[1])}
