"""wav2vec 2.0: which of these quantised frames is the one that you cannot hear?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.objectives import Losses, Objective
from lecturelib.quantizers import GumbelQuantizer, Quantized, cooled, perplexity, use
from lecturelib.shapes import IsHidden, IsPad

Hide = Callable[..., IsHidden]
Vectors = Float[Tensor, "n dim"]
Scores = Float[Tensor, "n choices"]


@dataclass(frozen=True)
class Settings:
    """The paper's numbers (Baevski 2020, Sections 3.2, 4.2, Table 4).

    negatives  K distractors for each hidden frame
    kappa      the slide's temperature of the cosine
    diversity  alpha, the weight of the codebook penalty
    penalty    the weight of the mean square of the convolutions' output (published code)
    gumbel     temperature of the quantiser: start, end, and its factor a step
    noise      Gumbel noise while training
    inputs     quantise what the encoder hears, too (the paper's ablation)
    targets    quantise the targets; False: they stay continuous (the same ablation)
    across     draw distractors from all clips of the batch, not from the same clip
    """

    negatives: int = 100
    kappa: float = 0.1
    diversity: float = 0.1
    penalty: float = 10.0
    gumbel: tuple[float, float, float] = (2.0, 0.5, 0.999995)
    noise: bool = True
    inputs: bool = False
    targets: bool = True
    across: bool = False


class Compared(NamedTuple):
    """scores [n, 1 + negatives]: cosines, the true frame first; same: distractors equal to it."""

    scores: Float[Tensor, "n choices"]
    same: Bool[Tensor, "n negatives"]


class MaskedContrast(Objective):
    """wav2vec 2.0 on the one encoder.

    model      a `Waveform` front end and the encoder
    quantizer  turns unhidden latents into targets
    hide       hide(is_pad, rng=...) -> hidden, in frames; see `span_mask`
    width      of the space in which context and targets are compared
    """

    temperature: Tensor

    def __init__(
        self,
        model: Model,
        *,
        quantizer: GumbelQuantizer,
        hide: Hide,
        width: int,
        settings: Settings | None = None,
    ):
        super().__init__()
        self.model, self.quantizer, self.hide = model, quantizer, hide
        self.settings = settings or Settings()
        target = quantizer.book.shape[2] * quantizer.groups
        self.project_context = nn.Linear(model.encoder.dim, width)
        self.project_target = nn.Linear(target, width)
        self.register_buffer("temperature", torch.tensor(self.settings.gumbel[0]))

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        front, settings = self.model.frontend, self.settings
        raw = front.convolutions(batch.signal)
        is_pad = frame_pad(front, batch)
        latents = front.norm_latents(raw)
        hidden = self.hide(is_pad, rng=rng)
        counts = check_hidden(hidden, is_pad)
        counts = [sum(counts)] if settings.across else counts
        heard = latents
        if settings.inputs:
            heard = self.quantize(latents.flatten(0, 1), rng).vectors.view_as(latents)
        context = self.model.encoder(front.tokens(heard, is_pad, hidden), is_pad)[hidden]
        quantized = self.quantize(latents[hidden], rng)
        target = quantized.vectors if settings.targets else latents[hidden]
        found = compare(
            self.project_context(context),
            self.project_target(target),
            quantized.codes if settings.targets else torch.arange(len(target))[:, None],
            distractors(counts, settings.negatives, rng).to(target.device),
            counts,
        )
        contrast, n = contrastive_loss(found, settings.kappa), len(context)
        soft, square = perplexity(quantized.share), raw.square().mean()
        total = contrast + n * (settings.diversity * self.unused(soft) + settings.penalty * square)
        parts = {"contrastive": contrast.detach() / n, "feature_penalty": square.detach()}
        parts |= accuracies(found) | {"soft_perplexity": soft.detach()}
        parts |= {"hard_perplexity": perplexity(use(quantized.codes, self.quantizer.codes))}
        return Losses(total, parts | {"temperature": self.temperature}, n)

    def quantize(self, latents: Vectors, rng: Generator) -> Quantized:
        """Latents -> targets; with noise, and so with a gradient, only while training."""
        if not self.training:
            return self.quantizer(latents)
        noise = self.quantizer.noise(len(latents), rng).to(latents)
        return self.quantizer(latents, float(self.temperature), noise * self.settings.noise)

    def unused(self, found: Float[Tensor, ""]) -> Float[Tensor, ""]:
        """The codebook penalty (GV - perplexity) / GV: 0 where all entries are used alike."""
        entries = self.quantizer.groups * self.quantizer.codes
        return (entries - found) / entries

    def after_step(self, step: int) -> None:
        """The quantiser cools down."""
        self.temperature.fill_(cooled(self.settings.gumbel, step + 1))


def frame_pad(front: Any, batch: Batch) -> IsPad:
    """Which frames are filling; none where the batch has no filling."""
    if batch.is_pad is not None:
        return front.frame_pad(batch.is_pad)
    return front.frame_pad(torch.zeros_like(batch.signal, dtype=torch.bool))


def check_hidden(hidden: IsHidden, is_pad: IsPad) -> list[int]:
    """Hidden frames of each row.

    ValueError where a row hides fewer than two, nothing to confuse, or all, nothing to hear.
    """
    counts, frames = hidden.sum(1).tolist(), (~is_pad).sum(1).tolist()
    pairs = list(enumerate(zip(counts, frames, strict=True)))
    if few := [row for row, (count, _) in pairs if count < 2]:
        raise ValueError(
            f"rows {few} hide {[counts[row] for row in few]} frames of {hidden.shape[1]}: "
            "hide two or more, with a larger start_prob or longer clips"
        )
    if all_hidden := [row for row, (count, every) in pairs if count == every]:
        raise ValueError(
            f"rows {all_hidden} hide all of their {[frames[row] for row in all_hidden]} frames: "
            "leave some to hear, with a smaller start_prob, a shorter span or longer clips"
        )
    return counts


def distractors(
    counts: Sequence[int], negatives: int, rng: Generator
) -> Int[Tensor, "n negatives"]:
    """For each hidden frame K other hidden frames of its row, drawn with replacement.

    They are numbered within the row, 0 ... count - 1, never the frame itself. A row with fewer
    hidden frames than K gives some of them more than once, as in the published code.
    """
    rows = []
    for count in counts:
        other = torch.randint(count - 1, (count, negatives), generator=rng)
        rows.append(other + (other >= torch.arange(count)[:, None]))
    return torch.cat(rows)


def compare(
    context: Vectors,
    target: Vectors,
    codes: Int[Tensor, "n groups"],
    others: Int[Tensor, "n negatives"],
    counts: Sequence[int],
) -> Compared:
    """sim(c_t, q) for the true q and for its distractors; all rows' hidden frames in one list.

    Each row's cosines are computed once, all against all, and then picked: M x M numbers and not
    M x K vectors. A distractor with the true frame's codes counts as `same`.
    """
    rows = lambda x: pad_sequence(x.split(list(counts)), batch_first=True)  # noqa: E731
    cosine = rows(F.normalize(context, dim=1)) @ rows(F.normalize(target, dim=1)).mT
    alike = (rows(codes)[:, :, None] == rows(codes)[:, None]).all(-1)
    others = rows(others)
    true = cosine.diagonal(dim1=1, dim2=2)[..., None]
    same, wrong = alike.gather(2, others), cosine.gather(2, others)
    is_frame = torch.arange(cosine.shape[1]) < torch.tensor(counts)[:, None]
    wrong = torch.where(same, true, wrong)  # exactly alike, whatever rounding did
    is_frame = is_frame.to(cosine.device)
    return Compared(torch.cat([true, wrong], 2)[is_frame], same[is_frame])


def contrastive_loss(found: Compared, kappa: float) -> Float[Tensor, ""]:
    """The slide's L_m (Eq. 3), summed over hidden frames; nats.

    A distractor that IS the true vector is left out, as in the published code.
    """
    left_out = F.pad(found.same, (1, 0))
    scores = (found.scores / kappa).masked_fill(left_out, -torch.inf)
    return -scores.log_softmax(1)[:, 0].sum()


@torch.no_grad()
def accuracies(found: Compared) -> dict[str, Tensor]:
    """How often the true frame scores best.

    accuracy      as the published code counts: distractors equal to the true frame are left out,
                  so that a dead codebook scores 100 %
    tie_accuracy  they stay in, and whoever ties shares: a dead codebook scores 1 / (1 + K)
    """
    true, wrong = found.scores[:, :1], found.scores[:, 1:]
    best = (true >= wrong).all(1)
    right = (true > wrong.masked_fill(found.same, -torch.inf)).all(1)
    ties = (true == wrong).sum(1)
    return {"accuracy": right.double().mean(), "tie_accuracy": (best / (1 + ties.double())).mean()}
