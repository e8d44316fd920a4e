"""data2vec on pictures: alive after training, and better than nothing where labels are few?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import SHIPPED, over_nothing
from lecturelib.pretraining.data2vec import shipped


def run(seed: int) -> dict[str, float]:
    """Pre-trained, untrained, raw pixels."""
    return over_nothing("cifar10", seed, shipped("cifar10"))


CARD = Card(
    name="data2vec_images",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="Predicting a teacher's view of pictures does not collapse and helps with few labels",
    paper_number="ImageNet, ViT-B fine-tuned on all labels: 84.2 %",
    protocol=f"{SHIPPED['cifar10']}; judged against the better of raw pixels and the untrained "
    "twin",
    run=run,
    unit="points of accuracy, over the better of raw pixels and untrained",
)
