"""Codes beside a plain loop over distances, and centres beside the means of what they stand for."""

import unittest.mock

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.quantizers import Codebook, GumbelQuantizer, fit_codebook, perplexity, use
from tests.oracle import error, gradients, randomise


def clusters(each: int, spread: float) -> Tensor:
    """Four heaps [4, each, 2], ten apart, mixed in no order that matters."""
    rng = torch.Generator().manual_seed(0)
    middle = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    return middle[:, None] + spread * torch.randn(4, each, 2, generator=rng)


@pytest.mark.parametrize("shape", [(7,), (2, 5), ()])
def test_the_code_is_the_nearest_centre(shape: tuple[int, ...]) -> None:
    rng = torch.Generator().manual_seed(0)
    book = Codebook(codes=6, dim=3).double()
    book.centres.copy_(2 * torch.randn(6, 3, generator=rng))  # long and short ones
    vectors = torch.randn(*shape, 3, generator=rng, dtype=torch.double)
    codes = book(vectors)
    assert codes.shape == shape
    for vector, code in zip(vectors.view(-1, 3), codes.flatten().tolist(), strict=True):
        distances = [sum((vector - centre) ** 2) for centre in book.centres]
        assert code == distances.index(min(distances))


def test_a_centre_is_its_own_code_and_the_first_of_two_equal_ones() -> None:
    book = Codebook(codes=4, dim=2)
    book.centres.copy_(torch.tensor([[1.0, 0.0], [9.0, 0.0], [0.0, 3.0], [1.0, 0.0]]))
    assert book(book.centres).tolist() == [0, 1, 2, 0]


def test_centres_travel_with_the_weights_and_are_not_trained() -> None:
    book = Codebook(codes=4, dim=2)
    assert list(book.state_dict()) == ["centres"]
    assert not list(book.parameters())


def test_a_centre_is_the_mean_of_its_vectors() -> None:
    """Mini-batches are drawn with replacement: means are met within their sampling error."""
    heaps = clusters(500, 0.5)
    vectors = heaps.flatten(0, 1)
    book = fit_codebook(vectors[torch.randperm(2000)], codes=4, seed=0)
    codes = book(heaps)
    assert all(len(heap.unique()) == 1 for heap in codes)
    assert sorted(codes[:, 0].tolist()) == [0, 1, 2, 3]
    for code in range(4):
        mean = vectors[book(vectors) == code].mean(0)
        assert (book.centres[code] - mean).abs().max() < 4 * 0.5 / 500**0.5


def test_the_seed_decides() -> None:
    vectors = clusters(50, 3.0).flatten(0, 1)
    one, two, other = (fit_codebook(vectors, codes=8, seed=seed).centres for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_fewer_vectors_than_codes_are_too_few() -> None:
    with pytest.raises(ValueError, match="3 vectors for codes=4: give at least as many"):
        fit_codebook(torch.rand(3, 2), codes=4, seed=0)


def gumbel(seed: int = 0) -> GumbelQuantizer:
    return randomise(GumbelQuantizer(dim=5, groups=2, codes=4, width=6), seed)  # type: ignore[return-value]


def test_gumbel_takes_the_best_entry_of_each_group_side_by_side() -> None:
    quantizer, vectors = gumbel(), torch.randn(9, 5, dtype=torch.double)
    found = quantizer(vectors)
    for n in range(9):
        scores = quantizer.score.weight @ vectors[n] + quantizer.score.bias
        best = [int(scores[:4].argmax()), int(scores[4:].argmax())]
        assert found.codes[n].tolist() == best
        assert torch.equal(
            found.vectors[n], torch.cat([quantizer.book[0, best[0]], quantizer.book[1, best[1]]])
        )
    share = quantizer.score(vectors).view(9, 2, 4).softmax(-1).mean(0)
    assert error(found.share, share) < 1e-12


def test_gumbel_noise_chooses_as_often_as_the_softmax_says() -> None:
    """The Gumbel-max trick: argmax(score + noise) is a draw from softmax(score)."""
    quantizer, n = gumbel(), 60000
    vector = torch.randn(1, 5, dtype=torch.double)
    noise = quantizer.noise(n, torch.Generator().manual_seed(0)).double()
    codes = quantizer(vector.expand(n, 5), 0.7, noise).codes
    want = quantizer.score(vector).view(2, 4).softmax(-1)
    assert (use(codes, 4) - want).abs().max() < 0.01


def test_gumbel_goes_forward_through_one_entry_and_backward_through_the_softmax() -> None:
    """torch's own straight-through Gumbel softmax, the same noise, is the oracle."""
    quantizer, vectors = gumbel(), torch.randn(7, 5, dtype=torch.double)
    noise = quantizer.noise(7, torch.Generator().manual_seed(3)).double()
    probe = torch.randn(7, 6, dtype=torch.double)
    (quantizer(vectors, 0.7, noise).vectors * probe).sum().backward()
    have = gradients(quantizer)
    theirs = gumbel()
    scores = theirs.score(vectors).view(14, 4)

    def exponential(tensor: Tensor, *_: object, **__: object) -> Tensor:
        return torch.exp(-noise.view(14, 4))

    with unittest.mock.patch("torch.Tensor.exponential_", exponential):
        choice = F.gumbel_softmax(scores, tau=0.7, hard=True).view(7, 2, 4)
    entries = (choice[..., None] * theirs.book).sum(2).flatten(1)
    (entries * probe).sum().backward()
    want = gradients(theirs)
    assert {name: error(have[name], want[name]) < 1e-10 for name in want} == dict.fromkeys(
        want, True
    )


def test_perplexity_counts_the_entries_in_use() -> None:
    """All alike: every one; one only: 1 a group; two equally often: 2."""
    assert float(perplexity(torch.full((2, 8), 1 / 8))) == pytest.approx(16)
    codes = torch.tensor([[3, 0], [3, 1], [3, 0], [3, 1]])
    assert use(codes, 4).tolist() == [[0, 0, 0, 1], [0.5, 0.5, 0, 0]]
    assert float(perplexity(use(codes, 4))) == pytest.approx(1 + 2)


def test_a_width_that_does_not_split() -> None:
    with pytest.raises(ValueError, match="width=7 does not split into groups=2"):
        GumbelQuantizer(dim=5, groups=2, codes=4, width=7)
