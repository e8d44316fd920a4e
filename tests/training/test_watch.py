"""Each watch on what was measured: the ledger's collapses end a run, no shipped curve does."""

import json
from collections.abc import Iterator

import pytest

from lecturelib.paths import CHECKPOINTS, DATA
from lecturelib.pretraining import wav2vec2
from lecturelib.training import checkpoint
from lecturelib.training.watch import Watch, dead

GUESSES = dead("prediction_variance", 1e-4, "one prediction")
WATCHES: dict[str, tuple[str, Watch]] = {  # checkpoint: (what is watched, by what)
    "data2vec_speech": ("prediction_variance", GUESSES),
    "data2vec_cifar10": ("prediction_variance", GUESSES),
    "data2vec_wikipedia": ("prediction_variance", GUESSES),
    "wav2vec2_speech": ("hard_perplexity", wav2vec2.dead_codes(2)),
    "simclr_mnist5k": ("spread", dead("spread", 0.1, "one vector")),
}
COLLAPSED = {  # card, number in it: the curve that would show it
    ("data2vec_safeguards", "wikipedia, prediction_variance, without"): "data2vec_wikipedia",
    ("codebook_collapse", "as it is"): "wav2vec2_speech",
    ("collapse", "none"): "simclr_mnist5k",
}


def said(watch: Watch, name: str, values: list[float]) -> Iterator[str]:
    """What it says after each row."""
    rows = []
    for step, value in enumerate(values):
        rows.append({"step": step, "loss": 1.0, name: value})
        yield watch(rows)


@pytest.mark.parametrize("which", WATCHES)
def test_no_healthy_run_is_stopped(which: str) -> None:
    """A shipped curve has 60 points: each is held until the next, which is worse than it was."""
    name, watch = WATCHES[which]
    steps, values = zip(*checkpoint.read(CHECKPOINTS / f"{which}.safetensors")[1]["curve"][name],
                        strict=True)  # fmt: skip
    held = [
        value
        for value, at, after in zip(values, steps, [*steps[1:], steps[-1] + 1], strict=True)
        for _ in range(after - at)
    ]
    assert len(held) == steps[-1] + 1
    assert set(said(watch, name, held)) == {""}


@pytest.mark.parametrize("place", COLLAPSED, ids=str)
def test_a_measured_collapse_is_found(place: tuple[str, str]) -> None:
    cards = {card["name"]: card for card in json.loads((DATA / "claims.json").read_text())}
    card, number = place
    name, watch = WATCHES[COLLAPSED[place]]
    for run in cards[card]["runs"]:
        found = list(said(watch, name, [1e3] * 10 + [run[number]] * 200))
        assert found[:-1] == [""] * 209
        assert name in found[-1]


def test_it_wants_them_on_end_and_counts_only_where_it_was_measured() -> None:
    watch = dead("v", 0.5, "gone", patience=3)
    assert list(said(watch, "v", [0.1, 0.1, 0.9, 0.1, 0.1])) == [""] * 5
    rows = [{"step": 0, "v": 0.1}, {"step": 1}, {"step": 2, "v": 0.5}, {"step": 3}]
    assert watch(rows) == ""
    assert watch([*rows, {"step": 4}]) == ""
    assert watch([*rows, {"step": 4, "v": 0.2}]) == (
        "gone: v is at most 0.5 for 3 measurements on end"
    )


def test_a_number_that_is_none_is_not_a_collapse() -> None:
    """NaN is the loop's business."""
    assert set(said(dead("v", 0.5, "gone", patience=2), "v", [float("nan")] * 5)) == {""}
