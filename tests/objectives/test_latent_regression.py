"""data2vec beside plain loops over examples, places, layers and channels, in float64."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, LayerTrace, Steps, Variant
from lecturelib.objectives.latent_regression import (
    NORMS,
    TARGETS,
    Covered,
    LatentRegression,
    Settings,
    View,
    agreement,
    annealed,
    nearby,
    over_time,
    smooth_l1,
    targets,
)
from tests.oracle import error, gradients, padded, randomise

LENGTHS, DIM, DEPTH = [6, 3, 4], 4, 3
IS_PAD = padded(LENGTHS)
HIDDEN = torch.tensor([[0, 1, 1, 0, 0, 1], [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]).bool()
SIGNAL = torch.randn(3, 6, 2, dtype=torch.double, generator=torch.Generator().manual_seed(0))
BATCH = Batch(SIGNAL, IS_PAD, None)


class Numbers(nn.Module):
    """The least front end: a linear layer, and a vector where something is hidden."""

    def __init__(self):
        super().__init__()
        self.embed, self.mask = nn.Linear(2, DIM), nn.Parameter(torch.zeros(DIM))

    def forward(self, signal: Tensor, hidden: Tensor | None = None) -> Tensor:
        tokens = self.embed(signal)
        return tokens if hidden is None else torch.where(hidden[:, :, None], self.mask, tokens)


def objective(settings: Settings, variant: Variant | None = None) -> LatentRegression:
    """A teacher that is not the student; the same places are hidden whatever rng says."""
    variant = variant or Variant(activation=F.gelu, dropout=0.0)
    encoder = Encoder(dim=DIM, heads=2, depth=DEPTH, hidden=5, variant=variant)
    model = Model(frontend=Numbers(), encoder=encoder)
    front = model.frontend

    def view(batch: Batch) -> View:
        cover = lambda rng: Covered(front(batch.signal, HIDDEN), HIDDEN)  # noqa: E731
        return View(batch.is_pad, lambda: front(batch.signal), cover)

    return randomise(LatentRegression(model, view=view, settings=settings))  # type: ignore[return-value]


def standard(values: list[float], known: list[float]) -> list[float]:
    """As if those known had mean 0 and deviation 1."""
    mean = sum(known) / len(known)
    variance = sum((value - mean) ** 2 for value in known) / len(known)
    return [(value - mean) / math.sqrt(variance + 1e-5) for value in values]


def number(layer: Steps | LayerTrace, name: str, at: tuple[int, int, int]) -> float:
    """One number of one layer."""
    if name == "residual":
        return float(layer.after_attention[at]) + float(layer.feed_forward[at])
    step = getattr(layer, name)
    return float((step if isinstance(step, Tensor) else step.out)[at])


def targets_by_loops(
    layers: Sequence[Steps | LayerTrace], settings: Settings, lengths: list[int]
) -> Tensor:
    """Section 3.3, one number at a time."""
    time, dim = layers[0].out.shape[1:]
    found = torch.zeros(len(lengths), time, dim, dtype=torch.double)
    for row, length in enumerate(lengths):
        total = [[0.0] * dim for _ in range(time)]
        for layer in layers[len(layers) - settings.top :]:
            x = [
                [number(layer, settings.target, (row, t, c)) for c in range(dim)]
                for t in range(time)
            ]
            if settings.norm == "instance":
                channels = [[x[t][c] for t in range(time)] for c in range(dim)]
                channels = [standard(channel, channel[:length]) for channel in channels]
                x = [[channels[c][t] for c in range(dim)] for t in range(time)]
            if settings.norm == "layer":
                x = [standard(token, token) for token in x]
            for t in range(time):
                for c in range(dim):
                    total[t][c] += x[t][c] / settings.top
        if settings.norm == "average":
            total = [standard(token, token) for token in total]
        found[row] = torch.tensor(total, dtype=torch.double)
    return found


def loss_by_loops(of: LatentRegression) -> Tensor:
    """The slide: what the head says at each hidden place, and the teacher's numbers there."""
    front, encoder = of.model.frontend, of.model.encoder
    with torch.no_grad():
        layers = of.teacher.network.trace(front(SIGNAL), IS_PAD).layers
    answer = targets_by_loops(layers, of.settings, LENGTHS)
    context, beta = encoder(front(SIGNAL, HIDDEN), IS_PAD), of.settings.beta
    total = torch.zeros((), dtype=torch.double)
    for row, t in HIDDEN.nonzero().tolist():
        for c in range(DIM):
            guess = of.head.bias[c]
            for k in range(DIM):
                guess = guess + of.head.weight[c, k] * context[row, t, k]
            gap = guess - answer[row, t, c]
            if beta == 0:
                total = total + gap**2
            else:
                near = abs(float(gap.detach())) <= beta
                total = total + (gap**2 / (2 * beta) if near else gap.abs() - beta / 2)
    return total / math.sqrt(DIM)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("top", range(1, DEPTH + 1))
