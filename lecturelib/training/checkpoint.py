"""A training state in one safetensors file: model, optimiser, random states; JSON metadata.

No pickles. A file appears whole or not at all: it is written beside its place and then moved.
"""

import hashlib
import json
import math
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

FORMAT = "lecturelib-1"


def digest(tensor: Tensor) -> str:
    """SHA-256 of a tensor's values: was it the same data?"""
    return hashlib.sha256(tensor.detach().cpu().contiguous().numpy().tobytes()).hexdigest()


def write(path: Path, tensors: dict[str, Tensor], metadata: dict) -> Path:
    """Tensors and metadata into `path`, atomically. Returns the path.

    OSError where it cannot be written (a full disk); what stood there before stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    flat = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    try:
        save_file(flat, partial, {"format": FORMAT, "lecturelib": json.dumps(metadata)})
        partial.chmod(0o644)  # safetensors makes files that only the owner may read
        os.replace(partial, path)
    except SafetensorError as error:
        raise OSError(
            f"{path} cannot be written ({error}): make room, or choose another"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return path


def put_whole(path: Path, content: bytes) -> None:
    """A small file beside its place, then moved: never half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read(path: Path) -> tuple[dict[str, Tensor], dict]:
    """(tensors, metadata) of a file that `write` made.

    Raises FileNotFoundError where there is none, ValueError on a corrupt or foreign file.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(
            f"no checkpoint at {path}: train it with python -m lecturelib pretrain"
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(
            f"{path} is no whole safetensors file ({error}): train it again"
        ) from error
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "none")
        raise ValueError(
            f"{path} has format {found!r}, not {FORMAT!r}: lecturelib did not write it"
        )
    return tensors, json.loads(metadata["lecturelib"])


def load_model(model: nn.Module, tensors: dict[str, Tensor], path: Path | str = "") -> None:
    """Copy weights into `model`, in the model's own dtype; ValueError names keys that differ."""
    own = model.state_dict()
    missing, extra = sorted(own.keys() - tensors.keys()), sorted(tensors.keys() - own.keys())
    if missing or extra:
        raise ValueError(f"{path} does not fit this model: missing {missing}, extra {extra}")
    wrong = [
        f"{k} {tuple(tensors[k].shape)} for {tuple(v.shape)}"
        for k, v in own.items()
        if tensors[k].shape != v.shape
    ]
    if wrong:
        raise ValueError(f"{path} does not fit this model: {'; '.join(wrong)}")
    model.load_state_dict({name: tensors[name].to(own[name].dtype) for name in own})


def save_state(
    path: Path,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    rng: torch.Generator,
    metadata: dict,
) -> Path:
    """Everything that training needs to go on as if nothing had happened.

    metadata["rows"], the curves so far, becomes a tensor: JSON would outgrow the file's header.
    """
    names, table = tabulated(metadata["rows"])
    metadata = metadata | {"rows": names}
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": torch.as_tensor(v) for name, v in state.items()}
    tensors |= {"random.batch": rng.get_state(), "random.torch": torch.get_rng_state()}
    return write(path, tensors | {"rows": table}, metadata)


def load_state(
    path: Path, model: nn.Module, optimiser: torch.optim.Optimizer, rng: torch.Generator
) -> dict:
    """Undo `save_state`: fills model, optimiser and random states; returns the metadata."""
    tensors, metadata = read(path)
    part = lambda name: {k.removeprefix(name): v for k, v in tensors.items() if k.startswith(name)}  # noqa: E731
    if "random.batch" not in tensors:
        raise ValueError(f"{path} holds weights only, no training state: load it with load_weights")
    load_model(model, part("model."), path)
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in part("optimiser.").items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    rng.set_state(tensors["random.batch"])
    torch.set_rng_state(tensors["random.torch"])
    return metadata | {"rows": in_rows(metadata["rows"], tensors["rows"])}


def tabulated(rows: list[dict[str, float | int]]) -> tuple[list[str], Tensor]:
    """Rows as columns' names and a table [row, column] of float64; NaN where a row lacks one."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = [[row.get(name, math.nan) for name in names] for row in rows]
    return names, torch.tensor(table, dtype=torch.float64).reshape(len(rows), len(names))


def in_rows(names: list[str], table: Tensor) -> list[dict[str, float | int]]:
    """`tabulated` undone; steps are whole numbers again."""
    found = [
        {name: value for name, value in zip(names, line, strict=True) if not math.isnan(value)}
        for line in table.tolist()
    ]
    return [row | {"step": int(row["step"])} for row in found]


def export(path: Path, model: nn.Module, metadata: dict) -> Path:
    """A checkpoint to ship: half-precision weights without optimiser state."""
    half = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    return write(path, half, metadata)


def load_weights(path: Path, model: nn.Module) -> dict:
    """Shipped weights into `model`; returns the metadata (command, curve, data, licence)."""
    tensors, metadata = read(path)
    load_model(model, tensors, path)
    return metadata
