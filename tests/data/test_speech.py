"""Speech: what the files hold, who is in which split, and what is no speech."""

import io
import math
import tarfile
import time
from pathlib import Path

import pytest
import soundfile
import torch
from torch import Tensor

from lecturelib.data import prompts, registry, speech, synthetic
from lecturelib.data.speech import Utterance
from lecturelib.data.splits import SPLITS, plain
from lecturelib.data.synthetic import Line
from tests.data.leakage import disjoint
from tests.requirements import require


def tone(rate: int, hertz: float = 440, seconds: float = 0.5) -> Tensor:
    return 0.5 * torch.sin(2 * math.pi * hertz * torch.arange(int(rate * seconds)) / rate)


def written(path: Path, wave: Tensor, rate: int) -> Path:
    soundfile.write(path, wave.numpy(), rate, subtype="FLOAT", format="WAV")
    return path


def test_read_gives_back_what_was_written(tmp_path: Path) -> None:
    wave = tone(8_000)
    assert torch.equal(speech.read(written(tmp_path / "a.wav", wave, 8_000), 8_000), wave)


def test_stereo_is_averaged_when_asked(tmp_path: Path) -> None:
    left, right = tone(8_000), tone(8_000, 300)
    path = written(tmp_path / "a.wav", torch.stack([left, right], 1), 8_000)
    with pytest.raises(ValueError, match=r"a\.wav has 2 channels: mix=True averages"):
        speech.read(path, 8_000)
    torch.testing.assert_close(speech.read(path, 8_000, mix=True), (left + right) / 2)


