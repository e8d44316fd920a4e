"""The order of the sources, and what is said when each of them fails."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from lecturelib.data import registry
from lecturelib.data.cards import CARDS, Card
from lecturelib.paths import ROOT
from tests.data.server import serve

BODY = b"the lecture's data " * 100
SHA = "sha256:" + hashlib.sha256(BODY).hexdigest()


def add_card(monkeypatch: pytest.MonkeyPatch, url: str, known: str = SHA) -> Card:
    card = Card("toy", f"{url}toy.txt", known, len(BODY), "ours", "download")
    monkeypatch.setitem(CARDS, "toy", card)
    return card


def test_a_package_comes_with_the_hash_of_its_card(cache: Path) -> None:
    for name in (name for name, card in CARDS.items() if card.how == "package"):
        path = registry.fetch(name)
        assert "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest() == CARDS[name].hash
        assert path.stat().st_size == CARDS[name].size
        assert registry.origin(path) == "an installed package"
    assert not cache.exists()


def test_cache_then_mirror_then_network(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("LECTURELIB_MIRROR", str(mirror))
    with serve(BODY) as (url, seen):
        add_card(monkeypatch, url)
        (mirror / "toy.txt").write_bytes(BODY)
        path = registry.fetch("toy")
        assert (path, registry.origin(path), seen) == (mirror / "toy.txt", "the mirror", [])
        (mirror / "toy.txt").unlink()
        path = registry.fetch("toy")
        assert (path, registry.origin(path)) == (cache / "toy.txt", "the network")
        assert path.read_bytes() == BODY
        (mirror / "toy.txt").write_bytes(BODY)
        registry._fresh.clear()
        path = registry.fetch("toy")
        assert (path, registry.origin(path)) == (cache / "toy.txt", "the cache")
        assert seen == ["/toy.txt"]


def test_offline_is_said_with_the_remedy(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(BODY) as (url, seen):
        add_card(monkeypatch, url)
        with pytest.raises(registry.Unavailable, match=r"toy.*OFFLINE=1.*MIRROR.*mnist5k") as error:
            registry.fetch("toy")
        assert error.value.why == "LECTURELIB_OFFLINE=1"
        assert seen == []


@pytest.mark.parametrize("place", ["cache", "mirror"])
def test_a_changed_file_is_named_and_left_alone(
    place: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / place
    folder.mkdir()
    if place == "mirror":
        monkeypatch.setenv("LECTURELIB_MIRROR", str(folder))
    (folder / "toy.txt").write_bytes(BODY + b"!")
    with serve(BODY) as (url, seen):
        add_card(monkeypatch, url)
        with pytest.raises(ValueError, match=rf"{re.escape(str(folder))}.*delete the file"):
            registry.fetch("toy")
        assert seen == []
    assert (folder / "toy.txt").read_bytes() == BODY + b"!"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'mnist'.*mnist5k, digits"):
        registry.fetch("mnist")


def test_a_mirror_that_is_no_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTURELIB_MIRROR", str(cache / "nowhere"))
    with pytest.raises(ValueError, match=r"nowhere is not a folder: correct it or unset it"):
        registry.fetch("fsdd")


def test_a_missing_package_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Card("gone", "package:nosuchpackage/file", SHA, 1, "ours", "package")
    monkeypatch.setitem(CARDS, "gone", gone)
    with pytest.raises(registry.Unavailable, match="pip install nosuchpackage"):
        registry.fetch("gone")


def test_one_line_says_the_source(capsys: pytest.CaptureFixture) -> None:
    registry.report("fsdd train: 3 digits", "the mirror")
    registry.report("fsdd train: 3 digits", "synthetic speech", "no network")
    assert capsys.readouterr().out.splitlines() == [
        "fsdd train: 3 digits, from the mirror",
        "fsdd train: 3 digits, from synthetic speech, a stand-in (no network)",
    ]


def test_upstream_hashes_are_the_ones_that_torch_publishes() -> None:
    from torchaudio.datasets import librispeech, speechcommands
    from torchvision.datasets import FashionMNIST

    theirs = librispeech._CHECKSUMS | speechcommands._CHECKSUMS
    ours = {c.url: c.hash for n, c in CARDS.items() if n.startswith(("libri", "speech_"))}
    assert ours == {url: f"sha256:{theirs[url]}" for url in ours}
    md5 = {f"{FashionMNIST.mirrors[0]}{f}": f"md5:{h}" for f, h in FashionMNIST.resources}
    assert {c.url: c.hash for n, c in CARDS.items() if n.startswith("fashion")} == md5


def test_the_mirror_list_and_the_cards_agree() -> None:
    from tests.requirements import require

    listing = Path(os.environ.get("LECTURELIB_MIRROR") or "/nowhere") / "MIRROR.tsv"
    require("mirror", listing.is_file(), "LECTURELIB_MIRROR names no folder with MIRROR.tsv")
    rows = [line.split("\t") for line in listing.read_text().splitlines()[1:]]
    cards = {card.file: card for card in CARDS.values()}
    for file, url, size, sha, *_ in rows:
        card = cards[file]
        assert (card.url, card.size, card.hash) == (url, int(size), f"sha256:{sha}")


def test_readme_and_cards_agree() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf8")
    rows = re.findall(r"^\| `([\w.-]+)` \| ([\d,]+) \| `(\S+)` \| (.+) \|$", text, re.MULTILINE)
    table = {
        name: (int(size.replace(",", "")), known, licence) for name, size, known, licence in rows
    }
    assert table == {name: (c.size, c.hash, c.licence) for name, c in CARDS.items()}
    assert {c.split(".")[0] for c in CARDS} <= set(
        re.findall(r"^### `([\w.]+)`", text, re.MULTILINE)
    )
