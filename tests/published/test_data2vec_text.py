"""Hugging Face's data2vec for text (RoBERTa) against ours, weights copied, in float64."""

import copy

import pytest
import torch
from torch import nn
from transformers import Data2VecTextConfig, Data2VecTextModel

from lecturelib.published import from_reference
from lecturelib.published.bert import NAMES
from lecturelib.published.weights import renamed
from tests.oracle import error, gradients, padded, push_back, randomise, same_gradients

SIZE = {"vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3}
SIZE |= {"intermediate_size": 20, "max_position_embeddings": 12, "type_vocab_size": 2}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
RIGHT = padded([8, 5, 3])
NOTHING = torch.zeros(3, 8).bool()
PADDINGS = {"none": NOTHING, "right": RIGHT, "left": RIGHT.flip(1)}


def inputs(is_pad: torch.Tensor, pad: int = 1) -> dict[str, torch.Tensor]:
    """Ids, padding among them where is_pad says so and nowhere else."""
    rng = torch.Generator().manual_seed(3)
    ids = torch.randint(0, 29, (3, 8), generator=rng)
    ids = (ids + (ids >= pad).long()).masked_fill(is_pad, pad)
    return {
        "input_ids": ids,
        "attention_mask": (~is_pad).long(),
        "token_type_ids": torch.randint(0, 2, (3, 8), generator=rng),
    }


def text(pooler: bool = True, **options) -> Data2VecTextModel:
    config = Data2VecTextConfig(**SIZE, **NO_DROPOUT | options)
    return randomise(Data2VecTextModel(config, add_pooling_layer=pooler))  # type: ignore[return-value]


def compare(reference, is_pad, given) -> None:
    """Outputs where is_pad is not, and the gradients of every parameter."""
    ours = from_reference(reference)
    assert ours.training == reference.training
    results = []
    for m in (ours, reference):
        torch.manual_seed(7)  # dropout draws alike
        out = m(**given)
        results.append([out.last_hidden_state[~is_pad], out.pooler_output])
        push_back(results[-1])
    for have, want in zip(*results, strict=True):
        assert (have is None) == (want is None)
        assert want is None or error(have, want) < 1e-10
    assert gradients(reference).keys() == dict(reference.named_parameters()).keys()
    same_gradients(ours, renamed(gradients(reference), NAMES))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(
    "options", [{}, {"hidden_act": "relu", "layer_norm_eps": 0.1}, {"pad_token_id": 3}]
)
def test_outputs_and_gradients(training, padding, options):
    """With padding on the left there is no pooler: its first token would be padding."""
    reference = text(**options, pooler=padding != "left").train(training)
    is_pad = PADDINGS[padding]
    compare(reference, is_pad, inputs(is_pad, reference.config.pad_token_id))


@pytest.mark.parametrize("padding", PADDINGS)
def test_without_a_mask_padding_is_read_too(padding):
    """Then padding stands where the original puts it: at position padding_idx."""
    given = inputs(PADDINGS[padding])
    del given["attention_mask"]
    compare(text(), NOTHING, given)


def test_padding_between_words_is_not_counted():
    given = inputs(NOTHING)
    given["input_ids"][0, 2:5] = given["input_ids"][1, 0] = 1
    compare(text(), given["input_ids"] == 1, given | {"attention_mask": given["input_ids"] != 1})


def test_a_mask_over_words_leaves_the_count():
    """Positions come from the ids, not from attention_mask: a masked word still takes its place."""
    given = inputs(NOTHING)
    given["attention_mask"][:, 2:4] = 0
    compare(text(), given["attention_mask"] == 0, given)


@pytest.mark.parametrize("training", [True, False])
def test_padding_learns_nothing(training):
    """Its word and its position get no gradient, although the sum depends on both."""
    ours, ids = from_reference(text().train(training)), inputs(RIGHT)["input_ids"]
    push_back([ours(ids).last_hidden_state])
    front = ours.model.frontend
    learned = {int(row) for row in front.word.weight.grad.abs().sum(1).nonzero()}
    assert learned == set(ids.flatten().tolist()) - {1}
    learned = front.position.weight.grad.abs().sum(1).nonzero().flatten().tolist()
    assert learned == list(range(2, 10))


@pytest.mark.parametrize("rate", NO_DROPOUT)
def test_the_same_seed_drops_the_same(rate):
    compare(text(**{rate: 0.3}).train(), RIGHT, inputs(RIGHT))


def test_positional_arguments_in_the_originals_order():
    reference, given = text(), inputs(RIGHT)
    order = given["input_ids"], given["attention_mask"], given["token_type_ids"]
    ours = from_reference(reference)
    assert torch.equal(ours(*order)[0], ours(**given)[0])
    assert error(ours(*order)[1], reference(*order)[1]) < 1e-10
    assert error(ours(order[0])[0], reference(order[0])[0]) < 1e-10


@pytest.mark.parametrize("padding", ["right", "left"])
def test_a_padded_batch_equals_one_by_one(padding):
    ours, is_pad = from_reference(text()), PADDINGS[padding]
    given = inputs(is_pad)
    together = ours(**given).last_hidden_state
    for row, keep in enumerate(~is_pad):
        ids, segment = (
            given[name][row : row + 1, keep] for name in ("input_ids", "token_type_ids")
        )
        alone = ours(ids, None, segment)
        assert error(together[row, keep], alone.last_hidden_state[0]) < 1e-12


def test_as_many_words_as_there_are_positions():
    """12 positions, 2 before the first word: 10 words fit, however much padding follows."""
    reference = text()
    ours = from_reference(reference)
    ids = torch.cat([torch.arange(2, 12), torch.ones(5)]).long()[None]
    have, want = (m(ids, (ids != 1).long()).last_hidden_state[:, :10] for m in (ours, reference))
    assert error(have, want) < 1e-10
    with pytest.raises(ValueError, match="the sequence ends at 13, there are length=12 positions"):
        ours(torch.arange(2, 13)[None])


def test_dropout_rates_are_copied():
    model = from_reference(text(hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.3)).model
    layer = model.encoder.layers[2]
    assert model.frontend.drop.p == layer.add_attention.drop.p == 0.2
    assert layer.add_feed_forward.drop.p == 0.2
    assert layer.attention.dropout == 0.3
    assert layer.feed_forward.drop.p == 0.0


def test_the_reference_is_not_touched():
    reference = text()
    before = copy.deepcopy(reference.state_dict())
    ours = from_reference(reference)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(1.0)
    assert all(torch.equal(before[key], value) for key, value in reference.state_dict().items())


def test_a_decoder_is_refused():
    with pytest.raises(ValueError, match="is_decoder=True is not supported"):
        from_reference(text(is_decoder=True))


def test_keys_that_do_not_fit_are_named():
    reference = text()
    reference.encoder.layer[1].adapter = nn.Linear(2, 2, bias=False)
    with pytest.raises(ValueError, match=r"left over \['model.encoder.layers.1.adapter.weight'\]"):
        from_reference(reference)
    reference = text()
    reference.pooler.dense.bias = None
    with pytest.raises(ValueError, match=r"missing in the reference \['pooler.bias'\]"):
        from_reference(reference)
