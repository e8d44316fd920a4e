"""Stacks of 3x3 convolutions (Simonyan and Zisserman 2015): what came before the Transformer."""

from typing import TypeAlias

from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.data.pixels import check_pixels
from lecturelib.shapes import Features, Images, Logits

Plan: TypeAlias = tuple[int | str | tuple[int, int], ...]
"""A number: a 3x3 convolution so wide. (width, kernel): another kernel. "M": halve the map."""
Maps: TypeAlias = Float[Tensor, "batch dim down across"]

SMALL: Plan = ("M", 32, "M", 64, "M", 64)
CONFIGS: dict[str, Plan] = {  # Table 1, without A-LRN: local response normalisation did not help
    "A": (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "B": (64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "C": (
        *(64, 64, "M", 128, 128, "M", 256, 256, (256, 1), "M"),
        *(512, 512, (512, 1), "M", 512, 512, (512, 1), "M"),
    ),
    "D": (
        *(64, 64, "M", 128, 128, "M", 256, 256, 256, "M"),
        *(512, 512, 512, "M", 512, 512, 512, "M"),
    ),
    "E": (
        *(64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M"),
        *(512, 512, 512, 512, "M", 512, 512, 512, 512, "M"),
    ),
}


def convolutions(plan: Plan, *, channels: int, bias: bool, batch_norm: bool) -> nn.Sequential:
    """The layers of a plan, each convolution with its ReLU, and batch norm between them or not."""
    layers: list[nn.Module] = []
    for entry in plan:
        if isinstance(entry, str):
            layers.append(nn.MaxPool2d(2))
            continue
        width, kernel = entry if isinstance(entry, tuple) else (entry, 3)
        layers.append(nn.Conv2d(channels, width, kernel, padding=kernel // 2, bias=bias))
        if batch_norm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.ReLU())
        channels = width
    return nn.Sequential(*layers)


def width_of(plan: Plan) -> int:
    """Channels of the last map."""
    last = [entry for entry in plan if not isinstance(entry, str)][-1]
    return last[0] if isinstance(last, tuple) else last


def every_map(layers: nn.Sequential, images: Images) -> list[tuple[str, Maps]]:
    """(name, map) after each convolution with its ReLU, and after each halving, in their order.

    Named as usual: conv3_2 is the second convolution after two halvings, pool3 ends that block.
    """
    seen: list[tuple[str, Maps]] = []
    block, number = 1, 0
    for layer in layers:
        images = layer(images)
        if isinstance(layer, nn.ReLU):
            number += 1
            seen.append((f"conv{block}_{number}", images))
        elif isinstance(layer, nn.MaxPool2d):
            seen.append((f"pool{block}", images))
            block, number = block + 1, 0
    return seen


class ConvStack(nn.Module):
    """3x3 convolutions from a list, as in the paper's Table 1: a number is a layer, "M" halves.

    [batch, channel, height, width] -> [batch, dim]: the mean of the last map over all places, so
    that pictures and spectrograms of any size go in. Batch norm (2015, after the paper) is on.
    """

    def __init__(self, *, channels: int = 1, plan: Plan = SMALL):
        super().__init__()
        self.channels, self.dim = channels, width_of(plan)
        self.layers = convolutions(plan, channels=channels, bias=False, batch_norm=True)

    def maps(self, images: Images) -> Maps:
        """The last feature maps [batch, dim, height', width']."""
        check_pixels(images, self.channels)
        return self.layers(images)

    def trace(self, images: Images) -> list[tuple[str, Maps]]:
        """`maps` with every map kept, by name."""
        check_pixels(images, self.channels)
        return every_map(self.layers, images)

    def forward(self, images: Images) -> Features:
        """One vector a picture."""
        return self.maps(images).mean((2, 3))


class VGG(nn.Module):
    """The paper's network: convolutions, a 7x7 map, three linear layers with dropout (Section 2.1).

    [batch, 3, height, width] -> [batch, classes]. The paper's pictures are 224x224, which end as
    7x7; others are averaged to that (torchvision), from 32x32 on. hidden: width of the two layers
    before the classes, 4096 in the paper. Batch norm came later. Starts as torchvision's does.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        classes: int = 1000,
        batch_norm: bool = False,
        hidden: int = 4096,
        dropout: float = 0.5,
    ):
        super().__init__()
        self.dim = hidden
        self.layers = convolutions(plan, channels=3, bias=True, batch_norm=batch_norm)
        self.pool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(width_of(plan) * 7 * 7, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        self.start()

    def start(self) -> None:
        """He's start for convolutions, N(0, 0.01^2) for linear layers, biases 0."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, 0, 0.01)
            if isinstance(layer, nn.Conv2d | nn.Linear) and layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def maps(self, images: Images) -> Maps:
        """The last feature maps, [batch, 512, 7, 7] of a 224x224 picture."""
        check_pixels(images, 3)
        return self.layers(images)

    def trace(self, images: Images) -> list[tuple[str, Maps]]:
        """`maps` with every map kept, by name."""
        check_pixels(images, 3)
        return every_map(self.layers, images)

    def features(self, images: Images) -> Features:
        """One vector a picture [batch, hidden], from the layer before the classes: it transfers."""
        return self.classifier[:-1](self.pool(self.maps(images)).flatten(1))

    def forward(self, images: Images) -> Logits:
        return self.classifier[-1](self.features(images))
