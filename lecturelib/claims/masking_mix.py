"""Why not always [MASK]? The 80/10/10 rule against 100/0/0, vectors frozen."""

from lecturelib.claims import Card
from lecturelib.claims.small_berts import tags


def run(seed: int) -> dict[str, float]:
    """Two pre-trainings that differ in what a chosen word becomes."""
    found = {
        f"{arm}, {kind}": value
        for arm in ("BERT", "only [MASK]")
        for kind, value in tags(arm, seed).items()
    }
    return found | {"effect": found["BERT, all"] - found["only [MASK], all"]}


CARD = Card(
    name="masking_mix",
    source="Devlin et al. 2019, arXiv 1810.04805v2, Table 8",
    statement="Frozen vectors are better when some chosen words are swapped or kept, not masked",
    paper_number="NER F1, frozen: 94.9 with 80/10/10, 94.0 with 100/0/0 (fine-tuned 95.4, 94.9)",
    protocol="Small BERTs as in next_sentence; then frozen: a linear layer on all layers gives "
    "Brown's 18 tags, 400 sentences to learn from, 1,000 test sentences",
    run=run,
    unit="points of accuracy, 80/10/10 minus 100/0/0",
)
