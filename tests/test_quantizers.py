"""Codes beside a plain loop over distances, and centres beside the means of what they stand for."""

import pytest
import torch
from torch import Tensor

from lecturelib.quantizers import Codebook, fit_codebook


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
