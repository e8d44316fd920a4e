"""Few labels, two kinds of messages: the same for every arm, measured as scikit-learn does."""

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score

from lecturelib.adapt.heads import text_classifier
from lecturelib.adapt.messages import (
    WordLSTM,
    arm,
    counting,
    curve,
    frozen,
    messages,
    pieces_of,
    quality,
    read_by,
    table,
    tuned,
    word_lstm,
)
from lecturelib.adapt.reading import BertReader
from lecturelib.adapt.transfer import few_labels, label_curve
from lecturelib.data import text
from lecturelib.data.batch import Batch
from lecturelib.data.text import Message
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.recipes import bert
from lecturelib.training.loop import Plan

SIZES = {"train": 40, "validation": 8, "test": 12}


def toy(split: str) -> list[Message]:
    """Prizes are spam, lunches are not; every text is another one."""
    found = []
    for n in range(SIZES[split]):
        words = ("win a free prize now", "spam") if n % 2 else ("see you at lunch", "ham")
        found.append(Message(f"{words[0]} {split} {n}", words[1], "ours"))
    return found


def toy_reader() -> BertReader:
    pieces = train_wordpieces([m.text for m in toy("train")], 200)
    torch.manual_seed(0)
    return BertReader("toy", pieces, bert("tiny", vocab=len(pieces)).eval(), length=16)


def test_messages_are_numbered_through_and_keep_their_labels():
    world = messages(toy)
    assert world.classes == ("ham", "spam")
    for part, split in ((world.pool, "train"), (world.validation, "validation"),
                        (world.test, "test")):  # fmt: skip
        given = toy(split)
        assert [world.texts[row] for row in part.signal] == [m.text for m in given]
        assert [world.classes[k] for k in part.labels] == [m.label for m in given]


def test_an_empty_message_and_one_label_are_named():
    with pytest.raises(ValueError, match=r"messages \[40, 41\] are empty"):
        messages(lambda split: toy(split) if split == "train" else [Message(" ", "ham", "")])
    with pytest.raises(ValueError, match=r"all 60 labels are \[0\]"):
        messages(lambda split: [Message(m.text, "ham", "") for m in toy(split)])


def test_the_stand_in_without_network_has_two_labels_and_no_spam(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path))
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    world = messages(text.sms)
    assert len(world.classes) == 2
    assert "spam" not in world.classes
    found = arm(counting(world.texts), world.test)(
        world.pool.rows(few_labels(world.pool.labels, 8, seed=0)), world.pool, 0
    )
    assert found > 75


def test_quality_is_scikit_learns_and_chance_is_a_half():
    label = torch.tensor([0, 0, 0, 1])
    says_0 = torch.tensor([[0.9, 0.1]]).repeat(4, 1)
    assert quality(says_0, label) == {"balanced": 0.5, "auc": 0.5}
    rng = torch.Generator().manual_seed(0)
    chance = torch.rand(50, 2, generator=rng)
    label = torch.randint(2, (50,), generator=rng)
    recalls = [(chance.argmax(1)[label == k] == k).float().mean() for k in (0, 1)]
    assert quality(chance, label)["balanced"] == pytest.approx(float(sum(recalls)) / 2)
    assert quality(chance, label)["balanced"] == balanced_accuracy_score(label, chance.argmax(1))


@pytest.mark.parametrize("analyzer", ["word", "char"])
def test_counting_knows_a_prize_when_it_sees_one(analyzer):
    world = messages(toy)
    guess = counting(world.texts, analyzer)
    assert quality(guess(world.pool, world.test, 0), world.test.labels)["balanced"] == 1.0


def test_counting_never_sees_the_unseen_words():
    world = messages(toy)
    vocabulary = counting([*world.texts[:48], *["unheard-of"] * 12])
    guess = vocabulary(world.pool, world.test, 0)
    assert torch.equal(guess, guess[:1].expand(12, 2))  # no known word: one answer for all


def test_frozen_vectors_are_looked_up_by_message():
    world = messages(toy)
    spam = torch.tensor([float("prize" in line) for line in world.texts])
    seen = torch.stack([spam, torch.rand(60)], 1)
    guess = frozen(seen, cost=1.0)(world.pool, world.test, 0)
    assert torch.equal(guess.argmax(1), world.test.labels)


