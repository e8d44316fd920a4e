"""Looking into a network: closed forms against gradients, loops, and CAM."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from lecturelib.adapt.looking import (
    Window,
    grad_cam,
    most_exciting,
    receptive_field,
    stack_weights,
    walk,
    windows,
)
from lecturelib.encoders.vgg import VGG, ConvStack, Plan, convolutions
from lecturelib.objectives.classification import Classification
from tests.oracle import error, randomise

PLANS: list[Plan] = [
    (4,),
    (4, 4),
    (4, 4, 4),
    ((4, 5),),
    ((4, 7),),
    (4, "M", 4, (4, 1), "M", (4, 5)),
    ("M", 4, 4, "M", "M", 4),
]
MINI: Plan = (4, "M", 6, 6, "M", 5)


def classifier(plan: Plan = MINI) -> Classification:
    """Random, float64, batch norm with statistics of its own."""
    encoder = ConvStack(channels=3, plan=plan)
    model = randomise(Classification(encoder, dim=encoder.dim, classes=4))
    rng = torch.Generator().manual_seed(1)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_var = 0.5 + torch.rand(layer.num_features, generator=rng).double()
            layer.running_mean = torch.rand(layer.num_features, generator=rng).double() - 0.5
            layer.weight.data.abs_()
            layer.bias.data.abs_()
    return model.eval()


def pictures(count: int = 7, side: int = 12) -> Tensor:
    rng = torch.Generator().manual_seed(2)
    return torch.rand(count, 3, side, side, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize(
    ("plan", "size"), [((1, 1), 5), ((1, 1, 1), 7), (((1, 5),), 5), (((1, 7),), 7)]
)
def test_two_3x3_see_5x5_and_three_see_7x7_as_the_paper_says(plan: Plan, size: int) -> None:
    assert receptive_field(plan).size == size


@pytest.mark.parametrize("plan", PLANS)
def test_the_window_is_where_the_gradient_of_one_output_is_not_zero(plan: Plan) -> None:
    layers = convolutions(plan, channels=1, bias=False, batch_norm=False)
    for at, layer in enumerate(layers):
        if isinstance(layer, nn.Conv2d):
            nn.init.ones_(layer.weight)
        elif isinstance(layer, nn.MaxPool2d):
            layers[at] = nn.AvgPool2d(2)  # sees the same pixels, and lets the gradient to all
    image = torch.ones(1, 1, 80, 80, requires_grad=True)
    maps = layers(image)
    window = receptive_field(plan)
    for place in (maps.shape[-1] // 2, maps.shape[-1] // 2 - 1):
        (slope,) = torch.autograd.grad(maps[0, 0, place, place], image, retain_graph=True)
        seen = slope[0, 0].nonzero()
        first, last = window.at(place), window.at(place) + window.size - 1
        assert seen.min(0).values.tolist() == [first, first]
        assert seen.max(0).values.tolist() == [last, last]
        assert len(seen) == window.size**2


@pytest.mark.parametrize(
    ("kernel", "layers", "times"), [(3, 3, 27), (7, 1, 49), (3, 2, 18), (5, 1, 25)]
)
def test_weights_are_counted_as_the_paper_counts_them(kernel: int, layers: int, times: int) -> None:
    real = convolutions(((6, kernel),) * layers, channels=6, bias=False, batch_norm=False)
    counted = sum(weight.numel() for weight in real.parameters())
    assert stack_weights(kernel=kernel, layers=layers, channels=6) == times * 6**2 == counted


def test_every_layer_has_its_window() -> None:
    model = classifier().encoder
    names = [name for name, _ in model.trace(pictures(1))]
    assert len(names) == len(windows(model)) == len(MINI)
    assert windows(model)[1] == receptive_field((4, "M")) == Window(size=4, step=2, start=-1)
    assert windows(VGG(plan=MINI, classes=2, hidden=3)) == windows(model)


@pytest.mark.parametrize(("layer", "channel"), [("conv1_1", 1), ("conv2_2", 3), ("conv3_1", 4)])
def test_the_most_exciting_patches_are_the_loop_s(layer: str, channel: int) -> None:
    model, images = classifier().encoder, pictures()
    ours = most_exciting(model, images, layer, channel, 3)
    window = windows(model)[[name for name, _ in model.trace(images)].index(layer)]
    best = []
    for number, image in enumerate(images):
        maps = dict(model.trace(image[None]))[layer][0, channel]
        places = itertools.product(range(maps.shape[0]), range(maps.shape[1]))
        best.append(max((maps[row, column].item(), number, row, column) for row, column in places))
    for at, (value, number, row, column) in enumerate(sorted(best, reverse=True)[:3]):
        assert ours.value[at].item() == pytest.approx(value, abs=1e-12)
        assert ours.picture[at] == number
        for i, j in itertools.product(range(window.size), range(window.size)):
            y, x = window.start + row * window.step + i, window.start + column * window.step + j
            inside = 0 <= y < 12 and 0 <= x < 12
            want = images[number, :, y, x] if inside else torch.zeros(3)
            assert torch.equal(ours.patches[at, :, i, j], want.double())


def test_a_patch_alone_excites_its_channel_as_much() -> None:
    """Where the window lies inside the picture; padding matters inside the network."""
    model, images = classifier((4, 4)).encoder, pictures(side=20)
    ours = most_exciting(model, images, "conv1_2", 2, 7)
    alone = dict(model.trace(ours.patches))["conv1_2"][:, 2, 2, 2]
    whole = [not (patch == 0).any() for patch in ours.patches]
    assert sum(whole) >= 3
    assert error(alone[whole], ours.value[whole]) < 1e-10


def test_the_walk_is_the_trace_and_the_patches_of_every_channel() -> None:
    model, photos, pool = classifier().encoder, pictures(2), pictures()
    seen = walk(model, photos, pool, count=2)
    for one, (name, maps) in zip(seen, model.trace(photos), strict=True):
        assert one.name == name
        assert torch.equal(one.maps, maps)
        for channel in range(maps.shape[1]):
            want = most_exciting(model, pool, name, channel, 2)
            assert torch.equal(one.patches[channel], want.patches)
            assert one.record[channel] == want.value[0]


def test_large_windows_are_shrunk() -> None:
    model = classifier((4, "M", 4, "M", 4, "M", 4, "M", 4)).encoder
    seen = walk(model, pictures(1, 64), pictures(3, 64), count=1)
    assert [one.patches.shape[-1] for one in seen] == [3, 4, 8, 10, 18, 22, 38, 46, 48]


def apart(ours: Tensor, reference: Tensor) -> float:
    """The largest difference, as a share of the largest value: these maps are small numbers."""
    assert reference.max() > 0
    return ((ours - reference).abs().max() / reference.max()).item()


def test_grad_cam_is_cam_where_a_mean_and_one_linear_layer_follow() -> None:
    """Zhou 2016: CAM = sum_k w_k A_k. Grad-CAM is its positive part over Z = places."""
    model, images = classifier((6, "M", 5)), pictures(4)
    model.head.weight.data = torch.linspace(-1, 2, 20).double().view(5, 4).T  # for and against
    label = torch.tensor([0, 3, 2, 1])
    maps = model.encoder.maps(images)
    for number, one in enumerate(label.tolist()):
        cam = sum(w * a for w, a in zip(model.head.weight[one], maps[number], strict=True))
        ours = grad_cam(model, images, label)[number]
        assert apart(ours, cam.clamp(min=0) / cam.numel()) < 1e-10


def test_grad_cam_is_equations_1_and_2_by_differences() -> None:
    """y at the last convolution's map, moved a little at each place; the plan ends in a halving."""
    model, images, label = classifier((4, "M", 5, "M")), pictures(1), torch.tensor([2])
    model.encoder.layers[5].bias.data += 5  # no zeros: where several are largest, y has no slope
    maps = dict(model.encoder.trace(images))["conv2_1"].detach()

    def y(moved: Tensor) -> float:
        return model.head(nn.functional.max_pool2d(moved, 2).mean((2, 3)))[0, 2].item()

    step, total = 1e-6, torch.zeros(6, 6).double()
    for k in range(5):
        alpha = 0.0
        for i, j in itertools.product(range(6), range(6)):
            more, less = maps.clone(), maps.clone()
            more[0, k, i, j] += step
            less[0, k, i, j] -= step
            alpha += (y(more) - y(less)) / (2 * step) / 36
        total += alpha * maps[0, k]
    assert maps.min() > 0
    assert apart(grad_cam(model, images, label)[0], total.clamp(min=0)) < 1e-6


