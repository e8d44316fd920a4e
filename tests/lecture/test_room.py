"""The lecture's server, a real one without a browser: kernels come to their stops and return."""

import asyncio
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError

import nbformat
import pytest

from lecturelib.lecture.room import MEMORY, Room
from tests.lecture.halls import Hall, open_hall


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hall")


@pytest.fixture(scope="module")
def instant(folder: Path):
    with open_hall(folder, live=False) as hall:
        yield hall


def printed(folder: Path, name: str) -> str:
    """All text that a copy shows."""
    cells = nbformat.read(folder / "lecture" / f"{name}.ipynb", as_version=4).cells
    return "".join(out.get("text", "") for cell in cells for out in cell.get("outputs", []))


def process(folder: Path) -> int:
    """The first notebook's kernel, as its first cell printed it."""
    return int(printed(folder, "01_one").split()[1])


def test_every_stop_is_run_and_one_failure_stops_no_other(instant: Hall, folder: Path) -> None:
    found = instant.wait("ready", "ready", "failed")
    assert found["stops"][2]["why"] == "ZeroDivisionError: division by zero"
    assert found["versions"] == {"lecture/01_one.ipynb": 1, "lecture/02_two.ipynb": 1}
    assert printed(folder, "02_two") == "answer 42\n"
    shown = nbformat.read(folder / "lecture" / "01_one.ipynb", as_version=4).cells[7].outputs
    assert "application/vnd.jupyter.widget-view+json" in shown[-1].data  # alive in JupyterLab


def test_a_killed_kernel_is_red_and_returns(instant: Hall, folder: Path) -> None:
    instant.wait("ready", "ready", "failed")
    killed = process(folder)
    os.kill(killed, signal.SIGKILL)
    found = instant.wait("failed", "ready", "failed")
    assert found["stops"][0]["why"] == "the kernel has died or was restarted"
    instant.ask({"stop": 0, "afresh": True})
    instant.wait("ready", "ready", "failed")
    assert process(folder) != killed
    assert printed(folder, "02_two") == "answer 42\n"  # the other was left alone


@pytest.mark.parametrize("wish", [{}, {"stop": 3}, {"stop": -1}, {"stop": "1"}, {"stop": True}])
def test_a_stop_that_is_not_there_is_refused(instant: Hall, wish: dict) -> None:
    with pytest.raises(HTTPError) as refused:
        instant.ask(wish)
    assert refused.value.code == 400
    with refused.value as answer:
        assert b"give a number from 0 to 2" in answer.read()


def test_nobody_asks_without_the_token(instant: Hall) -> None:
    with pytest.raises(HTTPError) as refused:
        Hall(instant.address, token="wrong").ask()
    assert refused.value.code == 403
    refused.value.close()


def test_live_the_lecturers_cells_wait(tmp_path: Path) -> None:
    with open_hall(tmp_path, live=True) as hall:
        hall.wait("ready", "ready", "waiting")
        assert printed(tmp_path, "02_two") == ""
        hall.ask({"stop": 2, "afresh": False})
        hall.wait("ready", "ready", "ready")
        cells = nbformat.read(tmp_path / "lecture" / "01_one.ipynb", as_version=4).cells
        assert [cell.execution_count for cell in cells if cell.cell_type == "code"] == [1, 2, None]


class Sessions:
    """Stands for the server's sessions: a notebook's path is its session's id and its kernel's."""

    def __init__(self) -> None:
        self.open: list[str] = []

    async def session_exists(self, path: str) -> bool:
        return path in self.open

    async def get_session(self, path: str) -> dict:
        return {"id": path, "kernel": {"id": path}}

    async def create_session(self, path: str, *_: str) -> dict:
        await asyncio.sleep(0)  # as a kernel's start: another may ask meanwhile
        self.open.append(path)
        return await self.get_session(path)

    async def delete_session(self, path: str) -> None:
        self.open.remove(path)


def test_whoever_asks_first_one_kernel_is_started() -> None:
    async def both() -> list[str]:
        sessions = Sessions()
        room = Room(SimpleNamespace(session_manager=sessions), [{"path": "a"}], live=False)
        await asyncio.gather(room.seat("a"), room.seat("a"))
        return sessions.open

    assert asyncio.run(both()) == ["a"]


def test_a_stop_is_green_only_when_its_kernel_is_free(monkeypatch) -> None:
    seen = []

    async def reach(room: Room, kernel: object, stop: dict) -> tuple[str, str]:
        seen.append([state for state, _ in room.how])
        return "ready", ""

    async def work() -> list[str]:
        kernel = SimpleNamespace(provisioner=None)
        kernels = SimpleNamespace(get_kernel=lambda number: kernel)
        server = SimpleNamespace(session_manager=Sessions(), kernel_manager=kernels)
        room = Room(server, [{"path": "a"}, {"path": "a"}], live=False)
        await room._work(room.desks["a"], [0, 1], afresh=False)
        return [state for state, _ in room.how]

    monkeypatch.setattr(Room, "_reach", reach)
    assert asyncio.run(work()) == ["ready", "ready"]
    assert seen == [["working", "waiting"], ["working", "working"]]


def test_where_memory_is_short_passed_notebooks_make_room(monkeypatch) -> None:
    sessions = Sessions()
    stops = [{"path": path} for path in "abcc"]

    def available() -> SimpleNamespace:
        return SimpleNamespace(available=(3 - len(sessions.open)) * MEMORY)

    async def walk() -> tuple[list[str], str, list[str], list[tuple[str, str]]]:
        room = Room(SimpleNamespace(session_manager=sessions), stops, live=False)
        for number, path in enumerate("ab"):
            await room.seat(path)
            room.desks[path].process, room.how[number] = number + 1, ("ready", "")
        sessions.open.append("something else that takes memory")
        waiting = asyncio.ensure_future(room._room_for(room.desks["c"]))
        await asyncio.sleep(0.01)
        before, why = list(sessions.open), room.how[2][1]
        waiting.cancel()
        room.here = 1
        await room._room_for(room.desks["c"])
        return before, why, list(sessions.open), room.how

    monkeypatch.setattr("psutil.virtual_memory", available)
    before, why, after, how = asyncio.run(walk())
    assert before[:2] == ["a", "b"]
    assert "4 GiB of free memory" in why
    assert after[0] == "b"
    assert "a" not in after
    assert how[0][0] == "waiting"
    assert how[1] == ("ready", "")
