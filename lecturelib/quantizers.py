"""Continuous -> discrete: what a patch of pixels, or a frame of speech, is called.

`Codebook` is fitted before (BEiT's tokens); the others learn with the model: Gumbel (wav2vec 2.0),
and vq-wav2vec's two, `KMeansQuantizer` and `GumbelUnits`.
"""

from typing import NamedTuple, TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from sklearn.cluster import MiniBatchKMeans
from torch import Generator, Tensor, nn

from lecturelib.shapes import Tokens

Vectors = Float[Tensor, "... dim"]
Grouped: TypeAlias = Float[Tensor, "groups n part"]
Centres: TypeAlias = Float[Tensor, "groups codes part"]
Share: TypeAlias = Float[Tensor, "groups codes"]


class Codebook(nn.Module):
    """k-means: a vector's code is its nearest centre. `centres`: [codes, dim], never trained on.

    Codes of different vectors may agree: that is the point. Code -> vector: `centres[code]`.
    """

    centres: Tensor

    def __init__(self, *, codes: int, dim: int):
        super().__init__()
        self.register_buffer("centres", torch.zeros(codes, dim))

    def forward(self, vectors: Vectors) -> Int[Tensor, "..."]:
        """The number of the nearest centre of each vector."""
        flat = vectors.reshape(1, -1, vectors.shape[-1])
        return nearest(flat, self.centres[None]).view(vectors.shape[:-1])


def fit_codebook(vectors: Float[Tensor, "n dim"], *, codes: int, seed: int) -> Codebook:
    """Lloyd's algorithm on mini-batches (scikit-learn); ValueError for fewer vectors than codes."""
    if len(vectors) < codes:
        raise ValueError(f"{len(vectors)} vectors for codes={codes}: give at least as many")
    found = MiniBatchKMeans(codes, batch_size=4096, n_init="auto", random_state=seed)
    found.fit(vectors.numpy())
    book = Codebook(codes=codes, dim=vectors.shape[1])
    book.centres.copy_(torch.from_numpy(found.cluster_centers_))
    return book


class Quantized(NamedTuple):
    """vectors [n, width]; codes [n, groups]; share [groups, codes], the mean of the softmax."""

    vectors: Float[Tensor, "n width"]
    codes: Int[Tensor, "n groups"]
    share: Share


