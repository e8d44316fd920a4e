"""Where a reader puts each use of one word: a plane a layer, and a place for every new sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.linalg import orthogonal_procrustes
from torch import Tensor

from lecturelib.adapt import demonstration
from lecturelib.adapt.homographs import (
    NEIGHBOURS,
    SENSES,
    Use,
    Vectors,
    alike,
    draw,
    fewest,
    senses_of,
    told_apart,
    use_vectors,
)
from lecturelib.adapt.reading import Reader

MOST = 60  # uses of either sense on a map: more hide one another


@dataclass(frozen=True)
class Atlas:
    """One word's uses in every layer, and the plane on which each layer is drawn.

    axes  the first two principal components a layer: they know no senses and are linear, so that
          a new sentence can be placed, too; turned so that the layers match one another
    """

    reader: Reader
    word: str
    uses: tuple[Use, ...]
    vectors: Vectors
    axes: Float[Tensor, "layers dim 2"]

    def project(self, vectors: Float[Tensor, "layers some dim"]) -> Float[ndarray, "layers some 2"]:
        """Places on the planes; the mean use, the one vector that fits all uses best, is (0, 0)."""
        centred = vectors - self.vectors.mean(1, keepdim=True)
        return (centred @ self.axes).numpy().astype(float)

    def place(self, sentence: str) -> dict[str, Any]:
        """A new sentence: its parts, points [layers, 2] and the 5 nearest uses [layers, 5].

        Raises ValueError if the word is not in it.
        """
        words = tuple(re.findall(r"\w+|[^\w\s]", sentence))
        lower = [word.lower() for word in words]
        if self.word not in lower:
            raise ValueError(f'"{sentence}" has no "{self.word}": write a sentence with that word')
        use = Use(words, lower.index(self.word), sense=0)  # nobody asks for its sense
        found = use_vectors(self.reader, [use])
        nearest = alike(found, self.vectors)[:, 0].topk(NEIGHBOURS).indices
        return {
            "parts": use.parts(),
            "points": self.project(found)[:, 0],
            "nearest": nearest.numpy(),
        }

    def arrays(self) -> dict[str, Any]:
        """What `viz` draws: the word, its points, senses, sentences, own score, and `place`."""
        return {
            "word": self.word,
            "points": self.project(self.vectors),
            "sense": senses_of(self.uses).numpy(),
            "sentences": [use.parts() for use in self.uses],
            "static": np.zeros(2),
            "own": told_apart(self.vectors, senses_of(self.uses)).numpy(),
            "place": self.place,
        }


def atlas(reader: Reader, word: str, uses: Sequence[Use]) -> Atlas:
    """Read at most 60 uses of either sense, as many of one as of the other, and fit the planes."""
    rng = torch.Generator().manual_seed(0)
    rows = draw(senses_of(uses), min(MOST, fewest(uses)), rng)
    chosen = tuple(uses[i] for i in rows.tolist())
    vectors = use_vectors(reader, chosen)
    centred = vectors - vectors.mean(1, keepdim=True)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:, :2].transpose(1, 2)
    turns = turns_of((centred @ axes).numpy(), senses_of(chosen).numpy())
    return Atlas(reader, word, chosen, vectors, axes @ torch.as_tensor(turns, dtype=axes.dtype))


def turns_of(
    points: Float[ndarray, "layers uses 2"], sense: Int[ndarray, "uses"]
) -> Float[ndarray, "layers 2 2"]:
    """A turn or mirroring a layer after which it lies as its neighbour towards the middle does.

    The middle layer has sense 0 on the left.
    """
    middle = len(points) // 2
    turns = [np.eye(2) for _ in points]
    if points[middle, sense == 0, 0].mean() > 0:
        turns[middle] = np.diag([-1.0, 1.0])
    for layer in (*range(middle + 1, len(points)), *range(middle - 1, -1, -1)):
        model = layer - 1 if layer > middle else layer + 1
        turns[layer] = orthogonal_procrustes(points[layer], points[model] @ turns[model])[0]
    return np.stack(turns)


def map_of(reader: Reader, word: str, found: dict[str, list[Use]]) -> dict[str, Any]:
    """`Atlas.arrays` with names of senses and a note: Brown's uses, else the demonstration's."""
    if word in found:
        return atlas(reader, word, found[word]).arrays() | {"senses": SENSES, "note": ""}
    uses, names = demonstration.written(word)
    return atlas(reader, word, uses).arrays() | {"senses": names, "note": demonstration.NOTE}
