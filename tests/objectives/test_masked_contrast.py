"""wav2vec 2.0's loss beside loops over frames and distractors, from the paper, in float64."""

from functools import partial

import pytest
import torch
from torch import Tensor

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.waveform import Conv, Convolutions, ConvPositions, Waveform
from lecturelib.masking import span_mask
from lecturelib.objectives.masked_contrast import (
    Compared,
    MaskedContrast,
    Settings,
    accuracies,
    check_hidden,
    compare,
    contrastive_loss,
    distractors,
)
from lecturelib.quantizers import GumbelQuantizer
from tests.oracle import error, gradients, padded, randomise

HIDE = partial(span_mask, start_prob=0.3, span=2)
WAVES = torch.randn(3, 100, dtype=torch.double, generator=torch.Generator().manual_seed(0))
IS_PAD = padded([100, 70, 82])


def objective(settings: Settings | None = None) -> MaskedContrast:
    """Small; its quantiser's width is the latents', so that inputs can be quantised."""
    front = Waveform(
        convolutions=Convolutions(plan=[Conv(6, 5, 3), Conv(8, 3, 2)], norm_each=True),
        positions=ConvPositions(dim=12, kernel=4, groups=2),
        dim=12,
        norm_last=True,
    )
    front.drop.p = 0.0
    encoder = Encoder(dim=12, heads=3, depth=2, hidden=20, variant=Variant(dropout=0.0))
    model = Model(frontend=front, encoder=encoder)
    quantizer = GumbelQuantizer(dim=8, groups=2, codes=3, width=8)
    settings = settings or Settings(negatives=5)
    return randomise(  # type: ignore[return-value]
        MaskedContrast(model, quantizer=quantizer, hide=HIDE, width=7, settings=settings)
    )


