"""The list of layers, beside the same layers written out, the paper's Table 2, torchvision."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from lecturelib.encoders.vgg import CONFIGS, VGG, ConvStack
from tests.oracle import error, unchecked


def test_the_stack_is_its_list_written_out():
    net = ConvStack(channels=3, plan=(4, "M", 6)).double().eval()
    images = torch.rand(2, 3, 8, 8, dtype=torch.float64)
    x = images
    for place, pool in ((0, True), (4, False)):
        conv, norm = net.layers[place], net.layers[place + 1]
        x = F.conv2d(x, conv.weight, padding=1)
        x = F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)
        x = F.max_pool2d(F.relu(x), 2) if pool else F.relu(x)
    torch.testing.assert_close(net.maps(images), x)
    torch.testing.assert_close(net(images), x.flatten(2).mean(2))
    assert net.dim == 6


@pytest.mark.parametrize(("plan", "weights"), [((4,), 3 * 3 * 4), ((4, 5), 36 + 3 * 3 * 4 * 5)])
def test_a_three_by_three_layer_has_nine_weights_a_pair_of_channels(plan, weights):
    net = ConvStack(plan=plan)
    assert sum(p.numel() for p in net.parameters() if p.ndim == 4) == weights


TABLE_2 = {"A": 133, "B": 133, "C": 134, "D": 138, "E": 144}  # millions
LAYERS = {"A": 11, "B": 13, "C": 16, "D": 16, "E": 19}  # with weights: Table 1's head


@pytest.mark.parametrize("letter", CONFIGS)
def test_the_configurations_have_the_layers_and_weights_of_the_paper(letter):
    with torch.device("meta"):
        net = VGG(plan=CONFIGS[letter])
    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == LAYERS[letter]
    assert round(sum(p.numel() for p in net.parameters()) / 1e6) == TABLE_2[letter]
    assert sum(entry == "M" for entry in CONFIGS[letter]) == 5


def test_c_is_d_with_the_last_convolution_of_three_blocks_one_by_one():
    widened = tuple(entry[0] if isinstance(entry, tuple) else entry for entry in CONFIGS["C"])
    assert widened == CONFIGS["D"]
    with torch.device("meta"):
        kernels = [m.kernel_size for m in VGG(plan=CONFIGS["C"]).layers if hasattr(m, "stride")]
    assert kernels.count((1, 1)) == 3


def test_it_starts_as_torchvisions():
    """The same seed gives the same 133 million weights."""
    torch.manual_seed(3)
    reference = torchvision.models.vgg11()
    torch.manual_seed(3)
    net = VGG(plan=CONFIGS["A"])
    for ours, theirs in zip(net.parameters(), reference.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def small(batch_norm: bool = False) -> VGG:
    torch.manual_seed(0)
    plan = (4, (6, 1), "M", 6, "M")
    return VGG(plan=plan, classes=3, batch_norm=batch_norm, hidden=8).double().eval()


@pytest.mark.parametrize("batch_norm", [False, True])
def test_vgg_by_hand(batch_norm):
    """The oracle with real sizes is torchvision's, in tests/published/test_vgg.py."""
    net, images = small(batch_norm), torch.rand(2, 3, 28, 28, dtype=torch.float64)
    x = net.layers(images)
    assert x.shape == (2, 6, 7, 7)  # 28 halved twice: the pool to 7x7 has nothing to average
    layers = iter(net.classifier)
    first, _, _, second, _, _, last = layers
    x = F.relu(second(F.relu(first(x.flatten(1)))))
    assert error(net.features(images), x) < 1e-12
    assert error(net(images), last(x)) < 1e-12


@pytest.mark.parametrize(
    ("net", "names"),
    [
        (ConvStack(channels=3), ["pool1", "conv2_1", "pool2", "conv3_1", "pool3", "conv4_1"]),
        (small(), ["conv1_1", "conv1_2", "pool1", "conv2_1", "pool2"]),
        (small(batch_norm=True), ["conv1_1", "conv1_2", "pool1", "conv2_1", "pool2"]),
    ],
)
def test_every_map_has_a_name_and_the_last_is_what_maps_gives(net, names):
    images = torch.rand(2, 3, 16, 16, dtype=next(net.parameters()).dtype)
    seen = net.eval().trace(images)
    assert [name for name, _ in seen] == names
    assert torch.equal(seen[-1][1], net.maps(images))
    for (name, now), (_, before) in zip(seen[1:], seen, strict=False):
        if name.startswith("pool"):
            assert torch.equal(now, F.max_pool2d(before, 2))
        else:
            assert now.min() == 0  # after the ReLU


@pytest.mark.parametrize("net", [ConvStack(channels=3), small().float()])
def test_bad_input(net):
    for call in (net, net.trace):
        with pytest.raises(ValueError, match="images have 1 channels, this model takes 3"):
            call(torch.rand(2, 1, 16, 16))
        with pytest.raises(ValueError, match="images reach 255"):
            call(torch.full((2, 3, 16, 16), 255.0))
        with unchecked(), pytest.raises(ValueError, match=r"torch\.uint8, 0-255: divide"):
            call(torch.zeros(2, 3, 16, 16, dtype=torch.uint8))
