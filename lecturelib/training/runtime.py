"""Where the sums are done: pace, device, half precision, several processes. Nothing else asks."""

import hashlib
import os

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState

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
    """accelerate's view of this process: one CPU, one GPU or one rank of several.

    Layers that a step leaves out (layer drop) have no gradient, which several processes must know.
    """
    return Accelerator(kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)])


def stop() -> None:
    """Say goodbye to the other processes, where there are any."""
    PartialState().destroy_process_group()


def is_main() -> bool:
    """Of several processes one writes files."""
    return PartialState().is_main_process


def processes() -> int:
    """How many processes train together."""
    return PartialState().num_processes


def has_bf16() -> bool:
    """Does this machine multiply in bfloat16 itself? Emulated, it would be slower than float32."""
    if has_gpu():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    can = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(can.get("amx_bf16") or can.get("avx512_bf16"))


def precision(bf16: bool, accelerator: Accelerator) -> torch.autocast:
    """Matrix products in bfloat16, or everything as it is.

    accelerate's own switch holds for a whole process: one notebook could not compare the two.
    """
    return torch.autocast(accelerator.device.type, torch.bfloat16, enabled=bf16)


def agree(data: str, accelerator: Accelerator) -> None:
    """ValueError where processes were given different data: their batches would not fit."""
    if accelerator.num_processes == 1:
        return
    number = int(hashlib.sha256(data.encode()).hexdigest()[:15], 16)
    everybody = accelerator.gather(torch.tensor([number], device=accelerator.device))
    if len(torch.as_tensor(everybody).unique()) > 1:
        raise ValueError(
            "processes were given different data, or vocabularies: is it the same file everywhere?"
        )


def own_parts(parts: int, accelerator: Accelerator) -> range:
    """Of a step's parts those that this process computes; each process has as many."""
    return range(accelerator.process_index, parts, accelerator.num_processes)


def means(sums: dict[str, float], count: int, accelerator: Accelerator) -> dict[str, float]:
    """Each sum over the count, and the count itself as "count": both added up over all processes
    before anything is divided."""
    everything = torch.tensor([*sums.values(), count], dtype=torch.float64)
    if accelerator.num_processes > 1:
        everywhere = accelerator.reduce(everything.to(accelerator.device), "sum")
        everything = torch.as_tensor(everywhere)
    *added, counted = everything.tolist()
    counted = max(1.0, counted)
    found = {name: value / counted for name, value in zip(sums, added, strict=True)}
    return found | {"count": counted}
