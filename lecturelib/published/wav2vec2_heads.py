"""Hugging Face's wav2vec 2.0 with a head: pre-training (MaskedContrast) and recognition (CTC)."""

from functools import partial
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.masking import span_mask
from lecturelib.objectives.masked_contrast import (
    Compared,
    MaskedContrast,
    Settings,
    compare,
    contrastive_loss,
)
from lecturelib.published.wav2vec2 import frame_pad, listen, ours, plain_model
from lecturelib.published.weights import copy_into, rename
from lecturelib.quantizers import GumbelQuantizer, perplexity
from lecturelib.shapes import IsHidden, Tokens, Waves

HEADS = {
    "quantizer.codevectors": "objective.quantizer.book",
    "quantizer.weight_proj": "objective.quantizer.score",
    "project_hid": "objective.project_context",
    "project_q": "objective.project_target",
    "lm_head": "head",
}
NO_LETTER = -100  # Hugging Face's filling of labels

Scores = Float[Tensor, "n groups codes"]
Negatives = Shaped[Tensor, "batch time negatives"]


def our_name(key: str, norm_first: bool, owner: str = "") -> str:
    """Our name of a key; `owner`: who holds the plain model."""
    trunk = key.removeprefix("wav2vec2.")
    return rename(key, HEADS) if trunk == key else owner + ours(trunk, norm_first)


class PreTrainingOutput(NamedTuple):
    """projected_...: context and targets where they are compared [batch, time, width], all frames.

    codevector_perplexity  soft while training, hard in eval mode, as the original has it
    loss                   contrastive_loss + alpha * diversity_loss, sums over hidden frames; None
                           without distractors
    """

    loss: Tensor | None
    projected_states: Tensor
    projected_quantized_states: Tensor
    codevector_perplexity: Tensor
    contrastive_loss: Tensor | None
    diversity_loss: Tensor | None


class CTCOutput(NamedTuple):
    """logits: of each letter in each frame; loss: None without labels."""

    loss: Tensor | None
    logits: Tensor


class Wav2Vec2PreTraining(nn.Module):
    """Wav2Vec2ForPreTraining: the mask and the distractors are given, not drawn.

    `.objective` is our MaskedContrast with these weights, whose parts are called here, so that
    pre-training can go on. As in the original all frames are quantised, not only the hidden ones,
    and its noise is PyTorch's own, so that a seed gives the same codes.
    """

    def __init__(self, m: Any):
        super().__init__()
        config = m.config
        self.objective = untrained(m)
        self.hides, norm_first = config.apply_spec_augment, config.do_stable_layer_norm
        self.drop_latents = nn.Dropout(m.dropout_features.p)
        given = m.state_dict().items()
        state = {our_name(key, norm_first, "objective."): value for key, value in given}
        name, groups = "objective.quantizer.book", config.num_codevector_groups
        book = "1 (groups codes) width -> groups codes width"
        state[name] = rearrange(state[name], book, groups=groups)
        copy_into(self, state | {"objective.temperature": self.objective.temperature})

    @property
    def model(self) -> Model:
        """Front end and encoder."""
        return self.objective.model

    def forward(
        self,
        input_values: Waves,
        attention_mask: Shaped[Tensor, "batch samples"] | None = None,
        mask_time_indices: Shaped[Tensor, "batch time"] | None = None,
        sampled_negative_indices: Negatives | None = None,
    ) -> PreTrainingOutput:
        """sampled_negative_indices count through all frames of the batch: row * time + frame."""
        of, is_pad = self.objective, frame_pad(self.model, attention_mask)
        hidden = None if mask_time_indices is None else mask_time_indices.bool()
        heard = listen(self.model, input_values, is_pad, hidden if self.hides else None)
        scores = of.quantizer.scores(self.drop_latents(heard.extract_features).flatten(0, 1))
        choice = self.choose(scores)
        states = of.project_context(heard.last_hidden_state)
        targets = of.project_target(of.quantizer.look_up(choice)).view_as(states)
        share = scores.softmax(-1) if self.training else choice
        used = perplexity((share if hidden is None else share[hidden.flatten()]).mean(0))
        contrast = diversity = loss = None
        if sampled_negative_indices is not None:
            found = among(states, targets, choice.argmax(-1), sampled_negative_indices, hidden)
            contrast = contrastive_loss(found, of.settings.kappa)
            diversity = len(found.same) * of.unused(used)
            loss = contrast + of.settings.diversity * diversity
        return PreTrainingOutput(loss, states, targets, used, contrast, diversity)

    def choose(self, scores: Scores) -> Scores:
        """1 for the chosen entry of each group. While training, with noise and a gradient.

        All groups in one list, as the original calls it: the same random numbers.
        """
        if not self.training:
            return F.one_hot(scores.argmax(-1), scores.shape[-1]).to(scores)
        flat = rearrange(scores, "n groups codes -> (n groups) codes")
        tau = float(self.objective.temperature)
        return F.gumbel_softmax(flat, tau=tau, hard=True).view_as(scores)


