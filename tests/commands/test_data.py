"""The data command: exit status 0 fine, 1 findings, 2 bad usage."""

from pathlib import Path

import pytest

from lecturelib.commands import data
from lecturelib.data import download, registry
from lecturelib.data.cards import CARDS


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    monkeypatch.setattr(download, "_why_not", {})
    return tmp_path / "cache"


def test_it_lists_all_and_says_what_is_here(capsys: pytest.CaptureFixture) -> None:
    assert data.main([]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(CARDS)
    here = {line.split()[0] for line in lines if line.split()[2] == "yes"}
    assert here == {name for name, card in CARDS.items() if card.how == "package"}
    assert lines[list(CARDS).index("fsdd")].split()[1:5] == ["15.6", "no", "synthetic", "speech"]


def test_fetch_says_where_a_file_is(capsys: pytest.CaptureFixture) -> None:
    assert data.main(["fetch", "digits"]) == 0
    assert capsys.readouterr().out == f"digits: {registry.find('digits')}\n"


def test_fetch_goes_on_after_what_cannot_be_had(capsys: pytest.CaptureFixture) -> None:
    assert data.main(["fetch", "xquad", "digits"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["digits", "xquad.en", "xquad.de"]
    assert "LECTURELIB_OFFLINE=1" in lines[1]


@pytest.mark.parametrize("argv", [["fetch"], ["fetch", "mnist"], ["fetch", "digits", "mnist"]])
def test_bad_names_are_bad_usage(argv: list[str], capsys: pytest.CaptureFixture) -> None:
    assert data.main(argv) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "mnist5k, digits" in shown.err


def test_an_unknown_action_is_bad_usage(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        data.main(["drop"])
    assert stop.value.code == 2
    assert "invalid choice: 'drop'" in capsys.readouterr().err


def test_verify_finds_a_changed_file(offline: Path, capsys: pytest.CaptureFixture) -> None:
    assert data.main(["verify"]) == 0
    assert "sms                          not here" in capsys.readouterr().out
    offline.mkdir()
    (offline / "sms.tsv").write_text("ham\thello\n")
    assert data.main(["verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if "delete the file" in line).startswith("sms ")
    assert (offline / "sms.tsv").read_text() == "ham\thello\n"
