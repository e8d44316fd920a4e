"""With enough labels, fine-tuning all layers overtakes frozen features (Yosinski et al. 2014)."""

from lecturelib.claims import Card
from lecturelib.claims.small_vggs import PROTOCOL, numbers


def run(seed: int) -> dict[str, float]:
    """The whole curve of one draw, the same as in `vgg_transfer`."""
    found = numbers(seed)
    return found | {"effect": found["fine-tuned n=50"] - found["frozen n=50"]}


CARD = Card(
    name="vgg_fine_tuned",
    source="Yosinski et al. 2014, arXiv 1411.1792, Figure 2",
    statement="With many labels fine-tuned layers beat the same layers frozen",
    paper_number="ImageNet halves: transferred and fine-tuned nets beat frozen ones, "
    "the more so the more layers are transferred",
    protocol=f"{PROTOCOL}; judged at 50 labels a class, all fine-tuned minus frozen",
    run=run,
    unit="points of accuracy, fine-tuned minus frozen at 50 labels a class",
)
