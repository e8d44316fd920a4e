"""Turned pictures: NumPy's rot90, one by one. Hidden words and patches: the published rules."""

import math
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.masking import (
    block_patches,
    draw_blocks,
    expected_share,
    expected_span,
    mask_words,
    quarter_turns,
    random_patches,
    span_mask,
    turn,
)
from tests.oracle import padded


def test_every_picture_is_turned_as_numpy_turns_it():
    images = torch.rand(8, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    quarters = torch.tensor([0, 1, 2, 3, 3, 2, 1, 0])
    for image, quarter, turned in zip(images, quarters, turn(images, quarters), strict=True):
        assert np.array_equal(np.rot90(image.numpy(), int(quarter), (1, 2)), turned.numpy())


def test_all_four_turns_come_equally_often_and_are_the_label():
    images = torch.arange(4.0).view(1, 1, 2, 2).expand(4000, 1, 2, 2)
    turned, quarters = quarter_turns(images, torch.Generator().manual_seed(0))
    assert torch.bincount(quarters).tolist() == pytest.approx([1000] * 4, abs=100)
    corner = torch.tensor([0.0, 1.0, 3.0, 2.0])  # what stands top left after k quarters
    assert torch.equal(turned[:, 0, 0, 0], corner[quarters])


def test_a_picture_that_is_not_square_cannot_turn():
    with pytest.raises(ValueError, match="2x3 pictures cannot turn"):
        turn(torch.zeros(1, 1, 2, 3), torch.tensor([1]))


PIECES = from_vocabulary([*SPECIAL, *"abcdefghijklmno"])
WORD = PIECES.ids("a")[0]


def framed(lengths: list[int]) -> torch.Tensor:
    """[CLS] a ... a [SEP] in all so long, then [PAD]."""
    ids = torch.full((len(lengths), max(lengths)), PIECES.pad)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.tensor([PIECES.cls, *[WORD] * (length - 2), PIECES.sep])
    return ids


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("share", [0.15, 0.3, 0.5, 1.0])
def test_exactly_15_percent_of_a_row_are_hidden(share: float) -> None:
    """The published code, row by row: [CLS] and [SEP] count, but are never chosen."""
    lengths = list(range(3, 260))
    hidden = mask_words(framed(lengths), PIECES, seeded(), share=share).hidden
    for row, length in zip(hidden, lengths, strict=True):
        assert int(row.sum()) == min(max(1, round(length * share)), length - 2)
        assert not row[0]
        assert not row[length - 1 :].any()


def test_every_word_is_hidden_equally_often() -> None:
    hidden = mask_words(framed([22] * 8000), PIECES, seeded()).hidden
    assert hidden.sum(0)[1:-1].tolist() == pytest.approx([8000 * 3 / 20] * 20, abs=140)  # 4.4 sigma


def test_an_unknown_word_can_be_hidden_a_special_piece_cannot() -> None:
    """As in the published code, which leaves out [CLS] and [SEP] only."""
    row = [PIECES.cls, PIECES.unk, PIECES.mask, PIECES.sep, PIECES.unk, PIECES.sep, PIECES.pad]
    hidden = mask_words(torch.tensor([row]), PIECES, seeded(), share=1.0).hidden
    assert hidden[0].nonzero().flatten().tolist() == [1, 4]


def test_of_the_hidden_80_percent_are_masked_10_swapped_10_kept() -> None:
    """124,000 draws; a swapped piece is any of the 20, [MASK], [PAD] and itself too."""
    ids = framed([64] * 2000)
    changed, hidden = mask_words(ids, PIECES, seeded(), share=1.0)
    count = int(hidden.sum())
    assert count == 2000 * 62
    found = torch.bincount(changed[hidden], minlength=20) / count
    expected = torch.full((20,), 0.1 / 20)
    expected[PIECES.mask] += 0.8
    expected[WORD] += 0.1
    sigma = (expected * (1 - expected) / count).sqrt()
    assert ((found - expected).abs() < 4.5 * sigma).all()
    assert torch.equal(changed[~hidden], ids[~hidden])


@pytest.mark.parametrize(
    ("mix", "kept"), [((1.0, 0.0, 0.0), 0), ((0.0, 0.0, 1.0), 1), ((0.0, 1.0, 0.0), 1 / 20)]
)
def test_other_mixes(mix: tuple, kept: float) -> None:
    changed, hidden = mask_words(framed([64] * 200), PIECES, seeded(), share=1.0, mix=mix)
    assert (changed[hidden] == WORD).float().mean().item() == pytest.approx(kept, abs=0.01)
    assert (changed[hidden] == PIECES.mask).all() == (mix[0] == 1)


def test_the_same_seed_hides_the_same_and_the_callers_ids_stay() -> None:
    ids = framed([20, 9, 3])
    before = ids.clone()
    first, second, other = (mask_words(ids, PIECES, seeded(n)) for n in (7, 7, 8))
    assert torch.equal(ids, before)
    assert torch.equal(first.ids, second.ids)
    assert torch.equal(first.hidden, second.hidden)
    assert not torch.equal(first.hidden, other.hidden)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_that_hides_nothing_or_too_much(share: float) -> None:
    with pytest.raises(ValueError, match=f"share={share}: hide more than 0 and at most 1"):
        mask_words(framed([9]), PIECES, seeded(), share=share)


@pytest.mark.parametrize("mix", [(0.8, 0.1, 0.2), (1.1, -0.1, 0.0)])
def test_a_mix_that_is_none(mix: tuple) -> None:
    with pytest.raises(ValueError, match="must be three shares that sum to 1"):
        mask_words(framed([9]), PIECES, seeded(), mix=mix)


@pytest.mark.parametrize(("grid", "share"), [((8, 8), 0.75), ((14, 14), 0.6), ((3, 5), 0.1)])
def test_exactly_the_share_of_every_picture_is_hidden(grid: tuple, share: float) -> None:
    patches = grid[0] * grid[1]
    hidden = random_patches(200, grid, seeded(), share=share)
    assert hidden.shape == (200, patches)
    assert set(hidden.sum(1).tolist()) == {round(share * patches)}


def test_every_set_of_patches_is_equally_likely() -> None:
    """2 of 2 x 2 patches: six sets, 10,000 draws each."""
    hidden = random_patches(60_000, (2, 2), seeded(), share=0.5)
    counts = torch.bincount((hidden * torch.tensor([1, 2, 4, 8])).sum(1), minlength=16)
    assert counts.nonzero().flatten().tolist() == [3, 5, 6, 9, 10, 12]
    assert counts[counts > 0].tolist() == pytest.approx([10_000] * 6, abs=410)  # 4.5 sigma


PAPER = ((14, 14), 75, 16)
SMALL = ((8, 8), 26, 4)
COARSE = ((8, 8), 26, 16)
OBLONG = ((6, 10), 24, 5)


def published(
    grid: tuple, wanted: int, smallest: int, luck: Callable[[], list[float]]
) -> np.ndarray:
    """BEiT's loop, place by place. luck(): where in its range an area, aspect, top, left lies."""
    down, across = grid
    hidden = np.zeros(grid, bool)
    while hidden.sum() < wanted:
        rest = wanted - hidden.sum()
        for _ in range(10):
            in_area, in_aspect, in_top, in_left = luck()
            area = smallest + (rest - smallest) * in_area
            aspect = math.exp(math.log(0.3) + (math.log(1 / 0.3) - math.log(0.3)) * in_aspect)
            high, wide = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if not (wide < across and high < down):
                continue
            top, left = int(in_top * (down - high + 1)), int(in_left * (across - wide + 1))
            block = hidden[top : top + high, left : left + wide]
            if 0 < high * wide - block.sum() <= rest:
                block[:] = True
                break
        else:
            break
    return hidden.flatten()


@pytest.mark.parametrize(("grid", "wanted", "smallest"), [PAPER, SMALL, COARSE, OBLONG])
def test_blocks_are_those_of_the_published_loop_draw_by_draw(grid, wanted, smallest) -> None:
    share = wanted / (grid[0] * grid[1])
    for seed in range(100):
        rng = seeded(seed)

        def luck(rng: torch.Generator = rng) -> list[float]:
            return torch.rand(4, generator=rng, dtype=torch.float64).tolist()

        expected = published(grid, wanted, smallest, luck)
        found = block_patches(1, grid, seeded(seed), share=share, smallest=smallest)
        assert np.array_equal(found[0].numpy(), expected)


@pytest.mark.parametrize(("grid", "wanted", "smallest"), [PAPER, SMALL, COARSE, OBLONG])
def test_a_batch_hides_as_much_and_falls_short_as_often(grid, wanted, smallest) -> None:
    """8000 pictures at once, 8000 runs of the loop with dice of its own: within 4.5 sigma."""
    dice = random.Random(0)
    runs = [published(grid, wanted, smallest, lambda: four(dice)) for _ in range(8000)]
    loop = torch.from_numpy(np.stack(runs)).double()
    share = wanted / (grid[0] * grid[1])
    ours = block_patches(8000, grid, seeded(), share=share, smallest=smallest).double()
    for measured in (lambda hidden: hidden.sum(1), lambda hidden: hidden.sum(1) < wanted):
        a, b = measured(ours).double(), measured(loop).double()
        sigma = ((a.var() + b.var()) / 8000).sqrt()
        assert abs(a.mean() - b.mean()) < 4.5 * sigma
    assert (ours.mean(0) - loop.mean(0)).abs().max() < 4.5 * math.sqrt(0.5 / 8000)
    assert ours.sum(1).max() == wanted
    assert ours.sum(1).min() >= 1


def four(dice: random.Random) -> list[float]:
    return [dice.random() for _ in range(4)]


def test_in_the_papers_grid_a_third_of_the_pictures_falls_short() -> None:
    """As measured: 74.5 of the 75 patches wanted are hidden, by 33 % of the pictures fewer."""
    count = block_patches(20_000, (14, 14), seeded(), share=75 / 196).sum(1)
    assert count.double().mean().item() == pytest.approx(74.47, abs=0.05)
    assert (count < 75).double().mean().item() == pytest.approx(0.333, abs=0.015)


def test_a_rectangles_height_over_width_is_log_uniform_from_03_to_its_inverse() -> None:
    """On a fine grid, where rounding is small; areas uniform. Kolmogorov-Smirnov, p = 1e-4."""
    blocks = draw_blocks(torch.full((4000,), 4000), 1000, (150, 150), seeded())
    high, wide = blocks.any(2).sum(1).double(), blocks.any(1).sum(1).double()
    assert torch.equal(high * wide, blocks.sum((1, 2)).double())  # solid, none too large
    aspect = (high / wide).log() / math.log(1 / 0.3)
    for name, place in {"aspect": (1 + aspect) / 2, "area": (high * wide - 1000) / 3000}.items():
        steps = (torch.arange(4000) + 0.5) / 4000
        assert (place.sort().values - steps).abs().max() < 2.2 / math.sqrt(4000), name


def test_the_same_seed_hides_the_same_patches() -> None:
    for hide in (random_patches, block_patches):
        first, second, other = (hide(9, (14, 14), seeded(n), share=0.4) for n in (7, 7, 8))
        assert torch.equal(first, second)
        assert not torch.equal(first, other)


@pytest.mark.parametrize("hide", [random_patches, block_patches])
@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 1.5, 0.01, 0.99, math.nan])
def test_a_share_that_hides_nothing_or_all_patches(hide: Callable, share: float) -> None:
    with pytest.raises(ValueError, match=f"share={share} of 16 patches: hide at least one and lea"):
        hide(1, (4, 4), seeded(), share=share)