class GumbelQuantizer(nn.Module):
    """Product quantisation: in each group one of V entries, found by a softmax with noise.

    wav2vec 2.0 (Baevski 2020, Section 2, Eq. 1). dim -> groups * codes scores; the chosen entries
    side by side are a vector of `width`. Started as in the published code.
    """

    def __init__(self, *, dim: int, groups: int = 2, codes: int = 320, width: int = 256):
        super().__init__()
        if width % groups:
            raise ValueError(f"width={width} does not split into groups={groups}")
        self.groups, self.codes = groups, codes
        self.score = nn.Linear(dim, groups * codes)
        self.book = nn.Parameter(torch.rand(groups, codes, width // groups))
        nn.init.normal_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    def forward(
        self,
        vectors: Float[Tensor, "n dim"],
        temperature: float = 1.0,
        noise: Float[Tensor, "n groups codes"] | None = None,
    ) -> Quantized:
        """The forward pass takes one entry, the backward pass goes through the softmax.

        noise  `noise(...)` while training. None: the best entry, and no gradient for the scores
        """
        scores = self.scores(vectors)
        luck = scores if noise is None else (scores + noise) / temperature
        codes = luck.argmax(-1)
        choice = F.one_hot(codes, self.codes).to(scores)
        if noise is not None:
            soft = luck.softmax(-1)
            choice = choice - soft.detach() + soft
        return Quantized(self.look_up(choice), codes, scores.softmax(-1).mean(0))

    def scores(self, vectors: Float[Tensor, "n dim"]) -> Float[Tensor, "n groups codes"]:
        """How well each entry of each group fits."""
        return rearrange(
            self.score(vectors), "n (groups codes) -> n groups codes", groups=self.groups
        )

    def look_up(self, choice: Float[Tensor, "n groups codes"]) -> Float[Tensor, "n width"]:
        """The chosen entry of each group, side by side; choice: 1 for that entry, 0 elsewhere."""
        return torch.einsum("n g v, g v d -> n g d", choice, self.book).flatten(1)

    def noise(self, count: int, rng: Generator) -> Float[Tensor, "count groups codes"]:
        """Gumbel noise -log(-log u) for so many vectors."""
        return -torch.empty(count, self.groups, self.codes).exponential_(generator=rng).log()


def cooled(cooling: tuple[float, float, float], step: int) -> float:
    """Temperature after `step` steps: start * factor^step, never below the end."""
    start, end, factor = cooling
    return max(end, start * factor**step)


def perplexity(share: Share) -> Float[Tensor, ""]:
    """exp(entropy) of each group, summed: how many entries are in use. At most groups * codes.

    Of the mean softmax it is the soft one, which can be trained; of `use(codes)` the hard one.
    """
    return torch.exp(-torch.xlogy(share, share).sum(-1)).sum()


def use(codes: Int[Tensor, "n groups"], entries: int) -> Share:
    """How often each entry is chosen, as a share of its group's choices."""
    return F.one_hot(codes, entries).double().mean(0)


class Units(NamedTuple):
    """vectors [batch, time, dim]: what z becomes; codes [batch, time, groups]: its names;
    penalty: what is added to the loss of what comes after."""

    vectors: Tokens
    codes: Int[Tensor, "batch time groups"]
    penalty: Float[Tensor, ""]


def nearest(vectors: Grouped, centres: Centres) -> Int[Tensor, "groups n"]:
    """|x - c|^2 = |x|^2 - 2xc + |c|^2, in each group; |x|^2 is the same for all c and left out."""
    lengths = centres.square().sum(2)[:, None]
    return torch.baddbmm(lengths, vectors, centres.mT, alpha=-2).argmin(2)


def lloyd(vectors: Grouped, centres: Centres) -> Centres:
    """One step of k-means: each centre moves to the mean of the vectors it is nearest to.

    A centre that is nearest to none stays. The step is where the codebook loss of `KMeansQuantizer`
    has its minimum while no vector changes its centre.
    """
    mine = F.one_hot(nearest(vectors, centres), centres.shape[1]).to(vectors)
    count = mine.sum(1)[..., None]
    return torch.where(count > 0, mine.mT @ vectors / count.clamp(min=1), centres)


def unit_ids(codes: Int[Tensor, "... groups"], entries: int) -> Int[Tensor, "..."]:
    """Product quantisation: one number for a frame's codes, g1 V + g2 of V entries a group.

    >>> unit_ids(torch.tensor([[0, 7], [1, 0], [319, 319]]), 320).tolist()
    [7, 320, 102399]
    """
    places = entries ** torch.arange(codes.shape[-1] - 1, -1, -1, device=codes.device)
    return (codes * places).sum(-1)


class KMeansQuantizer(nn.Module):
    """Each part of z becomes its nearest centre (Section 3.2; VQ-VAE, van den Oord 2017, 3.2).

    z [batch, time, dim] is projected within each of `groups` parts, and normalised over part and
    time. Backward as if nothing had been chosen (straight-through); what moves the centres is the
    penalty, |sg(z) - c|^2 + gamma |z - sg(c)|^2, both means. Centres start at .01 N(0, 1).

    shared  one codebook for all groups (the published `combine_groups`)
    """

    def __init__(
        self,
        *,
        dim: int,
        groups: int = 2,
        codes: int = 320,
        shared: bool = False,
        gamma: float = 0.25,
    ):
        super().__init__()
        if dim % groups:
            raise ValueError(f"dim={dim} does not split into groups={groups}")
        self.groups, self.codes, self.gamma = groups, codes, gamma
        self.project = nn.Conv1d(dim, dim, 1, groups=groups, bias=False)
        self.norm = nn.GroupNorm(groups, dim)
        books = 1 if shared else groups
        self.centres = nn.Parameter(0.01 * torch.randn(books, codes, dim // groups))

    def forward(self, latents: Tokens, rng: Generator | None = None) -> Units:
        """rng is not used: nothing is drawn here, unlike in `GumbelUnits`."""
        x = self.norm(self.project(rearrange(latents, "b t d -> b d t")))
        x = rearrange(x, "b (g part) t -> g (b t) part", g=self.groups)
        centres = self.centres.expand(self.groups, -1, -1)
        codes = nearest(x.detach(), centres.detach())
        chosen = centres.gather(1, codes[..., None].expand(-1, -1, x.shape[2]))
        penalty = F.mse_loss(chosen, x.detach()) + self.gamma * F.mse_loss(x, chosen.detach())
        vectors = chosen.detach() + (x - x.detach())
        batch = len(latents)
        return Units(
            rearrange(vectors, "g (b t) part -> b t (g part)", b=batch),
            rearrange(codes, "g (b t) -> b t g", b=batch),
            penalty,
        )


class GumbelUnits(nn.Module):
    """The other way (Section 3.1): each part of z becomes an entry drawn by a Gumbel softmax.

    wav2vec 2.0's quantiser, but the scores come from two layers, and the penalty is the number of
    entries less the soft perplexity, not divided. In eval mode the best entry is taken.

    shared   one codebook for all groups (the published `combine_groups`)
    cooling  temperature max(start * decay^step, end)
    """

    temperature: Tensor

    def __init__(
        self,
        *,
        dim: int,
        groups: int = 2,
        codes: int = 320,
        shared: bool = False,
        cooling: tuple[float, float, float] = (2.0, 0.5, 0.999995),
    ):
        super().__init__()
        self.groups, self.codes, self.cooling = groups, codes, cooling
        self.register_buffer("temperature", torch.tensor(cooling[0]))
        self.widen = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU())
        self.choose = GumbelQuantizer(dim=2 * dim, groups=groups, codes=codes, width=dim)
        self.choose.score.reset_parameters()  # the published start where there are two layers
        if shared:
            self.choose.book = nn.Parameter(self.choose.book[:1].detach().clone())

    def forward(self, latents: Tokens, rng: Generator | None = None) -> Units:
        """rng draws the noise while training."""
        flat, noise = rearrange(latents, "b t d -> (b t) d"), None
        if self.training:
            if rng is None:
                raise ValueError("while training entries are drawn by chance: give rng, or eval()")
            noise = self.choose.noise(len(flat), rng).to(flat)
        vectors, codes, share = self.choose(self.widen(flat), float(self.temperature), noise)
        return Units(
            vectors.view(latents.shape),
            rearrange(codes, "(b t) g -> b t g", b=len(latents)),
            self.groups * self.codes - perplexity(share),
        )

    def cool(self, step: int) -> None:
        """The temperature of the next step; the objective calls this after each."""
        self.temperature.fill_(cooled(self.cooling, step + 1))
