"""Hugging Face's wav2vec 2.0 for recognition against ours, weights copied, in float64.

Its CTC runs in float32: 1e-5 against it, and 1e-10 against the trellis.
"""

import json

import pytest
import torch
from transformers import Wav2Vec2ForCTC

from lecturelib.objectives.ctc import log_likelihood
from lecturelib.published import from_reference, letters, load
from tests.oracle import error
from tests.published.test_wav2vec2 import BASE, KEEP, LARGE, WAVES
from tests.published.test_wav2vec2_heads import HIDDEN, both, built, nearly_same_gradients

LETTERS = torch.tensor([[1, 2, 2, 5], [3, 0, -100, -100]])


@pytest.mark.parametrize("kind", [BASE, LARGE])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("keep", [KEEP, None])
def test_ctc(kind, training, keep):
    reference = built(Wav2Vec2ForCTC, **kind | {"mask_time_prob": 0.0}).train(training)
    ours = from_reference(reference)
    have, want = both(ours, reference, WAVES, keep, LETTERS)
    is_pad = ours.model.frontend.frame_pad(KEEP == 0) if keep is not None else HIDDEN & False
    assert error(have.logits[~is_pad], want.logits[~is_pad]) < 1e-10
    assert error(have.loss, want.loss) < 1e-5
    assert ours(WAVES, keep).loss is None
    have.loss.backward()
    want.loss.backward()
    nearly_same_gradients(ours, reference)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("blank", [0, 4])
def test_ctc_options(reduction, blank):
    options = {"ctc_loss_reduction": reduction, "pad_token_id": blank}
    reference = built(Wav2Vec2ForCTC, **BASE, **options).eval()
    have, want = both(from_reference(reference), reference, WAVES, KEEP, LETTERS)
    assert error(have.loss, want.loss) < 1e-5


def test_ctc_equals_the_trellis():
    """Eqs. 6-8 of Graves et al. 2006, frame by frame, in float64."""
    ours = from_reference(built(Wav2Vec2ForCTC, **LARGE).eval())
    have = ours(WAVES, KEEP, LETTERS)
    is_pad = ours.model.frontend.frame_pad(KEEP == 0)
    texts = [LETTERS[0], LETTERS[1, :1]]
    rows = zip(have.logits.log_softmax(-1), is_pad, texts, strict=True)
    want = -sum(log_likelihood(log_p[~filling], text) for log_p, filling, text in rows)
    assert error(have.loss, want) < 1e-10


@pytest.mark.parametrize("zero", [True, False])
def test_ctc_with_more_labels_than_frames(zero):
    reference = built(Wav2Vec2ForCTC, **BASE, ctc_zero_infinity=zero).eval()
    ours, many = from_reference(reference), torch.ones(2, 9, dtype=torch.long)
    have, want = both(ours, reference, WAVES, None, many)
    assert have.loss.item() == want.loss.item() == (0 if zero else torch.inf)


def test_ctc_refuses_a_letter_it_does_not_have():
    ours = from_reference(built(Wav2Vec2ForCTC, **BASE))
    with pytest.raises(ValueError, match=r"label 6, but the classes are 0\.\.5"):
        ours(WAVES, None, LETTERS + 1)


def test_load_a_recogniser_and_its_letters(tmp_path):
    reference = built(Wav2Vec2ForCTC, **BASE).float().eval()
    reference.save_pretrained(tmp_path)
    named = {"<pad>": 0, "|": 4, "E": 5, "T": 1, "Ö": 3, "<unk>": 2}
    (tmp_path / "vocab.json").write_text(json.dumps(named), encoding="utf8")
    ours = load(str(tmp_path))
    with torch.no_grad():
        assert error(ours(WAVES.float()).logits, reference(WAVES.float()).logits) < 1e-5
    assert letters(str(tmp_path)) == {0: "<pad>", 1: "T", 2: "<unk>", 3: "Ö", 4: "|", 5: "E"}
    assert list(letters(str(tmp_path))) == list(range(6))


def test_no_letters_where_there_is_no_vocabulary(tmp_path):
    with pytest.raises(OSError, match=r"vocab\.json"):
        letters(str(tmp_path))
