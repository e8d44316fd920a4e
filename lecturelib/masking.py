"""What is hidden from the model. The oldest trick first: hide which way is up."""

import torch
from torch import Generator

from lecturelib.shapes import Images, Labels


def turn(images: Images, quarters: Labels) -> Images:
    """Turn picture i counter-clockwise by quarters[i] x 90 degrees; pictures must be square."""
    if images.shape[2] != images.shape[3]:
        raise ValueError(
            f"{images.shape[2]}x{images.shape[3]} pictures cannot turn: crop to a square"
        )
    pairs = zip(images, quarters.tolist(), strict=True)
    return torch.stack([image.rot90(quarter, (1, 2)) for image, quarter in pairs])


def quarter_turns(images: Images, rng: Generator) -> tuple[Images, Labels]:
    """Turn each picture by 0-3 quarters at random; how many is a label that costs nothing.

    RotNet (Gidaris et al. 2018, section 2.1).
    """
    quarters = torch.randint(4, (len(images),), generator=rng)
    return turn(images, quarters), quarters.to(images.device)
