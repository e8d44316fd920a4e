"""What a voice vector is asked, and who passes for whom."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from lecturelib.adapt.voice_probes import (
    in_rooms,
    probes,
    questions,
    spoofed,
    which_digit,
    with_sounds,
)
from lecturelib.data.augment_speech import rooms
from lecturelib.data.speech import Utterance
from lecturelib.data.voices import CAST


def clips(names: list[str], seed: int) -> list[Utterance]:
    rng = torch.Generator().manual_seed(seed)
    return [
        Utterance(
            0.1 * torch.randn(16000, generator=rng), 8000, None, n, CAST[n].language, None, "made"
        )
        for n in names
    ]


NAMES = [name for name in CAST if name.startswith("eSpeak")]
KNOWN, UNSEEN = clips(NAMES[:36], 0), clips(NAMES[36:60], 1)


def test_the_labels_are_what_is_known_of_the_voices() -> None:
    asked = questions(KNOWN, UNSEEN)
    assert asked["sex"].label.tolist() == [CAST[u.speaker].sex == "female" for u in KNOWN]
    tongues = sorted({u.language for u in KNOWN})
    assert [tongues[n] for n in asked["language"].answer] == [u.language for u in UNSEEN]
    fast = [CAST[u.speaker].speed > 180 for u in UNSEEN]
    assert asked["fast or slow"].answer.tolist() == fast
    assert asked["sex"].chance == pytest.approx(
        100 * max(asked["sex"].answer.bincount().tolist()) / len(UNSEEN)
    )


def test_a_digit_s_clip_is_played_twice_and_its_word_is_the_label() -> None:
    said = [replace(u, text=text) for u, text in zip(KNOWN, ("two", "zero", "nine"), strict=False)]
    asked = which_digit(said, said[1:])
    assert asked.label.tolist() == [2, 0, 9]
    assert asked.answer.tolist() == [0, 9]
    assert torch.equal(asked.known[0].wave, torch.cat([said[0].wave, said[0].wave]))
    assert torch.equal(asked.unseen[1].wave[16000:], said[2].wave)


def test_each_clip_is_in_the_room_that_its_label_names() -> None:
    heard, label = in_rooms(KNOWN[:4], 0)
    for before, after, room in zip(KNOWN, heard, label, strict=False):
        full = torch.nn.functional.conv1d(
            torch.nn.functional.pad(before.wave[None, None].double(), (rooms().shape[1] - 1, 0)),
            rooms()[room].flip(0)[None, None].double(),
        )
        assert torch.allclose(after.wave.double(), full[0, 0], atol=1e-4)


def test_a_clip_with_nothing_behind_it_is_itself_and_the_others_are_louder() -> None:
    heard, label = with_sounds(KNOWN, 0)
    for before, after, behind in zip(KNOWN, heard, label, strict=True):
        same = torch.equal(before.wave[:12000], after.wave)
        assert same == (behind == 0)
    assert label.unique().tolist() == [0, 1, 2, 3]


class Tone(nn.Module):
    """A vector that is the loudness of a clip, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, waves: torch.Tensor, is_pad: torch.Tensor | None = None) -> torch.Tensor:
        return self.weight * torch.stack([waves.square().mean(1), waves.abs().mean(1)], dim=1)


def test_a_fact_that_is_in_the_vector_is_read_and_one_that_is_not_stays_near_chance() -> None:
    """Women speak twice as loud here; the vector is the loudness."""

    def louder(clips: list[Utterance]) -> list[Utterance]:
        return [replace(u, wave=u.wave * (1 + (CAST[u.speaker].sex == "female"))) for u in clips]

    asked = questions(louder(KNOWN), louder(UNSEEN))
    few = {name: asked[name] for name in ("sex", "language")}
    found = probes(Tone(), few)
    assert list(found) == ["x-vector", "untrained", "MFCC statistics"]
    assert found["x-vector"]["sex"] == [100]
    assert found["x-vector"]["language"][0] < few["language"].chance + 25


def test_only_pairs_of_one_language_count() -> None:
    person, machine = torch.eye(2), torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    said = [KNOWN[0], KNOWN[0]]
    other = next(u for u in KNOWN if u.language != KNOWN[0].language)
    spoken = [KNOWN[0], KNOWN[0], other]
    assert spoofed(person, said, machine, spoken, 0.5) == 3 / 4
    with pytest.raises(ValueError, match="no pair speaks one language"):
        spoofed(person, said, machine[:1], [other], 0.5)
