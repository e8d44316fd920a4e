"""Speech at scale, on small imitations of the archives: nothing of the real size fits a test."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
import torch

from lecturelib.data import corpora, registry


def pack(folder: Path, name: str, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    card = registry.CARDS[name]
    path = folder / card.file
    with tarfile.open(path, "w:gz") as archive:
        for inside, data in files.items():
            info = tarfile.TarInfo(inside)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    known = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(registry.CARDS, name, replace(card, hash=known, size=path.stat().st_size))
    monkeypatch.setenv("LECTURELIB_MIRROR", str(folder))


def sound(value: float, kind: str) -> bytes:
    data = io.BytesIO()
    soundfile.write(data, torch.full((1_600,), value).numpy(), 16_000, format=kind)
    return data.getvalue()


def test_librispeech(offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "LibriSpeech/dev-clean/84/12/84-12-0000.flac": sound(0.25, "FLAC"),
        "LibriSpeech/dev-clean/84/12/84-12-0001.flac": sound(0.5, "FLAC"),
        "LibriSpeech/dev-clean/84/12/84-12.trans.txt": b"84-12-0000 GO ON\n84-12-0001 STOP IT\n",
    }
    pack(tmp_path, "librispeech.dev-clean", files, monkeypatch)
    found = corpora.librispeech("validation")
    said = [(u.text, u.speaker, round(float(u.wave.mean()), 2)) for u in found]
    assert said == [("go on", "84", 0.25), ("stop it", "84", 0.5)]
    assert len(corpora.librispeech("validation", limit=1)) == 1
    assert len(corpora.librispeech("validation", rate=8_000)[0].wave) == 800
    assert [p.name for p in offline.iterdir()] == ["unpacked-librispeech.dev-clean"]


def test_speech_commands(offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "validation_list.txt": b"go/bb_nohash_0.wav\n",
        "testing_list.txt": b"go/cc_nohash_1.wav\n",
        "go/aa_nohash_0.wav": sound(0.25, "WAV"),
        "go/bb_nohash_0.wav": sound(0.5, "WAV"),
        "go/cc_nohash_1.wav": sound(0.75, "WAV"),
        "_background_noise_/noise.wav": sound(0.1, "WAV"),
    }
    pack(tmp_path, "speech_commands", files, monkeypatch)
    found = [corpora.speech_commands(split)[0] for split in ("train", "validation", "test")]
    said = [(u.text, u.speaker, u.take, round(float(u.wave.mean()), 2)) for u in found]
    assert said == [("go", "aa", 0, 0.25), ("go", "bb", 0, 0.5), ("go", "cc", 1, 0.75)]


@pytest.mark.usefixtures("offline")
def test_nothing_stands_in_for_speech_at_scale() -> None:
    with pytest.raises(registry.Unavailable, match="LECTURELIB_OFFLINE=1"):
        corpora.librispeech("test")