@pytest.mark.parametrize("padding", [True, False])
def test_targets_are_those_of_loops(norm: str, target: str, top: int, padding: bool) -> None:
    rng, settings = torch.Generator().manual_seed(1), Settings(top=top, target=target, norm=norm)
    layers = [
        Steps(*torch.randn(4, 3, 6, DIM, dtype=torch.double, generator=rng)) for _ in range(DEPTH)
    ]
    have = targets(layers, settings, IS_PAD if padding else None)
    want = targets_by_loops(layers, settings, LENGTHS if padding else [6] * 3)
    assert error(have, want) < 1e-10


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("beta", [0.0, 0.5])
def test_loss_and_gradients_are_those_of_loops(norm: str, target: str, beta: float) -> None:
    settings = Settings(top=2, target=target, norm=norm, beta=beta)
    mine, loops = objective(settings).train(), objective(settings).train()
    have = mine(BATCH, torch.Generator())
    want = loss_by_loops(loops)
    assert have.count == 5
    assert error(have.total, want) < 1e-10
    have.total.backward()
    want.backward()
    have_grads, want_grads = gradients(mine), gradients(loops)
    trained = {name for name, p in mine.named_parameters() if p.requires_grad}
    assert have_grads.keys() == want_grads.keys() == trained
    for name in want_grads:
        assert error(have_grads[name], want_grads[name]) < 1e-8, name


def test_instance_norm_is_pytorchs_where_nothing_is_padded() -> None:
    x = torch.randn(3, 6, DIM, dtype=torch.double, generator=torch.Generator().manual_seed(2))
    want = F.instance_norm(x.mT, eps=1e-5).mT
    assert error(over_time(x, None), want) < 1e-12
    assert error(over_time(x, torch.zeros(3, 6).bool()), want) < 1e-12


@pytest.mark.parametrize("norm", NORMS)
def test_a_padded_example_has_the_targets_that_it_has_alone(norm: str) -> None:
    of = objective(Settings(top=DEPTH, norm=norm))
    together = of.target(of.view(BATCH))
    for row, length in enumerate(LENGTHS):
        alone = of.target(of.view(Batch(SIGNAL[row : row + 1, :length], None, None)))
        assert error(together[row : row + 1, :length], alone) < 1e-12


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
def test_smooth_l1_is_pytorchs(beta: float) -> None:
    rng = torch.Generator().manual_seed(3)
    guess, answer = 3 * torch.randn(2, 50, 4, dtype=torch.double, generator=rng)
    want = F.smooth_l1_loss(guess, answer, reduction="none", beta=beta)
    assert error(smooth_l1(guess, answer, beta), want) < 1e-12
    assert error(smooth_l1(guess, answer, 0.0), F.mse_loss(guess, answer, reduction="none")) < 1e-12


