"""The one encoder: its three properties, its variants, and what it refuses."""

import inspect
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.encoders import attention, decoder, encoder_decoder, transformer
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import AddNorm, Encoder, FeedForward, Variant
from lecturelib.frontends.patches import Patches
from lecturelib.frontends.waveform import Conv, Convolutions, ConvPositions, Waveform
from lecturelib.frontends.words import SinusoidalWords, Words
from tests.oracle import error, padded, randomise, unchecked

PRE = Variant(norm_first=True, activation=F.gelu, dropout=0.0)
POST = Variant(dropout=0.0)
BEIT = Variant(norm_first=True, key_bias=False, layer_scale=0.1, dropout=0.0)


def encoder(variant: Variant = POST, depth: int = 3) -> Encoder:
    built = Encoder(dim=12, heads=3, depth=depth, hidden=20, variant=variant)
    return randomise(built)  # type: ignore[return-value]


def tokens(time: int = 6) -> torch.Tensor:
    return torch.randn(2, time, 12, dtype=torch.double, generator=torch.Generator().manual_seed(1))


def test_feed_forward_is_equation_2():
    layer = randomise(FeedForward(dim=3, hidden=5, variant=POST))
    x = torch.randn(1, 1, 3, dtype=torch.double)
    up = (layer.widen.weight @ x[0, 0] + layer.widen.bias).clamp(min=0)
    assert error(layer(x)[0, 0], layer.narrow.weight @ up + layer.narrow.bias) < 1e-12


@pytest.mark.parametrize("variant", [PRE, POST, BEIT])
def test_add_norm_by_hand(variant):
    add = randomise(AddNorm(4, variant))
    x, change = torch.randn(2, 1, 1, 4, dtype=torch.double)

    def norm(v):
        centred = v - v.mean(-1, keepdim=True)
        scaled = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
        return scaled * add.norm.weight + add.norm.bias

    factor = 1.0 if variant.layer_scale is None else add.scale
    if variant.norm_first:
        assert error(add.enter(x), norm(x)) < 1e-12
        assert error(add.leave(x, change), x + factor * change) < 1e-12
    else:
        assert torch.equal(add.enter(x), x)
        assert error(add.leave(x, change), norm(x + factor * change)) < 1e-12


def test_layer_scale_starts_where_it_is_told():
    scale = AddNorm(4, BEIT).scale
    assert scale is not None
    assert scale.tolist() == pytest.approx([0.1] * 4)


@pytest.mark.parametrize("variant", [PRE, POST, BEIT])
def test_positions_live_in_front_ends(variant):
    """Property 1: shuffle tokens, padding and bias, and the context is shuffled alike."""
    model, x, order = encoder(variant), tokens(), torch.tensor([3, 5, 0, 1, 4, 2])
    is_pad, bias = padded([6, 4]), torch.randn(3, 6, 6, dtype=torch.double)
    straight = model(x, is_pad, bias)
    shuffled = model(x[:, order], is_pad[:, order], bias[:, order][:, :, order])
    assert error(shuffled, straight[:, order]) < 1e-12
    assert error(straight[:, order], straight) > 1e-3  # and the order does show


def test_a_front_end_breaks_the_symmetry():
    """The other half of property 1: with positions, a shuffled sentence means something else."""
    words = randomise(SinusoidalWords(vocab=9, dim=12, dropout=0.0))
    ids, order = torch.arange(6)[None], torch.tensor([3, 5, 0, 1, 4, 2])
    model = encoder()
    assert error(model(words(ids[:, order])), model(words(ids))[:, order]) > 1e-3


@pytest.mark.parametrize("variant", [PRE, POST, BEIT])
@pytest.mark.parametrize("training", [True, False])
def test_trace_equals_forward(variant, training):
    """Property 2."""
    model, x, is_pad = encoder(variant).train(training), tokens(), padded([6, 4])
    bias = torch.randn(3, 6, 6, dtype=torch.double)
    seen = model.trace(x, is_pad, bias)
    assert error(seen.context, model(x, is_pad, bias)) < 1e-12
    assert len(seen.states) == 4
    assert torch.equal(seen.states[0], x)
    for layer, state in zip(seen.layers[1:], seen.states[1:], strict=False):
        assert torch.equal(layer.tokens, state)
    for layer, weights in zip(model.layers, seen.weights, strict=True):
        assert error(weights.sum(-1), torch.ones(2, 3, 6, dtype=torch.double)) < 1e-12
        assert (weights[1, :, :, 4:] == 0).all()
        x = layer(x, attention.score_bias(x, is_pad, bias, (2, 3, 6, 6)))
    assert error(seen.states[-1], x) < 1e-12


