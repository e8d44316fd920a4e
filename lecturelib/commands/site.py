"""The course as a static site, to read without running anything, with no network.

The committed notebooks are shown as they are; nothing is run again. Afterwards every link inside
the site is followed: a page, a picture or a heading that is not there is a finding.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lecturelib.paths import BUILD, ROOT, require_clone

SITE = BUILD / "site"
START = """<!doctype html><meta charset="utf-8"><title>lecturelib</title>
<meta http-equiv="refresh" content="0; url=docs/index.html">
<a href="docs/index.html">A lecture you can run</a>
"""


class Page(HTMLParser):
    """What one page links to, what it loads by itself, and the places that links may go to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = {"", "top"}
        self.feed(path.read_text(encoding="utf8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """HTMLParser calls this for every tag."""
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(found["href"])
        elif "href" in found and tag != "base":
            self.links.append(found["href"])
        self.loads += [found[name] for name in ("src", "poster") if name in found]


def broken(folder: Path) -> list[str]:
    """Every link of the site that leads nowhere, and what a page loads from another host."""
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    return [
        f"{path.relative_to(folder.resolve())}: {problem}"
        for path, page in pages.items()
        for problem in _problems(path, page, pages)
    ]


def _problems(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    outside = [load for load in page.loads if urlsplit(load).netloc]
    yield from (f"loads {load}, which needs a network" for load in outside)
    for link in dict.fromkeys(page.links + page.loads):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_file():
            yield f"{link} is not there"
        elif target in pages and unquote(parts.fragment) not in pages[target].places:
            yield f"{link}: that page has no place #{unquote(parts.fragment)}"


def build(folder: Path = SITE) -> int:
    """Sphinx's exit status; each warning counts as an error. What was there is built again."""
    shutil.rmtree(folder, ignore_errors=True)
    line = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", "--fresh-env"]
    line += ["-c", str(ROOT / "docs"), "-d", str(BUILD / "site-cache"), str(ROOT), str(folder)]
    status = subprocess.call(line, cwd=ROOT)
    if not status:
        (folder / "index.html").write_text(START, encoding="utf8")
    return status


def main(argv: list[str]) -> int:
    """python -m lecturelib site: 0, or 1 where a page warns or a link is broken."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib site", description=__doc__)
    parser.parse_args(argv)
    require_clone()
    if missing := [name for name in ("myst_nb", "furo") if not importlib.util.find_spec(name)]:
        print(f'{missing[0]} is missing: {sys.executable} -m pip install -e ".[site]"')
        return 1
    if build():
        return 1
    found = broken(SITE)
    print(*found, sep="\n", end="\n" * bool(found))
    print(
        f"{SITE / 'index.html'}: {len(list(SITE.rglob('*.html')))} pages, {len(found)} broken links"
    )
    return min(len(found), 1)
