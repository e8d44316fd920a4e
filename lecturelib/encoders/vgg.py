"""Stacks of 3x3 convolutions (Simonyan and Zisserman 2015): what came before the Transformer."""

from torch import Tensor, nn

from lecturelib.shapes import Features, Images

SMALL: tuple[int | str, ...] = ("M", 32, "M", 64, "M", 64)


class ConvStack(nn.Module):
    """3x3 convolutions from a list, as in the paper's Table 1: a number is a layer, "M" halves.

    [batch, channel, height, width] -> [batch, dim]: the mean of the last map over all places, so
    that pictures and spectrograms of any size go in. Batch norm (2015, after the paper) is on.
    """

    def __init__(self, *, channels: int = 1, plan: tuple[int | str, ...] = SMALL):
        super().__init__()
        layers: list[nn.Module] = []
        for entry in plan:
            if entry == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                width = int(entry)
                convolution = nn.Conv2d(channels, width, 3, padding=1, bias=False)
                layers += [convolution, nn.BatchNorm2d(width), nn.ReLU()]
                channels = width
        self.layers = nn.Sequential(*layers)
        self.dim = channels

    def maps(self, images: Images) -> Tensor:
        """The last feature maps [batch, dim, height', width']."""
        return self.layers(images)

    def forward(self, images: Images) -> Features:
        """One vector a picture."""
        return self.maps(images).mean((2, 3))
