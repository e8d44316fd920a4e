"""What this machine has, and what to do about each problem.

Exit status 1 only for what would stop the notebooks: no GPU, no network, no browser or no sound
are notes. Whatever is not of the standard library is imported late: it may be what is missing.
"""

import argparse
import importlib.metadata
import os
import platform
import re
import shutil
import sys
import webbrowser
from dataclasses import dataclass

from lecturelib.paths import ROOT, require_clone

PYTHON = (3, 11)
FREE_GIB = 1.0  # data sets that a student fetches, and copies of the notebooks
MEMORY_GIB = 3.0  # what a notebook may take at most
BROWSERS = ("firefox", "chromium", "chromium-browser", "google-chrome")
INSTALL = f"{sys.executable} -m pip install -r requirements.txt"
# Everything runs with 2.14.1. 2.10.0 is Colab's of February 2026: with it the package imports and
# most of the encoders' tests pass; no notebook was run. Colab's torch is never installed again.
TORCH = {"torch": ">=2.10,<2.15", "torchvision": ">=0.25,<0.30", "torchaudio": ">=2.10,<2.12"}
NEW_MACHINE = "Runtime > Disconnect and delete runtime: a new machine has Colab's newest"
NOT_IN_COLAB = ("jupyterlab", "nbval")  # Colab is what the notebooks are read in


@dataclass(frozen=True)
class Finding:
    """One line of the report; `advice` is what to do, empty where all is well."""

    what: str
    found: str
    advice: str = ""
    stops: bool = False  # the notebooks would not run

    def __str__(self) -> str:
        mark = "STOP" if self.stops else "note" if self.advice else "ok"
        advice = f"\n{'':22}-> {self.advice}" if self.advice else ""
        return f"{mark:<5} {self.what:<15} {self.found}{advice}"


def greet() -> None:
    """A notebook's first line: what runs here. Figures are shown as PNG from now on.

    Raises RuntimeError with the remedy where torch is missing; another torch is a note.
    """
    for finding in torch_packages():
        if finding.stops:
            raise RuntimeError(str(finding))
        print(finding)
    from IPython import get_ipython
    from IPython.core.pylabtools import select_figure_formats

    from lecturelib.training import runtime

    if shell := get_ipython():
        select_figure_formats(shell, {"png"})
    if in_colab() and not runtime.has_gpu():
        print("No GPU here. With one, models are larger: Runtime > Change runtime type > T4 GPU")
    versions = " · ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("lecturelib", "torch")
    )
    print(f"{versions} · {runtime.device_name()}, {os.cpu_count()} cores · pace {runtime.pace()}")


def clone() -> Finding:
    """data/ and notebooks/ stand beside the package."""
    try:
        return Finding("clone", str(require_clone()))
    except RuntimeError as error:
        return Finding("clone", "not found", str(error), stops=True)


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """The interpreter."""
    found = ".".join(map(str, version))
    if version < PYTHON:
        return Finding("Python", found, "install Python 3.11 or newer: python.org", stops=True)
    return Finding("Python", f"{found} at {sys.executable}")


def in_colab() -> bool:
    """Colab names its release in each of its processes."""
    return "COLAB_RELEASE_TAG" in os.environ


def requirements(text: str) -> dict[str, tuple[str, str]]:
    """requirements.txt -> name: (range, tested version)."""
    lines = re.findall(r"^([\w-]+)(\S+)  # (\S+):", text, re.MULTILINE)
    return {name: (allowed, tested) for name, allowed, tested in lines}


def installed() -> dict[str, str]:
    """Name -> version of every package here; where there are two, what Python would import."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        found.setdefault(distribution.name.lower().replace("_", "-"), distribution.version)
    return found


def packages(text: str) -> list[Finding]:
    """Installed versions against the ranges and the tested versions of requirements.txt."""
    wanted, here = requirements(text), installed()
    if in_colab():
        wanted = {name: value for name, value in wanted.items() if name not in NOT_IN_COLAB}
    if missing := [name for name in wanted if name not in here]:
        advice = remedy(missing[0])
        return [Finding("packages", f"missing: {', '.join(missing)}", advice, stops=True)]
    from packaging.specifiers import SpecifierSet

    strange = [
        Finding(name, f"{here[name]}, tested with {tested}", f"fits {allowed}: {remedy(name)}")
        for name, (pinned, tested) in wanted.items()
        for allowed in [TORCH.get(name, pinned)]
        if not SpecifierSet(allowed).contains(here[name], prereleases=True)
    ]
    fine = f"{len(wanted) - len(strange)} of {len(wanted)} in the tested ranges"
    newer = sum(here[name] != tested for name, (_, tested) in wanted.items())
    return [Finding("packages", f"{fine}; {newer} differ from the very version tested"), *strange]


def remedy(name: str) -> str:
    """How to get a version that was tried; Colab's torch belongs to Colab."""
    return NEW_MACHINE if name in TORCH and in_colab() else INSTALL


