"""The shipped ELMo: better than counting on articles it never saw, and a reader of any word."""

import math
from collections import Counter

import pytest
import torch

from lecturelib import pretraining
from lecturelib.adapt.reading import Reader
from lecturelib.data.batch import Batch
from lecturelib.objectives.bidirectional_lm import BidirectionalLM
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import elmo
from lecturelib.training import checkpoint

PATH = CHECKPOINTS / "elmo_wikipedia.safetensors"


@pytest.fixture(scope="module")
def shipped() -> BidirectionalLM:
    return elmo.shipped()


def test_on_unseen_articles_each_direction_is_well_below_unigram(shipped) -> None:
    """At least 0.5 nats better than the training counts, add-one, of the same 4,096 words."""
    ids = {word: number for number, word in enumerate(pretraining.vocabulary(PATH))}
    said = elmo.sentences("test")[::12]
    scores = elmo.unseen_nll(shipped, [elmo.examples(said, ids)])
    train = Counter(n for words in elmo.sentences("train") for n in elmo.numbers(words, ids)[1:])
    total = train.total() + len(ids)
    targets = [n for words in said for n in elmo.numbers(words, ids)[1:]]
    unigram = sum(math.log(total / (train[n] + 1)) for n in targets) / len(targets)
    assert scores["unseen_forward_nll"] < unigram - 0.5
    assert scores["unseen_backward_nll"] < unigram - 0.5


def test_a_word_has_one_token_and_another_context_vector_in_each_sentence(shipped) -> None:
    """Alone or beside a longer sentence: the same states, without <S> and </S>."""
    reader = elmo.reader(shipped)
    assert isinstance(reader, Reader)
    play, the = reader.word_states([["they", "play"], ["the", "play", "was", "good", "."]])
    assert play.shape == (3, 2, 256)
    assert the.shape == (3, 5, 256)
    assert torch.allclose(play[0, 1], the[0, 1], atol=1e-5)
    assert (play[1:, 1] - the[1:, 1]).norm(dim=-1).min() > 0.1
    (alone,) = reader.word_states([["they", "play"]])
    assert torch.allclose(play, alone, atol=1e-5)


def test_every_layer_by_hand(shipped) -> None:
    """The first half of a state is what the forward guess is made of, the second the backward."""
    (states,) = elmo.reader(shipped).word_states([["Rivers", "flow"]])
    batch = elmo.examples([["Rivers", "flow"]], {})
    tokens = shipped.model.frontend(batch.signal)
    assert torch.allclose(states[0], tokens[0, 1:3].repeat(1, 2), atol=1e-5)
    ahead, back = shipped.guesses(batch.signal)
    assert torch.allclose(shipped.words(states[2, :, :128]), ahead[0, 1:3], atol=1e-4)
    assert torch.allclose(shipped.words(states[2, :, 128:]), back[0, 0:2], atol=1e-4)


def test_words_never_seen_and_one_word_are_read(shipped) -> None:
    states = elmo.reader(shipped).word_states(
        [["qwrtzplk"], ["雨", "Donaudampfschifffahrtsgesellschaft"]]
    )
    assert [one.shape[1] for one in states] == [1, 2]
    assert all(torch.isfinite(one).all() for one in states)
    for wrong in ([[]], [["a", ""]]):
        with pytest.raises(ValueError, match="it needs words"):
            elmo.reader(shipped).word_states(wrong)


def test_examples_by_hand() -> None:
    ids = elmo.frequent_words([["The", "the", "cat"], ["a", "cat", "the"]], 5)
    assert list(ids) == ["[UNK]", "<S>", "</S>", "the", "cat"]
    batch = elmo.examples([["The", "cat"], ["A"]], ids)
    assert batch.labels.tolist() == [[1, 3, 4, 2], [1, 0, 2, 0]]
    assert batch.is_pad is not None
    assert batch.is_pad.tolist() == [[False] * 4, [False] * 3 + [True]]


def test_the_draw_pads_little_and_reaches_every_sentence() -> None:
    said = [["word"] * length for length in (1, 4, 2, 3)]
    draw, rng = elmo.by_length(said, {}, size=2), torch.Generator().manual_seed(0)
    shapes = Counter(draw(rng).signal.shape[1] for _ in range(60))
    assert shapes.keys() == {4, 5, 6}  # <S> and </S> and 2, 3, 4 words


def test_the_checkpoint_was_trained_on_the_text_that_we_load() -> None:
    said = elmo.sentences("train")
    _, facts = checkpoint.read(PATH)
    ids = {word: number for number, word in enumerate(facts["vocabulary"])}
    assert ids == elmo.frequent_words(said, elmo.VOCAB)
    numbers = torch.tensor([[n for words in said for n in elmo.numbers(words, ids)]])
    assert (
        pretraining.facts_of(Batch(numbers, None, None), "", "")["data_sha256"]
        == facts["data_sha256"]
    )
    assert facts["command"] == "python -m lecturelib pretrain elmo --pace full --no-bf16 --ship"
