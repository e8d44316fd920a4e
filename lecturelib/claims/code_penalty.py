"""The codebook penalty: more codes in use, and is that any good?"""

from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import PROTOCOL, heard, trained, watched, word_right

WAYS = {"0": "no code penalty", "0.1": "targets quantised", "1": "ten times the penalty"}


def run(seed: int) -> dict[str, float]:
    """Three weights of the penalty."""
    numbers = {}
    for alpha, way in WAYS.items():
        objective = trained(way, seed)
        numbers[f"alpha {alpha}"] = word_right(heard(objective), seed)
        numbers[f"alpha {alpha}, codes in use"] = watched(objective)["hard_perplexity"]
    return numbers | {"effect": numbers["alpha 0.1"] - numbers["alpha 0"]}


CARD = Card(
    name="code_penalty",
    source="Baevski et al. 2020, arXiv 2006.11477 v3, Table 4",
    statement="A penalty of alpha = 0.1 for codes that are not used helps what is learned",
    paper_number="WER dev: alpha 0 8.48, .05 8.34, .1 7.97, .2 8.58",
    protocol=f"{PROTOCOL}; judged by alpha 0.1 minus alpha 0",
    run=run,
    unit="points of accuracy, alpha 0.1 minus 0",
)
