"""Just one additional layer: torch by hand, Hugging Face's BERT, and what moves in fine-tuning."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertConfig, BertModel

from lecturelib.adapt.heads import (
    TextVector,
    fine_tune,
    first_layers,
    mean_over_pieces,
    probabilities,
    text_classifier,
    vectors,
)
from lecturelib.adapt.transfer import freeze
from lecturelib.data.batch import Batch
from lecturelib.published import from_reference
from lecturelib.recipes import bert
from lecturelib.training.loop import Plan


def texts(rows: int = 12, seed: int = 0) -> Batch:
    """Texts of pieces 5-39 with two segments; label 1 where the first piece is above 20."""
    rng = torch.Generator().manual_seed(seed)
    lengths = torch.randint(4, 10, (rows,), generator=rng)
    ids = torch.randint(5, 40, (rows, 12), generator=rng)
    is_pad = torch.arange(12) >= lengths[:, None]
    segment = (torch.arange(12) >= lengths[:, None] // 2).long()
    label = (ids[:, 0] > 20).long()
    return Batch(ids.masked_fill(is_pad, 0), is_pad, label, segment=segment)


@pytest.mark.parametrize("mean", [False, True])
def test_loss_and_gradients_are_those_of_hugging_faces_bert_and_torchs_linear_layer(mean):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=12,
    )  # fmt: skip
    reference = BertModel(config).double().eval()
    model, batch = from_reference(reference).model, texts()
    classifier = text_classifier(model, classes=3, mean=mean).double().eval()
    keep = (~batch.is_pad).long()
    context = reference(batch.signal, keep, batch.segment).last_hidden_state
    rows = [row[: int(n)] for row, n in zip(context, keep.sum(1), strict=True)]
    vector = torch.stack([row.mean(0) if mean else row[0] for row in rows])
    logits = F.linear(vector, classifier.head.weight, classifier.head.bias)
    torch.testing.assert_close(classifier.logits(*batch.inputs), logits, rtol=0, atol=1e-10)
    loss = F.cross_entropy(logits, batch.labels, reduction="sum")
    loss.backward()
    total = classifier(batch, torch.Generator()).total
    torch.testing.assert_close(total, loss, rtol=0, atol=1e-10)
    theirs = reference.embeddings.word_embeddings.weight.grad
    classifier.zero_grad()
    total.backward()
    ours = classifier.encoder.model.frontend.word.weight.grad
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-8)


def test_one_layer_is_little_beside_the_encoder():
    classifier = text_classifier(bert("tiny", vocab=40), classes=2)
    assert sum(p.numel() for p in classifier.head.parameters()) == 128 * 2 + 2
    assert [name for name, _ in classifier.named_children()] == ["encoder", "head"]


def test_padding_changes_no_vector():
    torch.manual_seed(0)
    encoder, batch = TextVector(bert("tiny", vocab=40).double(), mean=True), texts()
    one = Batch(batch.signal[:1, :4], None, None, segment=batch.segment[:1, :4])
    alone = encoder(one.signal, torch.zeros(1, 4, dtype=torch.bool), one.segment)
    wide = F.pad(one.signal, (0, 5)), F.pad(torch.zeros(1, 4).bool(), (0, 5), value=True)
    padded = encoder(*wide, F.pad(one.segment, (0, 5)))
    torch.testing.assert_close(padded, alone, rtol=0, atol=1e-10)


def test_vectors_come_in_the_order_of_the_texts():
    torch.manual_seed(0)
    encoder, batch = TextVector(bert("tiny", vocab=40)), texts(23)
    with torch.no_grad():
        together = encoder(*batch.inputs)
    torch.testing.assert_close(vectors(encoder, batch, size=4), together)


def test_the_mean_is_over_pieces_only():
    context = torch.tensor([[[1.0], [3.0], [100.0]]])
    is_pad = torch.tensor([[False, False, True]])
    assert mean_over_pieces(context, is_pad).tolist() == [[2.0]]


def test_a_shorter_model_gives_the_states_of_the_longer_one():
    model, batch = bert("mini", vocab=40), texts()
    tokens = model.frontend(batch.signal, batch.segment)
    states = model.encoder.trace(tokens, batch.is_pad).states
    real = ~batch.is_pad
    for count in (0, 1, 4):
        shorter = first_layers(model, count)(batch.signal, batch.segment, is_pad=batch.is_pad)
        torch.testing.assert_close(shorter[real], states[count][real])
    assert len(model.encoder.layers) == 4
    with pytest.raises(ValueError, match="count=5: this model has 4 layers"):
        first_layers(model, 5)


def test_fine_tuning_lowers_the_loss_and_moves_only_what_is_not_frozen():
    torch.manual_seed(0)
    model, batch = bert("tiny", vocab=40), texts(16)
    before = copy.deepcopy(model.state_dict())
    classifier = text_classifier(model, classes=2)
    freeze(classifier.encoder.model.frontend)
    history = fine_tune(classifier, batch, Plan(40, lr=1e-3))
    losses = history.column("loss")[1]
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    assert (probabilities(classifier, batch).argmax(1) == batch.labels).float().mean() > 0.9
    after = classifier.encoder.model.state_dict()
    for name, weight in before.items():
        assert torch.equal(weight, model.state_dict()[name]), "the model that was given has moved"
        stands_still = torch.equal(weight, after[name])
        assert stands_still == name.startswith("frontend."), name


def test_probabilities_are_the_softmax_of_the_logits():
    classifier, batch = text_classifier(bert("tiny", vocab=40), classes=3).eval(), texts(5)
    with torch.no_grad():
        expected = classifier.logits(*batch.inputs).softmax(1)
    torch.testing.assert_close(probabilities(classifier, batch), expected)


def test_labels_of_one_class_are_refused():
    batch = texts()
    one = Batch(batch.signal, batch.is_pad, torch.ones(12).long(), segment=batch.segment)
    with pytest.raises(ValueError, match=r"all 12 labels are \[1\]: give two classes"):
        fine_tune(text_classifier(bert("tiny", vocab=40), classes=2), one, Plan(1, lr=1e-3))


def test_pictures_need_neither_padding_nor_segments():
    assert len(Batch(torch.zeros(2, 1, 4, 4), None, None).inputs) == 1
    assert len(Batch(torch.zeros(2, 4), torch.zeros(2, 4).bool(), None).inputs) == 2
    assert isinstance(text_classifier(bert("tiny", vocab=9), classes=2).head, nn.Linear)
