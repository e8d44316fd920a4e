"""How much should be hidden? MAE found three quarters (He 2022, Figure 5)."""

from lecturelib.claims import Card
from lecturelib.claims.small_vits import PROTOCOL, masked, probed

SHARES = ("random .4", "random .75", "random .9")


def run(seed: int) -> dict[str, float]:
    """Three shares, all else alike."""
    numbers = {rule: probed(masked(rule, seed), seed) for rule in SHARES}
    best_other = max(numbers["random .4"], numbers["random .9"])
    return numbers | {"effect": numbers["random .75"] - best_other}


CARD = Card(
    name="mask_share",
    source="He et al. 2022, arXiv 2111.06377, Figure 5",
    statement="A linear probe is best where about three quarters are hidden: an inverted U",
    paper_number="ImageNet, linear probe: best near 75 %, about 20 points above 10 %",
    protocol=f"{PROTOCOL}; 40, 75 and 90 % hidden; linear probe with 50 labels a class; judged by "
    "75 % minus the better of the two others",
    run=run,
    unit="points of accuracy, 75 % minus the better of 40 and 90 %",
)
