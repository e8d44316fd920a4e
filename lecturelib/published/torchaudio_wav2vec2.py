"""torchaudio's wav2vec 2.0, base and large: the same weights as Hugging Face's, other names."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Int
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.waveform import Conv, Convolutions, ConvPositions, Waveform
from lecturelib.published.wav2vec2 import listen, ours
from lecturelib.published.weights import copy_into, refuse, rename
from lecturelib.shapes import Waves

NAMES = {"encoder.feature_projection.": "feature_projection.", "encoder.transformer.": "encoder."}


def our_name(key: str, norm_first: bool) -> str:
    """Our name of a key: without two owners it is Hugging Face's name."""
    return key if key.startswith("aux.") else ours(rename(key, NAMES), norm_first)


def frontend(m: Any) -> Waveform:
    """Our front end in the sizes of torchaudio's; it has no mask vector."""
    layers, transformer = m.feature_extractor.conv_layers, m.encoder.transformer
    plan = [Conv(one.conv.out_channels, one.kernel_size, one.stride) for one in layers]
    place = transformer.pos_conv_embed
    waveform = Waveform(
        convolutions=Convolutions(
            plan=plan,
            bias=layers[0].conv.bias is not None,
            norm_each=isinstance(layers[0].layer_norm, nn.LayerNorm),
        ),
        positions=ConvPositions(
            dim=place.embed_dim, kernel=place.kernel_size, groups=place.conv.groups
        ),
        dim=place.embed_dim,
        norm_last=not transformer.layers[0].layer_norm_first,
    )
    waveform.mask = None
    waveform.drop_latents.p = m.encoder.feature_projection.dropout.p
    waveform.drop.p = transformer.dropout.p
    return waveform


def plain_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a Wav2Vec2Model, weights not yet copied."""
    transformer = m.encoder.transformer
    layer = transformer.layers[0]
    wide = layer.feed_forward
    refuse(wide.output_dropout, p=layer.dropout.p)
    variant = Variant(
        norm_first=layer.layer_norm_first,
        activation=F.gelu,
        dropout=layer.dropout.p,
        attention_dropout=layer.attention.dropout,
        activation_dropout=wide.intermediate_dropout.p,
        layer_drop=transformer.layer_drop,
    )
    encoder = Encoder(
        dim=layer.attention.embed_dim,
        heads=layer.attention.num_heads,
        depth=len(transformer.layers),
        hidden=wide.intermediate_dense.out_features,
        variant=variant,
    )
    return Model(frontend=frontend(m), encoder=encoder)


class TorchaudioWav2Vec2(nn.Module):
    """torchaudio.models.Wav2Vec2Model, with `aux` (a linear layer: letters) or without.

    `lengths` are in samples and come back in frames; None where they were not given.
    """

    def __init__(self, m: Any):
        super().__init__()
        self.model, norm_first = plain_model(m), m.encoder.transformer.layers[0].layer_norm_first
        self.aux = None if m.aux is None else nn.Linear(m.aux.in_features, m.aux.out_features)
        copy_into(self, {our_name(key, norm_first): v for key, v in m.state_dict().items()})

    def forward(
        self, waveforms: Waves, lengths: Int[Tensor, " batch"] | None = None
    ) -> tuple[Tensor, Tensor | None]:
        front, is_pad = self.model.frontend, None
        if lengths is not None:
            place = torch.arange(waveforms.shape[1], device=lengths.device)
            is_pad = front.frame_pad(place >= lengths[:, None])
            lengths = front.frames(lengths)
        context = listen(self.model, waveforms, is_pad).last_hidden_state
        return context if self.aux is None else self.aux(context), lengths
