"""The lecture's table as code: which front end, which encoder, which sizes.

Each file is a row of it; all are called from here: `recipes.bert("base")`.
"""

from lecturelib.recipes.data2vec import data2vec
from lecturelib.recipes.images import beit, vgg, vit
from lecturelib.recipes.speech import wav2vec2, xvector
from lecturelib.recipes.words import bert, elmo, numbers_model

__all__ = ["beit", "bert", "data2vec", "elmo", "numbers_model", "vgg", "vit", "wav2vec2", "xvector"]
