"""Hugging Face's BertForPreTraining beside ours: the same weights, the same hidden places."""

import pytest
import torch
from torch import Tensor
from transformers import BertConfig, BertForPreTraining

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import SPECIAL, WordPieces, from_vocabulary
from lecturelib.masking import mask_words
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.published import from_reference
from lecturelib.published.bert import HEADS, NAMES
from lecturelib.published.weights import renamed
from tests.oracle import error, gradients, padded, randomise, same_gradients

VOCAB = 30
IS_PAD = padded([12, 7, 5])


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return from_vocabulary([*SPECIAL, *(f"w{number}" for number in range(VOCAB - 5))])


@pytest.fixture
def reference() -> BertForPreTraining:
    config = BertConfig(
        vocab_size=VOCAB,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=12,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return randomise(BertForPreTraining(config))  # type: ignore[return-value]


def ours(reference: BertForPreTraining, pieces: WordPieces, next_sentence: bool) -> MaskedLM:
    """The objective with a copy of the reference's weights."""
    copied = from_reference(reference)
    objective = MaskedLM(copied.model, pieces, next_sentence=next_sentence).double()
    weights = copied.state_dict()
    if not next_sentence:
        weights = {name: w for name, w in weights.items() if not name.startswith("next.")}
    objective.load_state_dict(weights)
    return objective


def examples(padding: bool = True) -> Batch:
    rng = torch.Generator().manual_seed(1)
    ids = torch.randint(5, VOCAB, (3, 12), generator=rng)
    ids[:, 0] = 2
    segment = (torch.arange(12) > torch.tensor([[5], [2], [3]])).long()
    label = torch.tensor([0, 1, 0])
    if not padding:
        return Batch(ids, None, label, segment=segment)
    return Batch(ids.masked_fill(IS_PAD, 0), IS_PAD, label, segment=segment)


def given(batch: Batch, pieces: WordPieces, seed: int) -> tuple[dict[str, Tensor], Tensor]:
    """What Hugging Face is to see of the places that this seed hides, and which they are."""
    changed, hidden = mask_words(batch.signal, pieces, torch.Generator().manual_seed(seed))
    seen = {"input_ids": changed, "token_type_ids": batch.segment}
    if batch.is_pad is not None:
        seen["attention_mask"] = (~batch.is_pad).long()
    labels = batch.signal.masked_fill(~hidden, -100)
    return seen | {"labels": labels, "next_sentence_label": batch.labels}, hidden


@pytest.mark.parametrize("padding", [True, False])
@pytest.mark.parametrize("next_sentence", [True, False])
def test_loss_and_gradients_are_hugging_faces(
    reference: BertForPreTraining, pieces: WordPieces, padding: bool, next_sentence: bool
) -> None:
    objective, batch = ours(reference, pieces, next_sentence), examples(padding)
    seen, hidden = given(batch, pieces, seed=3)
    out = reference(**seen)
    want, answer = out.loss, batch.signal[hidden]
    words = torch.nn.functional.cross_entropy(out.prediction_logits[hidden], answer)
    total, parts, count = objective(batch, torch.Generator().manual_seed(3))
    assert count == int(hidden.sum()) == (4 if padding else 6)  # 2 + 1 + 1, or 2 in each row
    assert error(total / count, want if next_sentence else words) < 1e-10
    assert error(parts["words_nll"], words) < 1e-10
    right = (out.prediction_logits[hidden].argmax(-1) == answer).float().mean()
    assert parts["words_right"].item() == pytest.approx(right.item())
    assert ("next_right" in parts) == next_sentence
    if next_sentence:
        guess = out.seq_relationship_logits.argmax(-1) == batch.labels
        assert parts["next_right"].item() == pytest.approx(guess.float().mean().item())

    (want if next_sentence else words).backward()
    (total / count).backward()
    theirs = renamed(gradients(reference), HEADS | NAMES)
    theirs.pop("cls.predictions.bias", None)
    theirs["words.decoder.bias"] = reference.cls.predictions.decoder.bias.grad
    same_gradients(objective, theirs)


def test_only_the_hidden_places_reach_the_head(
    reference: BertForPreTraining, pieces: WordPieces
) -> None:
    objective, batch = ours(reference, pieces, True), examples()
    rows = []
    objective.words.register_forward_hook(lambda _, args, out: rows.append((args[0], out)))
    count = objective(batch, torch.Generator().manual_seed(3)).count
    ((context, logits),) = rows
    assert context.shape == (count, 12)
    assert logits.shape == (count, VOCAB)


def test_the_head_is_the_embedding_table(reference: BertForPreTraining, pieces: WordPieces) -> None:
    """One tensor, and its gradient is the sum of both uses."""
    objective, batch = ours(reference, pieces, False), examples()
    table = objective.model.frontend.word.weight
    assert objective.words.decoder.weight is table
    assert sum(p.shape == table.shape for p in objective.parameters()) == 1
    objective(batch, torch.Generator().manual_seed(3)).total.backward()
    both = table.grad.clone()
    parts = []
    for place in ("input", "output"):
        objective = ours(reference, pieces, False)
        if place == "input":  # the head's own copy
            objective.words.decoder.weight = torch.nn.Parameter(table.detach().clone())
        else:
            objective.model.frontend.word.weight = torch.nn.Parameter(table.detach().clone())
        objective(batch, torch.Generator().manual_seed(3)).total.backward()
        used = objective.model.frontend.word if place == "input" else objective.words.decoder
        parts.append(used.weight.grad)
    assert error(both, parts[0] + parts[1]) < 1e-12
    assert all(part.abs().max() > 0 for part in parts)


def test_fill_in_shows_mask_and_gives_probabilities(
    reference: BertForPreTraining, pieces: WordPieces
) -> None:
    objective, batch = ours(reference, pieces, True), examples()
    hidden = torch.zeros(3, 12, dtype=torch.bool)
    hidden[[0, 0, 1], [2, 4, 3]] = True
    found = objective.fill_in(batch.signal, hidden, batch.segment, batch.is_pad)
    shown = batch.signal.clone()
    shown[hidden] = pieces.mask
    logits = reference(shown, (~IS_PAD).long(), batch.segment).prediction_logits
    assert error(found, logits[hidden].softmax(-1)) < 1e-10
    assert not found.requires_grad
    assert not (batch.signal == pieces.mask).any()


def test_the_rule_is_the_objectives_own(reference: BertForPreTraining, pieces: WordPieces) -> None:
    """All hidden, all kept: the model sees the text as it is, and must say every word."""
    copied = from_reference(reference)
    objective = MaskedLM(copied.model, pieces, next_sentence=False, share=1.0, mix=(0.0, 0.0, 1.0))
    objective.double().load_state_dict(
        {n: w for n, w in copied.state_dict().items() if not n.startswith("next.")}
    )
    batch = examples()
    total, _, count = objective(batch, torch.Generator())
    is_word = ~IS_PAD
    is_word[:, 0] = False
    logits = copied(batch.signal, (~IS_PAD).long(), batch.segment).prediction_logits
    words = torch.nn.functional.cross_entropy(
        logits[is_word], batch.signal[is_word], reduction="sum"
    )
    assert count == int(is_word.sum())
    assert error(total, words) < 1e-10


def test_bad_input_is_named(reference: BertForPreTraining, pieces: WordPieces) -> None:
    copied = from_reference(reference)
    other = from_vocabulary([*SPECIAL, "a", "b"])
    with pytest.raises(ValueError, match="the model knows 30 pieces, the vocabulary has 7: use"):
        MaskedLM(copied.model, other)
    batch = Batch(examples().signal, IS_PAD, None, segment=examples().segment)
    with pytest.raises(ValueError, match="no labels"):
        ours(reference, pieces, True)(batch, torch.Generator())
