"""The telephone prompts: Debian packages or upstream archives -> one checked folder a language.

Whichever way the files come, each is checked against prompts.sha256.gz, which was made from the
Debian packages asterisk-core-sounds-{en,es,fr,it,ru}{,-wav} 1.6.1-1. No root is needed.
"""

import gzip
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from lecturelib.data.cards import Card
from lecturelib.data.download import (
    Unavailable,
    cache_folder,
    download,
    forbidden,
    mirror_folder,
    plain_errors,
    put,
    reach,
)

MANIFEST = Path(__file__).with_name("prompts.sha256.gz")


@cache
def manifest() -> dict[str, str]:
    """ "en/digits/1.wav" -> SHA-256, for 2,831 recordings and 5 transcripts."""
    lines = gzip.decompress(MANIFEST.read_bytes()).decode().splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def find(card: Card) -> Path | None:
    """The language's folder in the cache, every file checked; None: it must be fetched."""
    folder = _home(card)
    if not folder.is_dir():
        return None
    check(folder)
    return folder


def check(folder: Path) -> None:
    """Raise ValueError naming the first file of `folder` that disagrees with the manifest."""
    want = {k: v for k, v in manifest().items() if k.startswith(f"{folder.name}/")}
    for name, digest in want.items():
        path = folder.parent / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            state = "has a wrong SHA-256" if path.is_file() else "is missing"
            raise ValueError(f"{path} {state}: delete the folder {folder} and run again")


def fetch(card: Card) -> Path:
    """Get a language: mirror, then apt where it is, then upstream; moved into place when whole."""
    folder = _home(card)
    with tempfile.TemporaryDirectory() as raw:
        _unpack(card, Path(raw))
        with plain_errors(folder, 2 * card.size):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                new = Path(temporary) / folder.name
                _tidy(Path(raw), new)
                check(new)
                put(new, folder)
    return folder


def _home(card: Card) -> Path:
    return cache_folder() / "prompts-1.6.1" / card.name.removeprefix("prompts.")


def _unpack(card: Card, raw: Path) -> None:
    folder = mirror_folder()
    if folder and (folder / card.file).is_file():
        return _untar(folder / card.file, raw)
    try:
        _debian(card, raw)
    except Unavailable:
        download(card.url, raw / card.file, "", card.size)
        _untar(raw / card.file, raw)


def _untar(archive: Path, raw: Path) -> None:
    with tarfile.open(archive) as file:
        file.extractall(raw, filter="data")


def _debian(card: Card, raw: Path) -> None:
    """`apt-get download` and `dpkg-deb -x`, with package lists of our own where there are none."""
    if forbidden() or not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Unavailable(card.name, forbidden() or "this machine has no apt-get")
    stem = "asterisk-core-sounds-" + card.name.removeprefix("prompts.")
    get = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=1"]
    get += ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"]
    if _apt([*get, "download", "--print-uris", stem], raw).returncode:
        for folder in ("state/lists/partial", "cache/archives/partial"):  # apt makes them for root
            (raw / folder).mkdir(parents=True)
        get += ["-o", f"Dir::State={raw}/state", "-o", f"Dir::Cache={raw}/cache"]
        _apt_online([*get, "update"], raw)
    _apt_online([*get, "download", stem, f"{stem}-wav"], raw)
    for package in raw.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, raw], check=True)


def _apt_online(command: list[str], folder: Path) -> None:
    """Run apt after a bounded look whether its server answers: apt itself waits for minutes."""
    planned = _apt([*command, "--print-uris"], folder).stdout.splitlines()
    uris = [line.split("'")[1] for line in planned if line.startswith("'")]
    why = reach(uris[0]) if uris else "apt does not know the packages"
    if why:
        raise Unavailable("the Debian packages", why)
    done = _apt(command, folder)
    if done.returncode:
        raise Unavailable("the Debian packages", done.stderr.strip()[-200:])


def _apt(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def _tidy(raw: Path, new: Path) -> None:
    """Recordings and transcript side by side, under the names of the manifest."""
    language = new.name
    start = next(raw.rglob("agent-user.wav"), None)
    transcript = next(raw.rglob(f"core-sounds-{language}.txt*"), None)
    if start is None or transcript is None:
        raise ValueError(f"the archive of {language} prompts has no agent-user.wav or transcript")
    text = transcript.read_bytes()
    text = gzip.decompress(text) if transcript.suffix == ".gz" else text
    for wave in start.parent.rglob("*.wav"):
        place = new / wave.relative_to(start.parent)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wave, place)
    (new / f"core-sounds-{language}.txt").write_bytes(text)
