"""What all explorers promise, looked at on each one's page while it is open anyway.

`audit(page)` gives what a hall, a keyboard or a screen reader would stumble over, a line each.
"""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import SETTLED

SMALLEST = 16  # CSS pixels of type on a projector of 1920 x 1080: a 67th of its height
GRAVE = ("serious", "critical")
THEME = "(name) => jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
IS_LIGHT = "(is) => document.body.dataset.jpThemeLight === is"
TABLE = ".ll-stage .ll-details"
# JupyterLab's body is 0 pixels high and cuts what is over: axe would take all text for hidden.
UNCUT = "body { overflow: visible !important; }"
# From now on, the smallest type that is written on a canvas, in CSS pixels, and what it says.
LISTEN = """() => {
  const fill = (window.fillBefore = CanvasRenderingContext2D.prototype.fillText);
  window.smallest = [Infinity, ""];
  CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
    const { a, b } = this.getTransform();
    const scale = Math.hypot(a, b) / devicePixelRatio;
    const size = scale * parseFloat(this.font.match(/([\\d.]+)px/)[1]);
    if (String(text).trim() && size < window.smallest[0]) window.smallest = [size, String(text)];
    return fill.call(this, text, ...where);
  };
}"""
UNLISTEN = """() => {
  CanvasRenderingContext2D.prototype.fillText = window.fillBefore;
  return window.smallest;
}"""
# What a wall of 1920 x 1080 does not show, and text that is smaller than the last row can read.
ON_THE_WALL = """(smallest) => {
  const root = document.fullscreenElement;
  const found = [];
  const [wide, high] = [root.scrollWidth - innerWidth, root.scrollHeight - innerHeight];
  if (wide > 0 || high > 0) {
    const isOut = (one) => {
      const { right, bottom } = one.getBoundingClientRect();
      return right > innerWidth || bottom > innerHeight;
    };
    const last = [...root.querySelectorAll("*")].findLast(isOut);
    found.push(`${wide} x ${high} pixels lie outside, of ${last?.outerHTML.slice(0, 80)}`);
  }
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const box = node.parentElement;
    if (!node.data.trim() || seen.has(box) || box.closest(".ll-live, option, script")) continue;
    seen.add(box);
    const words = `"${node.data.trim().slice(0, 30)}"`;
    const size = parseFloat(getComputedStyle(box).fontSize);
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, top, bottom, width } = range.getBoundingClientRect();
    if (!width || !box.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      continue;
    if (size < smallest) found.push(`${words} is ${size.toFixed(1)} px high`);
    const isOutside = left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1;
    if (isOutside) found.push(`${words} lies outside`);
    for (let over = box; over !== root; over = over.parentElement) {
      if (getComputedStyle(over).overflow === "visible") continue;
      if (over.scrollWidth > over.clientWidth + 1 && over.clientWidth)
        found.push(`${words} is cut by ${over.className || over.tagName}`);
    }
  }
  return [...new Set(found)];
}"""
# Everything that Tab must reach; a group of radio buttons is one stop.
STOPS = """() => {
  const all = document.querySelectorAll(".ll-stage :is(a, button, input, summary, canvas, "
    + "select, textarea, audio[controls], [tabindex])");
  window.stops = [...all].filter((one) => {
    const isOther = one.type === "radio" && !one.checked;
    return one.tabIndex >= 0 && !one.disabled && !isOther && one.checkVisibility();
  });
  window.reached = new Set();
  window.stops[0].focus();
  return window.stops.length;
}"""
NAME = """(one) => one.className + " " + (one.ariaLabel || one.textContent || one.type)"""
# Notes where the focus is; says so where it cannot be seen.
REACH = """() => {
  const one = document.activeElement;
  if (!window.stops.includes(one)) return null;
  window.reached.add(one);
  const rings = [one, one.parentElement].map((node) => getComputedStyle(node));
  const isSeen = rings.some((r) => r.outlineStyle !== "none" && parseFloat(r.outlineWidth) >= 2);
  return isSeen ? null : `the focus cannot be seen on ${one.outerHTML.slice(0, 80)}`;
}"""
MISSED = """() => window.stops.filter((one) => !window.reached.has(one))
  .map((one) => `Tab does not reach ${one.outerHTML.slice(0, 80)}`)"""


def audit(page) -> list[str]:
    """Findings, the explorer's name first; the page is left as it was: light, table closed."""
    name = page.locator(".ll-stage").get_attribute("aria-label")
    page.add_style_tag(content=UNCUT)
    found = words(page) + table(page) + tab(page) + hall(page) + dark(page)
    return [f"{name}: {one}" for one in found]


def words(page) -> list[str]:
    """The live text speaks, and the help names the key of the full screen."""
    live, help_line = (page.locator(f".ll-{one}").text_content() for one in ("live", "help"))
    silent = [] if live.strip() else ["the live text is empty"]
    return silent + ([] if "F: full screen" in help_line else [f"no F in the help: {help_line}"])


def table(page) -> list[str]:
    """The table has rows, and nothing grave is found by axe while it stands open."""
    set_table(page, is_open=True)
    rows = page.locator(f"{TABLE} tr").count()
    found = [] if rows > 1 else [f"the table has {rows} rows"]
    found += grave(page)
    set_table(page, is_open=False)
    return found


def set_table(page, is_open: bool) -> None:
    page.locator(TABLE).evaluate("(one, is) => void (one.open = is)", is_open)
    page.evaluate(SETTLED)


def grave(page, **options: object) -> list[str]:
    """axe-core's serious and critical findings, each with the first element it names."""
    found = Axe().run(page, ".ll-stage", {"resultTypes": ["violations"], **options}).response
    return [
        f"axe: {one['help']}: {node['html'][:100]} {' '.join(node['failureSummary'].split())[:160]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"][:2]
    ]


def tab(page) -> list[str]:
    """Every control is reached by Tab, and shows that it has the focus."""
    found = []
    for _ in range(page.evaluate(STOPS)):
        found += [page.evaluate(REACH)]
        page.keyboard.press("Tab")
    return [one for one in found if one] + page.evaluate(MISSED)


def hall(page) -> list[str]:
    """F fills the screen, all of it fits and can be read, and F goes back."""
    page.locator(".ll-stage canvas[tabindex='0'], .ll-stage button").first.focus()
    page.evaluate(LISTEN)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.matches('.ll-stage')")
    page.evaluate(SETTLED)
    page.wait_for_timeout(100)
    found = page.evaluate(ON_THE_WALL, SMALLEST)
    size, text = page.evaluate(UNLISTEN)
    if size is not None and size < SMALLEST:
        found += [f'"{text}" is drawn {size:.1f} px high']
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
    return [f"full screen: {one}" for one in found]


def dark(page) -> list[str]:
    """The same contrast in JupyterLab's dark theme."""
    page.evaluate(THEME, "JupyterLab Dark")
    page.wait_for_function(IS_LIGHT, arg="false")
    page.evaluate(SETTLED)
    found = grave(page, runOnly=["color-contrast"])
    page.evaluate(THEME, "JupyterLab Light")
    page.wait_for_function(IS_LIGHT, arg="true")
    page.evaluate(SETTLED)
    return [f"dark: {one}" for one in found]
