"""The table of slides: complete, in order, each linked; and what is wrong in it is said."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from lecturelib.course.places import Place, headings
from lecturelib.course.slides import COLUMNS, Slide, named, slide_table, slides

# Counted by hand in the lecture's text, apart from the table.
TITLES = {
    "Pre-training and Important transformer architectures": 1,
    "Todays episode features": 1,
    "Idea": 1,
    "Terminology": 3,
    "Self training": 4,
    "Pretraining": 1,
    "Image processing": 2,
    "Audio/Speech Processing": 1,
    "NLP": 1,
    "Transformer architectures": 1,
    "Residuals and LayerNorm": 1,
    "Decoder": 1,
    "Transformer: Animated": 1,
    "BERT": 4,
    "BERT – Contextualized word embeddings": 1,
    "BERT – Model architecture": 5,
    "BERT- two sentence task": 1,
    "BERT- Feature Extractor": 1,
    "Vision Transformer": 1,
    "What about audio?": 1,
    "What would be a good representation?": 3,
    "Possible Paradigms": 1,
    "Classical ASR": 1,
    "Pretraining In other fields...": 1,
    "Pre-training in Computer Vision": 1,
    "wav2vec 2.0": 9,
    "Transformers": 1,
    "data2vec": 11,
    "Sources": 1,
}
IDEA = ["Idea", "1", "", "01_self_training", "The question", "why"]
BERT = ["BERT", "1", "", "05_elmo_vs_bert", "The question", "two steps"]


def written(folder: Path, *rows: list[str], columns: list[str] = COLUMNS) -> Path:
    path = folder / "slides.csv"
    with path.open("w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def changed(row: list[str], **values: str) -> list[str]:
    return [values.get(name, value) for name, value in zip(COLUMNS, row, strict=True)]


def numbered(title: str, occurrence: int, number: int | None) -> Slide:
    return Slide(title, occurrence, number, Place("01_self_training", "The question"), "")


def test_every_slide_is_there_and_counted() -> None:
    found = slides()
    assert Counter(slide.title for slide in found) == TITLES
    assert list(dict.fromkeys(slide.title for slide in found)) == list(TITLES)
    for title, count in TITLES.items():
        counted = [slide.occurrence for slide in found if slide.title == title]
        assert counted == list(range(1, count + 1))


def test_every_notebook_is_on_some_slide() -> None:
    assert {slide.place.notebook for slide in slides()} == set(headings())


def test_numbers_may_be_filled_in_and_two_rows_may_share_a_slide(tmp_path: Path) -> None:
    rows = [changed(IDEA, number="3"), BERT, changed(BERT, occurrence="2", number="3")]
    assert [slide.number for slide in slides(written(tmp_path, *rows))] == [3, None, 3]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (changed(BERT, notebook="05_bert"), "line 3: no notebook '05_bert', choose from 00_start"),
        (changed(BERT, section="Nowhere"), "line 3: 05_elmo_vs_bert has no heading 'Nowhere', cho"),
        (changed(BERT, occurrence="2"), "line 3: occurrence '2' of 'BERT' must be 1"),
        (changed(IDEA), "line 3: occurrence '1' of 'Idea' must be 2"),
        (changed(BERT, number="six"), "line 3: number 'six' must be 1, 2, 3"),
        (changed(BERT, number="0"), "line 3: number '0' must be 1, 2, 3"),
        (changed(BERT, number="4"), "line 3: number 4 comes after 5"),
        (BERT[:-1], "line 3: put 6 values"),
        ([*BERT, "more"], "line 3: put 6 values"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, row: list[str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        slides(written(tmp_path, changed(IDEA, number="5"), row))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="first line must be title,occurrence,number"):
        slides(written(tmp_path, IDEA[:-1], columns=COLUMNS[:-1]))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((3, 4, 5, 8), "slides 3-5, 8"),
        ((7, 7, 7, 7), "slide 7"),
        ((3, None, 5, 8), "BERT (1-2, 4), NLP (1)"),
        ((None, None, None, None), "BERT (1-2, 4), NLP (1)"),
    ],
)
def test_slides_are_named_by_number_else_by_title(numbers: tuple, words: str) -> None:
    which = [("BERT", 1), ("BERT", 2), ("BERT", 4), ("NLP", 1)]
    assert named([numbered(*one, n) for one, n in zip(which, numbers, strict=True)]) == words


def test_the_table_shows_every_slide_with_its_link() -> None:
    lines = slide_table().markdown.splitlines()
    assert len(lines) == 2 + sum(TITLES.values())
    assert "| BERT (2) |" in slide_table().markdown
    assert all("ipynb#" in line for line in lines[2:])
