"""What a label is worth: pre-trained, untrained, log-mel."""

import torch

from lecturelib.adapt.hearing import Hear, log_mel
from lecturelib.adapt.speech_probes import FEW
from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import full, heard, watched, word_right
from lecturelib.pretraining.wav2vec2 import untrained


def run(seed: int) -> dict[str, float]:
    """One pre-training at full size, its twin before training, and no network at all."""
    torch.manual_seed(1000 + seed)
    objective = full(seed)
    ways: dict[str, Hear] = {
        "wav2vec 2.0": heard(objective),
        "untrained": heard(untrained().eval()),
        "log-mel": log_mel,
    }
    numbers = {
        f"{way} n={each}": word_right(hear, seed, each)
        for way, hear in ways.items()
        for each in FEW
    }
    better = max(numbers["untrained n=5"], numbers["log-mel n=5"])
    return numbers | watched(objective) | {"effect": numbers["wav2vec 2.0 n=5"] - better}


CARD = Card(
    name="speech_few_labels",
    source="Baevski et al. 2020, arXiv 2006.11477 v3, Table 1",
    statement="With few labels, features of unlabelled speech are better than the spectrum",
    paper_number="LibriSpeech, 10 minutes of labels, test-clean: WER 46.9 without a language model",
    protocol="the shipped recipe at full size (7,000 steps, log-mel front end), THREE pre-training "
    "seeds; frozen, mean and deviation over frames, logistic regression on n clips a digit of 3 "
    "people, mean of 5 draws; layer and C by a fourth person, accuracy on two more who were in no "
    "pre-training; judged at 5 clips a digit against the better of log-mel and the untrained twin",
    run=run,
    unit="points of accuracy at 5 clips a digit, over the better of log-mel and untrained",
)
