"""The one encoder beside Hugging Face's BERT: the same weights, the same tokens."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertModel

from benchmarks.case import Case
from lecturelib.encoders.transformer import Encoder
from lecturelib.published import from_reference

BATCH, TIME, DIM, DEPTH = 8, 128, 256, 4


def pair(batch: int = BATCH, time: int = TIME) -> tuple[Encoder, nn.Module, Tensor]:
    """Our encoder, BERT's with the same weights (dropout 0), and tokens without padding."""
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=DIM,
        num_hidden_layers=DEPTH,
        num_attention_heads=4,
        intermediate_size=4 * DIM,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=max(time, 512),
    )
    reference = BertModel(config, add_pooling_layer=False).train()
    ours: Any = from_reference(reference)
    return ours.model.encoder, reference.encoder, torch.randn(batch, time, DIM)


def encoder_forward(batch: int = BATCH, time: int = TIME) -> Case:
    """Context of 8 x 128 tokens, no gradients."""
    ours, reference, x = pair(batch, time)
    with FlopCounterMode(display=False) as counter:
        reference(x)
    return Case(
        torch.no_grad()(lambda: ours(x)),
        torch.no_grad()(lambda: reference(x)[0]),
        "Hugging Face BERT encoder, sdpa",
        goal=0.9,
        flops=counter.get_total_flops() + attention_flops(batch, time),
    )


def encoder_step() -> Case:
    """Forward, backward and AdamW, on the mean square of the context."""
    ours, reference, x = pair()
    mine, theirs = (torch.optim.AdamW(net.parameters(), fused=True) for net in (ours, reference))

    def step(context: Tensor, optimiser: torch.optim.Optimizer) -> Tensor:
        loss = context.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    with FlopCounterMode(display=False) as counter:
        reference(x)[0].square().mean().backward()
    return Case(
        lambda: step(ours(x), mine),
        lambda: step(reference(x)[0], theirs),
        "Hugging Face BERT encoder, sdpa",
        goal=0.9,
        flops=counter.get_total_flops() + 3 * attention_flops(),
    )


def attention_flops(batch: int = BATCH, time: int = TIME) -> int:
    """QK^T and the weighted sum of one forward pass: the counter does not see SDPA on a CPU."""
    return DEPTH * 2 * 2 * batch * time**2 * DIM
