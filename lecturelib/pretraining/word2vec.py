"""word2vec on 86 Wikipedia articles: a vector for each word that occurs five times."""

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn
from tqdm.auto import tqdm

from lecturelib.adapt.vectors import WordVectors
from lecturelib.data import text
from lecturelib.objectives.skipgram import Settings, word2vec
from lecturelib.paths import CHECKPOINTS
from lecturelib.training import checkpoint, runtime
from lecturelib.training.loop import History, Row

DATA = ("wikipedia",)
EPOCHS = {"quick": 1, "gpu": 20, "full": 20}  # the C code's 5 are for texts a thousand times ours
LEAST = 5  # occurrences that a word needs


@dataclass(frozen=True)
class WordJob:
    """word2vec's own training in the place of a `Job`: closed-form steps, not the shared loop.

    It takes a minute and keeps no state: a stopped run starts again.
    """

    sentences: Sequence[Sequence[int]]
    plan: Settings
    ship: nn.Embedding
    facts: dict[str, str]
    vocabulary: Sequence[str]
    seed: int

    def trainer(
        self, state: Path, label: str, on_step: Callable[[Row], None] | None = None
    ) -> "WordLoop":
        """The loop below; `state` is not used."""
        return WordLoop(self, label, on_step)


@dataclass(frozen=True)
class WordLoop:
    """Train, fill `ship`, and say how it went."""

    job: WordJob
    label: str
    tell: Callable[[Row], None] | None = None
    history: History = field(default_factory=History)

    def run(self) -> History:
        """A row every 50 steps; the last also tells how the vectors agree with people."""
        history, began = self.history, time.perf_counter()
        silent = runtime.quiet() or not self.label
        bar = tqdm(total=1.0, desc=self.label, disable=silent, leave=False)

        def on_step(row: Row) -> None:
            nonlocal began
            now = time.perf_counter()
            history.rows.append(row | {"seconds": now - began})
            bar.update(1 - row["lr"] / self.job.plan.lr - bar.n)
            began = now
            if self.tell:
                self.tell(history.rows[-1])

        try:
            model = word2vec(
                self.job.sentences,
                self.job.plan,
                vocab=len(self.job.vocabulary),
                rng=torch.Generator().manual_seed(self.job.seed),
                on_step=on_step,
            )
        except KeyboardInterrupt:
            history.interrupted = True
            return history
        finally:
            bar.close()
        self.job.ship.load_state_dict(model.inputs.state_dict())
        history.rows[-1] |= agreement(WordVectors(self.job.vocabulary, self.job.ship.weight.data))
        return history


def build(data: str, pace: str, seed: int = 0) -> WordJob:
    """The table of centre vectors is shipped, with its words; the neighbours' is thrown away."""
    said = sentences("train")
    words = frequent(said, LEAST)
    ids = numbers(said, words)
    settings = Settings(epochs=EPOCHS[pace])
    everything = torch.tensor([number for sentence in ids for number in sentence])
    facts = {
        "data_sha256": checkpoint.digest(everything),
        "data_source": "English Wikipedia, 86 articles in gensim",
        "data_licence": "CC BY-SA",
        "seed": str(seed),
    }
    return WordJob(ids, settings, nn.Embedding(len(words), settings.dim), facts, words, seed)


def sentences(split: str) -> list[list[str]]:
    """Every sentence of the articles as lower-case words of letters."""
    return [
        re.findall(r"[^\W\d_]+", line.lower())
        for article in text.wikipedia(split)
        for paragraph in article.paragraphs
        for line in text.sentences(paragraph)
    ]


def frequent(said: Sequence[Sequence[str]], least: int) -> list[str]:
    """The words that occur `least` times or more, the most frequent first."""
    counts = Counter(word for sentence in said for word in sentence)
    return [word for word, count in counts.most_common() if count >= least]


def numbers(said: Sequence[Sequence[str]], words: Sequence[str]) -> list[list[int]]:
    """Sentences as ids; rare words are left out, and their neighbours move together."""
    ids = {word: number for number, word in enumerate(words)}
    return [[ids[word] for word in sentence if word in ids] for sentence in said]


def agreement(vectors: WordVectors) -> Row:
    """Rank correlation with people: WordSim353 (related), SimLex999 (alike)."""
    return {
        name: vectors.similarity(text.similarity(name)).spearman
        for name in ("wordsim353", "simlex999")
    }


def shipped() -> WordVectors:
    """The vectors that this recipe has made."""
    tensors, facts = checkpoint.read(CHECKPOINTS / "word2vec_wikipedia.safetensors")
    return WordVectors(facts["vocabulary"], tensors["weight"].float())
