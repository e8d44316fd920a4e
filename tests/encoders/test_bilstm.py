"""ELMo's encoder against PyTorch's LSTM, against a loop where PyTorch cannot clip, and unmixed."""

import math

import pytest
import torch
from torch import Tensor, nn

from lecturelib.encoders.bilstm import BiLSTM, ProjectedLSTM, turn
from tests.oracle import error, gradients, padded, randomise, same_gradients, unchecked

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")  # PyTorch's slow path


def layer(clip: float = math.inf, seed: int = 0) -> ProjectedLSTM:
    return randomise(ProjectedLSTM(dim=4, cell=6, clip=clip), seed)  # type: ignore[return-value]


def encoder(clip: float = math.inf) -> BiLSTM:
    return randomise(BiLSTM(dim=4, cell=6, clip=clip))  # type: ignore[return-value]


def inputs(time: int = 7) -> Tensor:
    rng = torch.Generator().manual_seed(1)
    return torch.randn(3, time, 4, dtype=torch.double, generator=rng)


def pytorchs(ours: ProjectedLSTM) -> nn.LSTM:
    """PyTorch's LSTM with our weights; its second bias is ours, its first is zero."""
    reference = nn.LSTM(4, 6, proj_size=4, batch_first=True).double()
    with torch.no_grad():
        reference.weight_ih_l0.copy_(ours.input.weight)
        reference.weight_hh_l0.copy_(ours.state.weight)
        reference.bias_hh_l0.copy_(ours.state.bias)
        reference.bias_ih_l0.zero_()
        reference.weight_hr_l0.copy_(ours.project.weight)
    return reference


def test_without_clipping_it_is_pytorchs_lstm():
    ours, x = layer(), inputs()
    reference = pytorchs(ours)
    states, want = ours(x), reference(x)[0]
    assert error(states, want) < 1e-10
    loud = torch.linspace(-1, 1, states.numel(), dtype=torch.double).view_as(states)
    (states * loud).sum().backward()
    (want * loud).sum().backward()
    theirs = gradients(reference)
    names = {
        "input.weight": "weight_ih_l0",
        "state.weight": "weight_hh_l0",
        "state.bias": "bias_hh_l0",
        "project.weight": "weight_hr_l0",
    }
    same_gradients(ours, {mine: theirs[name] for mine, name in names.items()})


def test_with_clipping_it_is_the_loop_number_by_number():
    ours, x = layer(clip=0.3), inputs()
    with torch.no_grad():
        for weight in ours.parameters():
            weight.mul_(4)
    states, clipped = ours(x), set()
    for row in range(3):
        state, memory = [0.0] * 4, [0.0] * 6
        for place in range(7):
            state, memory = step(ours, x[row, place].tolist(), state, memory)
            assert error(states[row, place], torch.tensor(state, dtype=torch.double)) < 1e-12
            clipped |= {("state", abs(s) == 0.3) for s in state}
            clipped |= {("memory", abs(m) == 0.3) for m in memory}
    assert len(clipped) == 4  # of both some were clipped and some were not


def step(ours: ProjectedLSTM, heard: list, state: list, memory: list) -> tuple[list, list]:
    """One word; the gates in the order input, forget, new, output, six numbers each."""

    def gate(kind: int, unit: int) -> float:
        row = 6 * kind + unit
        from_word = sum(w * x for w, x in zip(ours.input.weight[row].tolist(), heard, strict=True))
        from_state = sum(w * s for w, s in zip(ours.state.weight[row].tolist(), state, strict=True))
        return from_word + from_state + ours.state.bias[row].item()

    def sigmoid(value: float) -> float:
        return 1 / (1 + math.exp(-value))

    def clip(value: float) -> float:
        return max(-0.3, min(0.3, value))

    new_memory = [
        clip(
            sigmoid(gate(1, unit)) * memory[unit]
            + sigmoid(gate(0, unit)) * math.tanh(gate(2, unit))
        )
        for unit in range(6)
    ]
    said = [sigmoid(gate(3, unit)) * math.tanh(new_memory[unit]) for unit in range(6)]
    rows = ours.project.weight.tolist()
    new_state = [clip(sum(w * y for w, y in zip(row, said, strict=True))) for row in rows]
    return new_state, new_memory


def test_the_forget_gate_starts_open_and_all_other_biases_at_zero():
    bias = ProjectedLSTM(dim=4, cell=6, clip=3.0).state.bias
    assert bias.tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12


def test_two_layers_each_way_are_four_lstms_of_pytorch_and_a_residual():
    ours, x = encoder(), inputs()
    one, two = (pytorchs(part) for part in ours.forwards)  # type: ignore[arg-type]
    first = one(x)[0]
    ahead = [x, first, first + two(first)[0]]
    one, two = (pytorchs(part) for part in ours.backwards)  # type: ignore[arg-type]
    first = one(x.flip(1))[0]
    back = [x, first.flip(1), (first + two(first)[0]).flip(1)]
    states = ours.states(x)
    for layer, (left, right) in enumerate(zip(ahead, back, strict=True)):
        assert error(states[layer], torch.cat([left, right], -1)) < 1e-10
    assert torch.equal(ours(x), states[-1])


@pytest.mark.parametrize("clip", [math.inf, 0.2])
def test_no_half_sees_what_the_other_half_reads(clip):
    """Exactly: the forward half never sees a later word, the backward half no earlier one."""
    ours, x = encoder(clip), inputs()
    before = ours.states(x)
    x[:, 3] += 1
    changed = (ours.states(x) != before).unflatten(-1, (2, 4)).any(-1).any(1)
    ahead, back = changed.unbind(-1)
    assert ahead[0].tolist() == back[0].tolist() == [place == 3 for place in range(7)]
    for layer in (1, 2):
        assert ahead[layer].tolist() == [place >= 3 for place in range(7)]
        assert back[layer].tolist() == [place <= 3 for place in range(7)]


def test_a_padded_batch_equals_one_by_one():
    ours, x, lengths = encoder(clip=0.5), inputs(), [7, 4, 1]
    together = ours.states(x, padded(lengths))
    for row, length in enumerate(lengths):
        alone = ours.states(x[row : row + 1, :length])
        assert error(together[:, row : row + 1, :length], alone) < 1e-12


def test_turning_twice_changes_nothing_and_padding_stays():
    x, is_pad = inputs(4), padded([4, 2, 1])
    turned = turn(x, is_pad)
    assert torch.equal(turned[1], x[1, [1, 0, 2, 3]])
    assert torch.equal(turned[2], x[2])
    assert torch.equal(turn(turned, is_pad), x)
    assert torch.equal(turn(x, padded([4, 4, 4])), turn(x))


def test_bad_input():
    ours, x = encoder(), inputs()
    nan = x.clone()
    nan[1, 0, 0] = torch.nan
    for call, message in [
        (lambda: ours(x[..., :3]), "tokens have dim=3, this model was built with dim=4"),
        (lambda: ours(nan), r"NaN or infinity in examples \[1\]"),
        (lambda: ours(x, ~padded([7, 7, 4])), r"examples \[2\] have padding before a word"),
        (lambda: ours(x, padded([4, 4, 4])), r"is_pad is \[3, 4\], tokens are \[3, 7\]"),
    ]:
        with unchecked(), pytest.raises(ValueError, match=message):
            call()
