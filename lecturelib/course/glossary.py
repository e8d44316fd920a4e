"""Every term of the lecture in English and German, and where it is run: data/glossary.csv."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lecturelib.course.page import Link, Page, table
from lecturelib.course.places import Place, read
from lecturelib.paths import DATA

GLOSSARY = DATA / "glossary.csv"
COLUMNS = ["term", "german", "meaning", "bedeutung", "notebook", "section"]


@dataclass(frozen=True)
class Term:
    """One word of the lecture; german and bedeutung: the same for German readers."""

    term: str
    german: str
    meaning: str
    bedeutung: str
    place: Place


def glossary(path: Path = GLOSSARY) -> list[Term]:
    """All terms, in lecture order. ValueError names the line and the remedy."""
    found: dict[str, Term] = {}
    for where, row in read(path, COLUMNS):
        if empty := [name for name in COLUMNS if not row[name].strip()]:
            raise ValueError(f"{where}: fill in {', '.join(empty)}")
        if folded(row["term"]) in found:
            raise ValueError(f"{where}: {row['term']!r} stands above already: keep one of the two")
        place = Place(row["notebook"], row["section"])
        found[folded(row["term"])] = Term(
            row["term"], row["german"], row["meaning"], row["bedeutung"], place
        )
    return list(found.values())


def folded(text: str) -> str:
    """Without capitals and dots: `uberwacht` is to find "überwacht"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def search(terms: Sequence[Term], query: str) -> list[Term]:
    """Terms with all words of the query, in both languages; those named so come first."""
    words = folded(query).split()

    def has(*texts: str) -> bool:
        return all(word in folded(" ".join(texts)) for word in words)

    found = [t for t in terms if has(t.term, t.german, t.meaning, t.bedeutung)]
    return sorted(found, key=lambda t: not has(t.term, t.german))


def glossary_table(terms: Sequence[Term]) -> Page:
    """English beside German, and the section that runs it."""
    rows = [
        [
            *(one.term, one.german, one.meaning, one.bedeutung),
            Link(f"{one.place.notebook.split('_')[0]}: {one.place.section}", one.place),
        ]
        for one in terms
    ]
    return table(("term", "Begriff", "meaning", "Bedeutung", "where it is run"), rows)
