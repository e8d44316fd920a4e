"""A folder of pictures without labels, for MAE, BEiT and data2vec."""

from dataclasses import dataclass

from torch import Generator

from lecturelib.data.batch import Batch
from lecturelib.data.streaming import PICTURES, files, pictures
from lecturelib.data.unread import unread
from lecturelib.training.loop import Draw

STREAM = "pictures:FOLDER"
SIZE = 32  # pixels of a side


@dataclass(frozen=True)
class Pixels:
    """draw: batches to learn from; held_out: pictures that are only ever watched."""

    draw: Draw
    held_out: Batch
    facts: dict[str, str]


def streamed(data: str, size: int, *, watched: int) -> Pixels:
    """`size` pictures at a time, read while training."""
    found = files(data.partition(":")[2], PICTURES)
    facts = {"data_sha256": found.digest, "data_source": data, "data_licence": "its own"}
    watch = unread(pictures(found.validation, SIZE), watched)(Generator().manual_seed(0))
    draw = unread(pictures(found.train, SIZE), size)
    return Pixels(draw, watch.rows(slice(None)), facts)
