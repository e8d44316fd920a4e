"""Hugging Face's wav2vec 2.0 without a head: base (post-norm) and large (stable layer norm)."""

from typing import Any, NamedTuple

from jaxtyping import Shaped
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.waveform import (
    Conv,
    Convolutions,
    ConvPositions,
    StackedConvPositions,
    Waveform,
)
from lecturelib.published.weights import activation, copy_into, encoder_of, refuse, rename
from lecturelib.shapes import IsHidden, IsPad, Waves

NAMES = {
    "feature_projection.layer_norm": "model.frontend.norm_latents",
    "feature_projection.projection": "model.frontend.project",
    "masked_spec_embed": "model.frontend.mask",
    "encoder.pos_conv_embed": "model.frontend.positions",
    "encoder.layers.": "model.encoder.layers.",
    "attention.q_proj": "attention.query",
    "attention.k_proj": "attention.key",
    "attention.v_proj": "attention.value",
    "attention.out_proj": "attention.out",
    "final_layer_norm": "add_feed_forward.norm",
    "feed_forward.intermediate_dense": "feed_forward.widen",
    "feed_forward.output_dense": "feed_forward.narrow",
}


class Output(NamedTuple):
    """extract_features: the normalised latents [batch, time, width], never hidden."""

    last_hidden_state: Tensor
    extract_features: Tensor


def ours(key: str, norm_first: bool) -> str:
    """Our name of a key: `layer_norm` means four things, depending on where it stands."""
    if key.startswith("feature_extractor.conv_layers."):
        number, part = key.removeprefix("feature_extractor.conv_layers.").split(".", 1)
        kind = part.replace("layer_norm.", "norms.").replace("conv.", "layers.").split(".")
        return f"model.frontend.convolutions.{kind[0]}.{number}.{kind[1]}"
    if key.startswith("encoder.layer_norm."):
        owner = "model.encoder" if norm_first else "model.frontend"
        return f"{owner}.norm.{key.removeprefix('encoder.layer_norm.')}"
    return rename(key, NAMES).replace(".layer_norm.", ".add_attention.norm.")


def conv_positions(config: Any) -> ConvPositions:
    """The one wide convolution that tells a frame where it is."""
    return ConvPositions(
        dim=config.hidden_size,
        kernel=config.num_conv_pos_embeddings,
        groups=config.num_conv_pos_embedding_groups,
    )


def frontend(
    m: Any, positions: ConvPositions | StackedConvPositions, *, norm_each: bool, norm_last: bool
) -> Waveform:
    """Our front end in the sizes of a Wav2Vec2Model or a Data2VecAudioModel."""
    config = m.config
    rows = zip(config.conv_dim, config.conv_kernel, config.conv_stride, strict=True)
    plan = [Conv(*row) for row in rows]
    waveform = Waveform(
        convolutions=Convolutions(plan=plan, bias=config.conv_bias, norm_each=norm_each),
        positions=positions,
        dim=config.hidden_size,
        norm_last=norm_last,
    )
    waveform.norm_latents.eps = waveform.norm.eps = config.layer_norm_eps
    waveform.drop_latents.p = m.feature_projection.dropout.p
    waveform.drop.p = m.encoder.dropout.p
    if not hasattr(m, "masked_spec_embed"):
        waveform.mask = None
    return waveform


def plain_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a Wav2Vec2Model, weights not yet copied."""
    config = m.config
    refuse(config, feat_extract_activation="gelu", add_adapter=False, adapter_attn_dim=None)
    norm_first = config.do_stable_layer_norm
    front = frontend(
        m,
        conv_positions(config),
        norm_each=config.feat_extract_norm == "layer",
        norm_last=not norm_first,
    )
    return Model(frontend=front, encoder=encoder(m, norm_first=norm_first))


def encoder(m: Any, *, norm_first: bool) -> Encoder:
    """Our encoder in the sizes of either model."""
    config, layer = m.config, m.encoder.layers[0]
    variant = Variant(
        norm_first=norm_first,
        activation=activation(config.hidden_act),
        eps=config.layer_norm_eps,
        dropout=layer.dropout.p,
        attention_dropout=layer.attention.dropout,
        activation_dropout=layer.feed_forward.intermediate_dropout.p,
        layer_drop=config.layerdrop,
    )
    return encoder_of(config, variant)


def listen(
    model: Model, waves: Waves, is_pad: IsPad | None = None, hidden: IsHidden | None = None
) -> Output:
    """Sound -> latents and context; is_pad and hidden are in frames."""
    latents = model.frontend.latents(waves)
    return Output(model.encoder(model.frontend.tokens(latents, is_pad, hidden), is_pad), latents)


def frame_pad(model: Model, attention_mask: Tensor | None) -> IsPad | None:
    """Hugging Face: 1 = keep, in samples. Ours: True = filler, in frames."""
    return None if attention_mask is None else model.frontend.frame_pad(attention_mask == 0)


class Listener(nn.Module):
    """Wav2Vec2Model or Data2VecAudioModel: `attention_mask` in samples, `mask_time_indices` frames.

    Never hides at random by itself, as the originals do in train mode (`apply_spec_augment`): pass
    the mask, or set `mask_time_prob=0` there, to compare.
    """

    model: Model
    hides: bool

    def forward(
        self,
        input_values: Waves,
        attention_mask: Shaped[Tensor, "batch samples"] | None = None,
        mask_time_indices: Shaped[Tensor, "batch time"] | None = None,
    ) -> Output:
        hidden = None
        if self.hides and mask_time_indices is not None:
            hidden = mask_time_indices.bool()
        return listen(self.model, input_values, frame_pad(self.model, attention_mask), hidden)


class Wav2Vec2(Listener):
    """Wav2Vec2Model."""

    def __init__(self, m: Any):
        super().__init__()
        self.model = plain_model(m)
        self.hides, norm_first = m.config.apply_spec_augment, m.config.do_stable_layer_norm
        copy_into(self, {ours(key, norm_first): value for key, value in m.state_dict().items()})
