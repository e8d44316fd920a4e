"""The lecture as one figure: a box for each system, in slide order, each opens its section.

It is plain HTML with real links: keyboard, screen readers, an export and Colab need nothing else.
"""

from html import escape

from lecturelib.commands.notebooks import minutes
from lecturelib.course.page import Link, Page, another_tab, table
from lecturelib.course.places import address
from lecturelib.course.slides import Slide, named, slides
from lecturelib.course.systems import ROLES, SYSTEMS, TRANSFORMER, System

# Each colour carries white letters (at least 5:1); everything else takes the theme's own.
COLOURS = {"front_end": "#00629B", "hidden": "#6A3D9A", "encoder": "#A04000", "target": "#1B6B3A"}
# In the elements themselves: JupyterLab takes <style> out of a notebook that was not run yet.
MAP = "display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 4px"
STEP = "display: flex; flex: 1 1 310px; align-items: center; margin: 0 0 14px 0"
BOX = (
    "display: block; flex: 1 1 0; align-self: stretch; padding: 8px 10px; "
    "border: 2px solid; border-radius: 8px; text-decoration: none"
)
NAME = "display: block; font-size: 22px; font-weight: bold"
ABOUT = "display: block; margin: 0 0 6px 0"
LINE = "display: flex; margin: 3px 0 0 0; align-items: flex-start"
ROLE = "flex: 0 0 76px; color: #ffffff; border-radius: 4px; padding: 0 6px; background-color: "
WHAT = "flex: 1 1 0; border-radius: 4px; padding: 0 6px"
ARROW = "flex: 0 0 26px; text-align: center; font-size: 24px"
STYLE = """<style>
.ll-map a:hover { box-shadow: 0 0 0 3px currentColor; }
.ll-map summary { margin: .8em 0 .4em; cursor: pointer; }
</style>"""


def facts(system: System, every: list[Slide]) -> str:
    """Its notebook, measured minutes, and slides."""
    name = system.place.notebook
    took = minutes().get(name)
    measured = f"{took:g} min" if took is not None else "not yet measured"
    return f"notebook {name.split('_')[0]} · {measured} · {named(system.on(every))}"


def box(system: System, every: list[Slide]) -> str:
    """One system: its name, the facts, and the lecture's sentence; all of it is the link."""
    about = facts(system, every)
    sentence = {name: getattr(system, role) for role, name in ROLES.items()}
    said = "; ".join(f"{name}: {what}" for name, what in sentence.items())
    spoken = escape(f"{system.name}, {about}. {said}")
    lines = "".join(line(role, getattr(system, role)) for role in ROLES)
    return (
        f'<a href="{escape(address(system.place))}" aria-label="{spoken}" style="{BOX}"'
        f"{another_tab(system.place)}>"
        f'<span style="{NAME}">{escape(system.name)}</span>'
        f'<span style="{ABOUT}">{escape(about)}</span>{lines}</a>'
    )


def line(role: str, what: str) -> str:
    """One part of the sentence; the one encoder of all fills its line."""
    filled = f"; color: #ffffff; background-color: {COLOURS[role]}"
    style = WHAT + filled * (role == "encoder" and what.startswith(TRANSFORMER))
    return (
        f'<span style="{LINE}"><span style="{ROLE}{COLOURS[role]}">{ROLES[role]}</span>'
        f'<span style="{style}">{escape(what)}</span></span>'
    )


def lecture_map() -> Page:
    """The map; below it, folded, the same as a table."""
    every = slides()
    rows = [
        [
            Link(system.name, system.place),
            *(getattr(system, role) for role in ROLES),
            facts(system, every),
        ]
        for system in SYSTEMS
    ]
    same = table(("system", *ROLES.values(), "where"), rows)
    arrow = f'<span style="{ARROW}" aria-hidden="true">→</span>'
    boxes = [box(system, every) for system in SYSTEMS]
    steps = "".join(f'<li style="{STEP}">{one}{arrow}</li>' for one in boxes[:-1])
    last = f'<li style="{STEP}; padding: 0 26px 0 0">{boxes[-1]}</li>'
    return Page(
        f'{STYLE}<nav class="ll-map" aria-label="map of the lecture">'
        f'<ol style="{MAP}">{steps}{last}</ol>'
        f"<details><summary>The same as a table</summary>{same.html}</details></nav>",
        same.markdown,
    )