def torch_packages() -> list[Finding]:
    """What is wrong with torch, torchvision and torchaudio; empty where they were tried."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf8").splitlines()
    found = packages("\n".join(line for line in lines if line.startswith("torch")))
    return [finding for finding in found if finding.advice]


def processor() -> Finding:
    """How many cores."""
    cores = os.cpu_count() or 1
    advice = "" if cores > 1 else "the measured minutes are for 2 cores; expect about twice as long"
    return Finding("CPU", f"{cores} cores, {platform.machine()}", advice)


def memory() -> Finding:
    """What a notebook may take, and what is free."""
    import psutil

    free = psutil.virtual_memory().available / 2**30
    advice = (
        ""
        if free > MEMORY_GIB
        else f"close other programs: a notebook takes up to {MEMORY_GIB:g} GiB"
    )
    return Finding("memory", f"{free:.1f} GiB free", advice)


def disk() -> Finding:
    """Room for data sets and copies."""
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < FREE_GIB:
        advice = f"free some: data sets and copies take up to {FREE_GIB:g} GiB"
        return Finding("disk", f"{free:.1f} GiB free", advice, stops=True)
    return Finding("disk", f"{free:.1f} GiB free")


def graphics() -> Finding:
    """GPU, and the pace that follows from it."""
    from lecturelib.training import runtime

    found = f"{runtime.device_name()}, pace {runtime.pace()}"
    advice = "" if runtime.has_gpu() else "fine: on a CPU notebooks train small and load the rest"
    return Finding("GPU", found, advice)


def sound() -> Finding:
    """Reading and writing sound files, and speech synthesis."""
    try:
        import espeakng_loader
        import soundfile

        formats = [name for name in ("FLAC", "MP3", "OGG") if name in soundfile.available_formats()]
        espeakng_loader.load_library()
        return Finding("sound", f"reads {', '.join(formats)}; speaks with eSpeak NG")
    except OSError as error:
        return Finding("sound", str(error), "install libsndfile and espeak-ng by your system")


def network() -> Finding:
    """Can the project's host be reached? Never waits long, also where name look-up hangs."""
    from lecturelib.commands.notebooks import repository
    from lecturelib.data.download import reach

    if why := reach(repository()):
        return Finding("network", why, "fine: data that works offline is used instead")
    return Finding("network", f"{repository()} reached")


def browser() -> Finding:
    """What JupyterLab opens in."""
    if path := next(filter(None, map(shutil.which, BROWSERS)), None):
        return Finding("browser", path)
    try:
        return Finding("browser", getattr(webbrowser.get(), "name", "the system's own"))
    except webbrowser.Error:
        return Finding(
            "browser", "none", "install one, or open the address that lab prints elsewhere"
        )


def data() -> list[Finding]:
    """Which data sets are on this machine, hash checked."""
    from lecturelib.data import registry

    here, spoilt = [], []
    for name in registry.CARDS:
        try:
            here += [name] * (registry.find(name) is not None)
        except ValueError as error:
            spoilt.append(Finding(name, "spoilt", str(error), stops=True))
    absent = len(registry.CARDS) - len(here) - len(spoilt)
    advice = "optional, to see and fetch them: python -m lecturelib data" if absent else ""
    found = f"here: {', '.join(here) or 'none'}; {absent} can be fetched"
    return [Finding("data", found, advice), *spoilt]


def examine() -> list[Finding]:
    """All findings; what needs the packages is left out where packages are missing."""
    found = [clone(), python()]
    if not found[0].stops:
        found += packages((ROOT / "requirements.txt").read_text(encoding="utf8"))
    if not any(finding.stops for finding in found):
        found += [graphics(), memory(), sound(), *data(), network()]
    return [*found, processor(), disk(), browser()]


def main(argv: list[str]) -> int:
    """python -m lecturelib doctor: 0, or 1 where something would stop the notebooks."""
    parser = argparse.ArgumentParser(prog="python -m lecturelib doctor", description=__doc__)
    parser.parse_args(argv)
    found = examine()
    print(*found, sep="\n")
    stops = sum(finding.stops for finding in found)
    print(f"{stops} to repair before the notebooks run." if stops else "The notebooks can run.")
    return min(stops, 1)
