"""Are two layers alike, though they have other axes? Linear CKA, Kornblith et al. 2019, Section 3.

Two layers see the same n things. Each says which of them it holds for alike; CKA asks whether both
say the same, whatever their axes are called: 1 is the same but for rotation and scale.

The paper's estimate is far above 0 for vectors that have nothing to do with one another: about
d / (n + d), .20 for 500 things and 128 numbers each. So no thing is compared with itself here: the
unbiased HSIC of Song et al. 2012, Equation 5, whose mean is 0 where two layers have nothing in
common; single values may lie a little below.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

LEAST = 4  # things: HSIC without bias divides by n - 3


class Similarity(NamedTuple):
    """Every layer against every other.

    names    (model, number of its layer), in the order of rows and columns
    matrix   CKA of things that belong together
    control  [draws, layers, layers] the same with things that do not
    """

    names: list[tuple[str, int]]
    matrix: Float[Tensor, "layers layers"]
    control: Float[Tensor, "draws layers layers"]


def linear_cka(one: Float[Tensor, "n dim1"], other: Float[Tensor, "n dim2"]) -> float:
    """CKA of the same n things, seen by two layers: 1 alike, 0 nothing in common but by chance.

    Raises ValueError for two different n, fewer than 4 things, NaN, and vectors all the same.
    """
    if len(one) != len(other):
        raise ValueError(f"{len(one)} and {len(other)} vectors: give both layers the same things")
    return float(hsic(scaled(one), scaled(other)))


def scaled(vectors: Float[Tensor, "n dim"]) -> Float[Tensor, "n dim"]:
    """Centred, in float64, and of a size at which HSIC with itself is 1."""
    if len(vectors) < LEAST:
        raise ValueError(f"{len(vectors)} vectors: CKA needs {LEAST} things, better hundreds")
    if not torch.isfinite(vectors).all():
        raise ValueError("vectors have NaN or infinity: repair the model first")
    centred = vectors.double() - vectors.double().mean(0)
    own = hsic(centred, centred)
    # One thing far from all others, which are alike, has nobody to be compared with, either.
    if (vectors == vectors[0]).all() or own < 1e-12 * centred.square().sum() ** 2:
        raise ValueError(
            f"{len(vectors)} vectors are all the same, or all but one: this layer tells nothing "
            "apart, leave it out"
        )
    return centred / own**0.25


def hsic(one: Float[Tensor, "n dim1"], other: Float[Tensor, "n dim2"]) -> Float[Tensor, ""]:
    """n (n - 3) times the unbiased HSIC of centred vectors, Song et al. 2012, Equation 5.

    Written with dim1 x dim2 numbers instead of n x n: centred kernels have rows that sum to 0, so
    only their diagonals, the squared lengths, have to be taken out.
    """
    n, own, others = len(one), one.square().sum(1), other.square().sum(1)
    together = (one.T @ other).square().sum() - own @ others * n / (n - 2)
    return together + own.sum() * others.sum() / ((n - 1) * (n - 2))


def similarities(
    states: Mapping[str, Sequence[Float[Tensor, "n _dim"]]], partners: Int[Tensor, "draws n"]
) -> Similarity:
    """Every layer of every model against all, and the same with wrong partners as a control.

    states    model -> the same n things in each of its layers
    partners  orders of the n things: whom each meets instead of itself, such as `exchanged` gives

    The control holds for two layers of one model, too. Raises ValueError as `linear_cka`, and for
    partners that are no order of the n things.
    """
    names = [(model, number) for model, own in states.items() for number in range(len(own))]
    layers = [scaled(one) for own in states.values() for one in own]
    sizes = sorted({len(one) for one in layers})
    if len(sizes) != 1:
        raise ValueError(f"layers with {sizes} vectors: give all of them the same things")
    if partners.sort().values.tolist() != [list(range(sizes[0]))] * len(partners):
        raise ValueError(f"partners are no orders of the {sizes[0]} things: permute 0 to n - 1")
    control = [against(layers, [one[order] for one in layers]) for order in partners]
    return Similarity(names, against(layers, layers), torch.stack(control))


def against(
    layers: Sequence[Float[Tensor, "n _dim"]], others: Sequence[Float[Tensor, "n _dim"]]
) -> Float[Tensor, "layers layers"]:
    """HSIC of each layer with each from itself on; below the diagonal stands the mirror image."""
    found = torch.zeros(len(layers), len(layers), dtype=torch.float64)
    for row, one in enumerate(layers):
        for column in range(row, len(others)):
            found[row, column] = found[column, row] = hsic(one, others[column])
    return found
