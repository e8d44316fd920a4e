"""Speech at scale: the data sets that torchaudio knows, fetched by our registry, read by soundfile.

Their own splits keep every speaker on one side. Nothing stands in for them without network: use
`speech.fsdd` or `speech.prompts` then.
"""

import tarfile
import tempfile
from pathlib import Path

import numpy as np
from torchaudio import datasets

from lecturelib.data import registry
from lecturelib.data.download import cache_folder, plain_errors, put
from lecturelib.data.speech import Utterance, read
from lecturelib.data.splits import check_split

LIBRISPEECH = {"train": "train-clean-100", "validation": "dev-clean", "test": "test-clean"}
COMMANDS = {"train": "training", "validation": "validation", "test": "testing"}


def librispeech(split: str, rate: int = 16_000, limit: int | None = None) -> list[Utterance]:
    """Read English books (Panayotov et al. 2015): train-clean-100, dev-clean or test-clean.

    `limit` keeps that many utterances, drawn with seed 0: train is 6.4 GB as files, 23 GB here.
    """
    check_split(split)
    subset = LIBRISPEECH[split]
    root = unpacked(f"librispeech.{subset}", "")
    data = datasets.LIBRISPEECH(root, url=subset, download=False)
    found = []
    for n in _some(len(data), limit):
        path, _, text, speaker, *_ = data.get_metadata(n)
        found.append(_utterance(root / "LibriSpeech" / path, rate, text.lower(), str(speaker)))
    registry.report(f"librispeech {split}: {len(found):,} utterances", "the cache")
    return found


def speech_commands(split: str, rate: int = 16_000, limit: int | None = None) -> list[Utterance]:
    """35 spoken words by 2,618 people (Warden 2018), one second each; its own split by speaker.

    `limit` keeps that many utterances, drawn with seed 0.
    """
    check_split(split)
    inside = "SpeechCommands/speech_commands_v0.02"
    root = unpacked("speech_commands", inside)
    data = datasets.SPEECHCOMMANDS(root, subset=COMMANDS[split], download=False)
    found = []
    for n in _some(len(data), limit):
        path, _, text, speaker, take = data.get_metadata(n)
        found.append(_utterance(root / "SpeechCommands" / path, rate, text, speaker, take))
    registry.report(f"speech_commands {split}: {len(found):,} words", "the cache")
    return found


def _utterance(
    path: Path, rate: int, text: str, speaker: str, take: int | None = None
) -> Utterance:
    wave = read(path, rate, resample=True)
    return Utterance(wave, rate, text, speaker, "en", take, "the cache")


def _some(count: int, limit: int | None) -> list[int]:
    order = np.random.default_rng(0).permutation(count)
    return sorted(order[:limit].tolist())


def unpacked(name: str, inside: str) -> Path:
    """The archive's content as a folder in the cache, extracted once; `inside`: a folder for it."""
    folder = cache_folder() / f"unpacked-{name}"
    if folder.is_dir():
        return folder
    archive = registry.fetch(name)
    with plain_errors(folder, registry.CARDS[name].size):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            new = Path(temporary) / "new"
            with tarfile.open(archive) as file:
                file.extractall(new / inside, filter="data")
            put(new, folder)
    return folder
