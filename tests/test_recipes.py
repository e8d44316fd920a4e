"""Recipes: as many weights as counted by hand, and PyTorch's own Transformer in the middle."""

import pytest
import torch
import torchvision
from torch import nn
from transformers import BeitConfig, BeitModel, BertConfig, BertForPreTraining

from lecturelib.encoders.model import Model
from lecturelib.encoders.vgg import VGG, ConvStack
from lecturelib.objectives.masked_lm import NextSentence, WordHead
from lecturelib.recipes import (
    beit,
    bert,
    elmo,
    images,
    numbers_model,
    vgg,
    vit,
    wav2vec2,
    words,
    xvector,
)


def size(*parts: nn.Module) -> int:
    return sum(p.numel() for part in parts for p in part.parameters())


@pytest.mark.parametrize(("dim", "depth"), [(128, 2), (16, 3)])
def test_the_translator_has_the_weights_of_nn_transformer(dim: int, depth: int) -> None:
    """PyTorch has one more LayerNorm at the end of each stack."""
    model = numbers_model(dim=dim, heads=4, depth=depth)
    reference = nn.Transformer(dim, 4, depth, depth, 2 * dim, batch_first=True)
    norms = size(reference.encoder.norm, reference.decoder.norm)  # type: ignore[arg-type]
    assert size(model.encoder, model.decoder) == size(reference) - norms
    # 32 letters in, 12 signs in and out, one bias each of the last
    assert size(model) == size(model.encoder, model.decoder) + (32 + 12 + 12) * dim + 12


def test_the_original_elmo_has_the_published_number_of_weights() -> None:
    """93.6 million, as its authors' page of pre-trained models says; no weight is made here."""
    with torch.device("meta"):
        model = elmo("original")
    filters = ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024))
    letters = 261 * 16 + sum(16 * width * n + n for width, n in filters)
    words = letters + 2 * 2 * (2048 * 2048 + 2048) + 2048 * 512 + 512
    lstm = 2 * 512 * 4 * 4096 + 4 * 4096 + 4096 * 512
    assert size(model) == words + 4 * lstm
    assert round(size(model) / 1e6, 1) == 93.6


def test_an_unknown_elmo() -> None:
    with pytest.raises(ValueError, match="size='huge': choose from original, mini"):
        elmo("huge")


def on_meta(size: str) -> tuple[Model, nn.Module]:
    """A BERT without numbers, and both heads."""
    with torch.device("meta"):
        model = bert(size)
        table = model.frontend.word
        heads = nn.ModuleList([WordHead(table), NextSentence(table.embedding_dim)])
    return model, heads


@pytest.mark.parametrize(
    ("name", "sizes", "encoder", "everything"),
    [
        ("base", (12, 768, 12, 3072), 109_482_240, 110_106_428),  # the paper: 110 M
        ("large", (24, 1024, 16, 4096), 335_141_888, 336_226_108),  # the paper: 340 M
    ],
)
def test_bert_has_the_published_sizes(
    name: str, sizes: tuple[int, int, int, int], encoder: int, everything: int
) -> None:
    model, heads = on_meta(name)
    depth, dim, count, hidden = sizes
    config = BertConfig(
        hidden_size=dim,
        num_hidden_layers=depth,
        num_attention_heads=count,
        intermediate_size=hidden,
    )
    with torch.device("meta"):
        reference = BertForPreTraining(config)
    layers = model.encoder.layers
    assert len(layers) == depth
    assert {layer.attention.heads for layer in layers} == {count}
    assert {layer.feed_forward.widen.out_features for layer in layers} == {hidden}
    assert model.encoder.dim == dim
    assert size(model, heads[1].pooler) == size(reference.bert) == encoder
    assert size(nn.ModuleList([model, heads])) == size(reference) == everything


def spread(weights: list[torch.Tensor]) -> float:
    return torch.cat([w.detach().flatten() for w in weights]).std().item()


@pytest.mark.parametrize(
    ("name", "linear", "word", "position"),
    [("mini", 0.02 * 6**0.5, 0.15, 0.3), ("tiny", 0.02 * 6**0.5, 0.15, 0.3)],
)
def test_small_berts_start_larger(name: str, linear: float, word: float, position: float) -> None:
    torch.manual_seed(0)
    model = bert(name, vocab=500)
    layers = [m for m in model.modules() if isinstance(m, nn.Linear)]
    assert spread([layer.weight for layer in layers]) == pytest.approx(linear, rel=0.01)
    assert all(not layer.bias.any() for layer in layers)
    assert spread([model.frontend.word.weight]) == pytest.approx(word, rel=0.02)
    assert spread([model.frontend.position.weight]) == pytest.approx(position, rel=0.04)


