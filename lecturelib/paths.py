"""Where things are in the clone. Standard library only, so that everything may import it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
CHECKPOINTS = DATA / "checkpoints"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"


def require_clone() -> Path:
    """The clone's root; `data/` and `notebooks/` stand beside the package only there.

    Raises RuntimeError with the remedy where lecturelib was copied into site-packages instead.
    """
    missing = [
        name for name in ("pyproject.toml", "data", "notebooks") if not (ROOT / name).exists()
    ]
    if missing:
        raise RuntimeError(
            f"{ROOT} is not a clone of lecturelib: it has no {', '.join(missing)}. "
            "Clone the repository and install it in place: pip install -e ."
        )
    return ROOT
