"""A fair row: without its filling and its noise, speechbrain's network is ours, and moves alike."""

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from benchmarks import voices
from tests.requirements import require


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """speechbrain's, with no filling at the edges, no noise, and our deviation."""
    require("peers", voices.find_spec("speechbrain") is not None, "pip install speechbrain")
    torch.manual_seed(0)
    model = voices.of_speechbrain().double()
    blocks = model[0].blocks
    for block in blocks[:15:3]:
        block.padding = "valid"
    blocks[15].eps = 0.0
    monkeypatch.setattr(
        torch.Tensor, "std", lambda x, dim: x.var(dim, correction=0).clamp(min=1e-10).sqrt()
    )
    return model


def copied(peer: nn.Module) -> nn.Module:
    """Ours with its weights: both list them in the order of the layers."""
    model = voices.ours().double()
    with torch.no_grad():
        for mine, theirs in zip(in_order(model), in_order(peer), strict=True):
            mine.copy_(theirs.view_as(mine))
    return model


def in_order(model: nn.Module) -> Iterator[nn.Parameter]:
    """Weights of affine layers and of batch norms, from the bottom up."""
    kinds = nn.Conv1d | nn.Conv2d | nn.BatchNorm1d | nn.Linear
    for layer in model.modules():
        if isinstance(layer, kinds):
            yield from layer.parameters(recurse=False)


def test_a_step_moves_both_alike(peer: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later losses are those of weights which the steps before have changed."""
    monkeypatch.setattr(voices, "BATCH", 4)
    model = copied(peer)
    mine = voices.stepper(model, model.logits, 20)
    theirs = voices.stepper(peer, peer, 20)
    found = torch.stack([torch.stack([mine(), theirs()]) for _ in range(3)])
    assert found[0, 0] != found[1, 0]
    torch.testing.assert_close(found[:, 0], found[:, 1], rtol=1e-7, atol=0)


def test_both_pool_over_as_many_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    require("peers", voices.find_spec("speechbrain") is not None, "pip install speechbrain")
    theirs, mine = voices.of_speechbrain()[0], voices.ours().encoder.encoder
    x = torch.randn(2, 214, voices.MELS)
    pooled: list[torch.Tensor] = []
    theirs.blocks[15].register_forward_pre_hook(lambda _, given: pooled.append(given[0]))
    theirs(x[:, :200])
    assert pooled[0].shape == mine.frames(x)[0].shape == (2, 200, 1500)
    assert sum(p.numel() for p in theirs.parameters()) == sum(p.numel() for p in mine.parameters())


def test_a_missing_peer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "find_spec", lambda name: None)
    monkeypatch.setattr(voices, "BATCH", 2)
    monkeypatch.setattr(voices, "TIME", 2)
    case = voices.xvector_step()
    assert case.peer is None
    assert case.why == "not installed: pip install speechbrain"


def test_the_row_counts_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two operations a product; each forward, and twice backward, but the first layer once."""
    monkeypatch.setattr(voices, "BATCH", 2)
    monkeypatch.setattr(voices, "TIME", 20)
    first = 120 * 512 * (20 + 10)
    rest = 1536 * 512 * (2 * 20 + 6) + (512 + 1500) * 512 * 20
    last = 3000 * 512 + 512 * 512 + 512 * voices.SPEAKERS
    assert voices.xvector_step().flops == 2 * 2 * (2 * first + 3 * (rest + last))
