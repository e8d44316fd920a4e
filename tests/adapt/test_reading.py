"""Vectors of words and texts: Hugging Face's hidden states, one unpadded sentence at a time."""

import pytest
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from lecturelib import published
from lecturelib.adapt.reading import BertReader, first_pieces, minilm
from lecturelib.data.tokenizers import SPECIAL, WordPieces, from_vocabulary
from tests.oracle import error, randomise

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
VOCAB = [*SPECIAL, "the", "play", "##er", "##s", "we", ".", "game", "long"]
SENTENCES = [["The", "players", "play", "."], ["we"], ["players", "zebra", "longs", "the", "game"]]


@pytest.fixture(scope="module")
def reference() -> BertModel:
    config = BertConfig(
        vocab_size=len(VOCAB),
        hidden_size=12,
        num_hidden_layers=3,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=16,
    )
    return randomise(BertModel(config)).eval()  # type: ignore[return-value]


@pytest.fixture(scope="module")
def reader(reference: BertModel) -> BertReader:
    return BertReader(
        "small", from_vocabulary(VOCAB), published.from_reference(reference).model, 16
    )


def states(reference: BertModel, pieces: WordPieces, text: str) -> torch.Tensor:
    """[layers, time, dim] of one text, as Hugging Face gives them."""
    ids = torch.tensor([[pieces.cls, *pieces.ids(text), pieces.sep]])
    with torch.no_grad():
        return torch.stack(reference(ids, output_hidden_states=True).hidden_states)[:, 0]


def test_a_word_has_the_states_of_its_first_piece(reader: BertReader, reference: BertModel) -> None:
    """Sentences of several lengths at once, 33 of them: two batches, with padding."""
    found = reader.word_states(SENTENCES * 11)
    starts = [[1, 2, 5, 6], [1], [1, 4, 5, 7, 8]]  # the | play ##er ##s | play | .
    for row, have in enumerate(found):
        words, places = SENTENCES[row % 3], starts[row % 3]
        want = states(reference, reader.pieces, " ".join(words))[:, places]
        assert have.shape == (4, len(words), 12)
        assert error(have, want) < 1e-10


def test_a_text_is_the_mean_of_its_pieces(reader: BertReader, reference: BertModel) -> None:
    texts = [" ".join(words) for words in SENTENCES * 11]
    found = reader.text_states(texts)
    assert found.shape == (4, 33, 12)
    for row, text in enumerate(texts[:3]):
        want = states(reference, reader.pieces, text).mean(1)
        assert error(found[:, row], want) < 1e-10
        assert error(found[:, row + 30], want) < 1e-10
    assert torch.equal(reader.text_vectors(texts), found[-1])
    assert torch.equal(reader.text_vectors(texts, layer=1), found[1])


def test_a_long_text_is_cut_and_a_long_sentence_refused(
    reader: BertReader, reference: BertModel
) -> None:
    words = ["game"] * 15
    want = states(reference, reader.pieces, " ".join(words[:14])).mean(1)
    assert error(reader.text_states([" ".join(words)])[:, 0], want) < 1e-10
    assert reader.word_states([words[:14]])[0].shape == (4, 14, 12)
    with pytest.raises(ValueError, match=r"15 words do not fit into 16 pieces \(game game"):
        reader.word_states([words])
    with pytest.raises(ValueError, match="drop empty words"):
        reader.word_states([["the", "\u200d", "game"]])
    with pytest.raises(ValueError, match=r"texts \[0\] are empty"):
        reader.text_vectors([""])


def test_first_pieces() -> None:
    assert first_pieces([None, 0, 0, 1, 2, 2, 2, None, None]) == [1, 3, 4]


def test_minilm_finds_texts_alike_as_the_original_does() -> None:
    """Cosines of the model card's rule (mean over the pieces) to 1e-5, long and short together."""
    texts = [
        "That is a happy person.",
        "That is a very happy person, isn't she?",
        "Today is a sunny day, and " + "the café near the river is full of people, " * 30,
        "Wo liegt der Fluß?",
    ]
    folder = published.packaged(MINILM)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    given = tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model.eval()(**given).last_hidden_state
    keep = given["attention_mask"][..., None].float()
    want = (states * keep).sum(1) / keep.sum(1)
    reader = minilm()
    have = reader.text_vectors(texts)
    assert error(have, want) < 1e-5
    alike = [torch.nn.functional.normalize(vectors) for vectors in (have, want)]
    cosines = [vectors @ vectors.T for vectors in alike]
    assert error(*cosines) < 1e-5
    assert cosines[0][0, 1] > 0.7 > 0.5 > cosines[0][0, 3]
    (words,) = reader.word_states([["a", "happy", "person"]])
    assert words.shape == (7, 3, 384)