def test_another_rate_is_converted_when_asked(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(44_100), 44_100)
    with pytest.raises(ValueError, match=r"at 44100 Hz, rate=8000: resample=True"):
        speech.read(path, 8_000)
    wave = speech.read(path, 8_000, resample=True)
    torch.testing.assert_close(wave[100:-100], tone(8_000)[100:-100], atol=2e-3, rtol=0)


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (torch.zeros(0), "a.wav is empty"),
        (torch.tensor([0.0, math.nan]), "a.wav holds NaN or infinity"),
        (torch.tensor([0.0, math.inf]), "a.wav holds NaN or infinity"),
    ],
)
def test_what_is_no_sound(tmp_path: Path, wave: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        speech.read(written(tmp_path / "a.wav", wave, 8_000), 8_000)


def test_a_file_that_is_no_sound(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(ValueError, match=r"a\.wav is not a readable sound file"):
        speech.read(tmp_path / "a.wav", 8_000)


def utterance(length: int, rate: int = 8_000) -> Utterance:
    return Utterance(torch.ones(length), rate, "one", "ann", "en", None, "here")


def test_a_batch_is_filled_up_to_the_longest() -> None:
    made = speech.batch([utterance(2), utterance(3)], torch.tensor([0, 1]))
    assert made.signal.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert made.is_pad is not None
    assert made.is_pad.tolist() == [[False, False, True], [False, False, False]]
    assert made.meta["speaker"] == ["ann", "ann"]
    with pytest.raises(ValueError, match=r"utterances at \[8000, 16000\] Hz"):
        speech.batch([utterance(2), utterance(2, 16_000)])
    with pytest.raises(ValueError, match="no utterances"):
        speech.batch([])


def fsdd_archive(folder: Path) -> Path:
    path = folder / "toy.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for n, speaker in enumerate(("george", "yweweler", "lucas", "theo")):
            data = io.BytesIO()
            soundfile.write(data, tone(8_000, 200 + n).numpy(), 8_000, "FLOAT", format="WAV")
            info = tarfile.TarInfo(f"free/recordings/{n + 3}_{speaker}_{n + 40}.wav")
            info.size = data.tell()
            data.seek(0)
            file.addfile(info, data)
    return path


def test_fsdd_file_names_are_digit_speaker_take(tmp_path: Path) -> None:
    path = fsdd_archive(tmp_path)
    found = {s: speech._fsdd_recordings(path, s, 8_000) for s in SPLITS}
    said = {s: [(u.text, u.speaker, u.take) for u in found[s]] for s in SPLITS}
    assert said == {
        "train": [("three", "george", 40)],
        "validation": [("four", "yweweler", 41)],
        "test": [("five", "lucas", 42), ("six", "theo", 43)],
    }
    assert torch.equal(found["test"][0].wave, tone(8_000, 202))


def counts(utterances: list[Utterance]) -> dict[str, int]:
    return {
        name: sum(u.speaker == name for u in utterances) for name in {u.speaker for u in utterances}
    }


def test_real_fsdd() -> None:
    require("mirror", registry.find("fsdd") is not None, "fsdd is not in the cache or mirror")
    parts = [speech.fsdd(split) for split in SPLITS]
    people = [{"george", "jackson", "nicolas"}, {"yweweler"}, {"lucas", "theo"}]
    assert [counts(part) for part in parts] == [dict.fromkeys(names, 500) for names in people]
    for part in parts:
        said = {(u.speaker, u.text, u.take) for u in part}
        assert len(said) == len(part) == len({u.speaker for u in part}) * 10 * 50
        assert not any("synthetic" in u.source for u in part)
    both = speech.fsdd("validation", rate=16_000)[0]
    assert len(both.wave) == 2 * len(parts[1][0].wave)


def test_fsdd_falls_back_on_synthetic_speech_in_one_line(
    offline: Path, capsys: pytest.CaptureFixture
) -> None:
    found = speech.fsdd("validation")
    assert capsys.readouterr().out == (
        "fsdd validation: 500 spoken digits, from synthetic speech (eSpeak NG), "
        "a stand-in (LECTURELIB_OFFLINE=1)\n"
    )
    assert counts(found) == {"yweweler": 500}
    assert {(u.text, u.take) for u in found} == {
        (d, t) for d in synthetic.DIGITS for t in range(50)
    }
    assert {u.source for u in found} == {synthetic.SOURCE}
    again = speech._fsdd_synthetic("validation", 8_000)
    assert all(torch.equal(a.wave, b.wave) for a, b in zip(found, again, strict=True))
    assert not offline.exists()


def test_synthetic_is_the_same_twice_and_differs_by_voice_and_text() -> None:
    texts, voices = ["one", "two hundred"], ["en", "en+f3", "de"]
    found = speech.synthetic(texts, voices, rate=16_000)
    time.sleep(1.1)  # left to itself, eSpeak NG seeds its noise with the second of the clock
    again = speech.synthetic(texts, voices, rate=16_000)
    assert all(torch.equal(a.wave, b.wave) for a, b in zip(found, again, strict=True))
    assert [(u.text, u.speaker, u.language) for u in found] == [
        (text, f"eSpeak {voice}", voice[:2]) for voice in voices for text in texts
    ]
    assert len({u.wave.numpy().tobytes() for u in found}) == 6
    assert all(0.1 < u.wave.abs().max() <= 1 for u in found)
    assert all(0.2 < len(u.wave) / 16_000 < 2 for u in found)


def test_a_faster_speaker_needs_less_time() -> None:
    slow, fast = synthetic.speak([Line("twenty one", "en", 100), Line("twenty one", "en", 300)])
    assert 2 * len(fast) < len(slow)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (Line(" ", "en"), "text=' ' has nothing to say"),
        (Line("one", "en+nobody"), "no variant 'nobody': one of .*f3"),
        (Line("one", "nosuch"), "no voice 'nosuch'"),
        (Line("one", "en", speed=900), "speed=900, pitch=50: within 80-450 and 0-99"),
        (Line("one", "en", pitch=100), "speed=175, pitch=100"),
    ],
)
def test_what_espeak_cannot_say(line: Line, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        synthetic.speak([line])


def test_transcripts_keep_plain_speech_only() -> None:
    listing = """; Core sounds
activated: Activated.
beep: [this is a simple beep tone]
silence/1: (1 second of silence)
dots: ...
low: <beep descending>
tone: un suono beep di errore
swallowed: Prima confbridge-mute-in: dopo
digits/1: one
"""
    assert speech.transcripts(listing) == {"activated": "Activated.", "digits/1": "one"}


def test_prompts_fall_back_on_synthetic_speech_in_one_line(
    offline: Path, capsys: pytest.CaptureFixture
) -> None:
    parts = {split: speech.prompts(("en", "ru"), split) for split in SPLITS}
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("prompts test (en, ru): ")
    assert lines[2].endswith("from synthetic speech (eSpeak NG), a stand-in (LECTURELIB_OFFLINE=1)")
    texts = [{plain(u.text or "") for u in parts[s]} for s in SPLITS]
    assert disjoint(texts)
    whole = {plain(t) for language in ("en", "ru") for t in synthetic.sentences(language)}
    assert set.union(*texts) == whole
    assert {u.language for u in parts["test"]} == {"en", "ru"}
    assert not offline.exists()


def test_languages_that_nobody_speaks() -> None:
    with pytest.raises(ValueError, match=r"not spoken in \['de'\]"):
        speech.prompts(("de",))


def test_the_manifest_is_complete() -> None:
    names = list(prompts.manifest())
    waves = {language: 0 for language in speech.LANGUAGES}
    for name in names:
        waves[name[:2]] += name.endswith(".wav")
    assert waves == {"en": 568, "es": 527, "fr": 561, "it": 599, "ru": 576}
    assert len(names) == len(set(prompts.manifest().values())) == 2_831 + 5


def toy_prompts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A mirror with a small archive of English prompts, and the manifest that goes with it."""
    import hashlib

    raw, mirror = folder / "raw", folder / "mirror"
    raw.mkdir()
    mirror.mkdir()
    written(raw / "agent-user.wav", tone(8_000), 8_000)
    (raw / "core-sounds-en.txt").write_text("agent-user: Please enter.\n")
    card = registry.CARDS["prompts.en"]
    with tarfile.open(mirror / card.file, "w:gz") as file:
        file.add(raw, ".")
    sums = {f"en/{p.name}": hashlib.sha256(p.read_bytes()).hexdigest() for p in raw.iterdir()}
    monkeypatch.setattr(prompts, "manifest", lambda: sums)
    monkeypatch.setenv("LECTURELIB_MIRROR", str(mirror))
    return raw, mirror


def test_prompts_are_unpacked_and_each_file_is_checked(
    offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_prompts(tmp_path, monkeypatch)
    place = registry.fetch("prompts.en")
    assert place == offline / "prompts-1.6.1" / "en"
    assert sorted(p.name for p in place.parent.rglob("*")) == [
        "agent-user.wav", "core-sounds-en.txt", "en",
    ]  # fmt: skip
    found = speech._prompt_recordings(place, speech.by_text("Please enter."), 8_000)
    assert [(u.text, u.speaker, u.language) for u in found] == [
        ("Please enter.", "Allison Smith", "en")
    ]
    torch.testing.assert_close(found[0].wave, tone(8_000))
    with (place / "agent-user.wav").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ValueError, match=r"agent-user\.wav has a wrong SHA-256: delete the folder"):
        registry.fetch("prompts.en")
    (place / "agent-user.wav").unlink()
    with pytest.raises(ValueError, match=r"agent-user\.wav is missing"):
        registry.find("prompts.en")


def test_an_archive_with_other_files_leaves_nothing(
    offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_prompts(tmp_path, monkeypatch)
    prompts.manifest()["en/agent-user.wav"] = "0" * 64
    with pytest.raises(ValueError, match=r"agent-user\.wav has a wrong SHA-256"):
        registry.fetch("prompts.en")
    assert list((offline / "prompts-1.6.1").iterdir()) == []


def test_real_prompts_share_no_text() -> None:
    here = all(registry.find(f"prompts.{language}") for language in speech.LANGUAGES)
    if not here:
        pytest.skip("the prompts are not in the cache: python -m lecturelib data fetch prompts")
    parts = [speech.prompts(split=split) for split in SPLITS]
    texts = [{plain(u.text or "") for u in part} for part in parts]
    assert disjoint(texts)
    waves = [{u.wave.numpy().tobytes() for u in part} for part in parts]
    assert disjoint(waves)
    assert {len({u.language for u in part}) for part in parts} == {5}
    minutes = sum(len(u.wave) for part in parts for u in part) / 8_000 / 60
    assert 115 < minutes < 123  # 123 with beeps, silence and what has no transcript
