"""How to cite, what has changed, and what may be done with code and text."""

import re
import tomllib
from datetime import date

import pytest
import yaml

from lecturelib.commands.notebooks import repository
from lecturelib.paths import ROOT

# Citation File Format 1.2.0: what a file must have, and of what else it may have, what ours uses.
MUST = {"cff-version", "message", "title", "authors"}
MAY = {"type", "version", "license", "repository-code", "abstract", "keywords"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf8")


def test_the_citation_can_be_read_and_is_of_this_package() -> None:
    cited = yaml.safe_load(read("CITATION.cff"))
    package = tomllib.loads(read("pyproject.toml"))["project"]
    assert MUST <= set(cited) <= MUST | MAY
    assert cited["cff-version"] == "1.2.0"
    assert cited["authors"] == [{"name": "the lecturelib authors"}]
    assert (cited["title"].split(":")[0], cited["version"]) == (package["name"], package["version"])
    assert cited["repository-code"] == repository()
    assert cited["license"] == "MIT"
    assert "MIT License" in read("LICENSE")


def test_the_changelog_names_this_version_and_goes_back_in_time() -> None:
    log = read("CHANGELOG.md")
    package = tomllib.loads(read("pyproject.toml"))["project"]
    versions = re.findall(r"^## \[(.+)\]$", log, re.MULTILINE)
    assert versions[:2] == ["Unreleased", package["version"]]
    days = [date.fromisoformat(day) for day in re.findall(r"^### (\d{4}-.+)$", log, re.MULTILINE)]
    assert days == sorted(set(days), reverse=True)
    kinds = set(re.findall(r"^#{3,4} ([A-Z]\w+)$", log, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    for version in versions:
        assert f"\n[{version}]: {repository()}/" in log


@pytest.mark.parametrize("address", ["by/4.0/", "by/4.0/legalcode"])
def test_the_licence_of_text_leads_to_its_terms(address: str) -> None:
    assert f"https://creativecommons.org/licenses/{address}\n" in read("LICENSE-TEXT")


@pytest.mark.parametrize("name", ["LICENSE-TEXT", "INSTRUCTORS.md"])
def test_files_that_documents_point_to_are_there(name: str) -> None:
    pointed = re.findall(r"LICENSE(?:-TEXT)?|(?:data|docs|notebooks)/[\w./-]*\w", read(name))
    assert pointed
    assert [path for path in pointed if not (ROOT / path).exists()] == []
