"""Events from frames, and how many are right: against loops."""

import pytest
import torch
from torch import Generator

from lecturelib.adapt.events import (
    balanced_accuracy,
    event_f1,
    events_of,
    found,
    overlap,
    smooth,
)
from lecturelib.data.disfluencies import KINDS, Event, frame_kinds


def kinds(frames: int, seed: int) -> torch.Tensor:
    """Runs of random kinds, 1 to 9 frames long."""
    rng = Generator().manual_seed(seed)
    lengths = torch.randint(1, 10, (frames,), generator=rng)
    return torch.randint(4, (frames,), generator=rng).repeat_interleave(lengths)[:frames]


def test_runs_become_events_and_back() -> None:
    for seed in range(5):
        given = kinds(200, seed)
        made = events_of(given, least=1)
        assert torch.equal(frame_kinds(made, 200), given)
        long = events_of(given, least=5)
        assert [e for e in made if round((e.end - e.start) / 0.02) >= 5] == list(long)


def test_each_frame_is_put_to_the_vote() -> None:
    given, near = kinds(120, 0), 5
    for frame, kind in enumerate(smooth(given, near).tolist()):
        around = given[max(0, frame - near // 2) : frame + near // 2 + 1].tolist()
        votes = [around.count(one) for one in range(1 + len(KINDS))]
        assert kind == votes.index(max(votes))


def test_overlap_is_common_time_over_all_time() -> None:
    assert overlap(Event("block", 0, 2), Event("block", 1, 3)) == pytest.approx(1 / 3)
    assert overlap(Event("block", 0, 1), Event("block", 2, 3)) == 0
    assert overlap(Event("block", 0, 1), Event("block", 0, 1)) == 1


def test_an_event_is_found_once_and_only_as_its_kind() -> None:
    true = [Event("block", 0.0, 1.0), Event("repetition", 2.0, 3.0)]
    guess = [Event("block", 0.0, 0.9), Event("block", 0.1, 1.0), Event("prolongation", 2.0, 3.0)]
    assert found(true, guess) == 1
    assert event_f1([true], [guess]) == pytest.approx(2 * 1 / 5)
    assert event_f1([true, []], [true, []]) == 1
    assert event_f1([true], [[]]) == 0
    assert event_f1([[]], [[]]) == 1


def test_each_kind_counts_alike() -> None:
    true, guess = torch.tensor([0] * 8 + [2] * 2), torch.tensor([0] * 10)
    assert balanced_accuracy(true, guess) == 0.5
    true, guess = kinds(300, 1), kinds(300, 2)
    shares = []
    for kind in range(4):
        rows = [i for i in range(300) if true[i] == kind]
        shares.append(sum(guess[i] == kind for i in rows) / len(rows))
    assert balanced_accuracy(true, guess) == pytest.approx(float(sum(shares) / 4))
