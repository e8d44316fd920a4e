"""Words and where they stand."""

import math

import pytest
import torch
import torch.nn.functional as F

from lecturelib.frontends.words import SinusoidalWords, Words, sinusoids
from tests.oracle import error, randomise, unchecked


def test_sinusoids_by_the_papers_formula():
    table = sinusoids(torch.arange(3, 23), 8)
    for row, position in enumerate(range(3, 23)):
        for i in range(4):
            angle = position / 10000 ** (2 * i / 8)
            assert table[row, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-12)
            assert table[row, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-12)


def test_a_shift_is_a_rotation():
    """Section 3.5: PE(pos + k) is a linear function of PE(pos), the same for every pos."""
    table, k = sinusoids(torch.arange(50), 6), 7
    for i in range(3):
        turn = torch.tensor(k / 10000 ** (2 * i / 6), dtype=torch.double)
        sine, cosine = table[:-k, 2 * i], table[:-k, 2 * i + 1]
        want = sine * turn.cos() + cosine * turn.sin()
        assert error(table[k:, 2 * i], want) < 1e-12


def test_sinusoidal_words_by_hand():
    front = randomise(SinusoidalWords(vocab=5, dim=4, dropout=0.0))
    ids = torch.tensor([[3, 1], [0, 0]])
    for start in (0, 6):
        tokens = front(ids, start=start)
        for row in range(2):
            for place in range(2):
                where = sinusoids(torch.tensor([start + place]), 4)[0]
                want = 2.0 * front.word.weight[ids[row, place]] + where
                assert error(tokens[row, place], want) < 1e-12


def test_sinusoidal_words_start_as_loud_as_positions():
    torch.manual_seed(0)
    tokens = SinusoidalWords(vocab=1000, dim=64).word.weight * 8.0
    assert tokens.std().item() == pytest.approx(1.0, abs=0.02)


def test_words_by_hand():
    front = randomise(Words(vocab=5, dim=4, length=6, dropout=0.0))
    ids, segment = torch.tensor([[3, 1, 4]]), torch.tensor([[0, 1, 1]])
    tokens = front(ids, segment, start=2)
    for place in range(3):
        joined = (
            front.word.weight[ids[0, place]]
            + front.position.weight[2 + place]
            + front.segment.weight[segment[0, place]]
        )
        want = F.layer_norm(joined, (4,), front.norm.weight, front.norm.bias, eps=1e-12)
        assert error(tokens[0, place], want) < 1e-12
    assert torch.equal(front(ids), front(ids, torch.zeros_like(ids)))


@pytest.mark.parametrize("start", [0, 2])
def test_words_that_do_not_count_padding(start):
    """RoBERTa's positions in a loop: padding (id 1) at 1, words from 2 on."""
    front = randomise(Words(vocab=5, dim=4, length=9, dropout=0.0))
    front.position.padding_idx = 1
    ids = torch.tensor([[3, 1, 4, 0, 1], [1, 1, 2, 3, 3], [1, 1, 1, 1, 1]])
    tokens = front(ids, start=start)
    for row in range(3):
        count = start
        for place in range(5):
            count += ids[row, place] != 1
            where = 1 if ids[row, place] == 1 else 1 + count
            joined = front.word.weight[ids[row, place]] + front.position.weight[where]
            joined = joined + front.segment.weight[0]
            want = F.layer_norm(joined, (4,), front.norm.weight, front.norm.bias, eps=1e-12)
            assert error(tokens[row, place], want) < 1e-12
    with pytest.raises(ValueError, match="the sequence ends at 10, there are length=9 positions"):
        front(torch.zeros(1, 8 - start, dtype=torch.long), start=start)
    assert front(torch.ones(1, 20, dtype=torch.long), start=start).isfinite().all()


@pytest.mark.parametrize(
    "front", [SinusoidalWords(vocab=5, dim=4), Words(vocab=5, dim=4, length=6)]
)
def test_ids_outside_the_vocabulary(front):
    for wrong in (5, -1):
        with pytest.raises(ValueError, match=f"ids run from .*{wrong}.* vocab=5"):
            front(torch.tensor([[0, wrong]]))


def test_bad_input():
    front, ids = Words(vocab=5, dim=4, length=6), torch.zeros(1, 7, dtype=torch.long)
    with pytest.raises(ValueError, match="the sequence ends at 7, there are length=6 positions"):
        front(ids)
    with pytest.raises(ValueError, match="the sequence ends at 8, there are length=6"):
        front(ids[:, :3], start=5)
    with unchecked(), pytest.raises(ValueError, match=r"segment is \[1, 2\], ids are \[1, 3\]"):
        front(ids[:, :3], ids[:, :2])
    with pytest.raises(ValueError, match="ids run from 2 to 2, vocab=2"):
        front(ids[:, :3], torch.full((1, 3), 2))
    with pytest.raises(ValueError, match="dim=5 is odd"):
        sinusoids(torch.arange(3), 5)
