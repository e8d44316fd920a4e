"""Voices to tell apart: many synthetic ones, ten people, readers of books, and one's own.

Every clip has the same loudness (LEVEL), so that nobody is known by how loud a recording is. No
speaker is in two splits.
"""

import io
import math
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from torchaudio.transforms import Resample

from lecturelib.data import registry, speech, synthetic
from lecturelib.data.phrases import LANGUAGES, phrases
from lecturelib.data.speech import Utterance
from lecturelib.data.splits import SPLITS, check_split, shuffled
from lecturelib.data.synthetic import Line

LEVEL = 0.05  # root mean square of every clip
SHORTEST, LONGEST = 2.0, 10.0  # seconds: people's words are joined, long notices left out
SENTENCES = {"train": 12, "validation": 10, "test": 10}  # of each synthetic voice
PITCHES = (25, 50, 75)  # eSpeak's scale, 0-99

# eSpeak NG's variants that say their sex and differ in sound; first the female ones.
_VARIANTS = {
    "train": (
        ("f1", "f2", "f3", "Alicia", "belinda", "linda", "grandma", "anika"),
        ("m1", "m2", "m3", "m4", "m7", "Denis", "victor", "Lee", "Marco", "antonio", "sandro",
         "croak"),
    ),
    "validation": (("f5", "Annie", "aunty"), ("m5", "Andy", "Storm", "Diogo")),
    "test": (("f4", "Andrea", "steph"), ("m6", "m8", "travis", "michel")),
}  # fmt: skip
_PROMPTS = {"train": ("en", "es"), "validation": ("ru",), "test": ("fr", "it")}


@dataclass(frozen=True)
class Voice:
    """Who speaks, as far as it is known.

    sex      "female", "male", or "" where nobody says it
    variant  eSpeak NG's settings of the formants; "" for people
    pitch    the middle of the voice's range on eSpeak's scale (0-99), a sentence is up to 10 off;
             NaN for people
    speed    words a minute, a sentence is up to 20 off; NaN for people
    """

    sex: str
    language: str
    variant: str = ""
    pitch: float = math.nan
    speed: float = math.nan


def _synthetic(split: str) -> dict[str, Voice]:
    """Three voices a variant: each has a language, a pitch and a speed of its own."""
    female, male = _VARIANTS[split]
    voices = {}
    for row, variant in enumerate(female + male):
        for column, pitch in enumerate(PITCHES):
            language = LANGUAGES[(row + 2 * column) % len(LANGUAGES)]
            sex, speed = "female" if variant in female else "male", 150 + 25 * ((row + column) % 4)
            name = f"eSpeak {language}+{variant} {pitch}"
            voices[name] = Voice(sex, language, variant, float(pitch), float(speed))
    return voices


# Speaker -> voice. FSDD's own metadata says the sexes; of the prompts' artists their names do.
CAST = {name: voice for split in SPLITS for name, voice in _synthetic(split).items()} | {
    **{name: Voice("male", "en") for names in speech.FSDD_SPLITS.values() for name in names},
    "Allison Smith": Voice("female", "en"),  # and Spanish
    "June Wallack": Voice("female", "fr"),
    "Carlo Flora": Voice("male", "it"),
    "IvrvoiceRU": Voice("", "ru"),
}


def voices(split: str, rate: int = 8000) -> list[Utterance]:
    """Synthetic voices: 60 to train on, 21 to validate, 21 to test, in six languages. Offline.

    12 sentences each (10 outside train) of 2 to 7 s; no sentence is said by two voices or in two
    splits, and a variant is in one split only. Pitch and speed change a little from sentence to
    sentence. A voice is one engine's setting of formants, pitch and speed, and always speaks one
    language: a number on these voices is never a claim about people.
    """
    check_split(split)
    plan, resample = _plan(split), Resample(synthetic.RATE, rate)
    waves = synthetic.speak([line for _, line in plan])
    found = [
        Utterance(
            resample(wave), rate, line.text, name, CAST[name].language, None, synthetic.SOURCE
        )
        for (name, line), wave in zip(plan, waves, strict=True)
    ]
    what = f"voices {split}: {len(found)} sentences in {len(_synthetic(split))} voices"
    registry.report(what, synthetic.SOURCE)
    return [_levelled(said) for said in found]


def _plan(split: str) -> list[tuple[str, Line]]:
    """Who says what, and how: the sentences of a language are dealt to its voices in turn."""
    rng, plan = np.random.default_rng(SPLITS.index(split)), []
    cast = sorted(_synthetic(split).items(), key=lambda known: known[1].language)
    for language, group in groupby(cast, key=lambda known: known[1].language):
        members, texts = list(group), rng.permutation(phrases(language, split))
        for seat, (name, voice) in enumerate(members):
            for text in texts[seat :: len(members)][: SENTENCES[split]]:
                pitch = int(voice.pitch + rng.integers(-10, 11))
                speed = int(voice.speed + rng.integers(-20, 21))
                voice_name = f"{language}+{voice.variant}"
                plan.append((name, Line(str(text), voice_name, speed, pitch)))
    return plan


