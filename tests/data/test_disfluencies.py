"""Events lie exactly where the clip was changed; nothing else of it was."""

import math
from pathlib import Path

import pytest
import soundfile
import torch
from torch import Generator, Tensor

from lecturelib.data import disfluencies, registry, speech
from lecturelib.data.disfluencies import CHANGES, EDITED, KINDS, Event, Timeline, frame_kinds
from lecturelib.data.speech import Utterance
from lecturelib.data.splits import SPLITS, plain
from tests.data.leakage import disjoint


def spoken(seconds: float = 3.0, rate: int = 8000) -> Utterance:
    """Noise that swells and fades three times a second, as syllables do."""
    time = torch.arange(round(seconds * rate)) / rate
    loud = 0.02 + torch.sin(math.pi * 3 * time).square()
    noise = torch.randn(len(time), generator=Generator().manual_seed(0))
    return Utterance(0.1 * loud * noise, rate, "hello", "ann", "en", None, "made")


def samples(seconds: float, rate: int = 8000) -> int:
    return round(seconds * rate)


@pytest.mark.parametrize("kind", KINDS)
def test_outside_its_span_every_sample_is_the_original_s(kind: str) -> None:
    said = spoken()
    made = disfluencies.stumbling(said, [kind], Generator().manual_seed(1))
    ((found, start, end),) = made.events
    first, last = samples(start), samples(end)
    wave, used = made.said.wave, round(0.12 * 8000) if kind == "prolongation" else 0
    assert found == kind
    assert torch.equal(wave[:first], said.wave[:first])
    assert torch.equal(wave[last:], said.wave[first + used :])
    assert len(wave) == len(said.wave) + last - first - used
    assert not torch.equal(wave[last - 400 : last], said.wave[last - 400 : last])


def test_a_repetition_is_the_next_sound_two_or_three_times() -> None:
    said, rng = spoken(), Generator().manual_seed(2)
    sound, used = disfluencies.repetition(said.wave, 8000, 8000, rng)
    assert used == 0
    for copies in (2, 3):
        if len(sound) % copies == 0 and torch.equal(*sound.chunk(copies)[:2]):
            break
    else:
        pytest.fail("no copies")
    once = len(sound) // copies
    assert 0.12 * 8000 <= once <= 0.3 * 8000
    assert torch.equal(sound[:800], said.wave[8000:8800])


def test_a_prolongation_keeps_the_pitch() -> None:
    """300 Hz for 0.12 s, held: still 300 Hz, as loud, and 0.4 to 0.8 s long."""
    tone = torch.sin(2 * math.pi * 300 * torch.arange(16000) / 8000)
    held, used = disfluencies.prolongation(tone, 4000, 8000, Generator().manual_seed(0))
    assert used == 960
    assert 3200 <= len(held) <= 6400
    middle = held[800:-800]
    peak = torch.fft.rfft(middle).abs().argmax() * 8000 / len(middle)
    assert abs(float(peak) - 300) < 8
    assert 0.8 < float(middle.std() / tone.std()) < 1.2


def test_a_block_is_as_quiet_as_the_room_but_not_silent() -> None:
    said = spoken()
    quiet, used = disfluencies.block(said.wave, 1300, 8000, Generator().manual_seed(0))
    assert used == 0
    assert 0.3 * 8000 <= len(quiet) <= 0.8 * 8000
    rest = quiet[samples(0.015) :]
    softest = said.wave.unfold(0, 160, 160).square().mean(1).quantile(0.05).sqrt()
    assert float(rest.std()) == pytest.approx(float(softest), rel=0.1)


def test_several_events_keep_the_order_and_the_rest_of_the_clip() -> None:
    said = spoken(5)
    made = disfluencies.stumbling(
        said, ["block", "repetition", "block"], Generator().manual_seed(3)
    )
    assert [event.kind for event in made.events] == ["block", "repetition", "block"]
    wave, rest = made.said.wave, []
    at = 0
    for _, start, end in made.events:
        rest.append(wave[at : samples(start)])
        at = samples(end)
    assert torch.equal(torch.cat([*rest, wave[at:]]), said.wave)
    assert made.said.source == f"made ({EDITED})"


def test_cuts_are_at_zero_crossings_apart_and_loud() -> None:
    wave = spoken(5).wave
    found = disfluencies.places(wave, 8000, 3, Generator().manual_seed(0))
    assert len(found) == 3
    for place in found:
        assert (wave[place] >= 0) != (wave[place - 1] >= 0)
        assert wave[place - 160 : place + 160].std() > wave.std() / 2
    assert min(b - a for a, b in zip([0, *found], [*found, len(wave)], strict=True)) >= 3200


def test_a_clip_without_room_for_an_event_stays_as_it_is() -> None:
    said = spoken(0.5)
    made = disfluencies.stumbling(said, ["block"], Generator().manual_seed(0))
    assert made.events == ()
    assert torch.equal(made.said.wave, said.wave)


