"""Recordings -> chunks to learn voices from, and one vector a recording to compare them by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Generator, Tensor, nn

from lecturelib.adapt.self_training import pick_rows
from lecturelib.adapt.verification import cosine
from lecturelib.data import speech
from lecturelib.data.batch import Batch
from lecturelib.data.speech import Utterance
from lecturelib.encoders.tdnn import statistics
from lecturelib.frontends.spectrogram import Mfcc
from lecturelib.shapes import Features, Labels, Waves
from lecturelib.training.loop import Draw

RATE = 8000  # samples a second: what the front end was made for
LENGTHS = (1.0, 1.2, 1.4, 1.6, 1.8)  # seconds; the paper: 2 to 4
Change = Callable[[Waves, Generator], Waves]


def numbered(said: Sequence[Utterance]) -> tuple[Labels, tuple[str, ...]]:
    """Each recording's speaker as a number, and what the numbers stand for."""
    names = tuple(sorted({u.speaker for u in said}))
    return torch.tensor([names.index(u.speaker) for u in said]), names


def chunks(
    said: Sequence[Utterance], size: int, *, change: Change | None = None, each: int | None = None
) -> Draw:
    """`size` pieces at a time, all of one of LENGTHS, every speaker equally often.

    change  noise and rooms (`data.augment_speech.augmented`); None: the recordings as they are
    each    so many pieces of every speaker that is drawn, as GE2E needs; None: as luck has it

    Raises ValueError for a recording shorter than the longest chunk, for another rate, and for one
    speaker only.
    """
    check_rate(said)
    who, names = numbered(said)
    if len(names) < 2:
        raise ValueError(f"recordings of {len(names)} speaker: give at least two speakers")
    shortest = min(len(u.wave) for u in said) / RATE
    if shortest < LENGTHS[-1]:
        raise ValueError(
            f"a recording lasts {shortest:.2f} s, chunks up to {LENGTHS[-1]} s: leave it out"
        )

    def draw(rng: Generator) -> Batch:
        if each is None:
            rows = pick_rows(who, size, balanced=True, rng=rng)
        else:
            rows = by_speaker(who, size // each, each, rng)
        seconds = LENGTHS[int(torch.randint(len(LENGTHS), (), generator=rng))]
        waves = torch.stack([piece(said[row].wave, seconds, rng) for row in rows.tolist()])
        return Batch(waves if change is None else change(waves, rng), None, who[rows])

    return draw


def by_speaker(
    who: Int[Tensor, " recordings"], speakers: int, each: int, rng: Generator
) -> Int[Tensor, " rows"]:
    """Rows of so many different speakers, `each` random ones of every one."""
    drawn = torch.randperm(int(who.max()) + 1, generator=rng)[:speakers]
    own = [(who == speaker).nonzero().flatten() for speaker in drawn]
    return torch.cat([some[torch.randint(len(some), (each,), generator=rng)] for some in own])


def check_rate(said: Sequence[Utterance]) -> None:
    """ValueError for another rate than the front end's: every band would be a wrong one."""
    if other := sorted({u.rate for u in said} - {RATE}):
        raise ValueError(f"recordings at {other} Hz, this hears {RATE} Hz: load them at that")


def piece(wave: Tensor, seconds: float, rng: Generator) -> Tensor:
    """A random stretch of a recording."""
    samples = round(seconds * RATE)
    start = int(torch.randint(len(wave) - samples + 1, (), generator=rng))
    return wave[start : start + samples]


@torch.no_grad()
def embed(
    encoder: nn.Module, said: Sequence[Utterance], *, seconds: float | None = None
) -> Features:
    """One vector a recording, [n, dim]; of its first `seconds` only where they are given.

    Raises ValueError for another rate, and what the encoder raises for silence and short clips.
    """
    check_rate(said)
    encoder.eval()
    device = next(encoder.parameters()).device
    vectors = []
    for start in range(0, len(said), 32):
        batch = speech.batch([first(u, seconds) for u in said[start : start + 32]]).to(device)
        vectors.append(encoder(*batch.inputs))
    return torch.cat(vectors).cpu()


def first(said: Utterance, seconds: float | None) -> Utterance:
    """The beginning of a recording; None: all of it."""
    if seconds is None:
        return said
    return replace(said, wave=said.wave[: round(seconds * RATE)])


def mfcc_statistics(said: Sequence[Utterance]) -> Features:
    """The mean and deviation of each cepstrum over a recording: no network at all."""
    check_rate(said)
    cepstra = Mfcc(rate=RATE)
    parts = [speech.batch(said[start : start + 32]).inputs for start in range(0, len(said), 32)]
    return torch.cat([statistics(*cepstra(*part)) for part in parts])


@dataclass(frozen=True)
class Ear:
    """An encoder that compares two voices by the cosine: what `explorers.verifier` listens with."""

    encoder: nn.Module

    def embed(self, wave: Float[ndarray, " samples"]) -> Float[ndarray, " dim"]:
        """The voice as a vector; ValueError where no speech is heard."""
        said = Utterance(torch.from_numpy(wave).float(), RATE, None, "", "", None, "")
        return embed(self.encoder, [said])[0].numpy()

    def score(self, a: Float[ndarray, " dim"], b: Float[ndarray, " dim"]) -> float:
        """The cosine."""
        return float(cosine(torch.from_numpy(a)[None], torch.from_numpy(b)[None]))
