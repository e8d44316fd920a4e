"""What every model of the course eats: one frozen Batch, checked once where it is made."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Examples side by side.

    signal        [batch, ...]: pixels in 0-1, waveform samples, or integer ids
    is_pad        [batch, time] True where the signal is filler; None: nothing is padded
    label         [batch] or [batch, label_time]; None: unlabelled
    is_label_pad  [batch, label_time] for labels that are sequences
    segment       [batch, time] BERT's sentence A or B
    meta          lists or tensors of length batch (speaker, language ...), for display and splits

    Raises ValueError on NaN or infinity, on a row that is all padding, on lengths that disagree.
    """

    signal: Tensor
    is_pad: Tensor | None
    label: Tensor | None
    is_label_pad: Tensor | None = None
    segment: Tensor | None = None
    meta: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = len(self.signal)
        for name in ("is_pad", "label", "is_label_pad", "segment"):
            value = getattr(self, name)
            if value is not None and len(value) != rows:
                raise ValueError(f"{name} has {len(value)} rows, signal has {rows}")
        if self.signal.is_floating_point() and not torch.isfinite(self.signal).all():
            bad = (~torch.isfinite(self.signal)).flatten(1).any(1).nonzero().flatten().tolist()
            raise ValueError(f"signal has NaN or infinity in rows {bad}: drop or repair them first")
        if self.is_pad is not None and (full := self.is_pad.all(1).nonzero().flatten().tolist()):
            raise ValueError(f"rows {full} are all padding: drop empty examples first")

    def __len__(self) -> int:
        return len(self.signal)

    @property
    def labels(self) -> Tensor:
        """The labels of a labelled batch; ValueError where there are none."""
        if self.label is None:
            raise ValueError("this batch has no labels (label=None): use a labelled one")
        return self.label

    @property
    def inputs(self) -> tuple[Tensor | None, ...]:
        """What a model reads: (signal,) of pictures, (signal, is_pad) where some of it is filler,
        (ids, is_pad, segment) of texts."""
        given = (self.signal, self.is_pad, self.segment)
        return given if self.segment is not None else given[: 1 + (self.is_pad is not None)]

    def rows(self, index: slice | Tensor | list[int]) -> "Batch":
        """The same batch with these rows only."""
        chosen = {
            name: value[index] if isinstance(value := getattr(self, name), Tensor) else value
            for name in ("signal", "is_pad", "label", "is_label_pad", "segment")
        }
        return Batch(**chosen, meta={key: pick(value, index) for key, value in self.meta.items()})

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on another device; `meta` stays where it is."""
        if self.signal.device == torch.device(device):
            return self
        moved = {
            name: value.to(device) if isinstance(value := getattr(self, name), Tensor) else value
            for name in ("signal", "is_pad", "label", "is_label_pad", "segment")
        }
        return Batch(**moved, meta=self.meta)


def at_random(signal: Tensor, size: int) -> Callable[[torch.Generator], Batch]:
    """A stream of unlabelled batches: `size` random rows each time."""

    def draw(rng: torch.Generator) -> Batch:
        return Batch(signal[torch.randint(len(signal), (size,), generator=rng)], None, None)

    return draw


def pick(values: Tensor | list, index: slice | Tensor | list[int]) -> Tensor | list:
    """Rows of a tensor or of a list."""
    if isinstance(values, Tensor):
        return values[index]
    return [values[i] for i in torch.arange(len(values))[index].tolist()]
