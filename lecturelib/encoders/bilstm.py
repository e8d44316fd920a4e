"""ELMo's encoder: two language models, one reads left to right, one right to left.

They never meet inside: if a layer read both directions of the layer below, the guess of a word
would depend on the word itself. Peters et al. 2018, Section 3.1.
"""

from typing import TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.encoders.transformer import check_tokens
from lecturelib.shapes import IsPad, Tokens

Context: TypeAlias = Float[Tensor, "batch time both"]
"""The forward half and the backward half side by side: both = 2 dim."""


class ProjectedLSTM(nn.Module):
    """One direction, one layer: a large memory (`cell`), read out through a small state (`dim`).

    tokens [batch, time, dim] -> states of the same shape. `clip` bounds memory and state to
    [-clip, clip]; without it this is `nn.LSTM(dim, cell, proj_size=dim)`, which cannot clip and is
    no more than a fifth faster on a CPU, so that this loop is the only way here.
    """

    def __init__(self, *, dim: int, cell: int, clip: float):
        super().__init__()
        self.input = nn.Linear(dim, 4 * cell, bias=False)
        self.state = nn.Linear(dim, 4 * cell)
        self.project = nn.Linear(cell, dim, bias=False)
        self.clip = clip
        nn.init.zeros_(self.state.bias)
        nn.init.ones_(self.state.bias.chunk(4)[1])  # the forget gate starts open

    def forward(self, tokens: Tokens) -> Tokens:
        batch, _, dim = tokens.shape
        state = tokens.new_zeros(batch, dim)
        memory = tokens.new_zeros(batch, self.project.in_features)
        states = []
        for heard in self.input(tokens).unbind(1):
            write, keep, new, read = (heard + self.state(state)).chunk(4, dim=-1)
            memory = keep.sigmoid() * memory + write.sigmoid() * new.tanh()
            memory = memory.clamp(-self.clip, self.clip)
            state = self.project(read.sigmoid() * memory.tanh()).clamp(-self.clip, self.clip)
            states.append(state)
        return torch.stack(states, dim=1)


class BiLSTM(nn.Module):
    """Forward and backward LSTMs, `depth` layers each, side by side and never mixed.

    tokens [batch, time, dim] -> [batch, time, 2 dim]: at each place what the forward one knows of
    the words up to it, then what the backward one knows of the words from it on. From the second
    layer on, a layer's input is added to its output. is_pad must be at the end.
    """

    def __init__(self, *, dim: int, cell: int, depth: int = 2, clip: float = 3.0):
        super().__init__()
        size = {"dim": dim, "cell": cell, "clip": clip}
        self.dim = dim
        self.forwards = nn.ModuleList(ProjectedLSTM(**size) for _ in range(depth))
        self.backwards = nn.ModuleList(ProjectedLSTM(**size) for _ in range(depth))

    def forward(self, tokens: Tokens, is_pad: IsPad | None = None) -> Context:
        return self.states(tokens, is_pad)[-1]

    def states(
        self, tokens: Tokens, is_pad: IsPad | None = None
    ) -> Float[Tensor, "layers batch time both"]:
        """depth + 1 layers of [batch, time, 2 dim]: the tokens twice, then each layer's two states.

        Raises ValueError on a wrong width, NaN or infinity, and for padding before a word.
        """
        check_tokens(tokens, self.dim)
        there, back = tokens, turn(tokens, is_pad)
        states = [torch.cat([tokens, tokens], dim=-1)]
        for number, (ahead, behind) in enumerate(zip(self.forwards, self.backwards, strict=True)):
            there = ahead(there) + (there if number else 0)
            back = behind(back) + (back if number else 0)
            states.append(torch.cat([there, turn(back, is_pad)], dim=-1))
        return torch.stack(states)


def turn(tokens: Tokens, is_pad: IsPad | None = None) -> Tokens:
    """Each sentence back to front; the padding stays at the end, where it must be."""
    if is_pad is None:
        return tokens.flip(1)
    if is_pad.shape != tokens.shape[:2]:
        raise ValueError(f"is_pad is {list(is_pad.shape)}, tokens are {list(tokens.shape[:2])}")
    if (early := (is_pad[:, :-1] & ~is_pad[:, 1:]).any(1)).any():
        rows = early.nonzero().flatten().tolist()
        raise ValueError(f"examples {rows} have padding before a word: move it to the end")
    place = torch.arange(tokens.shape[1], device=tokens.device)
    mirrored = (~is_pad).sum(1, keepdim=True) - 1 - place
    source = torch.where(is_pad, place, mirrored)
    return tokens.take_along_dim(source[..., None], dim=1)
