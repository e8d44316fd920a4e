"""A fair row: one model in three libraries, and a step that moves ours and theirs alike."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import images
from lecturelib.published import from_reference
from lecturelib.published.weights import renamed
from tests.oracle import error
from tests.requirements import require

FROM_TIMM = {
    "cls_token": "class_token",
    "pos_embed": "encoder.pos_embedding",
    "patch_embed.proj": "conv_proj",
    "blocks.": "encoder.layers.encoder_layer_",
    "norm1": "ln_1",
    "norm2": "ln_2",
    "attn.qkv.": "self_attention.in_proj_",
    "attn.proj": "self_attention.out_proj",
    "mlp.fc1": "mlp.0",
    "mlp.fc2": "mlp.3",
    "norm.": "encoder.ln.",
    "head.": "heads.head.",
}


@pytest.mark.parametrize("make", [images.hugging_face, images.of_torchvision, images.vgg])
def test_a_step_moves_both_alike(make) -> None:
    """The later losses are those of weights which the steps before have changed."""
    torch.manual_seed(0)
    reference = make().double().train()
    pair = [images.stepper(m, 2) for m in (from_reference(reference), reference)]
    ours, theirs = ([step() for _ in range(3)] for step in pair)
    assert ours[0] != ours[1]
    torch.testing.assert_close(torch.stack(ours), torch.stack(theirs), rtol=1e-8, atol=0)


def test_the_sizes_are_the_same() -> None:
    peers = images.vits()
    counts = {sum(p.numel() for p in m.parameters()) for m in peers.values()}
    assert len(counts) == 1
    assert images.hugging_face().config._attn_implementation == "sdpa"


def test_timms_weights_give_torchvisions_outputs() -> None:
    require("peers", images.find_spec("timm") is not None, "pip install timm")
    torch.manual_seed(0)
    theirs, reference = images.of_timm().double(), images.of_torchvision().double()
    reference.load_state_dict(renamed(theirs.state_dict(), FROM_TIMM))
    pictures, _ = images.examples(2, theirs)
    assert error(theirs(pictures), reference(pictures)) < 1e-10


def test_attention_is_counted_on_the_meta_device() -> None:
    """Two products of [time, head_dim] and [head_dim, time] forward, four backward.

    The counter does not see the fused attention of a CPU.
    """
    step = images.stepper(images.of_torchvision(), 2)
    with FlopCounterMode(display=False) as counter:
        step()
    attention = sum(2 * 6 * 2 * 3 * 65 * 65 * 64 for _ in range(4))
    both = counter.get_total_flops() + attention
    assert images.step_flops(images.of_torchvision(), 2) == both


def test_the_fastest_peer_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"slow": nn.Identity(), "fast": nn.Identity(), "middling": nn.Identity()}
    times = dict(zip(made.values(), (3.0, 1.0, 2.0), strict=True))
    monkeypatch.setattr(images, "vits", lambda: made)
    monkeypatch.setattr(images, "stepper", lambda model, batch: model)
    monkeypatch.setattr(images, "step_flops", lambda peer, batch: 0)
    monkeypatch.setattr(images, "seconds", lambda step: times[step])
    case = images.vit_step()
    assert case.peer is made["fast"]
    assert case.peer_name == "fast, the fastest of 3"
