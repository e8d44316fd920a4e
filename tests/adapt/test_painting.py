"""The mask painter's model: its numbers are BERT's own, and it reads what BERT can read."""

import pytest
import torch

from lecturelib.adapt.painting import MaskedWords
from lecturelib.data.tokenizers import train_wordpieces
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.words import Words
from lecturelib.masking import mask_words
from lecturelib.objectives.masked_lm import MaskedLM

PIECES = train_wordpieces(["the cat sat on the mat", "a dog ran to the park", "they play"] * 3, 60)
TEXT = "The cat sat on the mat"
WORDS = ["the", "cat", "sat", "on", "the", "mat"]
MIXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
AS_BERT = (0.8, 0.1, 0.1)


def masked_lm() -> MaskedLM:
    """A tiny untrained one that reads at most 10 pieces, in float64."""
    torch.manual_seed(0)
    words = Words(vocab=len(PIECES), dim=8, length=12)
    encoder = Encoder(dim=8, heads=2, depth=1, hidden=16, variant=Variant())
    model = Model(frontend=words, encoder=encoder)
    torch.nn.init.normal_(words.word.weight)
    return MaskedLM(model, PIECES).double()


LM = masked_lm().eval()
BERT = MaskedWords(LM, PIECES)


def ids_of(*words: str) -> torch.Tensor:
    return torch.tensor([[PIECES.cls, *map(PIECES.pieces.index, words), PIECES.sep]])


def test_masked_places_are_filled_as_the_objective_fills_them() -> None:
    hidden = torch.tensor([[False, False, True, False, False, True, False, False]])
    shown = [None, "[MASK]", None, None, "[MASK]", None]
    expected = LM.fill_in(ids_of(*WORDS), hidden)
    torch.testing.assert_close(torch.tensor(BERT.fill(WORDS, shown)), expected, atol=1e-10, rtol=0)


def test_the_model_sees_the_swapped_and_the_kept_piece_itself() -> None:
    shown = [None, "dog", None, None, None, "mat"]
    seen = ids_of("the", "dog", "sat", "on", "the", "mat")
    expected = LM.words(LM.model(seen))[0, [2, 6]].softmax(-1)
    got = torch.tensor(BERT.fill(WORDS, shown))
    torch.testing.assert_close(got, expected.detach(), atol=1e-10, rtol=0)
    assert got.shape == (2, len(BERT.vocabulary))


def test_nothing_chosen_gives_no_row() -> None:
    assert BERT.fill(WORDS, [None] * 6).shape == (0, len(PIECES))


@pytest.mark.parametrize("seed", range(5))
def test_the_rule_is_that_of_the_training(seed: int) -> None:
    changed, hidden = mask_words(
        ids_of(*WORDS), PIECES, torch.Generator().manual_seed(seed), mix=AS_BERT
    )
    shown = BERT.hide(WORDS, AS_BERT, seed)
    for place in range(6):
        seen = BERT.vocabulary[int(changed[0, place + 1])] if hidden[0, place + 1] else None
        assert shown[place] == seen
    assert len([one for one in shown if one is not None]) == round(0.15 * 8)


def test_a_seed_chooses_the_same_places_for_every_mix() -> None:
    words = [*WORDS, "they", "play"]
    masked, swapped, kept = (BERT.hide(words, mix, 3) for mix in MIXES)
    places = [place for place, seen in enumerate(masked) if seen == "[MASK]"]
    assert len(places) == 2
    for shown in (swapped, kept):
        assert [place for place, seen in enumerate(shown) if seen is not None] == places
    assert [kept[place] for place in places] == [words[place] for place in places]
    assert any(BERT.hide(words, (0.0, 0.0, 1.0), seed) != kept for seed in range(4, 12))


def test_text_becomes_lower_case_pieces_and_unknown_signs_are_shown_so() -> None:
    assert BERT.read(TEXT) == WORDS
    assert BERT.read("the 🍕 sat") == ["the", "[UNK]", "sat"]


def test_a_text_is_never_cut_silently() -> None:
    """Another user of the vocabulary may have asked for at most five pieces."""
    PIECES.encode([TEXT], length=5)
    assert BERT.read(TEXT) == WORDS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty: write a sentence"),
        (" \n", "the text is empty"),
        ("the cat " * 6, "12 pieces, the model reads at most 10: shorten the text"),
        ("the [MASK] sat", r"the text has \[MASK\]: write the word itself, then hide it"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BERT.read(text)


def test_the_longest_text_fits() -> None:
    words = BERT.read("the cat " * 5)
    assert BERT.fill(words, ["[MASK]"] + [None] * 9).sum() == pytest.approx(1)


def test_a_piece_outside_the_vocabulary_is_named() -> None:
    with pytest.raises(ValueError, match=r"'zyzzyva' is not in the vocabulary: .* read\(\)"):
        BERT.fill(WORDS, ["zyzzyva", *[None] * 5])


def test_a_vocabulary_of_another_model_is_refused() -> None:
    other = train_wordpieces(["one two three"], 30)
    message = f"the model knows {len(PIECES)} pieces, the vocabulary has {len(other)}"
    with pytest.raises(ValueError, match=message):
        MaskedWords(LM, other)


def test_a_model_in_training_is_refused() -> None:
    with pytest.raises(ValueError, match=r"in training mode: call eval\(\) first"):
        MaskedWords(masked_lm(), PIECES)
