"""Small imitations of large data: what is read, how much of it, and the same again."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch import Generator

from lecturelib.data import streaming
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.data.unread import unread
from tests.requirements import require

RATE = 8000


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """Two voices in folders of their own: one says 1, the other -1, at two rates and formats."""
    for name, rate, ending in (("a", RATE, "flac"), ("b", 2 * RATE, "wav")):
        (tmp_path / name / "book").mkdir(parents=True)
        for take in range(3):
            wave = np.sin(np.arange(rate) * (0.1 if name == "a" else 0.4) * RATE / rate)
            soundfile.write(tmp_path / name / "book" / f"{take}.{ending}", 0.5 * wave, rate)
    return tmp_path


def draw(read: streaming.Read, size: int, seed: int = 0) -> torch.Tensor:
    return unread(read, size)(Generator().manual_seed(seed)).rows(slice(None)).signal


def test_a_folder_is_listed_and_one_in_fifty_is_watched(tmp_path: Path) -> None:
    for number in range(101):
        (tmp_path / f"{number:03}.wav").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("no sound")
    found = streaming.files(tmp_path, streaming.SOUND)
    assert [path.stem for path in found.validation] == ["000", "050", "100"]
    assert len(found.train) == 98
    assert not set(found.train) & set(found.validation)


def test_the_digest_sees_names_and_sizes(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_bytes(b"x")
    one = streaming.files(tmp_path, streaming.SOUND).digest
    assert one == streaming.files(str(tmp_path), streaming.SOUND).digest
    (tmp_path / "b.wav").write_bytes(b"xy")
    two = streaming.files(tmp_path, streaming.SOUND).digest
    (tmp_path / "b.wav").rename(tmp_path / "c.wav")
    assert len({one, two, streaming.files(tmp_path, streaming.SOUND).digest}) == 3


def test_too_little_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"holds 1 files that end in \.wav, \.flac"):
        streaming.files(tmp_path, streaming.SOUND)


def test_rows_are_one_voice_level_and_of_one_length(spoken: Path) -> None:
    """Tones of two frequencies: each row has one of them, at the rate that was asked for."""
    found = streaming.files(spoken, streaming.SOUND)
    waves = draw(streaming.sound(found.train, seconds=2.5, rate=RATE), 8)
    assert waves.shape == (8, 20_000)
    torch.testing.assert_close(waves.mean(1), torch.zeros(8), atol=1e-4, rtol=0)
    torch.testing.assert_close(waves.std(1), torch.ones(8), atol=1e-3, rtol=0)
    tone = torch.fft.rfft(waves).abs().argmax(1) / 20_000 * 2 * torch.pi
    near = torch.stack([(tone - want).abs() < 0.005 for want in (0.1, 0.4)])
    assert near.any(0).all()
    assert near.any(1).all()  # both were drawn


def test_the_same_seeds_read_the_same_and_others_do_not(spoken: Path) -> None:
    read = streaming.sound(streaming.files(spoken, streaming.SOUND).train, seconds=0.5, rate=RATE)
    assert torch.equal(draw(read, 4), draw(read, 4))
    assert not torch.equal(draw(read, 4), draw(read, 4, seed=1))


def test_no_more_is_read_than_a_row_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute of sound, a quarter of a second of it wanted: counted in samples, not in memory."""
    for name in "ab":
        soundfile.write(
            tmp_path / f"{name}.wav", np.random.default_rng(0).normal(size=480_000), RATE
        )
    read = soundfile.SoundFile.read
    counts: list[int] = []

    def counting(self, frames=-1, **options):
        wave = read(self, frames, **options)
        counts.append(len(wave))
        return wave

    monkeypatch.setattr(soundfile.SoundFile, "read", counting)
    found = streaming.files(tmp_path, streaming.SOUND)
    draw(streaming.sound(found.train, seconds=0.25, rate=RATE), 5)
    assert counts == [2000] * 5


def test_short_files_are_joined(spoken: Path) -> None:
    """Files of a second: of ten seconds each row takes ten or more, with silence between."""
    paths = streaming.files(spoken, streaming.SOUND).train
    wave = streaming.heard([p for p in paths if p.suffix == ".wav"], 80_000, RATE, Generator())
    silent = (wave.unfold(0, 40, 40) == 0).all(1)
    assert len(wave) == 80_000
    assert 0 < silent.sum() < 9 * 0.15 * RATE / 40


