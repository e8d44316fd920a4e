"""Does the quantiser need its noise?"""

from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import PROTOCOL, heard, trained, watched, word_right

WAYS = {"noise": "targets quantised", "no noise": "no Gumbel noise"}


def run(seed: int) -> dict[str, float]:
    """With and without."""
    numbers = {}
    for name, way in WAYS.items():
        objective = trained(way, seed)
        numbers[name] = word_right(heard(objective), seed)
        numbers[f"{name}, codes in use"] = watched(objective)["hard_perplexity"]
    return numbers | {"effect": numbers["noise"] - numbers["no noise"]}


CARD = Card(
    name="gumbel_noise",
    source="Baevski et al. 2020, arXiv 2006.11477 v3, Table 4",
    statement="Gumbel noise while training helps what is learned",
    paper_number="WER dev: 7.97 with, 8.73 without",
    protocol=PROTOCOL,
    run=run,
    unit="points of accuracy, with minus without noise",
)
