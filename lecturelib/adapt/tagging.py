"""Part-of-speech tags as a probe: does this vector know that "play" is a verb here?

Sentences of the Brown corpus with the 18 tags of `data.tags`. Without network Brown's stand-in has
surface classes for tags (capitalised, number ...): all of this runs, the numbers mean little.
"""

import copy
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lecturelib.adapt.layers import Guess, Labelled
from lecturelib.adapt.reading import BertReader, Reader, first_pieces, in_pieces
from lecturelib.data.batch import Batch
from lecturelib.data.tags import TAGS, simplified
from lecturelib.data.text import Sentence, brown
from lecturelib.encoders.model import Model
from lecturelib.objectives import Losses, Objective
from lecturelib.training.loop import Plan, Trainer

SHORTEST, LONGEST = 4, 20  # words; in our BERT's vocabulary these fit into 64 pieces


@cache
def tagged(split: str) -> tuple[Sentence, ...]:
    """Brown's sentences with simple tags, of any length."""
    return tuple(map(simplified, brown(split)))


def draw(split: str, count: int, seed: int) -> list[Sentence]:
    """`count` random sentences of 4 to 20 words, short ones first (less padding).

    Raises ValueError where there are not so many.
    """
    fitting = [s for s in tagged(split) if SHORTEST <= len(s.words) <= LONGEST]
    if count > len(fitting):
        raise ValueError(f"{split} has {len(fitting)} sentences of 4 to 20 words, not {count}")
    rows = torch.randperm(len(fitting), generator=torch.Generator().manual_seed(seed))
    return sorted((fitting[row] for row in rows[:count].tolist()), key=lambda s: len(s.words))


def labels(sentences: Sequence[Sentence]) -> Guess:
    """The number of every word's tag in `TAGS`, sentence after sentence."""
    return torch.tensor([TAGS.index(tag) for s in sentences for tag in s.tags])


def observe(reader: Reader, sentences: Sequence[Sentence]) -> Labelled:
    """Every layer's vector of every word, and its tag."""
    states = reader.word_states([s.words for s in sentences])
    return Labelled(torch.cat(states, 1), labels(sentences))


def tag_counts(sentences: Sequence[Sentence]) -> dict[str, Counter[str]]:
    """How often each word (in lower case) has each tag."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts[word.lower()][tag] += 1
    return counts


@cache
def ambiguous_words() -> frozenset[str]:
    """Those whose most frequent tag is less than 90 % of what they are in Brown's train split."""
    counts = tag_counts(tagged("train"))
    return frozenset(w for w, tags in counts.items() if max(tags.values()) < 0.9 * tags.total())


def is_ambiguous(sentences: Sequence[Sentence]) -> Bool[Tensor, " things"]:
    """Which of the words need a look at their context."""
    known = ambiguous_words()
    return torch.tensor([word.lower() in known for s in sentences for word in s.words])


def most_frequent_tag(known: Sequence[Sentence], unseen: Sequence[Sentence]) -> Guess:
    """The baseline without any vector: a word's commonest tag; a new word gets the commonest."""
    counts = tag_counts(known)
    usual = sum(counts.values(), Counter()).most_common(1)[0][0]
    best = {word: tags.most_common(1)[0][0] for word, tags in counts.items()}
    return torch.tensor(
        [TAGS.index(best.get(word.lower(), usual)) for s in unseen for word in s.words]
    )


def score(guess: Guess, unseen: Sequence[Sentence]) -> dict[str, float]:
    """Percent of words tagged right: of all, and of the ambiguous ones."""
    right, mask = (guess == labels(unseen)).double(), is_ambiguous(unseen)
    return {"all": 100 * float(right.mean()), "ambiguous": 100 * float(right[mask].mean())}


def untrained(reader: BertReader, seed: int) -> BertReader:
    """The same network before it has read anything: PyTorch's random start."""
    model = copy.deepcopy(reader.model)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for module in model.modules():
            if isinstance(module, nn.Linear | nn.Embedding | nn.LayerNorm):
                module.reset_parameters()
    return replace(reader, name=f"{reader.name}, untrained", model=model)


class WordTags(Objective):
    """Devlin 2019, 5.3: just one additional layer, and a tag at each word's first piece.

    batch.label [batch, time] holds tags there; `is_label_pad` is True at all other pieces.
    """

    def __init__(self, model: Model):
        super().__init__()
        self.model = model
        self.head = nn.Linear(model.encoder.dim, len(TAGS))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def scores(self, batch: Batch) -> Float[Tensor, "words tags"]:
        """Of every word of the batch, row after row."""
        assert batch.is_label_pad is not None
        context = self.model(batch.signal, batch.segment, is_pad=batch.is_pad)
        return self.head(context[~batch.is_label_pad])

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        assert batch.is_label_pad is not None
        scores, tags = self.scores(batch), batch.labels[~batch.is_label_pad]
        right = (scores.argmax(1) == tags).float().mean()
        return Losses(
            F.cross_entropy(scores, tags, reduction="sum"), {"accuracy": right}, len(tags)
        )


def as_batch(reader: BertReader, sentences: Sequence[Sentence]) -> Batch:
    """Pieces side by side, each word's tag at its first piece."""
    encodings = reader.pieces.encode([s.words for s in sentences], length=reader.length)
    batch = reader.pieces.batch(encodings)
    label, other = torch.zeros_like(batch.signal), torch.ones_like(batch.signal, dtype=torch.bool)
    for row, (encoding, sentence) in enumerate(zip(encodings, sentences, strict=True)):
        first = first_pieces(encoding.word_ids)
        label[row, first], other[row, first] = labels([sentence]), False
    return replace(batch, label=label, is_label_pad=other)


def fine_tune(
    reader: BertReader,
    known: Sequence[Sentence],
    unseen: Sequence[Sentence],
    plan: Plan,
    *,
    size: int = 16,
) -> Guess:
    """Guessed tags after training a copy of the whole model, `size` sentences a step."""
    objective = WordTags(copy.deepcopy(reader.model).requires_grad_(True))

    def draw_batch(rng: torch.Generator) -> Batch:
        rows = torch.randint(len(known), (size,), generator=rng).tolist()
        return as_batch(reader, [known[row] for row in rows])

    Trainer(objective, draw_batch, plan, label="fine-tuning").run()
    device = objective.head.weight.device
    with torch.no_grad():
        return torch.cat(
            [
                objective.scores(as_batch(reader, some).to(device)).argmax(1).cpu()
                for some in in_pieces(unseen, 32)
            ]
        )
