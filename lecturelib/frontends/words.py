"""Word pieces -> tokens: an embedding for what is said, a position for where it is said.

The encoder cannot tell positions apart, so they are added here: computed (`SinusoidalWords`,
Vaswani 2017) or learned (`Words`, BERT). BERT hides by changing ids BEFORE this file, so nothing
here knows of hiding; images and sound hide inside their front ends.
"""

import math

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from lecturelib.shapes import Ids, Tokens


def sinusoids(positions: Shaped[Tensor, " time"], dim: int) -> Float[Tensor, "time dim"]:
    """Section 3.5: PE(pos, 2i) = sin(pos / 10000^(2i/dim)), PE(pos, 2i+1) = cos of the same.

    positions [time], any numbers. Each pair of channels is a clock hand; later pairs turn slower.
    Raises ValueError for an odd dim.
    """
    if dim % 2:
        raise ValueError(f"dim={dim} is odd: sines and cosines come in pairs")
    channel = torch.arange(0, dim, 2, device=positions.device, dtype=torch.float64)
    angle = positions.double()[:, None] * torch.exp(-math.log(10000) * channel / dim)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


def check_ids(ids: Int[Tensor, "..."], vocab: int) -> None:
    """ValueError for an id outside the vocabulary."""
    low, high = (int(edge) for edge in ids.aminmax()) if ids.numel() else (0, 0)
    if low < 0 or high >= vocab:
        raise ValueError(f"ids run from {low} to {high}, vocab={vocab}: use one tokenizer")


class SinusoidalWords(nn.Module):
    """The Transformer's input: sqrt(dim) * embedding + sinusoids (Section 3.4 and 3.5).

    ids [batch, time] -> tokens [batch, time, dim], any length. `start`: position of the first id.
    The embedding starts at N(0, 1/dim), so that words and positions weigh about the same.
    """

    def __init__(self, *, vocab: int, dim: int, dropout: float = 0.1):
        super().__init__()
        self.word = nn.Embedding(vocab, dim)
        nn.init.normal_(self.word.weight, std=dim**-0.5)
        self.drop = nn.Dropout(dropout)

    def forward(self, ids: Ids, start: int = 0) -> Tokens:
        check_ids(ids, self.word.num_embeddings)
        words = self.word(ids)
        positions = torch.arange(start, start + ids.shape[1], device=ids.device)
        where = sinusoids(positions, words.shape[-1]).to(words.dtype)
        return self.drop(math.sqrt(words.shape[-1]) * words + where)


class Words(nn.Module):
    """BERT's input: word + position + segment, normalised (Devlin 2019, Figure 2).

    ids [batch, time] -> tokens [batch, time, dim]. segment [batch, time]: 0 in sentence A, 1 in B;
    None: all A. `start`: position of the first id. `length`: how many positions there are.

    With `position.padding_idx` set to the id of padding, positions are RoBERTa's: words are counted
    from padding_idx + 1 + start on; padding is not, wherever it stands: it is at padding_idx.

    Raises ValueError for a sequence that runs past them, and for ids outside the vocabulary.
    """

    def __init__(
        self, *, vocab: int, dim: int, length: int, segments: int = 2, dropout: float = 0.1
    ):
        super().__init__()
        self.word = nn.Embedding(vocab, dim)
        self.position = nn.Embedding(length, dim)
        self.segment = nn.Embedding(segments, dim)
        self.norm = nn.LayerNorm(dim, eps=1e-12)
        self.drop = nn.Dropout(dropout)
        for table in (self.word, self.position, self.segment):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, ids: Ids, segment: Ids | None = None, start: int = 0) -> Tokens:
        check_ids(ids, self.word.num_embeddings)
        where = self.position(self.places(ids, start))
        if segment is None:
            segment = torch.zeros_like(ids)
        if segment.shape != ids.shape:
            raise ValueError(f"segment is {list(segment.shape)}, ids are {list(ids.shape)}")
        check_ids(segment, self.segment.num_embeddings)
        return self.drop(self.norm(self.word(ids) + self.segment(segment) + where))

    def places(self, ids: Ids, start: int) -> Int[Tensor, "... time"]:
        """Which position each id reads: [time], or [batch, time] where padding is not counted."""
        pad, length = self.position.padding_idx, self.position.num_embeddings
        if pad is None:
            places = torch.arange(start, start + ids.shape[1], device=ids.device)
            end = start + ids.shape[1]
        else:
            is_word = ids != pad
            places = pad + is_word * (start + is_word.cumsum(1))
            end = 1 + int(places.max()) if ids.numel() else 0
        if end > length:
            raise ValueError(f"the sequence ends at {end}, there are length={length} positions")
        return places
