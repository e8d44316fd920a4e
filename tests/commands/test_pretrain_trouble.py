"""pretrain when something goes wrong: a clear word, an exit status, and a whole run folder."""

import csv
import json
import random
import resource
from dataclasses import replace

import pytest
import torch

from lecturelib import pretraining
from lecturelib.commands import pretrain
from lecturelib.objectives import Losses
from lecturelib.training import checkpoint, loop, runtime
from lecturelib.training.loop import Plan
from lecturelib.training.watch import dead
from tests.commands import kills, toy


@pytest.fixture
def train(monkeypatch, tmp_path):
    """train(job, flags ...): the command with this job in the place of `student`."""

    def run(job: pretraining.Job, *flags: str) -> int:
        monkeypatch.setattr(pretraining, "build", lambda *_, **__: job)
        return pretrain.main(["student", "--out", str(tmp_path / "run"), *flags])

    return run


def short(job: pretraining.Job, **changes) -> pretraining.Job:
    return replace(job, plan=replace(Plan(8, lr=0.01, save_every=2), **changes))


def stop_at(monkeypatch, number: int) -> None:
    """Ctrl-C before this step."""
    step = loop.Trainer.step

    def stopping(self, at):
        if at == number:
            raise KeyboardInterrupt
        return step(self, at)

    monkeypatch.setattr(loop.Trainer, "step", stopping)


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path, monkeypatch) -> None:
    """SIGKILL in the middle; the end beside a run that was never stopped, bit for bit."""
    folder = tmp_path / "cut"
    kills.killed(folder, random.Random(1))
    assert not (folder / "model.safetensors").exists()
    for half_written in (".tmpI6hUqv", ".state.safetensors.7"):  # a kill within a save
        (folder / half_written).touch()
    kills.run_to_the_end(folder)
    job = toy.cloud_job()
    monkeypatch.setattr(pretraining, "build", lambda *_, **__: job)
    assert pretrain.main(["student", "--out", str(tmp_path / "straight")]) == 0
    one, _ = checkpoint.read(folder / "state.safetensors")
    two, _ = checkpoint.read(tmp_path / "straight" / "state.safetensors")
    same = [name for name in two if name != "rows"]
    assert all(torch.equal(one[name], two[name]) for name in same)
    assert len(one["rows"]) == 200
    assert not [file for file in folder.iterdir() if file.name.startswith(".")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda job: short(job, lr=0.02), "made with another plan"),
        (lambda job: short(replace(job, facts={"data_sha256": "other"})), "with another data"),
    ],
)
def test_another_plan_or_data_does_not_go_on(
    change, said, train, tmp_path, monkeypatch, capsys
) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        assert train(short(toy.cloud_job())) == 1
    before = {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()}
    assert train(change(toy.cloud_job())) == 2
    assert said in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()} == before


def test_other_parts_do_not_go_on(train, monkeypatch, capsys) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        train(short(toy.cloud_job()))
    assert train(short(toy.cloud_job()), "--parts", "2") == 2
    assert "another plan" in capsys.readouterr().err


