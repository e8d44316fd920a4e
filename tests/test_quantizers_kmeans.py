"""vq-wav2vec's quantisers by plain loops in float64, and Lloyd's algorithm by scikit-learn."""

import math

import pytest
import torch
from sklearn.cluster import KMeans
from torch import Tensor

from lecturelib.quantizers import (
    GumbelUnits,
    KMeansQuantizer,
    lloyd,
    nearest,
    unit_ids,
)
from tests.oracle import error, gradients, randomise, same_gradients

DIM, GROUPS, CODES = 6, 2, 5


def speech() -> Tensor:
    return torch.randn(2, 7, DIM, generator=torch.Generator().manual_seed(3), dtype=torch.double)


def kmeans(**options: bool) -> KMeansQuantizer:
    return randomise(KMeansQuantizer(dim=DIM, groups=GROUPS, codes=CODES, **options))  # type: ignore[return-value]


def gumbel(**options: bool) -> GumbelUnits:
    return randomise(GumbelUnits(dim=DIM, groups=GROUPS, codes=CODES, **options))  # type: ignore[return-value]


def test_the_nearest_centre_is_that_of_a_plain_loop() -> None:
    rng = torch.Generator().manual_seed(0)
    vectors = torch.randn(3, 20, 4, generator=rng, dtype=torch.double)
    centres = 2 * torch.randn(3, 6, 4, generator=rng, dtype=torch.double)  # long and short ones
    for group in range(3):
        for n, vector in enumerate(vectors[group]):
            distances = [math.dist(vector, centre) for centre in centres[group]]
            assert nearest(vectors, centres)[group, n] == distances.index(min(distances))


def test_a_lloyd_step_is_scikit_learns() -> None:
    rng = torch.Generator().manual_seed(0)
    vectors = torch.randn(1, 200, 4, generator=rng, dtype=torch.double)
    centres = vectors[:, :7]
    found = KMeans(7, init=centres[0].numpy(), n_init=1, max_iter=1, tol=0.0, algorithm="lloyd")
    found.fit(vectors[0].numpy())
    want = torch.from_numpy(found.cluster_centers_)
    assert error(lloyd(vectors, centres)[0], want) < 1e-12


def test_a_centre_without_vectors_stays() -> None:
    vectors = torch.tensor([[[0.0], [1.0]]])
    assert lloyd(vectors, torch.tensor([[[0.0], [50.0]]])).tolist() == [[[0.5], [50.0]]]


