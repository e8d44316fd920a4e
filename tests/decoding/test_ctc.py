"""The beam beside all paths and all texts enumerated, with and without a language model, and
beside torchaudio's decoder on the same lattice."""

import importlib
import itertools
import math
from importlib.util import find_spec

import pytest
import torch
from torch import Tensor

from lecturelib.adapt.ngrams import Ngrams
from lecturelib.decoding.ctc import Mass, greedy, grow, log_add, prefix_beam, rescore
from lecturelib.decoding.sequences import INF, Hypothesis
from lecturelib.objectives.ctc import collapse
from tests.objectives.test_ctc import lattice, paths
from tests.requirements import require

LM = Ngrams([[1, 2, 1], [1, 1, 2], [2, 1]], classes=3, order=2)


def texts(log_p: Tensor) -> dict[tuple[int, ...], float]:
    """log p of every text, by enumeration of all its paths."""
    return {
        text: math.log(sum(math.exp(score) for score, _ in ways))
        for text, ways in paths(log_p).items()
    }


def said(text: tuple[int, ...]) -> float:
    """log P_LM, the end included, letter by letter."""
    return sum(LM(text[:place])[letter] for place, letter in enumerate((*text, 0)))


def test_a_wide_beam_is_the_sum_over_all_paths() -> None:
    log_p = lattice(5)
    want = texts(log_p)
    assert math.isclose(sum(map(math.exp, want.values())), 1, rel_tol=1e-12)
    found = prefix_beam(log_p, width=1000)
    assert {tuple(one.ids) for one in found} == want.keys()
    assert all(one.score == pytest.approx(want[tuple(one.ids)], abs=1e-10) for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_with_a_language_model_it_is_the_best_of_all_texts() -> None:
    log_p = lattice(5, seed=2)
    want = {
        text: heard + 0.7 * said(text) + 0.4 * len(text) for text, heard in texts(log_p).items()
    }
    found = prefix_beam(log_p, width=1000, lm=LM, weight=0.7, bonus=0.4)
    assert {tuple(one.ids) for one in found} == want.keys()
    assert all(one.score == pytest.approx(want[tuple(one.ids)], abs=1e-10) for one in found)
    assert tuple(found[0].ids) == max(want, key=lambda text: want[text])


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("weight", [0.0, 0.8])
def test_a_narrow_beam_is_its_plain_loop(width: int, weight: float) -> None:
    """Textbook, with probabilities: mass of each kept text by enumerating one more frame."""
    log_p = lattice(8, seed=5)

    def likely(text: tuple[int, ...], end: int) -> float:
        """P_LM(text)^weight: the end counts in the last frame only."""
        return math.exp(weight * (said(text) - (0 if end else LM(text)[0])))

    kept = {(): {0: 1.0}}  # text -> last class -> probability
    for frame in log_p.exp().tolist():
        grown: dict = {}
        for text, masses in kept.items():
            for (last, mass), (here, p) in itertools.product(masses.items(), enumerate(frame)):
                longer = (*text, here) if here not in (0, last) else text
                ends = grown.setdefault(longer, {})
                ends[here] = ends.get(here, 0.0) + mass * p
        worth = {text: sum(ends.values()) * likely(text, 0) for text, ends in grown.items()}
        best = sorted(worth, key=lambda text: worth[text], reverse=True)[:width]
        kept = {text: grown[text] for text in best}
    want = {text: math.log(sum(ends.values()) * likely(text, 1)) for text, ends in kept.items()}
    found = prefix_beam(log_p, width=width, lm=LM, weight=weight)
    assert {tuple(one.ids): one.score for one in found} == pytest.approx(want, abs=1e-10)
    assert tuple(found[0].ids) == max(want, key=lambda text: want[text])


def test_many_middling_paths_beat_the_best_path() -> None:
    """Graves 2012's example: blank .6, a .4 in two frames; "a" has three paths, "" has one."""
    log_p = torch.tensor([[0.6, 0.4], [0.6, 0.4]]).double().log()
    assert greedy(log_p).ids == []
    assert math.exp(greedy(log_p).score) == pytest.approx(0.36)
    best, second = prefix_beam(log_p, width=2)
    assert (best.ids, math.exp(best.score)) == ([1], pytest.approx(0.64))
    assert (second.ids, math.exp(second.score)) == ([], pytest.approx(0.36))


def test_greedy_is_the_best_of_all_paths() -> None:
    log_p = lattice(6, seed=4)
    score, path = max(way for ways in paths(log_p).values() for way in ways)
    found = greedy(log_p)
    assert found.ids == collapse(torch.tensor(path)).tolist()
    assert found.score == pytest.approx(score, abs=1e-12)


def test_a_double_letter_needs_a_blank() -> None:
    only_ones = torch.tensor([[0.0, 1.0]] * 3).log()
    assert [one.ids for one in prefix_beam(only_ones, width=9)] == [[1]]
    with_gap = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]).log()
    assert prefix_beam(with_gap, width=9) == [Hypothesis([1, 1], 0.0)]


