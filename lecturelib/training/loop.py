"""One loop for every notebook: draw a batch, ask the objective, step, tell whoever listens."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from tqdm.auto import tqdm

from lecturelib.data.batch import Batch
from lecturelib.data.unread import Unread
from lecturelib.objectives import Objective
from lecturelib.training import checkpoint, runtime
from lecturelib.training.schedule import Schedule, cosine

Draw = Callable[[torch.Generator], Batch | Unread]
Row = dict[str, float | int]


@dataclass(frozen=True)
class Plan:
    """How to train. `save_every` and `measure_every` count steps; 0: only at the end.

    parts  into which a step's batch is cut, one after another (gradient accumulation: less memory)
           or side by side on several processes; the step is that of the whole batch
    """

    steps: int
    lr: float
    schedule: Schedule = cosine
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 1.0
    bf16: bool = False
    seed: int = 0
    save_every: int = 0
    measure_every: int = 0
    parts: int = 1

    def as_json(self) -> dict:
        """Plain values, for a checkpoint's metadata."""
        return asdict(self) | {"schedule": self.schedule.__name__, "betas": list(self.betas)}


@dataclass
class History:
    """What happened: one row a step; whether somebody pressed stop; why it ended early, or ""."""

    rows: list[Row] = field(default_factory=list)
    interrupted: bool = False
    stopped: str = ""

    def column(self, name: str) -> tuple[list[int], list[float]]:
        """(steps, values) of one curve, where it was measured."""
        found = [(int(row["step"]), float(row[name])) for row in self.rows if name in row]
        return [step for step, _ in found], [value for _, value in found]


