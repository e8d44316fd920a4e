"""Hugging Face's data2vec: one paper, three models, of which we know each already by another name.

Sound is wav2vec 2.0 with other positions, text is RoBERTa (BERT that does not count padding), and
pictures are BEiT. Only the pre-trained network is published, not the teacher that trained it.
"""

from typing import Any

from jaxtyping import Shaped
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Variant
from lecturelib.frontends.waveform import StackedConvPositions
from lecturelib.published import beit, bert, wav2vec2
from lecturelib.published.weights import activation, copy_into, encoder_of, refuse, rename
from lecturelib.shapes import Images

AS_BEIT = {
    "encoder.relative_position_bias": "shared_position_bias",
    "encoder.layer.": "layers.",
    "attention.attention.relative_position_bias": "relative_position_bias",
    "attention.attention.": "attention.",
    "attention.output.dense": "attention.o_proj",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
}


def audio_name(key: str) -> str:
    """Our name of a Data2VecAudioModel's key."""
    return wav2vec2.ours(key, norm_first=False).replace(".conv.", ".")


def vision_name(key: str) -> str:
    """Our name of a Data2VecVisionModel's key."""
    return beit.ours(rename(key, AS_BEIT))


def audio_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a Data2VecAudioModel, weights not yet copied."""
    config = m.config
    refuse(config, feat_extract_activation="gelu", add_adapter=False)
    positions = StackedConvPositions(
        dim=config.hidden_size,
        kernel=config.conv_pos_kernel_size,
        groups=config.num_conv_pos_embedding_groups,
        depth=config.num_conv_pos_embeddings,
    )
    front = wav2vec2.frontend(m, positions, norm_each=True, norm_last=True)
    return Model(frontend=front, encoder=wav2vec2.encoder(m, norm_first=False))


class Data2VecAudio(wav2vec2.Listener):
    """Data2VecAudioModel."""

    def __init__(self, m: Any):
        super().__init__()
        self.model = audio_model(m)
        self.hides = getattr(m.config, "apply_spec_augment", True)
        copy_into(self, {audio_name(key): value for key, value in m.state_dict().items()})


def data2vec_text(m: Any) -> bert.Bert:
    """Data2VecTextModel: BERT, but positions are counted from padding_idx + 1, without padding."""
    ours = bert.Bert(m)
    ours.model.frontend.position.padding_idx = m.embeddings.padding_idx
    return ours


def vision_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a Data2VecVisionModel, weights not yet copied."""
    config, layer = m.config, m.encoder.layer[0]
    start = config.layer_scale_init_value
    variant = Variant(
        norm_first=True,
        final_norm=not config.use_mean_pooling,
        activation=activation(config.hidden_act),
        eps=config.layer_norm_eps,
        dropout=layer.output.dropout.p,
        attention_dropout=layer.attention.attention.dropout.p,
        key_bias=False,
        layer_scale=start if start > 0 else None,
    )
    encoder = encoder_of(config, variant)
    model = Model(frontend=beit.front_end(m), encoder=encoder)
    for ours, theirs in zip(model.encoder.layers, m.encoder.layer, strict=True):
        rate = getattr(theirs.drop_path, "drop_prob", 0.0)  # a float32, unlike BEiT's
        ours.add_attention.drop_path = ours.add_feed_forward.drop_path = rate
    return model


class Data2VecVision(nn.Module):
    """Data2VecVisionModel; `bool_masked_pos` [batch, patches] needs use_mask_token=True."""

    def __init__(self, m: Any):
        super().__init__()
        config = m.config
        self.model, self.pooler, self.mean = vision_model(m), None, config.use_mean_pooling
        if m.pooler is not None:
            norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
            self.pooler = norm if self.mean else nn.Identity()
        copy_into(self, {vision_name(key): value for key, value in m.state_dict().items()})

    def forward(
        self, pixel_values: Images, bool_masked_pos: Shaped[Tensor, "batch patches"] | None = None
    ) -> beit.Output:
        pixel_values = pixel_values.to(self.model.frontend.cls.dtype)  # as the original does
        hidden = None if bool_masked_pos is None else bool_masked_pos.bool()
        context = self.model(pixel_values, hidden)
        if self.pooler is None:
            return beit.Output(context, None)
        pooled = context[:, 1:].mean(1) if self.mean else context[:, 0]
        return beit.Output(context, self.pooler(pooled))