@pytest.mark.parametrize(
    ("content", "said"), [(b"not sound", "not a readable sound file"), (None, "b.wav is empty")]
)
def test_a_bad_file_is_named(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "b.wav"
    if content is None:
        soundfile.write(path, np.zeros(0), RATE)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        streaming.excerpt(path, 100, RATE, Generator())


def test_pictures_are_squares_read_row_by_row(tmp_path: Path) -> None:
    for tone in (0, 100, 200):
        Image.new("RGB", (60, 40), (tone, tone, tone)).save(tmp_path / f"{tone}.png")
    found = streaming.files(tmp_path, streaming.PICTURES)
    squares = draw(streaming.pictures(found.train, 32), 8)
    assert squares.shape == (8, 3, 32, 32)
    assert {round(float(one.mean()) * 255) for one in squares} == {100, 200}


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 texts of three sentences, an empty line between; text n says its number."""
    has = importlib.util.find_spec("datasets") is not None
    require("peers", has, "pip install datasets: it reads large texts")
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "some.txt"
    lines = [f"w{n} one cat.\nThe w{n} dog ran. It rains on w{n}." for n in range(120)]
    path.write_text("\n\n".join(lines))
    return path


def test_a_text_file_becomes_a_table_on_disk(text: Path) -> None:
    found = streaming.texts(str(text))
    assert (found.validation, found.train) == (range(2), range(2, 120))
    assert found.article(5).paragraphs == ("w5 one cat.", "The w5 dog ran. It rains on w5.")
    assert found.table.cache_files  # memory-mapped, not in memory
    assert [a.paragraphs[0] for a in found.sample(2)] == ["w2 one cat.", "w61 one cat."]
    assert found.digest == streaming.texts(str(text)).digest
    text.write_text(text.read_text().replace("w77 dog", "w77 cow"))
    assert found.digest != streaming.texts(str(text)).digest


def test_pairs_come_from_the_rows_that_are_asked_for(text: Path) -> None:
    """Each word w<n> is one piece: its text is known. No pair knows more than two texts."""
    found = streaming.texts(str(text))
    pieces = train_wordpieces((line for a in found.sample(200) for line in a.paragraphs), 2000)
    names = {number: int(piece[1:]) for number, piece in enumerate(pieces.pieces)
             if piece[:1] == "w" and piece[1:].isdigit()}  # fmt: skip
    read = streaming.text_pairs(found, found.train[:10], pieces, 24)
    batch = unread(read, 40)(Generator().manual_seed(0)).rows(slice(None))
    seen = [{names[n] for n in row.tolist() if n in names} for row in batch.signal]
    assert set().union(*seen) <= set(range(2, 12))
    assert max(map(len, seen)) <= 2
    follows = [
        len(texts) == 1 for texts, label in zip(seen, batch.labels, strict=True) if not label
    ]
    assert follows
    assert all(follows)


def test_a_local_folder_in_the_hubs_format(text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "train.jsonl").write_text('{"text": "A cat. A dog."}\n' * 5)
    assert len(streaming.texts(str(folder)).table) == 5
    (folder / "train.jsonl").write_text('{"body": "A cat."}\n' * 5)
    with pytest.raises(ValueError, match=r"has columns \['body'\]: one must be called text"):
        streaming.texts(str(folder))


def test_offline_asks_no_hub(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    with pytest.raises(ValueError, match="no file here, and LECTURELIB_OFFLINE=1 forbids"):
        streaming.texts("somebody/something")


def test_too_few_texts_and_texts_without_a_sentence(text: Path) -> None:
    text.write_text("one\n\ntwo")
    with pytest.raises(ValueError, match="has 2 texts: four at least"):
        streaming.texts(str(text))
    text.write_text("\n\n".join(["\u3000\u200b"] * 8))
    found = streaming.Texts([{"text": ""}] * 8, "")
    pieces = train_wordpieces(["a b"], 100)
    with pytest.raises(ValueError, match="of 100 random texts not two hold a sentence"):
        streaming.two(found, found.train, pieces, Generator())


def test_without_datasets_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(ValueError, match="pip install datasets"):
        streaming.texts("a.txt")
