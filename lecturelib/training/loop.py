"""One loop for every notebook: draw a batch, ask the objective, step, tell whoever listens."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from tqdm.auto import tqdm

from lecturelib.data.batch import Batch
from lecturelib.objectives import Objective
from lecturelib.training import checkpoint, runtime
from lecturelib.training.schedule import Schedule, cosine

Draw = Callable[[torch.Generator], Batch]
Row = dict[str, float | int]


@dataclass(frozen=True)
class Plan:
    """How to train. `save_every` and `measure_every` count steps; 0: only at the end."""

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

    def as_json(self) -> dict:
        """Plain values, for a checkpoint's metadata."""
        return asdict(self) | {"schedule": self.schedule.__name__, "betas": list(self.betas)}


@dataclass
class History:
    """What happened: one row a step, and whether somebody pressed stop."""

    rows: list[Row] = field(default_factory=list)
    interrupted: bool = False

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
    """

    objective: Objective
    draw: Draw
    plan: Plan
    measure: Callable[[], Row] | None = None
    on_step: Callable[[Row], None] | None = None
    state: Path | None = None
    label: str = "training"

    def __post_init__(self) -> None:
        self.accelerator = runtime.start()
        self.rng = torch.Generator().manual_seed(self.plan.seed)
        torch.manual_seed(self.plan.seed)  # dropout
        self.objective.to(self.accelerator.device)
        trained = [p for p in self.objective.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            decay_groups(trained, self.plan.weight_decay), lr=self.plan.lr, betas=self.plan.betas
        )
        self.history = History()
        if self.state is not None and Path(self.state).exists():
            self._resume(Path(self.state))
        self.model, self.updates = self.accelerator.prepare(self.objective, self.optimiser)

    def _resume(self, state: Path) -> None:
        meta = checkpoint.load_state(state, self.objective, self.optimiser, self.rng)
        if meta["plan"] != self.plan.as_json():
            raise ValueError(
                f"{state} was made with another plan {meta['plan']}: "
                "continue with that plan, or choose another folder"
            )
        self.history.rows = meta["rows"]

    def run(self) -> History:
        """Train to the plan's end, or until Ctrl-C / the stop button: the model so far stays."""
        bar = tqdm(
            total=self.plan.steps,
            initial=len(self.history.rows),
            desc=self.label,
            disable=runtime.quiet(),
            leave=False,
        )
        self.model.train()
        try:
            while (step := len(self.history.rows)) < self.plan.steps:
                row = self.step(step)
                self.history.rows.append(row)
                bar.update()
                if self.on_step:
                    self.on_step(row)
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
        batch = runtime.own_rows(self.draw(self.rng), self.accelerator)
        with runtime.precision(self.plan.bf16, self.accelerator):
            total, parts, count = self.model(batch.to(self.accelerator.device), self.rng)
        loss, everywhere = runtime.mean_loss(total, count, self.accelerator)
        if not math.isfinite(loss):
            raise ValueError(f"loss is {loss} at step {step}: lower lr={self.plan.lr}")
        norm = self._update(total, everywhere)
        self.objective.after_step(step)
        row = {"step": step, "loss": loss, "lr": rate, "grad_norm": norm}
        row |= {name: float(value) for name, value in parts.items()}
        row["seconds"] = time.perf_counter() - began
        return row | (self._measured() if self._due(step, self.plan.measure_every) else {})

    def _update(self, total: torch.Tensor, count: float) -> float:
        """Descend; returns the gradient's norm before clipping."""
        self.updates.zero_grad()
        self.accelerator.backward(total)
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
            meta = {"plan": self.plan.as_json(), "rows": self.history.rows}
            checkpoint.save_state(self.state, self.objective, self.optimiser, self.rng, meta)


def decay_groups(parameters: list[torch.nn.Parameter], weight_decay: float) -> list[dict]:
    """Weight decay pulls on matrices only: not on biases, nor on the gains of a norm."""
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
