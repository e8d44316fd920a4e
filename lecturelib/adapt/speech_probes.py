"""What would be a good representation of audio? One frozen encoder, many linear questions.

A small SUPERB (Yang et al. 2021): nothing of the encoder is trained, so that the table says what
is easy to read from it. Log-mel frames and the same network untrained stand beside it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lecturelib.adapt.hearing import Hear, Pooled, pooled
from lecturelib.adapt.layers import standardised
from lecturelib.adapt.retrieval import ranks, summary
from lecturelib.adapt.speech_exam import Exam, Question
from lecturelib.adapt.speech_frames import events_heard, letters_wrong, stumbles
from lecturelib.adapt.transfer import Arm, LabelCurve, few_labels, label_curve, probe
from lecturelib.data.batch import Batch
from lecturelib.data.speech import LANGUAGES

COSTS = (0.03, 0.3, 3.0)  # scikit-learn's C
PENALTIES = (0.3, 3.0, 30.0)  # of the linear map between languages
FEW = (1, 2, 5, 10)


class Choice(NamedTuple):
    """The layer, and how strongly weights are kept small, that validation prefers."""

    layer: int
    cost: float


def choose(vectors: Pooled, asked: Question, draws: Sequence[Tensor]) -> Choice:
    """First the layer, then the cost that is best on the validation rows, summed over these draws
    of rows to learn from."""
    label, valid = asked.label, asked.valid

    def right(choice: Choice) -> float:
        seen = vectors[choice.layer]
        return sum(
            probe(seen[rows], label[rows], seen[valid], label[valid], cost=choice.cost)
            for rows in draws
        )

    best = max((Choice(layer, COSTS[1]) for layer in range(len(vectors))), key=right)
    return max((best._replace(cost=cost) for cost in COSTS), key=right)


def answer(vectors: Pooled, asked: Question, choice: Choice, known: Tensor) -> float:
    """Percent right of the unseen clips, learned from these rows."""
    seen, label = vectors[choice.layer], asked.label
    right = probe(
        seen[known], label[known], seen[asked.unseen], label[asked.unseen], cost=choice.cost
    )
    return 100 * right


class Report(NamedTuple):
    """A column of the table.

    score  line -> percent, "letters wrong" may exceed 100    layer  line -> which was chosen
    """

    score: dict[str, float]
    layer: dict[str, int]


def superb(hear: Hear, asked: Exam) -> Report:
    """Everything that the exam asks, of one frozen encoder. Its weights are never touched."""
    vectors = {name: pooled(hear, clips) for name, clips in asked.clips.items()}
    score: dict[str, float] = {}
    layer: dict[str, int] = {}
    for name, one in asked.questions.items():
        choice = choose(vectors[one.clips], one, [one.known])
        score[name], layer[name] = answer(vectors[one.clips], one, choice, one.known), choice.layer
    nearest, layer["meaning, first"] = across(vectors["prompts"], asked.questions["language"])
    score |= {
        "meaning, first": 100 * nearest["recall@1"],
        "meaning, among 5": 100 * nearest["recall@5"],
        "letters wrong": 100 * letters_wrong(hear, asked.strings["train"], asked.strings["test"]),
    }
    lines = asked.timelines["test"]
    right, f1 = events_heard(stumbles(hear, asked.timelines["train"], lines), lines)
    score |= {"event frames": 100 * right, "events found": 100 * f1}
    return Report(score, layer)


def by_language(vectors: Pooled, rows: Tensor) -> Float[Tensor, "layers languages meanings width"]:
    """Rows of one split, in which a meaning's languages stand one after another."""
    return rearrange(vectors[:, rows], "l (n t) w -> l t n w", t=len(LANGUAGES))


def bridge(
    known: tuple[Tensor, Tensor], unseen: tuple[Tensor, Tensor], penalty: float
) -> Float[Tensor, "clips clips"]:
    """Cosine of each unseen clip, carried over by a linear map (ridge), with each one over there.

    known, unseen  (from [n, width], to [n, width]), row by row one meaning
    """
    (x, new), (y, there) = (standardised(k, u) for k, u in zip(known, unseen, strict=True))
    squares = x.T @ x / len(x) + penalty * torch.eye(x.shape[1], dtype=x.dtype)
    carried = new @ torch.linalg.solve(squares, x.T @ y / len(x))
    return F.normalize(carried, dim=1) @ F.normalize(there, dim=1).T


def met(
    known: Float[Tensor, "languages n width"],
    unseen: Float[Tensor, "languages m width"],
    penalty: float,
) -> dict[str, float]:
    """From English into each other language: is the same meaning the nearest? Means over them."""
    rank = [
        ranks(bridge((known[0], k), (unseen[0], u), penalty), range(len(u)))
        for k, u in zip(known[1:], unseen[1:], strict=True)
    ]
    return summary(torch.cat(rank))


def across(vectors: Pooled, asked: Question) -> tuple[dict[str, float], int]:
    """Translation as retrieval; layer and penalty by validation. Also which layer."""
    known, valid, unseen = (
        by_language(vectors, rows) for rows in (asked.known, asked.valid, asked.unseen)
    )
    choices = [(layer, penalty) for layer in range(len(vectors)) for penalty in PENALTIES]
    layer, penalty = max(choices, key=lambda one: met(known[one[0]], valid[one[0]], one[1])["MRR"])
    return met(known[layer], unseen[layer], penalty), layer


def by_length(asked: Exam) -> dict[str, float]:
    """The same by the clips' lengths alone: a long sentence is long in every language. What does
    not beat this has heard no meaning."""
    seconds = torch.tensor([[[len(u.wave) / u.rate] for u in asked.clips["prompts"]]]).log()
    english, *others = by_language(seconds, asked.questions["language"].unseen)[0, :, :, 0]
    close = [-(english[:, None] - other).abs() for other in others]
    return summary(torch.cat([ranks(one, range(len(one))) for one in close]))


def few_label_curve(
    vectors: dict[str, Pooled], asked: Question, *, draws: int = 10, per_class: Sequence[int] = FEW
) -> LabelCurve:
    """Few labels a class against accuracy on strangers, `draws` draws of labels; the same for all.

    vectors  name -> `pooled(hear, exam.clips[asked.clips])`

    Layer and cost of each are chosen on validation, with the most labels of three other draws.
    """
    label = asked.label[asked.known]
    tried = [asked.known[few_labels(label, max(per_class), seed=1000 + n)] for n in range(3)]

    def arm(seen: Pooled) -> Arm:
        choice = choose(seen, asked, tried)

        def right(labelled: Batch, unlabelled: Batch, seed: int) -> float:
            return answer(seen, asked, choice, labelled.signal)

        return right

    arms = {name: arm(seen) for name, seen in vectors.items()}
    pool = Batch(asked.known, None, label)
    return label_curve(arms, pool, per_class=per_class, seeds=range(draws))
