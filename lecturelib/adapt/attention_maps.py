"""What a Vision Transformer looks at: attention [batch, heads, query, key] laid out as pictures.

Token 0 is [class], the others are patches in reading order; a grid is (down, across) in patches.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lecturelib.shapes import Weights

Maps = Float[Tensor, "batch heads down across"]


def class_maps(weights: Weights, grid: tuple[int, int]) -> Maps:
    """Where [class] looks, a map a head; its look at itself is left out.

    Raises ValueError, as all functions here do, for a grid of another number of patches.
    """
    check(weights.shape[-1], grid)
    return rearrange(
        weights[:, :, 0, 1:], "b heads (down across) -> b heads down across", down=grid[0]
    )


def patch_distance(grid: tuple[int, int], patch: tuple[int, int]) -> Float[Tensor, "query key"]:
    """Pixels from the middle of each patch to the middle of each other one, as the crow flies."""
    places = torch.cartesian_prod(*(torch.arange(size).double() for size in grid))
    middles = places * torch.tensor(patch)
    return (middles[:, None] - middles).norm(dim=-1)


def mean_distance(
    weights: Sequence[Weights], grid: tuple[int, int], patch: tuple[int, int]
) -> Float[Tensor, "layers heads"]:
    """How far each head looks, in pixels (Dosovitskiy 2021, Section 4.5 and Fig. 7, right).

    The distance of two patches, weighted by the attention, mean over asking patches and pictures.
    [class] has no place: neither its row nor its column counts, and the rest of a row is made to
    sum to 1 again. That is our choice.

    weights  a tensor a layer; patch: pixels down and across, in one patch
    """
    for one in weights:
        check(one.shape[-1], grid)
    between = torch.stack([one[:, :, 1:, 1:] for one in weights])
    far = patch_distance(grid, patch).to(between)
    shares = between / between.sum(-1, keepdim=True)
    return (shares * far).sum(-1).mean((1, 3))


def rollout(weights: Sequence[Weights]) -> Float[Tensor, "batch query key"]:
    """Attention followed down to the patches (Abnar and Zuidema 2020, Section 3, Eq. 1).

    Heads are averaged; half of each layer is the residual: A = W/2 + I/2. The product of all
    layers, the last one first, says how much of each token is in each output, if values mixed as
    attention does. `class_maps(rollout(weights)[:, None], grid)` draws it for [class].
    """
    flow = torch.eye(weights[0].shape[-1]).to(weights[0])
    for one in weights:
        mean = one.mean(1)
        flow = (mean + torch.eye(mean.shape[-1]).to(mean)) / 2 @ flow
    return flow


def position_similarity(
    position: Float[Tensor, "tokens dim"], grid: tuple[int, int]
) -> Float[Tensor, "down across down2 across2"]:
    """Cosine of each learned position with every other (Dosovitskiy 2021, Fig. 7, centre).

    position  one row a token, [class] first: `frontend.position[0]`
    """
    check(len(position), grid)
    unit = F.normalize(position[1:], dim=-1)
    down, across = grid
    return rearrange(unit @ unit.T, "(a b) (c d) -> a b c d", a=down, b=across, c=down, d=across)


def check(tokens: int, grid: tuple[int, int]) -> None:
    """Raise ValueError unless the grid's patches and [class] are so many tokens."""
    down, across = grid
    if tokens != 1 + down * across:
        raise ValueError(
            f"{tokens} tokens, but [class] and a grid of {down}x{across} are {1 + down * across}: "
            "pass the model's own grid"
        )
