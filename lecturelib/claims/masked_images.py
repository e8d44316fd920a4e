"""From scratch < hidden patches < labels: the lecture's gap to supervised pre-training (ViT)."""

from lecturelib.claims import Card
from lecturelib.claims.small_vits import (
    PROTOCOL,
    masked,
    probed,
    read,
    supervised,
    tuned,
    untrained,
)


def run(seed: int) -> dict[str, float]:
    """Probes and fine-tuning of the three; raw pixels and the untrained network beside them."""
    starts = {
        "from scratch": untrained(seed),
        "hidden patches": masked("random .75", seed),
        "labels": supervised(seed),
    }
    numbers = {f"probe, {name}": probed(encoder, seed) for name, encoder in starts.items()}
    numbers |= {f"tuned, {name}": tuned(encoder, seed) for name, encoder in starts.items()}
    numbers["probe, raw pixels"] = read(lambda pixels: pixels.flatten(1), seed)
    low, middle, high = (numbers[f"tuned, {name}"] for name in starts)
    return numbers | {"effect": min(middle - low, high - middle)}


CARD = Card(
    name="masked_images",
    source="Dosovitskiy et al. 2021, arXiv 2010.11929, Section 4.6",
    statement="Pre-training by hidden patches beats none, and stays behind pre-training by labels",
    paper_number="ViT-B/16 on ImageNet, hidden patches: 79.9 %, 2 points above from scratch, "
    "4 below supervised",
    protocol=f"{PROTOCOL}; three quarters hidden, or labels; then all layers fine-tuned on 50 "
    "labels a class; judged by the smaller of the two gaps",
    run=run,
    unit="points of accuracy, smaller of hidden patches minus scratch and labels minus hidden",
)
