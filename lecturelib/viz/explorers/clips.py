"""Clips that an explorer plays and looks at: what a sound must be, its outline, a piece to hear."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lecturelib.viz.sound import mp3

RATE = 8000  # Hz, the telephone's: the narrowest source here
HOP = 160  # samples from one frame of an encoder to the next: 20 ms
EDGE = 4  # frames that may be missing or too many
SHORTEST, LONGEST = 0.5, 20.0  # seconds of a clip
OUTLINE = 240  # points of a clip's outline
AROUND = 0.1  # seconds either side of a piece: 20 ms alone cannot be heard

Wave: TypeAlias = Float[ndarray, " samples"]


@dataclass(frozen=True)
class Clip:
    """A sound of 0.5 s at least, mono, 8,000 Hz; `voice` says who speaks and `text` what is said.

    Both are "" if nobody knows. An overdriven clip is taken as it is. ValueError for any other
    shape, NaN, silence, too short.
    """

    name: str
    wave: Float[ndarray, "..."]
    voice: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        size = list(self.wave.shape)
        if self.wave.ndim != 1:
            raise ValueError(f"{self.name} is {size}: give one channel [samples], such as the mean")
        if not np.isfinite(self.wave).all():
            raise ValueError(f"{self.name} has NaN or infinity: repair the recording first")
        if self.seconds < SHORTEST:
            text = f"{self.name} lasts {self.seconds:.2f} s: at least {SHORTEST} s are needed"
            raise ValueError(text)
        if np.abs(self.wave).max() < 1e-4:
            raise ValueError(f"{self.name} is silent: check the microphone or choose another file")

    @property
    def seconds(self) -> float:
        return len(self.wave) / RATE


def outline(wave: Wave, points: int = OUTLINE) -> bytes:
    """The loudest sample of each of `points` stretches, a byte each, 255 for the whole clip's."""
    loud = np.array([np.abs(part).max() for part in np.array_split(wave, points)])
    return np.rint(255 * loud / loud.max()).astype(np.uint8).tobytes()


def check_frames(name: str, frames: int, wave: Wave) -> None:
    """ValueError unless there is a frame every 20 ms; front ends differ by a few at the ends."""
    if abs(frames - len(wave) / HOP) > EDGE:
        text = f"{name} gave {frames} frames for {len(wave) / RATE:.2f} s"
        raise ValueError(f"{text}: one every 20 ms is expected, at 8,000 Hz")


def piece(wave: Wave, first: int, last: int) -> bytes:
    """Frames first to last of a clip as MP3, with 0.1 s either side where there is so much."""
    start, end = (
        int(HOP * frame + RATE * AROUND * way) for frame, way in ((first, -1), (last + 1, 1))
    )
    return mp3(wave[max(0, start) : end], RATE)