def untrained(m: Any) -> MaskedContrast:
    """Our objective in the sizes of a Wav2Vec2ForPreTraining; it has no feature penalty."""
    config, tau = m.config, float(m.quantizer.temperature)
    quantizer = GumbelQuantizer(
        dim=config.conv_dim[-1],
        groups=config.num_codevector_groups,
        codes=config.num_codevectors_per_group,
        width=config.codevector_dim,
    )
    span = config.mask_time_length
    settings = Settings(
        negatives=config.num_negatives,
        kappa=config.contrastive_logits_temperature,
        diversity=config.diversity_loss_weight,
        penalty=0.0,
        gumbel=(tau, tau, 1.0),  # the original does not cool down by itself
    )
    return MaskedContrast(
        plain_model(m.wav2vec2),
        quantizer=quantizer,
        hide=partial(span_mask, start_prob=config.mask_time_prob / span, span=span),
        width=config.proj_codevector_dim,
        settings=settings,
    )


def among(
    states: Tokens,
    targets: Tokens,
    codes: Int[Tensor, "n groups"],
    negatives: Negatives,
    hidden: IsHidden | None,
) -> Compared:
    """`compare` at the hidden frames, with distractors from anywhere in the batch."""
    if hidden is None or negatives.shape[:2] != hidden.shape:
        have = None if hidden is None else list(hidden.shape)
        raise ValueError(
            f"sampled_negative_indices are {list(negatives.shape)}, mask_time_indices {have}: "
            "give both, [batch, time, negatives] and [batch, time]"
        )
    others = negatives.flatten(0, 1).long()
    found = compare(states.flatten(0, 1), targets.flatten(0, 1), codes, others, [len(others)])
    return Compared(*(part[hidden.flatten()] for part in found))


class Wav2Vec2CTC(nn.Module):
    """Wav2Vec2ForCTC: a linear layer on the context. Hides nothing by itself, see `Wav2Vec2`.

    Where labels need more frames than there are the loss is infinite, or 0 where the original was
    built with `ctc_zero_infinity`; our own `Ctc` raises there.
    """

    def __init__(self, m: Any):
        super().__init__()
        config = m.config
        self.model = plain_model(m.wav2vec2)
        self.drop = nn.Dropout(m.dropout.p)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)
        self.blank = config.pad_token_id
        self.ctc = partial(
            F.ctc_loss,
            blank=self.blank,
            reduction=config.ctc_loss_reduction,
            zero_infinity=config.ctc_zero_infinity,
        )
        norm_first = config.do_stable_layer_norm
        copy_into(self, {our_name(key, norm_first): v for key, v in m.state_dict().items()})

    def forward(
        self,
        input_values: Waves,
        attention_mask: Shaped[Tensor, "batch samples"] | None = None,
        labels: Int[Tensor, "batch labels"] | None = None,
    ) -> CTCOutput:
        """labels: -100 and the blank are filling."""
        is_pad = frame_pad(self.model, attention_mask)
        context = listen(self.model, input_values, is_pad).last_hidden_state
        logits = self.head(self.drop(context))
        if labels is None:
            return CTCOutput(None, logits)
        if (largest := int(labels.max())) >= logits.shape[2]:
            raise ValueError(f"label {largest}, but the classes are 0..{logits.shape[2] - 1}")
        if is_pad is None:
            is_pad = torch.zeros(logits.shape[:2], dtype=torch.bool, device=logits.device)
        is_letter = (labels != NO_LETTER) & (labels != self.blank)
        log_p = logits.log_softmax(-1).transpose(0, 1)
        loss = self.ctc(log_p, labels[is_letter], (~is_pad).sum(1), is_letter.sum(1))
        return CTCOutput(loss, logits)