def people(split: str, rate: int = 8000) -> list[Utterance]:
    """Real voices at 8 kHz: the telephone prompts' four artists and FSDD's six people.

    Train Allison Smith (English, Spanish), george, jackson, nicolas; validation IvrvoiceRU,
    yweweler; test June Wallack (French), Carlo Flora (Italian), lucas, theo. Words and digits of
    one person are joined to clips of 2 s or more. Each person has one microphone and one room, and
    the artists one language each: part of what tells them apart is not the voice. What cannot be
    had is left out and said; raises Unavailable where that is everything: no stand-in.
    """
    check_split(split)
    said, missing = [], {}
    for card in (*(f"prompts.{language}" for language in _PROMPTS[split]), "fsdd"):
        try:
            registry.fetch(card)
            said += _recordings(card, split, rate)
        except registry.Unavailable as error:
            missing[card] = error.why
    if not said:
        raise registry.Unavailable("real voices", next(iter(missing.values())))
    found = [_levelled(clip) for clip in joined(said, np.random.default_rng(0))]
    names = ", ".join(sorted({u.speaker for u in found}))
    gone = "".join(f", without {card} ({why})" for card, why in missing.items())
    sources = " and ".join(sorted({u.source for u in found}))
    registry.report(f"people {split}: {len(found)} clips of {names}{gone}", sources)
    return found


def _recordings(card: str, split: str, rate: int) -> list[Utterance]:
    with redirect_stdout(io.StringIO()):  # `people` says in one line what was found
        if card == "fsdd":
            return speech.fsdd(split, rate)
        language = card.removeprefix("prompts.")
        return [u for part in SPLITS for u in speech.prompts((language,), part, rate)]


def joined(said: Sequence[Utterance], rng: np.random.Generator) -> list[Utterance]:
    """Each speaker's recordings in a random order, joined until a clip lasts SHORTEST.

    Recordings over LONGEST and what is left over in the end are dropped; languages are not mixed.
    """

    def kind(u: Utterance) -> tuple[str, str]:
        return u.speaker, u.language

    found = []
    for _, group in groupby(sorted(said, key=kind), key=kind):
        members, clip = [u for u in group if len(u.wave) <= LONGEST * u.rate], []
        for n in rng.permutation(len(members)):
            clip.append(members[n])
            if sum(len(u.wave) for u in clip) >= SHORTEST * clip[0].rate:
                wave, text = torch.cat([u.wave for u in clip]), " ".join(u.text or "" for u in clip)
                found.append(replace(clip[0], wave=wave, text=text, take=None))
                clip = []
    return found


def librispeech(split: str, rate: int = 8000) -> list[Utterance]:
    """LibriSpeech's dev-clean: 40 people read English books, 5.4 hours; 338 MB, online.

    24 people are train, 6 validation, 10 test, half of each split women (seed 0): this set is for
    measuring voices, so all three are made from the small archive. Raises Unavailable without
    network: no stand-in.
    """
    check_split(split)
    path = registry.fetch("librispeech.dev-clean")
    cast, waves, texts = readers(path), {}, {}
    names = {name for sex in ("female", "male") for name in _part(cast, sex, split)}
    for place, data in _files(path):
        if place.suffix == ".flac" and place.name.split("-")[0] in names:
            waves[place.stem] = speech.read(io.BytesIO(data), rate, resample=True)
        elif place.name.endswith(".trans.txt"):
            lines = data.decode().splitlines()
            texts |= dict(line.split(" ", 1) for line in lines)
    source = registry.origin(path)
    found = [
        _levelled(Utterance(wave, rate, texts[n].lower(), n.split("-")[0], "en", None, source))
        for n, wave in sorted(waves.items())
    ]
    registry.report(f"librispeech {split}: {len(found)} clips of {len(names)} people", source)
    return found


def readers(path: Path) -> dict[str, Voice]:
    """Speaker number -> voice, from the archive's SPEAKERS.TXT (dev-clean's 40)."""
    text = next(data for place, data in _files(path) if place.name == "SPEAKERS.TXT").decode()
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    sexes = {"F": "female", "M": "male"}
    return {row[0]: Voice(sexes[row[1]], "en") for row in rows if row[2:3] == ["dev-clean"]}


def _part(cast: dict[str, Voice], sex: str, split: str) -> list[str]:
    return shuffled(sorted(n for n, voice in cast.items() if voice.sex == sex), 12, 3)[split]


def _files(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                yield PurePosixPath(member.name), file.read()


def folder(path: Path | str, rate: int = 8000) -> list[Utterance]:
    """Your own voices: path/ann/*.wav, path/bob/*.flac ...; a folder's name is the speaker.

    Channels are averaged and other sample rates converted. Raises ValueError naming a file that
    cannot be read or is silent, a folder without any, and a single speaker. Ask people before you
    record them: a voice is biometric data.
    """
    root = Path(path)
    places = sorted(p for p in root.iterdir() if p.is_dir()) if root.is_dir() else []
    if len(places) < 2:
        raise ValueError(f"{root} has {len(places)} folders: make one for each of 2 or more people")
    found = []
    for place in places:
        files = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith("."))
        if not files:
            raise ValueError(f"{place} holds no recording: add sound files of {place.name}")
        for file in files:
            wave = speech.read(file, rate, mix=True, resample=True)
            if not wave.any():
                raise ValueError(f"{file} is silent: record it again or remove it")
            source = f"the folder {root}"
            found.append(
                _levelled(Utterance(wave, rate, None, place.name, "unknown", None, source))
            )
    return found


def _levelled(said: Utterance) -> Utterance:
    """The same at the loudness of all clips."""
    return replace(said, wave=said.wave * (LEVEL / said.wave.square().mean().sqrt()))
