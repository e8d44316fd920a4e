"""Film reviews: clear ratings only, each sentence once, and two article titles without network."""

import io
import tarfile
from pathlib import Path

import pytest

from lecturelib.data import registry, text
from lecturelib.data.splits import SPLITS, plain
from tests.data.leakage import disjoint


def packed(name: str, content: bytes) -> bytes:
    """A .tar.gz with one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def archive(folder: Path, lines: list[str]) -> Path:
    inner = packed("h/movieReviewSnippets_GroundTruth.txt", "\n".join(lines).encode())
    path = folder / "vaderSentiment-3.3.2.tar.gz"
    path.write_bytes(packed("v/additional_resources/hutto_ICWSM_2014.tar.gz", inner))
    return path


def test_ratings_near_zero_and_twins_are_left_out(tmp_path: Path) -> None:
    lines = [f"{n}\t{2.5 if n % 2 else -1.0}\tfilm {chr(97 + n % 26)}{n // 26 * 'x'}é"
             for n in range(2600)]  # fmt: skip
    lines += ["2600\t0.9\tneither good nor bad", "2601\t-3\tFilm AÉ!"]
    path = archive(tmp_path, lines)
    found = {split: text._sentiment(path, split, "ours") for split in SPLITS}
    assert [len(found[split]) for split in SPLITS] == [100, 500, 2000]
    every = [m for split in SPLITS for m in found[split]]
    assert {m.text: m.label for m in every}["film bé"] == "positive"
    assert {m.text: m.label for m in every}["film aé"] == "negative"
    assert not {"neither good nor bad", "Film AÉ!"} & {m.text for m in every}


def test_without_network_the_labels_are_two_titles(
    offline: Path, capsys: pytest.CaptureFixture
) -> None:
    assert len({m.label for m in text.sentiment("test")}) == 2
    assert "a stand-in (LECTURELIB_OFFLINE=1)" in capsys.readouterr().out


def test_the_real_reviews_have_their_measured_size_and_share_nothing() -> None:
    if registry.find("sentiment") is None:
        pytest.skip("sentiment has not been downloaded: python -m lecturelib data fetch sentiment")
    parts = [text.sentiment(split) for split in SPLITS]
    assert [len(part) for part in parts] == [6671, 500, 2000]
    positive = sum(m.label == "positive" for part in parts for m in part)
    assert positive == 3355 + 236 + 1006
    assert disjoint([{plain(m.text) for m in part} for part in parts])
