"""What a representation of audio is asked: a small SUPERB (Yang et al. 2021) on real recordings.

Word, speaker, language, letters, events, meaning: a label for each, and rows to learn it from, to
choose layer and cost by, and to answer once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from lecturelib.data.digit_strings import digit_strings
from lecturelib.data.disfluencies import Timeline, disfluencies
from lecturelib.data.speech import LANGUAGES, Utterance, fsdd
from lecturelib.data.splits import SPLITS
from lecturelib.data.synthetic import DIGITS
from lecturelib.data.translations import translations
from lecturelib.shapes import Labels

Rows = Int[Tensor, " rows"]
TAKES = 10  # of each digit by each person; the first 3 test who speaks, the next 2 validate
STRINGS = {"train": 120, "validation": 0, "test": 60}
TIMELINES = 100  # of each split, at most


class Question(NamedTuple):
    """What is asked of each clip of a set.

    clips  name of the set       label  of each clip of the set
    known, valid, unseen         rows to learn from, to choose by, and to answer once
    """

    clips: str
    label: Labels
    known: Rows
    valid: Rows
    unseen: Rows

    @property
    def chance(self) -> float:
        """Percent right by always naming the most frequent answer."""
        return 100 * float(self.label[self.unseen].bincount().max()) / len(self.unseen)


def question(clips: str, label: Sequence[int], split: Sequence[str]) -> Question:
    """Each clip's label and split; a split "" leaves the clip out."""
    rows = [torch.tensor([n for n, one in enumerate(split) if one == part]) for part in SPLITS]
    if empty := [part for part, found in zip(SPLITS, rows, strict=True) if not len(found)]:
        raise ValueError(f"no clip of {clips!r} is in {', '.join(empty)}: give all three splits")
    return Question(clips, torch.tensor(label), *rows)


@dataclass(frozen=True)
class Exam:
    """Everything that is played to an encoder, each clip once.

    digits     single digits of six people, `split` for strangers, `Utterance.take` for the rest
    meanings   split -> the same prompt in each of LANGUAGES, one after another
    strings    split -> 3 to 5 digits with their words
    timelines  split -> clips with events
    """

    digits: dict[str, list[Utterance]]
    meanings: dict[str, list[Utterance]]
    strings: dict[str, list[Utterance]]
    timelines: dict[str, list[Timeline]]

    @cached_property
    def clips(self) -> dict[str, list[Utterance]]:
        """The sets whose clips become one vector each."""
        return {"digits": flat(self.digits), "prompts": flat(self.meanings)}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Name -> question. Each prompt's language has a voice of its own, but for Allison Smith's
        English and Spanish: only there is it not the voice that tells."""
        meaning = splits_of(self.meanings)
        tongues = [LANGUAGES.index(u.language) for u in self.clips["prompts"]]
        twice = [part if n < 2 else "" for n, part in zip(tongues, meaning, strict=True)]
        return {
            "spoken word": which_word(self.digits),
            "speaker": who_speaks(self.digits),
            "language": question("prompts", tongues, meaning),
            "language, one voice": question("prompts", tongues, twice),
        }

    @cached_property
    def chance(self) -> dict[str, float]:
        """Percent of each line of the table without listening."""
        count = len(self.meanings["test"]) // len(LANGUAGES)
        return {name: q.chance for name, q in self.questions.items()} | {
            "meaning, first": 100 / count,
            "meaning, among 5": 500 / count,
            "letters wrong": 100.0,
            "event frames": 25.0,
            "events found": 0.0,
        }


def exam() -> Exam:
    """The default: about 35 minutes of real speech, where it can be had."""
    return Exam(
        digits=digits(),
        meanings={
            split: [u for said in translations(split).values() for u in said.values()]
            for split in SPLITS
        },
        strings={part: digit_strings(part, n) for part, n in STRINGS.items() if n},
        timelines={split: some(disfluencies(split), TIMELINES) for split in SPLITS},
    )


def digits() -> dict[str, list[Utterance]]:
    """Split -> ten takes of each digit by each of its people."""
    return {split: [u for u in fsdd(split) if (u.take or 0) < TAKES] for split in SPLITS}


def which_word(digits: dict[str, list[Utterance]]) -> Question:
    """The digit, of strangers."""
    label = [DIGITS.index(u.text or "") for u in flat(digits)]
    return question("digits", label, splits_of(digits))


def who_speaks(digits: dict[str, list[Utterance]]) -> Question:
    """The person, by other takes."""
    clips = flat(digits)
    people = sorted({u.speaker for u in clips})
    return question("digits", [people.index(u.speaker) for u in clips], list(map(by_take, clips)))


def some(found: Sequence[Timeline], most: int) -> list[Timeline]:
    """At most so many, spread evenly."""
    step = max(1.0, len(found) / most)
    return [found[int(n * step)] for n in range(min(most, len(found)))]


def by_take(said: Utterance) -> str:
    """Known people, other takes: the first three test, the next two validate."""
    return "test" if (said.take or 0) < 3 else "validation" if (said.take or 0) < 5 else "train"


def flat(parts: dict[str, list[Utterance]]) -> list[Utterance]:
    """All clips in the order of the splits."""
    return [said for split in SPLITS for said in parts[split]]


def splits_of(parts: dict[str, list[Utterance]]) -> list[str]:
    """The split of each clip of `flat`."""
    return [split for split in SPLITS for _ in parts[split]]
