"""Not in `make test`: the whole site is built, every link followed, every page opened offline."""

import shutil
from pathlib import Path

import pytest

from lecturelib.commands import notebooks, site
from tests.requirements import require

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without one warning."""
    folder = tmp_path_factory.mktemp("site")
    assert site.build(folder) == 0
    return folder


def test_no_link_is_broken_and_every_notebook_has_its_page(built: Path) -> None:
    assert site.broken(built) == []
    pages = {path.stem for path in (built / "notebooks").glob("*.html")}
    assert pages == {source.stem for source in notebooks.sources()}


def test_every_page_opens_from_the_disk_with_no_network(built: Path) -> None:
    require("browser", CHROMIUM is not None, "install Chromium")
    from playwright.sync_api import sync_playwright

    said: list[str] = []
    with sync_playwright() as running:
        flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
        browser = running.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith("http") and said.append(asked.url))
        for path in sorted(built.rglob("*.html")):
            page.goto(path.as_uri())
        page.goto((built / "index.html").as_uri())
        page.wait_for_url("**/docs/index.html")
        page.goto(f"{(built / 'search.html').as_uri()}?q=codebook")
        page.wait_for_selector("#search-results li")
        assert "07a" in page.inner_text("#search-results")
        browser.close()
    assert said == []
