"""Exercises of notebook 07b, with the typical slips."""

import math
from collections.abc import Callable, Sequence
from functools import wraps

import torch
from torch import Generator, Tensor

from lecturelib.adapt.ngrams import DISCOUNT, discounted
from lecturelib.decoding.ctc import Beams, Mass, grow, log_add
from lecturelib.exercises import Exercise
from lecturelib.objectives.ctc import (
    align,
    arrivals,
    collapse,
    edit_distance,
    forward_step,
    forward_trellis,
    log_likelihood,
    with_blanks,
)


def spelled(rng: Generator) -> list[tuple]:
    """A double letter with a blank between; then a long path that begins and ends anyhow."""
    return [(torch.tensor([0, 3, 3, 0, 3, 5]),), (torch.randint(4, (40,), generator=rng),)]


def lattices(rng: Generator) -> list[tuple]:
    """Two labels in three frames; then a double label in seven."""
    sizes, texts = ((3, 3), (7, 5)), ([1, 2], [3, 3, 1])
    return [
        (torch.randn(size, generator=rng).log_softmax(-1), torch.tensor(text))
        for size, text in zip(sizes, texts, strict=True)
    ]


def steps(rng: Generator) -> list[tuple]:
    """A row of the trellis for "ab"; then one for "aab", where one skip is barred."""
    found = []
    for text in ([1, 2], [1, 1, 2]):
        states = with_blanks(torch.tensor(text))
        before = torch.randn(len(states), generator=rng).log_softmax(0)
        found.append((before, torch.randn(4, generator=rng).log_softmax(0), states))
    return found


def always_skipping(before: Tensor, frame: Tensor, states: Tensor) -> Tensor:
    """Skips the blank between two equal labels, too; from label to label only."""
    skip = before.roll(2)
    skip[:2], skip[::2] = -math.inf, -math.inf
    ways = torch.stack([*arrivals(before, states)[:2], skip])
    return ways.logsumexp(0) + frame[states]


def skipping_letters(before: Tensor, frame: Tensor, states: Tensor) -> Tensor:
    """Every state may be reached from two below."""
    skip = before.roll(2)
    skip[:2] = -math.inf
    ways = torch.stack([*arrivals(before, states)[:2], skip])
    return ways.logsumexp(0) + frame[states]


@wraps(align)
def which_frame(log_p: Tensor, labels: Tensor) -> Tensor:
    """The label of each frame; states and score are left out."""
    return align(log_p, labels).label


def through_the_sum(log_p: Tensor, labels: Tensor) -> Tensor:
    """The state with the largest alpha in each frame, each for itself."""
    return with_blanks(labels)[forward_trellis(log_p, labels).argmax(1)]


def beams(rng: Generator) -> list[tuple]:
    """Only "a", half of it ending in a blank; then "", "a" and "ab" side by side."""
    one = {(1,): Mass(math.log(0.5), math.log(0.5))}
    few = {(): Mass(math.log(0.3), -math.inf), (1,): Mass(math.log(0.2), math.log(0.1))}
    few |= {(1, 2): Mass(math.log(0.05), math.log(0.35))}
    return [
        (one, torch.tensor([0.5, 0.25, 0.25]).log().tolist()),
        (few, torch.randn(3, generator=rng).log_softmax(0).tolist()),
    ]


def as_table(step: Callable[..., Beams]) -> Callable[..., Tensor]:
    """A step of the beam as a tensor: a row a text, in order of the texts, p of its two masses."""

    @wraps(step)
    def table(before: Beams, frame: Sequence[float]) -> Tensor:
        after = step(before, frame)
        return torch.tensor([tuple(after[text]) for text in sorted(after)]).exp()

    return table


def grown(before: Beams, frame: Sequence[float], *, double: bool = True, add: bool = True) -> Beams:
    """One frame; without the blank between doubles, or where the last way in overwrites."""
    found: Beams = {}
    for text, mass in before.items():
        for letter, p in enumerate(frame):
            again = bool(text) and letter == text[-1]
            ways = [((*text, letter), Mass(-math.inf, mass.total + p))]
            if letter == 0:
                ways = [(text, Mass(mass.total + p, -math.inf))]
            elif again and double:
                ways = [(text, Mass(-math.inf, mass.label + p))]
                ways += [((*text, letter), Mass(-math.inf, mass.blank + p))]
            elif again:
                ways = [(text, Mass(-math.inf, mass.total + p))]
            for name, new in ways:
                old = found.get(name, Mass(-math.inf, -math.inf)) if add else None
                found[name] = new if old is None else Mass(*map(log_add, old, new))
    return found


def sentences(rng: Generator) -> list[tuple]:
    """Two words of which one is lost; then all kinds of error, another order, and any words."""
    pairs = [("three one", "three"), ("one two three", "two tree four"), ("six", "a six b")]
    pairs += [("six two", "two six")]
    drawn = torch.randint(3, (2, 7), generator=rng)
    pairs += [tuple(" ".join("abc"[word] for word in row) for row in drawn)]
    return [(said.split(), heard.split()) for said, heard in pairs]


@wraps(edit_distance)
def edits(said: Sequence, heard: Sequence) -> Tensor:
    """The number as a tensor."""
    return torch.tensor(edit_distance(said, heard))


def place_by_place(said: Sequence, heard: Sequence) -> Tensor:
    """Words compared at the same place, what is over is wrong."""
    wrong = sum(a != b for a, b in zip(said, heard, strict=False))
    return torch.tensor(wrong + abs(len(said) - len(heard)))


