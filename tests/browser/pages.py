"""What tests do with a page: run code in its kernel, read the picture, time a key."""

from collections.abc import Callable

KERNEL = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
# Two frames: what was asked for is laid out and painted.
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# From a key press to the first frame in which the map looks different, in milliseconds.
WATCH = """(selector) => {
  const canvas = document.querySelector(selector);
  const pen = new OffscreenCanvas(192, 108).getContext("2d", { willReadFrequently: true });
  const look = () => {
    pen.clearRect(0, 0, 192, 108);
    pen.drawImage(canvas, 0, 0, 192, 108);
    return pen.getImageData(0, 0, 192, 108).data.join();
  };
  const before = look();
  window.changed = new Promise((done, fail) => {
    setTimeout(() => fail(new Error("the picture did not change within 5 s")), 5000);
    const pressed = (event) => {
      const poll = () => {
        if (look() === before) return requestAnimationFrame(() => setTimeout(poll));
        done(performance.now() - event.timeStamp);
      };
      requestAnimationFrame(() => setTimeout(poll));
    };
    addEventListener("keydown", pressed, { capture: true, once: true });
  });
}"""


# A click on the table's line, until the page has heard that the table is open (or closed).
TOGGLE = """(summary) => new Promise((done) => {
  const heard = () => requestAnimationFrame(() => setTimeout(done));
  summary.parentElement.addEventListener("toggle", heard, { once: true });
  summary.click();
})"""


LIVE = "document.querySelector('.ll-live').textContent"


def wait_for(page, words: str) -> None:
    """Until the live text, which a screen reader would speak, has these words."""
    page.wait_for_function(f"(words) => {LIVE}.includes(words)", arg=words)


def notebook(code: str) -> dict:
    cell = {"cell_type": "code", "id": "explorer", "metadata": {}, "source": code}
    cell |= {"execution_count": None, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def in_kernel(page, code: str) -> None:
    """Run code in the page's kernel, as a student would in the next cell.

    A widget holds its last change back while an earlier one is under way, and would send it after
    the code: so something empty runs first, and what was held back goes before the code.
    """
    for line in ("pass", code):
        run = f"async (code) => {{ await {KERNEL}.requestExecute({{ code }}).done; }}"
        page.evaluate(run, line)


def settle(page) -> None:
    """Until all that was under way between page and kernel has been answered and drawn."""
    in_kernel(page, "pass")
    page.evaluate(SETTLED)


def pixels(page, selector: str = ".ll-picture canvas") -> str:
    """What is drawn, to be compared; waits until everything asked for has been drawn."""
    settle(page)
    return page.locator(selector).evaluate("(canvas) => canvas.toDataURL()")


def reaction(page, key: str, selector: str = ".ll-picture canvas") -> float:
    """Milliseconds from a key press to a changed picture, when all before is answered and drawn.

    Else two changes that undo each other could be sent as one, and nothing would change.
    """
    settle(page)
    page.evaluate(WATCH, selector)
    page.keyboard.press(key)
    return page.evaluate("window.changed")


def silenced(page):
    """The page; what it plays is noted in window.heard, since it has no loudspeakers."""
    page.evaluate("""HTMLMediaElement.prototype.play = function () {
      window.heard = this;
      return Promise.resolve();
    }""")
    return page


def toggle_table(page) -> None:
    """Open or close "The same as a table"; its rows are new when this returns."""
    page.get_by_text("The same as a table").evaluate(TOGGLE)


def until(page, read: Callable[[], object], expected: object) -> None:
    """Read again until it is what is expected; after 5 s the difference is shown."""
    for _ in range(100):
        if read() == expected:
            return
        page.wait_for_timeout(50)
    assert read() == expected