def test_every_arm_gets_the_same_labels_in_table_and_curve():
    world, seen = messages(toy), []

    def spy(labelled, unseen, seed):
        seen.append((seed, labelled.signal.tolist(), labelled.labels.tolist()))
        return torch.rand(len(unseen), 2)

    run = table({"a": spy, "b": spy}, world, world.test, totals=(4, 8), seed=3)
    label_curve({"a": arm(spy, world.test)}, world.pool, per_class=(2, 4), seeds=(3,))
    assert seen[0] == seen[1] == seen[4]
    assert seen[2] == seen[3] == seen[5]
    assert [sorted(labels) for _, _, labels in seen[:3]] == [[0, 0, 1, 1]] * 2 + [[0] * 4 + [1] * 4]
    drawn = curve([run, run], ["a", "b"])
    assert drawn.per_class == (2, 4)
    np.testing.assert_array_equal(drawn.accuracy["b"][:, 1], [run["b n=4"], run["b n=8"]])


def test_fine_tuning_starts_afresh_and_the_same_for_the_same_seed():
    world, reader = messages(toy), toy_reader()
    before = reader.model.frontend.word.weight.clone()
    read = pieces_of(reader, world.texts)
    guess = tuned(lambda: text_classifier(reader.model, classes=2), read, Plan(20, lr=1e-3))
    first, again, other = (guess(world.pool, world.test, seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(before, reader.model.frontend.word.weight)
    assert quality(first, world.test.labels)["balanced"] == 1.0


def test_a_text_longer_than_the_model_is_cut():
    reader = toy_reader()
    short, long = "win a free prize", "win a free prize " + "now " * 50
    batch = pieces_of(reader, [short, long])
    assert batch.signal.shape == (2, 16)
    assert batch.signal[1, -1] == reader.pieces.sep


def test_a_frozen_layer_is_the_readers_own():
    reader = toy_reader()
    texts = [m.text for m in toy("test")]
    states = reader.text_states(texts)
    for layer in (0, 1, 2):
        torch.testing.assert_close(read_by(reader, texts, layer), states[layer])


def test_the_lstm_is_torchs_and_reads_no_padding():
    torch.manual_seed(0)
    lstm = WordLSTM(torch.randn(9, 4), hidden=5).double()
    ids = torch.tensor([[1, 2, 3, 0], [4, 5, 0, 0]])
    is_pad = torch.tensor([[False, False, False, True], [False, False, True, True]])
    found = lstm(ids, is_pad, torch.zeros_like(ids))
    for row, length in enumerate((3, 2)):
        alone, _ = lstm.lstm(lstm.word(ids[row : row + 1, :length]))
        torch.testing.assert_close(found[row], alone[0, -1], rtol=0, atol=1e-10)


def test_the_recipe_before_2018_learns_and_leaves_its_table_alone():
    world, reader = messages(toy), toy_reader()
    given = torch.randn(len(reader.pieces), 8, generator=torch.Generator().manual_seed(0))
    before, read = given.clone(), pieces_of(reader, world.texts)
    guess = tuned(lambda: word_lstm(given, classes=2), read, Plan(100, lr=1e-2))
    assert quality(guess(world.pool, world.test, 0), world.test.labels)["balanced"] == 1.0
    assert torch.equal(given, before)


@pytest.mark.parametrize("kind", ["counting", "frozen", "tuned"])
def test_labels_of_one_class_are_refused_by_every_arm(kind):
    world, reader = messages(toy), toy_reader()
    guess = {
        "counting": counting(world.texts),
        "frozen": frozen(torch.rand(60, 2)),
        "tuned": tuned(
            lambda: text_classifier(reader.model, classes=2),
            pieces_of(reader, world.texts),
            Plan(1, lr=1e-3),
        ),
    }[kind]
    one = Batch(torch.arange(0, 8, 2), None, torch.zeros(4).long())
    with pytest.raises(ValueError, match=r"all 4 labels are \[0\]: give two classes or more"):
        guess(one, world.test, 0)
