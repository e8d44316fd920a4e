"""PLDA against integration by brute force, the joint Gaussian, and the closed form of its fit."""

from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal as normal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor

from lecturelib.adapt.plda import Plda, TwoCovariance, improved, log_ratio, scatter, two_covariance
from lecturelib.adapt.verification import cosine, eer, means, trials
from tests.oracle import unchecked


class World(NamedTuple):
    embedding: Tensor
    speaker: Tensor


def model(dim: int, seed: int = 0) -> TwoCovariance:
    """Any mean, and two covariances that are no multiples of one another."""
    luck = torch.Generator().manual_seed(seed)
    mean, one, two = torch.randn(3, dim, dim, generator=luck).double()
    eye = torch.eye(dim).double()
    return TwoCovariance(mean[0], one @ one.T + 0.3 * eye, two @ two.T / 2 + 0.2 * eye)


def world(truth: TwoCovariance, clips: list[int], seed: int = 1) -> World:
    """People drawn from the model, and so many clips of each."""
    luck = torch.Generator().manual_seed(seed)
    speaker = torch.arange(len(clips)).repeat_interleave(torch.tensor(clips))
    dim = len(truth.mean)
    person = torch.randn(len(clips), dim, generator=luck).double()
    chance = torch.randn(len(speaker), dim, generator=luck).double()
    people = truth.mean + person @ torch.linalg.cholesky(truth.between).T
    return World(people[speaker] + chance @ torch.linalg.cholesky(truth.within).T, speaker)


def integrated(a: np.ndarray, b: np.ndarray, m: TwoCovariance) -> float:
    """log of: sum over a fine grid of speakers of p(y) p(a | y) p(b | y), over p(a) p(b)."""
    mean, between, within = (part.numpy() for part in m)
    ticks = np.linspace(-9, 9, 1001 if len(mean) == 1 else 201)
    sides = [ticks * wide for wide in between.diagonal() ** 0.5]
    grid = np.stack(np.meshgrid(*sides, indexing="ij"), -1).reshape(-1, len(mean)) + mean
    speaker = normal(mean, between).logpdf(grid) + sum(np.log(s[1] - s[0]) for s in sides)
    chance = normal(np.zeros_like(mean), within)
    first, second = chance.logpdf(a - grid), chance.logpdf(b - grid)
    one = logsumexp(speaker + first + second)
    return one - logsumexp(speaker + first) - logsumexp(speaker + second)


@pytest.mark.parametrize("dim", [1, 2])
def test_the_score_is_the_integral_over_all_speakers(dim: int) -> None:
    m = model(dim)
    a, b = torch.randn(2, 6, dim, generator=torch.Generator().manual_seed(2)).double()
    expected = [integrated(x, y, m) for x, y in zip(a.numpy(), b.numpy(), strict=True)]
    assert log_ratio(a, b, m).numpy() == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("dim", [1, 5])
def test_the_score_is_the_joint_gaussians_difference(dim: int) -> None:
    """Both clips as one long vector: its covariance has `between` off the diagonal, or 0."""
    mean, between, within = (part.numpy() for part in model(dim))
    total, nothing = between + within, np.zeros_like(between)
    a, b = torch.randn(2, 9, dim, generator=torch.Generator().manual_seed(3)).double()
    long, middle = np.concatenate([a.numpy(), b.numpy()], 1), np.concatenate([mean, mean])
    one = normal(middle, np.block([[total, between], [between, total]])).logpdf(long)
    two = normal(middle, np.block([[total, nothing], [nothing, total]])).logpdf(long)
    assert log_ratio(a, b, model(dim)).numpy() == pytest.approx(one - two, abs=1e-10)


def test_in_one_dimension_the_score_can_be_worked_out_by_hand() -> None:
    """between = within = 1, so T = 2: log(2 / sqrt 3) - (a^2 + b^2 - 4 a b) / 12."""
    one = torch.ones(1, 1).double()
    a, b = torch.tensor([[1.0], [2.0]]).double(), torch.tensor([[1.0], [-1.0]]).double()
    found = log_ratio(a, b, TwoCovariance(torch.zeros(1).double(), one, one))
    expected = np.log(2 / 3**0.5) - np.array([1 + 1 - 4, 4 + 1 + 8]) / 12
    assert found.numpy() == pytest.approx(expected, abs=1e-12)


def likelihood(data: World, m: TwoCovariance) -> float:
    """Of all clips: those of one speaker are one long Gaussian vector."""
    mean, between, within = (part.numpy() for part in m)
    total = 0.0
    for who in data.speaker.unique():
        clips = data.embedding[data.speaker == who].numpy()
        n = len(clips)
        covariance = np.kron(np.ones((n, n)), between) + np.kron(np.eye(n), within)
        total += normal(np.tile(mean, n), covariance).logpdf(clips.ravel())
    return total


def test_every_step_of_em_makes_the_clips_likelier() -> None:
    data = world(model(2), [1, 2, 5, 3, 2, 4, 1, 6])
    seen = means(*data)
    rest = scatter(data.embedding - seen.mean[seen.row])
    m, values = two_covariance(*data, steps=0), []
    for _ in range(8):
        values.append(likelihood(data, m))
        m = improved(m, seen, rest)
    assert (np.diff(values) > 0).all()
    assert values[-1] - values[0] > 0.01


