"""Does next-sentence prediction help where two texts must be compared?"""

from lecturelib.claims import Card
from lecturelib.claims.small_berts import tells_articles


def run(seed: int) -> dict[str, float]:
    """Two pre-trainings that differ in the second loss alone."""
    found = {arm: tells_articles(arm, seed) for arm in ("BERT", "no next sentence")}
    return found | {"effect": found["BERT"] - found["no next sentence"]}


CARD = Card(
    name="next_sentence",
    source="Devlin et al. 2019, arXiv 1810.04805v2, Table 5",
    statement="Next-sentence prediction helps on tasks of two sentences",
    paper_number="QNLI 88.4 with, 84.9 without; MRPC 86.7, 86.5",
    protocol="Small BERTs of depth 2, 1,500 steps of 8 x 64 pieces on 86 Wikipedia articles, one "
    "pre-training a seed and arm; then frozen: are two distant texts of one article or of two? a "
    "linear layer on [CLS], all layers, 800 pairs of validation articles, 1,000 of test articles",
    run=run,
    unit="points of accuracy, with minus without next sentence",
)
