"""Question answering as BERT does it: on which piece does the answer start, on which does it end?

Devlin 2019, Section 4.2: question and paragraph are the two texts of a pair; one linear layer gives
every piece of the paragraph two scores, as the answer's first piece and as its last.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from tokenizers import Encoding
from torch import Generator, Tensor, nn

from lecturelib.adapt.reading import BertReader, in_pieces
from lecturelib.data.batch import Batch
from lecturelib.data.text import Question
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import IsHidden

Scores = Float[Tensor, "batch time"]
LONGEST = 20  # pieces in an answer


class Spans(Objective):
    """A BERT and one linear layer with two outputs, start and end.

    batch.label [batch, 2] is the answer's first and last piece, batch.segment is 1 in the paragraph
    (`labelled` makes such batches). Loss: mean of the two cross-entropies over the paragraph.
    """

    def __init__(self, reader: BertReader):
        super().__init__()
        self.reader, self.model = reader, reader.model
        self.head = nn.Linear(reader.model.encoder.dim, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def scores(self, batch: Batch) -> tuple[Scores, Scores]:
        """(start, end), -inf outside the paragraph."""
        context = self.model(batch.signal, batch.segment, is_pad=batch.is_pad)
        outside = ~paragraph(batch)[..., None]
        start, end = self.head(context).masked_fill(outside, -torch.inf).unbind(-1)
        return start, end

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        both = torch.stack(self.scores(batch), dim=1).flatten(0, 1)
        ends = batch.labels.flatten()
        loss = F.cross_entropy(both, ends, reduction="sum") / 2
        right = (both.argmax(-1) == ends).float().mean()
        return Losses(loss, {"ends_right": right}, len(batch))

    @torch.no_grad()
    def answers(self, questions: Sequence[Question]) -> list[str]:
        """What is marked in each paragraph, as it is written there."""
        found = []
        for some in in_pieces(questions, 16):
            encodings = ask(some, self.reader)
            batch = self.reader.pieces.batch(encodings).to(self.head.weight.device)
            spans = best_span(*self.scores(batch)).tolist()
            for q, one, (first, last) in zip(some, encodings, spans, strict=True):
                found.append(q.context[one.offsets[first][0] : one.offsets[last][1]])
        return found


def paragraph(batch: Batch) -> IsHidden:
    """True for the pieces of the second text, without the [SEP] that closes it."""
    if batch.segment is None:
        raise ValueError("this batch has no segment: questions come as pairs, see `labelled`")
    second = batch.segment == 1
    return second & F.pad(second[:, 1:], (0, 1))


def best_span(start: Scores, end: Scores, longest: int = LONGEST) -> Int[Tensor, "batch 2"]:
    """The first and last piece with the largest sum of scores, first <= last < first + longest.

    Raises ValueError for longest < 1.
    """
    if longest < 1:
        raise ValueError(f"longest={longest}: an answer has at least one piece")
    total = start[:, :, None] + end[:, None, :]
    allowed = torch.ones_like(total, dtype=torch.bool).triu().tril(longest - 1)
    best = total.masked_fill(~allowed, -torch.inf).flatten(1).argmax(1)
    return torch.stack([best // start.shape[1], best % start.shape[1]], dim=1)


def ask(questions: Sequence[Question], reader: BertReader) -> list[Encoding]:
    """[CLS] question [SEP] paragraph [SEP]; what is too long loses the end of its longer text.

    Raises ValueError for an empty question.
    """
    asked, told = [q.question for q in questions], [q.context for q in questions]
    return reader.pieces.encode(asked, told, length=reader.length)


def place(encoding: Encoding, start: int, stop: int) -> tuple[int, int] | None:
    """The first and last piece that hold characters start..stop of the second text.

    None where the answer or its end was cut away, and where no piece holds any of it.
    """
    pieces = enumerate(zip(encoding.offsets, encoding.sequence_ids, strict=True))
    found = [n for n, ((a, b), text) in pieces if text == 1 and a < stop and b > start]
    if not found or encoding.offsets[found[-1]][1] < stop:
        return None
    return found[0], found[-1]


def places(questions: Sequence[Question], reader: BertReader) -> list[tuple[int, int] | None]:
    """Where each answer stands, None where it is cut away."""
    pairs = zip(ask(questions, reader), questions, strict=True)
    return [place(one, q.start, q.start + len(q.answer)) for one, q in pairs]


def answerable(questions: Sequence[Question], reader: BertReader) -> list[Question]:
    """Those whose answer is among the pieces: from the others nothing can be learned."""
    pairs = zip(questions, places(questions, reader), strict=True)
    return [question for question, found in pairs if found is not None]


def labelled(questions: Sequence[Question], reader: BertReader) -> Batch:
    """Questions and the places of their answers. Raises ValueError where one is cut away."""
    found = places(questions, reader)
    if lost := [q.question for q, at in zip(questions, found, strict=True) if at is None]:
        raise ValueError(
            f"{len(lost)} answers are not among {reader.length} pieces, the first of them to "
            f"{lost[0]!r}: keep the `answerable` questions"
        )
    batch = reader.pieces.batch(ask(questions, reader))
    return Batch(batch.signal, batch.is_pad, torch.tensor(found), segment=batch.segment)


def plain_words(answer: str) -> list[str]:
    """SQuAD's normalisation (Rajpurkar 2016, 6.1): lower case, no punctuation, no articles."""
    kept = "".join(letter for letter in answer.lower() if letter not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def exact(said: str, true: str) -> bool:
    """The same words in the same order, after normalisation."""
    return plain_words(said) == plain_words(true)


def f1(said: str, true: str) -> float:
    """Words in common: harmonic mean of precision and recall, 0-1."""
    ours, theirs = Counter(plain_words(said)), Counter(plain_words(true))
    words = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / words if words else 1.0


def score(said: Sequence[str], questions: Sequence[Question]) -> dict[str, float]:
    """Exact match and F1, mean over the questions, in percent."""
    pairs = [(one, q.answer) for one, q in zip(said, questions, strict=True)]
    return {
        "exact": 100 * sum(exact(*pair) for pair in pairs) / len(pairs),
        "f1": 100 * sum(f1(*pair) for pair in pairs) / len(pairs),
    }
