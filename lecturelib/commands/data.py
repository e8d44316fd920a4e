"""python -m lecturelib data: list the data sets, fetch them, verify what is here."""

import argparse
import sys

from lecturelib.data import registry
from lecturelib.data.registry import CARDS
from lecturelib.lecture import needs, route


def main(argv: list[str]) -> int:
    """Exit status 0: fine; 1: something is missing or wrong, and it was said; 2: bad usage."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib data", description=__doc__)
    parser.set_defaults(run=lambda _: show())
    actions = parser.add_subparsers(metavar="ACTION")
    getting = actions.add_parser("fetch", help="bring data sets here: NAME ..., or --all")
    getting.add_argument("names", nargs="*", metavar="NAME", help="e.g. fsdd, prompts, xquad.en")
    getting.add_argument("--all", action="store_true", help="all that is under 100 MB a file")
    getting.add_argument("--lecture", action="store_true", help="all that the lecture reads")
    getting.set_defaults(
        run=lambda args: lecture() if args.lecture else fetch(args.names, args.all)
    )
    actions.add_parser("verify", help="check the hash of all that is here").set_defaults(
        run=lambda _: verify()
    )
    args = parser.parse_args(argv)
    return args.run(args)


def show() -> int:
    """A line for each file: name, size, whether it is here, what works offline, licence."""
    print(f"{'name':<29}{'MB':>7}  {'here':<5}{'without network':<18}licence")
    for card in CARDS.values():
        here = "yes" if _state(card.name) == "fine" else "no"
        offline = "works" if card.how == "package" else card.stand_in or "nothing"
        print(f"{card.name:<29}{card.size / 1e6:>7,.1f}  {here:<5}{offline:<18}{card.licence}")
    return 0


def fetch(names: list[str], everything: bool) -> int:
    """Fetch by name, or by data set ("prompts" means its five languages)."""
    unknown = [n for n in names if n not in {*CARDS, *(c.split(".")[0] for c in CARDS)}]
    if unknown or not (names or everything):
        wrong = f"no data set is called {', '.join(unknown)}" if unknown else "name a data set"
        print(f"{wrong}: choose of {', '.join(CARDS)}, or --all", file=sys.stderr)
        return 2
    small = {c.name for c in CARDS.values() if everything and c.size < 100_000_000}
    wanted = [c for c in CARDS if c in small or c in names or c.split(".")[0] in names]
    return max(_fetch_one(name) for name in wanted)


def lecture() -> int:
    """Fetch what the route's notebooks read, models too; say what is missing for a hall offline."""
    notebooks = {stop.notebook for stop in route.read()}
    bad = [name for name in needs.cards(notebooks) if _fetch_one(name) or _state(name) != "fine"]
    bad += [name for name in needs.models(notebooks) if _model_missing(name)]
    found = f"missing: {', '.join(bad)}" if bad else "complete: it runs without a network"
    print(f"The lecture is {found}")
    return int(bool(bad))


def verify() -> int:
    """Check the hash of every file that is here; what is not here is no finding."""
    states = {name: _state(name) for name in CARDS}
    for name, state in states.items():
        print(f"{name:<29}{state}")
    return int(any(state not in ("fine", "not here") for state in states.values()))


def _fetch_one(name: str) -> int:
    try:
        path = registry.fetch(name)
    except (registry.Unavailable, ValueError, OSError) as error:
        print(f"{name}: {error}")
        return 1
    print(f"{name}: {path}")
    return 0


def _model_missing(name: str) -> bool:
    from lecturelib.published import load  # torch: only who asks for models waits for it

    try:
        load(name)
    except (OSError, ValueError) as error:
        print(f"{name}: {error}")
        return True
    print(f"{name}: loads")
    return False


def _state(name: str) -> str:
    try:
        return "fine" if registry.find(name) else "not here"
    except ValueError as error:
        return str(error)
