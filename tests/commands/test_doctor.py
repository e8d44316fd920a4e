"""doctor, on machines that lack one thing each: what it says, and whether it stops."""

import importlib.metadata
import os
import re
import shutil
import webbrowser
from collections import namedtuple
from pathlib import Path

import psutil
import pytest
import soundfile
import torch

from lecturelib import paths
from lecturelib.commands import doctor
from lecturelib.data import download, registry
from lecturelib.paths import ROOT
from lecturelib.training import runtime

Usage = namedtuple("Usage", "total used free")
Memory = namedtuple("Memory", "available")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")


@pytest.mark.usefixtures("no_network")
def test_this_machine_can_run_the_notebooks(capsys: pytest.CaptureFixture) -> None:
    assert doctor.main([]) == 0
    shown = capsys.readouterr().out
    assert shown.endswith("The notebooks can run.\n")
    named = set(re.findall(r"^(?:ok|note|STOP) +(\w+) ", shown, re.MULTILINE))
    assert named >= {"clone", "Python", "packages", "CPU", "GPU", "memory", "disk", "sound"}
    assert named >= {"data", "network", "browser"}
    assert "mnist5k" in shown
    assert "LECTURELIB_OFFLINE=1" in shown


@pytest.mark.usefixtures("no_network")
def test_a_full_disk_stops_with_exit_status_1(monkeypatch, capsys) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10, 10, 0.25 * 2**30))
    assert doctor.main([]) == 1
    shown = capsys.readouterr().out
    assert re.search(r"STOP +disk +0\.2 GiB free\n +-> free some", shown)
    assert shown.endswith("1 to repair before the notebooks run.\n")


def test_an_old_python_stops() -> None:
    assert doctor.python((3, 10, 12)).stops
    assert doctor.python((3, 11, 0)).advice == ""
    assert "install Python 3.11" in doctor.python((3, 10, 12)).advice


def test_requirements_are_read_with_their_tested_versions() -> None:
    text = "# comment\ntorch==2.14.1  # 2.14.1: tensors\nscikit-learn>=1.5,<2  # 1.9.1: digits\n"
    expected = {"torch": ("==2.14.1", "2.14.1"), "scikit-learn": (">=1.5,<2", "1.9.1")}
    assert doctor.requirements(text) == expected


def test_a_missing_package_stops_and_is_named() -> None:
    (found,) = doctor.packages("pytest>=1  # 1: here\nno-such-thing>=1  # 1: not here\n")
    assert found.stops
    assert found.found == "missing: no-such-thing"
    assert found.advice.endswith("-m pip install -r requirements.txt")


def test_a_package_out_of_range_is_a_note_with_both_versions() -> None:
    here = importlib.metadata.version("pytest")
    fine, strange = doctor.packages(f"pytest<1  # 0.9: old\nnumpy>=1  # {here}: fine\n")
    assert fine.found.startswith("1 of 2 in the tested ranges")
    assert (strange.what, strange.found) == ("pytest", f"{here}, tested with 0.9")
    assert strange.advice.startswith("fits <1: ")
    assert not strange.stops


def test_missing_packages_are_said_before_anything_needs_them(monkeypatch) -> None:
    monkeypatch.setattr(doctor, "requirements", lambda text: {"no-such-thing": (">=1", "1")})
    for needs_packages in ("graphics", "memory", "sound", "data", "network"):
        monkeypatch.setattr(doctor, needs_packages, lambda: pytest.fail("asked too early"))
    found = {finding.what: finding for finding in doctor.examine()}
    assert found["packages"].stops
    assert {"disk", "CPU", "browser"} <= set(found)


def test_a_copy_in_site_packages_is_no_clone(monkeypatch, tmp_path: Path) -> None:
    assert paths.require_clone() == ROOT
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    with pytest.raises(RuntimeError, match=r"it has no data, notebooks.*pip install -e \."):
        paths.require_clone()
    assert doctor.clone().stops


def test_little_memory_and_one_core_are_notes(monkeypatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(2 * 2**30))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    for finding, text in (
        (doctor.memory(), "close other programs"),
        (doctor.processor(), "2 cores"),
    ):
        assert text in finding.advice
        assert not finding.stops


def test_no_gpu_no_sound_and_no_browser_are_notes(monkeypatch) -> None:
    monkeypatch.setenv("LECTURE_PACE", "quick")
    monkeypatch.setattr(runtime, "has_gpu", lambda: False)
    monkeypatch.setattr(soundfile, "available_formats", no_library)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(webbrowser, "get", no_browser)
    findings = [doctor.graphics(), doctor.sound(), doctor.browser()]
    expected = [("GPU", "CPU, pace quick"), ("sound", "libsndfile is missing"), ("browser", "none")]
    assert [(finding.what, finding.found) for finding in findings] == expected
    assert all(finding.advice and not finding.stops for finding in findings)


def no_library() -> dict:
    raise OSError("libsndfile is missing")


def no_browser() -> None:
    raise webbrowser.Error("could not locate runnable browser")


def test_network_is_said_as_it_is(monkeypatch) -> None:
    monkeypatch.setattr(download, "reach", lambda url: "")
    assert doctor.network().found.endswith(" reached")
    monkeypatch.setattr(download, "reach", lambda url: "no network")
    assert (doctor.network().found, doctor.network().stops) == ("no network", False)


def test_a_spoilt_file_stops_and_the_rest_is_counted(monkeypatch) -> None:
    def find(name: str) -> Path | None:
        if name == "sms":
            raise ValueError("sms.tsv has the wrong hash: delete it")
        return ROOT if name == "brown" else None

    monkeypatch.setattr(registry, "CARDS", dict.fromkeys(("brown", "sms", "fsdd", "cifar10")))
    monkeypatch.setattr(registry, "find", find)
    data, spoilt = doctor.data()
    assert data.found == "here: brown; 2 can be fetched"
    assert (spoilt.what, spoilt.advice) == ("sms", "sms.tsv has the wrong hash: delete it")
    assert spoilt.stops


def test_greeting_names_versions_device_and_pace(monkeypatch, capsys) -> None:
    monkeypatch.setenv("LECTURE_PACE", "full")
    monkeypatch.setattr(runtime, "device_name", lambda: "Tesla T4")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    doctor.greet()
    versions = f"lecturelib 0.1.0 · torch {torch.__version__.split('+')[0]}"
    assert re.fullmatch(
        rf"{re.escape(versions)}\S* · Tesla T4, 2 cores · pace full\n", capsys.readouterr().out
    )
