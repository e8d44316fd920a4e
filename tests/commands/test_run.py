"""run and lab: which notebooks, what is printed, which exit status."""

import json
from pathlib import Path

import nbformat
import pytest

from lecturelib.commands import lab, notebooks, readme, run
from lecturelib.paths import ROOT

FINE = "# %% [markdown]\n# # Fine notebook\n\n# %%\n1 + 1\n"
BROKEN = "# %%\nshown = 'before'\nprint(shown)\n\n# %%\nraise ValueError('no such digit')\n"
EVERY = [Path("01_self_training.py"), Path("05_elmo_vs_bert.py"), Path("05b_what_bert.py")]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with two sources."""
    (tmp_path / "data").mkdir()
    folder = tmp_path / "notebooks" / "src"
    folder.mkdir(parents=True)
    (folder / "01_fine.py").write_text(FINE)
    (folder / "02_broken.py").write_text(BROKEN)
    return tmp_path


@pytest.mark.parametrize(
    ("numbers", "names"),
    [
        ([], ["01_self_training", "05_elmo_vs_bert", "05b_what_bert"]),
        (["05"], ["05_elmo_vs_bert"]),
        (["05b", "01"], ["05b_what_bert", "01_self_training"]),
        (["05_elmo_vs_bert"], ["05_elmo_vs_bert"]),
    ],
)
def test_notebooks_are_chosen_by_number(numbers: list[str], names: list[str]) -> None:
    assert [source.stem for source in run.chosen(numbers, EVERY)] == names


def test_an_unknown_number_is_bad_usage(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(ValueError, match=r"no notebook 42: there are 01_self_training, "):
        run.chosen(["01", "42"], EVERY)
    for command in (run, lab):
        with pytest.raises(SystemExit) as ended:
            command.main(["42"])
        assert ended.value.code == 2
        assert "no notebook 42" in capsys.readouterr().err


def test_copies_are_run_and_a_failure_shows_its_cell(clone: Path, capsys) -> None:
    assert run.run(notebooks.sources(clone), rebuild=False) == 1
    shown = capsys.readouterr().out
    assert "[1/2] 01_fine: 0." in shown
    assert "raise ValueError('no such digit')" in shown
    assert "[2/2] 02_broken: FAILED" in shown
    copies = clone / "build" / "notebooks"
    fine = nbformat.read(copies / "01_fine.ipynb", as_version=4)
    assert fine.cells[1].outputs[0].data["text/plain"] == "2"
    broken = nbformat.read(copies / "02_broken.ipynb", as_version=4)
    assert broken.cells[0].outputs[0].text == "before\n"
    assert list((clone / "notebooks").glob("*.ipynb")) == []
    assert list((clone / "data").iterdir()) == []


def test_rebuild_writes_the_notebook_its_minutes_and_the_table(clone: Path) -> None:
    assert run.run(notebooks.sources(clone)[:1], rebuild=True) == 0
    took = json.loads((clone / "data" / "minutes.json").read_text())["01_fine"]
    assert 0 <= took < 0.5
    assert notebooks.table(clone).splitlines() == [
        "| notebook | minutes |",
        "|---|---|",
        f"| [Fine notebook](notebooks/01_fine.ipynb) | {took} |",
        "| [02_broken](notebooks/02_broken.ipynb) | not yet measured |",
    ]
    fine = nbformat.read(clone / "notebooks" / "01_fine.ipynb", as_version=4)
    assert fine.cells[1].outputs[0].data["text/plain"] == "2"


def test_the_readme_table_is_replaced_and_the_rest_kept() -> None:
    text = "a\n<!-- claims -->\nold\n<!-- /claims -->\nb\n"
    expected = "a\n<!-- claims -->\n| new |\n<!-- /claims -->\nb\n"
    assert readme.put(text, "claims", "| new |") == expected
    assert readme.put(expected, "claims", "| new |") == expected


def test_a_readme_without_a_place_for_the_table_is_named() -> None:
    with pytest.raises(ValueError, match="has no place for 'claims': add <!-- claims -->"):
        readme.put("# nothing here", "claims", "| a |")


def test_lab_opens_the_clone() -> None:
    line = lab.command_line(None)
    assert line[1:3] == ["-m", "jupyterlab"]
    assert line[3:] == [f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/notebooks"]
