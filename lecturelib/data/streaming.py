"""Data that does not fit into memory, read while training: a folder of sound, of pictures, a text.

Each row of a batch has its own seed, takes from disk what it needs, and forgets it: memory holds
one batch, a resumed run reads what the straight one would, and of several processes each reads
only its own rows.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile
import torch
import torchaudio
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.data.augment import crop_and_mirror
from lecturelib.data.batch import Batch
from lecturelib.data.download import cache_folder, forbidden
from lecturelib.data.images import photo
from lecturelib.data.sentences import Document, documents, draw_pair, framed
from lecturelib.data.speech_crops import GAP, dithered, level, pick, whole
from lecturelib.data.text import Article
from lecturelib.data.tokenizers import WordPieces
from lecturelib.data.unread import Read

SOUND = (".wav", ".flac", ".ogg", ".mp3")
PICTURES = (".jpg", ".jpeg", ".png")
WATCHED = 50  # of so many files or texts one is kept for validation
TRIES = 100  # texts that may hold no sentence, in a row


@dataclass(frozen=True)
class Files:
    """train, validation: paths; digest: SHA-256 of all names and sizes (not of the contents)."""

    train: list[Path]
    validation: list[Path]
    digest: str


def files(folder: Path | str, endings: Sequence[str]) -> Files:
    """Everything in a folder, and in folders below, that ends so. One in 50 is for validation."""
    root = Path(folder)
    found = sorted(p for p in root.rglob("*") if p.suffix.lower() in endings and p.is_file())
    if len(found) < 2:
        raise ValueError(
            f"{root} holds {len(found)} files that end in {', '.join(endings)}: two at least, one "
            "to learn from and one to watch"
        )
    listing = "".join(f"{p.relative_to(root).as_posix()} {p.stat().st_size}\n" for p in found)
    train = [path for number, path in enumerate(found) if number % WATCHED]
    return Files(train, found[::WATCHED], hashlib.sha256(listing.encode()).hexdigest())


def sound(paths: Sequence[Path], *, seconds: float, rate: int) -> Read:
    """Rows of unlabelled speech as `speech_crops.crops` has them, mean 0 and deviation 1.

    A row takes a folder (in LibriSpeech: a chapter, one voice), each with equal chance, and joins
    excerpts of its files.
    """
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
    voices = list(folders.values())

    def read(rngs: list[Generator]) -> Batch:
        samples = round(seconds * rate)
        rows = [heard(pick(voices, rng), samples, rate, rng)[None] for rng in rngs]
        noisy = [level(dithered(row, rng)) for row, rng in zip(rows, rngs, strict=True)]
        return Batch(torch.cat(noisy), None, None)

    return read


def heard(
    voice: Sequence[Path], samples: int, rate: int, rng: Generator
) -> Float[Tensor, " samples"]:
    """Excerpts of a voice with up to 150 ms of silence between, until there are `samples`."""
    parts = [excerpt(pick(voice, rng), samples, rate, rng)]
    while sum(map(len, parts)) < samples:
        silence = torch.zeros(whole(round(GAP * rate) + 1, rng))
        parts += [silence, excerpt(pick(voice, rng), samples, rate, rng)]
    return torch.cat(parts)[:samples]


def excerpt(path: Path, samples: int, rate: int, rng: Generator) -> Float[Tensor, " cut"]:
    """At most `samples` of a sound file, from anywhere within; the rest of it is not read."""
    try:
        with soundfile.SoundFile(path) as file:
            want = math.ceil(samples * file.samplerate / rate)
            file.seek(whole(max(1, file.frames - want + 1), rng))
            wave = torch.from_numpy(file.read(want, dtype="float32", always_2d=True)).mean(1)
            found = file.samplerate
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path} is not a readable sound file ({error}): remove it") from error
    if not len(wave):
        raise ValueError(f"{path} is empty: remove it")
    return level(torchaudio.functional.resample(wave, found, rate)[None])[0][:samples]


def pictures(paths: Sequence[Path], size: int) -> Read:
    """Squares of size x size, moved and mirrored, without labels."""

    def read(rngs: list[Generator]) -> Batch:
        squares = [crop_and_mirror(photo(pick(paths, rng), size)[None], rng) for rng in rngs]
        return Batch(torch.cat(squares), None, None)

    return read


@dataclass(frozen=True)
class Texts:
    """Rows of a `datasets` table on disk, one text each; its first fiftieth is for validation.

    digest  SHA-256 of the number of rows and of 1,000 of them, evenly spread
    """

    table: Any
    digest: str

    @property
    def validation(self) -> range:
        """The rows that are only ever watched; two at least, as pairs need two texts."""
        return range(max(2, len(self.table) // WATCHED))

    @property
    def train(self) -> range:
        """The rows to learn from."""
        return range(len(self.validation), len(self.table))

    def article(self, row: int) -> Article:
        """A row as paragraphs, one a line."""
        return Article("", tuple(self.table[row]["text"].splitlines()), "")

    def sample(self, most: int) -> list[Article]:
        """At most so many rows to learn from, evenly spread: for a vocabulary."""
        every = math.ceil(len(self.train) / most)
        return [self.article(row) for row in self.train[::every]]


def texts(where: str) -> Texts:
    """A text file with empty lines between its texts, or NAME[:CONFIG] of the Hugging Face hub.

    Read through the package `datasets`, which keeps a table on disk in our cache folder.
    """
    try:
        import datasets
    except ImportError as error:
        raise ValueError(
            f"text:{where} is read by the package datasets: pip install datasets"
        ) from error
    cache: Any = str(cache_folder() / "datasets")
    if Path(where).is_file():
        table = datasets.Dataset.from_text(where, cache_dir=cache, sample_by="paragraph")
    elif not Path(where).exists() and (why := forbidden()):
        raise ValueError(f"text:{where} is no file here, and {why} forbids to ask the hub")
    else:
        name, _, config = where.partition(":")
        table = datasets.load_dataset(name, config or None, split="train", cache_dir=cache)
    return checked(table, where)


def checked(table: Any, where: str) -> Texts:
    """ValueError where a table has no column "text" or too few rows; else its digest."""
    if "text" not in table.column_names:
        raise ValueError(f"text:{where} has columns {table.column_names}: one must be called text")
    if len(table) < 4:
        raise ValueError(f"text:{where} has {len(table)} texts: four at least, by empty lines")
    seen = hashlib.sha256(str(len(table)).encode())
    for row in range(0, len(table), math.ceil(len(table) / 1000)):
        seen.update(table[row]["text"].encode())
    return Texts(table, seen.hexdigest())


def text_pairs(texts: Texts, rows: range, pieces: WordPieces, length: int) -> Read:
    """BERT's pairs; each takes two of these texts by chance, and knows no others."""

    def read(rngs: list[Generator]) -> Batch:
        drawn = [draw_pair(two(texts, rows, pieces, rng), length, rng) for rng in rngs]
        label = torch.tensor([label for *_, label in drawn])
        return framed([(first, second) for first, second, _ in drawn], label, pieces)

    return read


def two(texts: Texts, rows: range, pieces: WordPieces, rng: Generator) -> list[Document]:
    """Two random texts that hold a sentence each."""
    found: list[Document] = []
    for _ in range(TRIES):
        try:
            found += documents([texts.article(pick(rows, rng))], pieces)
        except ValueError:
            continue  # a heading, a table: no sentence
        if len(found) == 2:
            return found
    raise ValueError(f"of {TRIES} random texts not two hold a sentence: is it a text?")
