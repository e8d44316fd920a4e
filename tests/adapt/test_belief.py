"""Who misled the teacher, by a plain loop; and what a watched loop keeps."""

import numpy as np
import torch
from torch import nn

from lecturelib.adapt.belief import nearest_wearing, watch
from lecturelib.adapt.self_training import Method
from lecturelib.adapt.worlds import World
from lecturelib.data.batch import Batch
from lecturelib.training.loop import Plan


def test_the_misleader_is_the_nearest_other_item_that_wore_the_guessed_label():
    rng = torch.Generator().manual_seed(0)
    place, guess = torch.randn(20, 3, generator=rng), torch.randint(3, (20,), generator=rng)
    worn = torch.randint(-1, 3, (20,), generator=rng)
    worn[worn == 2] = -1  # nobody wears 2
    found = nearest_wearing(place, guess, worn).tolist()
    for item in range(20):
        others = [j for j in range(20) if j != item and worn[j] == guess[item]]
        nearest = min(others, key=lambda j: float((place[j] - place[item]).norm()), default=-1)
        assert found[item] == nearest


def test_a_watched_loop_keeps_every_round_of_every_threshold():
    rng = torch.Generator().manual_seed(0)
    label = torch.arange(60) % 3
    signal = 3 * torch.eye(3)[label] + torch.randn(60, 3, generator=rng)
    labelled, pool = Batch(signal[:6], None, label[:6]), Batch(signal[6:], None, label[6:])
    method = Method(make=lambda: nn.Linear(3, 6), dim=6, classes=3, plan=Plan(10, lr=0.05))
    found = watch(World(method, labelled, pool), pool, thresholds=(0.0, 0.9), turns=2)
    assert found["confidence"].shape == (2, 2, 60)
    assert found["labelled"].sum() == 6
    assert (found["confidence"][:, :, :6] == 1).all()
    assert (found["guess"][:, :, :6] == label[:6].numpy()).all()
    # one teacher for all thresholds: the first round's guesses agree, the next teachers differ
    assert (found["guess"][0, 0] == found["guess"][1, 0]).all()
    assert not np.array_equal(found["confidence"][0, 1], found["confidence"][1, 1])
    # only true labels were worn when the first teacher was trained
    assert found["misled_by"][:, 0].max() < 6
    # at threshold 0 every guess was worn when the second one was trained
    assert found["misled_by"][0, 1].max() >= 6
    # the student of round 1 is the teacher of round 2; the control is the same for all thresholds
    assert (found["accuracy"][:, 0, 2] == found["accuracy"][:, 1, 0]).all()
    assert (found["accuracy"][0, :, 1] == found["accuracy"][1, :, 1]).all()
