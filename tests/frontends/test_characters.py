"""Words through their letters: spelled by hand, and the character CNN letter by letter."""

import pytest
import torch
from torch import Tensor

from lecturelib.frontends.characters import ALPHABET, Characters, Highway, spell
from tests.oracle import error, gradients, randomise, same_gradients, unchecked


def front() -> Characters:
    built = Characters(dim=5, filters=((1, 3), (3, 4)), highways=2, letter=2)
    return randomise(built)  # type: ignore[return-value]


def test_spelled_by_hand():
    ids, is_pad = spell([["ab", "é"], ["a"]], letters=5)
    assert ids.tolist() == [
        [
            [259, 257, 260, 0, 0],
            [259, 98, 99, 260, 0],
            [259, 196, 170, 260, 0],
            [259, 258, 260, 0, 0],
        ],
        [[259, 257, 260, 0, 0], [259, 98, 260, 0, 0], [259, 258, 260, 0, 0], [0, 0, 0, 0, 0]],
    ]
    assert is_pad.tolist() == [[False] * 4, [False] * 3 + [True]]


def test_a_long_word_loses_its_end_and_any_script_can_be_spelled():
    ids, _ = spell([["improvisation", "improvised", "雨", "🎹"]], letters=8)
    assert torch.equal(ids[0, 1], ids[0, 2])
    assert [byte - 1 for byte in ids[0, 3].tolist()[1:4]] == list("雨".encode())
    assert ids.max() < ALPHABET


def test_the_character_cnn_letter_by_letter():
    model = front()
    ids, _ = spell([["no", "noon"], ["on"]], letters=7)
    tokens = model(ids)
    for row in range(2):
        for place in range(4):
            assert error(tokens[row, place], slowly(model, ids[row, place])) < 1e-12


def slowly(model: Characters, word: Tensor) -> Tensor:
    """Every filter at every place of one word, the strongest kept; then highways and projection."""
    found = []
    for detect in model.detectors:
        for weight, bias in zip(detect.weight, detect.bias, strict=True):  # type: ignore[arg-type]
            width = weight.shape[1]
            runs = [model.letter.weight[word[i : i + width]] for i in range(len(word) - width + 1)]
            heard = [(run * weight.T).sum() + bias for run in runs]
            found.append(max(heard).clamp(min=0))
    x = torch.stack(found)
    for layer in model.highways:
        carry = 1 / (1 + (-(layer.gate.weight @ x + layer.gate.bias)).exp())
        x = carry * x + (1 - carry) * (layer.change.weight @ x + layer.change.bias).clamp(min=0)
    return model.project.weight @ x + model.project.bias


def test_words_that_come_twice_have_one_token_and_both_gradients():
    once, each = front(), front()
    ids, _ = spell([["a", "b", "a", "a"], ["b", "c", "a", "b"]], letters=6)
    loud = torch.arange(1.0, 2 * 6 * 5 + 1, dtype=torch.double).view(2, 6, 5)
    tokens, want = once(ids), each.words(ids.flatten(0, 1)).view(2, 6, 5)
    assert error(tokens, want) < 1e-12
    (tokens * loud).sum().backward()
    (want * loud).sum().backward()
    same_gradients(once, gradients(each))


def test_a_highway_starts_by_carrying():
    torch.manual_seed(0)
    x = torch.randn(1000, 64)
    share = torch.sigmoid(Highway(64).gate(x)).mean().item()
    assert share == pytest.approx(0.731, abs=0.02)  # sigmoid(1)


@pytest.mark.parametrize(
    ("sentences", "letters", "message"),
    [
        ([["a"], []], 50, r"sentence 1 is \[\]: it needs words"),
        ([["a", ""]], 50, r"sentence 0 is \['a', ''\]: it needs words, none of them empty"),
        ([["a"]], 2, "letters=2: a word needs its two ends and one letter"),
        ([], 50, "there is no sentence"),
    ],
)
def test_what_cannot_be_spelled(sentences, letters, message):
    with pytest.raises(ValueError, match=message):
        spell(sentences, letters=letters)


def test_bad_input():
    with pytest.raises(ValueError, match="words of 2 letters, the widest filter sees 3"):
        front()(torch.zeros(1, 4, 2, dtype=torch.long))
    with unchecked(), pytest.raises(ValueError, match="ids run from 261 to 261, vocab=261"):
        front()(torch.full((1, 4, 5), 261))
