"""VQ-VAE: units that give the sound back, not units that tell what comes next."""

from typing import Any

import torch.nn.functional as F
from torch import Generator, nn

from lecturelib.data.batch import Batch
from lecturelib.objectives import Losses, Objective


class Reconstruction(Objective):
    """The slide's "different to vq-vae": same quantiser, another target (van den Oord 2017, Eq. 3).

    frontend   waves -> z [batch, time, dim], a frame every 20 ms
    quantizer  z, rng -> `Units`
    target     waves -> log-mel frames every 20 ms, `LogMel`; the paper rebuilds samples
    decoder    z quantised [batch, time, dim] -> frames [batch, time, mels]

    Nothing of a frame may be forgotten: microphone and loudness are told as well as the word.
    """

    def __init__(
        self, *, frontend: nn.Module, quantizer: nn.Module, target: nn.Module, decoder: nn.Module
    ):
        super().__init__()
        self.frontend, self.quantizer, self.target = frontend, quantizer, target
        self.decoder: Any = decoder

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        units = self.quantizer(self.frontend(batch.signal), rng)
        guess = self.decoder(units.vectors)
        count = guess.shape[0] * guess.shape[1]
        answer = self.target(batch.signal)[:, 1 : 1 + guess.shape[1]]  # the nearest middles
        error = F.mse_loss(guess, answer)
        parts = {"sound": error.detach(), "penalty": units.penalty.detach()}
        return Losses(count * (error + units.penalty), parts, count)
