"""claims [NAME ...]: run the protocols, or print the committed ledger."""

import argparse
import json
import sys
from pathlib import Path

import torch

from lecturelib import claims
from lecturelib.commands import readme


def main(argv: list[str]) -> int:
    """Exit status 0; 1 where a re-run's verdict differs from the ledger; 2 bad usage."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib claims", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="without one: all")
    parser.add_argument("--list", action="store_true", help="print the committed ledger")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as well")
    parser.add_argument("--commit", action="store_true", help="put the rows into the ledger")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    try:
        names = [claims.card(name).name for name in args.names or claims.NAMES]
        committed = {row["name"]: row for row in claims.ledger()}
        if args.list:
            rows = [committed[name] for name in names if name in committed]
        else:
            rows = [claims.measure(name, args.seeds) for name in names]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(rows))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf8")
    if args.commit:
        claims.commit(rows)
        readme.write("claims", table(claims.ledger()))
    changed = [
        row["name"] for row in rows if row["verdict"] != committed.get(row["name"], row)["verdict"]
    ]
    if changed:
        print(f"verdict differs from the ledger: {', '.join(changed)}", file=sys.stderr)
    return 1 if changed and not args.commit else 0


def table(rows: list[dict]) -> str:
    """Markdown: claim, the paper's number, ours, verdict."""
    lines = ["| claim | paper | ours (95 % interval, seeds) | verdict |", "|---|---|---|---|"]
    lines += [
        f"| {row['statement']} | {row['paper_number']} | {row['ours']:+.3g} "
        f"[{row['interval'][0]:+.3g}, {row['interval'][1]:+.3g}], {row['seeds']} seeds; "
        f"{row['unit']} | **{row['verdict']}** |"
        for row in rows
    ]
    return "\n".join(lines)
