"""Clusters named by Bayes' rule: by hand, and on clouds whose best answer is known."""

import pytest
import torch

from lecturelib.adapt.semi_supervised import cluster_then_label, name_clusters


def test_clusters_are_named_as_by_hand():
    cluster = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    named = name_clusters(cluster, torch.tensor([0, 0, 1]), 2)
    # cluster 0: 1.5 points of class 0, none of class 1; plus 1/2 each
    assert named[0].tolist() == pytest.approx([2.0 / 2.5, 0.5 / 2.5])
    assert named[1].tolist() == pytest.approx([1.0 / 2.5, 1.5 / 2.5])


def test_a_cluster_that_nobody_labelled_stays_undecided():
    named = name_clusters(torch.tensor([[1.0, 0.0]]), torch.tensor([1]), 4)
    assert named[1].tolist() == pytest.approx([0.25] * 4)


def test_three_clouds_need_one_label_each():
    rng = torch.Generator().manual_seed(0)
    truth = torch.arange(300) % 3
    pool = 8 * torch.eye(3)[truth] + torch.randn(300, 3, generator=rng)
    labelled = 8 * torch.eye(3)
    guess = cluster_then_label(pool, labelled, torch.arange(3), classes=3, clusters=3)
    assert (guess.argmax(1) == truth).float().mean() > 0.99
    assert guess.sum(1).tolist() == pytest.approx([1.0] * 300, abs=1e-5)
