"""What the route reads, against what the committed notebooks printed when they were run."""

import re

import nbformat
import pytest

from lecturelib.commands.notebooks import committed, readable, sources
from lecturelib.data.cards import CARDS
from lecturelib.lecture import needs

BUILT = [source for source in sources() if committed(source).exists()]
SETS = {card.split(".")[0] for card in CARDS}
MADE_OF = {"people": {"prompts", "fsdd"}, "translations": {"prompts"}}  # what is joined from others
SILENT = {"resemblyzer"}  # a model: no loader prints its line


def printed(text: str) -> set[str]:
    """The data sets of the loaders' lines: `fsdd test: 1,000 spoken digits, from the cache`."""
    names = re.findall(r"^(\w+)\b.*, from (?:the|an installed)\b", text, re.MULTILINE)
    return set().union(*(MADE_OF.get(name, {name} & SETS) for name in names))


@pytest.mark.parametrize("source", BUILT, ids=lambda source: source.stem)
def test_the_list_is_what_the_notebooks_printed(source) -> None:
    cells = nbformat.read(committed(source), as_version=4).cells
    outputs = [readable(output) for cell in cells for output in cell.get("outputs", [])]
    assert set(needs.FILES[source.stem]) - SILENT == printed("\n".join(outputs))


@pytest.mark.parametrize("source", BUILT, ids=lambda source: source.stem)
def test_the_models_are_those_that_the_code_names(source) -> None:
    code = source.read_text(encoding="utf8")
    assert (needs.MINILM in needs.models([source.stem])) == ("import minilm" in code)
    assert ("resemblyzer" in needs.FILES[source.stem]) == ("published.resemblyzer import" in code)


def test_a_loaders_line_is_read() -> None:
    text = "people test: 736 clips of theo, from the cache and the mirror\n12 labels, from scratch"
    assert printed(text) == {"prompts", "fsdd"}
    assert printed("xquad de test: 288 examples, from the mirror") == {"xquad"}


def test_cards_are_all_files_of_the_sets() -> None:
    assert needs.cards(["07b_wav2vec_recognition", "05b_what_bert_is_good_for"]) == [
        *("wikipedia", "sms", "xquad.en", "xquad.de", "fsdd")
    ]
    assert needs.cards(["04_transformer"]) == []


def test_a_notebook_that_nobody_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="what 09_new reads is not known: write it into lecture"):
        needs.cards(["09_new"])
