"""Not in `make test`: the cheapest shipped checkpoints are made again, each in about 5 minutes."""

from pathlib import Path
from typing import Any

import pytest
import torch

from lecturelib import pretraining
from lecturelib.commands import pretrain
from lecturelib.paths import CHECKPOINTS
from lecturelib.training import checkpoint

# What was measured at the end, and how far two processors may be apart there.
MEASURED = {"numbers": ("validation_en", 0.03), "simclr_mnist5k": ("probe_10_labels", 0.03)}


@pytest.mark.parametrize("name", MEASURED)
def test_the_command_makes_what_is_shipped(name: str, tmp_path: Path) -> None:
    """Bit for bit in half precision on the processor that trained it; elsewhere rounding adds up
    over thousands of steps, so that the curves and what was measured are compared."""
    weights, facts = checkpoint.read(CHECKPOINTS / f"{name}.safetensors")
    recipe, _, data = name.partition("_")
    job: Any = pretraining.build(recipe, data, "full")
    assert job.facts["data_sha256"] == facts["data_sha256"]
    assert facts["plan"].items() <= job.plan.as_json().items()
    pretrain.run(job, tmp_path, [recipe, "--pace", "full"])
    again, found = checkpoint.read(tmp_path / "model.safetensors")
    if all(torch.equal(again[key], value) for key, value in weights.items()):
        return
    what, near = MEASURED[name]
    assert found["last"][what] == pytest.approx(facts["last"][what], abs=near)
    first, then = (facts["curve"]["loss"], found["curve"]["loss"])
    assert [v for _, v in then[:3]] == pytest.approx([v for _, v in first[:3]], rel=0.02)
