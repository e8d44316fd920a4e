"""Frames: how many, and of what. The published front end is the oracle in tests/published."""

import pytest
import torch

from lecturelib.frontends.waveform import (
    PLAN,
    Conv,
    Convolutions,
    ConvPositions,
    MelFrames,
    StackedConvPositions,
    Waveform,
    frames_of,
    samples_of,
)
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
    assert samples_of(PLAN, 1) == 400
    assert samples_of(PLAN, 2) - samples_of(PLAN, 1) == 320
    assert frames_of(PLAN, torch.tensor([16000, 400, 719, 720])).tolist() == [49, 1, 1, 2]


@pytest.mark.parametrize("samples", range(11, 40))
def test_frames_counts_what_comes_out(samples):
    front = sound()
    frames = front.convolutions(torch.randn(1, samples, dtype=torch.double)).shape[1]
    assert front.frames(torch.tensor(samples)).item() == frames
    assert front.samples(frames) <= samples < front.samples(frames + 1)


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


@pytest.mark.parametrize("kernel", [3, 4])
def test_stacked_positions_by_hand(kernel):
    """One convolution after another, each in a loop over frames, channels and taps."""
    positions = randomise(StackedConvPositions(dim=4, kernel=kernel, groups=2, depth=3))
    x = torch.randn(1, 7, 4, dtype=torch.double)
    now = x[0]
    for layer in positions.layers:
        found = layer.bias.repeat(7, 1)
        for t in range(7):
            for channel in range(4):
                for tap in range(kernel):
                    if 0 <= (place := t - kernel // 2 + tap) < 7:
                        near = now[place, 2 * (channel // 2) : 2 * (channel // 2) + 2]
                        found[t, channel] += (layer.weight[channel, :, tap] * near).sum()
        mean = found.mean(1, keepdim=True)
        deviation = (found.var(1, keepdim=True, correction=0) + 1e-5).sqrt()
        now = torch.nn.functional.gelu((found - mean) / deviation)
    assert len(positions.layers) == 3
    assert error(positions(x)[0], now) < 1e-12


def test_stacked_positions_see_the_padding_from_the_second_convolution_on():
    """The published flaw, kept: exactly (depth - 1) * (kernel // 2) = 6 frames before it change."""
    positions = randomise(StackedConvPositions(dim=4, kernel=5, groups=2, depth=4))
    x = torch.randn(1, 30, 4, dtype=torch.double)
    together = positions(x.masked_fill(torch.arange(30)[:, None] >= 20, 0.0))[:, :20]
    change = (together - positions(x[:, :20])).abs().amax(-1)[0]
    assert change[:14].max() < 1e-12
    assert change[14:].min() > 1e-12
    one = randomise(StackedConvPositions(dim=4, kernel=5, groups=2, depth=1))
    together = one(x.masked_fill(torch.arange(30)[:, None] >= 20, 0.0))[:, :20]
    assert error(together, one(x[:, :20])) < 1e-12


def test_mel_frames_beside_a_sum_over_samples():
    """One band and one frame of the spectrogram by Fourier's sum; the convolution by torch."""
    frames = randomise(MelFrames(width=6)).eval()
    wave = torch.randn(1, 900, dtype=torch.double)
    window = torch.hann_window(200, dtype=torch.double)
    window = torch.nn.functional.pad(window, (28, 28))
    bank = frames.mel.mel_scale.fb  # [129, mels]
    logs = []
    for start in range(0, 900 - 256 + 1, 80):
        x = wave[0, start : start + 256] * window
        turns = torch.outer(torch.arange(129.0), torch.arange(256.0)).double() * 2 * torch.pi / 256
        power = (turns.cos() @ x) ** 2 + (turns.sin() @ x) ** 2
        logs.append((torch.log(power @ bank + 1e-3) - 1.0) / 4.0)
    assert len(logs) == 9
    want = torch.stack(
        [
            torch.nn.functional.gelu(
                torch.einsum("c m k, k m -> c", frames.layer.weight, torch.stack(logs[t : t + 3]))
            )
            for t in (0, 2, 4, 6)
        ]
    )
    assert error(frames(wave)[0], want) < 1e-6  # torchaudio keeps its window in float32


def test_mel_frames_of_a_clip_are_the_same_in_a_batch():
    front = Waveform(
        convolutions=MelFrames(width=6),
        positions=ConvPositions(dim=12, kernel=4, groups=2),
        dim=12,
        norm_last=True,
    )
    front, waves = randomise(front).eval(), torch.randn(2, 2000, dtype=torch.double)
    is_pad = front.frame_pad(padded([2000, 1300]))
    alone = front(waves[1:, :1300])
    assert (~is_pad).sum(1).tolist() == [10, alone.shape[1]] == [10, 6]
    assert error(front(waves, is_pad)[1:, :6], alone) < 1e-10
    assert front.samples(6) <= 1300 < front.samples(7)
    with pytest.raises(ValueError, match="400 samples make no frame: give at least 416"):
        front(waves[:, :400])


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
