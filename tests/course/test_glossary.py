"""The glossary: every term of the slides, both languages, and a search that finds."""

import csv
from pathlib import Path

import pytest

from lecturelib.course.glossary import COLUMNS, folded, glossary, glossary_table, search
from lecturelib.course.glossary_search import glossary_search

# The words that the slides set apart or explain, as they stand in the lecture's text.
ON_THE_SLIDES = """
pre-training|semi-supervised learning|supervised learning|self-supervised learning|self-training
fine-tuning|transfer learning|representation learning|clustering|Bayes' rule|pseudo-label
contrastive learning|non-contrastive learning|predictor|VGG|x-vector|statistics pooling
time-delay neural network (TDNN)|contrastive loss|word embedding|word2vec|LSTM
recurrent neural network (RNN)|residual connection|layer normalisation (LayerNorm)|decoder|BERT
question answering|sentiment analysis|similarity retrieval|summarisation|ELMo|language model
contextualised word embedding|encoder|class token [CLS]|self-attention|feature extractor
masked language modelling (MLM)|next sentence prediction (NSP)|spam classification|bidirectional
Vision Transformer (ViT)|patch|automatic speech recognition (ASR)|wav2vec|binary cross-entropy
vq-wav2vec|vector quantisation (VQ)|product quantisation|Gumbel softmax|k-means|wav2vec 2.0
discrete latent speech representation (q)|context representation (c)|cosine similarity
temperature (kappa)|codebook penalty (diversity loss)|raw waveform|distractor|span mask|CTC
SpecAugment|n-gram language model|data2vec|self-distillation|modality-specific target
visual token|latent representation|BEiT|block mask|smooth L1 loss|warm-up|learning rate schedule
teacher and student|Perceiver|downstream task|negative sampling|attention|Transformer
"""
ROW = ["mask", "die Maske", "What is hidden.", "Was verdeckt ist.", "04_transformer", "Heads"]


def written(folder: Path, *rows: list[str]) -> Path:
    path = folder / "glossary.csv"
    with path.open("w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def test_every_term_of_the_slides_is_explained() -> None:
    wanted = {term for line in ON_THE_SLIDES.split("\n") for term in line.split("|") if term}
    assert wanted - {one.term for one in glossary()} == set()


def test_terms_stand_in_the_order_of_the_notebooks() -> None:
    numbers = [one.place.notebook for one in glossary()]
    assert numbers == sorted(numbers)


def test_meanings_are_one_sentence() -> None:
    for one in glossary():
        for sentence in (one.meaning, one.bedeutung):
            assert sentence.endswith((".", "?")), one.term
            assert ". " not in sentence, one.term


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (["Mask", *ROW[1:]], "line 3: 'Mask' stands above already"),
        (["token", " ", *ROW[2:]], "line 3: fill in german"),
        (["token", *ROW[1:5], "Tails"], "line 3: 04_transformer has no heading 'Tails'"),
        (["token", *ROW[1:4], "04", "Heads"], "line 3: no notebook '04'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, row: list[str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        glossary(written(tmp_path, ROW, row))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("uberwacht", "supervised learning"),
        ("ÜBERWACHTES", "supervised learning"),
        ("Sprecher", "speaker verification"),
        ("gleichfehler", "equal error rate (EER)"),
        ("masked lang", "masked language modelling (MLM)"),
        ("  kappa ", "temperature (kappa)"),
    ],
)
def test_the_search_knows_both_languages(query: str, first: str) -> None:
    assert search(glossary(), query)[0].term == first


def test_all_words_of_a_query_count_and_names_come_first() -> None:
    found = search(glossary(), "encoder hidden")
    everything = [folded(f"{t.term} {t.german} {t.meaning} {t.bedeutung}") for t in found]
    assert found
    assert all("encoder" in text and "hidden" in text for text in everything)
    named = ["teacher" in folded(t.term + t.german) for t in search(glossary(), "teacher")]
    assert named == sorted(named, reverse=True)
    assert True in named
    assert False in named


def test_an_empty_query_finds_all_and_nonsense_nothing() -> None:
    assert search(glossary(), " ") == glossary()
    assert search(glossary(), "zzyzyva") == []


def test_what_is_typed_is_what_is_shown() -> None:
    box = glossary_search()
    assert box.found.outputs[0]["data"]["text/markdown"] == glossary_table(glossary()).markdown
    box.field.value = "gumbel"
    shown = box.found.outputs[0]["data"]["text/markdown"]
    assert shown == glossary_table(search(glossary(), "gumbel")).markdown
    assert box.count.value == f"{len(shown.splitlines()) - 2} of {len(glossary())} terms"


def test_without_a_kernel_the_whole_glossary_is_shown() -> None:
    bundle = glossary_search("gumbel")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert all(f">{one.german}</td>" in bundle["text/html"] for one in glossary())