@pytest.mark.parametrize("variant", [PRE, POST, BEIT])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("many", [True, False])
def test_steps_are_those_of_the_trace(variant, training, many):
    """Property 2 for whoever needs no weights: the same steps from the fused attention."""
    model, x, is_pad = encoder(variant).train(training), tokens(), padded([6, 4])
    bias = torch.randn(3, 6, 6, dtype=torch.double)
    bias = [bias, 2 * bias, -bias] if many else bias
    steps, trace = model.steps(x, is_pad, bias), model.trace(x, is_pad, bias)
    for have, want in zip(steps, trace.layers, strict=True):
        assert error(have.attention, want.attention.out) < 1e-12
        for name in ("after_attention", "feed_forward", "out"):
            assert error(getattr(have, name), getattr(want, name)) < 1e-12
    assert error(model.norm(steps[-1].out), model(x, is_pad, bias)) < 1e-12


def test_steps_skip_no_layer():
    """A teacher has all its layers, whatever luck a student has."""
    model = encoder(Variant(dropout=0.0, layer_drop=1.0))
    assert error(model.steps(tokens())[-1].out, model.eval()(tokens())) < 1e-12


def test_the_seam_is_visible():
    """Property 3: BERT hides before embedding, images and sound after; the encoder never knows."""
    assert "hidden" not in inspect.signature(Words.forward).parameters
    assert "hidden" not in inspect.signature(Encoder.forward).parameters
    images, hidden = torch.randn(1, 3, 8, 8), torch.tensor([[False, True, False, False]])
    patches = Patches(grid=(2, 2), patch=(4, 4), channels=3, dim=12)
    changed = images.clone()
    changed[:, :, :4, 4:] += 1.0  # only what is hidden
    assert torch.equal(patches(images, hidden), patches(changed, hidden))
    assert not torch.equal(patches(images), patches(changed))
    sound = Waveform(
        convolutions=Convolutions(plan=[Conv(8, 4, 4)], norm_each=True),
        positions=ConvPositions(dim=12, kernel=4, groups=2),
        dim=12,
        norm_last=True,
    ).eval()
    waves = torch.randn(1, 16)
    louder = waves.clone()
    louder[:, 4:8] *= 3
    assert torch.equal(sound(waves, None, hidden), sound(louder, None, hidden))
    assert not torch.equal(sound(waves), sound(louder))


@pytest.mark.parametrize("module", [attention, transformer, decoder, encoder_decoder])
def test_the_encoder_knows_no_modality(module):
    source = inspect.getsource(module)
    assert "frontends" not in source
    assert not {"image", "pixel", "patch", "wave"} & set(source.lower().split())


@pytest.mark.parametrize("variant", [PRE, POST, BEIT])
def test_a_padded_batch_equals_one_by_one(variant):
    model, x, lengths = encoder(variant), tokens(), [6, 4]
    together = model(x, padded(lengths))
    for row, length in enumerate(lengths):
        alone = model(x[row : row + 1, :length])
        assert error(together[row : row + 1, :length], alone) < 1e-12


