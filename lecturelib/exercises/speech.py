"""Exercises of notebook 07a, with the typical slips."""

import math
from functools import wraps

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lecturelib.exercises import Exercise
from lecturelib.masking import expected_share, span_mask
from lecturelib.objectives.future_contrast import step_loss
from lecturelib.objectives.masked_contrast import Compared, contrastive_loss
from lecturelib.quantizers import GumbelQuantizer, nearest, perplexity, unit_ids, use


def rules(rng: Generator) -> list[tuple]:
    """Half of all frames start two: three of four frames; the paper's numbers; others."""
    return [(0.5, 2), (0.065, 10), (float(torch.rand((), generator=rng)), 3)]


@wraps(expected_share)
def share(start_prob: float, span: int) -> Tensor:
    """As a tensor."""
    return torch.tensor(expected_share(start_prob, span))


def rows(rng: Generator) -> list[tuple]:
    """One row; then rows with filling at their end. The last number is a seed."""
    lengths = torch.randint(20, 40, (4, 1), generator=rng)
    one = torch.zeros(1, 12, dtype=torch.bool)
    return [(one, 0.2, 3, 0), (torch.arange(40) >= lengths, 0.1, 5, 1)]


@wraps(span_mask)
def spans(is_pad: Tensor, start_prob: float, span: int, seed: int) -> Tensor:
    """With a generator of its own each time, so that all draw alike."""
    rng = Generator().manual_seed(seed)
    return span_mask(is_pad, start_prob=start_prob, span=span, rng=rng)


def choices(rng: Generator) -> list[tuple]:
    """One group of two entries, one of them used; then two groups, one used more evenly."""
    one = torch.tensor([[0], [0], [0]])
    pair = torch.stack([torch.arange(12) % 4, (torch.arange(12) % 3).clamp(max=1)], dim=1)
    return [(one, 2), (pair, 5), (torch.randint(6, (20, 2), generator=rng), 8)]


@wraps(perplexity)
def hard_perplexity(codes: Tensor, entries: int) -> Tensor:
    """Of the choices themselves: p is how often each entry of a group was chosen."""
    return perplexity(use(codes, entries))


def scores(rng: Generator) -> list[tuple]:
    """One group, where noise turns the choice; then two."""
    one = (torch.tensor([[[1.0, 0.5, 0.0]]]), torch.tensor([[[0.0, 1.0, 0.2]]]), 0.5)
    s, noise = torch.randn(2, 6, 2, 4, generator=rng)
    return [one, (s, noise, 2.0)]


@wraps(GumbelQuantizer.forward)
def choose(scores: Tensor, noise: Tensor, temperature: float) -> Tensor:
    """The choice itself: each entry of the book is a unit vector, and the scores are given."""
    _, groups, codes = scores.shape
    size = groups * codes
    quantizer = GumbelQuantizer(dim=size, groups=groups, codes=codes, width=size)
    with torch.no_grad():
        quantizer.score.weight.copy_(torch.eye(size))
        quantizer.book.copy_(torch.eye(codes).expand(groups, -1, -1))
        return quantizer(scores.flatten(1), temperature, noise).vectors.view(scores.shape)


def guesses(rng: Generator) -> list[tuple]:
    """One frame, the true one first, and two others; then many, scores far from 0."""
    return [(torch.tensor([[1.0, -1.0, 0.5]]),), (3 * torch.randn(5, 11, generator=rng),)]


def codes(rng: Generator) -> list[tuple]:
    """A pair of a small book; then the paper's 320, and three groups."""
    small, many = torch.tensor([[1, 2]]), torch.randint(320, (4, 3, 2), generator=rng)
    return [(small, 10), (many, 320), (torch.randint(7, (5, 3), generator=rng), 7)]


def contrasts(rng: Generator) -> list[tuple]:
    """One frame and one distractor, on the axes; then more, of any length."""
    one = (torch.tensor([[2.0, 0.0]]), torch.tensor([[1.0, 0.0]]), torch.tensor([[[0.0, 3.0]]]))
    c, q = torch.randn(2, 4, 3, generator=rng)
    return [(*one, 1.0), (c, q, 2 * torch.randn(4, 6, 3, generator=rng), 0.1)]


def candidates(c: Tensor, q: Tensor, negatives: Tensor) -> Tensor:
    """Cosines with the true one, then with the others."""
    return F.cosine_similarity(c[:, None], torch.cat([q[:, None], negatives], 1), dim=2)


@wraps(contrastive_loss)
def slide_loss(c: Tensor, q: Tensor, negatives: Tensor, kappa: float) -> Tensor:
    """Of vectors: c and q [n, dim], negatives [n, K, dim]; none of these is q itself."""
    found = candidates(c, q, negatives)
    return contrastive_loss(Compared(found, torch.zeros_like(found[:, 1:]).bool()), kappa)


def centres(rng: Generator) -> list[tuple]:
    """One vector, and a centre that is far but long; then two groups."""
    one = (torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.5, 0.0], [9.0, 0.0], [0.9, 1.0]]]))
    vectors, points = torch.randn(2, 9, 3, generator=rng), 2 * torch.randn(2, 5, 3, generator=rng)
    return [one, (vectors, points)]