def test_the_papers_berts_start_at_002(monkeypatch: pytest.MonkeyPatch) -> None:
    """One layer of the base model: 768 channels."""
    monkeypatch.setitem(words.BERTS, "base", words.BertSize(768, 12, 1, 64, 0.1))
    torch.manual_seed(0)
    model = bert("base", vocab=500)
    layers = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    tables = [model.frontend.word.weight, model.frontend.position.weight]
    assert spread(layers) == pytest.approx(0.02, rel=0.01)
    assert spread(tables) == pytest.approx(0.02, rel=0.02)
    layer = model.encoder.layers[0]
    assert model.frontend.drop.p == layer.attention.dropout == layer.add_attention.drop.p == 0.1


def test_a_bert_that_is_none() -> None:
    with pytest.raises(ValueError, match="size='huge': choose from base, large, mini, tiny"):
        bert("huge")


@pytest.mark.parametrize("name", ["vgg11", "vgg13", "vgg16", "vgg19", "vgg16_bn"])
def test_the_papers_vggs_have_torchvisions_weights(name: str) -> None:
    letter = dict(zip((11, 13, 16, 19), "ABDE", strict=True))[int(name[3:5])]
    with torch.device("meta"):
        ours = vgg(letter, classes=7, batch_norm=name.endswith("bn"))
        reference = torchvision.models.get_model(name, num_classes=7)
    assert isinstance(ours, VGG)
    have, want = ([p.shape for p in m.parameters()] for m in (ours, reference))
    assert have == want


def test_the_tiny_vit_has_as_many_weights_as_the_mini_vgg() -> None:
    """So that patches and convolutions can be compared."""
    ours, theirs = (sum(p.numel() for p in net.parameters()) for net in (vit("tiny"), vgg("mini")))
    assert abs(ours / theirs - 1) < 0.02


