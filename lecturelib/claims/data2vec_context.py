"""How much may the teacher see when it answers?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import DRAWN, SMALL, compared

WINDOW = 5


def run(seed: int) -> dict[str, float]:
    """All of a crop, or 5 frames to each side in each layer."""
    found = compared("speech", seed, {"all": {}, "near": {"window": WINDOW}})
    return found | {"effect": found["all"] - found["near"]}


CARD = Card(
    name="data2vec_context",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="The more context the teacher sees, the better what the student learns",
    paper_number="speech and images: better the more is seen (a figure without numbers)",
    protocol=f"{SMALL['speech']}; the teacher's attention reaches everything, or {WINDOW} "
    f"frames (100 ms) to each side in each of 3 layers; {DRAWN}",
    run=run,
    unit="points of accuracy at 5 clips a digit, all context minus near",
)