EXERCISES = {
    "expected_share": Exercise(
        share,
        rules,
        {
            "Spans overlap: M p counts a frame twice": lambda p, m: torch.tensor(m * p),
            "That is what stays to be heard": lambda p, m: torch.tensor((1 - p) ** m),
            "A frame that starts a span is hidden too: M chances, not M - 1": lambda p, m: share(
                p, m - 1
            ),
            "None of M starts: (1 - p)^M, not 1 - p^M": lambda p, m: torch.tensor(p**m),
        },
    ),
    "span_mask": Exercise(
        spans,
        rows,
        {
            "Those are the starts: each hides the frames after it too": lambda pad, p, m, seed: (
                spans(pad, p, 1, seed)
            ),
            "One too many: the start is the first of M": lambda pad, p, m, seed: spans(
                pad, p, m + 1, seed
            ),
            "True is what is hidden": lambda pad, p, m, seed: ~spans(pad, p, m, seed),
            "Filling is no speech: it is never hidden": lambda pad, p, m, seed: spans(
                torch.zeros_like(pad), p, m, seed
            ),
            "p is the chance of a START; you have divided it by M": lambda pad, p, m, seed: spans(
                pad, p / m, m, seed
            ),
        },
    ),
    "perplexity": Exercise(
        hard_perplexity,
        choices,
        {
            "That is the entropy: exp of it": lambda c, v: torch.stack(
                [hard_perplexity(one[:, None], v).log() for one in c.T]
            ).sum(),
            "Each group has a perplexity of its own; they are summed": lambda c, v: hard_perplexity(
                c.reshape(-1, 1), v
            ),
            "Summed over groups, not multiplied": lambda c, v: torch.stack(
                [hard_perplexity(one[:, None], v) for one in c.T]
            ).prod(),
            "How many are used at all; an entry used once counts less": lambda c, v: torch.tensor(
                sum(len(one.unique()) for one in c.T)
            ),
            "A logarithm to base 2 goes with 2^, not with exp": lambda c, v: torch.stack(
                [hard_perplexity(one[:, None], v) ** (1 / math.log(2)) for one in c.T]
            ).sum(),
        },
    ),
    "gumbel": Exercise(
        choose,
        scores,
        {
            "Without noise the best entry is always taken": lambda s, noise, tau: choose(
                s, 0 * noise, tau
            ),
            "Forward ONE entry is taken; the softmax is for the way back": lambda s, noise, tau: (
                (s + noise) / tau
            ).softmax(-1),
            "Each group takes one entry, not one for all groups": lambda s, noise, tau: choose(
                s.flatten(1)[:, None], noise.flatten(1)[:, None], tau
            ).view(s.shape),
            "The noise is added, not subtracted": lambda s, noise, tau: choose(s, -noise, tau),
            "Temperature divides scores AND noise": lambda s, noise, tau: choose(
                s / tau, noise, 1.0
            ),
        },
    ),
    "step_loss": Exercise(
        step_loss,
        guesses,
        {
            "False ones: the sigmoid of MINUS the score": lambda x: -F.logsigmoid(x).sum(),
            "That is a softmax: here each candidate is judged alone": lambda x: (
                -x.log_softmax(-1)[..., 0].sum()
            ),
            "The false ones count, too": lambda x: -F.logsigmoid(x[..., 0]).sum(),
            "Summed over the false ones, not their mean": lambda x: (
                -F.logsigmoid(x[..., 0]).sum() - F.logsigmoid(-x[..., 1:]).mean(-1).sum()
            ),
            "A loss: minus the logarithm": lambda x: -step_loss(x),
        },
    ),
    "unit_ids": Exercise(
        unit_ids,
        codes,
        {
            "The first group counts most: g1 V + g2": lambda c, v: unit_ids(c.flip(-1), v),
            "Their sum: 1, 2 and 2, 1 would be one unit": lambda c, v: c.sum(-1),
            "Places of V, not of V - 1: two pairs would be one unit": lambda c, v: unit_ids(
                c, v - 1
            ),
        },
    ),
    "contrastive_loss": Exercise(
        slide_loss,
        contrasts,
        {
            "sim is the cosine: divide by both lengths": lambda c, q, n, kappa: (
                -(torch.einsum("nd,nkd->nk", c, torch.cat([q[:, None], n], 1)) / kappa)
                .log_softmax(1)[:, 0]
                .sum()
            ),
            "Divide by kappa": lambda c, q, n, kappa: slide_loss(c, q, n, 1 / kappa),
            "Kappa is missing": lambda c, q, n, kappa: slide_loss(c, q, n, 1.0),
            "The true one stands below the line, too": lambda c, q, n, kappa: (
                (candidates(c, q, n) / kappa)[:, 1:].logsumexp(1)
                - (candidates(c, q, n) / kappa)[:, 0]
            ).sum(),
            "Summed over frames, not their mean": lambda c, q, n, kappa: (
                slide_loss(c, q, n, kappa) / len(c)
            ),
        },
    ),
    "nearest": Exercise(
        nearest,
        centres,
        {
            "A long centre wins every product: its length must go off": lambda x, c: (
                x @ c.mT
            ).argmax(2),
            "Nearest, not farthest": lambda x, c: torch.cdist(x, c).argmax(2),
            "That is the direction only": lambda x, c: (
                F.normalize(x, dim=2) @ F.normalize(c, dim=2).mT
            ).argmax(2),
            "The product counts twice: |c|^2 - 2xc": lambda x, c: (
                c.square().sum(2)[:, None] - x @ c.mT
            ).argmin(2),
        },
    ),
}
