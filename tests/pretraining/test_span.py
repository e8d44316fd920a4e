"""The shipped answers: better than guesses, as their own file says, and small."""

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.span import Spans, score
from lecturelib.data import text
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining.span import shipped
from lecturelib.training import checkpoint
from tests.requirements import require

PATH = CHECKPOINTS / "span_xquad.safetensors"


@pytest.fixture(scope="module")
def model() -> Spans:
    return shipped()


def test_the_file_is_small_and_names_its_data() -> None:
    _, facts = checkpoint.read(PATH)
    assert PATH.stat().st_size < 5e6
    assert "CC BY-SA 4.0" in facts["data_licence"]
    assert facts["last"]["test_f1"] > 27  # three layers, trained for two epochs


def test_some_of_the_stored_result_is_seen_again(model: Spans) -> None:
    asked = text.xquad("en", "test")
    require("mirror", asked[0].source != text.STAND_IN, "XQuAD is not here")
    some = asked[::12]
    assert score(model.answers(some), some)["f1"] > 20


def test_what_is_drawn_is_of_similar_length_and_everybody_has_a_turn() -> None:
    job = pretraining.build("span", "", "quick")
    rng = torch.Generator().manual_seed(0)
    batches = [job.draw(rng) for _ in range(20)]
    lengths = [(~batch.is_pad).sum(1) for batch in batches if batch.is_pad is not None]
    assert sum(int(some.max() - some.min()) for some in lengths) / len(lengths) < 80
    assert sum(p.numel() for p in job.ship.parameters()) < 1e6
