"""What is hidden from the model: which way is up (RotNet), words (BERT), spans of sound
(wav2vec 2.0), patches (BEiT, MAE)."""

import math
from typing import NamedTuple, TypeAlias

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from lecturelib.data.tokenizers import WordPieces
from lecturelib.frontends.patches import Grid
from lecturelib.shapes import Ids, Images, IsHidden, IsPad, Labels

Mix: TypeAlias = tuple[float, float, float]
Fate: TypeAlias = Float[Tensor, "batch time"]
Blocks: TypeAlias = Bool[Tensor, "count down across"]
Fraction: TypeAlias = Float[Tensor, " count"]

TRIES = 10  # BEiT gives up on a picture after so many rectangles in a row that did not fit
FLATTEST = 0.3  # height / width of the flattest rectangle; the tallest has 1 / 0.3


def turn(images: Images, quarters: Labels) -> Images:
    """Turn picture i counter-clockwise by quarters[i] x 90 degrees; pictures must be square."""
    if images.shape[2] != images.shape[3]:
        raise ValueError(
            f"{images.shape[2]}x{images.shape[3]} pictures cannot turn: crop to a square"
        )
    pairs = zip(images, quarters.tolist(), strict=True)
    return torch.stack([image.rot90(quarter, (1, 2)) for image, quarter in pairs])


def quarter_turns(images: Images, rng: Generator) -> tuple[Images, Labels]:
    """Turn each picture by 0-3 quarters at random; how many is a label that costs nothing.

    RotNet (Gidaris et al. 2018, section 2.1).
    """
    quarters = torch.randint(4, (len(images),), generator=rng)
    return turn(images, quarters), quarters.to(images.device)


class Hidden(NamedTuple):
    """ids [batch, time], some of them changed, and where: the model must say what stood there."""

    ids: Ids
    hidden: IsHidden


def mask_words(
    ids: Ids, pieces: WordPieces, rng: Generator, *, share: float = 0.15, mix: Mix = (0.8, 0.1, 0.1)
) -> Hidden:
    """BERT's rule (Devlin 2019, 3.1): choose 15 %, and of those mask 80 %, swap 10 %, keep 10 %.

    share  of a row's length, special pieces counted, rounded, at least one; never [CLS] or [SEP]
    mix    shares of the chosen that become [MASK], a random piece, and stay as they are. The random
           piece is any of the vocabulary, by chance the same, as in the published code

    `ids` itself is not changed. The published code draws ten fixed copies and at most 20 of 128;
    here every batch is drawn anew. Raises ValueError for a share outside 0-1 (0 leaves nothing to
    learn; 1 hides all but the special pieces), and for a mix that does not sum to 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share}: hide more than 0 and at most 1 of the words")
    if min(mix) < 0 or abs(sum(mix) - 1) > 1e-6:
        raise ValueError(f"mix={mix} must be three shares that sum to 1 (mask, swap, keep)")
    home, ids = ids.device, ids.cpu()
    luck = torch.rand(ids.shape, generator=rng).masked_fill(pieces.is_special(ids), -1)
    wanted = (share * (ids != pieces.pad).sum(1).double()).round().clamp(min=1)
    rank = luck.argsort(1, descending=True).argsort(1)
    hidden = (rank < wanted[:, None]) & (luck >= 0)
    fate = torch.rand(ids.shape, generator=rng)
    random = torch.randint(len(pieces), ids.shape, generator=rng)
    changed = change_words(torch.where(hidden, fate, 1), ids, random, mask=pieces.mask, mix=mix)
    return Hidden(changed.to(home), hidden.to(home))


def change_words(fate: Fate, ids: Ids, random: Ids, mask: int, mix: Mix = (0.8, 0.1, 0.1)) -> Ids:
    """What the model sees: [MASK] where fate is below 0.8, up to 0.9 a random piece, else its own.

    fate [batch, time] is drawn from 0-1 for a chosen word; 1 for one that was not chosen.
    """
    masked, swapped = fate < mix[0], (fate >= mix[0]) & (fate < mix[0] + mix[1])
    return torch.where(masked, mask, torch.where(swapped, random, ids))


def span_mask(is_pad: IsPad, *, start_prob: float, span: int, rng: Generator) -> IsHidden:
    """wav2vec 2.0 (3.1): each frame starts a hidden span with chance p; spans may overlap.

    The published code fixes how many spans a row starts (its 0.65 is p times the span), draws their
    starts without replacement and then cuts all rows to the fewest hidden frames; here rows differ.
    Raises ValueError for a chance outside 0-1, and for a span below 1.
    """
    if not 0 < start_prob <= 1 or span < 1:
        raise ValueError(
            f"start_prob={start_prob}, span={span}: a chance above 0 and at most 1, 1 frame or more"
        )
    starts = torch.rand(is_pad.shape, generator=rng) < start_prob
    hidden = starts.clone()
    for shift in range(1, span):
        hidden[:, shift:] |= starts[:, :-shift]
    return hidden.to(is_pad.device) & ~is_pad


def mask_word_spans(
    ids: Ids, pieces: WordPieces, rng: Generator, *, share: float = 0.35, span: int = 4
) -> Hidden:
    """data2vec's published text: runs of `span` pieces, every one of them shown as [MASK].

    share / span is the chance that a piece starts one, so that less than `share` is hidden where
    runs overlap: 31 % for .35 and 4. Never a special piece. Raises ValueError for a share outside
    0-1, and for runs without a piece.
    """
    if not 0 < share <= 1 or span < 1:
        raise ValueError(f"share={share}, span={span}: more than 0 and at most 1, 1 piece or more")
    hidden = span_mask(pieces.is_special(ids), start_prob=share / span, span=span, rng=rng)
    return Hidden(ids.masked_fill(hidden, pieces.mask), hidden)


def check_hidden(hidden: IsHidden, may_hide: IsHidden) -> None:
    """ValueError for a batch that hides nothing, and for an example that hides all that it may.

    An example with nothing that it may hide (an empty text) is left as it is.
    """
    if not hidden.any():
        raise ValueError("nothing is hidden, so there is nothing to predict: hide more")
    if (blind := (hidden == may_hide).all(1) & hidden.any(1)).any():
        rows = blind.nonzero().flatten().tolist()
        raise ValueError(f"rows {rows} hide everything: leave something to see, hide less")


def expected_share(start_prob: float, span: int) -> float:
    """1 - (1 - p)^M: how much of a long recording is hidden. 0.489 for the paper's .065 and 10."""
    return 1 - (1 - start_prob) ** span


