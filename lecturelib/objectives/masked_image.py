"""Hide most of a picture and say what stood there: in pixels (MAE) or in visual tokens (BEiT)."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import Images, Tokens

Hidden: TypeAlias = Bool[Tensor, "batch patches"]
Seen: TypeAlias = Float[Tensor, "batch left dim"]
Hide: TypeAlias = Callable[[int, tuple[int, int], Generator], Hidden]
"""(how many pictures, grid, rng) -> what is hidden: `masking.random_patches` with its share."""


TONE = 16.0  # pixels are 0-1: a patch's mean varies by about 1/4


def cut(images: Images, patch: tuple[int, int]) -> Float[Tensor, "batch patches values"]:
    """Pictures as rows of patches, from the top left; a patch's values are (down, across, channel).

    >>> cut(torch.arange(8.0).view(1, 1, 2, 4), (2, 2))
    tensor([[[0., 1., 4., 5.],
             [2., 3., 6., 7.]]])
    """
    return rearrange(images, "b c (h p) (w q) -> b (h w) (p q c)", p=patch[0], q=patch[1])


def paste(
    patches: Float[Tensor, "batch patches values"], grid: tuple[int, int], patch: tuple[int, int]
) -> Images:
    """What `cut` has cut, put together again."""
    return rearrange(
        patches, "b (h w) (p q c) -> b c (h p) (w q)", h=grid[0], w=grid[1], p=patch[0], q=patch[1]
    )


class Patch(NamedTuple):
    """Patches taken apart. detail [n, values]: mean 0, deviation 1; tone [n, 2]: both."""

    detail: Float[Tensor, "n values"]
    tone: Float[Tensor, "n 2"]


def take_apart(patches: Float[Tensor, "n values"]) -> Patch:
    """He 2022, Section 4.1: each patch's pixels less their mean, over their deviation."""
    tone = torch.stack([patches.mean(1), (patches.var(1) + 1e-6).sqrt()], dim=1)
    return Patch((patches - tone[:, :1]) / tone[:, 1:], tone)


def put_together(patch: Patch) -> Float[Tensor, "n values"]:
    """`take_apart` undone."""
    return patch.tone[:, :1] + patch.tone[:, 1:] * patch.detail


class MaskedPixels(Objective):
    """MAE (He 2022, Section 3): the encoder sees what is left, a small decoder paints the rest.

    model   front end and encoder; only these are kept after pre-training
    hide    chooses the hidden patches of each picture
    dim, depth   of the decoder, which is thrown away: one more Transformer encoder, that sees all
            places, a learned token where a patch is hidden

    Three quarters hidden: the encoder does a quarter of the work. As in the paper's best variant
    each hidden patch is asked for with its own contrast taken out (`detail`); we ask for its mean
    and deviation as well (`tone`), so that pictures can be painted without knowing the answer.
    """

    def __init__(self, model: Model, *, hide: Hide, dim: int = 64, depth: int = 1):
        super().__init__()
        self.model, self.hide = model, hide
        frontend, encoder = model.frontend, model.encoder
        self.grid, self.patch = frontend.grid, frontend.patch
        self.enter = nn.Linear(encoder.dim, dim)
        self.missing = nn.Parameter(torch.zeros(dim))
        places = 1 + self.grid[0] * self.grid[1]
        self.position = nn.Parameter(0.02 * torch.randn(1, places, dim))
        variant = Variant(norm_first=True, activation=F.gelu, eps=1e-6, dropout=0.0)
        self.decoder = Encoder(dim=dim, heads=4, depth=depth, hidden=4 * dim, variant=variant)
        self.detail = nn.Linear(dim, frontend.embed.weight[0].numel())
        self.tone = nn.Linear(dim, 2)

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        images = batch.signal
        hidden = self.hide(len(images), self.grid, rng).to(images.device)
        guess, answer = self.guess(images, hidden), take_apart(cut(images, self.patch)[hidden])
        detail = (guess.detail - answer.detail).square().mean(1)
        tone = (guess.tone - answer.tone).square().mean(1)
        parts = {"detail": detail.detach().mean(), "tone": tone.detach().mean()}
        return Losses((detail + TONE * tone).sum(), parts, len(detail))

    def guess(self, images: Images, hidden: Hidden) -> "Patch":
        """The hidden patches, picture by picture."""
        tokens = self.model.frontend(images)
        if hidden.shape != tokens[:, 1:].shape[:2]:
            have, want = list(hidden.shape), list(tokens[:, 1:].shape[:2])
            raise ValueError(
                f"hidden is {have}, the pictures have {want} patches: the grid differs"
            )
        seen, is_pad = leave(tokens, hidden)
        context = self.enter(self.model.encoder(seen, is_pad))
        full = put_back(context, hidden, self.missing) + self.position
        painted = self.decoder(full)[:, 1:][hidden]
        return Patch(self.detail(painted), self.tone(painted))

    @torch.no_grad()
    def restore(self, images: Images, hidden: Hidden) -> Images:
        """The pictures with their hidden patches painted in, 0-1; what is visible stays."""
        patches = cut(images, self.patch)
        patches[hidden] = put_together(self.guess(images, hidden)).clamp(0, 1)
        return paste(patches, self.grid, self.patch)


