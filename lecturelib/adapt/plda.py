"""The paper's scoring of two voices: LDA, unit length, PLDA (Snyder et al. 2018, Section 2.4).

PLDA as the two-covariance model: a Gaussian of speakers, and a Gaussian of one speaker's clips.
"""

from typing import NamedTuple

import torch
from einops import einsum
from jaxtyping import Float
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor
from torch.distributions import MultivariateNormal

from lecturelib.adapt.verification import Means, check_dims, check_vectors, means, unit_length
from lecturelib.shapes import Features, Labels

Covariance = Float[Tensor, "dim dim"]


class TwoCovariance(NamedTuple):
    """A clip is its speaker and chance: x = y + e (Brümmer and de Villiers 2010).

    mean, between  speakers: y ~ N(mean, between)
    within         clips of one speaker: e ~ N(0, within)
    """

    mean: Float[Tensor, " dim"]
    between: Covariance
    within: Covariance


def two_covariance(embedding: Features, speaker: Labels, *, steps: int = 50) -> TwoCovariance:
    """The likeliest such model, by so many steps of EM from the covariances that one can see.

    Raises ValueError for one speaker, and for too few clips to see how a speaker varies.
    """
    seen = means(embedding, speaker)
    check_clips(len(speaker), len(seen.name), embedding.shape[1])
    middle = seen.mean.mean(0)
    rest = scatter(embedding - seen.mean[seen.row])
    model = TwoCovariance(middle, scatter(seen.mean - middle) / len(seen.name), rest / len(speaker))
    for _ in range(steps):
        model = improved(model, seen, rest)
    return model


def scatter(x: Float[Tensor, "rows dim"]) -> Covariance:
    """The sum of every row's outer product with itself."""
    return x.T @ x


def improved(model: TwoCovariance, seen: Means, rest: Covariance) -> TwoCovariance:
    """One step of EM: where each speaker probably is, then the model that fits this best.

    A speaker is where their clips are, pulled to the middle of all; the fewer clips, the more.

    rest  scatter of the clips about their speakers' means
    """
    counts, kind = seen.clips.unique(return_inverse=True)
    gain = model.between @ (model.between + model.within / counts[:, None, None]).inverse()
    unsure = (model.between - gain @ model.between)[kind]
    place = model.mean + einsum(gain[kind], seen.mean - model.mean, "s i j, s j -> s i")
    off = seen.clips.sqrt()[:, None] * (seen.mean - place)
    return TwoCovariance(
        place.mean(0),
        scatter(place - place.mean(0)) / len(place) + unsure.mean(0),
        (rest + scatter(off) + einsum(seen.clips, unsure, "s, s i j -> i j")) / seen.clips.sum(),
    )


def log_ratio(a: Features, b: Features, model: TwoCovariance) -> Float[Tensor, " batch"]:
    """log p(a, b | one speaker) - log p(a, b | two speakers): above 0 speaks for one.

    Sum and difference of two clips are independent. With T = between + within, sqrt(1/2)(a + b) has
    covariance T + between for one speaker, and sqrt(1/2)(a - b) has within; for two both have T.
    """
    total = model.between + model.within
    both, apart = (a + b - 2 * model.mean) / 2**0.5, (a - b) / 2**0.5
    one = log_normal(both, total + model.between) + log_normal(apart, model.within)
    return one - log_normal(both, total) - log_normal(apart, total)


def log_normal(x: Features, covariance: Covariance) -> Float[Tensor, " batch"]:
    """log N(x; 0, covariance)."""
    return MultivariateNormal(torch.zeros_like(x[0]), covariance).log_prob(x)


class Plda:
    """The paper's scoring (Section 2.4): LDA, unit length, then the two-covariance model.

    Fit it on other speakers than those of the trials. The paper's adaptive s-norm is left out.

    dims  directions that LDA keeps, 150 in the paper; None: all, one fewer than speakers
    """

    def __init__(self, *, dims: int | None = None):
        self.dims, self.lda = dims, LinearDiscriminantAnalysis(n_components=dims)

    def fit(self, embedding: Features, speaker: Labels) -> "Plda":
        """Learn all three parts. Raises ValueError as `two_covariance` does, and for NaN."""
        check_vectors(embedding)
        speakers, dim = len(speaker.unique()), embedding.shape[1]
        check_clips(len(speaker), speakers, dim)
        most = min(dim, speakers - 1)
        if not 2 <= (self.dims or most) <= most:
            raise ValueError(
                f"dims={self.dims}: LDA of {speakers} speakers in {dim} dimensions gives {most}, "
                "and unit length takes at least 2: add speakers"
            )
        self.lda.fit(embedding.double().numpy(), speaker.numpy())
        self.model = two_covariance(self.project(embedding), speaker)
        return self

    def project(self, embedding: Features) -> Float[Tensor, "batch kept"]:
        """LDA's directions, at unit length."""
        return unit_length(torch.from_numpy(self.lda.transform(embedding.double().numpy())))

    def score(self, a: Features, b: Features) -> Float[Tensor, " batch"]:
        """The log-likelihood ratio of each row of a with the same row of b."""
        check_dims(a, b)
        return log_ratio(self.project(a), self.project(b), self.model)


def check_clips(clips: int, speakers: int, dim: int) -> None:
    """Raise ValueError unless speakers differ, and clips of one speaker do in every direction."""
    if speakers < 2 or clips - speakers < dim:
        raise ValueError(
            f"{clips} clips of {speakers} speakers in {dim} dimensions: take at least 2 speakers, "
            "and as many clips as speakers and dimensions together"
        )
