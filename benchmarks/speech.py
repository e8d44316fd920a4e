"""A training step of wav2vec 2.0 beside Hugging Face's: 4 clips of 2 s at 16 kHz.

Each side draws its mask and its distractors within the step, and updates with AdamW (PyTorch's
fused one, as in our loop). Ours quantises the hidden frames only and computes a row's cosines
once; theirs quantises all frames and copies 100 distractors for each. Theirs has no feature
penalty: in ours its weight is 0, though its mean square is computed.
"""

from collections.abc import Callable
from typing import Any

import torch
import torchaudio
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import Wav2Vec2Config, Wav2Vec2ForPreTraining
from transformers.models.wav2vec2.modeling_wav2vec2 import (
    _compute_mask_indices,
    _sample_negative_indices,
)

from benchmarks.case import Case
from lecturelib.data.batch import Batch
from lecturelib.objectives.masked_contrast import MaskedContrast
from lecturelib.published import from_reference

BATCH, SAMPLES, DIM, DEPTH, WIDTH, CODES = 4, 32000, 192, 4, 128, 64
RATES = ("hidden_dropout", "activation_dropout", "attention_dropout", "feat_proj_dropout")


def pair() -> tuple[MaskedContrast, nn.Module, Tensor]:
    """Our objective, Hugging Face's with the same weights (dropout 0), and clips."""
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        conv_dim=[WIDTH] * 7,
        hidden_size=DIM,
        num_hidden_layers=DEPTH,
        num_attention_heads=4,
        intermediate_size=4 * DIM,
        num_codevectors_per_group=CODES,
        mask_time_prob=0.65,
        layerdrop=0.0,
        **dict.fromkeys(RATES, 0.0),
    )
    reference = Wav2Vec2ForPreTraining(config).train()
    nn.init.uniform_(reference.quantizer.codevectors)
    copied: Any = from_reference(reference)
    return copied.objective, reference, torch.randn(BATCH, SAMPLES)


def our_loss(objective: MaskedContrast, waves: Tensor, rng: torch.Generator) -> Tensor:
    """The sum over hidden frames."""
    return objective(Batch(waves, None, None), rng).total


def their_loss(reference: Any, waves: Tensor) -> Tensor:
    """The same, by Hugging Face; about as many frames are hidden."""
    config = reference.config
    shape = (len(waves), int(reference._get_feat_extract_output_lengths(waves.shape[1])))
    hidden = _compute_mask_indices(
        shape, config.mask_time_prob, config.mask_time_length, min_masks=2
    )
    others = _sample_negative_indices(shape, config.num_negatives, hidden)
    return reference(
        waves,
        mask_time_indices=torch.from_numpy(hidden),
        sampled_negative_indices=torch.from_numpy(others),
    ).loss


def stepper(model: nn.Module, forward: Callable[[], Tensor], *, bf16: bool) -> Callable[[], Tensor]:
    """One training step on the same clips, again and again; it gives the loss before it."""
    optimiser = torch.optim.AdamW(model.parameters(), fused=True)

    def step() -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = forward()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return step


def step_case(*, goal: float, bf16: bool = False) -> Case:
    """Both steps, masks and distractors drawn anew in each."""
    ours, reference, waves = pair()
    rng = torch.Generator().manual_seed(0)
    mine = stepper(ours, lambda: our_loss(ours, waves, rng), bf16=bf16)
    theirs = stepper(reference, lambda: their_loss(reference, waves), bf16=bf16)
    with FlopCounterMode(display=False) as counter:
        our_loss(ours, waves, rng).backward()
    return Case(
        mine,
        theirs,
        f"Hugging Face Wav2Vec2ForPreTraining, sdpa{', bf16' * bf16}",
        goal=goal,
        flops=counter.get_total_flops() + 3 * attention_flops(),
    )


def wav2vec2_step() -> Case:
    """2 x 64 codes, 100 distractors, about half of the frames hidden."""
    return step_case(goal=1.5)


def wav2vec2_step_bf16() -> Case:
    """Both under autocast to bf16; peak_fraction is still that of the float32 peak."""
    return step_case(goal=1.35, bf16=True)


def wav2vec2_forward() -> Case:
    """Front end and encoder alone, no gradients."""
    ours, reference, waves = pair()
    trunk: Any = reference.eval().wav2vec2
    model = ours.eval().model
    with FlopCounterMode(display=False) as counter:
        model(waves)
    return Case(
        torch.no_grad()(lambda: model(waves)),
        torch.no_grad()(lambda: trunk(waves)[0]),
        "Hugging Face Wav2Vec2Model, sdpa",
        goal=0.95,
        flops=counter.get_total_flops() + attention_flops(),
    )


def wav2vec2_forward_torchaudio() -> Case:
    """Front end and encoder alone, no gradients, beside torchaudio's of the same sizes."""
    torch.manual_seed(0)
    kernels = [(10, 5), *[(3, 2)] * 4, *[(2, 2)] * 2]  # (width, stride) of each convolution
    reference = torchaudio.models.wav2vec2_model(
        extractor_mode="group_norm",
        extractor_conv_layer_config=[(WIDTH, *kernel) for kernel in kernels],
        extractor_conv_bias=False,
        encoder_embed_dim=DIM,
        encoder_projection_dropout=0.0,
        encoder_pos_conv_kernel=128,
        encoder_pos_conv_groups=16,
        encoder_num_layers=DEPTH,
        encoder_num_heads=4,
        encoder_attention_dropout=0.0,
        encoder_ff_interm_features=4 * DIM,
        encoder_ff_interm_dropout=0.0,
        encoder_dropout=0.0,
        encoder_layer_norm_first=False,
        encoder_layer_drop=0.0,
        aux_num_out=None,
    ).eval()
    ours, waves = from_reference(reference), torch.randn(BATCH, SAMPLES)
    return Case(
        torch.no_grad()(lambda: ours(waves)[0]),
        torch.no_grad()(lambda: reference(waves)[0]),
        "torchaudio Wav2Vec2Model",
        goal=0.95,
    )


def attention_flops() -> int:
    """QK^T and the weighted sum of one forward pass: the counter does not see SDPA on a CPU."""
    time = SAMPLES // 320 - 1
    return DEPTH * 2 * 2 * BATCH * time**2 * DIM
