"""Sounds to press: small MP3 players inside a notebook."""

import io
from collections.abc import Sequence

import numpy as np
import soundfile
from IPython.display import HTML, Audio


def mp3(wave: np.ndarray, rate: int) -> bytes:
    """A mono wave as MP3 bytes, its peak at 0.9: a second takes about 4 kB."""
    file = io.BytesIO()
    loud = 0.9 * wave / max(1e-6, float(np.abs(wave).max()))
    soundfile.write(file, loud, rate, format="MP3")
    return file.getvalue()


def players(waves: Sequence[np.ndarray], rate: int, titles: Sequence[str]) -> HTML:
    """A row of players, a title under each."""
    cells = []
    for wave, title in zip(waves, titles, strict=True):
        sound = Audio(mp3(np.asarray(wave), rate)).src_attr()
        cells.append(
            "<figure style='display:inline-block;margin:4px;text-align:center'>"
            f"<audio controls src='{sound}' style='width:160px' aria-label='{title}'></audio>"
            f"<figcaption>{title}</figcaption></figure>"
        )
    return HTML("".join(cells))
