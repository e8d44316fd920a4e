"""What the cards on layers share: 400 sentences a seed, the same test words, three readers."""

from collections.abc import Callable, Sequence
from functools import cache

from lecturelib.adapt.layers import Guess, Labelled, layer_options
from lecturelib.adapt.reading import Reader, minilm
from lecturelib.adapt.tagging import draw, observe, score
from lecturelib.data.text import Sentence
from lecturelib.pretraining.bert import reader as bert_reader
from lecturelib.pretraining.elmo import reader as elmo_reader

KNOWN, UNSEEN = 400, 1000  # sentences
READERS: dict[str, Callable[[], Reader]] = {
    "BERT": bert_reader,
    "ELMo": elmo_reader,
    "MiniLM": minilm,
}


@cache
def unseen() -> list[Sentence]:
    """The test sentences, the same for all seeds and readers."""
    return draw("test", UNSEEN, seed=0)


@cache
def seen_by(name: str) -> tuple[Reader, Labelled]:
    """A reader, and what it makes of the test sentences: once for all seeds."""
    reader = READERS[name]()
    return reader, observe(reader, unseen())


def frozen(name: str, seed: int) -> dict[str, Guess]:
    """Guessed tags of the six options without fine-tuning, for one draw of sentences."""
    reader, test = seen_by(name)
    return layer_options(observe(reader, draw("train", KNOWN, seed)), test.states)


def percent(name: str, guesses: dict[str, Guess]) -> dict[str, float]:
    """Numbers for the ledger: "MiniLM: last" and "MiniLM: last, ambiguous"."""
    numbers = {}
    for option, guess in guesses.items():
        found = score(guess, unseen())
        numbers[f"{name}: {option}"] = found["all"]
        numbers[f"{name}: {option}, ambiguous"] = found["ambiguous"]
    return numbers


def by_reader(
    runs: Sequence[dict[str, float]], *, ambiguous: bool = False
) -> dict[str, dict[str, list[float]]]:
    """The ledger's runs to draw: reader (or "baseline") -> option -> percent, a number a seed."""
    found: dict[str, dict[str, list[float]]] = {}
    for key in runs[0]:
        name, _, option = key.partition(": ")
        if option and option.endswith(", ambiguous") == ambiguous:
            values = [run[key] for run in runs]
            found.setdefault(name, {})[option.removesuffix(", ambiguous")] = values
    return found
