"""VQ-VAE's loss by hand, and its frames are those of the same moment."""

import pytest
import torch
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.frontends.spectrogram import LogMel
from lecturelib.frontends.wav2vec import PLAN, FeatureEncoder
from lecturelib.frontends.waveform import Conv, samples_of
from lecturelib.objectives.reconstruction import Reconstruction
from lecturelib.quantizers import KMeansQuantizer
from tests.oracle import error, randomise

SMALL = tuple(Conv(6, kernel, stride) for _, kernel, stride in PLAN)


def objective() -> Reconstruction:
    return Reconstruction(
        frontend=FeatureEncoder(plan=SMALL),
        quantizer=KMeansQuantizer(dim=6, groups=2, codes=4),
        target=LogMel(),
        decoder=nn.Linear(6, 40),
    )


def test_the_loss_is_what_is_not_given_back_and_the_quantisers() -> None:
    ours = randomise(objective())
    waves = torch.randn(2, 2000, dtype=torch.double)
    total, parts, count = ours(Batch(waves, None, None), torch.Generator())
    units = ours.quantizer(ours.frontend(waves))
    frames = ours.target(waves)
    want, times = torch.zeros((), dtype=torch.double), units.vectors.shape[1]
    assert count == 2 * times == 2 * 10
    for row in range(2):
        for t in range(times):
            guess = ours.decoder(units.vectors[row, t])
            want = want + (guess - frames[row, t + 1]).square().sum() / 40
    assert float(parts["sound"]) == pytest.approx(float(want.detach()) / count)
    assert error(total, want + count * units.penalty) < 1e-10
    total.backward()
    assert all(p.grad is not None for p in ours.parameters())


def test_the_target_is_the_frame_with_the_nearest_middle() -> None:
    """LogMel's frame i has its middle at 160 i; ours sees 465 samples from 160 t on."""
    middle = samples_of(PLAN, 1) / 2
    apart = [abs(160 * i - middle) for i in range(4)]
    assert apart.index(min(apart)) == 1
    for samples in (465, 2000, 2024, 2025):
        ours = objective()(Batch(torch.randn(1, samples), None, None), torch.Generator())
        assert ours.count == (samples - 465) // 160 + 1
