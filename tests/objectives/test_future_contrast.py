"""wav2vec's loss by a plain double loop, and the published projection beside ours."""

import pytest
import torch
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.aggregator import Aggregator
from lecturelib.frontends.wav2vec import PLAN, FeatureEncoder
from lecturelib.frontends.waveform import Conv, MelFrames, samples_of
from lecturelib.objectives.future_contrast import (
    FutureContrast,
    Wav2Vec,
    first_apart,
    step_loss,
    tie_accuracy,
)
from lecturelib.objectives.masked_contrast import distractors
from lecturelib.quantizers import GumbelUnits, KMeansQuantizer
from lecturelib.training.loop import Plan, Trainer
from tests.oracle import error, gradients, padded, randomise, same_gradients

SMALL = (Conv(6, 5, 3), Conv(8, 4, 2))  # 14 samples seen, 6 moved: the third frame is apart
STEPS, NEGATIVES = 3, 4


def objective(quantizer: nn.Module | None = None, **options: float) -> FutureContrast:
    model = Wav2Vec(
        frontend=FeatureEncoder(plan=SMALL),
        aggregator=Aggregator(dim=8, kernels=(2, 3)),
        quantizer=quantizer,
    )
    built = FutureContrast(model, steps=STEPS, negatives=NEGATIVES, **options)  # type: ignore[arg-type]
    return randomise(built)  # type: ignore[return-value]


def sound(samples: int = 62) -> Batch:
    rng = torch.Generator().manual_seed(7)
    return Batch(torch.randn(2, samples, generator=rng, dtype=torch.double), None, None)


def twin(model: FutureContrast, batch: Batch, rng: torch.Generator) -> tuple[Tensor, int]:
    """Eq. 2 as two loops over frames and steps."""
    z = model.model.frontend(batch.signal)
    c = model.model.aggregator(z)
    rows, time, dim = z.shape
    others = distractors([time] * rows, NEGATIVES, rng).view(rows, time, NEGATIVES)
    total, count = torch.zeros((), dtype=z.dtype), 0
    for row in range(rows):
        for t in range(time):
            for k in range(STEPS):
                ahead = t + 3 + k
                if ahead >= time:
                    continue
                weight = model.ahead.weight[k * dim : (k + 1) * dim]
                guess = weight @ c[row, t] + model.ahead.bias[k * dim : (k + 1) * dim]
                total = total - torch.log(torch.sigmoid(z[row, ahead] @ guess))
                for other in others[row, ahead].tolist():
                    total = total - torch.log(torch.sigmoid(-z[row, other] @ guess))
                count += 1
    return total, count


def test_loss_and_gradients_are_the_plain_loops() -> None:
    ours, batch = objective(), sound()
    want, count = twin(ours, batch, torch.Generator().manual_seed(1))
    want.backward()
    grads = {name: grad.clone() for name, grad in gradients(ours).items()}
    ours.zero_grad()
    total, parts, found = ours(batch, torch.Generator().manual_seed(1))
    assert found == count == 2 * (6 + 5 + 4)  # 9 frames, two clips
    assert error(total, want) < 1e-12
    assert float(parts["contrastive"]) == pytest.approx(float(want.detach()) / count)
    total.backward()
    same_gradients(ours, grads)


def test_the_steps_are_the_published_projection() -> None:
    """There it is a transposed convolution that makes twelve frames of one; its steps share b."""
    ours = objective()
    theirs = nn.ConvTranspose2d(8, 8, (1, STEPS)).double()
    with torch.no_grad():
        for k in range(STEPS):
            theirs.weight[:, :, 0, k] = ours.ahead.weight[8 * k : 8 * (k + 1)].T
            ours.ahead.bias[8 * k : 8 * (k + 1)] = theirs.bias
    c = torch.randn(2, 5, 8, dtype=torch.double)
    want = theirs(c.transpose(1, 2).unsqueeze(-1))  # batch, channel, time, step
    assert error(ours.ahead(c).view(2, 5, STEPS, 8), want.permute(0, 2, 3, 1)) < 1e-12


def test_the_first_frame_that_shares_no_sample() -> None:
    """ceil(465 / 160) = 3, as the published code counts it; and no frame earlier would do."""
    assert first_apart(PLAN) == 3
    assert first_apart(MelFrames().plan) == 3
    assert first_apart(SMALL) == 3
    for plan in (PLAN, SMALL, MelFrames().plan, (Conv(1, 8, 4), Conv(1, 1, 1))):
        seen, moved = samples_of(plan, 1), samples_of(plan, 2) - samples_of(plan, 1)
        first = first_apart(plan)
        assert first * moved >= seen > (first - 1) * moved


def test_the_loss_of_a_step_by_hand() -> None:
    scores = torch.tensor([[2.0, -1.0, 0.5]], dtype=torch.double)
    good, bad = 1 / (1 + torch.exp(-scores)), 1 / (1 + torch.exp(scores))
    want = -good[0, 0].log() - bad[0, 1].log() - bad[0, 2].log()
    assert error(step_loss(scores), want) < 1e-12


