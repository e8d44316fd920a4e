"""Raw numbers -> tokens: samples, pixels or the bits of a text, each a token, with its place.

Perceiver's input (Jaegle et al. 2021, Section 3.2): nothing is cut, filtered or looked up.
"""

import math
from collections.abc import Sequence

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.shapes import Tokens

Signal = Float[Tensor, "batch *places channel"]


class Raw(nn.Module):
    """[batch, *places, channel] -> tokens [batch, time, dim], one a place, row by row.

    places    how many along each axis: (24000,) samples, (32, 32) pixels, (200,) bytes
    channels  numbers a place: 1 sample, 3 colours, 8 bits
    bands     frequencies an axis with which a place is told

    The paper hands value and place to the attention side by side; here one linear layer mixes them
    before, so that the attention has one width.
    """

    def __init__(self, *, places: Sequence[int], channels: int, dim: int, bands: int = 32):
        super().__init__()
        self.places, self.channels = tuple(places), channels
        self.where: Tensor
        self.register_buffer("where", fourier(self.places, bands), persistent=False)
        self.embed = nn.Linear(channels + self.where.shape[1], dim)

    def forward(self, signal: Signal) -> Tokens:
        want = [*self.places, self.channels]
        if list(signal.shape[1:]) != want:
            raise ValueError(
                f"signal is {list(signal.shape[1:])}, places and channels are {want}: cut or fill "
                "it, or move its channels to the end"
            )
        values = rearrange(signal, "batch ... channel -> batch (...) channel")
        where = self.where.to(values).expand(len(values), -1, -1)
        return self.embed(torch.cat([values, where], dim=2))


def fourier(places: Sequence[int], bands: int) -> Float[Tensor, "time features"]:
    """A place as x, sin(pi f x), cos(pi f x) for each axis, x from -1 to 1 (Section 3.2).

    The frequencies f lie evenly between 1 and half of the places along that axis: the finest that
    so many places can show (Nyquist). Raises ValueError for an axis with fewer than two.
    """
    if min(places) < 2 or bands < 1:
        raise ValueError(
            f"places={tuple(places)}, bands={bands}: 2 places an axis and 1 band are the least"
        )
    axes = [torch.linspace(-1, 1, count, dtype=torch.float64) for count in places]
    x = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).flatten(0, -2)
    f = torch.stack([torch.linspace(1, c / 2, bands, dtype=torch.float64) for c in places])
    angle = math.pi * (x[:, :, None] * f).flatten(1)
    return torch.cat([x, angle.sin(), angle.cos()], dim=1)


def bits(texts: Sequence[str], length: int) -> Float[Tensor, "batch time 8"]:
    """A text as the bits of its UTF-8 bytes, -1 or 1, highest first; cut or filled with zeros.

    >>> bits(["a"], 2)[0, 0].tolist()  # 97 = 64 + 32 + 1
    [-1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0]
    """
    rows = [list(text.encode()[:length].ljust(length, b"\0")) for text in texts]
    return 2.0 * (torch.tensor(rows)[:, :, None] >> torch.arange(7, -1, -1) & 1) - 1