def test_a_full_disk_keeps_the_last_state(train, tmp_path, monkeypatch, capsys) -> None:
    """The operating system itself refuses: no file may grow beyond 1,000 bytes."""
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        train(short(toy.cloud_job()))
    state = tmp_path / "run" / "state.safetensors"
    before = state.read_bytes()
    assert len(before) > 5000
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        status = train(short(toy.cloud_job()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status == 1
    said = capsys.readouterr().err
    assert "state.safetensors cannot be written" in said
    assert "then the same command goes on from the last save" in said
    assert state.read_bytes() == before
    names = {file.name for file in (tmp_path / "run").iterdir()}
    assert names == {"config.json", "curves.csv", "curves.png", "state.safetensors"}
    assert train(short(toy.cloud_job())) == 0


def test_a_loss_that_is_no_number_keeps_what_was_learned(train, tmp_path, capsys) -> None:
    job = short(toy.cloud_job())
    forward, calls = job.objective.forward, []

    def broken(batch, rng):
        calls.append(1)
        found = forward(batch, rng)
        return found._replace(total=found.total * torch.nan) if len(calls) == 6 else found

    job.objective.forward = broken
    assert train(job, "--ship") == 1
    assert "stopped: loss is nan at step 5: lower lr=0.01" in capsys.readouterr().err
    with open(tmp_path / "run" / "curves.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 5
    weights, facts = checkpoint.read(tmp_path / "run" / "model.safetensors")
    assert facts["stopped"].startswith("loss is nan")
    assert all(torch.isfinite(value).all() for value in weights.values())
    _, state = checkpoint.read(tmp_path / "run" / "state.safetensors")
    assert state["plan"]["steps"] == 8


def test_a_collapse_ends_it_with_the_reason(train, tmp_path, capsys) -> None:
    """From step 3 on the watched number is 0; three on end are enough here."""
    job = short(toy.cloud_job())
    forward, calls = job.objective.forward, []

    def collapsing(batch, rng):
        calls.append(1)
        total, parts, count = forward(batch, rng)
        return Losses(total, parts | {"spread": torch.tensor(float(len(calls) <= 3))}, count)

    job.objective.forward = collapsing
    watched = replace(job, watch=dead("spread", 0.1, "all is one vector", patience=3))
    assert train(watched) == 1
    reason = "all is one vector: spread is at most 0.1 for 3 measurements on end"
    assert f"stopped: {reason}" in capsys.readouterr().err
    _, facts = checkpoint.read(tmp_path / "run" / "model.safetensors")
    assert (facts["stopped"], facts["last"]["step"]) == (reason, 5)


def test_no_watch_trains_on(train, tmp_path) -> None:
    job = replace(short(toy.cloud_job()), watch=lambda rows: "over")
    assert train(job, "--no-watch") == 0
    _, facts = checkpoint.read(tmp_path / "run" / "model.safetensors")
    assert (facts["stopped"], facts["last"]["step"]) == ("", 7)


def test_a_batch_that_does_not_split(train, capsys) -> None:
    """Twelve examples among more parts or processes than that."""
    assert train(short(toy.cloud_job()), "--parts", "13") == 1
    assert "a batch of 12 examples does not split into 13 parts" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["bert_base"], "bert_base has no data of its own: say --data text:FILE_OR_HUB_NAME"),
        (["wav2vec2", "--data", "sound:nowhere"], "nowhere holds 0 files that end in .wav"),
        (["mae", "--data", "text:a.txt"], "does not train on 'text:a.txt': choose from cifar10"),
        (["student", "--parts", "0"], "--parts 0: 1 or more"),
    ],
)
def test_bad_usage(argv, said, capsys, tmp_path) -> None:
    assert pretrain.main([*argv, "--out", str(tmp_path / "run")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run" / "config.json").exists()


@pytest.mark.parametrize(
    ("pace", "flags", "has", "expected"),
    [
        ("full", [], True, True),
        ("full", [], False, False),
        ("quick", [], True, False),
        ("quick", ["--bf16"], False, True),
        ("full", ["--no-bf16"], True, False),
    ],
)
def test_bfloat16_is_on_at_full_pace_where_the_machine_has_it(
    pace, flags, has, expected, monkeypatch
) -> None:
    monkeypatch.setattr(runtime, "has_bf16", lambda: has)
    args = pretrain.arguments(["student", "--pace", pace, *flags])
    assert pretrain.with_switches(toy.cloud_job(), args).plan.bf16 == expected


def test_the_folder_says_what_made_it(train, tmp_path) -> None:
    assert train(short(toy.cloud_job()), "--parts", "3") == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["plan"]["parts"], config["processes"]) == (3, 1)
    assert config["versions"]["torch"] == torch.__version__
    assert config["versions"].keys() == {"python", "lecturelib", "torch", "accelerate"}


@pytest.mark.parametrize("name", ["text:/a folder/b.txt", "sound:x"])
def test_a_path_becomes_a_plain_name(name) -> None:
    assert pretrain.checkpoint_name("bert", name) in ("bert_text-a-folder-b.txt", "bert_sound-x")
