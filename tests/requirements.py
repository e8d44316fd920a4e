"""Tests that need what not every machine has: skipped with a reason, or failed where it must be."""

import os

import pytest

NEEDS = ("browser", "peers", "mirror")


def require(what: str, condition: bool, reason: str) -> None:
    """Go on where `condition` holds; else skip, or fail where LECTURELIB_REQUIRE names `what`."""
    if what not in NEEDS:
        raise ValueError(f"what={what!r} is not one of {', '.join(NEEDS)}")
    if condition:
        return
    if what in os.environ.get("LECTURELIB_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here: {reason}")
    pytest.skip(f"{what}: {reason}")
