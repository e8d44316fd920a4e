"""Recordings -> typed utterances: float32, one channel, at the rate that was asked for."""

import io
import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import soundfile
import torch
import torchaudio
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from lecturelib.data import registry
from lecturelib.data import synthetic as espeak
from lecturelib.data.batch import Batch
from lecturelib.data.splits import by_text, check_split
from lecturelib.data.synthetic import DIGITS, Line

FSDD_SPLITS = {
    "train": ("george", "jackson", "nicolas"),
    "validation": ("yweweler",),
    "test": ("lucas", "theo"),
}
LANGUAGES = ("en", "es", "fr", "it", "ru")
VOICES = {
    "en": "Allison Smith",
    "es": "Allison Smith",
    "fr": "June Wallack",
    "it": "Carlo Flora",
    "ru": "IvrvoiceRU",
}
_NOT_SPEECH = re.compile(r"[\[(<]|\bbeep\b|\w-\w+: ")


@dataclass(frozen=True)
class Utterance:
    """Something somebody said.

    wave      float32 [samples], one channel, about -1 ... 1, never empty, never NaN
    rate      samples a second
    take      which recording of the same text by the same speaker; None where there is one only
    source    where it came from; "synthetic speech ..." where nobody said it
    """

    wave: Float[Tensor, " samples"]
    rate: int
    text: str | None
    speaker: str
    language: str
    take: int | None
    source: str


def read(
    path: Path | str | io.BytesIO, rate: int, *, mix: bool = False, resample: bool = False
) -> Float[Tensor, " samples"]:
    """A sound file (WAV, FLAC, Ogg, MP3) as float32, one channel, at `rate` samples a second.

    Nothing is converted silently: stereo needs mix=True (the channels are averaged), another
    sample rate needs resample=True. Empty and NaN recordings raise ValueError.
    """
    try:
        wave, found = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path} is not a readable sound file: {error}") from error
    if len(wave) == 0:
        raise ValueError(f"{path} is empty: drop it first")
    mono = torch.from_numpy(wave)
    if not torch.isfinite(mono).all():
        raise ValueError(f"{path} holds NaN or infinity: drop or repair it first")
    if mono.shape[1] > 1 and not mix:
        raise ValueError(f"{path} has {mono.shape[1]} channels: mix=True averages them")
    if found != rate and not resample:
        raise ValueError(f"{path} is at {found} Hz, rate={rate}: resample=True converts it")
    return _at(mono.mean(1), found, rate)


def batch(utterances: Sequence[Utterance], label: Tensor | None = None) -> Batch:
    """Utterances side by side, filled with zeros to the longest; is_pad is True on the filling.

    `meta` keeps text, speaker, language and rate. Raises ValueError where the rates differ.
    """
    if not utterances:
        raise ValueError("no utterances: a batch needs at least one")
    rates = sorted({u.rate for u in utterances})
    if len(rates) > 1:
        raise ValueError(f"utterances at {rates} Hz do not fit into one batch: load them at one")
    waves = [u.wave for u in utterances]
    lengths = torch.tensor([len(wave) for wave in waves])
    signal = pad_sequence(waves, batch_first=True)
    meta = {
        name: [getattr(u, name) for u in utterances]
        for name in ("text", "speaker", "language", "rate")
    }
    is_pad = torch.arange(signal.shape[1]) >= lengths[:, None]
    return Batch(signal, is_pad, label, meta=meta)


def synthetic(texts: Sequence[str], voices: Sequence[str], rate: int = 8000) -> list[Utterance]:
    """Every text in every voice ("en", "de+f3" ...), spoken by eSpeak NG: synthetic speech."""
    lines = [Line(text, voice) for voice in voices for text in texts]
    return [
        _spoken(line, wave, rate) for line, wave in zip(lines, espeak.speak(lines), strict=True)
    ]


def fsdd(split: str, rate: int = 8000) -> list[Utterance]:
    """Free Spoken Digit Dataset: "zero" ... "nine", 6 people, 50 takes each, 8 kHz originals.

    Nobody is in two splits: train george, jackson, nicolas (1,500), validation yweweler (500),
    test lucas, theo (1,000). Without network: synthetic speech, a voice for each person.
    """
    check_split(split)
    try:
        path = registry.fetch("fsdd")
        found, why = _fsdd_recordings(path, split, rate), ""
    except registry.Unavailable as error:
        found, why = _fsdd_synthetic(split, rate), error.why
    registry.report(f"fsdd {split}: {len(found):,} spoken digits", found[0].source, why)
    return found


