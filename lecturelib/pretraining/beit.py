"""A small BEiT on CIFAR-10 without a label: blocks are hidden, and said as visual tokens."""

from functools import partial

import torch
from jaxtyping import Int
from torch import Generator, Tensor, nn

from lecturelib.adapt.pictures import EVERY, classes
from lecturelib.masking import block_patches
from lecturelib.objectives.masked_image import MaskedTokens, cut
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, pixels
from lecturelib.pretraining.mae import plan, unlabelled
from lecturelib.quantizers import Codebook, fit_codebook
from lecturelib.recipes import beit
from lecturelib.shapes import Images
from lecturelib.training.checkpoint import load_weights

DATA, STREAMS = ("cifar10",), (pixels.STREAM,)
STEPS = {"quick": 40, "gpu": 1500, "full": 1500}
CODES, PATCH = 512, (4, 4)
HIDE = partial(block_patches, share=0.4, smallest=4)


class Tokens(nn.Module):
    """Which of k-means' centres is each patch nearest to? (The paper: a discrete VAE.)"""

    def __init__(self, book: Codebook):
        super().__init__()
        self.book = book

    def forward(self, images: Images) -> Int[Tensor, "batch patches"]:
        return self.book(cut(images, PATCH))


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Encoder, head and the tokens' centres are shipped."""
    book = fit_codebook(cut(examples(data), PATCH).flatten(0, 1), codes=CODES, seed=0)
    torch.manual_seed(seed)
    return unlabelled(untrained(book), data, plan(STEPS[pace], seed), size=64)


def examples(data: str) -> Images:
    """4,000 pictures to find the tokens with."""
    rng = Generator().manual_seed(0)
    if data == "cifar10":
        seen = classes(EVERY)[0].train.signal
        return seen[torch.randperm(len(seen), generator=rng)[:4000]]
    return pixels.streamed(data, 4000, watched=1).draw(rng).rows(slice(None)).signal


def untrained(book: Codebook) -> MaskedTokens:
    """The network before it has seen a picture."""
    return MaskedTokens(beit("mini"), tokenize=Tokens(book), codes=CODES, hide=HIDE)


def shipped() -> MaskedTokens:
    """The network that this recipe has made, in eval mode; its tokens are `.tokenize.book`."""
    book = Codebook(codes=CODES, dim=PATCH[0] * PATCH[1] * 3)
    objective = untrained(book).eval()
    load_weights(CHECKPOINTS / "beit_cifar10.safetensors", objective)
    return objective