def test_the_mini_vgg_gives_a_vector_a_picture() -> None:
    net = vgg("mini")
    assert isinstance(net, ConvStack)
    assert net.dim == 128
    kernels = [p.numel() for p in net.parameters() if p.ndim == 4]
    pairs = [(3, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    assert kernels == [9 * i * o for i, o in pairs]
    assert net.eval().maps(torch.rand(1, 3, 32, 32)).shape == (1, 128, 4, 4)


@pytest.mark.parametrize(
    ("name", "theirs", "published"),
    [("base", "vit_b_16", 86), ("large", "vit_l_16", 307), ("huge", "vit_h_14", 632)],
)
def test_vits_have_the_published_sizes(name: str, theirs: str, published: int) -> None:
    """torchvision's with 1,000 classes; Table 1 counts in whole millions, and 1 % more for large.

    Ours has a mask token, torchvision's a classifier.
    """
    with torch.device("meta"):
        ours, reference = vit(name), torchvision.models.get_model(theirs)
    assert size(ours) - ours.encoder.dim == size(reference) - size(reference.heads)
    assert size(reference) / 1e6 == pytest.approx(published, rel=0.01)
    assert size(ours) / 1e6 == pytest.approx(published, rel=0.015)


@pytest.mark.parametrize("name", ["base", "large"])
def test_beits_have_hugging_faces_sizes(name: str) -> None:
    dim, heads, depth = images.BEITS[name][2:5]
    config = BeitConfig(
        hidden_size=dim,
        num_hidden_layers=depth,
        num_attention_heads=heads,
        intermediate_size=4 * dim,
        use_mask_token=True,
        use_shared_relative_position_bias=True,
        use_mean_pooling=False,
    )
    with torch.device("meta"):
        ours, reference = beit(name), BeitModel(config)
    assert size(ours) == size(reference)


def test_a_vit_starts_as_the_published_code() -> None:
    """Xavier, uniform: the variance is 2 / (inputs + outputs), the largest sqrt(3) spreads."""
    torch.manual_seed(0)
    layers = [m for m in vit("mini").modules() if isinstance(m, nn.Linear)]
    for layer in layers:
        want = (2 / sum(layer.weight.shape)) ** 0.5
        assert spread([layer.weight]) == pytest.approx(want, rel=0.03)
        assert layer.weight.abs().max() <= 3**0.5 * want
        assert not layer.bias.any()


def test_beits_last_linear_layers_start_smaller_the_deeper_they_are() -> None:
    """Section 2.5: divided by sqrt(2 l)."""
    torch.manual_seed(0)
    start = 0.02 * 6**0.5
    for number, layer in enumerate(beit("mini").encoder.layers, start=1):
        last = [layer.attention.out.weight, layer.feed_forward.narrow.weight]
        assert spread(last) == pytest.approx(start / (2 * number) ** 0.5, rel=0.02)
        assert spread([layer.attention.query.weight]) == pytest.approx(start, rel=0.03)
        assert layer.attention.key.bias is None
        assert layer.add_attention.scale.tolist() == pytest.approx([0.1] * 128)


@pytest.mark.parametrize("recipe", [vit, beit])
def test_the_minis_read_32x32_pictures_of_which_a_part_is_hidden(recipe) -> None:
    """What is hidden never reaches the encoder: other pixels there, the same context."""
    model, images = recipe("mini").eval(), torch.rand(2, 3, 32, 32)
    hidden = torch.zeros(2, 64, dtype=torch.bool)
    hidden[:, 0] = True
    other = images.clone()
    other[:, :, :4, :4] = 0.5
    context = model(images, hidden)
    assert context.shape == (2, 65, 128)
    assert torch.equal(context, model(other, hidden))
    assert not torch.equal(model(images), model(other))


@pytest.mark.parametrize(
    ("recipe", "names"),
    [
        (vit, "base, large, huge, mini, tiny"),
        (beit, "base, large, mini"),
        (vgg, "A, B, C, D, E, mini"),
    ],
)
def test_an_image_model_that_is_none(recipe, names: str) -> None:
    with pytest.raises(ValueError, match=f"size='giant': choose from {names}"):
        recipe("giant")


def test_xvector_sizes() -> None:
    """The paper's 4.2 M up to segment6 (counted in tests/encoders/test_tdnn.py), and ours."""
    original, mini = xvector(), xvector("mini")
    assert (original.dim, mini.dim) == (512, 128)
    assert round(size(original) / 1e6, 1) == 4.2
    affine = 121 * 256 + 2 * (3 * 256 + 1) * 256 + 257 * 256 + 257 * 512 + 1025 * 128
    assert size(mini) == affine + 2 * (4 * 256 + 512)
    assert size(xvector("mini", deviation=False)) == size(mini) - 512 * 128
    with pytest.raises(ValueError, match="size='large': choose from original, mini"):
        xvector("large")


def test_a_voice_is_one_vector_alone_and_in_a_batch() -> None:
    """Sound in: front end and network together, in float64; the filling is loud."""
    model = xvector("mini").double().eval()
    rng = torch.Generator().manual_seed(0)
    waves = 0.1 * torch.randn(2, 9000, generator=rng, dtype=torch.float64)
    is_pad = torch.arange(9000) >= torch.tensor([[9000], [5000]])
    together = model(waves.masked_fill(is_pad, 0.9), is_pad)
    assert together.shape == (2, 128)
    assert (together[:1] - model(waves[:1])).abs().max() < 1e-10
    assert (together[1:] - model(waves[1:, :5000])).abs().max() < 1e-10
    with pytest.raises(ValueError, match=r"rows \[0\] have \[14\] frames of speech, at least 15"):
        model(waves[:1, : 200 + 13 * 80])


@pytest.mark.parametrize(
    ("size", "millions"), [("base", 94.37), ("large", 315.44), ("mini", 0.68), ("raw", 0.72)]
)
def test_wav2vec2_has_the_weights_that_it_says(size: str, millions: float) -> None:
    """Baevski 2020, Section 4.2, prints 95 M and 317 M, with what pre-training adds."""
    with torch.device("meta" if millions > 1 else "cpu"):
        model = wav2vec2(size)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.01)


def test_a_size_that_wav2vec2_does_not_have() -> None:
    with pytest.raises(ValueError, match="size='huge': choose from base, large, mini, raw"):
        wav2vec2("huge")
