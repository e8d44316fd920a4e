"""CKA: against explicit kernels, closed forms, what it must not change with, and plain loops."""

import itertools

import pytest
import torch
from torch import Tensor

from lecturelib.adapt.similarity import hsic, linear_cka, scaled, similarities
from tests.oracle import unchecked

RNG = torch.Generator().manual_seed(0)


def normal(*size: int) -> Tensor:
    return torch.randn(*size, generator=RNG, dtype=torch.float64)


def with_kernels(one: Tensor, other: Tensor) -> float:
    """Song et al. 2012, Equation 5, term by term on n x n kernels without their diagonals."""
    n, ones = len(one), torch.ones(len(one), dtype=torch.float64)
    kernel, other_kernel = ((x @ x.T).fill_diagonal_(0) for x in (one, other))
    trace = (kernel @ other_kernel).trace()
    sums = (ones @ kernel @ ones) * (ones @ other_kernel @ ones) / ((n - 1) * (n - 2))
    crossed = 2 / (n - 2) * (ones @ kernel @ other_kernel @ ones)
    return float(trace + sums - crossed) / (n * (n - 3))


def over_all_fours(one: Tensor, other: Tensor) -> float:
    """HSIC as what it is the mean of: a kernel of four different things (Song 2012, Eq. 4)."""
    k, other_k = one @ one.T, other @ other.T
    total, count = 0.0, 0
    for s, t, u, v in itertools.permutations(range(len(one)), 4):
        total += float(k[s, t] * (other_k[s, t] + other_k[u, v] - 2 * other_k[s, u]))
        count += 1
    return total / count


@pytest.mark.parametrize(("n", "dim1", "dim2"), [(4, 3, 2), (7, 1, 5), (20, 30, 8)])
def test_it_is_the_formula_with_kernels(n: int, dim1: int, dim2: int) -> None:
    one, other = normal(n, dim1) + 3, normal(n, dim2) * 2 - 1
    other[:, 0] += one[:, 0]
    want = with_kernels(one, other)
    want /= (with_kernels(one, one) * with_kernels(other, other)) ** 0.5
    assert abs(linear_cka(one, other) - want) < 1e-10


def test_hsic_is_the_mean_over_all_fours() -> None:
    one, other = normal(6, 3), normal(6, 2)
    centred = [x - x.mean(0) for x in (one, other)]
    assert abs(float(hsic(*centred)) / (6 * 3) - over_all_fours(one, other)) < 1e-10


def test_scaled_vectors_have_mean_0_and_hsic_1_with_themselves() -> None:
    vectors = scaled(5 + 100 * normal(30, 7))
    assert vectors.mean(0).abs().max() < 1e-12
    assert abs(float(hsic(vectors, vectors)) - 1) < 1e-12


def test_a_layer_is_itself_turned_and_grown() -> None:
    one = normal(40, 6)
    turn = torch.linalg.qr(normal(6, 6)).Q
    assert abs(linear_cka(one, one) - 1) < 1e-10
    assert abs(linear_cka(one, -7 * one @ turn + normal(6)) - 1) < 1e-10
    assert linear_cka(one, one * torch.tensor([9.0, 1, 1, 1, 1, 1]).double()) < 0.9


def test_turns_of_one_side_change_nothing() -> None:
    one, other = normal(25, 6), normal(25, 4)
    other[:, :2] += one[:, :2]
    turn = torch.linalg.qr(normal(6, 6)).Q
    assert abs(linear_cka(one, other) - linear_cka(3 * one @ turn, other)) < 1e-10
    assert abs(linear_cka(one, other) - linear_cka(other, one)) < 1e-10


def test_two_halves_and_one_of_them_in_closed_form() -> None:
    """A layer with k independent directions of one size, and one that knows j of them: both have
    variances 1, so HSIC is j and k and CKA sqrt(j / k) as n grows."""
    one = normal(20_000, 8)
    assert linear_cka(one, one[:, :2]) == pytest.approx((2 / 8) ** 0.5, abs=0.01)


def test_nothing_in_common_is_0_where_the_paper_s_estimate_is_a_fifth() -> None:
    """d / (n + d) = .204 for 500 things and 128 numbers; .561 for 100."""
    for n in (100, 500):
        pairs = [(normal(n, 128), normal(n, 128)) for _ in range(10)]
        ours = torch.tensor([linear_cka(*pair) for pair in pairs])
        biased = torch.tensor([as_published(*pair) for pair in pairs])
        assert biased.mean() == pytest.approx(128 / (n + 128), abs=0.01)
        assert abs(ours.mean()) < 0.02
        assert ours.min() < 0 < ours.max()


def as_published(one: Tensor, other: Tensor) -> float:
    """Kornblith 2019, Section 3: linear CKA of centred vectors, with each thing's own product."""
    one, other = one - one.mean(0), other - other.mean(0)
    shared = (one.T @ other).norm() ** 2
    return float(shared / ((one.T @ one).norm() * (other.T @ other).norm()))


def test_with_many_things_it_is_the_paper_s_estimate() -> None:
    one = normal(50_000, 3)
    other = one @ normal(3, 4) + normal(50_000, 4)
    assert linear_cka(one, other) == pytest.approx(as_published(one, other), abs=1e-3)


def test_the_map_has_every_pair_and_every_control() -> None:
    states = {"a": [normal(12, 3), normal(12, 5)], "b": [normal(12, 4)]}
    partners = torch.stack([torch.randperm(12, generator=RNG) for _ in range(3)])
    names, matrix, control = similarities(states, partners)
    assert names == [("a", 0), ("a", 1), ("b", 0)]
    layers = [*states["a"], *states["b"]]
    for i, j in itertools.product(range(3), repeat=2):
        first, second = sorted((i, j))
        want = linear_cka(layers[first], layers[second])
        assert abs(float(matrix[i, j]) - want) < 1e-10
        for draw, order in enumerate(partners):
            want = linear_cka(layers[first], layers[second][order])
            assert abs(float(control[draw, i, j]) - want) < 1e-10


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (torch.rand(5, 2), torch.rand(6, 2), "5 and 6 vectors: give both layers the same things"),
        (torch.rand(3, 2), torch.rand(3, 2), "3 vectors: CKA needs 4 things"),
        (torch.full((5, 2), 0.1), torch.rand(5, 2), "5 vectors are all the same"),
        (torch.eye(6)[:, :1], torch.rand(6, 2), "or all but one: this layer tells nothing apart"),
        (torch.rand(5, 2), torch.full((5, 2), torch.nan), "NaN or infinity"),
    ],
)
def test_what_cannot_be_compared_is_refused(one: Tensor, other: Tensor, message: str) -> None:
    with unchecked(), pytest.raises(ValueError, match=message):
        linear_cka(one, other)


def test_a_map_of_other_things_or_wrong_partners_is_refused() -> None:
    one, order = torch.rand(5, 2), torch.arange(5)[None]
    with unchecked(), pytest.raises(ValueError, match=r"layers with \[5, 6\] vectors"):
        similarities({"a": [one], "b": [torch.rand(6, 2)]}, order)
    with pytest.raises(ValueError, match="no orders of the 5 things"):
        similarities({"a": [one]}, torch.zeros_like(order))