def leave(tokens: Tokens, hidden: Hidden) -> tuple[Seen, Bool[Tensor, "batch left"] | None]:
    """[class] and the visible patches, in their order; rows that keep fewer are padded.

    is_pad is None where every picture keeps equally many.
    """
    visible = torch.cat([torch.ones_like(hidden[:, :1]), ~hidden], dim=1)  # [class] is never hidden
    left = visible.sum(1)
    if (left == 1).any():
        raise ValueError("nothing is left of a picture: hide fewer patches")
    order = visible.byte().argsort(dim=1, descending=True, stable=True)[:, : int(left.max())]
    seen = tokens.gather(1, order[:, :, None].expand(-1, -1, tokens.shape[2]))
    if left.min() == left.max():
        return seen, None
    return seen, torch.arange(order.shape[1], device=left.device) >= left[:, None]


def put_back(seen: Seen, hidden: Hidden, missing: Float[Tensor, " dim"]) -> Tokens:
    """`leave` undone: the visible ones back in their places, `missing` in all others."""
    visible = torch.cat([torch.ones_like(hidden[:, :1]), ~hidden], dim=1)
    rank = visible.cumsum(1) - 1  # of a place among the visible ones of its row
    found = seen.gather(1, rank[:, :, None].expand(-1, -1, seen.shape[2]))
    return torch.where(visible[:, :, None], found, missing)


class MaskedTokens(Objective):
    """BEiT (Bao 2022, Section 2): BERT on a picture. Which visual token was the hidden patch?

    model     front end with a mask token, and encoder
    tokenize  images -> ids [batch, patches]; the paper's discrete VAE, here k-means (`Codebook`)
    codes     how many tokens there are

    Unlike MAE's, the encoder sees every place, a hidden one as the mask token.
    """

    def __init__(
        self,
        model: Model,
        *,
        tokenize: Callable[[Images], Int[Tensor, "batch patches"]],
        codes: int,
        hide: Hide,
    ):
        super().__init__()
        self.model, self.hide, self.tokenize = model, hide, tokenize
        self.grid = model.frontend.grid
        self.head = nn.Linear(model.encoder.dim, codes)

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        images = batch.signal
        hidden = self.hide(len(images), self.grid, rng).to(images.device)
        logits, answer = self.guess(images, hidden), self.tokenize(images)[hidden]
        loss = F.cross_entropy(logits, answer, reduction="sum")
        right = (logits.argmax(1) == answer).float().mean()
        return Losses(loss, {"right": right, "nll": loss.detach() / len(answer)}, len(answer))

    def guess(self, images: Images, hidden: Hidden) -> Float[Tensor, "hidden codes"]:
        """A score of every token for each hidden patch, picture by picture."""
        return self.head(self.model(images, hidden)[:, 1:][hidden])
