"""ELMo's objective word by word, and what it may not see."""

import pytest
import torch
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.bilstm import BiLSTM
from lecturelib.encoders.model import Model
from lecturelib.objectives.bidirectional_lm import BidirectionalLM
from tests.oracle import error, padded, randomise

RNG = torch.Generator()


class Mixing(nn.Module):
    """PyTorch's two-layer bidirectional LSTM: its second layer reads both directions."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 4, 2, bidirectional=True, batch_first=True)

    def forward(self, tokens: Tensor, is_pad: Tensor | None = None) -> Tensor:
        return self.lstm(tokens)[0]


def language_model(encoder: nn.Module) -> BidirectionalLM:
    model = Model(frontend=nn.Embedding(9, 4), encoder=encoder)
    return randomise(BidirectionalLM(model, dim=4, vocab=9))  # type: ignore[return-value]


def examples(lengths: list[int]) -> Batch:
    ids = torch.randint(9, (len(lengths), max(lengths)), generator=torch.Generator().manual_seed(2))
    return Batch(ids, padded(lengths), ids)


def test_the_loss_word_by_word():
    lm, batch = language_model(BiLSTM(dim=4, cell=5)), examples([5, 3, 1])
    total, parts, count = lm(batch, RNG)
    ahead, back = [], []
    for row, length in enumerate([5, 3, 1]):
        word = batch.signal[row, :length]
        state = lm.model(word[None])[0]
        for place in range(length - 1):
            scores = lm.words.weight @ state[place, :4] + lm.words.bias
            ahead.append(scores.exp().sum().log() - scores[word[place + 1]])
            scores = lm.words.weight @ state[place + 1, 4:] + lm.words.bias
            back.append(scores.exp().sum().log() - scores[word[place]])
    assert count == len(ahead) == 6
    assert error(total, (sum(ahead) + sum(back)) / 2) < 1e-12  # type: ignore[arg-type]
    assert error(parts["forward_nll"], torch.stack(ahead).mean()) < 1e-12
    assert error(parts["backward_nll"], torch.stack(back).mean()) < 1e-12


def test_no_padding_is_all_real():
    lm, batch = language_model(BiLSTM(dim=4, cell=5)), examples([4, 4])
    bare = Batch(batch.signal, None, batch.label)
    assert error(lm(bare, RNG).total, lm(batch, RNG).total) < 1e-12
    assert lm(bare, RNG).count == 6


def test_a_guess_depends_on_all_words_of_its_side_and_not_on_the_word_itself():
    """Gradients of the guesses of word 2 of 0-4, by word: exactly zero where it may not look."""
    ahead, back = sees(language_model(BiLSTM(dim=4, cell=5)))
    assert ahead.tolist() == [True, True, False, False, False]
    assert back.tolist() == [False, False, False, True, True]


def test_where_directions_mix_a_word_sees_itself():
    ahead, back = sees(language_model(Mixing()))
    assert ahead.all()
    assert back.all()


def sees(lm: BidirectionalLM) -> tuple[Tensor, Tensor]:
    """On which of five words the guesses of word 2 depend: the forward one, the backward one."""
    found, model = [], lm.model
    for direction, place in ((0, 2 - 1), (1, 2)):  # in `guesses`: words 1-4, and words 0-3
        tokens = torch.randn(1, 5, 4, dtype=torch.double, requires_grad=True)
        lm.model = Model(frontend=nn.Identity(), encoder=model.encoder)
        lm.guesses(tokens)[direction][0, place].square().sum().backward()
        assert tokens.grad is not None
        found.append((tokens.grad[0] != 0).any(-1))
    lm.model = model
    return found[0], found[1]


def test_bad_input():
    lm = language_model(BiLSTM(dim=4, cell=5))
    with pytest.raises(ValueError, match="no row has two words: there is nothing to predict"):
        lm(examples([1, 1]), RNG)
    with pytest.raises(ValueError, match="this batch has no labels"):
        lm(Batch(torch.zeros(1, 3, dtype=torch.long), None, None), RNG)
