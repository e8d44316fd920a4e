"""Features learned on some classes, frozen, serve others with few labels (VGG's Section 5)."""

from lecturelib.claims import Card
from lecturelib.claims.small_vggs import PROTOCOL, numbers


def run(seed: int) -> dict[str, float]:
    """The whole curve of one draw."""
    found = numbers(seed)
    return found | {"effect": found["frozen n=5"] - found["from scratch n=5"]}


CARD = Card(
    name="vgg_transfer",
    source="Simonyan and Zisserman 2015, arXiv 1409.1556, Table 11",
    statement="Frozen features of a supervised VGG serve other classes with few labels",
    paper_number="Caltech-101, linear classifier on frozen features of D: 91.8 %, of E: 92.3 %",
    protocol=f"{PROTOCOL}; judged at 5 labels a class, frozen minus from scratch",
    run=run,
    unit="points of accuracy, frozen minus from scratch at 5 labels a class",
)
