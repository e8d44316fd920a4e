"""Front end and encoder: what BERT, ViT, wav2vec 2.0 and data2vec have in common."""

from typing import Any

from torch import Tensor, nn


class Model(nn.Module):
    """A front end and the one encoder.

    `*signal` is whatever the front end takes; is_pad is [batch, time], in tokens. A front end with
    relative positions says in `bias()` what they add to the encoder's scores.
    """

    def __init__(self, *, frontend: nn.Module, encoder: nn.Module):
        super().__init__()
        self.frontend: Any = frontend  # each front end has a call of its own
        self.encoder: Any = encoder

    def forward(self, *signal: Tensor | None, is_pad: Tensor | None = None) -> Tensor:
        tokens, bias = self.frontend(*signal), self.bias()
        return self.encoder(tokens, is_pad) if bias is None else self.encoder(tokens, is_pad, bias)

    def bias(self) -> Any:
        """What the front end's relative positions add to the scores; None: it has none."""
        return self.frontend.bias() if hasattr(self.frontend, "bias") else None
