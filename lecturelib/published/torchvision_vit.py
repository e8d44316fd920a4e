"""torchvision's Vision Transformer: patches, encoder and classifier."""

from collections import OrderedDict
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.patches import Patches
from lecturelib.published.weights import copy_into, renamed, split_projections
from lecturelib.shapes import Images

NAMES = {
    "class_token": "model.frontend.cls",
    "conv_proj": "model.frontend.embed",
    "encoder.pos_embedding": "model.frontend.position",
    "encoder.layers.encoder_layer_": "model.encoder.layers.",
    "encoder.ln.": "model.encoder.norm.",
    "ln_1": "add_attention.norm",
    "ln_2": "add_feed_forward.norm",
    "self_attention.out_proj": "attention.out",
    "self_attention.": "attention.",
    "mlp.0": "feed_forward.widen",
    "mlp.3": "feed_forward.narrow",
}


def plain_model(m: Any) -> Model:
    """Our front end and encoder in the sizes of a VisionTransformer, weights not yet copied."""
    if not isinstance(m.conv_proj, nn.Conv2d):
        raise ValueError("conv_stem_configs is not supported, only patches from one convolution")
    grid, first = m.image_size // m.patch_size, m.encoder.layers[0]
    patches = Patches(
        grid=(grid, grid),
        patch=(m.patch_size, m.patch_size),
        channels=m.conv_proj.in_channels,
        dim=m.hidden_dim,
        dropout=m.encoder.dropout.p,
    )
    patches.mask = None
    variant = Variant(
        norm_first=True,
        activation=F.gelu,
        eps=m.encoder.ln.eps,
        dropout=first.dropout.p,
        attention_dropout=first.self_attention.dropout,
        activation_dropout=first.mlp[2].p,
    )
    encoder = Encoder(
        dim=m.hidden_dim,
        heads=first.num_heads,
        depth=len(m.encoder.layers),
        hidden=m.mlp_dim,
        variant=variant,
    )
    return Model(frontend=patches, encoder=encoder)


class TorchvisionViT(nn.Module):
    """torchvision.models.VisionTransformer, with `representation_size` or without."""

    def __init__(self, m: Any):
        super().__init__()
        self.model = plain_model(m)
        layers: dict[str, nn.Module] = {}
        for name, layer in m.heads.named_children():
            linear = isinstance(layer, nn.Linear)
            layers[name] = nn.Linear(layer.in_features, layer.out_features) if linear else nn.Tanh()
        self.heads = nn.Sequential(OrderedDict(layers))
        copy_into(self, renamed(split_projections(m.state_dict()), NAMES))

    def forward(self, x: Images) -> Tensor:
        return self.heads(self.model(x)[:, 0])
