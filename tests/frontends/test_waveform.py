"""Frames: how many, and of what. The published front end is the oracle in tests/published."""

import pytest
import torch

from lecturelib.frontends.waveform import PLAN, Conv, Convolutions, ConvPositions, Waveform
from tests.oracle import error, padded, randomise, unchecked


def sound(norm_each: bool = True) -> Waveform:
    plan = [Conv(6, 5, 3), Conv(8, 3, 2)]
    built = Waveform(
        convolutions=Convolutions(plan=plan, norm_each=norm_each),
        positions=ConvPositions(dim=12, kernel=4, groups=2),
        dim=12,
        norm_last=True,
    )
    return randomise(built).eval()  # type: ignore[return-value]


def test_the_plan_is_the_papers():
    """25 ms seen and 20 ms moved a frame at 16 kHz; 1 s gives 49 frames."""
    convolutions = Convolutions(plan=[Conv(1, kernel, stride) for _, kernel, stride in PLAN])
    assert convolutions.samples(1) == 400
    assert convolutions.samples(2) - convolutions.samples(1) == 320
    assert convolutions.frames(torch.tensor([16000, 400, 719, 720])).tolist() == [49, 1, 1, 2]


@pytest.mark.parametrize("samples", range(11, 40))
def test_frames_counts_what_comes_out(samples):
    convolutions = sound().convolutions
    frames = convolutions(torch.randn(1, samples, dtype=torch.double)).shape[1]
    assert convolutions.frames(torch.tensor(samples)).item() == frames
    assert convolutions.samples(frames) <= samples < convolutions.samples(frames + 1)


def test_a_padded_batch_equals_one_by_one():
    front, waves = sound(), torch.randn(2, 40, dtype=torch.double)
    is_pad = front.frame_pad(padded([40, 23]))
    together = front(waves, is_pad)
    alone = front(waves[1:, :23])
    assert (~is_pad).sum(1).tolist() == [5, 3]
    assert error(together[1:, :3], alone) < 1e-12


def test_group_norm_over_time_sees_the_padding():
    """The base model's known flaw, kept: equal to the reference, not to the unpadded wave."""
    front, waves = sound(norm_each=False), torch.randn(2, 40, dtype=torch.double)
    together = front(waves, front.frame_pad(padded([40, 23])))
    assert error(together[1:, :3], front(waves[1:, :23])) > 1e-3


def test_positions_by_hand():
    """Frame t sees frames t-2 .. t+1 of its group (kernel 4)."""
    positions = randomise(ConvPositions(dim=4, kernel=4, groups=2))
    x = torch.randn(1, 7, 4, dtype=torch.double)
    kernel, found = positions.conv.weight, positions(x)
    for t in range(7):
        for channel in range(4):
            total = positions.conv.bias[channel].clone()
            for tap in range(4):
                if 0 <= (place := t - 2 + tap) < 7:
                    near = x[0, place, 2 * (channel // 2) : 2 * (channel // 2) + 2]
                    total += (kernel[channel, :, tap] * near).sum()
            want = torch.nn.functional.gelu(total)
            assert error(found[0, t, channel], want) < 1e-12


def test_bad_input():
    front, waves = sound(), torch.randn(2, 40, dtype=torch.double)
    with pytest.raises(ValueError, match="7 samples make no frame: give at least 11"):
        front(waves[:, :7])
    flags = torch.zeros(2, 4, dtype=torch.bool)
    with unchecked(), pytest.raises(ValueError, match=r"is_pad is \[2, 4\], frames are \[2, 5\]"):
        front(waves, flags)
    with unchecked(), pytest.raises(ValueError, match=r"hidden is \[2, 4\], frames are \[2, 5\]"):
        front(waves, None, flags)
    front.mask = None
    with pytest.raises(ValueError, match="no mask vector"):
        front(waves, None, torch.zeros(2, 5, dtype=torch.bool))