def test_grad_cam_looks_into_the_paper_s_network_and_a_frozen_one() -> None:
    model = randomise(VGG(plan=(4, "M", 5), classes=3, hidden=6)).eval()
    images, label = pictures(2, 14), torch.tensor([0, 2])
    before = grad_cam(model, images, label)
    model.requires_grad_(False)
    with torch.no_grad():
        assert torch.equal(grad_cam(model, images, label), before)
    maps = dict(model.trace(images))["conv2_1"].requires_grad_()
    scores = model.classifier(maps.flatten(1))  # 14x14 end as 7x7: nothing is averaged
    (slope,) = torch.autograd.grad(scores[0, 0] + scores[1, 2], maps)
    want = (slope.mean((2, 3), keepdim=True) * maps).sum(1).clamp(min=0)
    assert apart(before, want) < 1e-10


def test_what_cannot_be_looked_at_is_named() -> None:
    model, images = classifier(), pictures(3)
    with pytest.raises(ValueError, match="layer='conv9' is none of conv1_1, pool1, conv2_1"):
        most_exciting(model.encoder, images, "conv9", 0, 1)
    with pytest.raises(ValueError, match="channel=4 is none of 0 to 3 of conv1_1"):
        most_exciting(model.encoder, images, "conv1_1", 4, 1)
    with pytest.raises(ValueError, match="count=4 of 3 pictures: one patch a picture at most"):
        most_exciting(model.encoder, images, "conv1_1", 0, 4)
    with pytest.raises(ValueError, match=r"label 4 is outside 0\.\.3"):
        grad_cam(model, images, torch.tensor([0, 4, 1]))
    model.train()
    for call in (
        lambda: most_exciting(model.encoder, images, "conv1_1", 0, 1),
        lambda: grad_cam(model, images, torch.tensor([0, 1, 1])),
    ):
        with pytest.raises(ValueError, match=r"in training mode: call eval\(\) first"):
            call()
