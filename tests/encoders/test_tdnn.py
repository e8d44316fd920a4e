"""The x-vector network beside dilated convolutions, Hugging Face's layer, numpy, and Table 1."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from transformers import Wav2Vec2Config
from transformers.models.wav2vec2.modeling_wav2vec2 import TDNNLayer

from lecturelib.encoders.tdnn import CONTEXTS, TDNN, WIDTHS, Context, TimeDelay, statistics
from tests.oracle import error, gradients, padded, push_back, randomise, same_gradients, unchecked

RNG = torch.Generator().manual_seed(1)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=RNG, dtype=torch.float64)


def small(**given) -> TDNN:
    net = randomise(TDNN(mels=6, widths=(8, 8, 8, 8, 10), embedding=5, **given))
    rng = torch.Generator().manual_seed(2)
    for layer in net.layers:
        layer.norm.running_mean.uniform_(-1, 1, generator=rng)
        layer.norm.running_var.uniform_(0.5, 2, generator=rng)
    return net.eval()


@pytest.mark.parametrize("context", sorted(set(CONTEXTS)))
def test_a_layer_is_a_dilated_convolution_then_relu_then_batch_norm(context: Context) -> None:
    layer = randomise(TimeDelay(dim=4, width=6, context=context)).train()
    x = noise(3, 20, 4)
    weight, bias = layer.affine.weight[:, :, 0], layer.affine.bias
    want = F.conv1d(x.transpose(1, 2), weight, bias, dilation=context.apart)
    want = F.batch_norm(F.relu(want), None, None, layer.norm.weight, layer.norm.bias, training=True)
    assert error(layer(x)[0], want.transpose(1, 2)) < 1e-10
    assert layer(x)[0].shape[1] == 20 - context.edge


@pytest.mark.parametrize("number", range(5))
def test_a_layer_is_hugging_faces(number: int) -> None:
    """Its weights copied; it has no batch norm, and ours at its start changes nothing in eval."""
    config = Wav2Vec2Config(tdnn_dim=(7,) * 5)  # the contexts are its default
    theirs = randomise(TDNNLayer(config, number))
    frames, apart = theirs.kernel_size, theirs.dilation
    assert (frames, apart) == CONTEXTS[number]
    ours = TimeDelay(dim=theirs.in_conv_dim, width=7, context=CONTEXTS[number]).double().eval()
    ours.norm.eps = 0.0
    kernel = theirs.kernel.weight.view(7, frames, theirs.in_conv_dim)
    with torch.no_grad():
        ours.affine.weight.copy_(kernel.permute(0, 2, 1)[:, :, None])
        ours.affine.bias.copy_(theirs.kernel.bias)
    x = noise(2, 20, theirs.in_conv_dim)
    assert error(ours(x)[0], theirs(x)) < 1e-10


def test_table_1() -> None:
    """Contexts 5, 9, 15, 15, 15 frames; 24 in; 512 x 4, 1500; 3000 statistics; 512."""
    with torch.device("meta"):
        net = TDNN()
    seen = [1 + sum(context.edge for context in CONTEXTS[:n]) for n in range(1, 6)]
    assert seen == [5, 9, 15, 15, 15]
    assert net.context == 15
    inputs = [layer.affine.in_channels * layer.affine.kernel_size[1] for layer in net.layers]
    assert inputs == [120, 1536, 1536, 512, 512]
    assert [layer.affine.out_channels for layer in net.layers] == [512, 512, 512, 512, 1500]
    assert (net.segment6.in_features, net.segment6.out_features) == (3000, 512)


def test_the_weights_up_to_segment6_are_the_papers_4_2_million() -> None:
    """ "Excluding the softmax output layer and segment7 ... 4.2 million parameters"."""
    with torch.device("meta"):
        net = TDNN()
    affine = (120 + 1) * 512 + 2 * (1536 + 1) * 512 + 513 * 512 + 513 * 1500 + 3001 * 512
    norms = 2 * sum(WIDTHS)
    assert sum(p.numel() for p in net.parameters()) == affine + norms
    assert (affine, round(affine / 1e6, 1)) == (4_204_508, 4.2)


def test_each_output_sees_fifteen_frames_and_no_other() -> None:
    net, x = small(), noise(1, 30, 6).requires_grad_()
    net.frames(x)[0][0, 4].sum().backward()
    seen = x.grad[0].abs().sum(1).nonzero().flatten()
    assert (seen.min(), seen.max()) == (4, 18)


def test_pooling_is_numpys_mean_and_biased_deviation() -> None:
    frames, lengths = noise(3, 9, 4), [9, 5, 2]
    pooled = statistics(frames, padded(lengths))
    for row, length in enumerate(lengths):
        x = frames[row, :length].numpy()
        want = np.concatenate([x.mean(0), x.std(0, ddof=0)])
        np.testing.assert_allclose(pooled[row], want, rtol=0, atol=1e-12)
    assert error(statistics(frames)[:1], pooled[:1]) < 1e-12


def test_a_channel_that_never_moves_has_a_slope() -> None:
    frames = torch.ones(1, 4, 2, dtype=torch.float64, requires_grad=True)
    pooled = statistics(frames)
    pooled.sum().backward()
    assert pooled[0, 2:].tolist() == pytest.approx([1e-5, 1e-5])
    assert frames.grad.tolist() == torch.full((1, 4, 2), 0.25).tolist()


def composed(net: TDNN) -> nn.Module:
    """The same five layers of torch's, [batch, mels, time] in, with copies of the weights."""
    layers: list[nn.Module] = []
    for ours, (frames, apart) in zip(net.layers, CONTEXTS, strict=True):
        conv = nn.Conv1d(ours.affine.in_channels, ours.affine.out_channels, frames, dilation=apart)
        norm = nn.BatchNorm1d(ours.affine.out_channels).double()
        conv.weight.data, conv.bias.data = ours.affine.weight.data[:, :, 0], ours.affine.bias.data
        norm.load_state_dict(ours.norm.state_dict())
        layers += [conv, nn.ReLU(), norm]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("deviation", [False, True])
