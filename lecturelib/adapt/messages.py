"""Spam with few labels: counting words, frozen vectors, fine-tuning, and the recipe before 2018.

Nothing here knows what the labels mean: with no network they are the titles of two articles, and
sentiment runs through the same lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from torch import Tensor, nn

from lecturelib.adapt.heads import TextVector, fine_tune, first_layers, probabilities, vectors
from lecturelib.adapt.reading import BertReader
from lecturelib.adapt.transfer import (
    Arm,
    LabelCurve,
    check_classes,
    few_labels,
    linear,
    stored_curve,
)
from lecturelib.data.batch import Batch
from lecturelib.data.text import Message
from lecturelib.objectives.classification import Classification
from lecturelib.shapes import Features, Ids, IsPad, Labels, Logits
from lecturelib.training.loop import Plan

Guess = Callable[[Batch, Batch, int], Logits]
"""(labelled, unseen, seed) -> the probability of each class [unseen, classes]."""


@dataclass(frozen=True)
class Messages:
    """All messages in one list; a batch's signal says which of them: each arm reads its own way.

    classes  what label 0 means, what label 1 means
    """

    texts: list[str]
    classes: tuple[str, ...]
    pool: Batch
    validation: Batch
    test: Batch


def messages(load: Callable[[str], list[Message]]) -> Messages:
    """The splits of `text.sms` or `text.sentiment`, numbered through.

    Raises ValueError for an empty message, and where all messages have one label.
    """
    parts = {split: load(split) for split in ("train", "validation", "test")}
    every = [message for part in parts.values() for message in part]
    if empty := [row for row, message in enumerate(every) if not message.text.strip()]:
        raise ValueError(f"messages {empty} are empty: drop them first")
    classes = tuple(sorted({message.label for message in every}))
    label = torch.tensor([classes.index(message.label) for message in every])
    check_classes(label)
    whole = Batch(torch.arange(len(every)), None, label)
    rows = whole.signal.split([len(part) for part in parts.values()])
    return Messages([m.text for m in every], classes, *(whole.rows(some) for some in rows))


def arm(guess: Guess, unseen: Batch) -> Arm:
    """For `transfer.label_curve`: balanced accuracy on `unseen`, in percent."""

    def run(labelled: Batch, unlabelled: Batch, seed: int) -> float:
        return 100 * quality(guess(labelled, unseen, seed), unseen.labels)["balanced"]

    return run


def quality(probability: Logits, label: Labels) -> dict[str, float]:
    """Balanced accuracy (chance 0.5 however rare a class is), and AUC, which needs no threshold."""
    return {
        "balanced": float(balanced_accuracy_score(label, probability.argmax(1))),
        "auc": float(roc_auc_score(label, probability[:, 1])),
    }


def counting(texts: Sequence[str], analyzer: str = "word") -> Guess:
    """TF-IDF of words, or of `char` 2- to 4-grams, and logistic regression: no pre-training."""

    def guess(labelled: Batch, unseen: Batch, seed: int) -> Logits:
        check_classes(labelled.labels)
        grams = (1, 1) if analyzer == "word" else (2, 4)
        tfidf = TfidfVectorizer(analyzer=analyzer, ngram_range=grams, sublinear_tf=True)
        model = make_pipeline(tfidf, LogisticRegression(C=10, max_iter=1000))
        known, new = ([texts[row] for row in batch.signal.tolist()] for batch in (labelled, unseen))
        return torch.from_numpy(model.fit(known, labelled.labels.numpy()).predict_proba(new))

    return guess


def frozen(seen: Float[Tensor, "texts dim"], cost: float = 0.01) -> Guess:
    """A linear classifier on vectors that were computed once, one a message."""

    def guess(labelled: Batch, unseen: Batch, seed: int) -> Logits:
        model = linear(seen[labelled.signal], labelled.labels, cost=cost)
        return torch.from_numpy(model.predict_proba(seen[unseen.signal].numpy()))

    return guess


def tuned(make: Callable[[], Classification], read: Batch, plan: Plan) -> Guess:
    """A fresh classifier trained on the labelled texts. `read`: all messages as it reads them."""

    def guess(labelled: Batch, unseen: Batch, seed: int) -> Logits:
        torch.manual_seed(seed)
        classifier = make()
        known = replace(read.rows(labelled.signal), label=labelled.labels)
        fine_tune(classifier, known, replace(plan, seed=seed))
        return probabilities(classifier, read.rows(unseen.signal))

    return guess


def pieces_of(reader: BertReader, texts: Sequence[str]) -> Batch:
    """The messages as this BERT reads them; what does not fit into its length is cut."""
    return reader.pieces.batch(reader.pieces.encode(texts, length=reader.length))


def read_by(reader: BertReader, texts: Sequence[str], layer: int) -> Float[Tensor, "texts dim"]:
    """Each text as the mean over its pieces after `layer`; no later layer is computed."""
    return vectors(
        TextVector(first_layers(reader.model, layer), mean=True), pieces_of(reader, texts)
    )


class WordLSTM(nn.Module):
    """The recipe before 2018: word vectors into an LSTM; its last state is the text's vector.

    table  [vocab, dim] from word2vec; trained along. The LSTM itself starts from nothing. We give
           it the BERT's pieces instead of words: then all networks read the same.
    """

    def __init__(self, table: Float[Tensor, "vocab dim"], *, hidden: int = 128):
        super().__init__()
        self.word = nn.Embedding.from_pretrained(table.clone(), freeze=False)
        self.lstm = nn.LSTM(table.shape[1], hidden, batch_first=True)

    def forward(self, ids: Ids, is_pad: IsPad, segment: Ids) -> Features:
        states, _ = self.lstm(self.word(ids))
        last = (~is_pad).sum(1) - 1
        return states[torch.arange(len(ids), device=ids.device), last]


def word_lstm(start: Float[Tensor, "vocab dim"], *, classes: int) -> Classification:
    """The same linear layer, on an LSTM's last state."""
    lstm = WordLSTM(start)
    return Classification(lstm, dim=lstm.lstm.hidden_size, classes=classes)


def table(
    guesses: dict[str, Guess], world: Messages, unseen: Batch, *, totals: Sequence[int], seed: int
) -> dict[str, float]:
    """Every arm at every number of labels (in all, the same of each class), one draw of them.

    "NAME n=8" is balanced accuracy, "NAME auc n=8" AUC, both in percent.
    """
    numbers = {}
    for n in totals:
        rows = few_labels(world.pool.labels, n // len(world.classes), seed=seed)
        for name, guess in guesses.items():
            found = quality(guess(world.pool.rows(rows), unseen, seed), unseen.labels)
            numbers |= {
                f"{name} n={n}": 100 * found["balanced"],
                f"{name} auc n={n}": 100 * found["auc"],
            }
    return numbers


def curve(runs: Sequence[dict[str, float]], names: Sequence[str]) -> LabelCurve:
    """Runs of `table` as a curve to draw: balanced accuracy over labels a class, two classes."""
    found = stored_curve(runs, names)
    return LabelCurve(tuple(n // 2 for n in found.per_class), found.accuracy)
