"""torchvision's VGG against ours, weights copied, in float64; and a file of weights."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models.vgg import cfgs, make_layers

from lecturelib.data.registry import CARDS, Unavailable
from lecturelib.encoders.vgg import CONFIGS
from lecturelib.published import from_reference, load
from lecturelib.published.vgg import NAMES, names
from lecturelib.published.weights import renamed
from tests.oracle import error, gradients, same_gradients

IMAGES = torch.rand(2, 3, 48, 40, dtype=torch.double, generator=torch.Generator().manual_seed(0))


def narrow(letter: str, batch_norm: bool) -> nn.Module:
    """torchvision's network with its widths divided by 16 and small linear layers, random."""
    torch.manual_seed(0)
    plan = [entry if entry == "M" else int(entry) // 16 for entry in cfgs[letter]]
    m = torchvision.models.VGG(nn.Identity(), num_classes=5, init_weights=False, dropout=0.0)
    m.features = make_layers(plan, batch_norm=batch_norm)
    m.classifier[0], m.classifier[3] = nn.Linear(32 * 49, 11), nn.Linear(11, 11)
    m.classifier[6] = nn.Linear(11, 5)
    for module in m.modules():
        if isinstance(module, nn.BatchNorm2d):
            for table in (module.weight, module.bias, module.running_mean):
                nn.init.normal_(table, 1.0, 0.3)
    return m.double()


def small(m: nn.Module) -> nn.Module:
    """A published network with a classifier of small linear layers, so that it fits into a test."""
    m.classifier[0], m.classifier[3] = nn.Linear(512 * 49, 8), nn.Linear(8, 8)
    m.classifier[6] = nn.Linear(8, 5)
    return m


def compare(reference: nn.Module, images: torch.Tensor) -> None:
    ours = from_reference(reference)
    assert ours.training == reference.training
    have, want = ours(images), reference(images)
    assert error(have, want) < 1e-10
    weight = torch.randn(want.shape, generator=torch.Generator().manual_seed(4)).double()
    for out in (have, want):
        (weight * out).sum().backward()
    same_gradients(ours, renamed(gradients(reference), NAMES))
    theirs = renamed(dict(reference.named_buffers()), NAMES)
    assert dict(ours.named_buffers()).keys() == theirs.keys()
    assert all(error(b, theirs[name]) < 1e-10 for name, b in ours.named_buffers())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("letter", ["A", "B", "D", "E"])
def test_every_configuration(letter, batch_norm, training):
    """Running means and variances move alike in train mode."""
    compare(narrow(letter, batch_norm).train(training), IMAGES)


@pytest.mark.parametrize("name", ["vgg11", "vgg13_bn", "vgg16", "vgg19_bn"])
def test_the_published_widths(name):
    reference = torchvision.models.get_model(name, init_weights=False, dropout=0.0)
    compare(small(reference).double().eval(), IMAGES[:1, :, :32, :32])


@pytest.mark.parametrize("letter", ["A", "B", "D", "E"])
def test_our_table_is_theirs(letter):
    assert CONFIGS[letter] == tuple(cfgs[letter])


def test_dropout_rates_are_copied():
    reference = narrow("A", False)
    reference.classifier[2].p, reference.classifier[5].p = 0.2, 0.3
    kept = from_reference(reference).model.classifier
    assert (kept[2].p, kept[5].p) == (0.2, 0.3)


@pytest.mark.parametrize("name", ["vgg16", "vgg16_bn", "vgg19", "vgg19_bn"])
def test_the_cards_are_those_that_torchvision_publishes(name):
    published = torchvision.models.get_model_weights(name).IMAGENET1K_V1
    card = CARDS[f"imagenet.{name}"]
    assert card.url == published.url
    assert card.hash.startswith(f"sha256:{card.url[-12:-4]}")
    assert card.size / 2**20 == pytest.approx(published.meta["_file_size"], abs=0.001)
    assert name in names()


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, content: object) -> None:
    """A file in the mirror in the place of VGG16's, and its hash on the card."""
    card = CARDS["imagenet.vgg16"]
    path = folder / card.file
    torch.save(content, path)
    known = f"sha256:{sha256(path.read_bytes()).hexdigest()}"
    monkeypatch.setitem(CARDS, card.name, replace(card, hash=known, size=path.stat().st_size))
    monkeypatch.setenv("LECTURELIB_CACHE", str(folder / "cache"))
    monkeypatch.setenv("LECTURELIB_MIRROR", str(folder))


def test_load_from_the_mirror(tmp_path, monkeypatch):
    """All places of a weight share one number, so that 138 million of them fit into a few bytes."""
    with torch.device("meta"):
        reference = torchvision.models.vgg16()
    numbers = torch.linspace(-0.01, 0.02, len(reference.state_dict()))
    shapes = {name: w.shape for name, w in reference.state_dict().items()}
    state = {
        name: number.clone().expand(shape)
        for (name, shape), number in zip(shapes.items(), numbers, strict=True)
    }
    fake(tmp_path, monkeypatch, state)
    ours = load("vgg16")
    assert not ours.training
    have, want = ours.state_dict(), renamed(state, NAMES)
    assert have.keys() == want.keys()
    assert all(torch.equal(have[name], want[name]) for name in want)


class Harm:
    """What a pickle may do while it is opened."""

    def __reduce__(self):
        return Path.touch, (Path("harm"),)


def test_a_pickle_that_runs_something_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fake(tmp_path, monkeypatch, {"features.0.weight": Harm()})
    with pytest.raises(Exception, match="Weights only load failed"):
        load("vgg16")
    assert not Path("harm").exists()


def test_another_file_than_the_published_one_is_refused(tmp_path, monkeypatch):
    known = CARDS["imagenet.vgg16"]
    fake(tmp_path, monkeypatch, {})
    monkeypatch.setitem(CARDS, known.name, known)
    with pytest.raises(ValueError, match=r"vgg16-397923af\.pth has sha256 .* its card says"):
        load("vgg16")


def test_without_network_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path))
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    with pytest.raises(Unavailable, match=r"vgg16-397923af\.pth cannot be had now.*OFFLINE=1"):
        load("vgg16")