def test_the_network_is_a_short_composition_of_torchs_layers(training, deviation) -> None:
    """Output, gradients, and the running means that training leaves behind."""
    net = small(deviation=deviation).train(training)
    reference, x = composed(net).train(training), noise(4, 25, 6)
    frames = reference(x.transpose(1, 2))
    floored = frames.var(2, correction=0).clamp(min=1e-10)
    parts = [frames.mean(2), floored.sqrt()][: 1 + deviation]
    last = nn.Linear(10 * len(parts), 5).double()
    last.load_state_dict(net.segment6.state_dict())
    want, ours = last(torch.cat(parts, dim=1)), net(x)
    assert error(ours, want) < 1e-10
    push_back([ours])
    push_back([want])
    expected = {f"segment6.{name}": p for name, p in gradients(last).items()}
    for number, layer in enumerate(net.layers):
        for name, place in (("affine", 3 * number), ("norm", 3 * number + 2)):
            for key, grad in gradients(reference[place]).items():
                like = getattr(layer, name).get_parameter(key)
                expected[f"layers.{number}.{name}.{key}"] = grad.view_as(like)
    same_gradients(net, expected)
    assert error(net.layers[4].norm.running_var, reference[14].running_var) < 1e-10


def test_a_clip_in_a_batch_is_the_clip_alone() -> None:
    net, lengths = small(), [30, 15, 22]
    clips = [noise(length, 6) for length in lengths]
    together = net(pad_sequence(clips, batch_first=True, padding_value=9.0), padded(lengths))
    assert error(together, torch.cat([net(clip[None]) for clip in clips])) < 1e-10


def test_filling_changes_nothing_in_training_either() -> None:
    """Batch norm counts the frames that are there: outputs, gradients and running means agree."""
    clips, lengths = [noise(20, 6), noise(17, 6)], [20, 17]
    found = []
    for filling in (0, 8):
        net = small().train()
        x = F.pad(pad_sequence(clips, batch_first=True), (0, 0, 0, filling), value=3.0)
        out = net(x, F.pad(padded(lengths), (0, filling), value=True))
        push_back([out])
        found.append((out, gradients(net), net.layers[2].norm.running_var))
    (out, wanted, variance), (ours, grads, ours_variance) = found
    assert error(ours, out) < 1e-10
    assert error(ours_variance, variance) < 1e-10
    assert max(error(grads[name], wanted[name]) for name in wanted) < 1e-8
    assert (wanted["layers.0.affine.weight"] != 0).any()


def test_no_filling_written_down_is_no_filling() -> None:
    x = noise(2, 20, 6)
    nobody = torch.zeros(2, 20, dtype=torch.bool)
    assert error(small().train()(x, nobody), small().train()(x)) < 1e-10


def test_bad_input() -> None:
    net = small()
    with pytest.raises(ValueError, match=r"rows \[0\] have \[14\] frames of speech, at least 15"):
        net(noise(1, 14, 6))
    with pytest.raises(ValueError, match=r"rows \[1\] have \[3\] frames of speech, at least 15"):
        net(noise(2, 20, 6), padded([20, 3]))
    with pytest.raises(ValueError, match="frames have 40 mels, this network takes 6"):
        net(noise(1, 20, 40))
    with pytest.raises(ValueError, match=r"rows \[0\] have NaN or infinity"):
        net(noise(1, 20, 6) * float("nan"))
    with pytest.raises(ValueError, match=r"rows \[0\] have filling before frames of speech"):
        net(noise(1, 20, 6), padded([15, 20])[:1].flip(1))
    with unchecked(), pytest.raises(ValueError, match=r"is_pad is \[1, 19\], frames of speech are"):
        net(noise(1, 20, 6), torch.zeros(1, 19, dtype=torch.bool))
    with pytest.raises(ValueError, match="zip"):
        TDNN(widths=(8, 8))
