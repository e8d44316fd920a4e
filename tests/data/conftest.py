"""Each test of this folder starts with a cache of its own and no memory of unreachable hosts."""

from pathlib import Path

import pytest

from lecturelib.data import download, registry


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, no mirror, the network allowed, nothing known about any host."""
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    monkeypatch.delenv("LECTURELIB_OFFLINE", raising=False)
    monkeypatch.setattr(download, "_why_not", {})
    monkeypatch.setattr(download, "_waited", 0.0)
    monkeypatch.setattr(registry, "_fresh", set())
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def offline(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, no mirror, no network."""
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    return cache
