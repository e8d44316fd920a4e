"""The planes of a word: principal components, turned to match; a new sentence has its place."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA

from lecturelib.adapt import demonstration
from lecturelib.adapt.homographs import Use, homographs
from lecturelib.adapt.meaning import Atlas, atlas, map_of, turns_of
from lecturelib.adapt.reading import BertReader, minilm
from tests.adapt.test_homographs import Fake, lines


@pytest.fixture(scope="module")
def reader() -> BertReader:
    return minilm()


@pytest.fixture(scope="module")
def play(reader: BertReader) -> Atlas:
    return atlas(reader, "play", demonstration.written("play")[0])


def test_each_plane_keeps_what_pca_keeps(play: Atlas) -> None:
    """Turning and mirroring change no distance, and the mean use lies at (0, 0)."""
    points = play.project(play.vectors)
    for layer in range(7):
        expected = PCA(2, svd_solver="full").fit_transform(play.vectors[layer].numpy())
        np.testing.assert_allclose(pdist(points[layer]), pdist(expected), atol=1e-4)
    np.testing.assert_allclose(points.mean(1), 0, atol=1e-5)


def test_a_sentence_of_the_map_is_placed_where_it_stands(play: Atlas) -> None:
    points = play.arrays()["points"]
    for i in (0, 11, 23):
        use = play.uses[i]
        placed = play.place(" ".join(use.words))
        np.testing.assert_allclose(placed["points"], points[:, i], atol=1e-4)
        assert set(placed["nearest"][1:, 0].tolist()) == {i}
        assert placed["parts"] == use.parts()


def test_one_word_edits_a_meaning_in_every_layer_but_the_first(play: Atlas) -> None:
    """Layer 0 is the word and its place, both the same in both: nothing moves."""
    they, the = play.place("they play"), play.place("the play")
    sense = play.arrays()["sense"]
    np.testing.assert_allclose(they["points"][0], the["points"][0], atol=1e-5)
    for layer in range(1, 7):
        assert (sense[they["nearest"][layer]] == 1).all()
        assert (sense[the["nearest"][layer]] == 0).all()
    assert the["points"][3, 0] < -2 < 2 < they["points"][3, 0]


def test_a_sentence_without_the_word_is_refused(play: Atlas) -> None:
    for sentence in ("they sing", ""):
        with pytest.raises(ValueError, match=f'"{sentence}" has no "play": write a sentence'):
            play.place(sentence)


def test_turned_copies_of_a_plane_fall_onto_one_another() -> None:
    rng = np.random.default_rng(0)
    sense = np.arange(20) % 2
    plane = rng.normal(size=(20, 2)) - 3 * sense[:, None]  # sense 0 on the right: to be mirrored
    plane -= plane.mean(0)
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in range(4)]
    layers = np.stack([plane, plane @ turns[1], plane, plane @ turns[3] @ np.diag([1.0, -1.0])])
    turned = layers @ turns_of(layers, sense)
    for layer in turned:
        np.testing.assert_allclose(layer, plane @ np.diag([-1.0, 1.0]), atol=1e-12)
    assert turned[2, sense == 0, 0].mean() < 0


def test_a_static_reader_has_all_uses_on_one_spot() -> None:
    found = homographs(lines())
    arrays = map_of(Fake(), "play", found)
    assert np.abs(arrays["points"][0]).max() < 1e-5
    assert np.abs(arrays["points"][1]).max() > 1
    assert arrays["senses"] == ("noun", "verb")
    assert arrays["note"] == ""


@pytest.mark.parametrize("word", demonstration.WRITTEN)
def test_what_was_written_for_the_demonstration_says_so(word: str) -> None:
    uses, names = demonstration.written(word)
    assert [use.sense for use in uses] == [0] * 12 + [1] * 12
    assert all(use.words.count(word) == 1 and use.words[use.at] == word for use in uses)
    assert len({use.words for use in uses}) == 24
    arrays = map_of(Fake(), word, {})
    assert arrays["senses"] == names
    assert "not in the number" in arrays["note"]


def test_a_word_that_nobody_wrote_sentences_for_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is written for 'run': choose from bank, play"):
        demonstration.written("run")


def test_a_map_is_balanced_and_holds_at_most_sixty_of_each(monkeypatch) -> None:
    uses = [Use(("to", "play", *["on"] * (i % 30)), 1, int(i % 5 > 0)) for i in range(350)]
    found = atlas(Fake(), "play", uses)
    assert torch.tensor([use.sense for use in found.uses]).bincount().tolist() == [60, 60]
    assert len(set(found.uses)) <= 60
