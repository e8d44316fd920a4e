"""What the machine can do, and how sums of several processes become means."""

import pytest
import torch
from accelerate import Accelerator

from lecturelib.training import runtime


@pytest.mark.parametrize(
    ("can", "expected"),
    [
        ({"amx_bf16": True, "avx512_bf16": False}, True),
        ({"amx_bf16": False, "avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_bf16": False, "avx2": True}, False),
        ({}, False),
    ],
)
def test_a_processor_has_bfloat16_by_its_instructions(can, expected, monkeypatch) -> None:
    monkeypatch.setattr(runtime, "has_gpu", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: can, raising=False)
    assert runtime.has_bf16() is expected


def test_an_older_torch_does_not_say_and_gets_none(monkeypatch) -> None:
    monkeypatch.setattr(runtime, "has_gpu", lambda: False)
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert runtime.has_bf16() is False


def test_means_divide_once_and_give_back_what_went_in() -> None:
    found = runtime.means({"loss": 6.0, "right": 0.1 * 3}, 3, Accelerator())
    assert found == {"loss": 2.0, "right": pytest.approx(0.1), "count": 3.0}
    assert runtime.means({"loss": 0.0}, 0, Accelerator()) == {"loss": 0.0, "count": 1.0}
