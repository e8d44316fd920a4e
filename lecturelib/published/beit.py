"""Hugging Face's BEiT: model, and the head that says which visual token was hidden."""

import re
from typing import Any, NamedTuple

import torch.nn.functional as F
from jaxtyping import Int, Shaped
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Variant
from lecturelib.frontends.patches import Patches, RelativePositions
from lecturelib.published import vit
from lecturelib.published.vit import pair
from lecturelib.published.weights import activation, copy_into, encoder_of, rename
from lecturelib.shapes import Images

NAMES = {
    "beit.": "",
    "shared_position_bias.relative_position_bias_table": "model.frontend.relative.0.table",
    "lambda_1": "add_attention.scale",
    "lambda_2": "add_feed_forward.scale",
    "lm_head": "head.1",
    "pooler.layernorm": "pooler",
    **vit.NAMES,
}
ONE_A_LAYER = re.compile(r"layers\.(\d+)\.relative_position_bias\.relative_position_bias_table")


class Output(NamedTuple):
    """pooler_output: [batch, dim], the normalised mean over patches, or [class]; None without."""

    last_hidden_state: Tensor
    pooler_output: Tensor | None


class MaskedImageOutput(NamedTuple):
    """loss: mean cross-entropy over the hidden patches; None without labels."""

    loss: Tensor | None
    logits: Tensor


def ours(key: str, *, head: bool = False) -> str:
    """Our name of a key; with a head, a `layernorm` at the top is the head's own."""
    if head and key.startswith("layernorm."):
        return key.replace("layernorm", "head.0")
    return rename(ONE_A_LAYER.sub(r"model.frontend.relative.\1.table", key), NAMES)


def front_end(m: Any) -> Patches:
    """Our patches, with the positions that a BeitModel has: added, relative, both, or none."""
    config = m.config
    image, patch = pair(config.image_size), pair(config.patch_size)
    tables = config.num_hidden_layers if config.use_relative_position_bias else 0
    if config.use_shared_relative_position_bias:
        if tables:
            raise ValueError("relative positions are shared or one table a layer, not both")
        tables = 1
    added = config.use_absolute_position_embeddings
    if (tables or added) and (image[0] != image[1] or patch[0] != patch[1]):
        raise ValueError(
            f"image_size={image}, patch_size={patch}: with positions the original mixes up height "
            "and width unless both are square; only squares are supported"
        )
    patches = Patches(
        grid=(image[0] // patch[0], image[1] // patch[1]),
        patch=patch,
        channels=config.num_channels,
        dim=config.hidden_size,
        dropout=m.embeddings.dropout.p,
    )
    patches.mask = patches.mask if config.use_mask_token else None
    patches.position = patches.position if added else None
    if tables:
        table = {"grid": patches.grid, "heads": config.num_attention_heads}
        patches.relative = nn.ModuleList(RelativePositions(**table) for _ in range(tables))
    return patches


def plain_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a BeitModel, weights not yet copied."""
    config, layer = m.config, m.layers[0]
    start = config.layer_scale_init_value
    variant = Variant(
        norm_first=True,
        final_norm=not config.use_mean_pooling,
        activation=activation(config.hidden_act),
        eps=config.layer_norm_eps,
        dropout=layer.dropout.p,
        attention_dropout=layer.attention.attention_dropout,
        drop_path=config.drop_path_rate,
        key_bias=False,
        layer_scale=start if start > 0 else None,
    )
    encoder = encoder_of(config, variant)
    return Model(frontend=front_end(m), encoder=encoder)


class Beit(nn.Module):
    """BeitModel; `bool_masked_pos` [batch, patches] needs one built with use_mask_token=True."""

    def __init__(self, m: Any):
        super().__init__()
        self.model, self.pooler, self.mean = plain_model(m), None, m.config.use_mean_pooling
        if m.pooler is not None:
            norm = nn.LayerNorm(m.config.hidden_size, eps=m.config.layer_norm_eps)
            self.pooler = norm if self.mean else nn.Identity()
        copy_into(self, {ours(key): value for key, value in m.state_dict().items()})

    def forward(
        self, pixel_values: Images, bool_masked_pos: Shaped[Tensor, "batch patches"] | None = None
    ) -> Output:
        context = self.model(
            pixel_values, None if bool_masked_pos is None else bool_masked_pos.bool()
        )
        if self.pooler is None:
            return Output(context, None)
        return Output(context, self.pooler(context[:, 1:].mean(1) if self.mean else context[:, 0]))


class BeitMaskedImage(nn.Module):
    """BeitForMaskedImageModeling; `labels`: the visual tokens of the hidden patches, in order."""

    def __init__(self, m: Any):
        super().__init__()
        config = m.config
        self.model = plain_model(m.beit)
        self.head = nn.Sequential(
            nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps),
            nn.Linear(config.hidden_size, config.vocab_size),
        )
        copy_into(self, {ours(key, head=True): value for key, value in m.state_dict().items()})

    def forward(
        self,
        pixel_values: Images,
        bool_masked_pos: Shaped[Tensor, "batch patches"] | None = None,
        labels: Int[Tensor, " hidden"] | None = None,
    ) -> MaskedImageOutput:
        hidden = None if bool_masked_pos is None else bool_masked_pos.bool()
        logits = self.head(self.model(pixel_values, hidden)[:, 1:])
        if labels is None:
            return MaskedImageOutput(None, logits)
        if hidden is None or hidden.sum() != len(labels):
            count = 0 if hidden is None else int(hidden.sum())
            raise ValueError(f"{len(labels)} labels for {count} hidden patches: one for each")
        return MaskedImageOutput(F.cross_entropy(logits[hidden], labels), logits)
