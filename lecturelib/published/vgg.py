"""torchvision's VGG, with and without batch norm, and its ImageNet weights."""

from typing import Any

import torch
import torchvision
from torch import Tensor, nn

from lecturelib.data.registry import CARDS, fetch
from lecturelib.encoders.vgg import VGG, Plan
from lecturelib.published.weights import copy_into, renamed
from lecturelib.shapes import Images

NAMES = {"features.": "model.layers.", "classifier.": "model.classifier."}
CARD = "imagenet."  # before the name of the model: imagenet.vgg16


def plan_of(features: Any) -> Plan:
    """Their layers, read back as the list that they came from."""
    plan: list[Any] = []
    for layer in features:
        if isinstance(layer, nn.Conv2d):
            kernel, width = layer.kernel_size[0], layer.out_channels
            plan.append(width if kernel == 3 else (width, kernel))
        elif isinstance(layer, nn.MaxPool2d):
            plan.append("M")
    return tuple(plan)


class Vgg(nn.Module):
    """torchvision.models.VGG of any configuration."""

    def __init__(self, m: Any):
        super().__init__()
        first, last = m.classifier[0], m.classifier[-1]
        self.model = VGG(
            plan=plan_of(m.features),
            classes=last.out_features,
            batch_norm=any(isinstance(layer, nn.BatchNorm2d) for layer in m.features),
            hidden=first.out_features,
        )
        for number in (2, 5):
            self.model.classifier[number].p = m.classifier[number].p
        copy_into(self, renamed(m.state_dict(), NAMES))

    def forward(self, x: Images) -> Tensor:
        return self.model(x)


def names() -> list[str]:
    """The models whose ImageNet weights have a card: vgg16 ..."""
    return [card.removeprefix(CARD) for card in CARDS if card.startswith(CARD)]


def with_weights(name: str) -> nn.Module:
    """torchvision's model holding its ImageNet weights, through `registry.fetch`.

    torchvision publishes pickles: the file is hashed first, then opened with `weights_only=True`,
    which builds tensors and runs nothing. Raises `Unavailable` where it cannot be had now.
    """
    state = torch.load(fetch(CARD + name), map_location="cpu", weights_only=True)
    with torch.device("meta"):  # no start is drawn that would be overwritten
        reference = torchvision.models.get_model(name)
    reference.load_state_dict(state, assign=True)
    return reference
