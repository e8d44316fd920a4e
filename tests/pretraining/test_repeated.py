"""The first steps of a shipped curve, made again: what is shipped is what the command makes."""

from pathlib import Path
from typing import Any

import pytest

from lecturelib import pretraining
from lecturelib.paths import CHECKPOINTS
from lecturelib.training import checkpoint


def test_numbers_begins_as_shipped(tmp_path: Path) -> None:
    """`tests/slow/test_retrained.py` goes on to the end."""
    _, facts = checkpoint.read(CHECKPOINTS / "numbers.safetensors")
    (zero, loss), (later, then) = facts["curve"]["loss"][:2]
    job: Any = pretraining.build("numbers", "", "full")
    assert job.facts["data_sha256"] == facts["data_sha256"]
    trainer = job.trainer(tmp_path / "state.safetensors", "")
    trainer.model.train()
    rows = [trainer.step(step) for step in range(later + 1)]
    assert (zero, rows[0]["loss"]) == (0, pytest.approx(loss, rel=1e-4))
    assert rows[later]["loss"] == pytest.approx(then, rel=0.02)
