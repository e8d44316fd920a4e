"""Is BERT's vector of a word better than ELMo's, where both have read as little as ours?"""

from lecturelib.adapt.layers import MIXED
from lecturelib.claims import Card
from lecturelib.claims.word_tags import frozen, percent


def run(seed: int) -> dict[str, float]:
    """Both readers' six frozen options for one draw of sentences."""
    numbers = percent("BERT", frozen("BERT", seed)) | percent("ELMo", frozen("ELMo", seed))
    bert, elmo = "BERT: concat of last 4, ambiguous", f"ELMo: {MIXED}, ambiguous"
    return numbers | {"effect": numbers[bert] - numbers[elmo]}


CARD = Card(
    name="bert_over_elmo",
    source="Devlin et al. 2019, arXiv 1810.04805v2, Tables 1 and 7",
    statement="BERT's features in context are better than ELMo's",
    paper_number="CoNLL-2003 development F1: 96.1 (BERT base, last four side by side) against "
    "95.7; GLUE average: 79.6 (fine-tuned) against 71.0",
    protocol="this course's BERT and ELMo as shipped, each by its own recipe from the same 86 "
    "Wikipedia articles, frozen; tags, sentences and linear soft-max as in feature_options; BERT's "
    "last four layers side by side (512 numbers) minus ELMo's learned mix of three (256), on words "
    "whose most frequent tag covers less than 90 % of their uses",
    run=run,
    unit="points of accuracy on ambiguous words, BERT minus ELMo",
)
