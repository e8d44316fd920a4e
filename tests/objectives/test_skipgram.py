"""word2vec: pairs by a plain loop, the step by autograd, noise and thinning by their formulas."""

import math

import pytest
import torch
import torch.nn.functional as F

from lecturelib.objectives.skipgram import (
    Settings,
    SkipGram,
    batches,
    draw_noise,
    flat,
    keep_probability,
    noise_share,
    pairs,
    word2vec,
)
from tests.oracle import error, randomise


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def model() -> SkipGram:
    return randomise(SkipGram(vocab=7, dim=5, rng=generator()))


CENTRE, CONTEXT = torch.tensor([0, 3, 3, 6]), torch.tensor([1, 2, 2, 0])
NOISE = torch.tensor([[4, 4, 2], [5, 2, 1], [0, 3, 1], [6, 5, 4]])  # 4 twice; 2 is the neighbour


def test_the_loss_is_equation_4_word_by_word(model) -> None:
    """-log s(u.v) - sum log s(-u.v), pair by pair; the neighbour is no noise word."""
    u, v = model.outputs.weight.detach(), model.inputs.weight.detach()
    total = 0.0
    for centre, context, noise in zip(CENTRE, CONTEXT, NOISE, strict=True):
        total -= math.log(1 / (1 + math.exp(-float(u[context] @ v[centre]))))
        for word in noise:
            if word != context:
                total -= math.log(1 / (1 + math.exp(float(u[word] @ v[centre]))))
    assert model.loss(CENTRE, CONTEXT, NOISE).item() == pytest.approx(total, abs=1e-10)


def test_a_step_is_gradient_descent_as_autograd_does_it(model) -> None:
    twin = randomise(SkipGram(vocab=7, dim=5, rng=generator()))
    scores = twin.outputs(torch.cat([CONTEXT[:, None], NOISE], 1)) @ twin.inputs(CENTRE)[:, :, None]
    true, false = scores[:, 0, 0], scores[:, 1:, 0]
    loss = -F.logsigmoid(true).sum() - F.logsigmoid(-false[CONTEXT[:, None] != NOISE]).sum()
    loss.backward()
    torch.optim.SGD(twin.parameters(), lr=0.3).step()
    model.descend(CENTRE, CONTEXT, NOISE, 0.3)
    assert error(model.inputs.weight, twin.inputs.weight) < 1e-10
    assert error(model.outputs.weight, twin.outputs.weight) < 1e-10


def test_the_start_is_the_c_codes() -> None:
    model = SkipGram(vocab=1000, dim=20, rng=generator())
    assert not model.outputs.weight.any()
    assert model.inputs.weight.abs().max() <= 0.5 / 20
    assert model.inputs.weight.std().item() == pytest.approx(1 / 20 / math.sqrt(12), rel=0.02)


def test_pairs_are_what_a_plain_loop_finds() -> None:
    """Every word with its neighbours up to its own reach; none in another sequence."""
    ids, sentence = flat([[5, 1, 4], [2], [3, 3, 0, 6, 1, 2]], 7)
    reach = torch.randint(1, 4, ids.shape, generator=generator(3)).tolist()
    expected = sorted(
        (int(ids[i]), int(ids[j]))
        for i in range(len(ids))
        for j in range(len(ids))
        if i != j and abs(i - j) <= reach[i] and sentence[i] == sentence[j]
    )
    centre, context = pairs(ids, sentence, 3, generator(3))
    assert sorted(zip(centre.tolist(), context.tolist(), strict=True)) == expected
    assert len(set(reach)) == 3


def test_near_neighbours_are_guessed_more_often() -> None:
    """A window drawn from 1..5 reaches distance d with probability (6 - d) / 5."""
    ids = torch.arange(20_000)
    centre, context = pairs(ids, torch.zeros_like(ids), 5, generator())
    found = torch.bincount((centre - context).abs())[1:] / (2 * len(ids))
    assert torch.allclose(found, torch.tensor([1.0, 0.8, 0.6, 0.4, 0.2]), atol=0.01)


def test_every_epoch_brings_every_pair_once_in_another_order() -> None:
    ids, sentence = flat([[0, 1], [2, 3], [4, 5, 6]], 7)
    settings = Settings(window=1, epochs=2, frequent=1.0, batch=3)
    drawn = list(batches(ids, sentence, settings, generator()))
    assert [len(centre) for centre, _, _ in drawn] == [3, 3, 2, 3, 3, 2]
    assert [share for *_, share in drawn] == pytest.approx(
        [0, 3 / 16, 6 / 16, 1 / 2, 11 / 16, 7 / 8]
    )
    both = [torch.cat([torch.stack(d[:2], 1) for d in drawn[k : k + 3]]).tolist() for k in (0, 3)]
    assert sorted(both[0]) == sorted(both[1])
    assert sorted(both[0]) == [[0, 1], [1, 0], [2, 3], [3, 2], [4, 5], [5, 4], [5, 6], [6, 5]]
    assert both[0] != both[1]