def expected_span(start_prob: float, span: int) -> float:
    """(1 - (1 - p)^M) / (p (1 - p)^M): the mean length of what is hidden in one piece, in frames.

    14.7 for the paper's p = .065, M = 10: overlapping spans grow together.
    """
    return expected_share(start_prob, span) / (start_prob * (1 - start_prob) ** span)


def random_patches(
    count: int, grid: Grid, rng: Generator, *, share: float
) -> Bool[Tensor, "count patches"]:
    """Hide round(share * patches) patches of each picture, every set equally likely.

    MAE (He 2022, section 3), SimMIM (Xie 2022, 3.2). `grid`: patches down and across, row by row.
    Raises ValueError for a share that hides nothing or leaves nothing to see.
    """
    wanted = patches_to_hide(share, grid)
    luck = torch.rand(count, grid[0] * grid[1], generator=rng)
    return luck.argsort(1) < wanted


def block_patches(
    count: int, grid: Grid, rng: Generator, *, share: float = 0.4, smallest: int = 16
) -> Bool[Tensor, "count patches"]:
    """BEiT's rule (Bao 2022, Algorithm 1): hide rectangles until `share` of a picture is hidden.

    smallest  patches in a rectangle: the paper's 16 of 14 x 14; choose fewer for a smaller grid

    As the published code, not the paper, has it: the aspect ratio is log-uniform, and a rectangle
    that would hide more than is still wanted is drawn again. After ten in a row that do not fit a
    picture is left as it is: it may fall SHORT of `share`, and never exceeds it. Once fewer than
    `smallest` are wanted, an area lies between the two. Raises ValueError for a share that hides
    nothing or all, and for rectangles that cannot fit.
    """
    wanted = patches_to_hide(share, grid)
    if min(grid) < 2:
        raise ValueError(f"grid={grid}: a rectangle is smaller than its grid, use random_patches")
    if not 1 <= smallest <= wanted:
        raise ValueError(f"smallest={smallest}, {wanted} are to be hidden: choose 1 to {wanted}")
    hidden = torch.zeros(count, *grid, dtype=torch.bool)
    rest, failed = torch.full((count,), wanted), torch.zeros(count, dtype=torch.int64)
    while ((rest > 0) & (failed < TRIES)).any():
        block = draw_blocks(rest, smallest, grid, rng)
        new = (block & ~hidden).sum((1, 2))
        fits = (new > 0) & (new <= rest) & (failed < TRIES)
        hidden |= block & fits[:, None, None]
        rest = rest - new * fits
        failed = torch.where(fits, 0, failed + 1)
    return hidden.flatten(1)


def draw_blocks(rest: Labels, smallest: int, grid: Grid, rng: Generator) -> Blocks:
    """One rectangle a picture, of `smallest` to `rest` patches; empty where it fills a side."""
    area, slant, top, left = torch.rand(4, len(rest), generator=rng, dtype=torch.float64)
    area = smallest + (rest - smallest) * area
    aspect = torch.exp(math.log(FLATTEST) * (1 - 2 * slant))
    high, wide = (area * aspect).sqrt().round(), (area / aspect).sqrt().round()
    rows = between(top, high, grid[0])[:, :, None]
    columns = between(left, wide, grid[1])[:, None, :]
    return rows & columns & ((high < grid[0]) & (wide < grid[1]))[:, None, None]


def between(luck: Fraction, long: Fraction, room: int) -> Bool[Tensor, "count room"]:
    """A stretch `long` of `room` places; luck, 0-1, says where it starts."""
    start = (luck * (room - long + 1)).floor()[:, None]
    at = torch.arange(room)
    return (at >= start) & (at < start + long[:, None])


def patches_to_hide(share: float, grid: Grid) -> int:
    """round(share * patches); ValueError where that is none or all of them."""
    patches = grid[0] * grid[1]
    if min(grid) < 1:
        raise ValueError(f"grid={grid} must be patches down and across, at least 1 each")
    if not 0 < share < 1 or not 0 < round(share * patches) < patches:
        raise ValueError(
            f"share={share} of {patches} patches: hide at least one and leave at least one to see"
        )
    return round(share * patches)
