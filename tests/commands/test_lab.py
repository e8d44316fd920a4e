"""lab --lecture: which switches go together, and what JupyterLab is started with."""

import subprocess
from pathlib import Path

import pytest

from lecturelib.commands import lab
from lecturelib.lecture import hall, route
from tests.lecture.halls import write_route


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    """What JupyterLab would have been started with, and what was written for it."""
    file, notebooks = write_route(tmp_path)
    read, calls = route.read, []
    monkeypatch.setattr(route, "read", lambda: read(file, notebooks))
    monkeypatch.setattr(hall, "set_up", lambda *what: calls.append(what) or {"SETTINGS": "own"})
    monkeypatch.setattr(subprocess, "call", lambda line, env: calls.append((line, env)) or 0)
    return calls


@pytest.mark.parametrize(
    ("switches", "titles", "live"),
    [
        ([], ["Who looks?", "What is it?", "What goes wrong?"], False),
        (["--live"], ["Who looks?", "What is it?", "What goes wrong?"], True),
        (["--short"], ["Who looks?", "What is it?"], False),
    ],
)
def test_the_route_is_prepared_and_opened(switches, titles, live, started, capsys) -> None:
    assert lab.main(["--lecture", *switches]) == 0
    (stops, is_live), (line, variables) = started
    assert [stop.title for stop in stops] == titles
    assert is_live is live
    assert line == [*lab.LAB]
    assert variables["SETTINGS"] == "own"
    assert capsys.readouterr().out.startswith(
        f"{len(titles)} stops, {sum(s.minutes for s in stops)}"
    )


def test_without_the_lecture_nothing_is_prepared(started: list) -> None:
    assert lab.main(["04"]) == 0
    assert started[0][0] == lab.command_line("04")
    assert "SETTINGS" not in started[0][1]


@pytest.mark.parametrize("argv", [["--live"], ["--short"], ["04", "--lecture"], ["04", "--live"]])
def test_switches_that_do_not_go_together(argv, started, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        lab.main(argv)
    assert ended.value.code == 2
    assert "--short and --live go with --lecture" in capsys.readouterr().err
    assert started == []


def test_a_bad_route_is_bad_usage(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def read() -> None:
        raise ValueError("stop 'A': there is no notebook 99")

    monkeypatch.setattr(route, "read", read)
    with pytest.raises(SystemExit) as ended:
        lab.main(["--lecture"])
    assert ended.value.code == 2
    assert "stop 'A': there is no notebook 99" in capsys.readouterr().err
