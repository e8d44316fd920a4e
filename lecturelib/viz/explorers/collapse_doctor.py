"""100 % accuracy, and it is dead: a run that looks perfect, what the log hides, and the doctor."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from lecturelib.adapt.diagnosis import FINGERPRINTS, NEEDED, diagnose
from lecturelib.viz.explorers.stage import CLASS_COLOURS, WRONG, front_end, mimebundle

ACTS = ("race", "curtain", "doctor")
SWITCHES = {
    "diversity": "diversity penalty",
    "noise": "Gumbel noise",
    "schedule": "temperature schedule",
}

Row: TypeAlias = Mapping[str, float | int]
Train: TypeAlias = Callable[[dict[str, bool]], Iterator[tuple[Row, ndarray]]]


@dataclass(frozen=True)
class Run:
    """A training, recorded.

    rows       step, loss (contrastive, nats a frame), accuracy and tie_accuracy (0-1),
               hard_perplexity, soft_perplexity (summed over groups), a snapshot each
    use        [snapshots, groups, codes] how often each code is chosen, as counts or shares
    negatives  K: a coin of 1 + K sides is right as often as a dead model

    Raises ValueError on numbers that are missing or not finite, and on sizes that disagree.
    """

    name: str
    rows: Sequence[Row]
    use: Shaped[ndarray, "..."]  # checked below, in words that say what to do
    negatives: int = 50

    def __post_init__(self) -> None:
        size = list(self.use.shape)
        if self.use.ndim != 3 or 0 in size or size[0] != len(self.rows):
            rows = f"[{len(self.rows)}, groups, codes], one snapshot a row"
            raise ValueError(f"use of {self.name} is {size}: it must be {rows}")
        for row in self.rows:
            if missing := [name for name in ("step", *NEEDED) if name not in row]:
                raise ValueError(f"a row of {self.name} has no {', '.join(missing)}")
            if bad := [name for name in NEEDED if not np.isfinite(row[name])]:
                raise ValueError(f"{', '.join(bad)} of {self.name} is not finite: end it there")
        if not np.isfinite(self.use).all() or (self.use < 0).any() or not self.use.sum(-1).all():
            raise ValueError(f"use of {self.name} must count at least one frame in each group")

    def shade(self) -> Float[ndarray, "snapshots groups codes"]:
        """0-1: half for a code's fair share, all for four times as much."""
        share = self.use / self.use.sum(-1, keepdims=True)
        return np.minimum(1, np.sqrt(share * self.use.shape[2]) / 2)

    def found(self) -> list[str]:
        """The doctor's word for each row."""
        _, groups, codes = self.use.shape
        size = {"groups": groups, "codes": codes, "negatives": self.negatives}
        return [diagnose(row, **size) for row in self.rows]

    def last(self) -> str:
        """The last row in words."""
        row, (_, groups, codes) = self.rows[-1], self.use.shape
        accuracies = (
            f"accuracy {percent(row['accuracy'])}, tie-split {percent(row['tie_accuracy'])}"
        )
        perplexity = f"perplexity {row['hard_perplexity']:.1f} of {groups * codes}"
        return f"loss {row['loss']:.2f}, {accuracies}, {perplexity}: {self.found()[-1]}"


def run_of(name: str, told: Iterable[tuple[Row, Any]]) -> Run:
    """A run from what `train` gives: each row of the log, and the use of the codes then."""
    rows, use = zip(*told, strict=True)
    return Run(name, rows, np.stack([np.asarray(one) for one in use]))


