"""segment7 and the softmax by hand; GE2E by the paper's double loop."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.speakers import GE2E, speaker_softmax, to_centroids
from tests.oracle import error, randomise

RNG = torch.Generator().manual_seed(0)
WHO = torch.tensor([7, 2, 7, 2, 5, 5, 5])  # clips need not be sorted, nor as many of each


def vectors(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=RNG, dtype=torch.float64)


def test_softmax_over_speakers_goes_through_segment7() -> None:
    """ReLU, batch norm, affine, ReLU, batch norm, then the affine layer of the softmax."""
    x, label = vectors(6, 4), torch.tensor([0, 1, 2, 2, 1, 0])
    model = randomise(speaker_softmax(nn.Identity(), dim=4, speakers=3, width=5)).train()
    _, norm6, affine, _, norm7 = model.encoder.layers

    def normed(x: torch.Tensor, norm: nn.BatchNorm1d) -> torch.Tensor:
        scaled = (x - x.mean(0)) / (x.var(0, correction=0) + 1e-5).sqrt()
        return scaled * norm.weight + norm.bias

    hidden = normed(F.relu(normed(F.relu(x), norm6) @ affine.weight.T + affine.bias), norm7)
    logits = hidden @ model.head.weight.T + model.head.bias
    want = -sum(logits[row].log_softmax(0)[who] for row, who in enumerate(label.tolist()))
    total, parts, count = model(Batch(x, None, label), torch.Generator())
    assert error(total, want) < 1e-10
    assert count == 6
    assert float(parts["accuracy"]) == (logits.argmax(1) == label).float().mean()


def test_the_paper_has_512_in_segment7() -> None:
    """Table 1: segment7 512 -> 512, softmax 512 -> speakers."""
    model = speaker_softmax(nn.Identity(), dim=512, speakers=4)
    affine = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    shapes = {(layer.in_features, layer.out_features) for layer in affine}
    assert shapes == {(512, 512), (512, 4)}


def double_loop(x: torch.Tensor, scale: float, shift: float) -> float:
    """Eqs. 5, 6, 8 and 9, one clip and one speaker after the other."""
    unit = [row / row.norm() for row in x]
    total = 0.0
    for i, mine in enumerate(WHO.tolist()):
        scores = {}
        for speaker in sorted(set(WHO.tolist())):
            clips = [j for j, who in enumerate(WHO.tolist()) if who == speaker and j != i]
            centroid = sum(unit[j] for j in clips) / len(clips)
            scores[speaker] = scale * float(unit[i] @ centroid / centroid.norm()) + shift
        total += -scores[mine] + math.log(sum(math.exp(score) for score in scores.values()))
    return total


def test_ge2e_is_the_papers_double_loop() -> None:
    x = vectors(7, 3)
    model = GE2E(nn.Identity(), scale=3.0, shift=-2.0).double()
    total, parts, count = model(Batch(x, None, WHO), torch.Generator())
    assert total.item() == pytest.approx(double_loop(x, 3.0, -2.0), rel=1e-10)
    assert count == 7
    assert 0 <= float(parts["accuracy"]) <= 1


def test_ge2e_starts_as_in_the_paper_and_learns_its_scale() -> None:
    """w = 10, b = -5; b moves every score alike, so that it has no gradient under softmax."""
    model = GE2E(nn.Identity())
    assert (model.scale.item(), model.shift.item()) == (10.0, -5.0)
    model(Batch(vectors(7, 3).float(), None, WHO), torch.Generator()).total.backward()
    assert model.scale.grad.abs() > 1e-3
    assert model.shift.grad.abs() < 1e-4


def test_a_scale_below_zero_is_held_above() -> None:
    """The paper: w > 0; else clips would be pushed away from their own speaker."""
    model = GE2E(nn.Identity(), scale=-1.0).double()
    total = model(Batch(vectors(7, 3), None, WHO), torch.Generator()).total
    assert total.item() == pytest.approx(7 * math.log(3), rel=1e-5)


def test_speakers_far_apart_cost_nothing_and_equal_ones_are_chance() -> None:
    far = torch.eye(3).double()[torch.tensor([0, 1, 0, 1, 2, 2, 2])] - 1 / 3
    for x, want in ((far, 0.0), (torch.ones(7, 3).double(), 7 * math.log(3))):
        total = GE2E(nn.Identity(), scale=50.0).double()(Batch(x, None, WHO), torch.Generator())[0]
        assert total.item() == pytest.approx(want, abs=1e-6)


def test_a_clip_is_not_in_its_own_centroid() -> None:
    """Two clips of one speaker: the centroid that each is compared with is the other."""
    x = vectors(4, 3)
    cosine = to_centroids(x, torch.tensor([0, 0, 1, 1]))
    between = F.cosine_similarity(x[0], x[1], dim=0)
    assert error(cosine[:2, 0], between.expand(2)) < 1e-12


@pytest.mark.parametrize(
    ("who", "said"),
    [([1, 1, 1], "a batch of 1 speaker has nobody"), ([0, 0, 4], r"speakers \[1\] have fewer")],
)
def test_batches_that_ge2e_cannot_use(who: list[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GE2E(nn.Identity())(Batch(torch.ones(3, 2), None, torch.tensor(who)), torch.Generator())


def test_unlabelled_clips_are_refused() -> None:
    with pytest.raises(ValueError, match="no labels"):
        GE2E(nn.Identity())(Batch(torch.ones(3, 2), None, None), torch.Generator())