def without_swaps(said: Sequence, heard: Sequence) -> Tensor:
    """A substitution counted as one deletion and one insertion."""
    above = list(range(len(heard) + 1))
    for number, wanted in enumerate(said, 1):
        row = [number]
        for place, found in enumerate(heard):
            same = [above[place]] if wanted == found else []
            row.append(min([*same, above[place + 1] + 1, row[place] + 1]))
        above = row
    return torch.tensor(above[-1])


def tallies(rng: Generator) -> list[tuple]:
    """Four sightings of three letters; then many of some of eight."""
    few = torch.tensor([3.0, 1.0, 0.0]), torch.tensor([0.5, 0.25, 0.25])
    many = torch.randint(4, (8,), generator=rng).float()
    return [few, (many, torch.randn(8, generator=rng).softmax(0))]


EXERCISES = {
    "collapse": Exercise(
        collapse,
        spelled,
        {
            "Merge first, then drop the blanks: else a double letter is lost": lambda path: path[
                path != 0
            ].unique_consecutive(),
            "What repeats must be merged": lambda path: path[path != 0],
            "The blanks must go": lambda path: path.unique_consecutive(),
            "A letter may come back later: merge neighbours only": lambda path: path[
                path != 0
            ].unique(),
        },
    ),
    "with_blanks": Exercise(
        with_blanks,
        lambda rng: [(torch.tensor([1, 1]),), (torch.randint(1, 5, (6,), generator=rng),)],
        {
            "Blanks stand before the first and after the last label, too": lambda labels: (
                with_blanks(labels)[1:-1]
            ),
            "A blank after the last label, too": lambda labels: with_blanks(labels)[:-1],
            "Labels and blanks have changed places": lambda labels: with_blanks(labels).roll(1),
        },
    ),
    "forward_step": Exercise(
        forward_step,
        steps,
        {
            "Between two equal labels the blank must not be skipped": always_skipping,
            "Labels cannot be skipped: a blank is not reached from a blank": skipping_letters,
            "Multiply by p of the frame: in logarithms, add it": lambda before, frame, states: (
                arrivals(before, states).logsumexp(0)
            ),
            "That is the best way in: add up all three": lambda before, frame, states: (
                arrivals(before, states).amax(0) + frame[states]
            ),
            "A blank may be skipped between different labels": lambda before, frame, states: (
                arrivals(before, states)[:2].logsumexp(0) + frame[states]
            ),
            "Logarithms cannot be added up as they are: logsumexp": lambda before, frame, states: (
                arrivals(before, states).exp().sum(0) + frame[states]
            ),
        },
    ),
    "log_likelihood": Exercise(
        log_likelihood,
        lattices,
        {
            "A path may also end in the last label": lambda log_p, labels: forward_trellis(
                log_p, labels
            )[-1, -1],
            "A path may also end in the blank after the last label": lambda log_p, labels: (
                forward_trellis(log_p, labels)[-1, -2]
            ),
            "Only the last two states have said the whole text": lambda log_p, labels: (
                forward_trellis(log_p, labels)[-1].logsumexp(0)
            ),
            "That is the loss: the log likelihood has no minus": lambda log_p, labels: (
                -log_likelihood(log_p, labels)
            ),
            "That is the best path alone": lambda log_p, labels: log_p.new_tensor(
                align(log_p, labels).score
            ),
        },
    ),
    "align": Exercise(
        which_frame,
        lattices,
        {
            "Each frame's best class need not spell the text": lambda log_p, labels: log_p.argmax(
                1
            ),
            "alpha knows the past only: go back along the best way": through_the_sum,
        },
    ),
    "grow": Exercise(
        as_table(grow),
        beams,
        {
            "The same letter again, after a blank, is a new letter: a text of its own": as_table(
                lambda before, frame: grown(before, frame, double=False)
            ),
            "Several ways lead to one text: add them, do not overwrite": as_table(
                lambda before, frame: grown(before, frame, add=False)
            ),
        },
    ),
    "edit_distance": Exercise(
        edits,
        sentences,
        {
            "A lost word shifts all that follow: do not compare place by place": place_by_place,
            "A wrong word is one error, not a deletion and an insertion": without_swaps,
            "Order counts: these are no sets": lambda said, heard: torch.tensor(
                len(set(said) ^ set(heard))
            ),
            "That is the rate: the number of errors was asked for": lambda said, heard: (
                edits(said, heard) / len(said)
            ),
        },
    ),
    "discounted": Exercise(
        discounted,
        tallies,
        {
            "What was taken must be given: DISCOUNT for each class SEEN, spread as `lower`": (
                lambda counts, lower: (counts - DISCOUNT).clamp(min=0) / counts.sum()
            ),
            "Nothing was taken away: subtract the discount from each count": (
                lambda counts, lower: (
                    (counts + DISCOUNT * (counts > 0).sum() * lower) / counts.sum()
                )
            ),
            "A count never falls below 0": lambda counts, lower: (
                (counts - DISCOUNT + DISCOUNT * len(counts) * lower) / counts.sum()
            ),
            "Each class that was SEEN gave one discount, not each class": lambda counts, lower: (
                ((counts - DISCOUNT).clamp(min=0) + DISCOUNT * len(counts) * lower) / counts.sum()
            ),
            "That is plain counting: what was never seen has no chance": lambda counts, lower: (
                counts / counts.sum()
            ),
        },
    ),
}
