"""Trials by a plain loop, error rates by scikit-learn, the interval by what it must cover."""

import math

import pytest
import torch
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_curve

from lecturelib.adapt import verification
from lecturelib.adapt.verification import (
    appearances,
    bootstrap,
    cosine,
    det,
    eer,
    error_rates,
    identified,
    identify,
    trials,
    unit_length,
)
from tests.oracle import unchecked

INF = math.inf


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def scores(count: int, kinds: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random scores of so many values, same-speaker trials a little higher."""
    luck = rng(seed)
    same = torch.rand(count, generator=luck) < 0.3
    same[:2] = torch.tensor([True, False])
    return torch.randint(kinds, (count,), generator=luck) / kinds + 0.2 * same, same


def voices(speakers: int, clips: int, spread: float = 1.0, dim: int = 6) -> tuple:
    """Random people, and clips of each around them."""
    luck = rng(speakers)
    people = torch.randn(speakers, dim, generator=luck).double()
    speaker = torch.arange(speakers).repeat_interleave(clips)
    return people[speaker] + spread * torch.randn(len(speaker), dim, generator=luck), speaker


def test_trials_are_every_pair_once_and_none_with_itself() -> None:
    speaker = torch.tensor([3, 5, 3, 9, 5])
    by_hand = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    found = trials(speaker)
    assert sorted(map(tuple, found.pair.tolist())) == by_hand
    for (i, j), same in zip(found.pair.tolist(), found.same.tolist(), strict=True):
        assert same == (speaker[i] == speaker[j])


def test_one_session_is_no_trial_and_pairs_can_stay_within_one_sex() -> None:
    speaker = torch.tensor([0, 0, 0, 1, 2, 2])
    session = torch.tensor([7, 7, 8, 7, 1, 2])  # speaker 1 sat in the same room: still a trial
    sex = torch.tensor([0, 0, 0, 1, 0, 0])
    found = {tuple(pair) for pair in trials(speaker, session, within=sex).pair.tolist()}
    assert found == {(0, 2), (1, 2), (0, 4), (0, 5), (1, 4), (1, 5), (2, 4), (2, 5), (4, 5)}
    assert (0, 3) in {tuple(pair) for pair in trials(speaker, session).pair.tolist()}


def test_a_cosine_is_the_formula_of_a_plain_loop() -> None:
    a, b = torch.randn(2, 20, 5, generator=rng()).double()
    for x, y, found in zip(a.tolist(), b.tolist(), cosine(a, b).tolist(), strict=True):
        dot = sum(p * q for p, q in zip(x, y, strict=True))
        assert found == pytest.approx(dot / math.hypot(*x) / math.hypot(*y), abs=1e-12)
    assert unit_length(torch.tensor([[3.0, 4.0]])).tolist() == [pytest.approx([0.6, 0.8])]


def test_errors_at_a_threshold_are_counted_as_a_person_counts() -> None:
    score, same = scores(200, kinds=12, seed=1)
    at = torch.tensor([-1.0, 0.25, 0.5, 0.7, 3.0])
    miss, alarm, _ = error_rates(score, same, at)
    for k, line in enumerate(at.tolist()):
        own = [s < line for s, yes in zip(score.tolist(), same.tolist(), strict=True) if yes]
        other = [s >= line for s, yes in zip(score.tolist(), same.tolist(), strict=True) if not yes]
        assert miss[k].item() == pytest.approx(sum(own) / len(own))
        assert alarm[k].item() == pytest.approx(sum(other) / len(other))


@pytest.mark.parametrize("kinds", [2, 5, 1_000_000])
def test_the_trade_off_is_scikit_learns_roc(kinds: int) -> None:
    """Also with many equal scores, where a step goes down and across at once."""
    score, same = scores(300, kinds, seed=kinds)
    alarm, hit, threshold = roc_curve(same, score, drop_intermediate=False)
    found = det(score, same)
    assert found.false_alarm.flip(0).numpy() == pytest.approx(alarm, abs=1e-12)
    assert found.miss.flip(0).numpy() == pytest.approx(1 - hit, abs=1e-12)
    assert found.threshold.flip(0).numpy() == pytest.approx(threshold)


@pytest.mark.parametrize("kinds", [2, 5, 30, 1_000_000])
@pytest.mark.parametrize("seed", range(5))
def test_the_equal_error_rate_is_where_scikit_learns_roc_crosses(kinds: int, seed: int) -> None:
    score, same = scores(137, kinds, seed)
    alarm, hit, _ = roc_curve(same, score, drop_intermediate=False)
    crossing = brentq(lambda x: 1 - x - interp1d(alarm, hit)(x), 0, 1, xtol=1e-12)
    assert eer(score, same).rate == pytest.approx(crossing, abs=1e-9)


def test_equal_error_rates_that_need_no_computer() -> None:
    same = torch.tensor([True, True, False, False])
    assert eer(torch.tensor([0.8, 0.9, 0.1, 0.2]), same) == (0, pytest.approx(0.8))
    assert eer(torch.tensor([0.1, 0.2, 0.8, 0.9]), same).rate == 1
    assert eer(torch.tensor([0.1, 0.8, 0.2, 0.9]), same) == (0.5, pytest.approx(0.8))
    assert eer(torch.zeros(4), same) == (0.5, INF)  # nothing is told apart: refuse everybody


def test_the_threshold_makes_both_errors_about_as_frequent() -> None:
    score, same = scores(4000, kinds=1_000_000, seed=3)
    rate, threshold = eer(score, same)
    miss, alarm, _ = error_rates(score, same, torch.tensor([threshold]))
    assert (miss.item(), alarm.item()) == pytest.approx((rate, rate), abs=2e-3)


def test_a_bootstrap_draw_is_the_trials_of_the_drawn_people() -> None:
    """Plain twin: gather the drawn people's clips, pair them, leave out a copy's other self."""
    speaker = torch.tensor([0, 0, 1, 1, 1, 2])
    found, drawn = trials(speaker), [1, 1, 0, 2]
    times = appearances(
        found.same, speaker[found.pair], torch.tensor([drawn.count(k) for k in range(3)])
    )
    cast = [(copy, clip) for copy, k in enumerate(drawn) for clip in range(6) if speaker[clip] == k]
    pairs = [
        tuple(sorted((i, j)))
        for n, (copy, i) in enumerate(cast)
        for other, j in cast[n + 1 :]
        if (copy == other) == bool(speaker[i] == speaker[j])
    ]
    for pair, count in zip(found.pair.tolist(), times.tolist(), strict=True):
        assert count == pairs.count(tuple(pair)), pair


def test_the_interval_over_speakers_is_wider_than_trials_would_promise() -> None:
    """And as wide as the spread of the rate over other people: 30 groups of as many, measured."""
    embedding, speaker = voices(360, 6)
    rates = []
    for group in range(30):
        rows = speaker // 12 == group
        found = trials(speaker[rows])
        score = cosine(*embedding[rows][found.pair].unbind(1))
        rates.append(eer(score, found.same).rate)
    low, high, people = bootstrap(score, found.same, speaker[rows][found.pair], rng(), draws=100)
    spread = 2 * 1.96 * torch.tensor(rates).std().item()
    picks = [torch.randint(len(score), (len(score),), generator=rng(k)) for k in range(100)]
    by_trial = torch.tensor([eer(score[pick], found.same[pick]).rate for pick in picks])
    assert people == 12
    assert 0.5 < (high - low) / spread < 2
    assert high - low > 1.5 * 2 * 1.96 * by_trial.std().item()


def test_the_nearest_mean_is_found_by_a_plain_loop() -> None:
    embedding, speaker = voices(5, 8, spread=2.0)
    names = torch.tensor([40, 10, 30, 20, 50])[speaker]
    known, asked = torch.arange(40) % 8 < 5, torch.arange(40) % 8 >= 5
    given = identify(embedding[known], names[known], embedding[asked])
    for vector, name in zip(embedding[asked], given.tolist(), strict=True):
        close = {
            who: cosine(unit_length(embedding[known & (names == who)]).mean(0)[None], vector[None])
            for who in names.unique().tolist()
        }
        assert name == max(close, key=lambda who: close[who].item())
    right = identified(embedding[known], names[known], embedding[asked], names[asked])
    assert right.tolist() == (given == names[asked]).tolist()
    assert 0.2 < right.double().mean() < 1


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, 0.0])
def test_a_vector_without_direction_is_refused(bad: float) -> None:
    embedding = torch.ones(4, 3)
    embedding[2] = bad
    for wrong in (lambda: unit_length(embedding), lambda: cosine(embedding, torch.ones(4, 3))):
        with pytest.raises(ValueError, match=r"1 of 4 embeddings are 0, .* the first in row 2"):
            wrong()


def test_what_cannot_be_a_trial_is_said() -> None:
    with pytest.raises(ValueError, match="3 trials, all of one speaker: add a second"):
        trials(torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ValueError, match="3 trials, none of one speaker: give somebody a second"):
        trials(torch.arange(3))
    with pytest.raises(ValueError, match="2 trials, all of one speaker"):
        eer(torch.tensor([0.1, 0.2]), torch.tensor([True, True]))
    with pytest.raises(ValueError, match="1 scores are NaN: look at their embeddings"):
        eer(torch.tensor([0.1, torch.nan]), torch.tensor([True, False]))


def test_vectors_of_two_encoders_are_not_compared() -> None:
    with unchecked(), pytest.raises(ValueError, match="dim=3 beside dim=2: use one encoder"):
        cosine(torch.ones(4, 3), torch.ones(4, 2))
    with unchecked(), pytest.raises(ValueError, match="dim=3 beside dim=2"):
        identify(torch.ones(4, 3), torch.arange(4), torch.ones(1, 2))


def test_too_few_speakers_give_no_interval() -> None:
    embedding, speaker = voices(verification.FEWEST - 1, 3)
    found = trials(speaker)
    score = cosine(*embedding[found.pair].unbind(1))
    with pytest.raises(ValueError, match="too few speakers: 9, an interval takes 10 or more"):
        bootstrap(score, found.same, speaker[found.pair], rng())


def test_nobody_enrolled_and_somebody_unseen_are_refused() -> None:
    nobody, unknown = torch.zeros(0, dtype=torch.int64), torch.ones(2, 3)
    with pytest.raises(ValueError, match="0 clips are enrolled: give at least one clip"):
        identify(torch.zeros(0, 3), nobody, unknown)
    with pytest.raises(ValueError, match=r"speakers \[7\] are not enrolled: a closed set"):
        identified(torch.ones(2, 3), torch.tensor([1, 2]), unknown, torch.tensor([1, 7]))
