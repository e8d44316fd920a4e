"""Runs of hidden words, as data2vec's published text has them, and what no rule may hide."""

import math

import pytest
import torch

from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.masking import check_hidden, expected_share, mask_word_spans

PIECES = from_vocabulary([*SPECIAL, *"abcdefghijklmno"])
WORD = PIECES.ids("a")[0]


def framed(length: int, count: int = 1) -> torch.Tensor:
    """[CLS] a ... a [SEP] in all so long."""
    row = [PIECES.cls, *[WORD] * (length - 2), PIECES.sep]
    return torch.tensor(row).repeat(count, 1)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("share", "span"), [(0.35, 4), (0.5, 1), (0.6, 3)])
def test_runs_of_words_hide_what_the_closed_form_says(share: float, span: int) -> None:
    """Place by place, 4.5 sigma: near the start fewer runs can reach a word."""
    ids = framed(12, 20_000)
    changed, hidden = mask_word_spans(ids, PIECES, seeded(), share=share, span=span)
    found = hidden.double().mean(0)
    assert found[0] == found[-1] == 0  # never [CLS] or [SEP]
    for place in range(1, 11):
        want = expected_share(share / span, min(span, place + 1))
        sigma = math.sqrt(want * (1 - want) / 20_000)
        assert abs(float(found[place]) - want) < 4.5 * sigma, place
    assert (changed[hidden] == PIECES.mask).all()
    assert torch.equal(changed[~hidden], ids[~hidden])
    assert expected_share(0.35 / 4, 4) == pytest.approx(0.307, abs=0.0005)


def test_runs_of_words_beside_a_loop() -> None:
    """Runs go over special pieces and hide none of them; the caller's ids stay."""
    row = [PIECES.cls, WORD, WORD, PIECES.sep, PIECES.unk, WORD, PIECES.mask, WORD, PIECES.sep]
    ids = torch.tensor([row + [PIECES.pad] * 2] * 50)
    before, starts = ids.clone(), torch.rand(ids.shape, generator=seeded(3)) < 0.6 / 3
    hidden = mask_word_spans(ids, PIECES, seeded(3), share=0.6, span=3).hidden
    assert torch.equal(ids, before)
    for one in range(50):
        for t in range(11):
            near = bool(starts[one, max(0, t - 2) : t + 1].any())
            assert hidden[one, t] == (near and t in (1, 2, 4, 5, 7))


@pytest.mark.parametrize(("share", "span"), [(0.0, 4), (1.5, 4), (0.35, 0), (math.nan, 4)])
def test_runs_of_words_that_make_no_sense(share: float, span: int) -> None:
    with pytest.raises(ValueError, match=f"share={share}, span={span}: more than 0 and at most 1"):
        mask_word_spans(framed(9), PIECES, seeded(), share=share, span=span)


def test_hiding_nothing_or_all_that_may_be_hidden() -> None:
    """Row 1 may hide two; row 2 none, which is not its fault."""
    may_hide = torch.tensor([[True, True, True], [True, True, False], [False, False, False]])
    none = torch.zeros(3, 3).bool()
    some = torch.tensor([[True, False, True], [True, False, False], [False, False, False]])
    check_hidden(some, may_hide)
    with pytest.raises(ValueError, match="nothing is hidden, so there is nothing to predict"):
        check_hidden(none, may_hide)
    with pytest.raises(ValueError, match=r"rows \[0, 1\] hide everything: leave something to see"):
        check_hidden(may_hide, may_hide)
    some[1] = may_hide[1]
    with pytest.raises(ValueError, match=r"rows \[1\] hide everything"):
        check_hidden(some, may_hide)
