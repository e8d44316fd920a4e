"""BERT on the codes of speech: does a language model of units know more than the units?"""

from collections.abc import Callable
from functools import cache, partial

import torch
import torch.nn.functional as F
from jaxtyping import Int
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from lecturelib.adapt.hearing import Pooled
from lecturelib.adapt.recognition import levelled
from lecturelib.adapt.speech_exam import flat
from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import digits, right, speech
from lecturelib.data.batch import Batch
from lecturelib.data.speech_crops import crops
from lecturelib.encoders.tdnn import statistics
from lecturelib.masking import span_mask
from lecturelib.objectives.masked_contrast import MaskedContrast
from lecturelib.objectives.masked_units import Inventory, MaskedUnits, inventory
from lecturelib.pretraining.wav2vec2 import shipped
from lecturelib.quantizers import unit_ids
from lecturelib.recipes import bert
from lecturelib.shapes import Waves
from lecturelib.training.loop import History, Plan, Trainer

STEPS, LENGTH = 400, 64  # units that the small BERT can see: 1.3 s
SPANS = {"spans": (0.1, 5), "single units": (0.41, 1)}
"""Start probability and units of a span: both hide 41 %."""


@cache
def quantiser() -> MaskedContrast:
    """The shipped wav2vec 2.0, whose codes are the units."""
    return shipped()


@torch.no_grad()
def units_of(waves: Waves) -> Int[Tensor, "batch time"]:
    """A number for the pair of codes of each frame."""
    latents = quantiser().model.frontend.latents(waves)
    codes = quantiser().quantizer(latents.flatten(0, 1)).codes
    return unit_ids(codes, quantiser().quantizer.codes).view(latents.shape[:2])


@cache
def words() -> Inventory:
    """The units that occur in 500 crops of the training speech."""
    batch = crops(speech("train"), 500)(torch.Generator().manual_seed(0))
    return inventory(units_of(batch.signal))


def sentences(rng: Generator) -> Batch:
    """Sixteen crops of speech as words, `LENGTH` units of each."""
    waves = stream()(rng).signal
    return Batch(words().words(units_of(waves)[:, :LENGTH].contiguous()), None, None)


@cache
def stream() -> Callable[[Generator], Batch]:
    """Training speech."""
    return crops(speech("train"), 16)


def trained(kind: str, seed: int, steps: int = STEPS) -> tuple[MaskedUnits, History]:
    """The small BERT of notebook 05 on units; what is hidden differs."""
    torch.manual_seed(seed)
    start_prob, span = SPANS[kind]
    hide = partial(span_mask, start_prob=start_prob, span=span)
    objective = MaskedUnits(bert("tiny", vocab=words().vocab), mask=words().mask, hide=hide)
    plan = Plan(steps, lr=1e-3, seed=seed)
    history = Trainer(objective, sentences, plan, label=f"BERT on units, {kind}").run()
    return objective.eval(), history


@cache
def spelled() -> list[Int[Tensor, " time"]]:
    """Each digit clip as words."""
    clips = flat(digits())
    return [words().words(units_of(levelled(u).wave[None])[0])[:LENGTH] for u in clips]


def bags() -> Pooled:
    """How often each unit occurs in a clip: what the units alone say."""
    vocab = words().vocab
    return torch.stack([F.one_hot(ids, vocab).float().mean(0) for ids in spelled()])[None]


@torch.no_grad()
def read(objective: MaskedUnits) -> Pooled:
    """Mean and deviation of each layer of BERT over a clip's units."""
    ids = pad_sequence(spelled(), batch_first=True)
    is_pad = torch.arange(ids.shape[1]) >= torch.tensor([len(one) for one in spelled()])[:, None]
    model = objective.model
    states = model.encoder.trace(model.frontend(ids), is_pad).states
    return torch.stack([statistics(state, is_pad) for state in states])


def run(seed: int) -> dict[str, float]:
    """Units alone, and BERT on them, two ways of hiding; and BERT before training."""
    torch.manual_seed(1000 + seed)
    untrained = MaskedUnits(bert("tiny", vocab=words().vocab), mask=words().mask, hide=span_mask)
    numbers = {"units alone": right(bags(), seed), "untrained BERT": right(read(untrained), seed)}
    for kind in SPANS:
        numbers[f"BERT, {kind}"] = right(read(trained(kind, seed)[0]), seed)
    better = max(numbers["units alone"], numbers["untrained BERT"])
    return numbers | {"effect": numbers["BERT, spans"] - better}


CARD = Card(
    name="unit_bert",
    source="Baevski et al. 2020, arXiv 1910.05453 (vq-wav2vec), Section 5",
    statement="BERT on the units of speech knows more of the words than the units alone",
    paper_number="WSJ nov92 without language model: units 14.67 % WER, BERT on them 9.39 %",
    protocol="units: code pairs of the shipped wav2vec 2.0 (one pre-training), from speech "
    "without a label; small BERT, 400 steps, 41 % hidden in spans of 100 ms; frozen, 5 clips a "
    "digit, strangers, as in the other cards; judged by BERT minus the better of units alone and "
    "untrained BERT",
    run=run,
    unit="points of accuracy, BERT on units minus the better of units alone and untrained BERT",
)
