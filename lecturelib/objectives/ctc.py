"""CTC: a text from frames, when nobody said which frame holds which letter (Graves et al. 2006).

A path names one class a frame: a letter, or the blank (class 0), "nothing new". `collapse` turns a
path into a text; a text's probability is the sum over all paths that collapse to it.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import IsPad

BLANK = 0
LogP = Float[Tensor, "time classes"]
Labels = Int[Tensor, " labels"]
States = Int[Tensor, " states"]
Row = Float[Tensor, " states"]


def collapse(path: Int[Tensor, " time"], blank: int = BLANK) -> Int[Tensor, " labels"]:
    """The map B (Section 3.1): first merge what repeats, then drop the blanks.

    >>> collapse(torch.tensor([0, 3, 3, 0, 3, 5, 5, 0]))
    tensor([3, 3, 5])
    """
    merged = path.unique_consecutive()
    return merged[merged != blank]


def with_blanks(labels: Labels) -> States:
    """l' of Section 4.1: a blank before, between and after the labels, 2 n + 1 states."""
    states = torch.full((2 * len(labels) + 1,), BLANK, device=labels.device)
    states[1::2] = labels
    return states


def arrivals(before: Row, states: States) -> Float[Tensor, "3 states"]:
    """Three ways into each state, as log probabilities: stay, step, skip.

    A blank may be skipped between two different labels only: else a double letter would merge.
    """
    barred = states[2:] == states[:-2]
    step = F.pad(before[:-1], (1, 0), value=-math.inf)
    skip = F.pad(before[:-2].masked_fill(barred, -math.inf), (2, 0), value=-math.inf)
    return torch.stack([before, step, skip])


def forward_step(before: Row, frame: Float[Tensor, " classes"], states: States) -> Row:
    """Eqs. 6-7, in logarithms: alpha[t, s] = (stay + step + skip) * p(state s in frame t)."""
    return arrivals(before, states).logsumexp(0) + frame[states]


def first_row(log_p: LogP, states: States) -> Row:
    """A path begins with the blank or with the first label."""
    return F.pad(log_p[0, states[:2]], (0, len(states) - 2), value=-math.inf)


@torch.no_grad()
def forward_trellis(log_p: LogP, labels: Labels) -> Float[Tensor, "time states"]:
    """alpha: log probability of all beginnings of paths that are in state s at frame t.

    log_p  log probabilities of the classes, frame by frame, without filling
    Written to be read and drawn; training calls PyTorch's CTC, which gives the same numbers.
    Raises ValueError for labels that do not fit; see `check_fit`.
    """
    check_fit(labels, len(log_p), log_p.shape[1])
    states = with_blanks(labels)
    rows = [first_row(log_p, states)]
    for frame in log_p[1:]:
        rows.append(forward_step(rows[-1], frame, states))
    return torch.stack(rows)


def log_likelihood(log_p: LogP, labels: Labels) -> Float[Tensor, ""]:
    """log p(text | sound), Eq. 8: paths end in the last label or in the blank after it."""
    return forward_trellis(log_p, labels)[-1, -2:].logsumexp(0)


class Alignment(NamedTuple):
    """The likeliest path of a text.

    state  [time] where it is in `with_blanks(labels)`    label  [time] the class there
    score  its log probability
    """

    state: Int[Tensor, " time"]
    label: Int[Tensor, " time"]
    score: float


@torch.no_grad()
def align(log_p: LogP, labels: Labels) -> Alignment:
    """Which frame is which letter? The trellis with max for sum, and back along the best way."""
    check_fit(labels, len(log_p), log_p.shape[1])
    states = with_blanks(labels)
    score, moves = first_row(log_p, states), []
    for frame in log_p[1:]:
        best, move = arrivals(score, states).max(0)
        score = best + frame[states]
        moves.append(move)
    at = len(states) - 2 + int(score[-2:].argmax())
    path, total = [at], float(score[at])
    for move in reversed(moves):
        at -= int(move[at])
        path.append(at)
    state = torch.tensor(path[::-1], device=log_p.device)
    return Alignment(state, states[state], total)


def check_fit(labels: Int[Tensor, "..."], frames: int, classes: int) -> None:
    """ValueError for no labels, labels that are no letters, and more of them than frames."""
    if len(labels) == 0:
        raise ValueError("an empty text: give at least one letter")
    if len(wrong := labels[(labels <= BLANK) | (labels >= classes)]):
        raise ValueError(
            f"label {int(wrong[0])} is no letter: use 1..{classes - 1}, {BLANK} is blank"
        )
    doubled = int((labels[1:] == labels[:-1]).sum())
    if (need := len(labels) + doubled) > frames:
        raise ValueError(
            f"{len(labels)} labels, {doubled} of them doubled, need {need} frames, here are "
            f"{frames}: give longer sound or a shorter text"
        )


def edit_distance(said: Sequence, heard: Sequence) -> int:
    """Levenshtein: the fewest insertions, deletions and substitutions between two sequences.

    Of words, over the number said: the word error rate; of letters, the character error rate.
    """
    row = list(range(len(heard) + 1))
    for number, wanted in enumerate(said, 1):
        above, row = row, [number]
        for place, found in enumerate(heard):
            swap = above[place] + (wanted != found)
            row.append(min(swap, above[place + 1] + 1, row[place] + 1))
    return row[-1]


class Posterior(NamedTuple):
    """What a recogniser gives: log p of each class in each frame, and which frames are filling."""

    log_p: Float[Tensor, "batch time classes"]
    is_pad: IsPad

    def rows(self) -> list[LogP]:
        """Each example's own frames, nothing else."""
        return [log_p[~is_pad] for log_p, is_pad in zip(self.log_p, self.is_pad, strict=True)]


class Ctc(Objective):
    """Fine-tuning for speech recognition (Baevski 2020, Section 3.3): minus log p(text | sound).

    model  called as model(batch, rng) -> Posterior, is told of each step by `after_step(step)`

    parts  nll and character_errors a character, greedy, and the share of blanks: near 1 the model
           says nothing, a plateau where CTC starts. Raises ValueError for labels that do not fit
           (the published code gives them the loss 0, and nobody hears of it).
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        posterior: Posterior = self.model(batch, rng)
        texts = label_rows(batch)
        frames, letters = (~posterior.is_pad).sum(1), torch.tensor([len(t) for t in texts])
        for text, count in zip(texts, frames.tolist(), strict=True):
            check_fit(text, count, posterior.log_p.shape[2])
        log_p = posterior.log_p.transpose(0, 1)
        loss = F.ctc_loss(log_p, batch.labels, frames, letters, blank=BLANK, reduction="sum")
        best = posterior.log_p.detach().argmax(-1)
        wrong = [
            edit_distance(text.tolist(), collapse(path[~is_pad]).tolist())
            for text, path, is_pad in zip(texts, best, posterior.is_pad, strict=True)
        ]
        count = int(letters.sum())
        parts = {
            "nll": loss.detach() / count,
            "character_errors": torch.tensor(sum(wrong) / count),
            "blanks": (best == BLANK)[~posterior.is_pad].float().mean(),
        }
        return Losses(loss, parts, count)

    def after_step(self, step: int) -> None:
        """A recogniser may keep its encoder frozen for its first steps."""
        self.model.after_step(step)  # pyright: ignore[reportCallIssue]


def label_rows(batch: Batch) -> list[Labels]:
    """Each example's labels without the filling."""
    is_pad: Bool[Tensor, "batch labels"] | None = batch.is_label_pad
    if is_pad is None:
        return list(batch.labels)
    return [text[~filling] for text, filling in zip(batch.labels, is_pad, strict=True)]
