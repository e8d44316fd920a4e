"""pretrain RECIPE: a run folder that resumes exactly, and a small checkpoint to ship."""

import argparse
import csv
import json
import platform
import shlex
import sys
from pathlib import Path

import torch

from lecturelib import pretraining
from lecturelib.paths import BUILD, CHECKPOINTS
from lecturelib.training import checkpoint, runtime
from lecturelib.training.loop import History
from lecturelib.viz.figures import curves


def main(argv: list[str]) -> int:
    """Train, or go on where it stopped; exit status 1 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib pretrain", description=__doc__)
    parser.add_argument("recipe", choices=pretraining.NAMES)
    parser.add_argument("--data", default="", help="data set; without it the recipe's first")
    parser.add_argument("--pace", choices=runtime.PACES, default="quick")
    parser.add_argument(
        "--out", type=Path, help="run folder, build/pretrain/RECIPE_DATA-PACE without it"
    )
    parser.add_argument("--ship", action="store_true", help="put the result into data/checkpoints")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    try:
        job = pretraining.build(args.recipe, args.data, args.pace)
        name = checkpoint_name(args.recipe, args.data)
        folder = args.out or BUILD / "pretrain" / f"{name}-{args.pace}"
        history = run(job, folder, argv)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if history.interrupted:
        print(f"stopped at step {len(history.rows)}: the same command goes on from the last save")
        return 1
    if args.ship:
        checkpoint.export(
            CHECKPOINTS / f"{name}.safetensors", job.ship, metadata(job, history, argv)
        )
    return 0


def checkpoint_name(recipe: str, data: str) -> str:
    """RECIPE_DATA, or RECIPE alone where both are called the same."""
    return "_".join(dict.fromkeys([recipe, data or pretraining.data_of(recipe)]))


def run(job: pretraining.Trainable, folder: Path, argv: list[str]) -> History:
    """Train the job inside `folder`: config.json, state, curves, weights."""
    folder.mkdir(parents=True, exist_ok=True)
    trainer = job.trainer(folder / "state.safetensors", folder.name)
    if runtime.is_main():
        write_config(folder / "config.json", job, argv)
    history = trainer.run()
    if runtime.is_main() and history.rows:
        write_curves(folder, history)
        if not history.interrupted:
            checkpoint.export(folder / "model.safetensors", job.ship, metadata(job, history, argv))
    return history


def metadata(job: pretraining.Trainable, history: History, argv: list[str]) -> dict:
    """What is needed to use and to repeat it: vocabulary, command, plan, data, versions, curve."""
    last = history.rows[-1]
    return settings(job, argv) | {
        "curve": thin(history),
        "vocabulary": list(job.vocabulary),
        "last": last,
        "minutes": round(sum(row["seconds"] for row in history.rows) / 60, 2),
    }


def settings(job: pretraining.Trainable, argv: list[str]) -> dict:
    """What is known before the first step."""
    return {
        "command": f"python -m lecturelib pretrain {shlex.join(argv)}",
        "plan": job.plan.as_json(),
        "device": runtime.device_name(),
        **job.facts,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }


def write_config(path: Path, job: pretraining.Trainable, argv: list[str]) -> None:
    """config.json of the run folder."""
    path.write_text(json.dumps(settings(job, argv), indent=1) + "\n", encoding="utf8")


def thin(history: History, points: int = 60) -> dict[str, list]:
    """The curves with at most 60 points each, to travel with a checkpoint."""
    names = {name for row in history.rows for name in row} - {"step", "seconds"}
    kept = {}
    for name in sorted(names):
        steps, values = history.column(name)
        every = max(1, len(steps) // points)
        kept[name] = [
            [s, round(v, 5)] for s, v in zip(steps[::every], values[::every], strict=True)
        ]
    return kept


def write_curves(folder: Path, history: History) -> None:
    """curves.csv and curves.png; the use of single codes ("use 0 17") is in the table only."""
    names = list(dict.fromkeys(name for row in history.rows for name in row))
    with open(folder / "curves.csv", "w", newline="", encoding="utf8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(history.rows)
    drawn = [n for n in names if n not in ("step", "seconds") and not n.startswith("use ")]
    curves(history.rows, drawn).savefig(folder / "curves.png", dpi=120)
