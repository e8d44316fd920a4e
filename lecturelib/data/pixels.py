"""What every image model asks of its pictures: floats near 0-1, the right number of colours."""

from torch import Tensor

BRIGHTEST = 20.0  # normalised pixels reach about 3; raw bytes reach 255


def check_pixels(images: Tensor, channels: int) -> None:
    """ValueError unless `images` is [batch, channels, height, width] in floats that may be pixels.

    Pixels are 0-1, or normalised: below 0 and up to about 3. Beyond 20 they are bytes.
    """
    if images.ndim != 4:
        raise ValueError(
            f"images are {list(images.shape)}: they need the axes batch, channel, height, width"
        )
    if images.shape[1] != channels:
        raise ValueError(
            f"images have {images.shape[1]} channels, this model takes {channels}: "
            "images.expand(-1, 3, -1, -1) makes grey coloured, images.mean(1, True) colour grey"
        )
    if not images.is_floating_point():
        raise ValueError(f"images are {images.dtype}, 0-255: divide by 255 to have floats in 0-1")
    if images.numel() and images.detach().max() > BRIGHTEST:
        raise ValueError(
            f"images reach {images.detach().max():g}, pixels are 0-1: divide by 255 first"
        )