@pytest.mark.parametrize("dim", [1, 3])
def test_with_as_many_clips_each_the_likeliest_model_has_a_closed_form(dim: int) -> None:
    """Analysis of variance: S_w = K (n - 1) within, scatter of means = K (between + within / n)."""
    truth = model(dim)
    apart = truth._replace(between=9 * truth.between)  # EM is fast where speakers differ much
    data = world(apart, [6] * 40)
    people = torch.stack(data.embedding.split(6))
    centre = people.mean(1)
    within = scatter((people - centre[:, None]).flatten(0, 1)) / (40 * 5)
    between = scatter(centre - centre.mean(0)) / 40 - within / 6
    found = two_covariance(*data, steps=400)
    for ours, theirs in zip(found, (centre.mean(0), between, within), strict=True):
        assert ours.numpy() == pytest.approx(theirs.numpy(), abs=1e-8)


def test_the_fit_finds_the_model_that_the_clips_came_from() -> None:
    truth = model(3)
    found = two_covariance(*world(truth, [2, 4, 9] * 1000))
    for ours, theirs in zip(found, truth, strict=True):
        assert (ours - theirs).abs().max() < 0.08 * max(1, theirs.abs().max())


def test_plda_is_its_three_parts_in_numpy() -> None:
    data = world(model(4), [4, 6] * 8)
    a, b = data.embedding[:20], data.embedding[20:40]
    lda = LinearDiscriminantAnalysis(n_components=3).fit(*(part.numpy() for part in data))

    def low(x: Tensor) -> Tensor:
        kept = lda.transform(x.numpy())
        return torch.from_numpy(kept / np.linalg.norm(kept, axis=1)[:, None])

    expected = log_ratio(low(a), low(b), two_covariance(low(data.embedding), data.speaker))
    found = Plda(dims=3).fit(*data).score(a, b)
    assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-9)


def test_stretching_and_moving_all_embeddings_changes_no_score() -> None:
    """LDA undoes any linear map; the cosine does not."""
    data = world(model(4), [5] * 12)
    a, b = data.embedding[:30], data.embedding[30:]
    stretch = torch.randn(4, 4, generator=torch.Generator().manual_seed(5)).double()
    moved = World(data.embedding @ stretch + 7, data.speaker)
    plain, other = Plda().fit(*data), Plda().fit(*moved)
    again = other.score(a @ stretch + 7, b @ stretch + 7)
    assert again.numpy() == pytest.approx(plain.score(a, b).numpy(), abs=1e-6)
    assert (cosine(a, b) - cosine(a @ stretch + 7, b @ stretch + 7)).abs().max() > 0.1


def test_plda_hears_past_what_varies_within_a_speaker() -> None:
    """Other people than it was fitted on; one loud direction says nothing about who speaks."""
    loud = TwoCovariance(
        torch.zeros(6), torch.eye(6), torch.diag(torch.tensor([30.0, 1, 1, 1, 1, 1]))
    )
    plda = Plda().fit(*world(TwoCovariance(*(x.double() for x in loud)), [8] * 60))
    test = world(TwoCovariance(*(x.double() for x in loud)), [6] * 30, seed=9)
    found = trials(test.speaker)
    sides = test.embedding[found.pair].unbind(1)
    ours, plain = (eer(score(*sides), found.same).rate for score in (plda.score, cosine))
    assert ours < plain - 0.1


def test_what_cannot_be_fitted_is_said() -> None:
    data = world(model(4), [4] * 6)
    with pytest.raises(ValueError, match="24 clips of 1 speakers in 4 dimensions: take at least 2"):
        Plda().fit(data.embedding, torch.zeros_like(data.speaker))
    with pytest.raises(ValueError, match="8 clips of 6 speakers in 4 dimensions: take"):
        Plda().fit(data.embedding[::3], data.speaker[::3])
    with pytest.raises(ValueError, match="dims=5: LDA of 6 speakers in 4 dimensions gives 4"):
        Plda(dims=5).fit(*data)
    with pytest.raises(ValueError, match="dims=None: LDA of 2 speakers in 4 dimensions gives 1"):
        Plda().fit(data.embedding, data.speaker // 3)
    with pytest.raises(ValueError, match="24 of 24 embeddings are 0, infinite or NaN"):
        Plda().fit(data.embedding * torch.nan, data.speaker)


def test_clips_of_another_encoder_are_not_scored() -> None:
    data = world(model(4), [4] * 6)
    plda = Plda().fit(*data)
    with unchecked(), pytest.raises(ValueError, match="dim=4 beside dim=3"):
        plda.score(data.embedding, data.embedding[:, :3])
    with pytest.raises(ValueError, match="3 features, but LinearDiscrim"):
        plda.score(data.embedding[:, :3], data.embedding[:, :3])
    with pytest.raises(ValueError, match="is not fitted yet"):
        Plda().score(data.embedding, data.embedding)
