"""Homographs: found by counting, told apart as scikit-learn and a plain loop do it."""

from collections.abc import Sequence

import pytest
import torch
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from lecturelib.adapt.homographs import (
    Use,
    draw,
    homographs,
    in_brown,
    readable,
    senses,
    senses_of,
    told_apart,
    use_vectors,
)
from lecturelib.data import text
from lecturelib.data.text import Sentence


class Fake:
    """Layer 0: one vector a word; layer 1: what stands before it decides."""

    name = "fake"

    def word_states(self, sentences: Sequence[Sequence[str]]) -> list[torch.Tensor]:
        return [self.states(list(words)) for words in sentences]

    def states(self, words: list[str]) -> torch.Tensor:
        rng = torch.Generator().manual_seed(len(words))
        static = torch.ones(len(words), 4)
        before = [0.0, *(1.0 if word == "to" else -1.0 for word in words[:-1])]
        context = torch.tensor(before)[:, None] * torch.tensor([1.0, 2.0, 0.0, 0.0])
        return torch.stack([static, context + 0.1 * torch.randn(len(words), 4, generator=rng)])


def tagged(line: str) -> Sentence:
    pairs = [token.split("/") for token in line.split()]
    return Sentence(tuple(word for word, _ in pairs), tuple(tag for _, tag in pairs), "made up")


def lines() -> list[Sentence]:
    """30 noun and 30 verb uses of "play", of 6 to 35 words; "walk" is a verb only."""
    found = []
    for i in range(30):
        rest = " and/cc" * i + " on/in and/cc on/in"
        found.append(tagged("the/at play/nn-tl went/vbd" + rest))
        found.append(tagged("to/to Play/vb walk/vb" + rest))
    return found


def test_a_homograph_is_found_by_counting_its_tags() -> None:
    short = tagged("the/at walk/nn is/bez long/jj")  # 4 words: too little context
    found = homographs([*lines(), *[short] * 30], least=30)
    assert list(found) == ["play"]
    assert [use.sense for use in found["play"]] == [0, 1] * 30
    assert {use.words[use.at].lower() for use in found["play"]} == {"play"}
    with pytest.raises(ValueError, match=r"no word has 31 noun .* the tags are at, cc, in, nn-tl"):
        homographs(lines(), least=31)


def test_sentences_without_brown_tags_are_refused_and_in_brown_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    stand_in = [tagged("The/capitalised play/lower 3/number ./punctuation")] * 99
    monkeypatch.setattr(text, "brown", lambda split: stand_in)
    with pytest.raises(ValueError, match=r"tags are capitalised, .* needs the Brown corpus itself"):
        homographs(stand_in)
    assert in_brown() == {}
    assert "needs the Brown corpus itself" in capsys.readouterr().out
    with pytest.raises(ValueError, match="the tags are missing"):
        homographs([])


def test_the_score_is_scikit_learns_leave_one_out() -> None:
    rng = torch.Generator().manual_seed(0)
    sense = torch.arange(40) % 2
    vectors = torch.randn(3, 40, 6, generator=rng, dtype=torch.double) + 5
    vectors[1, :, 0] += sense  # layer 1 knows a little, layer 2 nearly all
    vectors[2, :, 0] += 4 * sense
    expected = []
    for layer in vectors - vectors.mean(1, keepdim=True):
        neighbours = KNeighborsClassifier(5, metric="cosine")
        guess = cross_val_predict(neighbours, layer.numpy(), sense.numpy(), cv=LeaveOneOut())
        expected.append((torch.as_tensor(guess) == sense).double().mean().item())
    assert told_apart(vectors, sense).tolist() == pytest.approx(expected)
    assert told_apart(vectors, sense).tolist() == pytest.approx(plain_loop(vectors, sense))
    assert expected[0] < expected[1] < expected[2]


def plain_loop(vectors: torch.Tensor, sense: torch.Tensor) -> list[float]:
    scores = []
    for layer in vectors - vectors.mean(1, keepdim=True):
        right = 0
        for i, one in enumerate(layer):
            near = [
                (float(one @ other / one.norm() / other.norm()), int(sense[j]))
                for j, other in enumerate(layer)
                if j != i
            ]
            votes = sum(vote for _, vote in sorted(near, reverse=True)[:5])
            right += (votes >= 3) == bool(sense[i])
        scores.append(right / len(layer))
    return scores


def test_a_static_vector_is_at_chance_and_context_is_not() -> None:
    found = homographs(lines())
    apart = senses(Fake(), {"a": found["play"], "b": found["play"]}, torch.Generator(), 25)
    assert apart.mean().tolist() == pytest.approx([0.5, 1.0], abs=0.1)
    assert apart.mean()[1] == 1
    assert apart.words == ("a", "b")
    first, second = apart.accuracy[0].tolist()
    assert apart.error()[0].item() == pytest.approx(abs(first - second) / 2)  # s / sqrt(2)


def test_a_draw_is_balanced_mixed_and_without_repetition() -> None:
    sense = (torch.arange(50) < 10).long()
    rows = draw(sense, 8, torch.Generator().manual_seed(0))
    assert len(set(rows.tolist())) == 16
    assert sense[rows].sum() == 8
    assert sense[rows].tolist() != sorted(sense[rows].tolist())
    again = draw(sense, 8, torch.Generator().manual_seed(0))
    assert torch.equal(rows, again)
    with pytest.raises(ValueError, match="10 uses of sense 1, 11 asked for"):
        draw(sense, 11, torch.Generator())


def test_vectors_come_back_in_the_order_of_the_uses() -> None:
    uses = homographs(lines())["play"][::-1]
    vectors = use_vectors(Fake(), uses)
    assert vectors.shape == (2, 60, 4)
    for i in (0, 7, 59):
        assert torch.equal(vectors[:, i], Fake().states(list(uses[i].words))[:, uses[i].at])
    assert senses_of(uses).tolist() == [1, 0] * 30


def test_a_use_is_readable() -> None:
    words = ("``", "They", "don't", "play", ",", "do", "they", "?", "?", "''")
    assert readable(words) == '" They don\'t play, do they? "'
    assert Use(words, 3, 1).parts() == ("\" They don't", "play", ', do they? "')
