"""What is hidden from the model: which way is up (RotNet), words (BERT)."""

from typing import NamedTuple, TypeAlias

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lecturelib.data.tokenizers import WordPieces
from lecturelib.shapes import Ids, Images, IsHidden, Labels

Mix: TypeAlias = tuple[float, float, float]
Fate: TypeAlias = Float[Tensor, "batch time"]


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
