"""ELMo in small on 86 Wikipedia articles: words from letters, two language models side by side."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator

from lecturelib.adapt.reading import Sentence, WordStates, in_pieces
from lecturelib.data import text
from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.frontends.characters import spell
from lecturelib.objectives.bidirectional_lm import BidirectionalLM
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, facts_of, vocabulary
from lecturelib.recipes import elmo
from lecturelib.training.checkpoint import load_weights
from lecturelib.training.loop import Draw, Plan

DATA = ("wikipedia",)
STEPS = {"quick": 300, "gpu": 3000, "full": 3000}
VOCAB, LETTERS, LONGEST = 4096, 20, 48
ENDS = ("[UNK]", "<S>", "</S>")  # ids 0, 1, 2: any other word, and the two ends of a sentence


def build(data: str, pace: str, seed: int = 0) -> Job:
    """The whole language model is shipped. Validation articles are watched."""
    torch.manual_seed(seed)
    said = sentences("train")
    ids = frequent_words(said, VOCAB)
    objective = BidirectionalLM(elmo("mini"), dim=128, vocab=len(ids))
    unseen = in_pieces(sorted(sentences("validation"), key=len)[::4], 32)
    held_out = [examples(some, ids) for some in unseen]
    everything = Batch(
        torch.tensor([[n for words in said for n in numbers(words, ids)]]), None, None
    )
    return Job(
        objective=objective,
        draw=by_length(said, ids, size=16),
        plan=Plan(STEPS[pace], lr=3e-3, seed=seed, measure_every=500, save_every=500),
        ship=objective,
        facts=facts_of(everything, "English Wikipedia, 86 articles in gensim", "CC BY-SA"),
        measure=lambda: unseen_nll(objective, held_out),
        vocabulary=list(ids),
    )


def sentences(split: str) -> list[list[str]]:
    """Every sentence as words and punctuation marks, as they are written; at most 48 of them."""
    lines = [
        line
        for article in text.wikipedia(split)
        for paragraph in article.paragraphs
        for line in text.sentences(paragraph)
    ]
    found = [re.findall(r"\w+|[^\w\s]", line)[:LONGEST] for line in lines]
    return [words for words in found if words]


def frequent_words(said: Sequence[Sentence], size: int) -> dict[str, int]:
    """What can be guessed: [UNK], <S>, </S> and the most frequent words in lower case -> ids."""
    counts = Counter(word.lower() for words in said for word in words)
    known = [*ENDS, *(word for word, _ in counts.most_common(size - len(ENDS)))]
    return {word: number for number, word in enumerate(known)}


def numbers(words: Sentence, ids: dict[str, int]) -> list[int]:
    """<S> words </S> as ids; a word that is not there is 0."""
    return [1, *(ids.get(word.lower(), 0) for word in words), 2]


def examples(said: Sequence[Sentence], ids: dict[str, int]) -> Batch:
    """Sentences side by side: letters in, each word's own id as its label."""
    letters, is_pad = spell(said, letters=LETTERS)
    label = torch.zeros(is_pad.shape, dtype=torch.long)
    label[~is_pad] = torch.tensor([n for words in said for n in numbers(words, ids)])
    return Batch(letters, is_pad, label)


def by_length(said: Sequence[Sentence], ids: dict[str, int], *, size: int) -> Draw:
    """A stream of `size` sentences of about the same length, so that little is padded."""
    ordered = sorted(said, key=len)

    def draw(rng: Generator) -> Batch:
        start = int(torch.randint(len(ordered) - size + 1, (), generator=rng))
        return examples(ordered[start : start + size], ids)

    return draw


@torch.no_grad()
def unseen_nll(objective: BidirectionalLM, batches: Sequence[Batch]) -> dict[str, float]:
    """Mean negative log-likelihood of a word from its left, and from its right."""
    losses = [objective(batch, Generator()) for batch in batches]
    count = sum(loss.count for loss in losses)
    return {
        f"unseen_{name}": sum(float(loss.parts[name]) * loss.count for loss in losses) / count
        for name in ("forward_nll", "backward_nll")
    }


def shipped() -> BidirectionalLM:
    """The language model that this recipe has made, in eval mode."""
    path = CHECKPOINTS / "elmo_wikipedia.safetensors"
    objective = BidirectionalLM(elmo("mini"), dim=128, vocab=len(vocabulary(path))).eval()
    load_weights(path, objective)
    return objective


def reader(objective: BidirectionalLM | None = None) -> "ElmoReader":
    """Our ELMo as a reader: every layer's vectors of every word. None: the shipped one."""
    return ElmoReader("our ELMo", (shipped() if objective is None else objective).model, LETTERS)


@dataclass(frozen=True)
class ElmoReader:
    """An ELMo that reads words of at most `letters` - 2 bytes; longer ones lose their end."""

    name: str
    model: Model
    letters: int

    @torch.no_grad()
    def word_states(self, sentences: Sequence[Sentence]) -> list[WordStates]:
        """The words' tokens (twice, to be as wide), then each layer's two states side by side."""
        found = []
        for some in in_pieces(sentences, 32):
            ids, is_pad = spell(some, letters=self.letters)
            states = self.model.encoder.states(self.model.frontend(ids), is_pad)
            found += [states[:, row, 1 : len(words) + 1] for row, words in enumerate(some)]
        return found
