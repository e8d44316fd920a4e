"""Speech that stumbles, and where: repetitions, prolongations and blocks on a timeline.

Either events edited into real clips, always called so, or a folder of recordings with labels.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch
import torchaudio.functional as F
from jaxtyping import Float, Int
from torch import Generator, Tensor

from lecturelib.data import registry, speech
from lecturelib.data.speech import Utterance
from lecturelib.data.splits import SPLITS, check_split, shuffled

KINDS = ("repetition", "prolongation", "block")
EDITED = "edited, not pathological speech"
SHORTEST, LONGEST = 1.0, 6.0  # seconds of a clip before it is edited
APART = 0.4  # seconds from one edit to the next, and from the clip's ends
MOST = 3  # events in a clip
TONGUES = {"train": ("en", "es"), "validation": ("ru",), "test": ("fr", "it")}
SOUNDS = (".wav", ".flac", ".ogg", ".mp3")
COLUMNS = ("file", "start", "end", "kind")

Wave = Float[Tensor, " samples"]
Sound = Float[Tensor, " sound"]
Change = Callable[[Wave, int, int, Generator], tuple[Sound, int]]
"""(wave, place, rate, rng) -> (the sound to put there, how many samples it stands for)."""


class Event(NamedTuple):
    """Where somebody stumbles, and how (one of KINDS); seconds from the clip's beginning."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """Something said, and where it is not fluent."""

    said: Utterance
    events: tuple[Event, ...]


def disfluencies(
    split: str, rate: int = 8000, *, folder: Path | str | None = None, mix: bool = False
) -> list[Timeline]:
    """Clips with 0 to 3 events each: edited telephone prompts, or one's own `folder` with labels.

    Neither a voice nor a text is in two splits. Of the prompts: train Allison Smith (English,
    Spanish), validation the Russian voice, test June Wallack and Carlo Flora (French, Italian).

    folder  sounds by speaker (ann/1.wav, bob/1.wav ...) and labels.csv: file,start,end,kind, in
            seconds; a sound without a line is fluent. Every fifth speaker is validation, every
            fifth test. Stereo needs mix=True: it averages the channels

    Raises ValueError for a line that cannot be so, and for fewer than three speakers.
    """
    check_split(split)
    if folder is not None:
        found = of_split(labelled(Path(folder), rate, mix), split)
    else:
        found = edited(speech.prompts(TONGUES[split], split, rate), seed=SPLITS.index(split))
    events = sum(len(timeline.events) for timeline in found)
    what = f"disfluencies {split}: {len(found)} clips with {events} events"
    registry.report(what, " and ".join(sorted({line.said.source for line in found})))
    return found


def edited(clips: Sequence[Utterance], *, seed: int) -> list[Timeline]:
    """Each clip of 1 to 6 s with 0 to 3 events put in; EDITED stands in its source."""
    rng, found = torch.Generator().manual_seed(seed), []
    for said in clips:
        if SHORTEST <= len(said.wave) / said.rate <= LONGEST:
            count = int(torch.randint(MOST + 1, (), generator=rng))
            kinds = [KINDS[n] for n in torch.randint(len(KINDS), (count,), generator=rng)]
            found.append(stumbling(said, kinds, rng))
    return found


def stumbling(said: Utterance, kinds: Sequence[str], rng: Generator) -> Timeline:
    """One event of each of these kinds, in this order, where the clip is loud; fewer where it is
    too short for all. Between the events every sample is the original's."""
    wave, rate, at = said.wave, said.rate, 0
    pieces: list[Tensor] = []
    events: list[Event] = []
    for kind, place in zip(kinds, places(wave, rate, len(kinds), rng), strict=False):
        sound, used = CHANGES[kind](wave, place, rate, rng)
        pieces += [wave[at:place], sound]
        end = sum(map(len, pieces))
        events.append(Event(kind, (end - len(sound)) / rate, end / rate))
        at = place + used
    wave = torch.cat([*pieces, wave[at:]])
    return Timeline(replace(said, wave=wave, source=f"{said.source} ({EDITED})"), tuple(events))


def places(wave: Wave, rate: int, count: int, rng: Generator) -> list[int]:
    """Up to `count` samples, APART or more, at which the clip is loud and the wave crosses zero."""
    step, apart = rate // 50, round(APART * rate)
    power = wave.unfold(0, step, step).square().mean(1)
    loud = (power > power.median()).nonzero().flatten() * step
    chosen: list[int] = []
    for start in loud[torch.randperm(len(loud), generator=rng)].tolist():
        place = crossing(wave, start)
        inside = apart <= place <= len(wave) - apart
        if inside and len(chosen) < count and all(abs(place - one) >= apart for one in chosen):
            chosen.append(place)
    return sorted(chosen)


def crossing(wave: Wave, start: int) -> int:
    """The first sample after `start` at which the sign has changed: a cut there does not click."""
    is_up = wave[start:] >= 0
    changed = (is_up[1:] != is_up[:-1]).nonzero().flatten()
    return start + 1 + int(changed[0]) if len(changed) else start


def repetition(wave: Wave, place: int, rate: int, rng: Generator) -> tuple[Sound, int]:
    """0.1 to 0.2 s said two or three times before it is said with what follows: "bu-bu-but"."""
    piece = wave[place : crossing(wave, place + seconds(0.1, 0.2, rate, rng))]
    pause = room(wave, seconds(0.02, 0.08, rate, rng), rng)
    return torch.cat([piece, pause]).repeat(int(torch.randint(2, 4, (), generator=rng))), 0


