"""Which of a layer's steps should the teacher give?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import DRAWN, SMALL, compared

WAYS = {
    "whole layer": {},
    "feed-forward": {"target": "feed_forward"},
    "attention": {"target": "attention"},
}


def run(seed: int) -> dict[str, float]:
    """Three of the paper's four."""
    found = compared("speech", seed, WAYS)
    return found | {"effect": found["feed-forward"] - found["attention"]}


CARD = Card(
    name="data2vec_targets",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="The feed-forward part is the best target, attention the worst",
    paper_number="LibriSpeech, WER: attention 100.0, feed-forward 13.1, whole layer 14.5",
    protocol=f"{SMALL['speech']}; judged by feed-forward against attention; {DRAWN}",
    run=run,
    unit="points of accuracy at 5 clips a digit, feed-forward minus attention",
)
