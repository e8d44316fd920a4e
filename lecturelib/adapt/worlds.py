"""The small real worlds of notebook 01: written and spoken digits, few of them labelled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch

from lecturelib.adapt.self_training import Method, accuracy, rounds, same_steps_teacher, train
from lecturelib.adapt.transfer import few_labels
from lecturelib.data import images, speech
from lecturelib.data.augment import jitter, jitter_mels
from lecturelib.data.batch import Batch
from lecturelib.data.images import Images
from lecturelib.encoders.vgg import ConvStack
from lecturelib.frontends.spectrogram import LogMel, fit_length
from lecturelib.training.loop import Plan


class Splits(NamedTuple):
    """All of a data set, split once and for all."""

    train: Batch
    validation: Batch
    test: Batch
    source: str


@dataclass(frozen=True)
class World:
    """What a self-training experiment starts from; the pool's labels are for scoring only."""

    method: Method
    labelled: Batch
    pool: Batch


def split_up(load: Callable[[str], Images]) -> Splits:
    """What `load` gives for "train", "validation" and "test"."""
    parts = {name: load(name) for name in ("train", "validation", "test")}
    batches = {name: part.batch() for name, part in parts.items()}
    return Splits(**batches, source=parts["train"].source)


def written() -> Splits:
    """MNIST-5k: 3,000 training, 500 validation, 1,500 test digits of 28x28."""
    return split_up(images.mnist5k)


def spoken(seconds: float = 0.8) -> Splits:
    """Spoken digits as log-mel pictures [n, 1, 40, 41]; the test voices are heard nowhere else.

    The waves themselves are in `meta["wave"]`, to listen to.
    """
    rate = 8000
    mel, parts = LogMel(rate=rate), {}
    for split in ("train", "validation", "test"):
        heard = speech.fsdd(split, rate=rate)
        waves = torch.cat(
            [fit_length(torch.as_tensor(u.wave)[None], round(seconds * rate)) for u in heard]
        )
        takes = torch.tensor([u.take for u in heard])
        label = torch.tensor([DIGITS.index(u.text) for u in heard])
        parts[split] = Batch(
            mel(waves).transpose(1, 2)[:, None],
            None,
            label,
            meta={"wave": waves, "speaker": [u.speaker for u in heard], "take": takes},
        )
    return Splits(**parts, source=heard[0].source)


def new_voices(batch: Batch) -> tuple[Batch, Batch]:
    """(unlabelled recordings, test recordings) of voices that nobody has labelled yet.

    Recordings 0-9 of every digit are the test; the others may be listened to, without labels.
    """
    later = batch.meta["take"] >= 10
    return batch.rows(later), batch.rows(~later)


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def world(
    train: Batch,
    per_class: int,
    *,
    seed: int,
    steps: int = 150,
    augmented: bool = True,
    balanced: bool = True,
) -> World:
    """`per_class` labels of every class; the rest of the training split is the unlabelled pool."""
    rows = few_labels(train.labels, per_class, seed=seed)
    rest = torch.ones(len(train), dtype=torch.bool).index_fill(0, rows, False)
    square = train.signal.shape[2] == train.signal.shape[3]
    method = Method(
        make=ConvStack,
        dim=64,
        classes=10,
        plan=Plan(steps, lr=3e-3, seed=seed),
        balanced=balanced,
        augment=(jitter if square else jitter_mels) if augmented else None,
    )
    return World(method, train.rows(rows), train.rows(rest))


def against_control(start: World, test: Batch, *, threshold: float) -> dict[str, float]:
    """One round: test accuracies of teacher, same-steps teacher and student, in percent."""
    teacher = train(start.method, start.labelled)
    (turn,) = rounds(start.method, teacher, start.labelled, start.pool, threshold=threshold)
    control = same_steps_teacher(start.method, start.labelled)
    learners = {"teacher": teacher, "same_steps_teacher": control, "student": turn.student}
    return {name: 100 * accuracy(model, test) for name, model in learners.items()}


def summary(batch: Batch) -> torch.Tensor:
    """Mean and spread over time of every mel band [n, 80]: how a clip sounds, not what it says."""
    mels = batch.signal[:, 0]
    return torch.cat([mels.mean(2), mels.std(2)], 1)


def pollute(pool: Batch, share: float, *, seed: int) -> Batch:
    """Replace a share of a spoken pool by noise, music and other languages, a third each.

    The intruders' label is -1 and `meta["kind"]` names them; only the scorer looks.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share={share} is outside 0-1")
    rng = torch.Generator().manual_seed(seed)
    rows = torch.randperm(len(pool), generator=rng)[: round(share * len(pool))]
    if len(rows) == 0:
        return pool
    wave, mel = pool.meta["wave"].clone(), LogMel()
    kind = ["digit"] * len(pool)
    for intruder, chosen in zip(INTRUDERS, rows.chunk(len(INTRUDERS)), strict=False):
        for row in chosen.tolist():
            kind[row] = intruder.__name__.replace("_", " ")
        wave[chosen] = intruder(len(chosen), wave.shape[1], rng)
    signal, label = pool.signal.clone(), pool.labels.clone()
    signal[rows], label[rows] = mel(wave[rows]).transpose(1, 2)[:, None], -1
    return Batch(signal, None, label, meta=pool.meta | {"wave": wave, "kind": kind})


def noise(count: int, samples: int, rng: torch.Generator) -> torch.Tensor:
    """White noise that grows and fades."""
    shape = torch.linspace(0, torch.pi, samples).sin()
    return 0.1 * shape * torch.randn(count, samples, generator=rng)


def music(count: int, samples: int, rng: torch.Generator) -> torch.Tensor:
    """Made music (nobody played it): four notes of a chord, each with three overtones."""
    root = 110 * 2 ** (torch.randint(0, 24, (count, 1, 1, 1), generator=rng) / 12)
    chord = torch.tensor([1, 1.26, 1.498, 2]).view(1, 4, 1, 1)
    overtone = torch.arange(1, 4).view(1, 1, 3, 1)
    time = torch.arange(samples).view(1, 1, 1, -1) / 8000
    start = torch.arange(4).view(1, 4, 1, 1) * samples / 8000 / 5
    ring = (time >= start) * torch.exp(-4 * (time - start).clamp(min=0))
    notes = ring * (2 * torch.pi * root * chord * overtone * time).sin() / overtone
    return 0.05 * notes.sum((1, 2))


def other_languages(count: int, samples: int, rng: torch.Generator) -> torch.Tensor:
    """Short telephone prompts in Spanish, French, Italian and Russian."""
    foreign = speech.prompts(("es", "fr", "it", "ru"), "train", rate=8000)
    short = [u.wave for u in foreign if 0.3 < len(u.wave) / 8000 < 1.2]
    rows = torch.randint(len(short), (count,), generator=rng).tolist()
    return torch.cat([fit_length(torch.as_tensor(short[row])[None], samples) for row in rows])


INTRUDERS = (noise, music, other_languages)