def _fsdd_recordings(path: Path, split: str, rate: int) -> list[Utterance]:
    source, found = registry.origin(path), []
    with tarfile.open(path) as archive:
        for member in archive:
            digit, speaker, take = [*Path(member.name).stem.split("_"), "", ""][:3]
            if not member.name.endswith(".wav") or speaker not in FSDD_SPLITS[split]:
                continue
            wave = read(io.BytesIO(_bytes(archive, member)), rate, resample=True)
            text = DIGITS[int(digit)]
            found.append(Utterance(wave, rate, text, speaker, "en", int(take), source))
    return sorted(found, key=lambda u: (u.speaker, DIGITS.index(u.text or ""), u.take))


def _fsdd_synthetic(split: str, rate: int) -> list[Utterance]:
    plan = [
        (speaker, take, Line(digit, espeak.FSDD_VOICES[speaker], 120 + 3 * take, 30 + take % 41))
        for speaker in FSDD_SPLITS[split]
        for digit in DIGITS
        for take in range(50)
    ]
    waves = espeak.speak([line for *_, line in plan])
    return [
        Utterance(_at(wave, espeak.RATE, rate), rate, line.text, speaker, "en", take, espeak.SOURCE)
        for (speaker, take, line), wave in zip(plan, waves, strict=True)
    ]


def prompts(
    languages: Sequence[str] = LANGUAGES, split: str = "train", rate: int = 8000
) -> list[Utterance]:
    """Telephone prompts with transcripts: 5 languages, 4 voices, studio speech at 8 kHz.

    No text is in two splits (about 80/10/10). Voices ARE in all three: there is one a language,
    so this set can not show what a model does with strangers. Prompts without a transcript, with
    brackets in it (tones, notes to the speaker) and silence are left out. Without network:
    synthetic speech, sentences of our own in 4 voices a language.
    """
    check_split(split)
    if unknown := set(languages) - set(LANGUAGES):
        raise ValueError(f"prompts are not spoken in {sorted(unknown)}: choose of {LANGUAGES}")
    try:
        folders = [registry.fetch(f"prompts.{language}") for language in languages]
        found, why = [u for f in folders for u in _prompt_recordings(f, split, rate)], ""
    except registry.Unavailable as error:
        found, why = _prompts_synthetic(languages, split, rate), error.why
    what = f"prompts {split} ({', '.join(languages)}): {len(found):,} sentences"
    registry.report(what, found[0].source, why)
    return found


def _prompt_recordings(folder: Path, split: str, rate: int) -> list[Utterance]:
    language, source = folder.name, registry.origin(folder)
    texts = transcripts((folder / f"core-sounds-{language}.txt").read_text("utf-8-sig"))
    return [
        Utterance(
            read(path, rate, resample=True), rate, text, VOICES[language], language, None, source
        )
        for name, text in texts.items()
        if by_text(text) == split and (path := folder / f"{name}.wav").is_file()
    ]


def transcripts(listing: str) -> dict[str, str]:
    """The `name: text` lines of a transcript file that are plain speech.

    Left out: brackets (tones, silence, notes to the speaker), beeps said in words, and lines that
    swallowed the next line's name.
    """
    lines = [line.partition(":") for line in listing.splitlines() if not line.startswith(";")]
    texts = {name.strip(): text.strip() for name, _, text in lines}
    return {n: t for n, t in texts.items() if re.search(r"\w", t) and not _NOT_SPEECH.search(t)}


def _prompts_synthetic(languages: Sequence[str], split: str, rate: int) -> list[Utterance]:
    lines = [
        Line(text, f"{language}+{variant}")
        for language in languages
        for variant in espeak.PROMPT_VARIANTS
        for text in espeak.sentences(language)
        if by_text(text) == split
    ]
    return [
        _spoken(line, wave, rate) for line, wave in zip(lines, espeak.speak(lines), strict=True)
    ]


def _spoken(line: Line, wave: Tensor, rate: int) -> Utterance:
    language = re.split(r"[-+]", line.voice)[0]
    wave = _at(wave, espeak.RATE, rate)
    return Utterance(wave, rate, line.text, f"eSpeak {line.voice}", language, None, espeak.SOURCE)


def _at(wave: Tensor, found: int, rate: int) -> Tensor:
    return wave if found == rate else _resampler(found, rate)(wave)


@cache
def _resampler(found: int, rate: int) -> torchaudio.transforms.Resample:
    """Kept, because its filter costs more than using it on a word."""
    return torchaudio.transforms.Resample(found, rate)


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""
