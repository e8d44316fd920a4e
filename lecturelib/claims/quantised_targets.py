"""Quantise what is predicted, what is heard, both, or nothing: wav2vec 2.0's two by two."""

from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import PROTOCOL, heard, trained, watched, word_right

WAYS = ("targets quantised", "both quantised", "inputs quantised", "nothing quantised")


def run(seed: int) -> dict[str, float]:
    """Four trainings; the pretext accuracy beside the word's."""
    numbers = {}
    for way in WAYS:
        objective = trained(way, seed)
        numbers[way] = word_right(heard(objective), seed)
        numbers[f"{way}, pretext"] = 100 * watched(objective)["tie_accuracy"]
    others = max(numbers[way] for way in WAYS[1:])
    return numbers | {"effect": numbers[WAYS[0]] - others}


CARD = Card(
    name="quantised_targets",
    source="Baevski et al. 2020, arXiv 2006.11477 v3, Table 4",
    statement="Continuous inputs and quantised targets are best, though not the easiest to predict",
    paper_number="WER dev: targets only 7.97, neither 8.58, inputs only 11.18, both 12.18",
    protocol=f"{PROTOCOL}; judged by targets only minus the best of the three others",
    run=run,
    unit="points of accuracy, targets only minus the best of the others",
)
