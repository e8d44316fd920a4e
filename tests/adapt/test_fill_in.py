"""Holes are where they may be, and the scores are those of one row at a time."""

import torch
import torch.nn.functional as F

from lecturelib.adapt.fill_in import fill_in_scores, one_hole, scores
from lecturelib.data.sentences import documents
from lecturelib.data.text import Article
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.recipes import bert
from tests.oracle import error

LINES = ("The old king likes apples, pears and quinces.", "A queen played the piano in winter.")
ARTICLE = Article("kings", LINES * 12, "by hand")
PIECES = train_wordpieces(LINES, 80)
DOCS = documents([ARTICLE], PIECES)


def test_every_run_has_one_hole_with_two_neighbours_on_either_side() -> None:
    holes = one_hole(DOCS, PIECES, length=12, seed=0, each=3)
    assert len(holes.ids) == 3 * ((len(DOCS[0].ids) - 1) // 10)
    assert holes.place.min() >= 3
    assert holes.place.max() <= 8
    assert (holes.ids[:, 0] == PIECES.cls).all()
    assert (holes.ids[:, -1] == PIECES.sep).all()
    assert not PIECES.is_special(holes.answer).any()
    runs = holes.ids[: len(holes.ids) // 3, 1:-1].flatten().tolist()
    assert runs == DOCS[0].ids[: len(runs)]


def test_a_whole_word_is_no_part_and_no_comma() -> None:
    holes = one_hole(DOCS, PIECES, length=12, seed=1, each=20)
    for ids, place, whole in zip(holes.ids, holes.place.tolist(), holes.whole, strict=True):
        here, after = PIECES.words(ids[place : place + 2])
        assert whole == (here.isalpha() and not after.startswith("##"))
    assert 0 < holes.whole.float().mean() < 1


def test_scores_are_those_of_one_row_at_a_time() -> None:
    torch.manual_seed(0)
    objective = MaskedLM(bert("tiny", vocab=len(PIECES)), PIECES).double().eval()
    holes = one_hole(DOCS, PIECES, length=12, seed=2)
    found = fill_in_scores(objective, holes)
    for row, place in enumerate(holes.place.tolist()):
        ids = holes.ids[row : row + 1].clone()
        answer = ids[0, place].item()
        ids[0, place] = PIECES.mask
        logits = objective.words(objective.model(ids)[0, place])
        want = F.cross_entropy(logits[None], torch.tensor([answer]))
        assert error(found.nll[row], want) < 1e-10
        assert found.right[row] == (logits.argmax() == answer)


def test_scores_by_hand() -> None:
    share = torch.tensor([[0.5, 0.25, 0.25], [0.2, 0.3, 0.5]])
    found = scores(share, torch.tensor([0, 1]))
    torch.testing.assert_close(found.nll, torch.tensor([2.0, 1 / 0.3]).log())
    assert found.right.tolist() == [True, False]
