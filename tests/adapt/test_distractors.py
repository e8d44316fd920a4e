"""Distractors of one frame: hidden, never the frame itself, from where they were asked for."""

from collections import Counter

import pytest
import torch

from lecturelib.adapt.codes import Occurrence
from lecturelib.adapt.distractors import distractors_of

HIDDEN = [torch.rand(40, generator=torch.Generator().manual_seed(i)) < 0.4 for i in range(4)]
WHO = ["ana", "ben", "ana", "eva"]
FIRST = int(HIDDEN[0].nonzero()[2])


def drawn(count: int, others: bool, seed: int = 0) -> list[Occurrence]:
    rng = torch.Generator().manual_seed(seed)
    place = Occurrence(0, FIRST)
    return distractors_of(place, HIDDEN, WHO, count=count, others=others, rng=rng)


@pytest.mark.parametrize("others", [False, True])
def test_every_frame_that_may_come_comes_equally_often(others: bool) -> None:
    may = {
        Occurrence(clip, t)
        for clip in range(4)
        for t in range(40)
        if HIDDEN[clip][t] and (WHO[clip] != "ana" if others else clip == 0 and t != FIRST)
    }
    seen = Counter(drawn(20_000, others))
    assert set(seen) == may
    expected = 20_000 / len(may)
    assert all(abs(times - expected) < 5 * expected**0.5 for times in seen.values())


def test_the_seed_decides() -> None:
    assert drawn(9, True, 1) == drawn(9, True, 1) != drawn(9, True, 2)


def test_what_cannot_be_drawn_is_refused() -> None:
    rng = torch.Generator()
    heard = int((~HIDDEN[0]).nonzero()[0])
    with pytest.raises(ValueError, match=f"frame {heard} of clip 0 can be heard"):
        distractors_of(Occurrence(0, heard), HIDDEN, WHO, count=3, others=False, rng=rng)
    alone = [torch.eye(4, dtype=torch.bool)[0]]
    with pytest.raises(ValueError, match="clip 0 hides one frame only"):
        distractors_of(Occurrence(0, 0), alone, ["ana"], count=3, others=False, rng=rng)
    with pytest.raises(ValueError, match="nobody but ana hides a frame"):
        distractors_of(Occurrence(0, 0), alone, ["ana"], count=3, others=True, rng=rng)
