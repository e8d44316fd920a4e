"""What `doctor` finds on this machine, as a table to read in a notebook."""

import sys
from collections.abc import Sequence
from pathlib import Path

from lecturelib.commands.doctor import Finding, examine
from lecturelib.course.page import Page, table
from lecturelib.paths import ROOT


def self_check(found: Sequence[Finding] | None = None) -> Page:
    """Every finding; what would stop the notebooks stands first."""
    marks = {True: "STOP", False: "note"}
    rows = [
        [
            marks[one.stops] if one.stops or one.advice else "ok",
            one.what,
            without_folders(one.found),
            without_folders(one.advice),
        ]
        for one in (examine() if found is None else found)
    ]
    rows.sort(key=lambda row: row[0] != "STOP")
    return table(("", "what", "found", "what to do"), rows)


def without_folders(text: str) -> str:
    """A notebook is passed on: the reader's own folders do not go with it."""
    text = text.replace(sys.executable, "python").replace(str(ROOT), "this clone")
    return text.replace(str(Path.home()), "~")
