"""How long should a hidden span be? The same share hidden in shorter and longer pieces."""

from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import PROTOCOL, SPANS, heard, trained, watched, word_right


def run(seed: int) -> dict[str, float]:
    """Three lengths, half of the frames hidden each time."""
    numbers = {}
    for span in SPANS:
        objective = trained("targets quantised", seed, span)
        numbers[span] = word_right(heard(objective), seed)
        numbers[f"{span}, pretext"] = 100 * watched(objective)["tie_accuracy"]
    return numbers | {"effect": numbers["100 ms"] - max(numbers["20 ms"], numbers["200 ms"])}


CARD = Card(
    name="span_length",
    source="Baevski et al. 2020, arXiv 1910.05453 (vq-wav2vec), masks of M codes",
    statement="What is hidden should be neither single frames nor too long",
    paper_number="vq-wav2vec, phone error rate: M = 1 17.38, 10 15.28, 30 15.64",
    protocol=f"{PROTOCOL}; each length is measured with its own masks; judged by 100 ms minus the "
    "better of 20 and 200 ms",
    run=run,
    unit="points of accuracy, spans of 100 ms minus the better of 20 and 200 ms",
)
