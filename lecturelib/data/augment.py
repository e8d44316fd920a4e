"""Small changes that leave the label alone: noise for a noisy student, views for contrast."""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lecturelib.shapes import Images


def uniform(count: int, reach: float, rng: Generator) -> Tensor:
    """`count` numbers between -reach and reach."""
    return (torch.rand(count, generator=rng) * 2 - 1) * reach


def jitter(images: Images, rng: Generator) -> Images:
    """Turn by up to 12 degrees, scale by 12 %, shear by 0.1, move by 9 % of the side."""
    count = len(images)
    angle, shear = uniform(count, math.radians(12), rng), uniform(count, 0.1, rng)
    scale = 1 + uniform(count, 0.12, rng)
    across, down = uniform(count, 0.18, rng), uniform(count, 0.18, rng)  # of the half side
    matrix = torch.stack(
        [
            torch.stack([scale * angle.cos(), -angle.sin() + shear, across], 1),
            torch.stack([angle.sin(), scale * angle.cos(), down], 1),
        ],
        1,
    ).to(images)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def crop_and_mirror(images: Images, rng: Generator, *, reach: int = 4) -> Images:
    """Photos: move by up to `reach` pixels (mirrored at the edge), and mirror every second one.

    The usual noise for CIFAR-10 (He et al. 2016, Section 4.2, with a mirror instead of black).
    """
    count, _, height, width = images.shape
    down, across = torch.randint(2 * reach + 1, (2, count, 1), generator=rng)
    mirrored = torch.rand(count, 1, generator=rng) < 0.5
    columns = torch.arange(width).expand(count, -1)
    columns = torch.where(mirrored, columns.flip(1), columns) + across
    rows = torch.arange(height) + down
    wide = F.pad(images, (reach, reach, reach, reach), mode="reflect")
    which = torch.arange(count)[:, None, None]
    return wide.movedim(1, -1)[which, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)


def jitter_mels(mels: Images, rng: Generator) -> Images:
    """Spectrograms [batch, 1, mels, time]: move in time by 10 %, louder or softer, hide a band.

    Hiding a band and a stretch of time is SpecAugment (Park et al. 2019, section 2).
    """
    count, _, height, width = mels.shape
    moved = torch.stack(
        [
            torch.roll(mel, int(by), -1)
            for mel, by in zip(mels, uniform(count, 0.1 * width, rng), strict=True)
        ]
    )
    moved = moved + uniform(count, 0.3, rng).to(mels)[:, None, None, None]
    for axis, length in ((2, height), (3, width)):
        start = torch.randint(length, (count, 1), generator=rng)
        span = torch.randint(1 + length // 5, (count, 1), generator=rng)
        place = torch.arange(length)[None]
        hidden = ((place >= start) & (place < start + span)).to(mels.device)
        shape = (count, 1, length, 1) if axis == 2 else (count, 1, 1, length)
        moved = moved.masked_fill(hidden.view(shape), 0.0)
    return moved
