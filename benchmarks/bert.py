"""A training step of BERT, masked words and next sentence, beside Hugging Face's.

Ours gathers the hidden 15 % before the word head; theirs scores every place and then ignores the
rest. Ours also draws its masks within the step, theirs are given.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertForPreTraining

from benchmarks.case import Case
from benchmarks.encoder import BATCH, DEPTH, DIM, TIME, attention_flops
from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.masking import mask_words
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.published import from_reference

SEED = 3  # of the masks, in every step


def pair(vocab: int, batch: int = BATCH, time: int = TIME) -> tuple[MaskedLM, nn.Module, Batch]:
    """Our objective, BERT's with the same weights (dropout 0), and two sentences a row."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=vocab,
        hidden_size=DIM,
        num_hidden_layers=DEPTH,
        num_attention_heads=4,
        intermediate_size=4 * DIM,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    reference = BertForPreTraining(config).train()
    copied: Any = from_reference(reference)
    pieces = from_vocabulary([*SPECIAL, *(f"w{number}" for number in range(vocab - len(SPECIAL)))])
    ours = MaskedLM(copied.model, pieces)
    ours.load_state_dict(copied.state_dict())
    ids = torch.randint(len(SPECIAL), vocab, (batch, time))
    ids[:, 0], ids[:, [time // 2, -1]] = pieces.cls, pieces.sep
    segment = (torch.arange(time) > time // 2).long().expand(batch, time)
    return ours, reference, Batch(ids, None, torch.randint(2, (batch,)), segment=segment)


def our_loss(objective: MaskedLM, batch: Batch) -> Tensor:
    """The mean over hidden words and over pairs."""
    total, _, count = objective(batch, torch.Generator().manual_seed(SEED))
    return total / count


def their_loss(reference: nn.Module, **given: Tensor) -> Tensor:
    """The same, by Hugging Face."""
    return reference(**given).loss


def labelled(ours: MaskedLM, batch: Batch) -> dict[str, Any]:
    """Hugging Face's arguments: the same places are hidden, and the others have no label."""
    rng = torch.Generator().manual_seed(SEED)
    changed, hidden = mask_words(batch.signal, ours.pieces, rng)
    return {
        "input_ids": changed,
        "token_type_ids": batch.segment,
        "labels": batch.signal.masked_fill(~hidden, -100),
        "next_sentence_label": batch.label,
    }


def step_case(vocab: int, *, goal: float, bf16: bool = False) -> Case:
    """Forward, backward and AdamW (PyTorch's fused one, as in our loop) on 8 x 128 pieces."""
    ours, reference, batch = pair(vocab)
    mine, theirs = (torch.optim.AdamW(net.parameters(), fused=True) for net in (ours, reference))
    our_forward = partial(our_loss, ours, batch)
    their_forward = partial(their_loss, reference, **labelled(ours, batch))

    def step(forward: partial[Tensor], optimiser: torch.optim.Optimizer) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = forward()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    with FlopCounterMode(display=False) as counter:
        our_forward().backward()
    return Case(
        lambda: step(our_forward, mine),
        lambda: step(their_forward, theirs),
        f"Hugging Face BertForPreTraining, sdpa{', bf16' * bf16}",
        goal=goal,
        flops=counter.get_total_flops() + 3 * attention_flops(),
    )


def bert_step_8k() -> Case:
    """A vocabulary of 8,192."""
    return step_case(8192, goal=1.5)


def bert_step_30k() -> Case:
    """BERT's own 30,522: the word head is most of the work."""
    return step_case(30522, goal=2.8)


def bert_step_8k_bf16() -> Case:
    """Both under autocast to bf16; peak_fraction is still that of the float32 peak."""
    return step_case(8192, goal=1.35, bf16=True)
