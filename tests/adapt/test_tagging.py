"""Tags of words: counts and batches by hand; fine-tuning learns what a table of words cannot."""

import copy

import pytest
import torch
import torch.nn.functional as F

from lecturelib.adapt import tagging
from lecturelib.adapt.reading import BertReader
from lecturelib.adapt.tagging import (
    WordTags,
    ambiguous_words,
    as_batch,
    draw,
    fine_tune,
    is_ambiguous,
    labels,
    most_frequent_tag,
    observe,
    score,
    untrained,
)
from lecturelib.data.tags import TAGS
from lecturelib.data.text import Sentence
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.recipes import bert
from lecturelib.training.loop import Plan

VERB = Sentence(("They", "like", "to", "play"), ("PRON", "VB", "PART", "VB"), "a test")
NOUN = Sentence(("They", "like", "the", "play"), ("PRON", "VB", "DET", "NOUN"), "a test")
LONG = Sentence(("play",) * 21, ("NOUN",) * 21, "a test")
SPELLED = Sentence(("to", "yekil", "play", "the"), ("PART", "NAME", "VB", "DET"), "a test")


@pytest.fixture
def reader() -> BertReader:
    pieces = train_wordpieces(["they like to play the play"] * 3, vocab=60)
    torch.manual_seed(0)
    return BertReader("tiny", pieces, bert("tiny", vocab=len(pieces)).eval(), 64)


@pytest.fixture
def corpus(monkeypatch):
    monkeypatch.setattr(tagging, "tagged", lambda split: (VERB, LONG, NOUN, NOUN, SPELLED))
    ambiguous_words.cache_clear()
    yield
    ambiguous_words.cache_clear()


def test_a_draw_is_of_4_to_20_words_and_repeats_with_its_seed(corpus):
    drawn = draw("train", 4, seed=0)
    assert sorted(s.words[2] for s in drawn) == ["play", "the", "the", "to"]
    assert drawn == draw("train", 4, seed=0)
    assert len({tuple(draw("train", 2, seed=n)) for n in range(8)}) > 1


def test_short_sentences_come_first(monkeypatch):
    sizes = [Sentence(("a",) * n, ("DET",) * n, "a test") for n in (9, 4, 20, 7)]
    monkeypatch.setattr(tagging, "tagged", lambda split: tuple(sizes))
    assert [len(s.words) for s in draw("train", 4, seed=1)] == [4, 7, 9, 20]


def test_too_large_a_draw_is_refused(corpus):
    with pytest.raises(ValueError, match="train has 4 sentences of 4 to 20 words, not 5"):
        draw("train", 5, seed=0)


def test_labels_are_places_in_the_list_of_tags():
    assert labels([VERB, NOUN]).tolist() == [
        TAGS.index(tag) for tag in ("PRON", "VB", "PART", "VB", "PRON", "VB", "DET", "NOUN")
    ]


def test_the_most_frequent_tag_by_hand():
    new = Sentence(("play", "THEY", "unheard"), ("VB", "PRON", "VB"), "a test")
    guess = most_frequent_tag([VERB, NOUN, NOUN], [new])
    # play: NOUN twice, VB once; of 12 words 4 are VB (like, like, like, play): the commonest tag
    assert [TAGS[n] for n in guess] == ["NOUN", "PRON", "VB"]


def test_ambiguous_is_what_is_under_90_percent_one_thing(corpus, monkeypatch):
    # play: NOUN 2 + 21, VB 2 -> 92 %: not ambiguous until the long sentence is gone
    assert ambiguous_words() == frozenset()
    ambiguous_words.cache_clear()
    monkeypatch.setattr(tagging, "tagged", lambda split: (VERB, NOUN, NOUN))
    assert ambiguous_words() == {"play"}
    assert is_ambiguous([NOUN]).tolist() == [False, False, False, True]


def test_the_score_by_hand(monkeypatch):
    monkeypatch.setattr(tagging, "ambiguous_words", lambda: frozenset({"play"}))
    guess = labels([VERB, VERB])  # the second is NOUN: "the" and "play" are wrong
    assert score(guess, [VERB, NOUN]) == {"all": 75.0, "ambiguous": 50.0}


def test_each_word_is_observed_with_its_tag(reader):
    found = observe(reader, [VERB, SPELLED])
    alone = torch.cat(reader.word_states([VERB.words, SPELLED.words]), 1)
    assert found.states.shape == (3, 8, 128)  # embeddings and two layers
    torch.testing.assert_close(found.states, alone)
    assert torch.equal(found.label, labels([VERB, SPELLED]))


def test_a_tag_stands_at_the_first_piece_of_its_word(reader):
    batch = as_batch(reader, [SPELLED, VERB])
    pieces = [reader.pieces.words(row) for row in batch.signal]
    assert len(pieces[0]) > 6, "yekil must be spelled from several pieces"
    for row, sentence in enumerate((SPELLED, VERB)):
        places = (~batch.is_label_pad[row]).nonzero().flatten().tolist()
        assert [TAGS[batch.labels[row, place]] for place in places] == list(sentence.tags)
        firsts = [pieces[row][place] for place in places]
        assert all(
            word.lower().startswith(piece)
            for word, piece in zip(sentence.words, firsts, strict=True)
        )


def test_the_loss_is_the_plain_sum_over_words(reader):
    objective = WordTags(reader.model)
    torch.nn.init.normal_(objective.head.weight, std=0.1)
    both = [SPELLED, VERB]
    losses = objective(as_batch(reader, both), torch.Generator())
    last = [states[-1] for states in reader.word_states([s.words for s in both])]
    one_by_one = [
        F.cross_entropy(objective.head(vector), label)
        for sentence, vectors in zip(both, last, strict=True)
        for vector, label in zip(vectors, labels([sentence]), strict=True)
    ]
    torch.testing.assert_close(losses.total, torch.stack(one_by_one).sum())
    assert losses.count == 8


def test_fine_tuning_learns_from_context_and_leaves_the_model_as_it_is(reader):
    before = copy.deepcopy(reader.model.state_dict())
    plan = Plan(steps=40, lr=1e-3)
    guess = fine_tune(reader, [VERB, NOUN] * 4, [VERB, NOUN], plan, size=8)
    assert torch.equal(guess, labels([VERB, NOUN]))
    assert not torch.equal(most_frequent_tag([VERB, NOUN], [VERB, NOUN]), guess)
    assert all(torch.equal(before[key], value) for key, value in reader.model.state_dict().items())


def test_an_untrained_twin_is_random_but_repeatable(reader):
    state = torch.random.get_rng_state()
    twin = untrained(reader, seed=1)
    assert torch.equal(torch.random.get_rng_state(), state)
    weight = twin.model.frontend.word.weight
    assert torch.equal(weight, untrained(reader, seed=1).model.frontend.word.weight)
    assert not torch.equal(weight, untrained(reader, seed=2).model.frontend.word.weight)
    assert twin.name == "tiny, untrained"
    assert abs(weight.detach().std() - 1) < 0.1
    assert abs(reader.model.frontend.word.weight.detach().std() - 0.15) < 0.02