def test_ties_are_shared() -> None:
    scores = torch.tensor([[3.0, 1.0, 2.0], [3.0, 3.0, 2.0], [3.0, 3.0, 3.0], [3.0, 4.0, 3.0]])
    same = torch.zeros(4, 2, dtype=torch.bool)
    assert tie_accuracy(scores, same).tolist() == pytest.approx([1, 1 / 2, 1 / 3, 0])
    same[0, 1] = same[3, 0] = True  # the same vector, though rounding says otherwise
    assert tie_accuracy(scores, same).tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 3, 1 / 3])


def test_a_model_that_hears_nothing_has_chance() -> None:
    """All frames alike, at the published width: products of equal vectors differ in rounding."""

    class Deaf(FeatureEncoder):
        def forward(self, waves: Tensor) -> Tensor:
            return torch.ones(len(waves), 40, 1) * torch.linspace(-1, 1, 512)

    model = Wav2Vec(frontend=Deaf(plan=PLAN), aggregator=Aggregator(dim=512, kernels=(2,)))
    parts = FutureContrast(model)(Batch(torch.randn(2, 99), None, None), torch.Generator()).parts
    assert float(parts["tie_accuracy"]) == pytest.approx(1 / 11)
    assert all(float(parts[f"tie_accuracy_{k}"]) == pytest.approx(1 / 11) for k in range(1, 13))


class Drift(nn.Module):
    """Frames that forget their past slowly: what comes soon is easier to tell."""

    plan = (Conv(8, 1, 1),)

    def forward(self, waves: Tensor) -> Tensor:
        return waves.view(len(waves), -1, 8)


def drift(rng: torch.Generator, size: int = 8) -> Batch:
    noise = torch.randn(size, 40, 8, generator=rng)
    frames = [noise[:, 0]]
    for t in range(1, 40):
        frames.append(0.8 * frames[-1] + 0.6 * noise[:, t])
    z = torch.stack(frames, dim=1)
    z[..., 0] = 1  # as in wav2vec, z is not centred: without this no score can have an offset
    return Batch(z.flatten(1), None, None)


def test_the_near_future_is_easier_than_the_far() -> None:
    """CLAIMS: the accuracy of a step falls with k. Where the past says nothing, it is chance."""
    torch.manual_seed(0)
    model = FutureContrast(Wav2Vec(frontend=Drift(), aggregator=Aggregator(dim=8, kernels=(1,))))
    Trainer(model, drift, Plan(steps=60, lr=3e-2)).run()
    with torch.no_grad():
        parts = model(drift(torch.Generator().manual_seed(1), 100), torch.Generator()).parts
    right = [float(parts[f"tie_accuracy_{k}"]) for k in range(1, 13)]
    assert right[0] > right[1] > right[2] > right[4]
    assert right[0] > 0.3
    assert right[11] == pytest.approx(1 / 11, abs=0.04)  # 0.8^12 is 0.07


@pytest.mark.parametrize("kind", [KMeansQuantizer, GumbelUnits])
def test_units_take_the_place_of_z(kind: type[nn.Module]) -> None:
    """vq-wav2vec: predicted and predicting are the quantised frames, and the penalty counts."""
    ours = objective(kind(dim=8, groups=2, codes=5), weight=0.5).eval()
    heard = ours.model(sound().signal)
    assert torch.equal(heard.latents, heard.units.vectors)
    assert error(heard.context, ours.model.aggregator(heard.units.vectors)) == 0
    total, parts, count = ours(sound(), torch.Generator().manual_seed(1))
    contrast = float(parts["contrastive"]) + 0.5 * float(parts["penalty"])
    assert float(total.detach()) / count == pytest.approx(contrast)
    assert float(parts["penalty"]) == pytest.approx(float(heard.units.penalty.detach()))
    total.backward()
    assert all(p.grad is not None for name, p in ours.named_parameters() if "ahead" in name)


def test_a_gumbel_quantiser_cools_and_others_do_not_mind() -> None:
    ours = objective(GumbelUnits(dim=8, groups=2, codes=5, cooling=(2.0, 0.5, 0.9)))
    ours.after_step(4)
    assert float(ours.model.quantizer.temperature) == pytest.approx(2 * 0.9**5)
    ours.after_step(400)
    assert float(ours.model.quantizer.temperature) == 0.5
    objective(KMeansQuantizer(dim=8, groups=2, codes=5)).after_step(4)
    objective().after_step(4)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="5 frames, none 3 steps on: give at least 6"):
        objective()(sound(38), torch.Generator())
    signal = torch.randn(2, 62, dtype=torch.double)
    with pytest.raises(ValueError, match="clips are padded, which wav2vec would hear: cut them"):
        objective()(Batch(signal, padded([62, 50]), None), torch.Generator())
    with pytest.raises(ValueError, match="drawn by chance: give rng, or eval"):
        objective(GumbelUnits(dim=8, groups=2, codes=5)).train().model(signal)
