"""Where the sums are done: pace, device, half precision, several processes. Nothing else asks."""

import os

import torch
from accelerate import Accelerator, PartialState
from torch import Tensor

from lecturelib.data.batch import Batch

PACES = ("quick", "gpu", "full")


def has_gpu() -> bool:
    """Is there a graphics card that PyTorch can use? ACCELERATE_USE_CPU=true says no."""
    refused = os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes")
    return torch.cuda.is_available() and not refused


def device_name() -> str:
    """What the machine computes on, in words."""
    return torch.cuda.get_device_name() if has_gpu() else "CPU"


def pace() -> str:
    """How long a notebook may take: LECTURE_PACE, else gpu where there is one, else quick."""
    chosen = os.environ.get("LECTURE_PACE") or ("gpu" if has_gpu() else "quick")
    if chosen not in PACES:
        raise ValueError(f"LECTURE_PACE={chosen!r} is not one of {', '.join(PACES)}")
    return chosen


def quiet() -> bool:
    """True in CI and while notebooks are rebuilt: progress bars would spoil the comparison."""
    return bool(os.environ.get("CI"))


def start() -> Accelerator:
    """accelerate's view of this process: one CPU, one GPU or one rank of several."""
    return Accelerator()


def is_main() -> bool:
    """Of several processes one writes files."""
    return PartialState().is_main_process


def precision(bf16: bool, accelerator: Accelerator) -> torch.autocast:
    """Matrix products in bfloat16, or everything as it is.

    accelerate's own switch holds for a whole process: one notebook could not compare the two.
    """
    return torch.autocast(accelerator.device.type, torch.bfloat16, enabled=bf16)


def own_rows(batch: Batch, accelerator: Accelerator) -> Batch:
    """Each process draws the same batch and keeps its own rows, so that n processes equal one."""
    if accelerator.num_processes == 1:
        return batch
    return batch.rows(slice(accelerator.process_index, None, accelerator.num_processes))


def mean_loss(total: Tensor, count: int, accelerator: Accelerator) -> tuple[float, float]:
    """(mean loss, count) over all processes: sums are added before anything is divided."""
    here = torch.tensor([float(total.detach()), float(count)], dtype=torch.float64)
    everywhere = accelerator.reduce(here.to(accelerator.device), "sum")
    loss, counted = torch.as_tensor(everywhere).tolist()
    counted = max(1.0, counted)
    return loss / counted, counted
