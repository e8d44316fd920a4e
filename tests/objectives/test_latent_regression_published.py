"""data2vec with Hugging Face's three networks: teacher and student are theirs, the rest by hand.

They publish no loss of data2vec. So their network, weights copied, is run twice: as a teacher that
sees everything, its steps picked up by hooks, and as a student that does not.
"""

import copy
import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    Data2VecAudioConfig,
    Data2VecAudioModel,
    Data2VecTextConfig,
    Data2VecTextModel,
    Data2VecVisionConfig,
    Data2VecVisionModel,
)

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.masking import Hidden
from lecturelib.objectives.latent_regression import TARGETS, LatentRegression, Settings
from lecturelib.published import from_reference
from lecturelib.published.bert import NAMES
from lecturelib.published.data2vec import audio_name, vision_name
from lecturelib.published.weights import rename
from lecturelib.recipes.data2vec import patches, waveform, words
from tests.oracle import error, gradients, padded, randomise, same_gradients

SIZE = {"hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3}
SIZE |= {"intermediate_size": 20}
PIECES = from_vocabulary([*SPECIAL, *"abcdefghijklmno"])


class Peer(NamedTuple):
    """One of the three.

    see       see(network, everything): its context, with something hidden or nothing
    steps     submodules of a layer that give `attention` and `feed_forward`
    residual  what gets the feed-forward part as it is added: a norm after it, or before it
    """

    network: Any
    see: Callable[[Any, bool], Tensor]
    view: Callable[[nn.Module], Callable]
    batch: Batch
    hidden: Tensor
    lengths: list[int]
    settings: dict
    steps: dict[str, str]
    residual: str
    norm_first: bool
    layers: str
    name: Callable[[str], str]


def sound() -> Peer:
    """Channel norms everywhere, as published; the second clip is padded."""
    sizes = {"conv_dim": [8, 6], "conv_kernel": [5, 3], "conv_stride": [4, 3]}
    sizes |= {"conv_pos_kernel_size": 3, "num_conv_pos_embedding_groups": 2}
    rates = ["hidden_dropout", "activation_dropout", "attention_dropout", "feat_proj_dropout"]
    rates = dict.fromkeys([*rates, "layerdrop"], 0.0)
    config = Data2VecAudioConfig(**SIZE | sizes | rates, num_conv_pos_embeddings=2)
    rng = torch.Generator().manual_seed(0)
    waves, is_pad = torch.randn(2, 120, generator=rng).double(), padded([120, 75])
    hidden = torch.zeros(2, 9).bool()
    hidden[0, 2:6] = hidden[1, 1:3] = True
    return Peer(
        Data2VecAudioModel(config),
        lambda m, whole: m(waves, (~is_pad).long(), mask_time_indices=None if whole else hidden)[0],
        lambda front: partial(waveform, front, hide=lambda is_pad, rng: hidden),
        Batch(waves, is_pad, None),
        hidden,
        [9, 6],
        {"norm": "instance", "beta": 0.0},
        {"attention": "attention.out_proj", "feed_forward": "feed_forward.output_dense"},
        "final_layer_norm",
        False,
        "encoder.layers",
        audio_name,
    )


def text() -> Peer:
    """Everything hidden is [MASK]; the second text is padded."""
    rates = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config = Data2VecTextConfig(
        **SIZE | rates,
        vocab_size=len(PIECES),
        max_position_embeddings=12,
        type_vocab_size=1,
        pad_token_id=PIECES.pad,
    )
    ids = torch.randint(len(SPECIAL), len(PIECES), (2, 8), generator=torch.Generator())
    ids[:, 0], ids[0, 7], ids[1, 4], ids[1, 5:] = PIECES.cls, PIECES.sep, PIECES.sep, PIECES.pad
    hidden = torch.zeros(2, 8).bool()
    hidden[0, 1:4] = hidden[1, 2] = True
    is_pad, masked = ids == PIECES.pad, ids.masked_fill(hidden, PIECES.mask)
    return Peer(
        Data2VecTextModel(config, add_pooling_layer=False),
        lambda m, whole: m(ids if whole else masked, (~is_pad).long())[0],
        lambda front: partial(
            words, front, hide=lambda ids, pieces, rng: Hidden(masked, hidden), pieces=PIECES
        ),
        Batch(ids, is_pad, None),
        hidden,
        [8, 5],
        {"norm": "layer", "beta": 4.0},
        {"attention": "attention.output.dense", "feed_forward": "output.dense"},
        "output.LayerNorm",
        False,
        "encoder.layer",
        partial(rename, names=NAMES),
    )


def pictures(**positions: bool) -> Peer:
    """BEiT's network: relative positions go to the teacher too."""
    config = Data2VecVisionConfig(
        **SIZE | positions,
        image_size=12,
        patch_size=4,
        use_mask_token=True,
        use_mean_pooling=False,
        drop_path_rate=0.0,
    )
    images = torch.rand(2, 3, 12, 12, generator=torch.Generator().manual_seed(0)).double()
    hidden = torch.tensor([[1, 0, 0, 1, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 0, 0, 0]]).bool()
    return Peer(
        Data2VecVisionModel(config, add_pooling_layer=False),
        lambda m, whole: m(images, None if whole else hidden)[0],
        lambda front: partial(patches, front, hide=lambda count, grid, rng: hidden),
        Batch(images, None, None),
        F.pad(hidden, (1, 0)),
        [10, 10],
        {"norm": "average", "beta": 2.0},
        {"attention": "attention.output.dense", "feed_forward": "output.dense"},
        "layernorm_after",
        True,
        "encoder.layer",
        vision_name,
    )


def picked(layers: list[nn.Module], name: str, run: Callable, *, entering: bool) -> list[Tensor]:
    """What enters or leaves a submodule of each layer while it runs; "" is the layer itself."""
    kept: list[Tensor] = []

    def hook(_: nn.Module, inputs: tuple, out: Any) -> None:
        given = inputs[0] if entering else out
        kept.append(given if isinstance(given, Tensor) else given[0])

    handles = [layer.get_submodule(name).register_forward_hook(hook) for layer in layers]
    with torch.no_grad():
        run()
    for handle in handles:
        handle.remove()
    return kept


def steps(peer: Peer, teacher: Any, target: str) -> list[Tensor]:
    """What each layer of their network answers with."""
    layers, run = list(teacher.get_submodule(peer.layers)), lambda: peer.see(teacher, True)
    if target == "out":
        return picked(layers, "", run, entering=False)
    if target != "residual":
        return picked(layers, peer.steps[target], run, entering=False)
    found = picked(layers, peer.residual, run, entering=True)
    if not peer.norm_first:
        return found  # the sum enters the norm
    thought = picked(layers, peer.steps["feed_forward"], run, entering=False)
    return [a + b for a, b in zip(found, thought, strict=True)]


def answers(peer: Peer, layers: list[Tensor], norm: str) -> Tensor:
    """The published normalisation, an example at a time, without its padding."""
    rows = []
    for row, length in enumerate(peer.lengths):
        own = [layer[row : row + 1, :length] for layer in layers]
        if norm == "instance":
            own = [F.instance_norm(x.mT).mT for x in own]
        if norm == "layer":
            own = [F.layer_norm(x, (12,)) for x in own]
        mean = sum(own) / len(own)
        mean = F.layer_norm(mean, (12,)) if norm == "average" else mean
        rows.append(mean[0][peer.hidden[row, :length]])
    return torch.cat(rows)


def by_hand(peer: Peer, teacher: Any, settings: Settings, head: nn.Linear) -> Tensor:
    """The whole loss, with their student in train mode."""
    layers = steps(peer, teacher, settings.target)[-settings.top :]
    answer = answers(peer, layers, settings.norm)
    guess = head(peer.see(peer.network, False)[peer.hidden])
    if settings.beta == 0:
        loss = F.mse_loss(guess, answer, reduction="sum")
    else:
        loss = F.smooth_l1_loss(guess, answer, reduction="sum", beta=settings.beta)
    return loss / math.sqrt(12)


def other_teacher(network: Any) -> Any:
    """Another encoder behind the student's own front end."""
    teacher, other = copy.deepcopy(network), randomise(copy.deepcopy(network), seed=9)
    teacher.encoder.load_state_dict(other.encoder.state_dict())
    if hasattr(teacher.encoder, "pos_conv_embed"):  # belongs to the front end
        for part in ("pos_conv_embed", "layer_norm"):
            getattr(teacher.encoder, part).load_state_dict(
                getattr(network.encoder, part).state_dict()
            )
    for name, table in network.encoder.named_parameters():
        if "relative_position_bias" in name:
            teacher.encoder.get_parameter(name).data.copy_(table)
    return teacher.eval()


PEERS = {
    "sound": sound,
    "text": text,
    "pictures": pictures,
    "shared positions": partial(pictures, use_shared_relative_position_bias=True),
    "positions a layer": partial(pictures, use_relative_position_bias=True),
    "absolute positions": partial(pictures, use_absolute_position_embeddings=True),
}


@pytest.mark.parametrize("kind", PEERS)
@pytest.mark.parametrize("target", TARGETS)
def test_loss_and_gradients(kind: str, target: str) -> None:
    peer = PEERS[kind]()
    randomise(peer.network).train()
    teacher = other_teacher(peer.network)
    settings = Settings(top=2, target=target, **peer.settings)
    model = from_reference(peer.network).model
    mine = LatentRegression(model, view=peer.view(model.frontend), settings=settings).double()
    twin: Any = from_reference(teacher)
    mine.teacher.network.load_state_dict(twin.model.encoder.state_dict())
    head = copy.deepcopy(mine.head)

    have = mine.train()(peer.batch, torch.Generator())
    want = by_hand(peer, teacher, settings, head)
    assert have.count == int(peer.hidden.sum())
    assert error(have.total, want) < 1e-10
    have.total.backward()
    want.backward()
    given = {peer.name(key): value for key, value in gradients(peer.network).items()}
    given |= {f"head.{key}": value for key, value in gradients(head).items()}
    trained = {name for name, p in mine.named_parameters() if p.requires_grad}
    assert given.keys() == trained
    same_gradients(mine, given)
