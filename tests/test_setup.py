"""Set-up: the lists of packages agree, make does what is needed only, Colab's first cell works."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement

from lecturelib.commands import notebooks
from lecturelib.paths import ROOT
from tests import budget
from tests.requirements import require

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
LINES = (ROOT / "requirements.txt").read_text(encoding="utf8").splitlines()
RANGES = [line.split("  #")[0] for line in LINES if not line.startswith("#")]
TRIPLE = ["torch==2.14.1", "torchaudio==2.11.0", "torchvision==0.29.1"]


def test_requirements_and_pyproject_agree() -> None:
    """Colab has torch and a Jupyter of its own: both are in the extra that it leaves out."""
    own = PROJECT["optional-dependencies"]["full"]
    assert own == [*TRIPLE, "jupyterlab>=4.2,<5", "nbval>=0.11,<1"]
    assert sorted(own + PROJECT["dependencies"]) == sorted(RANGES)


def test_requirements_open_with_what_the_notebooks_stand_on() -> None:
    first = (
        "torch torchaudio torchvision transformers matplotlib ipywidgets jupyterlab nbval soundfile"
    )
    assert [Requirement(line).name for line in RANGES[:9]] == first.split()


def test_every_requirement_has_a_tested_version_in_its_range_and_a_reason() -> None:
    for line in (line for line in LINES if not line.startswith("#")):
        found = re.fullmatch(r"(\S+)  # (\S+): \S.{9,}", line)
        assert found, line
        assert Requirement(found.group(1)).specifier.contains(found.group(2)), line


def test_what_the_package_imports_is_required() -> None:
    late = {"datasets"}  # only for texts from the hub; without it an error names the remedy
    allowed = {Requirement(line).name.lower() for line in RANGES} | {"lecturelib"} | late
    providers = importlib.metadata.packages_distributions()
    for path in (ROOT / "lecturelib").rglob("*.py"):
        for name in imported(path.read_text(encoding="utf8")) - sys.stdlib_module_names:
            distributions = {
                found.lower().replace("_", "-") for found in providers.get(name, [name])
            }
            assert distributions & allowed, f"{path.relative_to(ROOT)} imports {name}"


def imported(text: str) -> set[str]:
    """Top-level names of all absolute imports."""
    nodes = list(ast.walk(ast.parse(text)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    taken = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in plain | taken}


def dry_run(folder: Path, target: str) -> str:
    """What make would do; the make that runs these tests passes nothing on."""
    line = ["make", "--dry-run", "N=", f"PYTHON={sys.executable}", target]
    outside = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.check_output(line, cwd=folder, text=True, env=outside)


def test_make_sets_up_once_and_again_where_requirements_changed(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    fresh = dry_run(tmp_path, "test")
    assert fresh.index("-m venv .venv") < fresh.index("-r requirements.txt -e .")
    assert fresh.index("-r requirements.txt") < fresh.index('-e ".[test,peers,site]"')
    assert fresh.index('-e ".[test,peers,site]"') < fresh.index("tests/budget.py")
    assert "[test,peers,site]" not in dry_run(tmp_path, "run")
    (tmp_path / ".venv").mkdir()
    for number, name in enumerate(("ready", "ready-for-tests")):
        (tmp_path / ".venv" / name).write_text("1")
        os.utime(tmp_path / ".venv" / name, (4e9 + number, 4e9 + number))
    assert dry_run(tmp_path, "run").split() == [".venv/bin/python", "-m", "lecturelib", "run"]
    assert dry_run(tmp_path, "test").split() == [".venv/bin/python", "tests/budget.py"]
    os.utime(tmp_path / "requirements.txt", (5e9, 5e9))
    assert "-r requirements.txt -e ." in dry_run(tmp_path, "run")


def test_the_budget_counts_errors_as_failures() -> None:
    report = '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="3"/></testsuites>'
    assert budget.counts(report) == {"passed": 3, "failed": 3, "skipped": 3}


def test_a_part_that_collects_nothing_fails(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(budget, "REPORTS", tmp_path)
    monkeypatch.setitem(budget.PARTS, "empty", (1, str(tmp_path)))
    assert budget.run("empty").failed == 1


@pytest.mark.parametrize(
    ("named", "error"),
    [("browser,peers", pytest.skip.Exception), ("peers,mirror", pytest.fail.Exception)],
)
def test_what_is_required_fails_instead_of_being_skipped(
    monkeypatch, named: str, error: type
) -> None:
    monkeypatch.setenv("LECTURELIB_REQUIRE", named)
    require("mirror", True, "it is there")
    with pytest.raises(error, match="no folder"):
        require("mirror", False, "no folder")
    with pytest.raises(ValueError, match="what='gpu' is not one of browser, peers, mirror"):
        require("gpu", True, "never asked")


@pytest.fixture
def published(tmp_path: Path) -> str:
    """The address of a repository that holds this working tree."""
    folder = tmp_path / "published"
    unwanted = shutil.ignore_patterns(
        ".git", ".venv", "build", "*.egg-info", "__pycache__", ".*cache"
    )
    shutil.copytree(ROOT, folder, ignore=unwanted)
    for line in ("init -q", "add -A", "-c user.name=n -c user.email=e commit -qm all --no-verify"):
        subprocess.run(["git", *line.split()], cwd=folder, check=True)
    return folder.as_uri()


@pytest.fixture
def colab(tmp_path: Path) -> Path:
    """Python of an environment with all packages but lecturelib: what Colab has, and the rest."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "colab"], check=True)
    links = tmp_path / "links"
    links.mkdir()
    for package in Path(torch.__file__).parents[1].iterdir():
        if "lecturelib" not in package.name and package.suffix != ".pth":
            (links / package.name).symlink_to(package)
    (site,) = (tmp_path / "colab").glob("lib/python*/site-packages")
    (site / "links.pth").write_text(str(links))
    return tmp_path / "colab" / "bin" / "python"


def test_the_first_cell_installs_in_colab_and_leaves_torch_alone(
    published: str, colab: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "content"
    empty.mkdir()
    cell = notebooks.FIRST_CELL.format(repository=published)
    check = "import lecturelib, torch; print(lecturelib.__file__, torch.__file__)"
    (tmp_path / "cell.ipy").write_text(f"{cell}\n{check}\n")
    settings = {"LECTURE_PACE": "quick", "IPYTHONDIR": str(tmp_path)}
    settings |= {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # pip: 0 means no isolation
    line = [colab, "-m", "IPython", "--colors=nocolor", str(tmp_path / "cell.ipy")]
    for _ in range(2):  # the second time all is there
        done = subprocess.run(
            line, cwd=empty, env=os.environ | settings, text=True, capture_output=True
        )
        *said, last = done.stdout.strip().splitlines()
        where = [empty / "lecture" / "lecturelib", tmp_path / "links" / "torch"]
        shown = [str(folder / "__init__.py") for folder in where]
        assert last.split() == shown, done.stdout + done.stderr
        assert said[-1].endswith("pace quick")
    assert (empty / "lecture" / "data").is_dir()
    revisions = ["git", "-C", empty / "lecture", "rev-parse", "--is-shallow-repository"]
    assert subprocess.check_output(revisions, text=True).strip() == "true"