class CollapseDoctor(anywidget.AnyWidget):
    """The explorer, made by `collapse_doctor`. Set `act`, `at` (percent of a run) or `settings`."""

    _esm, _css = front_end("heat", "collapse_doctor_picture", "collapse_doctor")
    about = traitlets.Dict().tag(sync=True)  # the fingerprints, the switches
    runs = traitlets.List(traitlets.Dict()).tag(sync=True)  # `for_browser` of each; the live last
    act = traitlets.Enum(ACTS, ACTS[0]).tag(sync=True)
    at = traitlets.Int(0, min=0, max=100).tag(sync=True)
    settings = traitlets.Dict(traitlets.Bool()).tag(sync=True)  # of SWITCHES
    busy = traitlets.Bool(False).tag(sync=True)  # a run is being trained
    trouble = traitlets.Unicode().tag(sync=True)  # why it ended early
    recorded = traitlets.List()
    live = traitlets.Any(None, allow_none=True)  # a Run
    train = traitlets.Any(None, allow_none=True)  # settings -> rows with their use, as they come

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._asked)

    def _asked(self, _: Any, asked: dict[str, Any], __: list) -> None:
        """The browser's switches travel with its wish: a change of state may come later."""
        self.settings = asked["train"]
        self.learn()

    @traitlets.validate("settings")
    def _check_settings(self, proposal: Any) -> dict[str, bool]:
        if set(proposal["value"]) != set(SWITCHES):
            raise ValueError(f"settings={proposal['value']}: set each of {', '.join(SWITCHES)}")
        return proposal["value"]

    def learn(self) -> None:
        """Train one more run with the switches as they are; each row is shown when it comes."""
        if self.train is None:
            raise ValueError("nothing to train: give collapse_doctor a train")
        self.busy, self.act, self.trouble = True, "curtain", ""
        rows, use = [], []
        off = [name for key, name in SWITCHES.items() if not self.settings[key]]
        name = f"Live, without {' and '.join(off)}" if off else "Live, as in the paper"
        try:
            for row, counts in self.train(dict(self.settings)):
                rows.append(row)
                use.append(counts)
                self.live = Run(name, list(rows), np.stack(use), self.recorded[0].negatives)
                self.runs = [for_browser(run) for run in self.all()]
        except ValueError as error:
            self.trouble = str(error)
        finally:
            self.busy = False

    def all(self) -> list[Run]:
        """What was recorded, and what was trained here."""
        return [*self.recorded, *([self.live] if self.live else [])]

    def __repr__(self) -> str:
        return f"CollapseDoctor({'; '.join(f'{run.name}: {run.last()}' for run in self.all())})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, doctor_figure(self.all()))


def collapse_doctor(runs: Sequence[Run], train: Train | None = None) -> CollapseDoctor:
    """First only loss and accuracy of the first run; then the curtain; then the doctor.

    runs   the sick one first; the others play beside it once the curtain is up
    train  settings -> (row, use [groups, codes]) again and again, for a run trained here; settings:
           "diversity", "noise", "schedule", each on or off. None: there is nothing to train

    Raises ValueError without a run.
    """
    if not runs:
        raise ValueError("no runs: give a sick one first, and a healthy one to compare")
    about = {"fingerprints": {name: list(one) for name, one in FINGERPRINTS.items()}}
    about |= {"switches": SWITCHES, "trains": train is not None}
    shown = [for_browser(run) for run in runs]
    on = dict.fromkeys(SWITCHES, True)
    return CollapseDoctor(about=about, runs=shown, settings=on, recorded=list(runs), train=train)


def for_browser(run: Run) -> dict[str, Any]:
    """A run's numbers as columns; the shades of its codes as bytes."""
    columns = {name: [float(row[name]) for row in run.rows] for name in NEEDED}
    return {
        "name": run.name,
        "step": [int(row["step"]) for row in run.rows],
        **columns,
        "size": list(run.use.shape),
        "shade": np.rint(255 * run.shade()).astype(np.uint8).tobytes(),
        "chance": 1 / (1 + run.negatives),
        "found": run.found(),
    }


def percent(share: float | int) -> str:
    """One decimal: chance is 2.0 %."""
    return f"{100 * share:.1f} %"


def doctor_figure(runs: Sequence[Run]) -> Figure:
    """A column a run: both accuracies over training, and below them which codes are chosen."""
    figure = Figure(figsize=(6 * len(runs), 5.6), dpi=90, layout="constrained")
    axes = figure.subplots(2, len(runs), squeeze=False, height_ratios=[1, 1.2])
    for run, (above, below) in zip(runs, axes.T, strict=True):
        _draw_accuracies(above, run)
        shade = run.shade().reshape(len(run.rows), -1).T
        below.imshow(shade, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="none")
        for group in range(1, run.use.shape[1]):
            below.axhline(group * run.use.shape[2] - 0.5, color="black", linewidth=1)
        steps = [0, len(run.rows) - 1]
        below.set_xticks(steps, [f"step {run.rows[at]['step']:,}" for at in steps])
        below.set(yticks=[], ylabel="codes; dark: chosen often")
        words = run.last().replace(", perplexity", ",\nperplexity")
        above.set_title(f"{run.name}\n{words}", fontsize=13)
    return figure


def _draw_accuracies(axis: Axes, run: Run) -> None:
    steps = [row["step"] for row in run.rows]
    looks = {"accuracy": ("black", "--"), "tie_accuracy": (CLASS_COLOURS[0], "-")}
    for name, (colour, style) in looks.items():
        values = [100 * row[name] for row in run.rows]
        axis.plot(
            steps, values, style, color=colour, linewidth=3, label=name.replace("_", "-split ")
        )
    chance = 100 / (1 + run.negatives)
    axis.axhline(chance, color=WRONG, linestyle=":", linewidth=2, label=f"chance {chance:.1f} %")
    axis.set(ylim=(0, 104), ylabel="%")
    axis.legend(fontsize=11, loc="best")
