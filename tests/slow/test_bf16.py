"""Not in `make test`: every recipe takes three steps in bfloat16, which full pace may turn on."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from lecturelib import pretraining
from lecturelib.data.download import mirror_folder
from tests.requirements import require

RECIPES = [
    (name, data)
    for name in pretraining.NAMES
    if name != "word2vec" and not name.endswith("_base")  # its own loop; no data of their own
    for data in __import__(f"lecturelib.pretraining.{name}", fromlist=["DATA"]).DATA
]


@pytest.mark.parametrize(("name", "data"), RECIPES)
def test_three_steps_are_near_those_in_full_precision(name: str, data: str, tmp_path: Path) -> None:
    """bfloat16 keeps 8 bits: the first loss agrees to some percent, and nothing becomes NaN."""
    require("mirror", mirror_folder() is not None, "real pictures and speech")
    first = []
    for bf16 in (False, True):
        job = pretraining.build(name, data, "quick")
        assert isinstance(job, pretraining.Job)
        job = replace(job, plan=replace(job.plan, bf16=bf16))
        trainer = job.trainer(tmp_path / f"{bf16}.safetensors", "")
        trainer.model.train()
        rows = [trainer.step(step) for step in range(3)]
        assert all(math.isfinite(row["loss"]) for row in rows)
        first.append(rows[0]["loss"])
    assert first[1] == pytest.approx(first[0], rel=0.05)
