"""Voices: who is in which split, who says what, and what cannot be read."""

import io
import math
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from lecturelib.data import registry, speech, synthetic, voices
from lecturelib.data.phrases import LANGUAGES, phrases
from lecturelib.data.speech import Utterance
from lecturelib.data.splits import SPLITS, plain
from lecturelib.data.voices import CAST, LEVEL
from tests.data.leakage import disjoint
from tests.data.server import serve
from tests.requirements import require


def loudness(said: Utterance) -> float:
    return float(said.wave.square().mean().sqrt())


@pytest.mark.parametrize("language", LANGUAGES)
def test_512_sentences_a_language_and_none_in_two_splits(language: str) -> None:
    parts = [{plain(text) for text in phrases(language, split)} for split in SPLITS]
    assert disjoint(parts)
    assert sum(map(len, parts)) == 512
    assert min(map(len, parts)) >= 38


def test_a_language_that_nobody_wrote_sentences_in() -> None:
    with pytest.raises(ValueError, match="language='la': choose one of en, de, es, fr, it, ru"):
        phrases("la", "train")
    for load in (voices.voices, voices.people, voices.librispeech, lambda s: phrases("en", s)):
        with pytest.raises(ValueError, match="split='all': choose train, validation or test"):
            load("all")


def test_no_voice_no_variant_and_no_sentence_is_in_two_splits() -> None:
    plans = {split: voices._plan(split) for split in SPLITS}
    said = {s: Counter((line.voice[:2], line.text) for _, line in plans[s]) for s in SPLITS}
    assert disjoint([set(texts) for texts in said.values()])
    assert all(set(texts.values()) == {1} for texts in said.values())  # nor said by two voices
    assert disjoint([{line.voice.partition("+")[2] for _, line in plans[s]} for s in SPLITS])
    people = {s: Counter(name for name, _ in plans[s]) for s in SPLITS}
    assert disjoint([set(names) for names in people.values()])
    assert {s: len(names) for s, names in people.items()} == {
        "train": 60, "validation": 21, "test": 21,
    }  # fmt: skip
    assert {s: set(n.values()) for s, n in people.items()} == {
        "train": {12}, "validation": {10}, "test": {10},
    }  # fmt: skip


def test_a_voice_keeps_near_its_pitch_and_speed_and_each_language_is_spoken() -> None:
    for split in SPLITS:
        for name, line in voices._plan(split):
            voice = CAST[name]
            assert line.voice == f"{voice.language}+{voice.variant}"
            assert abs(line.pitch - voice.pitch) <= 10
            assert abs(line.speed - voice.speed) <= 20
        cast = [CAST[name] for name in voices._synthetic(split)]
        assert {voice.language for voice in cast} == set(LANGUAGES)
        assert len({(v.variant, v.pitch) for v in cast}) == len(cast)
        assert {v.pitch for v in cast if v.language == "en"} == {25, 50, 75}  # no tongue is a pitch
        assert 0.35 < np.mean([v.sex == "female" for v in cast]) < 0.5


def test_the_sex_of_a_synthetic_voice_is_what_espeak_says_of_the_variant() -> None:
    import espeakng_loader

    folder = Path(espeakng_loader.get_data_path(), "voices", "!v")
    for voice in (v for v in CAST.values() if v.variant):
        lines = (folder / voice.variant).read_text().splitlines()
        gender = next(line.split()[1] for line in lines if line.startswith("gender"))
        assert voice.sex == gender.lower()


def test_the_sex_of_fsdds_people_is_what_its_metadata_say() -> None:
    require("mirror", registry.find("fsdd") is not None, "fsdd is not in the cache or mirror")
    with tarfile.open(registry.fetch("fsdd")) as archive:
        name = next(m for m in archive.getnames() if m.endswith("/metadata.py"))
        file = archive.extractfile(name)
        assert file is not None
        text = file.read().decode()
    people = [name for names in speech.FSDD_SPLITS.values() for name in names]
    for person in people:
        assert f"'gender': '{CAST[person].sex}'" in text.partition(f"'{person}'")[2][:60]


