"""The audit of family.py finds what is wrong: a stage with one fault of each kind."""

from collections.abc import Callable

import pytest

from tests.browser.pages import SETTLED

FAULTY = """
<body data-jp-theme-light="true">
<section class="ll-stage" aria-label="Faulty" style="overflow: auto; background: white">
  <style>.blind:focus { outline: none }</style>
  <button style="color: #bbb; background: #fff">faint</button>
  <button class="blind">no ring</button>
  <input type="range">
  <canvas tabindex="0" aria-label="map" width="300" height="150"></canvas>
  <p style="font-size: 9px">tiny</p>
  <p style="width: 3000px; text-align: right">wide</p>
  <details class="ll-details"><summary>Table</summary>
    <table><tr><th>only a heading</th></tr></table>
  </details>
  <p class="ll-help">Space: play</p><p class="ll-live" role="status"></p>
</section>
<script>
  const root = document.querySelector(".ll-stage");
  const draw = () => document.querySelector("canvas").getContext("2d").fillText("dot", 9, 9);
  root.addEventListener("keydown", ({ key }) => {
    if (key !== "f") return;
    if (document.fullscreenElement) return document.exitFullscreen();
    root.requestFullscreen().then(draw);
  });
  // Tab never gets behind the map.
  document.querySelector("canvas").addEventListener("keydown", (event) => {
    if (event.key === "Tab") event.preventDefault();
  });
</script>
"""
FOUND = {
    "words": ["the live text is empty", "no F in the help: Space: play"],
    "table": ["the table has 1 rows", "minimum color contrast", "Form elements must have labels"],
    "tab": ["the focus cannot be seen on <button class", "Tab does not reach <summary>"],
    "hall": [
        "lie outside",
        '"tiny" is 9.0 px high',
        '"wide" lies outside',
        '"dot" is drawn 10.0 px',
    ],
}


@pytest.fixture(scope="module")
def faulty(new_page: Callable):
    page = new_page()
    page.set_content(FAULTY)
    page.evaluate(SETTLED)
    yield page
    page.close()


@pytest.mark.parametrize("look", FOUND)
def test_every_fault_is_found(faulty, look: str) -> None:
    from tests.browser import family  # needs playwright, which `new_page` has asked for

    found = "\n".join(getattr(family, look)(faulty))
    assert [one for one in FOUND[look] if one not in found] == [], found
