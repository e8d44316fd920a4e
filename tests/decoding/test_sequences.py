"""Search against brute force, against a loop without cache, and where greedy is wrong."""

import itertools
import math
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from lecturelib.decoding.sequences import Stop, beam, greedy
from tests.encoders.test_encoder_decoder import model
from tests.oracle import padded

END, BEGIN, VOCAB = 0, 1, 4


class Written(NamedTuple):
    """A cache that keeps only the ids, for a model that is a table."""

    ids: Tensor

    def select(self, rows: Tensor) -> "Written":
        return Written(self.ids[rows])


def table(rows: dict[tuple[int, ...], list[float]]):
    """A model from prefix -> probabilities of the next token; anything else ends at once."""

    def write(ids: Tensor, cache: Written) -> tuple[Tensor, Written]:
        longer = Written(torch.cat([cache.ids, ids], 1))
        sure = [1.0, 0.0, 0.0]
        found = [rows.get(tuple(row), sure) for row in longer.ids[:, 1:].tolist()]
        return torch.tensor(found, dtype=torch.double).log(), longer

    return write, Written(torch.empty(1, 0, dtype=torch.long)), torch.tensor([[BEGIN]])


def trained():
    """A random encoder-decoder with 4 tokens; sharp enough for long answers."""
    whole = model(VOCAB).eval()
    source, is_pad = torch.randint(0, 9, (3, 6), generator=torch.Generator().manual_seed(2)), None
    is_pad = padded([6, 4, 2])
    return whole, source, is_pad, torch.full((3, 1), BEGIN)


def log_p(whole, source, is_pad, ids: list[int]) -> float:
    """log P(ids) by teacher forcing, no cache."""
    written = torch.tensor([[BEGIN, *ids[:-1]]])
    steps = whole(source, written, is_pad).log_softmax(-1)[0]
    return sum(steps[place, token].item() for place, token in enumerate(ids))


def everything(whole, source, is_pad, limit: int) -> list[tuple[float, list[int]]]:
    """All sequences that end within the limit, and all that fill it without an end; best first."""
    words = [token for token in range(VOCAB) if token != END]
    found = []
    for length in range(limit):
        for ids in itertools.product(words, repeat=length):
            found.append((log_p(whole, source, is_pad, [*ids, END]), list(ids)))
    for ids in itertools.product(words, repeat=limit):
        found.append((log_p(whole, source, is_pad, list(ids)), list(ids)))
    return sorted(found, reverse=True)


@torch.no_grad()
def test_a_wide_beam_is_brute_force():
    whole, source, is_pad, begin = trained()
    found = beam(whole.write, whole.read(source, is_pad), begin, Stop(END, 3), width=64)
    for row in range(3):
        length = 6 - 2 * row
        want = everything(whole, source[row : row + 1, :length], None, 3)
        assert math.isclose(sum(math.exp(score) for score, _ in want), 1.0, rel_tol=1e-9)
        assert len(found[row]) == len(want)
        for ours, (score, ids) in zip(found[row], want, strict=True):
            assert ours.ids == ids
            assert ours.score == pytest.approx(score, abs=1e-10)


@torch.no_grad()
def test_greedy_is_argmax_without_cache():
    whole, source, is_pad, begin = trained()
    found = greedy(whole.write, whole.read(source, is_pad), begin, Stop(END, 8))
    for row in range(3):
        ids: list[int] = []
        while len(ids) < 8 and END not in ids:
            written = torch.tensor([[BEGIN, *ids]])
            scores = whole(source[row : row + 1], written, is_pad[row : row + 1])[0, -1]
            ids.append(int(scores.argmax()))
        assert found[row].ids == (ids[:-1] if END in ids else ids)
        want = log_p(whole, source[row : row + 1], is_pad[row : row + 1], ids)
        assert found[row].score == pytest.approx(want, abs=1e-10)