def prolongation(wave: Wave, place: int, rate: int, rng: Generator) -> tuple[Sound, int]:
    """0.12 s held for 0.4 to 0.8 s at the same pitch, by a phase vocoder: "mmmmy"."""
    used, window = round(0.12 * rate), torch.hann_window(rate // 32)
    step = len(window) // 4
    turn = torch.linspace(0, torch.pi * step, len(window) // 2 + 1)[:, None]
    parts = torch.stft(
        wave[place : place + used], len(window), step, window=window, return_complex=True
    )
    length = seconds(0.4, 0.8, rate, rng)
    held = torch.istft(
        F.phase_vocoder(parts, used / length, turn), len(window), step, window=window, length=length
    )
    edge, fade = rate // 100, torch.linspace(0, 1, rate // 100)
    piece = wave[place : place + used]
    held[:edge] = torch.lerp(piece[:edge], held[:edge], fade)
    held[-edge:] = torch.lerp(held[-edge:], piece[-edge:], fade)
    return held, used


def block(wave: Wave, place: int, rate: int, rng: Generator) -> tuple[Sound, int]:
    """0.3 to 0.8 s of nothing but the room, in the middle of a sound; 15 ms die away first."""
    quiet = room(wave, seconds(0.3, 0.8, rate, rng), rng)
    edge = round(0.015 * rate)
    quiet[:edge] += wave[place : place + edge] * torch.linspace(1, 0, edge)
    return quiet, 0


CHANGES: dict[str, Change] = dict(zip(KINDS, (repetition, prolongation, block), strict=True))


def room(wave: Wave, length: int, rng: Generator) -> Sound:
    """Noise as soft as the clip's softest twentieth: digital silence would give the place away."""
    power = wave.unfold(0, 160, 160).square().mean(1)
    return power.quantile(0.05).sqrt() * torch.randn(length, generator=rng)


def seconds(low: float, high: float, rate: int, rng: Generator) -> int:
    """A random length between two, in samples."""
    return round((low + (high - low) * float(torch.rand((), generator=rng))) * rate)


def frame_kinds(
    events: Sequence[Event], frames: int, frame_ms: float = 20.0
) -> Int[Tensor, " frames"]:
    """0 where a frame is fluent, else 1 + the number of its kind: its middle decides.

    Where events overlap the later one in the list counts.
    """
    middle = (torch.arange(frames, dtype=torch.float64) + 0.5) * frame_ms / 1000
    kinds = torch.zeros(frames, dtype=torch.long)
    for kind, start, end in events:
        kinds[(start <= middle) & (middle < end)] = 1 + KINDS.index(kind)
    return kinds


def labelled(root: Path, rate: int = 8000, mix: bool = False) -> list[Timeline]:
    """Every sound of a folder of speakers, with its lines of labels.csv."""
    table = root / "labels.csv"
    if not table.is_file():
        raise ValueError(f"{table} is missing: write it with the columns {','.join(COLUMNS)}")
    with table.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        if missing := set(COLUMNS) - set(lines.fieldnames or ()):
            raise ValueError(f"{table} has no column {sorted(missing)}: write {','.join(COLUMNS)}")
        rows = [(f"{table} line {lines.line_num}", row) for row in lines]
    files = sorted(p for p in root.rglob("*") if p.suffix.lower() in SOUNDS)
    said = {path.relative_to(root).as_posix(): heard(root, path, rate, mix) for path in files}
    events: dict[str, list[Event]] = {name: [] for name in said}
    for where, row in rows:
        if (name := row["file"]) not in said:
            raise ValueError(f"{where}: {root / name} is missing: correct the name")
        events[name].append(event(where, row, said[name]))
    return [Timeline(said[name], tuple(events[name])) for name in said]


def heard(root: Path, path: Path, rate: int, mix: bool) -> Utterance:
    """One sound; the folder that it lies in is its speaker."""
    if path.parent == root:
        raise ValueError(f"{path}: put it into a folder named after its speaker")
    wave = speech.read(path, rate, mix=mix, resample=True)
    speaker = path.relative_to(root).parts[0]
    return Utterance(wave, rate, None, speaker, "unknown", None, f"the folder {root}")


def event(where: str, row: dict[str, str], said: Utterance) -> Event:
    """One line of labels.csv; ValueError naming it where it cannot be so."""
    if (kind := row["kind"]) not in KINDS:
        raise ValueError(f"{where}: kind={kind!r}: choose from {', '.join(KINDS)}")
    try:
        start, end = float(row["start"]), float(row["end"])
    except (TypeError, ValueError):
        raise ValueError(f"{where}: {row['start']!r}-{row['end']!r} are no seconds") from None
    last = len(said.wave) / said.rate
    if not 0 <= start < end <= last + 0.01:
        raise ValueError(f"{where}: {start:g}-{end:g} s does not lie in 0-{last:.2f} s of the clip")
    return Event(kind, start, end)


def of_split(found: Sequence[Timeline], split: str) -> list[Timeline]:
    """The clips of a split's speakers: a fifth of them, at least one, validates, another tests."""
    names = sorted({line.said.speaker for line in found})
    if len(names) < 3:
        raise ValueError(f"{len(names)} speakers: give three, so that no voice is in two splits")
    held = max(1, len(names) // 5)
    chosen = shuffled(names, len(names) - 2 * held, held)[split]
    return [line for line in found if line.said.speaker in chosen]
