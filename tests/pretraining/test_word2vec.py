"""The shipped word vectors know what was near what; `pretrain word2vec` makes such a file."""

import json

import pytest
import torch
from scipy.stats import spearmanr

from lecturelib.commands import pretrain
from lecturelib.data import text
from lecturelib.objectives.skipgram import Settings, word2vec
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import word2vec as recipe
from lecturelib.training import checkpoint

PATH = CHECKPOINTS / "word2vec_wikipedia.safetensors"


def test_related_words_are_near_as_people_say() -> None:
    """Spearman on WordSim353 by hand; the margin is wide, see the checkpoint's last row."""
    vectors = recipe.shipped()
    known = [p for p in text.similarity("wordsim353") if p.first in vectors and p.second in vectors]
    one, two = (vectors.vectors([pair[side] for pair in known]) for side in (0, 1))
    cosine = (one * two).sum(1) / one.norm(dim=1) / two.norm(dim=1)
    expected = spearmanr(cosine, [pair.score for pair in known]).statistic
    assert recipe.agreement(vectors)["wordsim353"] == pytest.approx(expected, abs=1e-6)
    assert expected > 0.3


def test_the_shipped_words_are_those_of_the_text_that_we_load() -> None:
    _, facts = checkpoint.read(PATH)
    job = recipe.build("wikipedia", "quick")
    assert facts["data_sha256"] == job.facts["data_sha256"]
    assert facts["vocabulary"] == job.vocabulary
    assert facts["command"] == "python -m lecturelib pretrain word2vec --pace full --ship"
    assert facts["plan"] == Settings(epochs=recipe.EPOCHS["full"]).as_json()
    assert PATH.stat().st_size < 3e6


def test_words_are_lower_case_and_frequent() -> None:
    said = [["the", "old", "cat"], ["the", "cat"], ["the"]]
    assert recipe.frequent(said, 2) == ["the", "cat"]
    assert recipe.numbers(said, ["the", "cat"]) == [[0, 1], [0, 1], [0]]


@pytest.fixture
def tiny() -> recipe.WordJob:
    settings = Settings(dim=4, epochs=3, batch=2)
    words = ["love", "sex", "tiger", "cat"]  # two pairs of each list of pairs
    ship = torch.nn.Embedding(4, 4)
    ids = [[0, 1, 2, 3]] * 30
    return recipe.WordJob(ids, settings, ship, {"data_source": "made up"}, words, seed=0)


def test_the_run_folder_holds_the_vectors_and_their_words(tiny, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(recipe, "agreement", lambda vectors: {"wordsim353": len(vectors.words)})
    history = pretrain.run(tiny, tmp_path, ["word2vec"])
    rng = torch.Generator().manual_seed(0)
    expected = word2vec(tiny.sentences, tiny.plan, vocab=4, rng=rng).inputs.weight
    tensors, facts = checkpoint.read(tmp_path / "model.safetensors")
    assert torch.equal(tensors["weight"], expected.half())
    assert facts["vocabulary"] == ["love", "sex", "tiger", "cat"]
    assert facts["last"]["wordsim353"] == 4
    assert [row["step"] for row in history.rows] == list(range(0, 50 * len(history.rows), 50))
    assert json.loads((tmp_path / "config.json").read_text())["plan"]["dim"] == 4


def test_stop_leaves_no_vectors(tiny, tmp_path, monkeypatch) -> None:
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(recipe, "word2vec", stopped)
    assert pretrain.run(tiny, tmp_path, ["word2vec"]).interrupted
    assert not (tmp_path / "model.safetensors").exists()
