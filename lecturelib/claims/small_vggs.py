"""The small VGG moves from five CIFAR-10 classes to the other five: what two cards look at.

One pre-training (the shipped one); a seed draws the labels and the new weights.
"""

from functools import cache

from lecturelib.adapt.moving import arms
from lecturelib.adapt.pictures import TARGET, classes
from lecturelib.adapt.transfer import LabelCurve, few_labels, label_curve
from lecturelib.pretraining.vgg import shipped

PER_CLASS = (1, 2, 5, 10, 20, 50)
TEST = 400  # pictures a class
PROTOCOL = (
    "CIFAR-10: pre-trained on the pictures of 5 classes, moved to the other 5; 100 steps of 32 "
    "pictures at one rate for all arms, moved and mirrored; 2,000 test pictures; "
    "a seed draws labels and new weights, the pre-training is one"
)


@cache
def curve_of(seed: int) -> LabelCurve:
    """All arms at all numbers of labels, one draw."""
    splits, _ = classes(TARGET)
    test = splits.test.rows(few_labels(splits.test.labels, TEST, seed=0))
    return label_curve(
        arms(shipped().encoder, test), splits.train, per_class=PER_CLASS, seeds=(seed,)
    )


def numbers(seed: int) -> dict[str, float]:
    """Arm and number of labels -> percent right."""
    found = curve_of(seed)
    return {
        f"{arm} n={n}": float(found.accuracy[arm][at, 0])
        for arm in found.accuracy
        for at, n in enumerate(PER_CLASS)
    }
