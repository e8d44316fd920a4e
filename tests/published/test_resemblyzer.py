"""Resemblyzer's own code on the same weights, in float64; its spectrogram by hand."""

import importlib
import sys
import types
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers.audio_utils import mel_filter_bank

from lecturelib.data import wheels
from lecturelib.data.cards import CARDS
from lecturelib.data.registry import Unavailable, fetch
from lecturelib.published.resemblyzer import SpeakerEncoder, as_loud, speaker_encoder, starts
from tests.oracle import error
from tests.requirements import require

RNG = np.random.default_rng(0)


def mels_by_hand(wave: np.ndarray) -> np.ndarray:
    """librosa.feature.melspectrogram in its defaults, written out; Slaney's bands."""
    padded = np.pad(wave, 200)
    frames = np.stack([padded[at : at + 400] for at in range(0, len(padded) - 399, 160)])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    return power @ mel_filter_bank(201, 40, 0.0, 8000.0, 16000, "slaney", "slaney")


@pytest.fixture(scope="module")
def encoder() -> SpeakerEncoder:
    try:
        return speaker_encoder()
    except Unavailable as error:
        require("peers", False, str(error))
        raise


@pytest.fixture
def theirs(encoder: SpeakerEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Their voice_encoder.py as it is in the wheel; only its sound library is written out here."""
    with zipfile.ZipFile(fetch("resemblyzer")) as wheel:
        wheel.extractall(tmp_path)
    package, audio = types.ModuleType("resemblyzer"), types.ModuleType("resemblyzer.audio")
    package.__path__ = [str(tmp_path / "resemblyzer")]
    package.audio, audio.wav_to_mel_spectrogram = audio, mels_by_hand
    for name, module in (("resemblyzer", package), ("resemblyzer.audio", audio)):
        monkeypatch.setitem(sys.modules, name, module)
    source = importlib.import_module("resemblyzer.voice_encoder")
    yield source.VoiceEncoder("cpu", verbose=False).double()
    for name in ("resemblyzer.voice_encoder", "resemblyzer.hparams"):
        sys.modules.pop(name)


def voice(seconds: float) -> torch.Tensor:
    """A buzz with a moving formant: [samples] at 8 kHz in float64."""
    time = torch.arange(int(8000 * seconds), dtype=torch.double) / 8000
    buzz = torch.sin(2 * torch.pi * 120 * time).sign() * (1 + torch.sin(20 * time)) / 2
    return 0.2 * buzz + 0.01 * torch.from_numpy(RNG.normal(size=len(time)))


@pytest.mark.parametrize("seconds", [0.3, 1.6, 2.7, 4.1])
def test_clips_are_encoded_as_by_resemblyzer(
    encoder: SpeakerEncoder, theirs: torch.nn.Module, seconds: float
) -> None:
    ours = SpeakerEncoder().double().eval()
    ours.load_state_dict({k: v.double() for k, v in encoder.state_dict().items()}, strict=False)
    # Tables that both sides compute in float64 by themselves, not rounded to float32 before.
    ours.mel.mel_scale.fb = torch.from_numpy(
        mel_filter_bank(201, 40, 0.0, 8000.0, 16000, "slaney", "slaney")
    )
    ours.mel.spectrogram.window = torch.hann_window(400, dtype=torch.double)
    wave = voice(seconds)
    want = theirs.embed_utterance(as_loud(ours.resample(wave)).numpy())
    have = ours(wave[None])[0].detach()
    assert error(have, torch.from_numpy(want)) < 1e-10
    assert have.norm().item() == pytest.approx(1)


def test_the_spectrogram_is_librosas_to_float32() -> None:
    wave = RNG.normal(size=16000)
    have = SpeakerEncoder().mel(torch.from_numpy(wave).float()).T.numpy()
    want = mels_by_hand(wave)
    assert have.shape == want.shape
    np.testing.assert_allclose(have, want, rtol=1e-4, atol=1e-6 * want.max())


@pytest.mark.parametrize("samples", [1, 25599, 25600, 40000, 43999, 64000, 100_003])
def test_partial_utterances_start_where_theirs_do(theirs: torch.nn.Module, samples: int) -> None:
    _, parts = theirs.compute_partial_slices(samples, rate=1.3, min_coverage=0.75)
    assert starts(samples) == [part.start for part in parts]


def test_padding_changes_nothing(encoder: SpeakerEncoder) -> None:
    short, long = voice(1.0).float(), voice(2.5).float()
    filled = torch.nn.functional.pad(short, (0, len(long) - len(short)), value=0.7)
    is_pad = torch.zeros(2, len(long), dtype=torch.bool)
    is_pad[0, len(short) :] = True
    with torch.no_grad():
        both = encoder(torch.stack([filled, long]), is_pad)
        assert torch.equal(both[0], encoder(short[None])[0])
        assert torch.equal(both[1], encoder(long[None])[0])


def test_quiet_clips_are_made_30_db_below_full_scale_and_loud_ones_stay() -> None:
    quiet, loud = voice(1.0) * 1e-3, voice(1.0)
    level = 10 * as_loud(quiet).square().mean().log10()
    assert level.item() == pytest.approx(-30)
    assert torch.equal(as_loud(loud), loud)


def test_silence_and_nan_are_refused() -> None:
    model = SpeakerEncoder()
    with pytest.raises(ValueError, match="16000 samples of silence: there is no voice"):
        model(torch.zeros(1, 16000))
    with pytest.raises(ValueError, match="NaN or infinity: repair the recording"):
        model(torch.full((1, 16000), torch.nan))


def test_without_network_and_without_the_wheel_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path))
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    with pytest.raises(Unavailable, match="resemblyzer cannot be had now: LECTURELIB_OFFLINE=1"):
        speaker_encoder()
    monkeypatch.delenv("LECTURELIB_OFFLINE")
    monkeypatch.setattr(wheels, "PIP", (sys.executable, "-c", "raise SystemExit('no index')"))
    with pytest.raises(Unavailable, match=r"pip could not download resemblyzer==0\.1\.4 \(no ind"):
        speaker_encoder()
    assert list(tmp_path.iterdir()) == []


def test_a_changed_wheel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path))
    (tmp_path / CARDS["resemblyzer"].file).write_bytes(b"changed")
    with pytest.raises(ValueError, match=r"its card says .* delete the file and run again"):
        speaker_encoder()
