"""Frames to hear: 20 ms are too short for an ear, so that a frame is cut with what is around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from numpy import ndarray

from lecturelib.adapt.codes import Occurrence
from lecturelib.viz.explorers.clips import HOP, RATE
from lecturelib.viz.explorers.stage import CLASS_COLOURS

FRAME = HOP  # samples: frame t is samples 160 t to 160 (t + 1)
AROUND = 1200  # samples on either side: 150 ms
PIECE = FRAME + 2 * AROUND
PAUSE = 2000  # samples of silence between two pieces: 250 ms
FADE = 40  # samples: a cut that does not click
OUTLINE = 80  # points of a piece's outline


@dataclass(frozen=True)
class Recordings:
    """Clips [samples], mono, 8,000 Hz, who speaks and what is said.

    Raises ValueError on sizes that disagree and on NaN.
    """

    clips: Sequence[ndarray]
    speakers: Sequence[str]
    texts: Sequence[str]

    def __post_init__(self) -> None:
        if not self.clips:
            raise ValueError("no clips: give at least one")
        for what, own in (("speakers", self.speakers), ("texts", self.texts)):
            if len(own) != len(self.clips):
                raise ValueError(f"{len(own)} {what} for {len(self.clips)} clips: give one each")
        for number, clip in enumerate(self.clips):
            if clip.ndim != 1 or not clip.size or not np.isfinite(clip).all():
                text = f"clip {number} is {list(clip.shape)}: give finite samples of one channel"
                raise ValueError(text)

    def name(self, clip: int) -> str:
        """Who speaks and what."""
        return f"{self.speakers[clip]}: {self.texts[clip]}"

    def check(self, place: Occurrence) -> None:
        """ValueError for a frame that no clip has."""
        clip, frame = place
        if not 0 <= clip < len(self.clips):
            raise ValueError(f"clip {clip} is none of 0 to {len(self.clips) - 1}")
        last = (len(self.clips[clip]) - 1) // FRAME
        if not 0 <= frame <= last:
            raise ValueError(f"frame {frame} of clip {clip} is none of 0 to {last}")

    def piece(self, place: Occurrence) -> Float[ndarray, "2560"]:
        """The frame in the middle of 320 ms, the clip's loudest sample at 1; silence beyond it."""
        clip = np.asarray(self.clips[place.clip], np.float32)
        start = FRAME * place.frame
        loud = np.pad(clip, AROUND + FRAME)[start + FRAME : start + FRAME + PIECE]
        return loud / max(1e-6, float(np.abs(clip).max()))

    def sound(self, places: Sequence[Occurrence]) -> Float[ndarray, " samples"]:
        """The pieces one after the other, with a short pause between."""
        edge = np.minimum(1, np.arange(PIECE) / FADE).astype(np.float32)
        fade = edge * edge[::-1]
        parts = [part for place in places for part in (self.piece(place) * fade, np.zeros(PAUSE))]
        return np.concatenate(parts[:-1]).astype(np.float32)

    def facts(self, place: Occurrence) -> dict[str, Any]:
        """What the browser shows of a piece: who, what, when, and its outline, a byte a point."""
        second = round(FRAME * place.frame / RATE, 2)
        loud = np.abs(self.piece(place)).reshape(OUTLINE, -1).max(1)
        return {
            "speaker": self.speakers[place.clip],
            "text": self.texts[place.clip],
            "second": second,
            "outline": np.rint(255 * loud).astype(np.uint8).tobytes(),
        }


def draw_piece(axis: Axes, recordings: Recordings, place: Occurrence) -> None:
    """A piece as a waveform, its 20 ms marked, and who says what."""
    milliseconds = (np.arange(PIECE) - AROUND) / 8
    axis.plot(milliseconds, recordings.piece(place), color=CLASS_COLOURS[0], linewidth=0.7)
    axis.axvspan(0, FRAME / 8, color=CLASS_COLOURS[1], alpha=0.6)
    axis.set(ylim=(-1, 1))
    axis.set_title(recordings.name(place.clip), fontsize=10)
