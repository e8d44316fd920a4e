"""What a wrong answer has in common with the right one: the first thing a tutor would look for."""

import torch
from torch import Tensor


def near(yours: object, expected: Tensor) -> str:
    """One sentence on how near the answer is; empty where nothing can be said."""
    if yours is None:
        return "Nothing comes back: is there a `return`?"
    if not isinstance(yours, Tensor) or yours.is_complex():
        return ""
    if yours.shape != expected.shape:
        return near_shape(yours, expected)
    if yours.dtype == torch.bool or expected.dtype == torch.bool:
        return near_places(yours, expected)
    return near_numbers(yours.detach().double(), expected.detach().double())


def near_shape(yours: Tensor, expected: Tensor) -> str:
    """The same numbers, another shape?"""
    if yours.ndim > 1 and yours.mT.shape == expected.shape and close(yours.mT, expected):
        return "Right, but the last two axes are swapped"
    if yours.numel() == expected.numel() and close(yours.flatten(), expected.flatten()):
        return "The right numbers in another shape"
    return ""


def near_places(yours: Tensor, expected: Tensor) -> str:
    """True where False was expected, or another dtype?"""
    if yours.dtype != expected.dtype:
        return f"The type is {yours.dtype}, expected {expected.dtype}"
    if bool((yours == ~expected).all()):
        return "Upside down: True and False have changed places"
    return f"{int((yours != expected).sum())} of {expected.numel()} places differ"


def near_numbers(yours: Tensor, expected: Tensor) -> str:
    """A factor, a constant, another order, a few places?"""
    if close(-yours, expected):
        return "Right, but for the sign"
    ratio, gap = yours / expected, yours - expected
    if close(yours, expected):
        return ""
    if expected.numel() > 1 and constant(ratio):
        return f"Right, but {ratio.flatten()[0]:.4g} times as large"
    if expected.numel() > 1 and constant(gap):
        return f"Right, but for a constant: {gap.flatten()[0]:.4g} too much everywhere"
    if close(yours.flatten().sort().values, expected.flatten().sort().values):
        return "The right numbers in another order"
    right = int(torch.isclose(yours, expected, rtol=1e-4, atol=1e-6, equal_nan=True).sum())
    return f"{right} of {expected.numel()} numbers are right" if right else ""


def constant(numbers: Tensor) -> bool:
    """The same finite number everywhere?"""
    first = numbers.flatten()[0]
    return bool(first.isfinite()) and close(numbers, first.expand_as(numbers))


def close(yours: Tensor, expected: Tensor) -> bool:
    """Equal within rounding; never where something is not a number."""
    return bool(torch.isclose(yours.double(), expected.double(), rtol=1e-4, atol=1e-6).all())
