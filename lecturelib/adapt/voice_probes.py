"""What else is in a voice vector, and does a machine pass for a person? (slide: age, sex, ...)"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.adapt.speakers import embed, mfcc_statistics
from lecturelib.adapt.transfer import probe
from lecturelib.adapt.verification import unit_length
from lecturelib.data.augment_speech import babble, convolved, noise, rooms, tones
from lecturelib.data.speech import Utterance
from lecturelib.data.synthetic import DIGITS
from lecturelib.data.voices import CAST
from lecturelib.recipes import xvector
from lecturelib.shapes import Features, Labels

Clips = Sequence[Utterance]
BEHIND = ("nothing", "noise", "babble", "tones")
ROOMS = 6


class Question(NamedTuple):
    """Something that a linear layer is asked: known clips and their labels, unseen ones."""

    known: Clips
    label: Labels
    unseen: Clips
    answer: Labels

    @property
    def chance(self) -> float:
        """Percent right by always naming the most frequent answer."""
        return 100 * float(self.answer.bincount().max()) / len(self.answer)


def questions(known: Clips, unseen: Clips) -> dict[str, Question]:
    """Sex, language, speed, room and what is behind the voice; no voice is in both halves."""
    tongues = sorted({u.language for u in known})
    facts: dict[str, Callable[[Utterance], int]] = {
        "sex": lambda u: CAST[u.speaker].sex == "female",
        "language": lambda u: tongues.index(u.language),
        "fast or slow": lambda u: CAST[u.speaker].speed > 180,
    }
    asked = {
        name: Question(known, told(known, fact), unseen, told(unseen, fact))
        for name, fact in facts.items()
    }
    for name, change in {"room": in_rooms, "what is behind": with_sounds}.items():
        (seen, label), (new, answer) = (
            change(clips, seed) for seed, clips in enumerate((known, unseen))
        )
        asked[name] = Question(seen, label, new, answer)
    return asked


def which_digit(known: Clips, unseen: Clips) -> Question:
    """FSDD's digits, each clip played twice: alone some are shorter than what the network sees."""
    halves = []
    for clips in (known, unseen):
        halves += [[replace(u, wave=u.wave.repeat(2)) for u in clips]]
        halves += [told(clips, lambda u: DIGITS.index(u.text or ""))]
    return Question(*halves)


def told(clips: Clips, fact: Callable[[Utterance], int]) -> Labels:
    """A fact as a number a clip."""
    return torch.tensor([int(fact(u)) for u in clips])


def in_rooms(clips: Clips, seed: int) -> tuple[Clips, Labels]:
    """Each clip in one of six simulated rooms; which one is the label."""
    rng = torch.Generator().manual_seed(seed)
    label = torch.randint(ROOMS, (len(clips),), generator=rng)
    waves = [
        convolved(u.wave[None], rooms()[n][None])[0] for u, n in zip(clips, label, strict=True)
    ]
    return [replace(u, wave=wave) for u, wave in zip(clips, waves, strict=True)], label


def with_sounds(clips: Clips, seed: int) -> tuple[Clips, Labels]:
    """The first 1.5 s of each clip, with one of four things behind it, 10 dB softer."""
    rng = torch.Generator().manual_seed(seed)
    waves = torch.stack([u.wave[: int(1.5 * u.rate)] for u in clips])
    changed = torch.stack(
        [waves, *(add(waves, rng, snr=(10.0, 10.0)) for add in (noise, babble, tones))]
    )
    label = torch.randint(len(BEHIND), (len(clips),), generator=rng)
    chosen = changed[label, torch.arange(len(clips))]
    return [replace(u, wave=wave) for u, wave in zip(clips, chosen, strict=True)], label


def probes(
    encoder: nn.Module, asked: dict[str, Question], *, seed: int = 0
) -> dict[str, dict[str, list[float]]]:
    """Vector -> question -> percent right: the encoder's, an untrained one's, and cepstra's."""
    torch.manual_seed(seed)
    ways: dict[str, Callable[[Clips], Features]] = {
        "x-vector": partial(embed, encoder),
        "untrained": partial(embed, xvector("mini")),
        "MFCC statistics": mfcc_statistics,
    }
    return {
        way: {
            name: [100 * probe(see(q.known), q.label, see(q.unseen), q.answer, cost=0.1)]
            for name, q in asked.items()
        }
        for way, see in ways.items()
    }


def spoofed(
    person: Float[Tensor, "said dim"],
    said: Clips,
    machine: Float[Tensor, "spoken dim"],
    spoken: Clips,
    threshold: float | int,
) -> float:
    """Share of pairs, a person's clip and a machine's in one language, that pass as one voice."""
    score = unit_length(person) @ unit_length(machine).T
    alike = torch.tensor([[a.language == b.language for b in spoken] for a in said])
    if not alike.any():
        raise ValueError("no pair speaks one language: nothing to compare")
    return float((score[alike] >= threshold).float().mean())
