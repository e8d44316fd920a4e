"""wav2vec's encoder beside the same network put together from PyTorch's own modules."""

import pytest
import torch
from torch import nn

from lecturelib.frontends.wav2vec import PLAN, FeatureEncoder
from lecturelib.frontends.waveform import Conv, frames_of, samples_of
from tests.oracle import error, push_back, randomise

SMALL = (Conv(6, 5, 3), Conv(8, 4, 2))


class Composed(nn.Module):
    """As the published code writes it, block by block."""

    def __init__(self, log: bool):
        super().__init__()
        blocks, channels = [], 1
        for width, kernel, stride in SMALL:
            conv = nn.Conv1d(channels, width, kernel, stride, bias=False)
            blocks.append(nn.Sequential(conv, nn.GroupNorm(1, width), nn.ReLU()))
            channels = width
        self.blocks, self.log = nn.Sequential(*blocks), log

    def forward(self, waves: torch.Tensor) -> torch.Tensor:
        x = self.blocks(waves.unsqueeze(1))
        return ((x.abs() + 1).log() if self.log else x).transpose(1, 2)


@pytest.mark.parametrize("log", [True, False])
def test_it_is_the_published_composition(log: bool) -> None:
    theirs = randomise(Composed(log))
    ours = FeatureEncoder(plan=SMALL, log_compression=log).double()
    with torch.no_grad():
        for index, block in enumerate(theirs.blocks):
            ours.layers[index].load_state_dict(block[0].state_dict())
            ours.norms[index].load_state_dict(block[1].state_dict())
    waves = torch.randn(3, 60, dtype=torch.double)
    found, want = ours(waves), theirs(waves)
    assert error(found, want) < 1e-12
    push_back([found])
    push_back([want])
    for index, block in enumerate(theirs.blocks):
        assert error(ours.layers[index].weight.grad, block[0].weight.grad) < 1e-12
        assert error(ours.norms[index].weight.grad, block[1].weight.grad) < 1e-12


def test_the_plan_is_the_papers() -> None:
    """Section 2.1: kernels 10 8 4 4 4, strides 5 4 2 2 2: about 30 ms every 10 ms at 16 kHz."""
    assert [conv.kernel for conv in PLAN] == [10, 8, 4, 4, 4]
    assert [conv.stride for conv in PLAN] == [5, 4, 2, 2, 2]
    assert samples_of(PLAN, 1) == 465
    assert samples_of(PLAN, 2) - samples_of(PLAN, 1) == 160 == 16000 // 100


@pytest.mark.parametrize("samples", range(14, 30))
def test_the_plan_counts_what_comes_out(samples: int) -> None:
    frames = FeatureEncoder(plan=SMALL)(torch.randn(1, samples)).shape[1]
    assert frames == int(frames_of(SMALL, torch.tensor(samples)))


def test_loudness_is_not_heard() -> None:
    encoder = randomise(FeatureEncoder(plan=SMALL))
    waves = 100 * torch.randn(1, 60, dtype=torch.double)
    assert error(encoder(3 * waves), encoder(waves)) < 1e-4  # up to the norm's eps


def test_the_norm_lets_the_whole_clip_in() -> None:
    """One group over all of time; without norms a frame hears its own 14 samples only."""
    encoder = randomise(FeatureEncoder(plan=SMALL))
    waves = torch.randn(1, 60, generator=torch.Generator().manual_seed(0), dtype=torch.double)
    other = waves.clone()
    other[0, 30:] += 1
    assert (encoder(waves) != encoder(other))[0, 0].any()
    encoder.norms = nn.ModuleList(nn.Identity() for _ in SMALL)
    is_moved = (encoder(waves) != encoder(other))[0].any(1)
    assert is_moved.nonzero().flatten().tolist() == [3, 4, 5, 6, 7]  # frame 3: samples 18 to 31


def test_too_short_a_clip_is_named() -> None:
    with pytest.raises(ValueError, match="13 samples make no frame: give at least 14"):
        FeatureEncoder(plan=SMALL)(torch.randn(1, 13))
