"""What the cards on layers judge: numbers by hand, from guesses that are known."""

import pytest
import torch

from lecturelib.adapt.layers import MIXED, VIEWS
from lecturelib.adapt.tagging import labels
from lecturelib.claims import bert_over_elmo, middle_layers, word_tags
from lecturelib.claims.word_tags import by_reader, percent
from lecturelib.data.text import Sentence

WORDS = Sentence(("They", "play", "the", "play"), ("PRON", "VB", "DET", "NOUN"), "a test")


@pytest.fixture
def by_hand(monkeypatch):
    """Every option is right of BERT and MiniLM but "last" (no "play"); of ELMo no verb is right."""
    right = labels([WORDS])
    verb, both = right.clone(), right.clone()
    verb[1] = right[3]
    both[1] = both[3] = 99

    def frozen(name: str, seed: int) -> dict[str, torch.Tensor]:
        if name == "ELMo":
            return dict.fromkeys([*VIEWS, MIXED], verb)
        return dict.fromkeys([*VIEWS, MIXED], right) | {"last": both}

    for module in (word_tags, middle_layers, bert_over_elmo):
        monkeypatch.setattr(module, "frozen", frozen)
    monkeypatch.setattr(word_tags, "unseen", lambda: [WORDS])
    monkeypatch.setattr("lecturelib.adapt.tagging.ambiguous_words", lambda: frozenset({"play"}))


def test_percent_of_all_and_of_ambiguous_words(by_hand):
    numbers = percent("ELMo", word_tags.frozen("ELMo", 0))
    assert numbers["ELMo: last"] == 75
    assert numbers["ELMo: last, ambiguous"] == 50


def test_what_is_judged_of_middle_layers(by_hand):
    numbers = middle_layers.run(0)
    assert numbers["MiniLM: last"] == 50
    assert numbers["MiniLM: last, ambiguous"] == 0
    assert numbers["effect"] == 100 - 50


def test_bert_and_elmo_are_judged_on_ambiguous_words(by_hand):
    assert bert_over_elmo.run(0)["effect"] == 100 - 50


def test_runs_are_put_in_order_for_the_picture():
    runs = [
        {"BERT: last": 1.0, "BERT: last, ambiguous": 2.0, "baseline: word2vec": 3.0, "effect": 0.0},
        {"BERT: last": 4.0, "BERT: last, ambiguous": 5.0, "baseline: word2vec": 6.0, "effect": 0.0},
    ]
    assert by_reader(runs) == {
        "BERT": {"last": [1.0, 4.0]},
        "baseline": {"word2vec": [3.0, 6.0]},
    }
    assert by_reader(runs, ambiguous=True) == {"BERT": {"last": [2.0, 5.0]}}
