"""Our BERT: what it starts from, and what the shipped one knows of articles it never saw."""

import numpy as np
import pytest
import torch

from lecturelib.adapt.fill_in import fill_in_scores, one_hole
from lecturelib.adapt.ngrams import Trigrams, rivals
from lecturelib.data import text
from lecturelib.data.sentences import documents
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import vocabulary
from lecturelib.pretraining.bert import LENGTH, Start, begin_with, reader, shipped
from lecturelib.recipes import bert
from lecturelib.training import checkpoint


@pytest.fixture(scope="module")
def trained() -> MaskedLM:
    return shipped()


def test_it_begins_with_word2vec_and_the_shares_of_the_text(trained: MaskedLM) -> None:
    fresh = MaskedLM(bert("tiny", vocab=len(trained.pieces)), trained.pieces)
    start = Start(torch.randn(len(trained.pieces), 128), torch.randn(len(trained.pieces)))
    begin_with(fresh, start)
    assert torch.equal(fresh.model.frontend.word.weight, start.vectors)
    assert torch.equal(fresh.words.decoder.bias, start.log_share)
    assert fresh.words.decoder.weight is fresh.model.frontend.word.weight


def test_the_file_says_what_it_was_trained_on_and_how(trained: MaskedLM) -> None:
    path = CHECKPOINTS / "bert_wikipedia.safetensors"
    assert path.stat().st_size < 5_000_000
    _, metadata = checkpoint.read(path)
    assert "pretrain bert --pace full" in metadata["command"]
    assert "Wikipedia" in metadata["data_source"]
    assert vocabulary(path) == trained.pieces.pieces
    assert len(metadata["curve"]["unseen_nll"]) >= 10


def test_unseen_articles_are_no_riddle(trained: MaskedLM) -> None:
    """The issue's bounds, on test articles: 1.5 below unigrams, and below a one-sided trigram."""
    seen, unseen = (documents(text.wikipedia(split), trained.pieces) for split in ("train", "test"))
    holes = one_hole(unseen, trained.pieces, length=LENGTH, seed=0)
    ours = fill_in_scores(trained, holes)
    counted = rivals(Trigrams([d.ids for d in seen], len(trained.pieces)), holes)
    nll = {name: float(np.mean(s.nll.numpy())) for name, s in counted.items()}
    assert ours.nll.mean() < nll["unigram"] - 1.5
    assert ours.nll.mean() < nll["left"] - 0.2


def test_its_reader_gives_five_layers(trained: MaskedLM) -> None:
    states = reader(trained).word_states([["the", "king", "of", "france"]])[0]
    ids = trained.pieces.encode([["the", "king", "of", "france"]], length=LENGTH)
    batch = trained.pieces.batch(ids)
    context = trained.model(batch.signal, batch.segment)
    torch.testing.assert_close(states[-1, 0], context[0, 1])
    assert states.shape[0] == 5
