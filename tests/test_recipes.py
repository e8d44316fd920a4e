"""Recipes: as many weights as counted by hand, and PyTorch's own Transformer in the middle."""

import pytest
from torch import nn

from lecturelib.recipes import numbers_model


def size(*parts: nn.Module) -> int:
    return sum(p.numel() for part in parts for p in part.parameters())


@pytest.mark.parametrize(("dim", "depth"), [(128, 2), (16, 3)])
def test_the_translator_has_the_weights_of_nn_transformer(dim: int, depth: int) -> None:
    """PyTorch has one more LayerNorm at the end of each stack."""
    model = numbers_model(dim=dim, heads=4, depth=depth)
    reference = nn.Transformer(dim, 4, depth, depth, 2 * dim, batch_first=True)
    norms = size(reference.encoder.norm, reference.decoder.norm)  # type: ignore[arg-type]
    assert size(model.encoder, model.decoder) == size(reference) - norms
    # 32 letters in, 12 signs in and out, one bias each of the last
    assert size(model) == size(model.encoder, model.decoder) + (32 + 12 + 12) * dim + 12
