"""From CTC's frames to a text: the best path, a beam over texts, and a language model beside it.

Many paths collapse to one text. Greedy takes the single best path; `prefix_beam` adds up all paths
of a text (Graves 2012, Hannun et al. 2014), so that a text of many middling paths can win.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from lecturelib.decoding.sequences import INF, Hypothesis
from lecturelib.objectives.ctc import BLANK, LogP, collapse

Prefix: TypeAlias = tuple[int, ...]
LanguageModel: TypeAlias = Callable[[Prefix], Sequence[float]]
"""What was written -> log p of each class coming next; class 0, the blank, stands for the end."""


class Mass(NamedTuple):
    """log p of all paths so far that collapse to a prefix, by how they end.

    blank  in a blank: its last letter, heard again, is a new one    label  in its last letter
    """

    blank: float
    label: float

    @property
    def total(self) -> float:
        return log_add(self.blank, self.label)


NOTHING = Mass(-INF, -INF)
Beams: TypeAlias = dict[Prefix, Mass]


def greedy(log_p: LogP) -> Hypothesis:
    """The best class of each frame, collapsed. score: log p of this one path.

    exp(score / frames) is how sure the model is: the mean probability a frame, a geometric mean.
    """
    best = log_p.max(-1)
    return Hypothesis(collapse(best.indices).tolist(), float(best.values.double().sum()))


def prefix_beam(
    log_p: LogP,
    *,
    width: int,
    lm: LanguageModel | None = None,
    weight: float = 0.5,
    bonus: float = 0.0,
) -> list[Hypothesis]:
    """Keep the `width` best texts at every frame: what is left at the end, best first.

    score  log p(text | sound) + weight * log p_LM(text) + bonus * letters (Hannun 2014, Eq. 2 with
           letters for words); the language model's favour for short texts is what bonus outweighs
    lm     see `LanguageModel`; None: the sound alone

    A wide beam is exact. Raises ValueError for a width below 1.
    """
    if width < 1:
        raise ValueError(f"width={width}: keep at least one text")
    following = None if lm is None else cache(lm)

    @cache
    def prior(prefix: Prefix) -> float:
        """What the text itself is worth, without the sound."""
        if not prefix:
            return 0.0
        said = 0.0 if following is None else weight * following(prefix[:-1])[prefix[-1]]
        return prior(prefix[:-1]) + bonus + said

    beams: Beams = {(): Mass(0.0, -INF)}
    for frame in log_p.tolist():
        grown = grow(beams, frame)
        best = sorted(grown, key=lambda text: grown[text].total + prior(text), reverse=True)
        beams = {text: grown[text] for text in best[:width]}
    found = []
    for text, mass in beams.items():
        end = 0.0 if following is None else weight * following(text)[BLANK]
        found.append(Hypothesis(list(text), mass.total + prior(text) + end))
    possible = [one for one in found if one.score > -INF]
    return sorted(possible, key=lambda one: one.score, reverse=True)


def grow(beams: Beams, frame: Sequence[float]) -> Beams:
    """One frame: every text stays as it is, or gets one more letter; equal texts are added up.

    frame  log p of each class
    """
    grown: Beams = {}

    def add(text: Prefix, blank: float = -INF, label: float = -INF) -> None:
        old = grown.get(text, NOTHING)
        grown[text] = Mass(log_add(old.blank, blank), log_add(old.label, label))

    for text, mass in beams.items():
        for letter, p in enumerate(frame):
            if letter == BLANK:
                add(text, blank=mass.total + p)
            elif text and letter == text[-1]:
                add(text, label=mass.label + p)  # the same letter goes on
                add((*text, letter), label=mass.blank + p)  # a double one, after a blank
            else:
                add((*text, letter), label=mass.total + p)
    return grown


def log_add(a: float, b: float) -> float:
    """log(e^a + e^b)."""
    high, low = max(a, b), min(a, b)
    return high if low == -INF else high + math.log1p(math.exp(low - high))


def rescore(
    nbest: Sequence[Hypothesis], lm_score: Callable[[list[int]], float], weight: float
) -> list[Hypothesis]:
    """A second look by a model that is too slow for the beam: score + weight * log p_LM(text)."""
    again = [Hypothesis(one.ids, one.score + weight * lm_score(one.ids)) for one in nbest]
    return sorted(again, key=lambda one: one.score, reverse=True)
