"""data2vec on words: alive after training, and better than nothing where labels are few?"""

from lecturelib.claims import Card
from lecturelib.claims.small_data2vecs import SHIPPED, over_nothing
from lecturelib.pretraining.data2vec import shipped


def run(seed: int) -> dict[str, float]:
    """Pre-trained and untrained; both begin with word2vec's vectors."""
    return over_nothing("wikipedia", seed, shipped("wikipedia"))


CARD = Card(
    name="data2vec_text",
    source="Baevski et al. 2022, arXiv 2202.03555",
    statement="Predicting a teacher's view of words does not collapse and helps with few labels",
    paper_number="GLUE: 82.7, a RoBERTa trained alike 82.5",
    protocol=f"{SHIPPED['wikipedia']}; judged against the untrained twin",
    run=run,
    unit="points of accuracy over the untrained twin",
)
