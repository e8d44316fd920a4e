"""Few labels, frozen features, and the curve that every notebook draws."""

import pytest
import torch
from torch import nn

from lecturelib.adapt.transfer import (
    features,
    few_labels,
    freeze,
    label_curve,
    probe,
    stored_curve,
)
from lecturelib.data.batch import Batch


def test_few_labels_takes_as_many_of_each_class_and_no_row_twice():
    label = torch.tensor([0, 1, 2] * 10)
    rows = few_labels(label, 4, seed=3)
    assert torch.bincount(label[rows]).tolist() == [4, 4, 4]
    assert len(set(rows.tolist())) == 12
    assert rows.tolist() != few_labels(label, 4, seed=4).tolist()


def test_a_class_with_too_few_examples_is_named():
    with pytest.raises(ValueError, match="class 1 has 1 examples, 2 were asked"):
        few_labels(torch.tensor([0, 0, 1]), 2, seed=0)


def test_frozen_weights_and_statistics_stand_still():
    model = freeze(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)))
    before = model[1].running_mean.clone()
    model(torch.randn(8, 2) + 5)
    assert torch.equal(model[1].running_mean, before)
    assert not any(p.requires_grad for p in model.parameters())


def test_features_in_pieces_are_the_features_of_the_whole():
    encoder, signal = nn.Linear(3, 2), torch.randn(1201, 3)
    with torch.no_grad():
        torch.testing.assert_close(features(encoder, signal), encoder(signal))


def test_a_linear_probe_reads_out_what_is_linear_and_only_that():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(400, 2, generator=rng)
    line, ring = (x[:, 0] > 0).long(), (x.norm(dim=1) > 1.2).long()
    assert probe(x[:200], line[:200], x[200:], line[200:]) > 0.95
    assert probe(x[:200], ring[:200], x[200:], ring[200:]) < 0.7


def test_one_class_cannot_be_told_apart():
    x, one = torch.randn(4, 2), torch.ones(4).long()
    with pytest.raises(ValueError, match=r"all 4 labels are \[1\]: give two classes or more"):
        probe(x, one, x, one)


def test_every_arm_gets_the_same_labels_and_the_rest_without_labels():
    pool = Batch(torch.arange(30.0)[:, None], None, torch.tensor([0, 1, 2] * 10))
    seen = []

    def arm(labelled, unlabelled, seed):
        seen.append((seed, labelled.signal.flatten().tolist(), unlabelled))
        return len(labelled) + seed

    curve = label_curve({"a": arm, "b": arm}, pool, per_class=(1, 4), seeds=(0, 7))
    assert curve.accuracy["a"].tolist() == [[3, 10], [12, 19]]
    for (_, first, rest), (_, second, _) in zip(seen[::2], seen[1::2], strict=True):
        assert first == second
        assert rest.label is None
        assert sorted(first + rest.signal.flatten().tolist()) == list(range(30))


def test_stored_runs_are_a_curve_where_all_arms_have_been_measured():
    runs = [
        {"seed": s, "a n=20": 10.0 + s, "a n=5": 1.0 + s, "b n=5": 3.0, "b n=20": 4.0, "b n=9": 0.0}
        for s in range(2)
    ]
    curve = stored_curve(runs, ("b", "a"))
    assert curve.per_class == (5, 20)
    assert list(curve.accuracy) == ["b", "a"]
    assert curve.accuracy["a"].tolist() == [[1, 2], [10, 11]]
    assert curve.accuracy["b"].tolist() == [[3, 3], [4, 4]]
