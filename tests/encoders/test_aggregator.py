"""wav2vec's context network: PyTorch's own modules put together, and who can see whom."""

import pytest
import torch
from torch import nn

from lecturelib.encoders.aggregator import KERNELS, Aggregator
from tests.oracle import error, push_back, randomise, unchecked

DIM, SMALL = 6, (2, 3, 4)


class Composed(nn.Module):
    """As the published code writes it: pad, convolve, norm, bend, add, scale."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.ReplicationPad1d((kernel - 1, 0)),
                nn.Conv1d(DIM, DIM, kernel),
                nn.GroupNorm(1, DIM),
                nn.ReLU(),
            )
            for kernel in SMALL
        )

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = tokens.transpose(1, 2)
        for block in self.blocks:
            x = (block(x) + x) * torch.tensor(0.5, dtype=x.dtype).sqrt()
        return x.transpose(1, 2)


def without_norms() -> Aggregator:
    net = randomise(Aggregator(dim=DIM, kernels=SMALL))
    net.norms = nn.ModuleList(nn.Identity() for _ in SMALL)
    return net  # type: ignore[return-value]


def moved(net: Aggregator, at: int) -> list[int]:
    """The frames of the context that another frame `at` changes."""
    tokens = torch.randn(1, 20, DIM, dtype=torch.double)
    other = tokens.clone()
    other[0, at] += 1
    return (net(tokens) != net(other))[0].any(1).nonzero().flatten().tolist()


def test_it_is_the_published_composition() -> None:
    theirs, ours = randomise(Composed()), Aggregator(dim=DIM, kernels=SMALL).double()
    with torch.no_grad():
        for index, block in enumerate(theirs.blocks):
            ours.layers[index].load_state_dict(block[1].state_dict())
            ours.norms[index].load_state_dict(block[2].state_dict())
    tokens = torch.randn(2, 9, DIM, dtype=torch.double)
    found, want = ours(tokens), theirs(tokens)
    assert error(found, want) < 1e-12
    push_back([found])
    push_back([want])
    for index, block in enumerate(theirs.blocks):
        assert error(ours.layers[index].weight.grad, block[1].weight.grad) < 1e-12
        assert error(ours.layers[index].bias.grad, block[1].bias.grad) < 1e-12
        assert error(ours.norms[index].bias.grad, block[2].bias.grad) < 1e-12


def test_the_future_never_changes_the_past() -> None:
    """The convolutions alone; the last frame that knows of frame 5 is context - 1 later."""
    net = without_norms()
    assert net.context == 7
    assert set(moved(net, at=5)) <= set(range(5, 12))
    assert moved(net, at=5)[0] == 5
    assert moved(net, at=19) == [19]
    with torch.no_grad():
        for layer in net.layers:
            layer.weight.abs_()  # nothing bends to 0: the oldest frame is seen to its end
            layer.bias.fill_(100.0)
    assert moved(net, at=5) == list(range(5, 12))


def test_the_norm_lets_the_whole_clip_in() -> None:
    """The paper's norm is over time as well; said, not hidden."""
    assert moved(randomise(Aggregator(dim=DIM, kernels=SMALL)), at=19)[0] == 0  # type: ignore[arg-type]


def test_it_sees_the_papers_810_ms() -> None:
    """Section 2.1, the large model: twelve layers with kernels 2 to 13, at 16 kHz."""
    net = Aggregator(dim=1)
    assert tuple(range(2, 14)) == KERNELS
    samples = 465 + (net.context - 1) * 160
    assert samples / 16 == pytest.approx(810, abs=2)
    base = Aggregator(dim=1, kernels=(3,) * 9)
    assert (465 + (base.context - 1) * 160) / 16 == pytest.approx(210, abs=2)


def test_another_width_is_named() -> None:
    with unchecked(), pytest.raises(ValueError, match="dim=5, this network has dim=6"):
        Aggregator(dim=DIM, kernels=SMALL)(torch.randn(1, 4, 5))
