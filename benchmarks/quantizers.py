"""Quantisers at the published sizes: Gumbel beside Hugging Face's, k-means beside plain distances.

Two groups of 320 entries, 800 frames of 512 channels: 16 s at a frame every 20 ms. Gumbel: noise,
entries, perplexity, and backward from both; a vector has 256 numbers, as in the base model.
k-means: which centre is nearest, once; a part has 256 numbers.
"""

from collections.abc import Callable

import torch
from jaxtyping import Int
from sklearn.metrics import pairwise_distances_argmin
from torch import Generator, Tensor
from transformers import Wav2Vec2Config
from transformers.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2GumbelVectorQuantizer

from benchmarks.case import Case
from lecturelib.quantizers import GumbelQuantizer, nearest, perplexity

FRAMES, DIM, GROUPS, CODES, WIDTH = 800, 512, 2, 320, 256
TEMPERATURE = 2.0


def both(codes: int = CODES) -> tuple[GumbelQuantizer, Wav2Vec2GumbelVectorQuantizer]:
    """Ours and a copy of its weights."""
    ours = GumbelQuantizer(dim=DIM, groups=GROUPS, codes=codes, width=WIDTH)
    theirs = Wav2Vec2GumbelVectorQuantizer(
        Wav2Vec2Config(
            conv_dim=(DIM,) * 7,
            num_codevector_groups=GROUPS,
            num_codevectors_per_group=codes,
            codevector_dim=WIDTH,
        )
    )
    with torch.no_grad():
        theirs.codevectors.copy_(ours.book.view_as(theirs.codevectors))
        theirs.weight_proj.load_state_dict(ours.score.state_dict())
    return ours.train(), theirs.train()


def frames(quantizer: torch.nn.Module) -> Tensor:
    """What both quantise."""
    rng, one = Generator().manual_seed(0), next(quantizer.parameters())
    return torch.randn(FRAMES, DIM, generator=rng).to(one)


def our_step(quantizer: GumbelQuantizer) -> Callable[[], Tensor]:
    """Noise, forward, backward; it gives the perplexity."""
    x, rng = frames(quantizer), Generator().manual_seed(1)

    def step() -> Tensor:
        noise = quantizer.noise(FRAMES, rng).to(x)
        found = quantizer(x, TEMPERATURE, noise)
        soft = perplexity(found.share)
        quantizer.zero_grad()
        (found.vectors.square().sum() + soft).backward()
        return soft.detach()

    return step


def their_step(quantizer: Wav2Vec2GumbelVectorQuantizer) -> Callable[[], Tensor]:
    """The same of Hugging Face's, which draws its own noise."""
    x = frames(quantizer)[None]

    def step() -> Tensor:
        vectors, soft = quantizer(x)
        quantizer.zero_grad()
        (vectors.square().sum() + soft).backward()
        return soft.detach()

    return step


def gumbel_v320(codes: int = CODES) -> Case:
    """wav2vec 2.0's quantiser as it trains."""
    torch.manual_seed(0)
    ours, theirs = both(codes)
    return Case(our_step(ours), their_step(theirs), "HF Wav2Vec2GumbelVectorQuantizer", goal=8.0)


def plain_distance(vectors: Tensor, centres: Tensor) -> Int[Tensor, "groups n"]:
    """As the published vq-wav2vec finds it: every difference written out, then its length."""
    return (vectors[:, :, None] - centres[:, None]).norm(dim=3).argmin(2)


def to_quantise() -> tuple[Tensor, Tensor]:
    """Vectors and centres of both groups, of noise."""
    rng = Generator().manual_seed(0)
    vectors = torch.randn(GROUPS, FRAMES, DIM // GROUPS, generator=rng)
    return vectors, torch.randn(GROUPS, CODES, DIM // GROUPS, generator=rng)


def kmeans_case(peer: Callable[[Tensor, Tensor], Tensor], name: str, goal: float) -> Case:
    """vq-wav2vec's nearest centres, ours and another's."""
    vectors, centres = to_quantise()
    return Case(
        lambda: nearest(vectors, centres),
        lambda: peer(vectors, centres),
        name,
        goal=goal,
        flops=2 * GROUPS * FRAMES * CODES * (DIM // GROUPS),
    )


def kmeans_distance() -> Case:
    """Beside the published way."""
    return kmeans_case(plain_distance, "all differences, then their lengths", 20.0)


def of_scikit_learn(vectors: Tensor, centres: Tensor) -> Int[Tensor, "groups n"]:
    """A group after the other."""
    pairs = zip(vectors.numpy(), centres.numpy(), strict=True)
    return torch.stack([torch.from_numpy(pairwise_distances_argmin(x, y)) for x, y in pairs])


def kmeans_nearest() -> Case:
    """Beside scikit-learn, whose KMeans finds its nearest centres likewise."""
    return kmeans_case(of_scikit_learn, "scikit-learn pairwise_distances_argmin", 1.2)
