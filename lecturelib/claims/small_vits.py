"""Small Vision Transformers, pre-trained for minutes on five CIFAR-10 classes, read on the others.

What three cards compare: which patches are hidden, how many, and labels instead.
"""

import copy
from collections.abc import Callable
from functools import cache, partial

import torch
from torch import Tensor, nn

from lecturelib.adapt.moving import How, learn
from lecturelib.adapt.pictures import SOURCE, TARGET, classes
from lecturelib.adapt.self_training import Method, accuracy, train
from lecturelib.adapt.transfer import features, few_labels, probe
from lecturelib.adapt.worlds import Splits
from lecturelib.data.augment import crop_and_mirror
from lecturelib.data.batch import Batch
from lecturelib.masking import block_patches, random_patches
from lecturelib.objectives.masked_image import Hide, MaskedPixels, MaskedTokens, cut
from lecturelib.pretraining.mae import Mean
from lecturelib.pretraining.vgg import augmented
from lecturelib.quantizers import Codebook, fit_codebook
from lecturelib.recipes import vit
from lecturelib.training.loop import Plan, Trainer

STEPS, BATCH, LR = 400, 64, 1.5e-3
CODES = 512
LABELS, TEST = 50, 400  # a class
HIDES: dict[str, Hide] = {
    "random .75": partial(random_patches, share=0.75),
    "random .9": partial(random_patches, share=0.9),
    "random .4": partial(random_patches, share=0.4),
    "blocks .4": partial(block_patches, share=0.4, smallest=4),
}
PROTOCOL = (
    "CIFAR-10; 4 layers of 128, patches of 4x4, 400 steps of 64 pictures of 5 classes; read on the "
    "other 5 classes, 2,000 test pictures; a seed draws weights, masks and labels"
)


@cache
def world(labels: range) -> Splits:
    """The pictures of some classes; of test 2,000."""
    splits, _ = classes(labels)
    few = few_labels(splits.test.labels, TEST, seed=0)
    return splits._replace(test=splits.test.rows(few))


def plan(seed: int) -> Plan:
    """The same for every pre-training."""
    return Plan(STEPS, lr=LR, betas=(0.9, 0.95), weight_decay=0.05, seed=seed)


@cache
def untrained(seed: int) -> Mean:
    """Where all arms of a seed begin."""
    torch.manual_seed(seed)
    return Mean(vit("mini"))


@cache
def masked(rule: str, seed: int) -> Mean:
    """Pre-trained without labels, with one of HIDES."""
    encoder = copy.deepcopy(untrained(seed))
    objective = MaskedPixels(encoder.model, hide=HIDES[rule])
    pictures = Batch(world(SOURCE).train.signal, None, None)
    Trainer(objective, augmented(pictures, BATCH), plan(seed)).run()
    return encoder


@cache
def codebook() -> Codebook:
    """Visual tokens: k-means of the 4x4 patches of 4,000 pictures; the same for all seeds."""
    pictures = world(SOURCE).train.signal
    rows = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:4000]
    return fit_codebook(cut(pictures[rows], (4, 4)).flatten(0, 1), codes=CODES, seed=0)


@cache
def tokenized(rule: str, seed: int) -> Mean:
    """Pre-trained by saying which visual token was hidden, as BEiT is."""
    encoder = copy.deepcopy(untrained(seed))
    book = codebook()
    objective = MaskedTokens(
        encoder.model,
        tokenize=lambda images: book(cut(images, (4, 4))),
        codes=CODES,
        hide=HIDES[rule],
    )
    pictures = Batch(world(SOURCE).train.signal, None, None)
    Trainer(objective, augmented(pictures, BATCH), plan(seed)).run()
    return encoder


@cache
def supervised(seed: int) -> Mean:
    """Pre-trained with the labels of the same pictures."""
    method = Method(
        make=lambda: copy.deepcopy(untrained(seed)),
        dim=untrained(seed).dim,
        classes=len(SOURCE),
        plan=plan(seed),
        augment=crop_and_mirror,
    )
    return train(method, world(SOURCE).train).encoder  # pyright: ignore[reportReturnType]


def labelled(seed: int) -> Batch:
    """The target pictures whose labels are known."""
    pool = world(TARGET).train
    return pool.rows(few_labels(pool.labels, LABELS, seed=seed))


def read(seen: Callable[[Tensor], Tensor], seed: int) -> float:
    """Percent right of a linear layer on what `seen` makes of the pictures."""
    known, test = labelled(seed), world(TARGET).test
    return 100 * probe(seen(known.signal), known.labels, seen(test.signal), test.labels, cost=0.01)


def probed(encoder: nn.Module, seed: int) -> float:
    """A linear probe."""
    return read(partial(features, encoder), seed)


def tuned(encoder: nn.Module, seed: int) -> float:
    """The whole encoder fine-tuned on the same labels."""
    how = How(steps=150, lr=1e-3)
    model = learn(encoder, labelled(seed), how=how, seed=seed)
    return 100 * accuracy(model, world(TARGET).test)
