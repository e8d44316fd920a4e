"""Not in `make test`: ten kills at random moments of one run, and it ends as if there were none."""

import random

import torch

from lecturelib.training import checkpoint
from tests.commands.kills import killed, run_to_the_end


def test_ten_kills_change_nothing(tmp_path) -> None:
    straight, cut, luck = tmp_path / "straight", tmp_path / "cut", random.Random(0)
    run_to_the_end(straight)
    for _ in range(10):
        killed(cut, luck)
    assert not (cut / "model.safetensors").exists()
    run_to_the_end(cut)
    one, facts = checkpoint.read(straight / "state.safetensors")
    two, others = checkpoint.read(cut / "state.safetensors")
    assert one.keys() == two.keys()
    seconds = facts["rows"].index("seconds")
    for name in one.keys() - {"rows"}:
        assert torch.equal(one[name], two[name]), name
    for column in set(range(len(facts["rows"]))) - {seconds}:
        assert torch.equal(
            one["rows"][:, column].nan_to_num(-1), two["rows"][:, column].nan_to_num(-1)
        )
    assert others["rows"] == facts["rows"]
    assert len(two["rows"]) == 200
    assert sorted(file.name for file in cut.iterdir()) == [
        "config.json", "curves.csv", "curves.png", "model.safetensors", "state.safetensors",
    ]  # fmt: skip
