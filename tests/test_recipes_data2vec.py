"""data2vec's recipes: how little differs, and that the lecture's table says what runs."""

import inspect
from collections.abc import Callable

import pytest
import torch
from torch import nn

from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.objectives.latent_regression import Settings
from lecturelib.recipes import data2vec
from lecturelib.recipes.data2vec import OURS, PUBLISHED, patches, waveform, words
from lecturelib.recipes.lecture_table import LAST_SLIDE, NOT_ON_SLIDES, ROWS, WHY, lecture_table

MOST_LINES = 30


def own_lines(way: Callable) -> list[str]:
    """What only this modality has: its view, its branch of `data2vec`, and its numbers."""
    name = way.__name__
    body = inspect.getsource(data2vec).split(f'== "{name}":')[-1].split("elif")[0].split("else")[0]
    if name == "words":
        body = inspect.getsource(data2vec).split("    else:\n")[-1].split("    return")[0]
    settings = OURS[name].settings
    numbers = [f for f in Settings.__dataclass_fields__ if getattr(settings, f) is not None]
    lines = inspect.getsource(way).splitlines() + body.splitlines() + numbers
    return [line for line in lines if line.strip() and not line.strip().startswith('"""')]


@pytest.mark.parametrize("way", [waveform, patches, words])
def test_at_most_thirty_lines_differ(way: Callable, capsys: pytest.CaptureFixture) -> None:
    """Counted generously: all its settings count, also those that are alike elsewhere."""
    count = len(own_lines(way))
    with capsys.disabled():
        print(f"\ndata2vec, {way.__name__}: {count} lines of its own")
    assert 10 < count <= MOST_LINES


@pytest.mark.parametrize("frontend", OURS)
def test_the_table_has_every_row_and_explains_every_difference(frontend: str) -> None:
    lines = lecture_table(frontend)
    assert [line.row for line in lines] == list(ROWS)
    for line in lines:
        differs = not line.slide == line.published == line.ours
        in_words = (frontend, line.row) == ("waveform", "schedule")  # only a hyphen differs
        assert bool(line.why) == (differs and not in_words), line
    assert {row for name, row in WHY if name == frontend} <= set(ROWS)
    assert {*LAST_SLIDE, *NOT_ON_SLIDES} < set(ROWS)


def test_the_table_reads_off_what_runs() -> None:
    """Change a recipe's number, and its cell changes."""
    lines = {line.row: line for line in lecture_table("waveform")}
    recipe = OURS["waveform"]
    assert f"start_prob={recipe.hide.keywords['start_prob']:g}" in lines["hidden"].ours
    assert f"last {recipe.settings.top} of 3 layers" in lines["teacher's answer"].ours
    assert lines["updates"].ours == f"{recipe.updates:,}"
    assert lines["updates"].published == f"{PUBLISHED['waveform'].updates:,}"


@pytest.mark.parametrize("frontend", OURS)
def test_a_recipe_is_built_with_its_numbers(frontend: str) -> None:
    pieces = train_wordpieces(["a b c d"], 20)
    objective = data2vec(frontend, pieces=pieces)
    recipe = OURS[frontend]
    assert objective.settings == recipe.settings
    assert objective.view.keywords["hide"] is recipe.hide
    assert isinstance(objective.head, nn.Linear)
    depth = len(objective.model.encoder.layers)
    assert recipe.settings.top == depth  # ours average all
    changed = data2vec(frontend, pieces=pieces, top=1, norm="none", hide=len)
    assert changed.settings.top == 1
    assert changed.settings.norm == "none"
    assert changed.view.keywords["hide"] is len


def test_positions_of_words_start_small() -> None:
    """As large as BERT-mini's they are all that a teacher says."""
    torch.manual_seed(0)
    objective = data2vec("words", pieces=train_wordpieces(["a b c d"], 20))
    assert float(objective.model.frontend.position.weight.detach().std()) == pytest.approx(
        0.02, rel=0.05
    )


@pytest.mark.parametrize(
    ("frontend", "said"),
    [
        ("sound", "frontend='sound': choose from waveform, patches, words"),
        ("words", "words need their vocabulary"),
    ],
)
def test_what_cannot_be_built(frontend: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        data2vec(frontend)


def test_too_many_layers() -> None:
    with pytest.raises(ValueError, match="top=5 of 4 layers: choose 1 to 4"):
        data2vec("patches", top=5)
