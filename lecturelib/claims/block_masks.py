"""BEiT hides blocks, others single patches: which teaches more? (Bao 2022, Table 4)"""

from lecturelib.claims import Card
from lecturelib.claims.small_vits import PROTOCOL, masked, probed


def run(seed: int) -> dict[str, float]:
    """The same share hidden by both rules."""
    numbers = {rule: probed(masked(rule, seed), seed) for rule in ("blocks .4", "random .4")}
    return numbers | {"effect": numbers["blocks .4"] - numbers["random .4"]}


CARD = Card(
    name="block_masks",
    source="Bao et al. 2022, arXiv 2106.08254, Table 4",
    statement="Hidden blocks teach more than as many single patches",
    paper_number="ImageNet fine-tuned: 82.86 with blocks, 82.77 without; ADE20K: 44.65, 42.93",
    protocol=f"{PROTOCOL}; 40 % hidden, pixels as targets (the paper: visual tokens); linear probe "
    "with 50 labels a class",
    run=run,
    unit="points of accuracy, blocks minus single patches",
)
