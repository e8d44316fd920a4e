"""Real photographs with no network: six that scikit-image and scikit-learn carry, as squares."""

import torch

from lecturelib.data import registry
from lecturelib.data.images import Images, photo

NAMES = ("cat", "astronaut", "coffee", "rocket", "flower", "temple")


def photos(size: int) -> Images:
    """Six photographs [6, 3, size, size] in 0-1, one a class: `classes` are their names. Offline.

    The shorter side is scaled to `size`, the middle is kept. Raises ValueError for a size below 1.
    """
    if size < 1:
        raise ValueError(f"size={size}: a square of at least 1 pixel is wanted")
    paths = [registry.fetch(f"photos.{name}") for name in NAMES]
    pixels = torch.stack([photo(path, size) for path in paths])
    found = Images(pixels, torch.arange(len(NAMES)), NAMES, registry.origin(paths[0]))
    registry.report(f"photos: {len(found)} of {size}x{size}", found.source)
    return found
