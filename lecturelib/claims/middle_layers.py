"""The layer before the last knows more about a word than the last one."""

from lecturelib.claims import Card
from lecturelib.claims.word_tags import frozen, percent


def run(seed: int) -> dict[str, float]:
    """MiniLM's six frozen options for one draw of sentences."""
    numbers = percent("MiniLM", frozen("MiniLM", seed))
    return numbers | {"effect": numbers["MiniLM: second to last"] - numbers["MiniLM: last"]}


CARD = Card(
    name="middle_layers",
    source="Devlin et al. 2019, arXiv 1810.04805v2, Table 7",
    statement="For features, BERT's second-to-last layer is better than its last",
    paper_number="named entities, CoNLL-2003 development F1: 95.6 against 94.9",
    protocol="published MiniLM (6 layers; tuned for whole sentences, so its last layer is far from "
    "words), frozen; Brown's part-of-speech tags put together to 18; linear soft-max on each "
    "word's first piece (cost .01, chosen on validation words), 400 training sentences of 4-20 "
    "words a seed; 1,000 test sentences, the same for all seeds; second to last minus last",
    run=run,
    unit="points of accuracy, second-to-last minus last layer",
)