@pytest.mark.parametrize("hide", [random_patches, block_patches])
def test_a_grid_without_patches(hide: Callable) -> None:
    with pytest.raises(ValueError, match=r"grid=\(0, 4\) must be patches down and across"):
        hide(1, (0, 4), seeded(), share=0.5)


@pytest.mark.parametrize(
    ("grid", "smallest", "message"),
    [
        ((8, 8), 33, "smallest=33, 32 are to be hidden: choose 1 to 32"),
        ((8, 8), 0, "smallest=0, 32 are to be hidden: choose 1 to 32"),
        ((1, 64), 4, r"grid=\(1, 64\): a rectangle is smaller than its grid, use random_patches"),
    ],
)
def test_rectangles_that_cannot_fit(grid: tuple, smallest: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        block_patches(1, grid, seeded(), share=0.5, smallest=smallest)


def test_span_mask_hides_what_the_paper_prints() -> None:
    """p = .065, M = 10: about 49 % hidden, mean span 14.7 frames (Baevski 2020, Section 4.2)."""
    rng = torch.Generator().manual_seed(0)
    hidden = span_mask(torch.zeros(20, 10000).bool(), start_prob=0.065, span=10, rng=rng)
    starts = hidden & ~F.pad(hidden, (1, 0))[:, :-1]
    assert float(hidden.float().mean()) == pytest.approx(0.49, abs=0.005)
    assert int(hidden.sum()) / int(starts.sum()) == pytest.approx(14.7, abs=0.2)
    assert expected_share(0.065, 10) == pytest.approx(0.4894, abs=1e-4)
    assert expected_span(0.065, 10) == pytest.approx(14.74, abs=0.01)


@pytest.mark.parametrize(("p", "span"), [(0.3, 1), (0.2, 3), (0.05, 12), (1.0, 2)])
def test_span_mask_beside_a_loop(p: float, span: int) -> None:
    is_pad = padded([40, 9, 25])
    starts = torch.rand(is_pad.shape, generator=torch.Generator().manual_seed(7)) < p
    hidden = span_mask(is_pad, start_prob=p, span=span, rng=torch.Generator().manual_seed(7))
    for row in range(3):
        for t in range(40):
            near = starts[row, max(0, t - span + 1) : t + 1].any()
            assert hidden[row, t] == (near and not is_pad[row, t])


def test_closed_forms_of_spans_beside_a_sum() -> None:
    """A piece is first span frames long, and each start within it lets it grow: by brute force."""
    p, span = 0.2, 3
    rng = torch.Generator().manual_seed(1)
    hidden = span_mask(torch.zeros(1, 400000).bool(), start_prob=p, span=span, rng=rng)[0]
    pieces = int((hidden & ~F.pad(hidden, (1, 0))[:-1]).sum())
    assert expected_share(p, span) == pytest.approx(float(hidden.float().mean()), abs=0.005)
    assert expected_span(p, span) == pytest.approx(int(hidden.sum()) / pieces, rel=0.01)


@pytest.mark.parametrize(("p", "span"), [(0.0, 10), (-0.1, 10), (1.5, 10), (0.065, 0)])
def test_spans_that_make_no_sense(p: float, span: int) -> None:
    with pytest.raises(ValueError, match=f"start_prob={p}, span={span}: a chance above 0"):
        span_mask(torch.zeros(2, 30).bool(), start_prob=p, span=span, rng=torch.Generator())
