"""README's measured tables, written by the commands that measured them."""

import re
from pathlib import Path

from lecturelib.paths import ROOT

README = ROOT / "README.md"


def put(text: str, name: str, table: str) -> str:
    """The text with `table` between <!-- name --> and <!-- /name -->."""
    found = re.search(rf"<!-- {name} -->\n.*?<!-- /{name} -->", text, re.DOTALL)
    if not found:
        raise ValueError(
            f"README.md has no place for {name!r}: add <!-- {name} --> and <!-- /{name} -->"
        )
    return (
        text[: found.start()] + f"<!-- {name} -->\n{table}\n<!-- /{name} -->" + text[found.end() :]
    )


def write(name: str, table: str, path: Path = README) -> None:
    """Replace one table of README.md."""
    path.write_text(put(path.read_text(encoding="utf8"), name, table), encoding="utf8")