def test_all_test_voices_are_spoken_the_same_twice(
    offline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    plan = voices._plan("test")
    monkeypatch.setattr(voices, "_plan", lambda split: plan[::10])  # a sentence of each voice
    found, again = voices.voices("test"), voices.voices("test")
    assert capsys.readouterr().out.splitlines()[0] == (
        "voices test: 21 sentences in 21 voices, from synthetic speech (eSpeak NG)"
    )
    assert [(u.speaker, u.text) for u in found] == [(who, line.text) for who, line in plan[::10]]
    assert all(u.language == CAST[u.speaker].language for u in found)
    assert all(torch.equal(a.wave, b.wave) for a, b in zip(found, again, strict=True))
    assert {u.source for u in found} == {synthetic.SOURCE}
    assert all(1.5 < len(u.wave) / 8_000 < 8 for u in found)
    assert all(math.isclose(loudness(u), LEVEL, rel_tol=1e-4) for u in found)
    assert max(float(u.wave.abs().max()) for u in found) < 1
    assert not offline.exists()


def test_a_higher_voice_of_the_same_variant_is_higher() -> None:
    """The lag at which voiced speech repeats itself, between 60 and 300 Hz."""
    plan = voices._plan("test")
    names = [name for name in voices._synthetic("test") if "+m6 " in name]
    hertz = []
    for name in names:
        wave = synthetic.speak([next(line for who, line in plan if who == name)])[0]
        spectrum = torch.fft.rfft(wave, n=2 * len(wave)).abs().square()
        lags = torch.fft.irfft(spectrum)[synthetic.RATE // 300 : synthetic.RATE // 60]
        hertz.append(synthetic.RATE / (synthetic.RATE // 300 + int(lags.argmax())))
    assert hertz[1] > 1.1 * hertz[0]
    assert hertz[2] > 1.1 * hertz[1]


def word(speaker: str, seconds: float, text: str = "one", language: str = "en") -> Utterance:
    wave = torch.full((int(8_000 * seconds),), float(len(text)))
    return Utterance(wave, 8_000, text, speaker, language, 3, "here")


def test_words_of_one_speaker_and_language_are_joined_until_two_seconds() -> None:
    said = [word("ann", 0.7, t) for t in ("one", "three", "seventy")] + [word("bob", 2.5)]
    said += [word("ann", 1.5, language="de"), word("bob", 11.0), word("cid", 1.9)]
    clips = voices.joined(said, np.random.default_rng(0))
    assert [(u.speaker, u.language, len(u.wave)) for u in clips] == [
        ("ann", "en", 3 * 5_600), ("bob", "en", 20_000),
    ]  # fmt: skip
    first = clips[0].text or ""
    assert sorted(first.split()) == ["one", "seventy", "three"]
    heard = [int(clips[0].wave[n * 5_600]) for n in range(3)]
    assert heard == [len(text) for text in first.split()]
    assert clips[0].take is None


def test_people_that_cannot_be_had_have_no_stand_in(
    offline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(registry.Unavailable, match=r"real voices cannot be had now: LECTURELIB"):
        voices.people("test")
    assert capsys.readouterr().out == ""

    def only_digits(name: str) -> Path:
        if name != "fsdd":
            raise registry.Unavailable(name, "no network")
        return Path()

    digits = [word("theo", 0.5) for _ in range(9)]
    monkeypatch.setattr(registry, "fetch", only_digits)
    monkeypatch.setattr(speech, "fsdd", lambda split, rate: digits)
    assert [u.speaker for u in voices.people("test")] == ["theo", "theo"]
    assert capsys.readouterr().out == (
        "people test: 2 clips of theo, without prompts.fr (no network), "
        "without prompts.it (no network), from here\n"
    )


def test_nobody_real_is_in_two_splits() -> None:
    artists = [{speech.VOICES[one] for one in voices._PROMPTS[split]} for split in SPLITS]
    assert disjoint(artists)
    assert disjoint([set(speech.FSDD_SPLITS[split]) for split in SPLITS])
    people = set().union(*artists, *speech.FSDD_SPLITS.values())
    assert people == {name for name, voice in CAST.items() if not voice.variant}
    assert {one for languages in voices._PROMPTS.values() for one in languages} == set(
        speech.LANGUAGES
    )


def test_real_people() -> None:
    require("mirror", registry.find("fsdd") is not None, "fsdd is not in the cache or mirror")
    if not all(registry.find(f"prompts.{language}") for language in ("fr", "it")):
        pytest.skip("the prompts are not in the cache: python -m lecturelib data fetch prompts")
    found = voices.people("test")
    clips = Counter(u.speaker for u in found)
    assert set(clips) == {"June Wallack", "Carlo Flora", "lucas", "theo"}
    assert min(clips.values()) > 70
    assert all(2 <= len(u.wave) / 8_000 < 12 for u in found)
    assert not any("synthetic" in u.source for u in found)


def flac(seconds: float, hertz: float) -> bytes:
    place = io.BytesIO()
    wave = 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(16_000 * seconds)) / 16_000)
    soundfile.write(place, wave, 16_000, format="FLAC")
    return place.getvalue()


@pytest.fixture
def toy_librispeech(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with an archive of 40 people who read two lines each; one is of another part."""
    rows = [f"{n:<5}| {'FM'[n % 2]} | dev-clean         |  8.01 | A. Reader" for n in range(10, 50)]
    files = {"SPEAKERS.TXT": "\n".join([";ID |SEX| SUBSET", *rows, "99 | F | test-clean | 8 | B."])}
    packed = {f"LibriSpeech/{name}": text.encode() for name, text in files.items()}
    for n in range(10, 50):
        stem = f"LibriSpeech/dev-clean/{n}/7/{n}-7"
        packed[f"{stem}-0000.flac"] = flac(0.5, 200 + 5 * n)
        packed[f"{stem}-0001.flac"] = flac(0.6, 900)
        packed[f"{stem}.trans.txt"] = f"{n}-7-0000 LINE {n}\n{n}-7-0001 THE END\n".encode()
    card = registry.CARDS["librispeech.dev-clean"]
    with tarfile.open(tmp_path / card.file, "w:gz") as archive:
        for name, data in packed.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    import hashlib

    digest = hashlib.sha256((tmp_path / card.file).read_bytes()).hexdigest()
    toy = registry.Card(card.name, card.url, f"sha256:{digest}", 1, card.licence, card.how)
    monkeypatch.setitem(registry.CARDS, card.name, toy)
    monkeypatch.setenv("LECTURELIB_MIRROR", str(tmp_path))
    return tmp_path


def test_librispeech_deals_its_40_readers_to_the_splits(
    toy_librispeech: Path, capsys: pytest.CaptureFixture
) -> None:
    parts = {split: voices.librispeech(split) for split in SPLITS}
    line = "librispeech test: 20 clips of 10 people, from the mirror"
    assert capsys.readouterr().out.splitlines()[2] == line
    names = {split: {u.speaker for u in part} for split, part in parts.items()}
    assert disjoint(list(names.values()))
    assert {s: len(n) for s, n in names.items()} == {"train": 24, "validation": 6, "test": 10}
    for split, part in parts.items():
        assert sum(int(name) % 2 for name in names[split]) == len(names[split]) / 2
        assert all(u.text == (f"line {u.speaker}", "the end")[n % 2] for n, u in enumerate(part))
        assert [len(u.wave) for u in part[:2]] == [4_000, 4_800]
        for said in part[::2]:
            tone = torch.fft.rfft(said.wave).abs().argmax() * 8_000 / len(said.wave)
            assert abs(float(tone) - 200 - 5 * int(said.speaker)) <= 2
            assert math.isclose(loudness(said), LEVEL, rel_tol=1e-4)
    path = registry.fetch("librispeech.dev-clean")
    assert {n: v.sex for n, v in voices.readers(path).items()} == {
        str(n): ("female", "male")[n % 2] for n in range(10, 50)
    }


def test_librispeech_has_no_stand_in(offline: Path) -> None:
    with pytest.raises(registry.Unavailable, match=r"dev-clean.tar.gz cannot be had now"):
        voices.librispeech("test")


def test_librispeech_that_is_another_file_is_not_kept(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = registry.CARDS["librispeech.dev-clean"]
    with serve(b"something else") as (url, _):
        moved = registry.Card(card.name, f"{url}a.tar.gz", card.hash, 9, card.licence, card.how)
        monkeypatch.setitem(registry.CARDS, card.name, moved)
        with pytest.raises(ValueError, match="does not have the hash of its card"):
            voices.librispeech("test")
    assert list(cache.iterdir()) == []


def recorded(path: Path, rate: int = 44_100, channels: int = 1, volume: float = 0.2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(path, volume * np.stack([tone] * channels, 1), rate)
    return path


def test_a_folder_a_speaker_with_any_rate_and_stereo(tmp_path: Path) -> None:
    recorded(tmp_path / "bob" / "b.flac", channels=2)
    recorded(tmp_path / "ann" / "a.wav")
    recorded(tmp_path / "ann" / "b.wav", rate=8_000)
    (tmp_path / "ann" / ".hidden").write_text("x")
    found = voices.folder(tmp_path)
    assert [(u.speaker, u.text, u.rate, len(u.wave)) for u in found] == [
        ("ann", None, 8_000, 8_000), ("ann", None, 8_000, 8_000), ("bob", None, 8_000, 8_000),
    ]  # fmt: skip
    assert found[0].source == f"the folder {tmp_path}"
    for said in found:
        assert int(torch.fft.rfft(said.wave).abs().argmax()) == 440
        assert math.isclose(loudness(said), LEVEL, rel_tol=1e-4)


def unreadable(root: Path) -> None:
    (root / "ann" / "notes.txt").write_text("no sound")


def silent(root: Path) -> None:
    recorded(root / "ann" / "quiet.wav", volume=0)


def nobody(root: Path) -> None:
    (root / "cid").mkdir()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (unreadable, r"notes\.txt is not a readable sound file"),
        (silent, r"quiet\.wav is silent: record it again or remove it"),
        (nobody, r"cid holds no recording: add sound files of cid"),
    ],
)
def test_folders_that_are_no_voices(
    tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    recorded(tmp_path / "ann" / "a.wav")
    recorded(tmp_path / "bob" / "b.wav")
    spoil(tmp_path)
    with pytest.raises(ValueError, match=message):
        voices.folder(tmp_path)


def test_one_speaker_is_nobody_to_tell_apart(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere has 0 folders: make one for each of 2 or more"):
        voices.folder(tmp_path / "nowhere")
    recorded(tmp_path / "ann" / "a.wav")
    with pytest.raises(ValueError, match=r"has 1 folders: make one for each of 2 or more people"):
        voices.folder(tmp_path)
