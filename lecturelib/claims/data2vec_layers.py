"""Average the teacher's layers, or take the top one?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import DRAWN, SMALL, compared


def run(seed: int) -> dict[str, float]:
    """All three layers, and the last alone."""
    found = compared("speech", seed, {"all layers": {}, "top layer": {"top": 1}})
    return found | {"effect": found["all layers"] - found["top layer"]}


CARD = Card(
    name="data2vec_layers",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="Averaging several of the teacher's layers beats its top layer alone",
    paper_number="speech and text: strong; images: slight (a figure without numbers)",
    protocol=f"{SMALL['speech']}; K = 3 of 3 layers against K = 1; {DRAWN}",
    run=run,
    unit="points of accuracy at 5 clips a digit, all layers minus the top one",
)
