"""Continuous -> discrete: what a patch of pixels, or a frame of speech, is called."""

import torch
from jaxtyping import Float, Int
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn

Vectors = Float[Tensor, "... dim"]


class Codebook(nn.Module):
    """k-means: a vector's code is its nearest centre. `centres`: [codes, dim], never trained on.

    Codes of different vectors may agree: that is the point. Code -> vector: `centres[code]`.
    """

    centres: Tensor

    def __init__(self, *, codes: int, dim: int):
        super().__init__()
        self.register_buffer("centres", torch.zeros(codes, dim))

    def forward(self, vectors: Vectors) -> Int[Tensor, "..."]:
        """Nearest centre. |x - c|^2 = |x|^2 - 2xc + |c|^2, and |x|^2 is the same for all c."""
        scores = vectors @ self.centres.T - self.centres.square().sum(1) / 2
        return scores.argmax(-1)


def fit_codebook(vectors: Float[Tensor, "n dim"], *, codes: int, seed: int) -> Codebook:
    """Lloyd's algorithm on mini-batches (scikit-learn); ValueError for fewer vectors than codes."""
    if len(vectors) < codes:
        raise ValueError(f"{len(vectors)} vectors for codes={codes}: give at least as many")
    found = MiniBatchKMeans(codes, batch_size=4096, n_init="auto", random_state=seed)
    found.fit(vectors.numpy())
    book = Codebook(codes=codes, dim=vectors.shape[1])
    book.centres.copy_(torch.from_numpy(found.cluster_centers_))
    return book
