"""pretrain RECIPE: a run folder that resumes exactly, and a small checkpoint to ship.

Alone, or on several processes: torchrun -m lecturelib pretrain ..., accelerate launch -m ...
"""

import argparse
import json
import platform
import re
import shlex
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import torch

from lecturelib import pretraining
from lecturelib.commands.progress import Told, write_curves
from lecturelib.data.registry import Unavailable
from lecturelib.paths import BUILD, CHECKPOINTS
from lecturelib.training import checkpoint, runtime
from lecturelib.training.loop import History


def main(argv: list[str]) -> int:
    """Train, or go on where it stopped; exit status 1 when it did not come to its end."""
    args = arguments(argv)
    torch.set_num_threads(args.threads)
    name = checkpoint_name(args.recipe, args.data)
    folder = args.out or BUILD / "pretrain" / f"{name}-{args.pace}"
    if args.parts < 1:
        return leave(f"--parts {args.parts}: 1 or more", 2)
    try:
        job = with_switches(pretraining.build(args.recipe, args.data, args.pace), args)
        loop = begin(job, folder, argv)
    except (ValueError, Unavailable) as error:
        return leave(str(error), 2)
    except OSError as error:
        return leave(str(error), 1)
    try:
        history = finish(loop, job, folder, argv)
    except OSError as error:  # a full disk: the last state is whole
        return leave(f"{error}; then the same command goes on from the last save", 1)
    if why := ended(history):
        return leave(why, 1)
    if args.ship and runtime.is_main():
        checkpoint.export(
            CHECKPOINTS / f"{name}.safetensors", job.ship, metadata(job, history, argv)
        )
    return leave("", 0)


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m lecturelib pretrain", description=(__doc__ or "").splitlines()[0]
    )
    say = parser.add_argument
    say("recipe", choices=pretraining.NAMES)
    say("--data", default="", help="data set, sound:FOLDER, pictures:FOLDER or text:FILE")
    say("--pace", choices=runtime.PACES, default="quick")
    say("--out", type=Path, help="run folder, build/pretrain/RECIPE_DATA-PACE without it")
    say("--ship", action="store_true", help="put the result into data/checkpoints")
    say("--threads", type=int, default=1, help="CPU threads (default 1)")
    say("--parts", type=int, default=1, help="cut each batch into so many (less memory)")
    say(
        "--bf16",
        action=argparse.BooleanOptionalAction,
        help="without it: at full pace, where the machine has bfloat16",
    )
    say("--watch", action=argparse.BooleanOptionalAction, default=True, help="stop on a collapse")
    return parser.parse_args(argv)


def with_switches(job: pretraining.Trainable, args: argparse.Namespace) -> pretraining.Trainable:
    """The job with --bf16, --parts and --no-watch; word2vec has a loop without them."""
    if not isinstance(job, pretraining.Job):
        return job
    by_itself = args.pace == "full" and runtime.has_bf16()
    bf16 = by_itself if args.bf16 is None else args.bf16
    plan = replace(job.plan, bf16=bf16, parts=args.parts)
    return replace(job, plan=plan, watch=job.watch if args.watch else None)


def checkpoint_name(recipe: str, data: str) -> str:
    """RECIPE_DATA, or RECIPE alone where both are called the same."""
    plain = re.sub(r"[^\w.-]+", "-", data or pretraining.data_of(recipe))
    return "_".join(dict.fromkeys([recipe, plain]))


def run(job: pretraining.Trainable, folder: Path, argv: list[str]) -> History:
    """Train the job inside `folder`: config.json, state, curves, weights."""
    return finish(begin(job, folder, argv), job, folder, argv)


def begin(job: pretraining.Trainable, folder: Path, argv: list[str]) -> pretraining.Loop:
    """Make or find the run folder. ValueError where its state is of another plan or data."""
    folder.mkdir(parents=True, exist_ok=True)
    log = not sys.stderr.isatty()
    told = None if runtime.quiet() or not runtime.is_main() else Told(job.plan, every=60 * log)
    loop = job.trainer(folder / "state.safetensors", "" if log else folder.name, told)
    if runtime.is_main():
        for kind in (".*.safetensors.*", ".tmp*"):  # ours, safetensors' own: left by a kill
            for rubbish in folder.glob(kind):
                rubbish.unlink(missing_ok=True)
        config = json.dumps(settings(job, argv), indent=1) + "\n"
        checkpoint.put_whole(folder / "config.json", config.encode())
    return loop


def finish(
    loop: pretraining.Loop, job: pretraining.Trainable, folder: Path, argv: list[str]
) -> History:
    """Train to the end, or until it makes no sense; curves and weights so far are kept."""
    history = loop.history
    try:
        loop.run()
    except ValueError as error:  # the loss is no number; a batch that does not split
        history.stopped = str(error)
    if runtime.is_main() and history.rows:
        write_curves(folder, history)
        if not history.interrupted:
            checkpoint.export(folder / "model.safetensors", job.ship, metadata(job, history, argv))
    return history


def ended(history: History) -> str:
    """Why the run is not at its end, or ""."""
    if history.interrupted:
        steps = len(history.rows)
        return f"stopped at step {steps}: the same command goes on from the last save"
    return f"stopped: {history.stopped}" if history.stopped else ""


def leave(why: str, status: int) -> int:
    """Say why, once, and let the other processes go."""
    if why and runtime.is_main():
        print(why, file=sys.stderr)
    runtime.stop()
    return status


def metadata(job: pretraining.Trainable, history: History, argv: list[str]) -> dict:
    """What is needed to use and to repeat it: vocabulary, command, plan, data, versions, curve."""
    last = history.rows[-1]
    return settings(job, argv) | {
        "curve": thin(history),
        "vocabulary": list(job.vocabulary),
        "last": last,
        "minutes": round(sum(row["seconds"] for row in history.rows) / 60, 2),
        "stopped": history.stopped,
    }


def settings(job: pretraining.Trainable, argv: list[str]) -> dict:
    """What is known before the first step."""
    packages = {name: version(name) for name in ("lecturelib", "accelerate")}
    return {
        "command": f"python -m lecturelib pretrain {shlex.join(argv)}",
        "plan": job.plan.as_json(),
        "device": runtime.device_name(),
        "processes": runtime.processes(),
        **job.facts,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            **packages,
        },
    }


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
