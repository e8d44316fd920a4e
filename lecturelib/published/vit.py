"""Hugging Face's Vision Transformer: model and classifier."""

from typing import Any, NamedTuple

import torch.nn.functional as F
from jaxtyping import Shaped
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Variant
from lecturelib.frontends.patches import Patches
from lecturelib.published.weights import (
    activation,
    copy_into,
    encoder_of,
    refuse,
    renamed,
    without_bias,
)
from lecturelib.shapes import Images, Labels

NAMES = {
    "vit.": "",
    "embeddings.cls_token": "model.frontend.cls",
    "embeddings.mask_token": "model.frontend.mask",
    "embeddings.position_embeddings": "model.frontend.position",
    "embeddings.patch_embeddings.projection": "model.frontend.embed",
    "layernorm_before": "add_attention.norm",
    "layernorm_after": "add_feed_forward.norm",
    "layernorm.": "model.encoder.norm.",
    "layers.": "model.encoder.layers.",
    "q_proj": "query",
    "k_proj": "key",
    "v_proj": "value",
    "o_proj": "out",
    "mlp.fc1": "feed_forward.widen",
    "mlp.fc2": "feed_forward.narrow",
    "pooler.dense": "pooler",
}


class Output(NamedTuple):
    """pooler_output: [batch, dim], [class] through a tanh layer; None without a pooler."""

    last_hidden_state: Tensor
    pooler_output: Tensor | None


class ClassifierOutput(NamedTuple):
    """loss: mean cross-entropy; None without labels."""

    loss: Tensor | None
    logits: Tensor


def pair(size: Any) -> tuple[int, int]:
    """(height, width) of a config's number or pair."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def plain_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a ViTModel, weights not yet copied."""
    config, layer = m.config, m.layers[0]
    image, patch = pair(config.image_size), pair(config.patch_size)
    patches = Patches(
        grid=(image[0] // patch[0], image[1] // patch[1]),
        patch=patch,
        channels=config.num_channels,
        dim=config.hidden_size,
        dropout=m.embeddings.dropout.p,
    )
    if m.embeddings.mask_token is None:
        patches.mask = None
    variant = Variant(
        norm_first=True,
        activation=activation(config.hidden_act),
        eps=config.layer_norm_eps,
        dropout=layer.dropout.p,
        attention_dropout=layer.attention.attention_dropout,
    )
    encoder = encoder_of(config, variant)
    if not config.qkv_bias:
        for ours in encoder.layers:
            for part in (ours.attention.query, ours.attention.key, ours.attention.value):
                without_bias(part)
    return Model(frontend=patches, encoder=encoder)


class ViT(nn.Module):
    """ViTModel; `bool_masked_pos` [batch, patches] needs a model built with use_mask_token=True."""

    def __init__(self, m: Any):
        super().__init__()
        self.model, self.pooler = plain_model(m), None
        if m.pooler is not None:
            refuse(m.config, pooler_act="tanh")
            self.pooler = nn.Linear(m.config.hidden_size, m.config.pooler_output_size)
        copy_into(self, renamed(m.state_dict(), NAMES))

    def forward(
        self, pixel_values: Images, bool_masked_pos: Shaped[Tensor, "batch patches"] | None = None
    ) -> Output:
        pixel_values = pixel_values.to(self.model.frontend.cls.dtype)  # as the original does
        context = self.model(
            pixel_values, None if bool_masked_pos is None else bool_masked_pos.bool()
        )
        first = None if self.pooler is None else self.pooler(context[:, 0]).tanh()
        return Output(context, first)


class ViTClassifier(nn.Module):
    """ViTForImageClassification, for labels that are classes."""

    def __init__(self, m: Any):
        super().__init__()
        config = m.config
        self.model = plain_model(m.vit)
        self.classifier = nn.Identity()
        if config.num_labels:
            self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        copy_into(self, renamed(m.state_dict(), NAMES))

    def forward(self, pixel_values: Images, labels: Labels | None = None) -> ClassifierOutput:
        pixel_values = pixel_values.to(self.model.frontend.cls.dtype)
        logits = self.classifier(self.model(pixel_values)[:, 0])
        if labels is not None and logits.shape[1] == 1:
            raise ValueError("num_labels=1 is a regression: its loss is not supported")
        loss = None if labels is None else F.cross_entropy(logits, labels.flatten())
        return ClassifierOutput(loss, logits)
