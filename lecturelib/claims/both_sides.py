"""Reading from both sides against left to right, where the right neighbour decides."""

from lecturelib.claims import Card
from lecturelib.claims.small_berts import tags


def run(seed: int) -> dict[str, float]:
    """Two pre-trainings that differ in what is guessed, and from where."""
    found = {
        f"{arm}, {kind}": value
        for arm in ("no next sentence", "left to right")
        for kind, value in tags(arm, seed).items()
    }
    effect = found["no next sentence, ambiguous"] - found["left to right, ambiguous"]
    return found | {"effect": effect}


CARD = Card(
    name="both_sides",
    source="Devlin et al. 2019, arXiv 1810.04805v2, Table 5",
    statement="Reading both sides of a word beats reading from left to right",
    paper_number="no NSP against left to right: MNLI 83.9, 82.1; MRPC 86.5, 77.5; SQuAD 87.9, 77.8",
    protocol="Small BERTs as in next_sentence, one masked (no NSP), one guessing every next word; "
    "then frozen: a linear layer on all layers gives Brown's 18 tags, 400 sentences to learn from; "
    "judged on the words of 1,000 test sentences whose commonest tag is below 90 %",
    run=run,
    unit="points of accuracy on ambiguous words, both sides minus left to right",
)