@pytest.mark.parametrize(
    ("first", "last", "want"),
    [(True, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_final_norm(first, last, want):
    variant = Variant(norm_first=first, final_norm=last, dropout=0.0)
    model = Encoder(dim=12, heads=3, depth=1, hidden=20, variant=variant).double()
    x = tokens()
    out = model.layers[0](x)
    assert error(model(x), F.layer_norm(out, (12,)) if want else out) < 1e-12
    assert isinstance(model.norm, nn.LayerNorm) == want


def test_a_bias_by_example_and_its_gradient():
    """BEiT's positions are learned through the bias: its gradient, by finite differences."""
    model, x = encoder(BEIT, depth=1), tokens(3)
    bias = torch.randn(2, 3, 3, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda b: model(x, bias=b), bias)
    one = model(x[1:], bias=bias[1])
    assert error(model(x, bias=bias)[1:], one) < 1e-12


@pytest.mark.parametrize("training", [True, False])
def test_a_bias_a_layer(training):
    """BEiT's later layers look at other distances than its early ones."""
    model, x, is_pad = encoder(BEIT).train(training), tokens(), padded([6, 4])
    biases = list(torch.randn(3, 3, 6, 6, dtype=torch.double))
    want = x
    for layer, bias in zip(model.layers, biases, strict=True):
        want = layer(want, attention.score_bias(x, is_pad, bias, (2, 3, 6, 6)))
    assert error(model(x, is_pad, biases), model.norm(want)) < 1e-12
    assert error(model.trace(x, is_pad, biases).context, model.norm(want)) < 1e-12
    assert error(model(x, is_pad, 3 * biases[:1]), model(x, is_pad, biases[0])) < 1e-12
    with pytest.raises(ValueError, match="2 biases for 3 layers: give one a layer, or one tensor"):
        model(x, is_pad, biases[:2])


class WithBias(nn.Module):
    """A front end whose signal is tokens already, and whose positions are relative."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def bias(self) -> torch.Tensor:
        return torch.arange(108, dtype=torch.double).view(3, 6, 6) / 50


def test_a_model_passes_on_what_its_front_end_adds_to_the_scores():
    model, x = Model(frontend=WithBias(), encoder=encoder(BEIT)), tokens()
    assert error(model(x), model.encoder(x, bias=WithBias().bias())) < 1e-12
    assert error(model(x), model.encoder(x)) > 1e-3


def test_stochastic_depth_leaves_out_sublayers_and_keeps_the_mean():
    """Half of 4,000 examples get nothing, the others twice as much."""
    add = AddNorm(2, Variant(norm_first=True, dropout=0.0, drop_path=0.5))
    torch.manual_seed(0)
    x, change = torch.zeros(4000, 3, 2), torch.ones(4000, 3, 2)
    out = add.leave(x, change)
    assert set(out.flatten().tolist()) == {0.0, 2.0}
    assert torch.equal(out, out[:, :1, :1].expand_as(out))  # an example as a whole
    assert out.mean().item() == pytest.approx(1.0, abs=0.05)
    assert torch.equal(add.eval().leave(x, change), change)


def test_stochastic_depth_grows_from_layer_to_layer():
    model = encoder(Variant(drop_path=0.3), depth=4)
    rates = [layer.add_attention.drop_path for layer in model.layers]
    assert rates == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert rates == [layer.add_feed_forward.drop_path for layer in model.layers]
    assert encoder(Variant(drop_path=0.3), depth=1).layers[0].add_attention.drop_path == 0.0


def test_dropout_rates_arrive_where_they_belong():
    variant = Variant(dropout=0.1, attention_dropout=0.2, activation_dropout=0.3)
    layer = Encoder(dim=12, heads=3, depth=1, hidden=20, variant=variant).layers[0]
    assert layer.add_attention.drop.p == layer.add_feed_forward.drop.p == 0.1
    assert layer.attention.dropout == 0.2
    assert layer.feed_forward.drop.p == 0.3


def test_a_rate_of_1_leaves_nothing_in_train_mode():
    everything = Variant(dropout=1.0, activation_dropout=1.0, norm_first=True)
    x = tokens()
    thought = FeedForward(dim=12, hidden=20, variant=everything).double()
    assert error(thought(x), thought.narrow.bias.expand_as(x)) < 1e-12
    assert error(thought.eval()(x), thought.narrow.bias.expand_as(x)) > 1e-3
    add = AddNorm(12, everything).double()
    assert torch.equal(add.leave(x, x), x)
    assert torch.equal(add.eval().leave(x, x), 2 * x)


def test_layer_drop_skips_layers_only_in_train_mode():
    model = encoder(Variant(dropout=0.0, layer_drop=1.0))
    assert torch.equal(model(tokens()), tokens())
    model.eval()
    assert not torch.equal(model(tokens()), tokens())


def bad(value: float) -> torch.Tensor:
    x = tokens()
    x[1, 2, 3] = value
    return x


@pytest.mark.parametrize(
    ("x", "is_pad", "message"),
    [
        (tokens()[..., :8], None, "tokens have dim=8, this model was built with dim=12"),
        (tokens()[0], None, r"tokens are \[6, 12\]: they need the axes batch, time, dim"),
        (bad(math.nan), None, r"NaN or infinity in examples \[1\]"),
        (bad(math.inf), None, r"NaN or infinity in examples \[1\]"),
        (tokens(), padded([6, 5])[:1], r"is_pad is \[1, 6\], tokens are \[2, 6\]"),
        (tokens(), padded([5, 4]), r"is_pad is \[2, 5\], tokens are \[2, 6\]"),
        (tokens(), padded([6, 0]), "query 0 of example 1 may look at none of 6 keys"),
    ],
)
def test_bad_input(x, is_pad, message):
    model = encoder()
    for call in (model, model.trace, model.steps):
        with unchecked(), pytest.raises(ValueError, match=message):
            call(x, is_pad)


def test_mixed_precision_stays_close():
    """Under autocast the scores are bfloat16 and the bias follows: about 3 digits are left."""
    model, x = encoder(PRE).float(), tokens().float()
    want = model(x, padded([6, 4]))
    with torch.autocast("cpu", torch.bfloat16):
        have = model(x, padded([6, 4]))
    assert error(have.float(), want) < 0.05


def test_heads_must_divide_dim():
    with pytest.raises(ValueError, match="dim=30 does not split into heads=4"):
        Encoder(dim=30, heads=4, depth=1, hidden=8, variant=POST)
