"""Where does a Vision Transformer overtake a CNN? (Dosovitskiy 2021, Section 4.3)

As many weights, as many steps, no pre-training; what grows is the number of labelled pictures.
"""

from functools import partial

from lecturelib.adapt.pictures import SOURCE
from lecturelib.adapt.self_training import Method, accuracy, train
from lecturelib.adapt.transfer import few_labels
from lecturelib.claims import Card
from lecturelib.claims.small_vits import world
from lecturelib.data.augment import crop_and_mirror
from lecturelib.pretraining.mae import Mean
from lecturelib.recipes import vgg, vit
from lecturelib.training.loop import Plan

PER_CLASS = (10, 100, 1000, 4000)
MODELS = {  # what makes it, width of its vector, rate
    "CNN": (partial(vgg, "mini"), 128, 2e-3),
    "ViT": (lambda: Mean(vit("tiny")), 88, 1.5e-3),
}


def run(seed: int) -> dict[str, float]:
    """Both networks at all sizes, on the same pictures."""
    splits, numbers = world(SOURCE), {}
    for count in PER_CLASS:
        known = splits.train.rows(few_labels(splits.train.labels, count, seed=seed))
        for name, (make, dim, lr) in MODELS.items():
            plan = Plan(300, lr=lr, weight_decay=0.05, seed=seed)
            method = Method(make, dim, len(SOURCE), plan, augment=crop_and_mirror)
            numbers[f"{name} n={count}"] = 100 * accuracy(train(method, known), splits.test)
    return numbers | {"effect": numbers["ViT n=4000"] - numbers["CNN n=4000"]}


CARD = Card(
    name="cnn_and_vit",
    source="Dosovitskiy et al. 2021, arXiv 2010.11929, Section 4.3, Figures 3 and 4",
    statement="With enough pictures a Vision Transformer overtakes a CNN",
    paper_number="pre-trained on JFT: behind ResNets at 9 M pictures, ahead from about 90 M",
    protocol="CIFAR-10, five classes, from scratch: small VGG and ViT of 0.29 M weights each, "
    "10 to 4,000 pictures a class, 300 steps of 64, moved and mirrored; 2,000 test pictures; "
    "judged at 4,000",
    run=run,
    unit="points of accuracy, ViT minus CNN at 4,000 pictures a class",
)
