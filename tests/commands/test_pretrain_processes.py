"""Two processes are one whose batch is cut in two: losses, weights, teacher, and resumed."""

import csv
import multiprocessing
import os
from pathlib import Path

import pytest
import torch

from lecturelib import pretraining
from lecturelib.commands import pretrain
from lecturelib.training import checkpoint, loop, runtime
from tests.commands import toy

NAMES = ("bert", "data2vec")


def trained(name: str, folder: Path, *flags: str, stop: bool = False) -> dict[str, torch.Tensor]:
    """The weights after the command, which is stopped once on its way if so wanted."""
    job = toy.JOBS[name]()
    pretraining.build = lambda *_, **__: job  # type: ignore[assignment]
    argv = [name, "--out", str(folder), *flags]
    if stop:
        step = loop.Trainer.step

        def stopping(self, number):
            if number == 3:
                raise KeyboardInterrupt
            return step(self, number)

        loop.Trainer.step = stopping
        assert pretrain.main(argv) == 1
        loop.Trainer.step = step
        job = toy.JOBS[name]()
    assert pretrain.main(argv) == 0
    return job.objective.state_dict()


def one_rank(rank: int, port: int, folder: Path) -> None:
    """A process of a gloo group, as torchrun would start it; it keeps its own weights."""
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "ACCELERATE_USE_CPU": "true",
        "CI": "1",
    }
    torch.set_num_threads(1)
    stop = runtime.stop
    runtime.stop = lambda: None  # the group is needed for the next model
    for name in NAMES:
        weights = trained(name, folder / name, stop=True)
        checkpoint.write(folder / f"{name}-{rank}.safetensors", weights, {})
    try:
        runtime.agree(f"what {rank} was given", runtime.start())
    except ValueError as error:
        (folder / f"refused-{rank}").write_text(str(error))
    stop()


@pytest.fixture(scope="module")
def together(tmp_path_factory, unused_port) -> Path:
    folder = tmp_path_factory.mktemp("ranks")
    context = multiprocessing.get_context("spawn")
    ranks = [context.Process(target=one_rank, args=(r, unused_port, folder)) for r in (0, 1)]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(timeout=900)
        assert process.exitcode == 0
    return folder


@pytest.fixture(scope="module")
def unused_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def losses(folder: Path) -> list[float]:
    with open(folder / "curves.csv", newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_are_one_with_twice_the_batch(name, together, tmp_path, monkeypatch) -> None:
    """Masks are drawn for each half: half a batch on either process, or both halves on one."""
    monkeypatch.setattr(pretraining, "build", pretraining.build)
    alone = trained(name, tmp_path / "alone", "--parts", "2")
    ranks = [checkpoint.read(together / f"{name}-{rank}.safetensors")[0] for rank in (0, 1)]
    for key, value in alone.items():
        assert torch.equal(ranks[0][key], ranks[1][key]), key  # the teacher's too
        torch.testing.assert_close(ranks[0][key], value, rtol=0, atol=1e-6)
    assert losses(together / name) == pytest.approx(losses(tmp_path / "alone"), abs=1e-6)
    assert len(losses(together / name)) == 4


def test_the_teacher_has_moved(together) -> None:
    """Else its being equal everywhere would show nothing."""
    torch.manual_seed(3)
    before = toy.data2vec_job().objective.state_dict()
    after, _ = checkpoint.read(together / "data2vec-1.safetensors")
    moved = [key for key in before if key.startswith("teacher.") and before[key].ndim > 1]
    assert moved
    assert all(not torch.equal(before[key], after[key]) for key in moved)


def test_one_process_alone_writes(together) -> None:
    names = {file.name for file in (together / "bert").iterdir()}
    assert names == {
        "config.json", "curves.csv", "curves.png", "model.safetensors", "state.safetensors",
    }  # fmt: skip
    assert '"processes": 2' in (together / "bert" / "config.json").read_text()


def test_processes_with_different_data_are_refused(together) -> None:
    for rank in (0, 1):
        said = (together / f"refused-{rank}").read_text()
        assert said.startswith("processes were given different data")
