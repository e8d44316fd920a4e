"""A tone lights its own band, loudness goes away, a short clip is refused."""

import math

import pytest
import torch

from lecturelib.frontends.spectrogram import LogMel, fit_length


def tone(hertz: float, loudness: float = 0.3) -> torch.Tensor:
    return loudness * torch.sin(2 * math.pi * hertz * torch.arange(8000) / 8000)[None]


@pytest.mark.parametrize("hertz", [300.0, 1000.0, 2500.0])
def test_a_tone_lights_the_band_that_holds_it(hertz):
    """Bands are equally wide in mel = 2595 log10(1 + f/700), from 60 to 4,000 Hz."""
    mel = lambda f: 2595 * math.log10(1 + f / 700)  # noqa: E731
    centre = (mel(hertz) - mel(60)) / (mel(4000) - mel(60)) * 41 - 1
    found = LogMel()(tone(hertz)).mean((0, 1)).argmax()
    assert abs(int(found) - centre) <= 1


def test_one_frame_every_twenty_milliseconds():
    assert LogMel()(tone(500)).shape == (1, 51, 40)


def test_a_clip_has_mean_zero_and_deviation_one():
    mels = LogMel()(torch.cat([tone(500), tone(500, 0.01)]))
    assert mels.mean((1, 2)).tolist() == pytest.approx([0, 0], abs=1e-4)
    assert mels.std((1, 2)).tolist() == pytest.approx([1, 1], abs=1e-3)


def test_a_clip_shorter_than_a_window_is_refused():
    with pytest.raises(ValueError, match="100 samples are shorter than a window of 256"):
        LogMel()(torch.zeros(1, 100))


def test_clips_are_cut_or_filled_with_silence():
    wave = torch.arange(1.0, 5.0)[None]
    assert fit_length(wave, 2).tolist() == [[1, 2]]
    assert fit_length(wave, 6).tolist() == [[1, 2, 3, 4, 0, 0]]
