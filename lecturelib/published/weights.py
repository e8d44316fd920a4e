"""Copying weights under other names, and saying which do not fit."""

from collections.abc import Callable, Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.encoders.transformer import Encoder, Variant

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


def activation(name: str) -> Callable[[Tensor], Tensor]:
    """Hugging Face's `hidden_act` as a function; "gelu" is the exact one, with erf."""
    if name not in ACTIVATIONS:
        raise ValueError(f"hidden_act={name!r} is not supported; there are {list(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def encoder_of(config: Any, variant: Variant) -> Encoder:
    """Our encoder in the sizes of a Hugging Face configuration, weights not yet copied."""
    return Encoder(
        dim=config.hidden_size,
        heads=config.num_attention_heads,
        depth=config.num_hidden_layers,
        hidden=config.intermediate_size,
        variant=variant,
    )


def refuse(m: object, **wanted: object) -> None:
    """ValueError naming the first attribute of `m` that is not as ours computes it."""
    for name, value in wanted.items():
        if (have := getattr(m, name, value)) != value:
            raise ValueError(f"{name}={have!r} is not supported, only {name}={value!r}")


def rename(key: str, names: Mapping[str, str]) -> str:
    """Every part of `key` that stands in `names` replaced, in their order."""
    for theirs, ours in names.items():
        key = key.replace(theirs, ours)
    return key


def renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """The same weights under our names."""
    return {rename(key, names): value for key, value in state.items()}


def split_projections(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """PyTorch keeps query, key and value in one `in_proj`; ours are three layers."""
    result = {}
    for key, value in state.items():
        before, joint, kind = key.partition("in_proj_")
        if joint:
            parts = zip(("query", "key", "value"), value.chunk(3), strict=True)
            result |= {f"{before}{name}.{kind}": part for name, part in parts}
        else:
            result[key] = value
    return result


def copy_into(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Fill every parameter of `model` from `state`.

    Raises ValueError that names keys that are missing, left over, or of another shape.
    """
    want = model.state_dict()
    missing, extra = sorted(want.keys() - state.keys()), sorted(state.keys() - want.keys())
    if missing or extra:
        raise ValueError(
            f"weights do not fit: missing in the reference {missing}, left over {extra}"
        )
    for key, value in state.items():
        if value.shape != want[key].shape:
            have, here = list(value.shape), list(want[key].shape)
            raise ValueError(
                f"weights do not fit: {key} is {have} in the reference, {here} in ours"
            )
    model.to(next(iter(state.values())))  # dtype and device first: no digit is lost on the way
    model.load_state_dict(dict(state))


def without_bias(model: nn.Module) -> None:
    """Take every bias out: models built with `bias=False`."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.LayerNorm):
            layer.register_parameter("bias", None)