def plain_kmeans(ours: KMeansQuantizer, z: Tensor, books: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors, codes and penalty, frame by frame; books [groups, codes, part]."""
    batch, time, dim = z.shape
    part, weight = dim // GROUPS, ours.project.weight[:, :, 0]
    vectors, codes = torch.zeros_like(z), torch.zeros(batch, time, GROUPS, dtype=torch.long)
    far = near = torch.zeros((), dtype=z.dtype)
    for row in range(batch):
        for g in range(GROUPS):
            mine = slice(g * part, (g + 1) * part)
            x = torch.stack([weight[mine] @ frame[mine] for frame in z[row]])
            x = (x - x.mean()) / (x.var(correction=0) + ours.norm.eps).sqrt()
            x = x * ours.norm.weight[mine] + ours.norm.bias[mine]
            for t in range(time):
                apart = (x[t] - books[g]).square().sum(1).tolist()
                best = apart.index(min(apart))
                codes[row, t, g], chosen = best, books[g, best]
                vectors[row, t, mine] = chosen
                near = near + (chosen - x[t].detach()).square().sum()
                far = far + (x[t] - chosen.detach()).square().sum()
    return vectors, codes, (near + 0.25 * far) / z.numel()


@pytest.mark.parametrize("shared", [False, True])
def test_kmeans_is_the_plain_loop(shared: bool) -> None:
    ours, z = kmeans(shared=shared), speech()
    assert len(ours.centres) == (1 if shared else GROUPS)
    units = ours(z)
    books = ours.centres.expand(GROUPS, -1, -1)
    vectors, codes, penalty = plain_kmeans(ours, z, books)
    assert torch.equal(units.codes, codes)
    assert error(units.vectors, vectors) < 1e-12
    assert error(units.penalty, penalty) < 1e-12
    units.penalty.backward()
    have = {name: grad.clone() for name, grad in gradients(ours).items()}
    ours.zero_grad()
    penalty.backward()
    same_gradients(ours, have)


def test_backward_goes_straight_through() -> None:
    """As if the vectors were the projected z; the centres feel nothing of it."""
    ours, z = kmeans(), speech().requires_grad_()
    pull = torch.randn(z.shape, dtype=torch.double)
    (pull * ours(z).vectors).sum().backward()
    assert ours.centres.grad is None
    found, z.grad = z.grad, None
    projected = ours.norm(ours.project(z.transpose(1, 2))).transpose(1, 2)
    (pull * projected).sum().backward()
    assert error(found, z.grad) < 1e-12  # type: ignore[arg-type]


def test_equal_codes_give_exactly_equal_vectors() -> None:
    ours = kmeans().float()
    units = ours(speech().float())
    for g in range(GROUPS):
        found = units.vectors.detach()[..., 3 * g : 3 * g + 3]
        assert torch.equal(found, ours.centres.detach()[g][units.codes[..., g]])


def test_the_codebook_loss_is_lloyd_by_gradient() -> None:
    """A step of half the count of its vectors, and a centre is their mean: scikit-learn's step."""
    ours, z = kmeans(), speech()
    units = ours(z)
    units.penalty.backward()
    x = ours.norm(ours.project(z.transpose(1, 2))).view(2, GROUPS, 3, 7)
    x = x.permute(1, 0, 3, 2).reshape(GROUPS, 14, 3).detach()
    count = torch.stack([units.codes[..., g].flatten().bincount(minlength=5) for g in (0, 1)])
    step = z.numel() / 2 / count.clamp(min=1).double()[..., None]
    moved = ours.centres.detach() - step * ours.centres.grad
    assert error(moved, lloyd(x, ours.centres.detach())) < 1e-12


def test_codes_are_digits_of_one_number() -> None:
    """All pairs, none twice: 320 x 320 = 102,400, the paper's "102k"."""
    pairs = torch.cartesian_prod(torch.arange(320), torch.arange(320))
    assert torch.equal(unit_ids(pairs, 320), torch.arange(102_400))
    assert unit_ids(torch.tensor([[1, 2, 3]]), 10).tolist() == [123]


def plain_gumbel(
    ours: GumbelUnits, z: Tensor, noise: Tensor | None, tau: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors, codes and penalty, frame by frame; the gradient is that of the softmax."""
    frames = z.reshape(-1, DIM)
    first, last = ours.widen[0], ours.choose.score
    vectors, codes = [], []
    share = torch.zeros(GROUPS, CODES, dtype=z.dtype)
    for n, frame in enumerate(frames):
        wide = torch.nn.functional.gelu(first.weight @ frame + first.bias)
        scores = (last.weight @ wide + last.bias).view(GROUPS, CODES)
        parts = []
        for g in range(GROUPS):
            share[g] = share[g] + scores[g].softmax(0) / len(frames)
            luck = scores[g] if noise is None else (scores[g] + noise[n, g]) / tau
            best, soft = int(luck.argmax()), luck.softmax(0)
            book = ours.choose.book[g if len(ours.choose.book) > 1 else 0]
            hard = book[best]
            through = 0 if noise is None else (soft - soft.detach()) @ book.detach()
            parts.append(hard + through)
            codes.append(best)
        vectors.append(torch.cat(parts))
    perplexity = sum(torch.exp(-(p * p.log()).sum()) for p in share)
    return (
        torch.stack(vectors).view(z.shape),
        torch.tensor(codes).view(*z.shape[:2], GROUPS),
        GROUPS * CODES - perplexity,
    )


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_gumbel_is_the_plain_loop(shared: bool, training: bool) -> None:
    ours, z = gumbel(shared=shared).train(training), speech()
    ours.cool(100)
    noise = ours.choose.noise(14, torch.Generator().manual_seed(1)).double() if training else None
    units = ours(z, torch.Generator().manual_seed(1))
    vectors, codes, penalty = plain_gumbel(ours, z, noise, float(ours.temperature))
    assert len(ours.choose.book) == (1 if shared else GROUPS)
    assert torch.equal(units.codes, codes)
    assert error(units.vectors, vectors) < 1e-12
    assert error(units.penalty, penalty) < 1e-12
    pull = torch.randn(z.shape, dtype=torch.double)
    ((pull * units.vectors).sum() + units.penalty).backward()
    have = {name: grad.clone() for name, grad in gradients(ours).items()}
    ours.zero_grad()
    ((pull * vectors).sum() + penalty).backward()
    same_gradients(ours, have)


def test_a_codebook_that_is_not_used_costs_all_its_entries() -> None:
    """The penalty at its ends: 0 where all entries are as likely, V - 1 a group where one is."""
    ours = gumbel().eval()
    with torch.no_grad():
        ours.choose.score.weight.zero_()
        ours.choose.score.bias.zero_()
        assert float(ours(speech()).penalty) == pytest.approx(0)
        ours.choose.score.bias.view(GROUPS, CODES)[:, 2] = 1e3
        assert float(ours(speech()).penalty) == pytest.approx(GROUPS * (CODES - 1))


def test_the_temperature_is_the_papers() -> None:
    ours = GumbelUnits(dim=DIM)
    assert float(ours.temperature) == 2.0
    ours.cool(99_999)
    assert float(ours.temperature) == pytest.approx(2 * 0.999995**100_000)
    ours.cool(400_000)
    assert float(ours.temperature) == 0.5


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="dim=6 does not split into groups=4"):
        KMeansQuantizer(dim=6, groups=4)
    with pytest.raises(ValueError, match="drawn by chance: give rng, or eval"):
        gumbel().train()(speech())
