"""CTC beside all paths enumerated, PyTorch's loss, torchaudio's alignment and edit distance."""

import itertools
import math

import jiwer
import pytest
import torch
import torch.nn.functional as F
import torchaudio.functional
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.ctc import (
    Ctc,
    Posterior,
    align,
    collapse,
    edit_distance,
    forward_trellis,
    log_likelihood,
    with_blanks,
)
from tests.oracle import error, padded, unchecked

TEXTS = [[1], [2], [1, 2], [1, 1], [2, 1, 2], [1, 2, 2, 1]]


def lattice(time: int = 6, classes: int = 3, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(time, classes, generator=rng, dtype=torch.double).log_softmax(-1)


def paths(log_p: Tensor) -> dict[tuple[int, ...], list[tuple[float, tuple[int, ...]]]]:
    """Every text -> (log p, path) of all its paths, collapsed letter by letter."""
    found: dict = {}
    for path in itertools.product(range(log_p.shape[1]), repeat=len(log_p)):
        text = []
        for here, before in zip(path, (0, *path), strict=False):
            if here not in (0, before):
                text.append(here)
        score = sum(log_p[t, c].item() for t, c in enumerate(path))
        found.setdefault(tuple(text), []).append((score, path))
    return found


@pytest.mark.parametrize(
    ("path", "text"),
    [([0, 0], []), ([1, 1, 2], [1, 2]), ([1, 0, 1], [1, 1]), ([0, 3, 3, 0, 3, 5], [3, 3, 5])],
)
def test_collapse(path: list[int], text: list[int]) -> None:
    assert collapse(torch.tensor(path)).tolist() == text
    swapped = torch.tensor([{0: 9}.get(c, c) for c in path])
    assert collapse(swapped, blank=9).tolist() == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_likelihood_is_the_sum_over_all_paths(text: list[int]) -> None:
    log_p = lattice()
    want = sum(math.exp(score) for score, _ in paths(log_p)[tuple(text)])
    ours = log_likelihood(log_p, torch.tensor(text)).item()
    assert math.isclose(math.exp(ours), want, rel_tol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_the_likelihood_is_pytorchs(text: list[int]) -> None:
    log_p, label = lattice(30, 4, seed=1), torch.tensor(text)
    size = torch.tensor([30]), torch.tensor([len(text)])
    want = -F.ctc_loss(log_p[:, None], label[None], *size, reduction="sum")
    assert error(log_likelihood(log_p, label), want) < 1e-12


def test_the_trellis_counts_beginnings() -> None:
    """alpha[t, s]: all beginnings of t + 1 frames whose last class is s's, by enumeration."""
    log_p, label = lattice(4), torch.tensor([1, 1])
    states = with_blanks(label).tolist()
    assert states == [0, 1, 0, 1, 0]
    alpha = forward_trellis(log_p, label)
    for t, s in itertools.product(range(4), range(5)):
        want = 0.0
        for way in itertools.product(range(5), repeat=t + 1):
            steps = [b - a for a, b in itertools.pairwise(way)]
            legal = all(0 <= step <= 1 for step in steps)  # two equal labels: no blank is skipped
            if way[0] <= 1 and legal and way[-1] == s:
                want += math.exp(sum(log_p[i, states[x]].item() for i, x in enumerate(way)))
        assert math.isclose(math.exp(alpha[t, s]), want, abs_tol=1e-15, rel_tol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_the_alignment_is_the_best_of_all_paths_and_torchaudios(text: list[int]) -> None:
    log_p = lattice(7, seed=3)
    ours = align(log_p, torch.tensor(text))
    score, path = max(paths(log_p)[tuple(text)])
    assert tuple(ours.label.tolist()) == path
    assert ours.score == pytest.approx(score, abs=1e-12)
    theirs, _ = torchaudio.functional.forced_align(log_p[None], torch.tensor([text]))
    assert theirs[0].tolist() == ours.label.tolist()
    assert torch.equal(with_blanks(torch.tensor(text))[ours.state], ours.label)
    assert ((ours.state.diff() >= 0) & (ours.state.diff() <= 2)).all()


def test_edit_distance_is_torchaudios_and_jiwers() -> None:
    rng = torch.Generator().manual_seed(0)
    for _ in range(50):
        sizes = torch.randint(1, 9, (2,), generator=rng).tolist()
        said, heard = (torch.randint(4, (n,), generator=rng).tolist() for n in sizes)
        ours = edit_distance(said, heard)
        assert ours == torchaudio.functional.edit_distance(said, heard)
        text, guess = (" ".join(map(str, row)) for row in (said, heard))
        assert ours / len(said) == pytest.approx(jiwer.wer(text, guess))
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("abc", "") == edit_distance("", "abc") == 3


class Table(nn.Module):
    """A recogniser whose scores are weights, one row an example."""

    def __init__(self, lengths: list[int], classes: int = 5):
        super().__init__()
        rng = torch.Generator().manual_seed(0)
        scores = torch.randn(len(lengths), max(lengths), classes, generator=rng)
        self.scores, self.is_pad = nn.Parameter(scores.double()), padded(lengths)
        self.steps: list[int] = []

    def forward(self, batch: Batch, rng: torch.Generator) -> Posterior:
        return Posterior(self.scores.log_softmax(-1), self.is_pad)

    def after_step(self, step: int) -> None:
        self.steps.append(step)


def batch(rows: list[list[int]]) -> Batch:
    is_pad = padded([len(row) for row in rows])
    label = torch.zeros(is_pad.shape, dtype=torch.long)
    label[~is_pad] = torch.tensor([c for row in rows for c in row])
    return Batch(torch.randn(len(rows), 100), None, label, is_pad)


def test_the_objective_by_a_plain_loop() -> None:
    table, texts = Table([9, 6, 4]), [[1, 2, 2, 3], [4], [1, 3]]
    objective = Ctc(table)
    total, parts, count = objective(batch(texts), torch.Generator())
    rows = Posterior(table.scores.log_softmax(-1), table.is_pad).rows()
    assert [len(row) for row in rows] == [9, 6, 4]
    want = sum(
        -log_likelihood(row, torch.tensor(text)) for row, text in zip(rows, texts, strict=True)
    )
    assert isinstance(want, Tensor)
    assert error(total, want) < 1e-12
    assert count == 7
    assert parts["nll"].item() == pytest.approx(want.item() / 7)
    best = [row.argmax(-1) for row in rows]
    wrong = sum(
        torchaudio.functional.edit_distance(text, collapse(path).tolist())
        for text, path in zip(texts, best, strict=True)
    )
    assert parts["character_errors"].item() == pytest.approx(wrong / 7)
    assert parts["blanks"].item() == pytest.approx(float((torch.cat(best) == 0).double().mean()))
    total.backward()
    assert table.scores.grad is not None
    assert (table.scores.grad[table.is_pad] == 0).all()
    objective.after_step(4)
    assert table.steps == [4]


def test_all_texts_side_by_side_without_filling() -> None:
    table = Table([6, 6])
    one = Batch(torch.randn(2, 9), None, torch.tensor([[1, 2], [3, 3]]))
    want = batch([[1, 2], [3, 3]])
    rng = torch.Generator()
    assert torch.equal(Ctc(table)(one, rng).total, Ctc(table)(want, rng).total)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ([], "an empty text"),
        ([1, 1, 1], "3 labels, 2 of them doubled, need 5 frames, here are 4"),
        ([1, 2, 1, 2, 1], "5 labels, 0 of them doubled, need 5 frames"),
        ([1, 0], r"label 0 is no letter: use 1\.\.2, 0 is blank"),
        ([3], "label 3 is no letter"),
        ([-1], "label -1 is no letter"),
    ],
)
def test_labels_that_do_not_fit(text: list[int], message: str) -> None:
    label = torch.tensor(text, dtype=torch.long)
    for ask in (log_likelihood, align):
        with pytest.raises(ValueError, match=message):
            ask(lattice(4), label)
    with unchecked(), pytest.raises(ValueError, match=message):
        Ctc(Table([9, 4], classes=3))(batch([[1], text]), torch.Generator())


def test_exactly_enough_frames_have_one_path() -> None:
    log_p = lattice(3)
    want = log_p[0, 1] + log_p[1, 0] + log_p[2, 1]
    assert log_likelihood(log_p, torch.tensor([1, 1])).item() == pytest.approx(want.item())
