"""data2vec beside hidden patches (MAE): same encoder, same pictures, fewer operations."""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import SHIPPED, right
from lecturelib.pretraining import data2vec, mae


def run(seed: int) -> dict[str, float]:
    """Both shipped models, read out alike."""
    ours = right("cifar10", data2vec.shipped("cifar10").model, seed)
    theirs = right("cifar10", mae.shipped().model, seed)
    return {"data2vec": ours, "hidden patches": theirs, "effect": ours - theirs}


CARD = Card(
    name="data2vec_images_rival",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="data2vec is better than hidden patches (MAE)",
    paper_number="ImageNet, ViT-B: 84.2 %",
    protocol=f"{SHIPPED['cifar10']}; the rival is our shipped MAE: 3,000 steps of 128 pictures, "
    "58 % of data2vec's operations as PyTorch counts them; ONE pre-training, too",
    run=run,
    unit="points of accuracy, data2vec minus hidden patches (MAE)",
)
