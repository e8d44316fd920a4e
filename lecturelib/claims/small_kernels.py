"""Two 3x3 convolutions see as far as one 5x5; which learns better? (VGG, Section 4.1)"""

from functools import partial

import torch

from lecturelib.adapt.pictures import SOURCE, classes
from lecturelib.adapt.self_training import Method, accuracy, train
from lecturelib.claims import Card
from lecturelib.data.augment import crop_and_mirror
from lecturelib.encoders.vgg import ConvStack, Plan
from lecturelib.recipes.images import MINI_VGG
from lecturelib.training import loop

FIVES: Plan = ((32, 5), "M", (64, 5), "M", (128, 5), "M")
PLANS: dict[str, Plan] = {"3x3 pairs": MINI_VGG, "5x5": FIVES}


def run(seed: int) -> dict[str, float]:
    """Both networks on the same pictures in the same order."""
    splits, _ = classes(SOURCE)
    numbers = {}
    for name, plan in PLANS.items():
        torch.manual_seed(seed)
        method = Method(
            make=partial(ConvStack, channels=3, plan=plan),
            dim=128,
            classes=len(SOURCE),
            plan=loop.Plan(300, lr=2e-3, weight_decay=0.05, seed=seed),
            augment=crop_and_mirror,
        )
        numbers[name] = 100 * accuracy(train(method, splits.train), splits.test)
    return numbers | {"effect": numbers["3x3 pairs"] - numbers["5x5"]}


CARD = Card(
    name="small_kernels",
    source="Simonyan and Zisserman 2015, arXiv 1409.1556, Section 4.1",
    statement="A deep net of small filters beats a shallow one of larger filters that sees as far",
    paper_number="ImageNet: net B with 5x5 in the place of each pair of 3x3: 7 points worse, top-1",
    protocol="CIFAR-10, five classes, 22,000 training pictures, 300 steps of 64, 5,000 test "
    "pictures; six 3x3 against three 5x5 convolutions of the same widths, batch norm",
    run=run,
    unit="points of accuracy, 3x3 pairs minus 5x5",
)
