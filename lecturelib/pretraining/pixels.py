"""A folder of pictures without labels, for MAE, BEiT and data2vec."""

from torch import Generator

from lecturelib.data.streaming import PICTURES, files, pictures
from lecturelib.data.unread import unread
from lecturelib.pretraining import Source

STREAM = "pictures:FOLDER"
SIZE = 32  # pixels of a side


def streamed(data: str, size: int, *, watched: int) -> Source:
    """`size` pictures at a time, read while training."""
    found = files(data.partition(":")[2], PICTURES)
    facts = {"data_sha256": found.digest, "data_source": data, "data_licence": "its own"}
    watch = unread(pictures(found.validation, SIZE), watched)(Generator().manual_seed(0))
    draw = unread(pictures(found.train, SIZE), size)
    return Source(draw, watch.rows(slice(None)), facts)
