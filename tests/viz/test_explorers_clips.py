"""A piece of a clip to hear: its frames and 0.1 s either side, the frames where they belong."""

import io

import numpy as np
import pytest
import soundfile

from lecturelib.viz.explorers.clips import HOP, RATE, check_frames, piece


def heard(sound: bytes) -> np.ndarray:
    wave, rate = soundfile.read(io.BytesIO(sound))
    assert rate == RATE
    return wave


@pytest.mark.parametrize(
    ("first", "last", "seconds"),
    [(20, 20, 0.22), (20, 29, 0.4), (0, 0, 0.12), (49, 49, 0.12), (0, 49, 1.0)],
)
def test_a_piece_is_as_long_as_its_frames_and_what_is_around(
    first: int, last: int, seconds: float
) -> None:
    """MP3 works in blocks of 72 ms and adds up to two of them in front."""
    wave = np.sin(np.arange(RATE) * 0.5).astype(np.float32)
    assert 0 <= len(heard(piece(wave, first, last))) / RATE - seconds < 0.2


def test_a_piece_is_loud_where_its_frames_are() -> None:
    """A burst in frame 30 is heard in the pieces that reach it, and not beyond 0.1 s."""
    wave = np.full(RATE, 1e-6, np.float32)
    wave[30 * HOP : 31 * HOP] = np.sin(np.arange(HOP) * 0.8)
    whole = np.abs(wave).max()
    for frame, is_heard in [(24, False), (26, True), (30, True), (34, True), (36, False)]:
        start, end = frame * HOP - RATE // 10, (frame + 1) * HOP + RATE // 10
        assert (np.abs(wave[start:end]).max() == whole) == is_heard
        loud = np.abs(heard(piece(wave, frame, frame)))
        share = (loud > 0.3 * loud.max()).mean()
        assert (share < 0.3) == is_heard, (frame, share)


@pytest.mark.parametrize("frames", [46, 50, 54])
def test_front_ends_may_differ_by_four_frames(frames: int) -> None:
    check_frames("ours", frames, np.zeros(RATE))


@pytest.mark.parametrize("frames", [25, 45, 55, 100])
def test_another_pace_of_frames_is_refused(frames: int) -> None:
    with pytest.raises(ValueError, match=f"ours gave {frames} frames for 1.00 s: one every 20 ms"):
        check_frames("ours", frames, np.zeros(RATE))
