"""A tone lights its own band, loudness goes away; filterbanks are a plain loop over frames."""

import math

import pytest
import torch
from torch.nn.utils.rnn import pad_sequence
from torchaudio.transforms import MFCC

from lecturelib.frontends.spectrogram import Filterbanks, LogMel, Mfcc, fit_length
from tests.oracle import error, padded, unchecked


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


def babble(seconds: float, seed: int = 0) -> torch.Tensor:
    """Noise that comes and goes, with a silence in the middle, float64 [samples]."""
    rng = torch.Generator().manual_seed(seed)
    samples = int(8000 * seconds)
    noise = torch.randn(samples, generator=rng, dtype=torch.float64)
    time = torch.arange(samples) / 8000
    loud = torch.sin(5 * time).abs() * ((time - seconds / 2).abs() > seconds / 8)
    return 0.1 * loud * noise + 1e-5 * noise


def by_hand(wave: torch.Tensor, bank: Filterbanks) -> torch.Tensor:
    """One clip, frame by frame: mel bands of a Hann window's spectrum, means, voice activity."""
    window = torch.hann_window(200).double()
    frames = [wave[t : t + 200] for t in range(0, len(wave) - 199, 80)]
    power = torch.stack([torch.fft.rfft(window * frame).abs() ** 2 for frame in frames])
    log = torch.log(power @ bank.mel.mel_scale.fb + 1e-6)
    energy = [math.log(max(1.0, float(((32768 * frame) ** 2).sum()))) for frame in frames]
    threshold, found = 5.5 + 0.5 * sum(energy) / len(energy), []
    for t in range(len(frames)):
        begin = max(0, min(t - 150, len(frames) - 300))
        around = log[begin : min(begin + 300, len(frames))]
        if max(energy[max(0, t - 2) : t + 3]) > threshold:
            found.append(log[t] - around.mean(0))
    return torch.stack(found)


@pytest.mark.parametrize("seconds", [1.0, 7.0])
def test_filterbanks_are_a_plain_loop_over_frames(seconds):
    """Shorter and longer than the 3 s over which the mean is taken; some frames are left out."""
    bank, wave = Filterbanks().double(), babble(seconds)
    frames = bank(wave[None])
    assert 0.5 < frames.features.shape[1] / (100 * seconds) < 0.95
    assert not frames.is_pad.any()
    assert error(frames.features[0], by_hand(wave, bank)) < 1e-10


def test_twenty_four_bands_of_the_recipes_range_in_25_ms_every_10_ms():
    """The published recipe: 20 ... 3,700 Hz at 8,000 Hz."""
    bank = Filterbanks()
    assert (bank.window, bank.step, bank.around) == (200, 80, 300)
    assert bank(babble(1.0).float()[None]).features.shape[-1] == 24
    heard = bank.mel.mel_scale.fb.sum(1).nonzero().flatten() * 40  # bins are 40 Hz apart
    assert (heard.min(), heard.max()) == (40, 3680)


@pytest.mark.parametrize("make", [Filterbanks, Mfcc])
def test_a_clip_in_a_batch_is_the_clip_alone(make):
    """The filling is loud on purpose: nothing of it is heard."""
    frontend, clips = make().double(), [babble(1.0), babble(4.0, 1), babble(2.2, 2)]
    is_pad = padded([len(clip) for clip in clips])
    waves = torch.where(is_pad, 0.7, pad_sequence(clips, batch_first=True))
    features, is_filling = frontend(waves, is_pad)
    assert not is_filling.all(0).any()
    for row, clip in enumerate(clips):
        alone = frontend(clip[None]).features[0]
        assert error(features[row][~is_filling[row]], alone) < 1e-10
        assert (features[row][is_filling[row]] == 0).all()


def test_cepstra_are_torchaudios():
    """Whose mean over a clip shorter than 3 s is taken off, where there is speech throughout."""
    wave = 0.1 * torch.randn(1, 8000, generator=torch.Generator().manual_seed(0)).double()
    mel = {"n_fft": 200, "hop_length": 80, "n_mels": 24, "center": False, "f_min": 20}
    reference = MFCC(8000, 20, log_mels=True, melkwargs=mel | {"f_max": 3700}).double()
    want = reference(wave)[0].T
    assert error(Mfcc().double()(wave).features[0], want - want.mean(0)) < 1e-10


def test_a_fixed_change_of_colour_or_loudness_goes_away():
    """A microphone multiplies the spectrum: a constant in log, so that its mean is all of it."""
    wave = 0.1 * torch.randn(1, 24000, generator=torch.Generator().manual_seed(0)).double()
    bank = Filterbanks().double()
    assert error(bank(3 * wave).features, bank(wave).features) < 1e-4  # up to the 1e-6 in the log


@pytest.mark.parametrize("make", [Filterbanks, Mfcc])
def test_what_the_speech_front_ends_refuse(make):
    frontend, fine = make(), babble(1.0).float().repeat(2, 1)
    silent, broken = fine.clone(), fine.clone()
    silent[1], broken[0, 3] = 0, math.nan
    with pytest.raises(ValueError, match=r"rows \[1\] are silent, mean log energy \[0.0\]: drop"):
        frontend(silent)
    with pytest.raises(ValueError, match=r"rows \[0\] have NaN or infinity: drop or repair"):
        frontend(broken)
    with pytest.raises(ValueError, match=r"rows \[0, 1\] have \[199, 199\] samples, at least 200"):
        frontend(fine[:, :199])
    with pytest.raises(ValueError, match=r"waves reach 1638, not about 1: divide 16-bit samples"):
        frontend(1638 * fine / fine.abs().max())
    with unchecked(), pytest.raises(ValueError, match=r"\[1, 2, 8000\].*: average the channels"):
        frontend(fine[None])