def test_smooth_l1_is_the_slides_parabola_and_line() -> None:
    """beta 2: gap^2 / 4 up to a gap of 2, where both are 1, and then |gap| - 1."""
    gap = torch.tensor([0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -5.0])
    found = smooth_l1(gap, torch.zeros(7), 2.0)
    assert found.tolist() == pytest.approx([0, 0.25, 0.25, 1, 1, 2, 4])
    assert smooth_l1(gap, torch.zeros(7), 0.0).tolist() == pytest.approx([0, 1, 1, 4, 4, 9, 25])


def test_tau_is_annealed_as_published() -> None:
    """fairseq's get_annealed_rate: end - (end - start) * (1 - n / total), and `end` from total."""
    start, end, total = 0.99, 0.9998, 40
    for n in (1, 2, 13, 39, 40, 41, 1000):
        rest = 1 - n / total
        want = end if n >= total else end - (end - start) * rest
        assert annealed((start, end, total), n) == pytest.approx(want, abs=1e-15)
    assert annealed((start, end, total), 20) == pytest.approx((start + end) / 2)


def test_r2_and_variances_are_numpys() -> None:
    rng = torch.Generator().manual_seed(4)
    answer = torch.randn(40, 3, dtype=torch.double, generator=rng) * torch.tensor([1.0, 5.0, 0.1])
    guess = answer + 0.5 * torch.randn(40, 3, dtype=torch.double, generator=rng)
    found, a, g = agreement(guess, answer), answer.numpy(), guess.numpy()
    want = 1 - np.sum((g - a) ** 2) / np.sum((a - a.mean(0)) ** 2)
    assert float(found["r2"]) == pytest.approx(want, abs=1e-12)
    assert float(found["target_variance"]) == pytest.approx(a.var(0).mean(), abs=1e-12)
    assert float(found["prediction_variance"]) == pytest.approx(g.var(0).mean(), abs=1e-12)


def test_r2_of_the_truth_of_the_mean_and_of_a_collapse() -> None:
    answer = torch.randn(20, 3, generator=torch.Generator().manual_seed(5))
    assert float(agreement(answer, answer)["r2"]) == 1
    mean = answer.mean(0).expand(20, 3)
    assert float(agreement(mean, answer)["r2"]) == pytest.approx(0, abs=1e-6)
    one = torch.ones(20, 3)  # the trivial answer: everything the same, a perfect loss
    collapsed = agreement(one, one)
    assert {name: float(value) for name, value in collapsed.items()} == {
        "r2": 0,
        "target_variance": 0,
        "prediction_variance": 0,
    }


def test_nearby_by_hand() -> None:
    found = nearby(torch.zeros(1, 4, DIM), 1)
    assert found.shape == (1, 4, 4)
    for i in range(4):
        for j in range(4):
            assert found[0, i, j] == (0 if abs(i - j) <= 1 else -math.inf)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"top": 0}, "top=0 of 3 layers: choose 1 to 3"),
        ({"top": 4}, "top=4 of 3 layers: choose 1 to 3"),
        ({"target": "ffn"}, "target='ffn', norm='layer': choose from attention, feed_forward"),
        ({"norm": "batch"}, "norm='batch': choose from .* instance, layer, average, none"),
        ({"tau": (1.1, 0.9, 5)}, r"tau=1\.1 is outside 0-1"),
        ({"tau": (0.9, -0.1, 5)}, r"tau=-0\.1 is outside 0-1"),
        ({"tau": (0.9, math.nan, 5)}, "tau=nan is outside 0-1"),
        ({"tau": (0.9, 0.99, 0)}, r"tau=\(0\.9, 0\.99, 0\): it needs 1 step or more"),
        ({"masks": 0}, r"masks=0, beta=0\.0: 1 or more, 0 or more"),
        ({"beta": -0.5}, r"masks=1, beta=-0\.5: 1 or more, 0 or more"),
    ],
)
def test_settings_that_make_no_sense(bad: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        objective(Settings(**{"top": 1} | bad))
