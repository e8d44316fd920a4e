"""Hugging Face's BERT: model, masked language model, pre-training with next sentence."""

from typing import Any, NamedTuple

import torch.nn.functional as F
from jaxtyping import Int, Shaped
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Variant
from lecturelib.frontends.words import Words
from lecturelib.objectives.masked_lm import NextSentence, WordHead
from lecturelib.published.weights import activation, copy_into, encoder_of, refuse, renamed
from lecturelib.shapes import Ids

NAMES = {
    "embeddings.word_embeddings": "model.frontend.word",
    "embeddings.position_embeddings": "model.frontend.position",
    "embeddings.token_type_embeddings": "model.frontend.segment",
    "embeddings.LayerNorm": "model.frontend.norm",
    "encoder.layer.": "model.encoder.layers.",
    "attention.self.": "attention.",
    "attention.output.dense": "attention.out",
    "attention.output.LayerNorm": "add_attention.norm",
    "intermediate.dense": "feed_forward.widen",
    "output.dense": "feed_forward.narrow",
    "output.LayerNorm": "add_feed_forward.norm",
    "pooler.dense": "pooler",
}
HEADS = {
    "bert.pooler.dense": "next.pooler",
    "bert.": "",
    "cls.predictions.transform.dense": "words.dense",
    "cls.predictions.transform.LayerNorm": "words.norm",
    "cls.predictions.decoder": "words.decoder",
    "cls.seq_relationship": "next.follows",
}


class Output(NamedTuple):
    """pooler_output: [batch, dim], the first token through a tanh layer; None without a pooler."""

    last_hidden_state: Tensor
    pooler_output: Tensor | None


class MaskedLMOutput(NamedTuple):
    """loss: mean over the labels that are not -100; None without labels."""

    loss: Tensor | None
    logits: Tensor


class PreTrainingOutput(NamedTuple):
    """loss: masked words + next sentence; None unless both labels are given."""

    loss: Tensor | None
    prediction_logits: Tensor
    seq_relationship_logits: Tensor


def plain_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a BertModel, weights not yet copied."""
    config, embeddings, layer = m.config, m.embeddings, m.encoder.layer[0]
    refuse(config, is_decoder=False, add_cross_attention=False)
    refuse(config, position_embedding_type="absolute")
    words = Words(
        vocab=config.vocab_size,
        dim=config.hidden_size,
        length=config.max_position_embeddings,
        segments=config.type_vocab_size,
        dropout=embeddings.dropout.p,
    )
    words.norm.eps = config.layer_norm_eps
    words.word.padding_idx = embeddings.word_embeddings.padding_idx  # no gradient for [PAD]
    variant = Variant(
        activation=activation(config.hidden_act),
        eps=config.layer_norm_eps,
        dropout=layer.output.dropout.p,
        attention_dropout=layer.attention.self.dropout.p,
    )
    encoder = encoder_of(config, variant)
    return Model(frontend=words, encoder=encoder)


def word_head(words: Words, config: Any) -> WordHead:
    """Our word head in the original's sizes."""
    return WordHead(
        words.word,
        activation=activation(config.hidden_act),
        eps=config.layer_norm_eps,
        tied=config.tie_word_embeddings,
    )


def is_pad(attention_mask: Tensor | None) -> Tensor | None:
    """Hugging Face: 1 = keep. Ours: True = filler."""
    return None if attention_mask is None else attention_mask == 0


class Bert(nn.Module):
    """BertModel."""

    def __init__(self, m: Any):
        super().__init__()
        dim = m.config.hidden_size
        self.model = plain_model(m)
        self.pooler = None if m.pooler is None else nn.Linear(dim, dim)
        copy_into(self, renamed(m.state_dict(), NAMES))

    def forward(
        self,
        input_ids: Ids,
        attention_mask: Shaped[Tensor, "batch time"] | None = None,
        token_type_ids: Ids | None = None,
    ) -> Output:
        context = self.model(input_ids, token_type_ids, is_pad=is_pad(attention_mask))
        first = None if self.pooler is None else self.pooler(context[:, 0]).tanh()
        return Output(context, first)


class BertMaskedLM(nn.Module):
    """BertForMaskedLM."""

    def __init__(self, m: Any):
        super().__init__()
        self.model = plain_model(m.bert)
        self.words = word_head(self.model.frontend, m.config)
        copy_into(self, head_state(m))

    def forward(
        self,
        input_ids: Ids,
        attention_mask: Shaped[Tensor, "batch time"] | None = None,
        token_type_ids: Ids | None = None,
        *,
        labels: Ids | None = None,
    ) -> MaskedLMOutput:
        context = self.model(input_ids, token_type_ids, is_pad=is_pad(attention_mask))
        logits = self.words(context)
        loss = None if labels is None else F.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return MaskedLMOutput(loss, logits)


class BertPreTraining(nn.Module):
    """BertForPreTraining: masked words and next sentence (label 1: B is random)."""

    def __init__(self, m: Any):
        super().__init__()
        self.model = plain_model(m.bert)
        self.words = word_head(self.model.frontend, m.config)
        self.next = NextSentence(m.config.hidden_size)
        copy_into(self, head_state(m))

    def forward(
        self,
        input_ids: Ids,
        attention_mask: Shaped[Tensor, "batch time"] | None = None,
        token_type_ids: Ids | None = None,
        *,
        labels: Ids | None = None,
        next_sentence_label: Int[Tensor, "..."] | None = None,
    ) -> PreTrainingOutput:
        context = self.model(input_ids, token_type_ids, is_pad=is_pad(attention_mask))
        words, follows = self.words(context), self.next(context)
        loss = None
        if labels is not None and next_sentence_label is not None:
            masked = F.cross_entropy(words.flatten(0, 1), labels.flatten())
            loss = masked + F.cross_entropy(follows, next_sentence_label.flatten())
        return PreTrainingOutput(loss, words, follows)


def head_state(m: Any) -> dict[str, Tensor]:
    """Our names; `cls.predictions.bias` is a second name of the decoder's bias, or not used."""
    state = renamed(m.state_dict(), HEADS | NAMES)
    state.pop("cls.predictions.bias", None)
    return state
