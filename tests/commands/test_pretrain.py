"""pretrain: a killed run ends as a straight one would, and what is shipped says how it was made."""

import csv
import json
import signal
import subprocess
import sys
import time

import pytest
import torch

from lecturelib import pretraining
from lecturelib.commands import pretrain
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.classification import Classification
from lecturelib.paths import CHECKPOINTS
from lecturelib.training import checkpoint, loop
from lecturelib.training.loop import Plan

TINY = Plan(12, lr=0.01, save_every=4, measure_every=6)


@pytest.fixture
def tiny(monkeypatch):
    """Twelve steps of the real student in the place of the long run."""
    real = pretraining.build

    def build(name, data, pace, seed=0):
        job = real(name, data, "quick", seed)
        return pretraining.Job(job.objective, job.draw, TINY, job.ship, job.facts, job.measure)

    monkeypatch.setattr(pretraining, "build", build)


def test_the_run_folder_holds_settings_curves_and_weights(tiny, tmp_path):
    assert pretrain.main(["student", "--out", str(tmp_path)]) == 0
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["command"] == f"python -m lecturelib pretrain student --out {tmp_path}"
    assert config["plan"]["steps"] == 12
    assert len(config["data_sha256"]) == 64
    with open(tmp_path / "curves.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(12))
    assert [i for i, row in enumerate(rows) if row["validation_accuracy"]] == [5, 11]
    assert (tmp_path / "curves.png").stat().st_size > 5000
    model = Classification(ConvStack(), dim=64, classes=10)
    facts = checkpoint.load_weights(tmp_path / "model.safetensors", model)
    assert facts["last"]["step"] == 11
    assert facts["curve"]["loss"][0][1] == pytest.approx(float(rows[0]["loss"]), abs=1e-4)


def test_an_interrupted_run_says_so_and_the_same_command_goes_on(tiny, tmp_path, monkeypatch):
    straight, cut = tmp_path / "straight", tmp_path / "cut"
    pretrain.main(["student", "--out", str(straight)])
    step = loop.Trainer.step

    def stop_at_six(self, number):
        if number == 6 and self.state == cut / "state.safetensors":
            raise KeyboardInterrupt
        return step(self, number)

    monkeypatch.setattr(loop.Trainer, "step", stop_at_six)
    assert pretrain.main(["student", "--out", str(cut)]) == 1
    assert not (cut / "model.safetensors").exists()
    monkeypatch.setattr(loop.Trainer, "step", step)
    assert pretrain.main(["student", "--out", str(cut)]) == 0
    one, _ = checkpoint.read(straight / "model.safetensors")
    two, _ = checkpoint.read(cut / "model.safetensors")
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_process_killed_at_any_moment_leaves_whole_files(tmp_path):
    command = [sys.executable, "-m", "lecturelib", "pretrain", "simclr", "--out", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (tmp_path / "config.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert json.loads((tmp_path / "config.json").read_text())
    for file in tmp_path.glob("*.safetensors"):
        checkpoint.read(file)


@pytest.mark.parametrize(
    ("argv", "said"),
    [(["simclr", "--data", "cats"], "does not train on 'cats': choose from mnist5k")],
)
def test_unknown_data_is_bad_usage(argv, said, capsys, tmp_path):
    assert pretrain.main([*argv, "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_recipe_is_bad_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        pretrain.main(["nonsense"])
    assert stop.value.code == 2
    assert "invalid choice: 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(CHECKPOINTS.glob("*.safetensors")), ids=lambda p: p.stem)
def test_shipped_checkpoints_are_small_and_say_how_they_were_made(path):
    assert path.stat().st_size < 5e6
    tensors, facts = checkpoint.read(path)
    assert facts["command"].startswith("python -m lecturelib pretrain")
    assert {"plan", "curve", "data_sha256", "data_source", "data_licence"} <= facts.keys()
    assert all(t.dtype == torch.float16 for t in tensors.values() if t.is_floating_point())


def test_the_shipped_encoder_was_trained_on_the_data_that_we_load():
    job = pretraining.build("simclr", "mnist5k", "quick")
    _, facts = checkpoint.read(CHECKPOINTS / "simclr_mnist5k.safetensors")
    assert facts["data_sha256"] == job.facts["data_sha256"]
