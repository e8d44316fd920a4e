"""data2vec beside BERT's masked words: same encoder, same data, as many operations."""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import DRAWN, RIVAL_STEPS, SMALL, over_rival


def run(seed: int) -> dict[str, float]:
    """Both, read out alike."""
    return over_rival("wikipedia", seed)


CARD = Card(
    name="data2vec_text_rival",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="data2vec is better than BERT's masked words at equal cost",
    paper_number="GLUE: 82.7 against 82.5 for RoBERTa trained alike",
    protocol=f"{SMALL['wikipedia']}; the rival trains {RIVAL_STEPS['wikipedia']} steps, as many "
    f"operations; {DRAWN}",
    run=run,
    unit="points of accuracy, data2vec minus BERT's masked words",
)