@dataclass
class Trainer:
    """A run: the objective, its batches, the plan, and where to keep its state.

    objective  called as objective(batch, rng) -> Losses (summed, with a count)
    draw       draw(rng) -> Batch; all randomness comes from rng, so that a run can be resumed
    measure    called now and then; its numbers join that step's row (validation)
    on_step    called with each row: a live curve, an explorer
    state      file for exact resume; None keeps nothing
    label      what the bar is called; "" shows none
    watch      rows so far -> why training is over, or "" (see `watch.dead`)
    data       digest of the data: a state that saw other data is refused
    """

    objective: Objective
    draw: Draw
    plan: Plan
    measure: Callable[[], Row] | None = None
    on_step: Callable[[Row], None] | None = None
    state: Path | None = None
    label: str = "training"
    watch: Callable[[Sequence[Row]], str] | None = None
    data: str = ""

    def __post_init__(self) -> None:
        self.accelerator = runtime.start()
        runtime.agree(self.data, self.accelerator)
        self.parts = math.lcm(self.plan.parts, self.accelerator.num_processes)
        self.rng = torch.Generator().manual_seed(self.plan.seed)
        torch.manual_seed(self.plan.seed)  # dropout
        self.objective.to(self.accelerator.device)
        trained = [p for p in self.objective.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            decay_groups(trained, self.plan.weight_decay),
            lr=self.plan.lr,
            betas=self.plan.betas,
            fused=True,  # the same update in one pass over memory, not in eight
        )
        self.history = History()
        if self.state is not None and Path(self.state).exists():
            self._resume(Path(self.state))
        self.model, self.updates = self.accelerator.prepare(self.objective, self.optimiser)

    def _resume(self, state: Path) -> None:
        meta = checkpoint.load_state(state, self.objective, self.optimiser, self.rng)
        for name, now in self._identity().items():
            if meta[name] != now:
                raise ValueError(
                    f"{state} was made with another {name}: {meta[name]}, now {now}; "
                    "continue with that one, or choose another folder"
                )
        self.history.rows = meta["rows"]

    def _identity(self) -> dict:
        """What must not change between a stop and going on."""
        return {"plan": self.plan.as_json() | {"parts": self.parts}, "data": self.data}

    def run(self) -> History:
        """Train to the plan's end, or until Ctrl-C / the stop button: the model so far stays."""
        bar = tqdm(
            total=self.plan.steps,
            initial=len(self.history.rows),
            desc=self.label,
            disable=runtime.quiet() or not self.label or not self.accelerator.is_main_process,
            leave=False,
        )
        self.model.train()
        try:
            while (step := len(self.history.rows)) < self.plan.steps and not self.history.stopped:
                row = self.step(step)
                self.history.rows.append(row)
                bar.update()
                if self.on_step:
                    self.on_step(row)
                if self.watch:
                    self.history.stopped = self.watch(self.history.rows)
                if self._due(step, self.plan.save_every):
                    self.save()
        except KeyboardInterrupt:
            self.history.interrupted = True
        finally:
            bar.close()
            self.objective.eval()
        return self.history

    def step(self, step: int) -> Row:
        """One update. The gradient is that of the summed loss over the count of all processes."""
        began = time.perf_counter()
        rate = self.plan.lr * self.plan.schedule(step, self.plan.steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        found = self._gradient()
        if not math.isfinite(found["loss"]):
            raise ValueError(f"loss is {found['loss']} at step {step}: lower lr={self.plan.lr}")
        norm = self._update(found.pop("count"))
        self.objective.after_step(step)
        row = {"step": step, "loss": found.pop("loss"), "lr": rate, "grad_norm": norm} | found
        row["seconds"] = time.perf_counter() - began
        return row | (self._measured() if self._due(step, self.plan.measure_every) else {})

    def _gradient(self) -> dict[str, float]:
        """Backward through the step's batch; its loss and parts as means over all processes."""
        self.updates.zero_grad()
        sums: dict[str, float] = {}
        everything = 0
        for batch, rng in self._shares():
            with runtime.precision(self.plan.bf16, self.accelerator):
                total, parts, count = self.model(batch.to(self.accelerator.device), rng)
            self.accelerator.backward(total)
            here = {"loss": float(total.detach())}
            here |= {name: float(value) * count for name, value in parts.items()}
            sums = {name: sums.get(name, 0.0) + value for name, value in here.items()}
            everything += count
        return runtime.means(sums, everything, self.accelerator)

    def _shares(self) -> Iterator[tuple[Batch, torch.Generator]]:
        """This process's parts of the step's batch, each with randomness of its own.

        Every process draws the same batch and the same seeds, and keeps its own rows: the same
        parts make the same step, whoever computes them. A single part goes on with `self.rng`.
        """
        batch = self.draw(self.rng)
        if self.parts == 1:
            yield batch if isinstance(batch, Batch) else batch.rows(slice(None)), self.rng
            return
        if len(batch) < self.parts:
            raise ValueError(
                f"a batch of {len(batch)} examples does not split into {self.parts} parts for "
                f"{self.accelerator.num_processes} processes: fewer of them, or larger batches"
            )
        dice = torch.Generator().set_state(self.rng.get_state())
        seeds = torch.randint(2**62, (self.parts,), generator=dice).tolist()
        for part in runtime.own_parts(self.parts, self.accelerator):
            torch.manual_seed(seeds[part])  # dropout
            rng = torch.Generator().manual_seed(seeds[part])
            yield batch.rows(slice(part, None, self.parts)), rng

    def _update(self, count: float) -> float:
        """Descend; returns the gradient's norm before clipping."""
        grads = [p.grad for p in self.objective.parameters() if p.grad is not None]
        # Processes have averaged their sums; make it the mean over everything that was counted.
        torch._foreach_mul_(grads, self.accelerator.num_processes / count)
        norm = torch.nn.utils.clip_grad_norm_(self.objective.parameters(), self.plan.clip)
        self.updates.step()
        return float(norm)

    def _due(self, step: int, every: int) -> bool:
        return step + 1 == self.plan.steps or (every > 0 and (step + 1) % every == 0)

    def _measured(self) -> Row:
        if self.measure is None:
            return {}
        self.model.eval()
        try:
            with torch.no_grad():
                return self.measure()
        finally:
            self.model.train()

    def save(self) -> None:
        """Keep the state (the first process only), if the run has a place for it."""
        if self.state is not None and self.accelerator.is_main_process:
            meta = self._identity() | {"rows": self.history.rows}
            checkpoint.save_state(self.state, self.objective, self.optimiser, self.rng, meta)


def decay_groups(parameters: list[torch.nn.Parameter], weight_decay: float) -> list[dict]:
    """Weight decay pulls on matrices only: not on biases, nor on the gains of a norm."""
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