def test_an_answer_that_ends_early_keeps_its_score():
    """Two examples, of 1 and 3 tokens: the short one pays for nothing after its end."""
    probabilities = torch.tensor([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.3, 0.6]]).double()

    def write(ids: Tensor, cache: Written) -> tuple[Tensor, Written]:
        longer = Written(torch.cat([cache.ids, ids], 1))
        place = longer.ids.shape[1] - 1
        rows = [0, 0, 0] if place == 2 else [0, 2, 1]
        return probabilities[[rows[first] for first in longer.ids[:, 0].tolist()]].log(), longer

    begin, cache = torch.tensor([[0], [1]]), Written(torch.empty(2, 0, dtype=torch.long))
    short, long = greedy(write, cache, begin, Stop(END, 5))
    assert (short.ids, short.score) == ([], pytest.approx(math.log(0.7)))
    assert (long.ids, long.score) == ([2, 2], pytest.approx(math.log(0.6 * 0.6 * 0.7)))


def test_a_beam_of_one_is_greedy():
    whole, source, is_pad, begin = trained()
    narrow = beam(whole.write, whole.read(source, is_pad), begin, Stop(END, 8), width=1)
    assert [best[0].ids for best in narrow] == [
        best.ids for best in greedy(whole.write, whole.read(source, is_pad), begin, Stop(END, 8))
    ]


@torch.no_grad()
@pytest.mark.parametrize("width", [2, 3, 5])
def test_a_narrow_beam_is_its_plain_loop(width):
    """Textbook beam: extend each, keep the best; finished ones stay. Lists, no cache."""
    whole, source, is_pad, begin = trained()
    found = beam(whole.write, whole.read(source, is_pad), begin, Stop(END, 6), width=width)
    for row in range(3):
        mine = source[row : row + 1], is_pad[row : row + 1]
        kept: list[tuple[float, list[int]]] = [(0.0, [])]
        for _ in range(6):
            grown = []
            for score, ids in kept:
                if END in ids:
                    grown.append((score, ids))
                    continue
                steps = whole(mine[0], torch.tensor([[BEGIN, *ids]]), mine[1])[0, -1]
                points = steps.log_softmax(-1).tolist()
                grown += [(score + p, [*ids, token]) for token, p in enumerate(points)]
            kept = sorted(grown, reverse=True)[:width]
        assert [best.ids for best in found[row]] == [
            [i for i in ids if i != END] for _, ids in kept
        ]
        assert [best.score for best in found[row]] == pytest.approx([score for score, _ in kept])


def test_the_best_sequence_need_not_begin_with_the_best_token():
    write, cache, begin = table({(): [0.0, 0.6, 0.4], (1,): [0.0, 0.5, 0.5], (2,): [1.0, 0.0, 0.0]})
    first = greedy(write, cache, begin, Stop(END, 4))[0]
    best, second, third = beam(write, cache, begin, Stop(END, 4), width=3)[0]
    assert first.ids[0] == 1
    assert first.score == pytest.approx(math.log(0.3))
    assert (best.ids, best.score) == ([2], pytest.approx(math.log(0.4)))
    assert {tuple(second.ids), tuple(third.ids)} == {(1, 1), (1, 2)}


def test_impossible_sequences_are_not_hypotheses():
    write, cache, begin = table({(): [0.0, 1.0, 0.0]})
    assert [best.ids for best in beam(write, cache, begin, Stop(END, 4), width=3)[0]] == [[1]]


def test_nothing_is_written_after_all_have_ended():
    write, cache, begin = table({})
    calls = []

    def counted(ids, cache):
        calls.append(ids)
        return write(ids, cache)

    assert greedy(counted, cache, begin, Stop(END, 9))[0].ids == []
    assert beam(counted, cache, begin, Stop(END, 9), width=2)[0][0].ids == []
    assert len(calls) == 2


def test_bad_input():
    write, cache, begin = table({})
    with pytest.raises(ValueError, match="limit=0: let at least one"):
        greedy(write, cache, begin, Stop(END, 0))
    with pytest.raises(ValueError, match="limit=0: let at least one"):
        beam(write, cache, begin, Stop(END, 0), width=2)
    with pytest.raises(ValueError, match="width=0: keep at least one"):
        beam(write, cache, begin, Stop(END, 3), width=0)
