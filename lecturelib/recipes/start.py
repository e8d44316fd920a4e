"""How weights begin."""

from torch import nn


def start_at(model: nn.Module, *, linear: float) -> None:
    """Weights of linear layers from N(0, linear^2), biases 0: BERT's start."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=linear)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
