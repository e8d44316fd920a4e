"""Hugging Face's BERT against ours, weights copied, in float64."""

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertForPreTraining, BertModel

from lecturelib.published import from_reference
from lecturelib.published.bert import HEADS, NAMES
from lecturelib.published.weights import renamed
from tests.oracle import error, gradients, padded, randomise, same_gradients

SIZE = {"vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3}
SIZE |= {"intermediate_size": 20, "max_position_embeddings": 9}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
CLASSES = [BertModel, BertForMaskedLM, BertForPreTraining]
IS_PAD = padded([8, 5, 3])


def inputs(padding: bool) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(3)
    ids = torch.randint(0, 30, (3, 8), generator=rng)
    found = {"input_ids": ids, "token_type_ids": torch.randint(0, 2, (3, 8), generator=rng)}
    return found | ({"attention_mask": (~IS_PAD).long()} if padding else {})


def bert(kind, **options):
    return randomise(kind(BertConfig(**SIZE, **NO_DROPOUT | options)))


def total(out, padding: bool) -> torch.Tensor:
    """A number that depends on every output at every unpadded position."""
    parts = [part for part in out if part is not None]
    parts = [part[~IS_PAD] if padding and part.ndim == 3 else part for part in parts]
    rng = torch.Generator().manual_seed(4)
    return sum((torch.randn(p.shape, generator=rng, dtype=p.dtype) * p).sum() for p in parts)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("padding", [True, False])
@pytest.mark.parametrize(
    "options", [{}, {"hidden_act": "relu", "layer_norm_eps": 0.1}, {"tie_word_embeddings": False}]
)
def test_outputs_and_gradients(kind, training, padding, options):
    reference = bert(kind, **options).train(training)
    ours = from_reference(reference)
    assert ours.training == training
    have, theirs = ours(**inputs(padding)), reference(**inputs(padding))
    want = [getattr(theirs, name) for name in have._fields]
    for a, b in zip(have, want, strict=True):
        if b is None:
            assert a is None
        elif padding and b.ndim == 3:
            assert error(a[~IS_PAD], b[~IS_PAD]) < 1e-10
        else:
            assert error(a, b) < 1e-10
    for out in (have, want):
        total(out, padding).backward()
    theirs = renamed(gradients(reference), HEADS | NAMES)
    theirs.pop("cls.predictions.bias", None)
    if "cls.predictions.bias" in dict(reference.named_parameters()):
        theirs["words.decoder.bias"] = reference.cls.predictions.decoder.bias.grad
    same_gradients(ours, theirs)


@pytest.mark.parametrize("kind", [BertForMaskedLM, BertForPreTraining])
def test_loss(kind):
    reference = bert(kind)
    labels = torch.randint(0, 30, (3, 8))
    labels[IS_PAD | (torch.arange(8) % 2 == 0)] = -100
    given = inputs(True) | {"labels": labels}
    if kind is BertForPreTraining:
        given["next_sentence_label"] = torch.tensor([0, 1, 1])
    ours = from_reference(reference)
    assert error(ours(**given).loss, reference(**given).loss) < 1e-10
    assert ours(**inputs(True)).loss is None


def test_pre_training_needs_both_labels_for_a_loss():
    ours = from_reference(bert(BertForPreTraining))
    assert ours(**inputs(False), labels=torch.zeros(3, 8, dtype=torch.long)).loss is None


def test_positional_arguments_in_the_originals_order():
    reference, given = bert(BertModel), inputs(True)
    order = given["input_ids"], given["attention_mask"], given["token_type_ids"]
    ours = from_reference(reference)
    assert torch.equal(ours(*order)[0], ours(**given)[0])
    assert error(ours(*order)[1], reference(*order)[1]) < 1e-10
    assert error(ours(order[0])[0], reference(order[0])[0]) < 1e-10


def test_without_pooler():
    reference = randomise(BertModel(BertConfig(**SIZE, **NO_DROPOUT), add_pooling_layer=False))
    have, want = from_reference(reference)(**inputs(False)), reference(**inputs(False))
    assert have.pooler_output is None
    assert error(have.last_hidden_state, want.last_hidden_state) < 1e-10


def test_a_padded_batch_equals_one_by_one():
    ours, given = from_reference(bert(BertModel)), inputs(True)
    together = ours(**given).last_hidden_state
    for row, length in enumerate([8, 5, 3]):
        alone = ours(
            given["input_ids"][row : row + 1, :length],
            None,
            given["token_type_ids"][row : row + 1, :length],
        )
        assert error(together[row : row + 1, :length], alone.last_hidden_state) < 1e-12


def test_dropout_rates_are_copied():
    config = BertConfig(**SIZE, hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.3)
    model = from_reference(BertModel(config)).model
    layer = model.encoder.layers[2]
    assert (
        model.frontend.drop.p == layer.add_attention.drop.p == layer.add_feed_forward.drop.p == 0.2
    )
    assert layer.attention.dropout == 0.3
    assert layer.feed_forward.drop.p == 0.0


def test_the_decoder_stays_tied():
    ours = from_reference(bert(BertForMaskedLM))
    assert ours.words.decoder.weight is ours.model.frontend.word.weight


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"is_decoder": True}, "is_decoder=True is not supported"),
        (
            {"hidden_act": "silu"},
            r"hidden_act='silu' is not supported; there are \['relu', 'gelu'\]",
        ),
    ],
)
def test_options_that_ours_does_not_have(options, message):
    with pytest.raises(ValueError, match=message):
        from_reference(bert(BertModel, **options))


def test_a_sequence_longer_than_the_positions():
    with pytest.raises(ValueError, match="the sequence ends at 10, there are length=9 positions"):
        from_reference(bert(BertModel))(torch.zeros(1, 10, dtype=torch.long))
