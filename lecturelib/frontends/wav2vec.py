"""wav2vec's feature encoder: raw sound -> latent frames by convolutions only (Schneider 2019)."""

from collections.abc import Sequence

import torch.nn.functional as F
from einops import rearrange
from torch import nn

from lecturelib.frontends.waveform import Conv, check_length
from lecturelib.shapes import Tokens, Waves

PLAN = (Conv(512, 10, 5), Conv(512, 8, 4), *[Conv(512, 4, 2)] * 3)
"""Section 2.1: 465 samples seen and 160 moved a frame; at 8 kHz that is 58 ms every 20 ms."""


class FeatureEncoder(nn.Module):
    """z = f(x), Section 2.1: [batch, samples] -> latent frames [batch, time, width].

    Five times a convolution without bias, group norm with ONE group, ReLU. The norm takes mean and
    deviation over all channels and all of time, so that loudness does not matter; but padding does,
    and every frame knows a little of the whole clip.

    log_compression  log(z + 1) at the end, where no z is below 0: the code's, not the paper's
    """

    def __init__(self, *, plan: Sequence[Conv] = PLAN, log_compression: bool = True):
        super().__init__()
        self.plan, self.log_compression = tuple(plan), log_compression
        inputs = [1, *(conv.width for conv in plan)]
        self.layers, self.norms = nn.ModuleList(), nn.ModuleList()
        for channels, (width, kernel, stride) in zip(inputs, plan, strict=False):
            self.layers.append(nn.Conv1d(channels, width, kernel, stride, bias=False))
            self.norms.append(nn.GroupNorm(1, width))

    def forward(self, waves: Waves) -> Tokens:
        check_length(waves, self.plan)
        x = waves[:, None]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.relu(norm(layer(x)))
        x = x.log1p() if self.log_compression else x
        return rearrange(x, "batch width time -> batch time width")
