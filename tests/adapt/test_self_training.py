"""The loop's rules, each beside a plain one."""

from collections import Counter
from itertools import pairwise

import pytest
import torch
from torch import nn

from lecturelib.adapt import self_training
from lecturelib.adapt.self_training import (
    Belief,
    Method,
    accept,
    accuracy,
    believe,
    fair_share,
    pick_rows,
    predict,
    rounds,
    same_steps_teacher,
    train,
    with_pseudo_labels,
)
from lecturelib.data.batch import Batch
from lecturelib.training.loop import Plan

CENTRES = 5 * torch.eye(3)


def clouds(count: int, seed: int) -> Batch:
    rng = torch.Generator().manual_seed(seed)
    label = torch.arange(count) % 3
    return Batch(CENTRES[label] + torch.randn(count, 3, generator=rng), None, label)


def method(steps: int = 30, **options) -> Method:
    return Method(
        make=lambda: nn.Linear(3, 6), dim=6, classes=3, plan=Plan(steps, lr=0.05), **options
    )


def test_belief_is_the_largest_probability_and_its_place():
    belief = believe(torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]))
    assert belief.guess.tolist() == [1, 0]
    assert belief.confidence.tolist() == pytest.approx([0.7, 0.5])


def test_a_confidence_at_the_threshold_passes():
    belief = Belief(torch.tensor([0, 1, 2]), torch.tensor([0.4, 0.5, 0.6]))
    assert accept(belief, 0.5).tolist() == [False, True, True]
    assert accept(belief, 0.0).all()


def test_a_higher_threshold_only_takes_away():
    belief = believe(torch.randn(200, 3, generator=torch.Generator().manual_seed(0)).softmax(1))
    passed = [accept(belief, t / 20) for t in range(21)]
    assert all((high <= low).all() for low, high in pairwise(passed))


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_outside_zero_to_one_is_refused(threshold):
    belief = Belief(torch.tensor([0]), torch.tensor([0.4]))
    with pytest.raises(ValueError, match=f"threshold={threshold} is no probability"):
        accept(belief, threshold)


def test_fair_share_gives_every_class_the_same_weight():
    label = torch.tensor([0, 0, 0, 1, 2, 2])
    share = fair_share(label)
    assert [share[label == c].sum().item() for c in range(3)] == pytest.approx([1 / 3] * 3)


def test_balanced_batches_hold_all_classes_and_plain_ones_follow_the_crowd():
    label = torch.tensor([0] * 98 + [1, 1])
    rng = torch.Generator().manual_seed(0)
    balanced = Counter(label[pick_rows(label, 2000, balanced=True, rng=rng)].tolist())
    plain = Counter(label[pick_rows(label, 2000, balanced=False, rng=rng)].tolist())
    assert 900 < balanced[1] < 1100
    assert plain[1] < 80


def test_probabilities_are_the_softmax_of_the_whole_in_pieces():
    model = train(method(3), clouds(12, 0))
    signal = clouds(1203, 1).signal
    with torch.no_grad():
        torch.testing.assert_close(predict(model, signal), model.logits(signal).softmax(1))


def test_the_pool_labels_never_reach_the_student():
    """Two pools that differ in their true labels only give the very same student."""
    labelled, pool = clouds(6, 0), clouds(60, 1)
    lying = Batch(pool.signal, None, pool.labels.flip(0))
    chosen = method()
    teacher = train(chosen, labelled)
    students = [
        rounds(chosen, teacher, labelled, given, threshold=0.5)[0].student
        for given in (pool, lying)
    ]
    for mine, theirs in zip(students[0].parameters(), students[1].parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_the_student_learns_true_labels_and_accepted_guesses_and_nothing_else(monkeypatch):
    labelled, pool = clouds(6, 0), clouds(9, 1)
    belief = Belief(torch.tensor([2] * 9), torch.linspace(0.1, 0.9, 9))
    passed = accept(belief, 0.7)
    seen, any_model = [], train(method(1), labelled)

    def spy(method, batch, label):
        seen.append(batch)
        return any_model

    monkeypatch.setattr(self_training, "train", spy)
    with_pseudo_labels(method(), labelled, pool, belief, passed)
    assert torch.equal(seen[0].signal, torch.cat([labelled.signal, pool.signal[6:]]))
    assert seen[0].labels.tolist() == [*labelled.labels.tolist(), 2, 2, 2]


def test_each_student_becomes_the_next_teacher_and_the_first_teacher_stays_as_it_was():
    labelled, pool, chosen = clouds(6, 0), clouds(60, 1), method(10)
    teacher = train(chosen, labelled)
    before = [p.clone() for p in teacher.parameters()]
    done = rounds(chosen, teacher, labelled, pool, threshold=0.5, turns=3)
    assert [turn.teacher for turn in done] == [teacher, done[0].student, done[1].student]
    assert all(torch.equal(a, b) for a, b in zip(before, teacher.parameters(), strict=True))


def test_the_control_gets_as_many_steps_as_teacher_and_students_together(monkeypatch):
    steps, any_model = [], train(method(1), clouds(6, 0))

    def spy(method, batch, label):
        steps.append(method.plan.steps)
        return any_model

    monkeypatch.setattr(self_training, "train", spy)
    same_steps_teacher(method(30), clouds(6, 0), turns=2)
    assert steps == [90]


def test_a_student_of_easy_clouds_is_right():
    labelled, pool, test = clouds(6, 0), clouds(300, 1), clouds(300, 2)
    chosen = method(200)
    student = rounds(chosen, train(chosen, labelled), labelled, pool, threshold=0.6)[0].student
    nearest = torch.cdist(test.signal, CENTRES).argmin(1)
    best_possible = float((nearest == test.labels).float().mean())
    assert accuracy(student, test) > best_possible - 0.05


def test_no_labels_at_all_is_refused():
    empty = Batch(torch.zeros(0, 3), None, torch.zeros(0, dtype=torch.long))
    with pytest.raises(ValueError, match="0 labelled examples"):
        train(method(), empty)
    with pytest.raises(ValueError, match="no labels"):
        train(method(), Batch(torch.zeros(4, 3), None, None))


def test_the_student_sees_augmented_input_only():
    seen = []

    def augment(signal, rng):
        seen.append(len(signal))
        return signal + 100

    model = train(method(5, augment=augment, batch=7), clouds(6, 0))
    assert seen == [7] * 5
    assert not model.training


def test_a_stopped_teacher_labels_nothing(monkeypatch):
    def stop(self, step):
        raise KeyboardInterrupt

    monkeypatch.setattr(self_training.Trainer, "step", stop)
    with pytest.raises(KeyboardInterrupt):
        train(method(), clouds(6, 0))