def test_frequent_words_are_thinned_by_the_c_codes_rule() -> None:
    """Shares .9, .09, .01 and t = .01: sqrt(t/f) + t/f, at most 1."""
    keep = keep_probability(torch.tensor([900, 90, 10, 0]), 0.01)
    expected = [math.sqrt(1 / 90) + 1 / 90, math.sqrt(1 / 9) + 1 / 9, 1, 1]
    assert keep.tolist() == pytest.approx(expected, abs=1e-6)


def test_thinning_happens_before_the_window() -> None:
    """In "x the y", once "the" has gone, x and y are neighbours even in a window of 1."""
    ids, sentence = flat([[1, 0, 2]] * 2000, 3)
    settings = Settings(window=1, epochs=1, frequent=0.05, batch=10**6)
    ((centre, context, _),) = batches(ids, sentence, settings, generator())
    share = ((centre == 1) & (context == 2)).sum().item() / 2000
    keep = keep_probability(torch.bincount(ids), 0.05)[0].item()
    assert share == pytest.approx(keep**2 * (1 - keep), abs=0.03)


def test_noise_words_come_with_their_count_to_the_three_quarters() -> None:
    counts = torch.tensor([1, 16, 81, 0])
    share = noise_share(counts, 0.75)
    assert share.tolist() == pytest.approx([1 / 36, 8 / 36, 27 / 36, 0])
    drawn = draw_noise(counts, 20_000, Settings(negatives=3), generator())
    assert drawn.shape == (20_000, 3)
    found = torch.bincount(drawn.flatten(), minlength=4) / drawn.numel()
    assert torch.allclose(found.double(), share, atol=0.01)


def test_the_rate_falls_in_a_line_and_the_last_step_still_moves() -> None:
    rows = []
    word2vec(
        [[0, 1, 2, 3]] * 20,
        Settings(dim=4, epochs=20, frequent=1.0, batch=2),
        vocab=4,
        rng=generator(),
        on_step=rows.append,
    )
    rates = torch.tensor([row["lr"] for row in rows])
    assert rates[0] == pytest.approx(0.025)
    assert 0 < rates[-1] < 0.025 / 15
    assert torch.allclose(rates.diff(), rates.diff().mean(), rtol=0.15)
    assert [row["step"] for row in rows[:3]] == [0, 50, 100]


def test_before_the_first_step_every_score_is_0_and_every_word_costs_log_2() -> None:
    """A neighbour and 5 noise words, of 1,000 equally frequent ones: a pair costs 6 log 2."""
    rows = []
    text = torch.randperm(1000, generator=generator()).view(100, 10).tolist()
    word2vec(text, Settings(dim=4, epochs=1), vocab=1000, rng=generator(), on_step=rows.append)
    assert rows[0]["loss"] == pytest.approx(6 * math.log(2), rel=0.003)


def test_words_with_the_same_neighbours_get_vectors_that_point_the_same_way() -> None:
    """Two topics of four words each, never in one sentence; each seed finds them."""
    for seed in range(2):
        rng = generator(seed)
        sides = torch.randint(2, (1000,), generator=rng).tolist()
        text = [(4 * side + torch.randint(4, (6,), generator=rng)).tolist() for side in sides]
        settings = Settings(dim=8, epochs=5, frequent=1.0, batch=64)
        table = word2vec(text, settings, vocab=8, rng=rng).inputs.weight.detach()
        cosine = F.cosine_similarity(table[:, None], table[None], dim=-1)
        topic = torch.arange(8) // 4
        together = topic[:, None] == topic
        assert cosine[together].min() > cosine[~together].max() + 0.5


def test_the_same_seed_gives_the_same_vectors() -> None:
    text = [[0, 1, 2, 1, 0]] * 20
    one, two, other = (
        word2vec(text, Settings(dim=4), vocab=3, rng=generator(seed)).inputs.weight
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_bad_ids_are_named() -> None:
    with pytest.raises(ValueError, match="ids run from -1 to 9, vocab=8: use one tokenizer"):
        word2vec([[0, 9], [-1]], Settings(), vocab=8, rng=generator())
    for lonely in ([], [[]], [[1], [2]]):
        with pytest.raises(ValueError, match="no sequence has two ids"):
            word2vec(lonely, Settings(), vocab=8, rng=generator())