def test_the_same_seed_edits_alike_and_only_clips_of_one_to_six_seconds() -> None:
    clips = [spoken(seconds) for seconds in (0.9, 2, 3, 4, 6.5)]
    one, two = (disfluencies.edited(clips, seed=4) for _ in range(2))
    assert len(one) == 3
    assert [a.events for a in one] == [b.events for b in two]
    assert all(torch.equal(a.said.wave, b.said.wave) for a, b in zip(one, two, strict=True))


def test_frames_have_the_kind_at_their_middle() -> None:
    events = [Event("block", 0.05, 0.115), Event("prolongation", 0.3, 0.41)]
    expected = []
    for frame in range(25):
        middle = 0.02 * frame + 0.01
        kind = 0
        for name, start, end in events:
            if start <= middle < end:
                kind = 1 + KINDS.index(name)
        expected.append(kind)
    assert frame_kinds(events, 25).tolist() == expected
    assert expected.count(3) == 4  # middles .05, .07, .09, .11


def test_neither_voice_nor_text_is_in_two_splits(capsys: pytest.CaptureFixture) -> None:
    here = all(registry.find(f"prompts.{language}") for language in speech.LANGUAGES)
    if not here:
        pytest.skip("the prompts are not in the cache: python -m lecturelib data fetch prompts")
    parts = [disfluencies.disfluencies(split) for split in SPLITS]
    assert disjoint([{line.said.speaker for line in part} for part in parts])
    assert disjoint([{plain(line.said.text or "") for line in part} for part in parts])
    assert all(line.said.source.endswith(f"({EDITED})") for part in parts for line in part)
    assert capsys.readouterr().out.count(EDITED) == 3
    kinds = {kind for part in parts for line in part for kind, *_ in line.events}
    assert kinds == set(KINDS)


def folder(root: Path, lines: str, speakers: tuple[str, ...] = ("ann", "bob", "cleo")) -> Path:
    for speaker in speakers:
        (root / speaker).mkdir()
        soundfile.write(root / speaker / "1.wav", 0.1 * torch.randn(16000).numpy(), 8000)
    (root / "labels.csv").write_text(f"file,start,end,kind\n{lines}")
    return root


def test_a_folder_with_real_labels_gives_the_same_timelines(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    root = folder(tmp_path, "ann/1.wav,0.5,0.75,block\nann/1.wav,1,2,repetition\n")
    parts = {split: disfluencies.disfluencies(split, folder=root) for split in SPLITS}
    assert disjoint([{line.said.speaker for line in part} for part in parts.values()])
    found = {line.said.speaker: line for part in parts.values() for line in part}
    assert isinstance(found["ann"], Timeline)
    assert found["ann"].events == (Event("block", 0.5, 0.75), Event("repetition", 1.0, 2.0))
    assert found["bob"].events == ()
    assert EDITED not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ann/1.wav,0,1,cough", r"line 2: kind='cough': choose from repetition, prolongation, blo"),
        ("ann/1.wav,1,3,block", r"line 2: 1-3 s does not lie in 0-2\.00 s"),
        ("ann/1.wav,1,0.5,block", r"1-0\.5 s does not lie"),
        ("ann/1.wav,-1,0.5,block", r"-1-0\.5 s does not lie"),
        ("ann/1.wav,nan,1,block", "nan-1 s does not lie"),
        ("ann/1.wav,soon,1,block", "'soon'-'1' are no seconds"),
        ("ann/2.wav,0,1,block", r"line 2: .*ann/2\.wav is missing"),
    ],
)
def test_a_line_that_cannot_be_so(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        disfluencies.disfluencies("train", folder=folder(tmp_path, line))


def stereo() -> Tensor:
    return 0.1 * torch.randn(16000, 2)


def test_a_folder_that_cannot_be_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"labels\.csv is missing: write it"):
        disfluencies.disfluencies("train", folder=tmp_path)
    root = folder(tmp_path, "", ("ann", "bob"))
    with pytest.raises(ValueError, match="2 speakers: give three"):
        disfluencies.disfluencies("train", folder=root)
    soundfile.write(root / "1.wav", stereo()[:, 0].numpy(), 8000)
    with pytest.raises(ValueError, match=r"1\.wav: put it into a folder named after its speaker"):
        disfluencies.disfluencies("train", folder=root)
    (root / "labels.csv").write_text("file,from,to,kind\n")
    with pytest.raises(ValueError, match=r"has no column \['end', 'start'\]"):
        disfluencies.disfluencies("train", folder=root)


def test_stereo_is_averaged_when_asked(tmp_path: Path) -> None:
    root = folder(tmp_path, "")
    soundfile.write(root / "bob" / "2.wav", stereo().numpy(), 8000)
    with pytest.raises(ValueError, match=r"2\.wav has 2 channels: mix=True averages"):
        disfluencies.disfluencies("train", folder=root)
    found = [line for s in SPLITS for line in disfluencies.disfluencies(s, folder=root, mix=True)]
    assert len(found) == 4


def test_every_kind_has_its_change() -> None:
    assert tuple(CHANGES) == KINDS
    with pytest.raises(ValueError, match="split='dev'"):
        disfluencies.disfluencies("dev")