def test_equal_texts_are_added_up() -> None:
    one, nothing = Mass(*logs(0.3, 0.2)), Mass(*logs(0.5, 0.0))
    assert one.total == pytest.approx(math.log(0.5))
    grown = grow({(1,): one, (): nothing}, logs(0.5, 0.5))
    assert math.exp(grown[(1,)].label) == pytest.approx(0.5 * 0.2 + 0.5 * 0.5)
    assert math.exp(grown[(1,)].blank) == pytest.approx(0.5 * 0.5)
    assert math.exp(grown[(1, 1)].total) == pytest.approx(0.5 * 0.3)


def logs(*probabilities: float) -> list[float]:
    return [math.log(p) if p else -INF for p in probabilities]


def test_log_add() -> None:
    assert log_add(math.log(0.2), math.log(0.3)) == pytest.approx(math.log(0.5))
    assert log_add(-INF, -INF) == -INF
    assert log_add(-INF, 1.0) == log_add(1.0, -INF) == 1.0
    assert log_add(-2000.0, -2000.0) == pytest.approx(-2000 + math.log(2))


def test_rescoring_takes_a_second_look() -> None:
    first = [Hypothesis([1], -1.0), Hypothesis([2], -1.5), Hypothesis([], -3.0)]
    again = rescore(first, lambda ids: {(1,): -4.0, (2,): -1.0, (): 0.0}[tuple(ids)], 0.5)
    assert again == [Hypothesis([2], -2.0), Hypothesis([1], -3.0), Hypothesis([], -3.0)]
    assert rescore(first, lambda ids: -9.0, 0.0) == first


def test_bad_width() -> None:
    with pytest.raises(ValueError, match="width=0: keep at least one text"):
        prefix_beam(lattice(3), width=0)


def torchaudios(log_p: Tensor, lm=None, **weights: float) -> dict[tuple[int, ...], float]:
    """The same search by torchaudio's flashlight: text -> score. Its silence is never heard."""
    require("peers", find_spec("flashlight") is not None, "pip install flashlight-text")
    decoder = importlib.import_module("torchaudio.models.decoder").ctc_decoder(
        lexicon=None,
        tokens=["-", "a", "b", "|"],
        beam_size=1000,
        beam_threshold=1e9,
        nbest=1000,
        log_add=True,
        lm=lm,
        **weights,
    )
    silence = torch.full((len(log_p), 1), -1e5)
    heard = torch.cat([log_p.float(), silence], 1)[None]
    found = [one for one in decoder(heard)[0] if one.score > -1e4]
    return {tuple(one.tokens[1:-1].tolist()): one.score for one in found}


def test_torchaudios_decoder_finds_the_same() -> None:
    log_p = lattice(6, seed=7)
    theirs = torchaudios(log_p)
    ours = {tuple(one.ids): one.score for one in prefix_beam(log_p, width=1000)}
    assert theirs.keys() == ours.keys()
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_torchaudios_decoder_with_the_same_language_model_finds_the_same() -> None:
    log_p = lattice(6, seed=8)
    theirs = torchaudios(log_p, lm=flashlights(LM), lm_weight=0.7)
    ours = prefix_beam(log_p, width=1000, lm=LM, weight=0.7)
    assert {tuple(one.ids): one.score for one in ours} == pytest.approx(theirs, abs=1e-5)


def flashlights(lm: Ngrams):
    """Our language model as torchaudio's: a state is what was written."""
    decoder = importlib.import_module("torchaudio.models.decoder")

    class Ours(decoder.CTCDecoderLM):
        def __init__(self):
            decoder.CTCDecoderLM.__init__(self)
            self.written: dict = {}

        def start(self, start_with_nothing: bool):
            state = decoder.CTCDecoderLMState()
            self.written[state] = ()
            return state

        def score(self, state, token: int):
            before, child = self.written[state], state.child(token)
            self.written[child] = (*before, token)
            return child, lm(before)[token] if token < 3 else -1e5

        def finish(self, state):
            return state, lm(self.written[state])[0]

    return Ours()