def cosine(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum() / (a.square().sum().sqrt() * b.square().sum().sqrt())


def by_loops(of: MaskedContrast, batch: Batch, rng: torch.Generator) -> tuple[Tensor, dict]:
    """Section 2 and 3.2 of the paper, a frame and a distractor at a time."""
    front, settings, q = of.model.frontend, of.settings, of.quantizer
    is_pad = front.frame_pad(batch.is_pad)
    hidden = of.hide(is_pad, rng=rng)
    raw = front.convolutions(batch.signal)
    z = front.norm_latents(raw)
    heard = z
    if settings.inputs:
        heard = of.quantize(z.flatten(0, 1), rng).vectors.view_as(z)
    context = of.model.encoder(front.tokens(heard, is_pad, hidden), is_pad)
    noise = q.noise(int(hidden.sum()), rng).double() if of.training else None
    scores, entries = (q.score(z[hidden])).view(-1, q.groups, q.codes), q.book
    targets, names = [], []
    for n in range(len(scores)):
        parts, name = [], []
        for g in range(q.groups):
            luck = scores[n, g] if noise is None else scores[n, g] + noise[n, g] * settings.noise
            code = int(luck.argmax())
            part = entries[g, code]
            if noise is not None:  # the forward value stays; the gradient is the softmax's
                soft = (luck / float(of.temperature)).softmax(0)
                part = part + (soft - soft.detach()) @ entries[g].detach()
            parts.append(part)
            name.append(code)
        targets.append(torch.cat(parts))
        names.append(tuple(name))
    if not settings.targets:
        targets, names = list(z[hidden]), [(n,) for n in range(len(scores))]
    counts = [int(hidden.sum())] if settings.across else hidden.sum(1).tolist()
    others = distractors(counts, settings.negatives, rng)
    total, right, shared, first = 0.0, 0.0, 0.0, 0
    here = context[hidden]
    for count in counts:
        for n in range(count):
            c = of.project_context(here[first + n])
            sims = [cosine(c, of.project_target(targets[first + n]))]
            alike = [False]
            for other in others[first + n].tolist():
                sims.append(cosine(c, of.project_target(targets[first + other])))
                alike.append(names[first + n] == names[first + other])
            kept = [s for s, a in zip(sims, alike, strict=True) if not a]
            powers = [torch.exp(s / settings.kappa) for s in kept]
            total = total - torch.log(powers[0] / sum(powers))
            right += all(sims[0] > s for s in kept[1:])
            wins = all(a or sims[0] >= s for s, a in zip(sims[1:], alike[1:], strict=True))
            shared += wins / (1 + sum(alike))
        first += count
    mean = scores.softmax(-1).mean(0)
    soft = sum(torch.exp(-sum(p * torch.log(p) for p in mean[g])) for g in range(q.groups))
    size = q.groups * q.codes
    n = len(scores)
    loss = total + settings.diversity * n * (size - soft) / size
    loss = loss + settings.penalty * n * raw.square().mean()
    return loss, {"accuracy": right / n, "tie_accuracy": shared / n, "soft_perplexity": soft}


KINDS = {
    "as published": Settings(negatives=5),
    "other weights": Settings(negatives=9, kappa=0.5, diversity=3.0, penalty=0.7),
    "no noise": Settings(negatives=5, noise=False),
    "inputs too": Settings(negatives=5, inputs=True),
    "inputs only": Settings(negatives=5, inputs=True, targets=False),
    "neither": Settings(negatives=5, targets=False),
    "across": Settings(negatives=5, across=True),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_loss_and_gradients_are_those_of_loops(kind: str, training: bool) -> None:
    mine, loops = objective(KINDS[kind]).train(training), objective(KINDS[kind]).train(training)
    batch = Batch(WAVES, IS_PAD, None)
    have = mine(batch, torch.Generator().manual_seed(1))
    want, parts = by_loops(loops, batch, torch.Generator().manual_seed(1))
    assert error(have.total, want) < 1e-10
    for name, value in parts.items():
        assert float(have.parts[name]) == pytest.approx(
            float(torch.as_tensor(value, dtype=torch.double).detach()), abs=1e-10
        )
    have.total.backward()
    want.backward()
    have_grads, want_grads = gradients(mine), gradients(loops)
    assert have_grads.keys() == want_grads.keys()
    for name in want_grads:
        assert error(have_grads[name], want_grads[name]) < 1e-8, name


def test_a_dead_codebook_has_accuracy_one_and_tie_accuracy_at_chance() -> None:
    """All frames, one code: what the published count calls perfect."""
    n, k = 12, 5
    codes, target = torch.zeros(n, 2, dtype=torch.int64), torch.ones(n, 4)
    others = distractors([7, 5], k, torch.Generator().manual_seed(0))
    found = compare(torch.randn(n, 4), target, codes, others, [7, 5])
    assert found.same.all()
    got = accuracies(found)
    assert float(got["accuracy"]) == 1.0
    assert float(got["tie_accuracy"]) == pytest.approx(1 / (1 + k))
    assert float(contrastive_loss(found, 0.1)) == 0.0


def test_distractors_are_of_the_row_never_itself_and_all_equally_likely() -> None:
    others = distractors([4, 3], 30000, torch.Generator().manual_seed(0))
    assert others.shape == (7, 30000)
    for n, count in enumerate([4, 4, 4, 4, 3, 3, 3]):
        itself = n if n < 4 else n - 4
        seen = others[n].bincount(minlength=count) / 30000
        assert seen[itself] == 0
        assert len(seen) == count
        rest = seen[torch.arange(count) != itself]
        assert (rest - 1 / (count - 1)).abs().max() < 0.02


def test_chance_is_one_in_k_plus_one() -> None:
    """Random directions: log(K + 1) nats, at kappa large enough to make all alike."""
    rng = torch.Generator().manual_seed(0)
    n, k = 400, 7
    scores = 1e-6 * torch.randn(n, k + 1, generator=rng)
    found = Compared(scores, torch.zeros(n, k, dtype=torch.bool))
    assert float(contrastive_loss(found, 1.0)) / n == pytest.approx(
        torch.tensor(k + 1.0).log().item(), abs=1e-4
    )
    assert float(accuracies(found)["accuracy"]) == pytest.approx(1 / (k + 1), abs=0.05)


def test_the_quantiser_cools_down_and_stops() -> None:
    of = objective(Settings(gumbel=(2.0, 0.5, 0.5)))
    found = [float(of.temperature)]
    for step in range(4):
        of.after_step(step)
        found.append(float(of.temperature))
    assert found == [2.0, 1.0, 0.5, 0.5, 0.5]
    assert "temperature" in of.state_dict()  # a run goes on where it was


def test_bad_input() -> None:
    of = objective()
    rng = torch.Generator()
    of.hide = lambda is_pad, rng: torch.zeros_like(is_pad)
    with pytest.raises(ValueError, match=r"rows \[0, 1, 2\] hide \[0, 0, 0\] frames of 15"):
        of(Batch(WAVES, IS_PAD, None), rng)
    hidden = torch.tensor([[True, True, False], [True, False, False]])
    with pytest.raises(ValueError, match=r"rows \[1\] hide \[1\] frames of 3: hide two or more"):
        check_hidden(hidden, torch.zeros_like(hidden))
    is_pad = torch.tensor([[False, False, False], [False, False, True]])
    with pytest.raises(ValueError, match=r"rows \[1\] hide all of their \[2\] frames: leave some"):
        check_hidden(torch.tensor([[True, False, True], [True, True, False]]), is_pad)
    with pytest.raises(ValueError, match="4 samples make no frame: give at least 11"):
        of(Batch(WAVES[:, :4], None, None), rng)
    with pytest.raises(ValueError, match="NaN"):
        Batch(WAVES * torch.nan, None, None)


def test_silence_is_documented() -> None:
    """Frames of silence are all alike: a finite loss, and no distractor can be told apart."""
    of = objective().eval()
    losses = of(Batch(torch.zeros(2, 100, dtype=torch.double), None, None), rng=torch.Generator())
    assert torch.isfinite(losses.total)
    assert float(losses.parts["tie_accuracy"]) == pytest.approx(1 / 6)
