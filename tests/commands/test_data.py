"""The data command: exit status 0 fine, 1 findings, 2 bad usage."""

import os
from pathlib import Path

import pytest

from lecturelib.commands import data
from lecturelib.data import download, registry
from lecturelib.data.cards import CARDS
from lecturelib.lecture import needs, route
from tests.lecture.halls import stop
from tests.requirements import require

MIRROR = os.environ.get("LECTURELIB_MIRROR", "")


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


@pytest.fixture
def shows(monkeypatch: pytest.MonkeyPatch):
    """shows(notebook, ...): the route is these."""

    def shows(*names: str) -> None:
        stops = {route.Stop(**stop(name, name, "A", "x")): "" for name in names}
        monkeypatch.setattr(route, "read", lambda: stops)

    return shows


def test_the_lectures_data_are_named_where_they_are_missing(shows, capsys) -> None:
    shows("07b_wav2vec_recognition", "04_transformer", "02_vgg_transfer")
    assert data.main(["fetch", "--lecture"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "The lecture is missing: cifar10, fsdd"


def test_the_lectures_data_and_models_are_complete(shows, capsys, monkeypatch) -> None:
    require("mirror", bool(MIRROR), "LECTURELIB_MIRROR names no folder")
    monkeypatch.setenv("LECTURELIB_MIRROR", MIRROR)
    shows("05_elmo_vs_bert", "07b_wav2vec_recognition")
    assert data.main(["fetch", "--lecture"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split(":")[0] for line in lines[:-1]]
    assert names == ["wikipedia", "wordsim353", "simlex999", "brown", "fsdd", needs.MINILM]
    assert lines[-1] == "The lecture is complete: it runs without a network"


def test_a_model_that_cannot_be_loaded_is_missing(shows, capsys, monkeypatch) -> None:
    shows("04_transformer")
    monkeypatch.setitem(needs.MODELS, "04_transformer", ("nobody/none",))
    assert data.main(["fetch", "--lecture"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "The lecture is missing: nobody/none"


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
