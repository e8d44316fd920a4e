"""Speech for pre-training: clips of one voice joined and cut to crops of one length, no labels."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.data.batch import Batch
from lecturelib.data.speech import LANGUAGES, Utterance, fsdd, prompts

Voice = Sequence[Tensor]
T = TypeVar("T")
SECONDS = 3.0
GAP = 0.15  # seconds of silence between two clips, at most
DITHER = 0.003  # deviation of the noise that is added: digital silence has no logarithm


def everybody(split: str) -> list[Utterance]:
    """Spoken digits (FSDD) and telephone prompts in 5 languages.

    Train: 11 minutes of three people, 97 of four announcers, one of them in two languages.
    """
    return fsdd(split) + prompts(LANGUAGES, split)


def crops(
    said: Sequence[Utterance], size: int, *, seconds: float = SECONDS
) -> Callable[[Generator], Batch]:
    """A stream of unlabelled batches [size, samples], mean 0 and deviation 1 a row.

    A row takes a voice in a language, each with equal chance, and joins what it says in random
    order with up to 150 ms of silence between: a small set is heard as often as a large one.
    """
    rates = sorted({one.rate for one in said})
    if len(rates) != 1:
        raise ValueError(f"recordings at {rates} Hz: load all of them at one rate")
    voices = list(by_voice(said).items())
    samples, gap = round(seconds * rates[0]), round(GAP * rates[0])

    def draw(rng: Generator) -> Batch:
        chosen = [pick(voices, rng) for _ in range(size)]
        waves = torch.stack([joined(voice, samples, gap, rng) for _, voice in chosen])
        meta = {"speaker": [name[0] for name, _ in chosen]}
        meta |= {"language": [name[1] for name, _ in chosen]}
        return Batch(level(dithered(waves, rng)), None, None, meta=meta)

    return draw


def by_voice(said: Sequence[Utterance]) -> dict[tuple[str, str], Voice]:
    """(speaker, language) -> clips, level; a silent one raises ValueError."""
    voices = defaultdict(list)
    for one in said:
        if float(one.wave.std()) == 0:
            raise ValueError(f"a clip of {one.speaker} is silent: drop it first")
        voices[one.speaker, one.language].append(level(one.wave[None])[0])
    return dict(voices)


def joined(voice: Voice, samples: int, gap: int, rng: Generator) -> Float[Tensor, " cut"]:
    """Random clips of a voice, the first from anywhere within, until there are `samples`."""
    first = pick(voice, rng)
    parts = [first[whole(len(first), rng) :]]
    while sum(map(len, parts)) < samples:
        parts += [torch.zeros(whole(gap + 1, rng)), pick(voice, rng)]
    return torch.cat(parts)[:samples]


def dithered(
    waves: Float[Tensor, "batch samples"], rng: Generator
) -> Float[Tensor, "batch samples"]:
    """With a little noise everywhere."""
    return waves + DITHER * torch.randn(waves.shape, generator=rng)


def level(waves: Float[Tensor, "batch samples"]) -> Float[Tensor, "batch samples"]:
    """Mean 0 and deviation 1 a row, as wav2vec 2.0 wants its input."""
    return (waves - waves.mean(1, keepdim=True)) / (waves.std(1, keepdim=True) + 1e-5)


def whole(below: int, rng: Generator) -> int:
    """A whole number from 0 to below - 1."""
    return int(torch.randint(below, (), generator=rng))


def pick(of: Sequence[T], rng: Generator) -> T:
    """One of them, each with equal chance."""
    return of[whole(len(of), rng)]
