"""HuBERT: which k-means unit is spoken where you cannot hear? BERT's question, asked of sound."""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torchaudio.transforms import MFCC, ComputeDeltas

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.masking import check_hidden
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.masked_contrast import frame_pad
from lecturelib.quantizers import Codebook, fit_codebook
from lecturelib.shapes import Ids, IsHidden, Tokens

KAPPA = 0.1  # the paper's temperature of the cosine


class Cepstra(nn.Module):
    """The first teacher's ears: 13 MFCC, their slopes and the slopes' slopes, 39 numbers a frame.

    Computed every 10 ms of a clip; the one in the middle of each 20 ms frame of `MelFrames` is
    kept, so that the two count alike.
    """

    def __init__(self, *, rate: int = 8000):
        super().__init__()
        mel = {"n_fft": 256, "win_length": rate // 40, "hop_length": rate // 100, "n_mels": 40}
        self.mfcc = MFCC(rate, n_mfcc=13, log_mels=True, melkwargs=mel | {"center": False})
        self.slopes = ComputeDeltas()

    def forward(self, batch: Batch) -> Tokens:
        cepstra = self.mfcc(batch.signal)
        slopes = self.slopes(cepstra)
        every = torch.cat([cepstra, slopes, self.slopes(slopes)], dim=1)
        return rearrange(every, "batch number time -> batch time number")[:, 1:-1:2]


class Layer(nn.Module):
    """The second teacher's ears: what layer `number` of a trained model says, nothing hidden."""

    def __init__(self, model: Model, *, number: int):
        super().__init__()
        depth = len(model.encoder.layers)
        if not 0 <= number < depth:
            raise ValueError(f"number={number} of {depth} layers: choose 0 to {depth - 1}")
        self.model, self.number = model, number

    def forward(self, batch: Batch) -> Tokens:
        front, is_pad = self.model.frontend, frame_pad(self.model.frontend, batch)
        tokens = front.tokens(front.latents(batch.signal), is_pad)
        return self.model.encoder.steps(tokens, is_pad)[self.number].out


class Units(nn.Module):
    """batch -> one unit a frame: the nearest centre of what `features` says. Never trained on.

    A copy of `features` is kept: what becomes of the model it came from does not matter.
    """

    def __init__(self, features: nn.Module, book: Codebook):
        super().__init__()
        self.features = copy.deepcopy(features).requires_grad_(False).eval()
        self.book = book

    def train(self, mode: bool = True) -> "Units":
        """It stays in eval mode."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, batch: Batch) -> Ids:
        return self.book(self.features(batch))


@torch.no_grad()
def find_units(features: nn.Module, batch: Batch, *, codes: int, seed: int = 0) -> Units:
    """k-means of what `features` says about these clips; they should have no filling.

    The paper takes 100 units of MFCC frames, then 500 of the sixth layer.
    """
    vectors = features.eval()(batch).flatten(0, 1)
    return Units(features, fit_codebook(vectors.cpu(), codes=codes, seed=seed).to(vectors))


class HiddenUnits(Objective):
    """HuBERT (Hsu et al. 2021, Section II) on the one encoder.

    model  a `Waveform` front end and the encoder
    units  `find_units`: what is asked for
    hide   hide(is_pad, rng=...) -> hidden, in frames: `span_mask`; the paper starts a span at 8 %
           of the frames and hides 10
    width  of the space in which context and units are compared

    Only hidden frames count, as in the paper's best setting (alpha = 1). `majority` is what one
    answer for all of a batch's hidden frames would get at best: watch `right` beside it.
    """

    def __init__(
        self, model: Model, *, units: Units, hide: Callable[..., IsHidden], width: int = 64
    ):
        super().__init__()
        self.model, self.units, self.hide = model, units, hide
        self.project = nn.Linear(model.encoder.dim, width)
        self.names = nn.Parameter(torch.rand(len(units.book.centres), width))

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        front, is_pad = self.model.frontend, frame_pad(self.model.frontend, batch)
        hidden = self.hide(is_pad, rng=rng)
        check_hidden(hidden, ~is_pad)
        answer = self.units(batch)
        if answer.shape != hidden.shape:
            raise ValueError(
                f"{answer.shape[1]} units a clip, {hidden.shape[1]} frames: name the same frames"
            )
        tokens = front.tokens(front.latents(batch.signal), is_pad, hidden)
        scores, answer = self.scores(self.model.encoder(tokens, is_pad)[hidden]), answer[hidden]
        loss, count = F.cross_entropy(scores, answer, reduction="sum"), len(answer)
        parts = {
            "right": (scores.argmax(1) == answer).float().mean(),
            "majority": answer.bincount().max() / count,
            "nll": loss.detach() / count,
        }
        return Losses(loss, parts, count)

    def scores(self, context: Float[Tensor, "n dim"]) -> Float[Tensor, "n codes"]:
        """cos(A o_t, e_c) / 0.1: before the softmax of the paper's Equation 3."""
        return F.normalize(self.project(context), dim=1) @ F.normalize(self.names, dim=1).T / KAPPA
