"""Augmentation of speech: ratios measured again, a plain convolution, spectra, image sources."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pyroomacoustics
import pytest
import torch
import torchaudio.functional as F
from torch import Generator, Tensor

from lecturelib.data import augment_speech
from lecturelib.data.augment_speech import RATE
from tests.oracle import error, unchecked

ADDING = [
    (augment_speech.noise, (0, 15)),
    (augment_speech.babble, (13, 20)),
    (augment_speech.tones, (5, 15)),
]


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def clips(count: int = 8, samples: int = 4_000, seed: int = 1) -> Tensor:
    return 0.05 * torch.randn(count, samples, generator=seeded(seed))


def decibels(waves: Tensor, changed: Tensor) -> Tensor:
    """Power of the clips over the power of what was added, measured in float64."""
    clean, sound = waves.double(), changed.double() - waves.double()
    return 10 * torch.log10(clean.square().sum(1) / sound.square().sum(1))


@pytest.mark.parametrize(("change", "papers"), ADDING)
def test_the_measured_ratio_is_the_one_that_was_asked_for(change: Callable, papers: tuple) -> None:
    waves = clips() * torch.arange(1, 9)[:, None]  # loud and soft clips alike
    for asked in (-5.0, 0.0, 12.5):
        measured = decibels(waves, change(waves, seeded(), snr=(asked, asked)))
        assert (measured - asked).abs().max() < 1e-3
    low, high = papers
    many = torch.cat([decibels(waves, change(waves, seeded(n))) for n in range(40)])
    assert low - 1e-3 <= many.min() < low + 0.6
    assert high - 0.6 < many.max() <= high + 1e-3


def slope(sound: Tensor) -> float:
    """Decibels an octave, by least squares over the middle of the spectrum."""
    power = torch.fft.rfft(sound).abs().square().mean(0)[50:1500]
    octaves = np.log2(np.arange(50, 1500))
    return float(np.polyfit(octaves, 10 * np.log10(power.numpy()), 1)[0])


def test_white_noise_is_flat_and_pink_noise_falls_by_3_decibels_an_octave() -> None:
    white = torch.randn(500, 4_000, generator=seeded())
    assert abs(slope(white)) < 0.1
    assert abs(slope(augment_speech.pink(white)) + 10 * math.log10(2)) < 0.1


def test_half_of_the_clips_get_pink_noise() -> None:
    waves = clips(200)
    sound = augment_speech.noise(waves, seeded(), snr=(0.0, 0.0)) - waves
    slopes = torch.tensor([slope(row[None]) for row in sound])
    is_pink = slopes < -1.5
    assert 70 < is_pink.sum() < 130
    assert (slopes[~is_pink].abs() < 1.2).all()


def test_babble_is_three_to_seven_others_and_never_the_clip_itself() -> None:
    """The clips are impulses at places of their own: what was added says who was talking."""
    waves = torch.eye(12, 50)
    counts = set()
    for seed in range(30):
        sound = augment_speech.babble(waves, seeded(seed), snr=(0.0, 0.0)) - waves
        assert (sound.diagonal() == 0).all()
        talkers = (sound[:, :12].abs() > 1e-6).sum(1)
        assert torch.allclose(sound.max(1).values, talkers.float().rsqrt())  # power 1 is shared out
        counts |= set(talkers.tolist())
    assert counts == {3, 4, 5, 6, 7}
    assert augment_speech.babble(waves[:4], seeded()).shape == (4, 50)


def test_tones_are_chords_of_four_harmonics_that_die_away_beside_a_plain_loop() -> None:
    waves = clips(3, 2 * RATE)
    sound = augment_speech.tones(waves, seeded(), snr=(0.0, 0.0)) - waves
    rng = seeded()
    keys, thirds = (torch.randint(*ends, (3, 4), generator=rng) for ends in ((0, 25), (3, 5)))
    seconds = np.arange(4_000) / RATE
    for clip in range(3):
        beats = []
        for key, third in zip(keys[clip].tolist(), thirds[clip].tolist(), strict=True):
            beat = np.zeros(4_000)
            for hertz in (110 * 2 ** ((key + step) / 12) for step in (0, third, 7)):
                for h in (1, 2, 3, 4):
                    beat += np.sin(2 * np.pi * h * hertz * seconds) / h * np.exp(-4 * seconds)
            beats.append(beat)
        plain = np.concatenate(beats)
        plain *= float(waves[clip].double().norm()) / np.linalg.norm(plain)  # 0 dB
        assert error(sound[clip].double(), torch.from_numpy(plain)) < 1e-3


def test_a_room_is_heard_as_numpy_convolves_it() -> None:
    waves, responses = clips(3, 300).double(), torch.randn(3, 40, generator=seeded()).double()
    ours = augment_speech.convolved(waves, responses)
    plain = [np.convolve(w, r)[:300] for w, r in zip(waves.numpy(), responses.numpy(), strict=True)]
    assert error(ours, torch.from_numpy(np.stack(plain))) < 1e-12


def test_every_clip_gets_a_room_of_the_bank() -> None:
    waves = torch.zeros(50, augment_speech.ECHO)
    waves[:, 0] = 1
    bank = augment_speech.rooms()
    distance = torch.cdist(augment_speech.reverberate(waves, seeded()), bank)
    assert distance.min(1).values.max() < 5e-3
    assert len(distance.argmin(1).unique()) > 20
    assert torch.allclose(bank.norm(dim=1), torch.ones(60))
    assert not torch.allclose(augment_speech.rooms(2, seed=1)[0], bank[0], atol=0.1)


def images(size: float, place: float) -> list[tuple[float, int]]:
    """Along one axis: where the mirror images of a place are, and after how many walls."""
    return [
        ((k + k % 2) * size + (-1) ** k * place, abs(k))
        for k in range(-augment_speech.REFLECTIONS, augment_speech.REFLECTIONS + 1)
    ]


@pytest.fixture
def all_the_bass() -> Iterator[None]:
    """Without the library's filter that takes away what is below 10 Hz."""
    pyroomacoustics.constants.set("rir_hpf_enable", False)
    yield
    pyroomacoustics.constants.set("rir_hpf_enable", True)


@pytest.mark.usefixtures("all_the_bass")
def test_a_response_is_the_sum_of_the_speakers_mirror_images() -> None:
    """A plain sum: each is heard after distance / c, sqrt(1 - a) softer a wall, as 1 / distance."""
    size, speaker, absorption = (9.0, 8.0, 5.0), (2.0, 3.0, 2.5), 0.4
    microphone = (2 + 70 * 343 / RATE, 3.0, 2.5)  # 70 samples away: no sample of it is cut off
    hertz = np.arange(300, 2500, 2)
    wanted = np.zeros(len(hertz), complex)
    x, y, z = (images(length, place) for length, place in zip(size, speaker, strict=True))
    for *place, walls in ((a, b, c, n + m + k) for a, n in x for b, m in y for c, k in z):
        if walls <= augment_speech.REFLECTIONS:
            distance = math.dist(place, microphone)
            wave = np.exp(-2j * np.pi * hertz * distance / 343)
            wanted += math.sqrt(1 - absorption) ** walls / distance * wave
    places = torch.tensor(speaker), torch.tensor(microphone)
    heard = augment_speech.response(torch.tensor(size), absorption, *places)
    ours = np.abs(np.fft.rfft(heard.double().numpy()))[hertz // 2]
    wanted = np.abs(wanted) * float(heard[0]) * math.dist(speaker, microphone)
    assert np.abs(ours - wanted).max() / wanted.max() < 0.002


def test_soft_walls_swallow_the_echo() -> None:
    places = torch.tensor([6.0, 5.0, 3.0]), torch.tensor([1.0, 1.0, 1.0]), torch.tensor([4.0, 3, 2])
    hard, soft = (augment_speech.response(places[0], a, *places[1:]) for a in (0.2, 0.8))
    late = [float(echo[800:].square().sum()) for echo in (hard, soft)]
    assert late[0] > 100 * late[1]


def test_the_telephone_passes_300_to_3400_hertz() -> None:
    click = torch.zeros(1, RATE)
    click[0, 0] = 1
    gain = 20 * torch.log10(torch.fft.rfft(augment_speech.telephone(click)[0].double()).abs())
    assert gain[[300, 3_400]].tolist() == pytest.approx([-3.01, -3.01], abs=0.02)
    assert gain[600:2_800].abs().max() < 0.1
    assert gain[100] < -35
    assert gain[3_900] < -35


def test_the_telephone_is_torchaudios_biquads_in_a_row() -> None:
    waves = clips(2, 2_000).double()
    heard = waves
    for q in (0.541196100146197, 1.3065629648763766):  # Butterworth, order 4
        heard = F.highpass_biquad(heard, RATE, 300, q)
        heard = F.lowpass_biquad(heard, RATE, 3_400, q)
    ours = augment_speech.telephone(waves)
    spectra = [torch.fft.rfft(w).abs()[:, 200:700] for w in (ours, heard)]  # 800 to 2,800 Hz
    assert error(spectra[0], spectra[1]) < 0.01


def test_a_faster_tone_is_shorter_and_higher() -> None:
    tone = torch.sin(2 * math.pi * 400 * torch.arange(RATE) / RATE)[None]
    seen = {}
    for seed in range(12):
        heard = augment_speech.speed(tone, seeded(seed))
        spectrum = torch.fft.rfft(heard[0] * torch.hann_window(heard.shape[1])).abs()
        seen[heard.shape[1]] = float(spectrum.argmax()) * RATE / heard.shape[1]
    assert seen.keys() == {8_000, math.ceil(8_000 / 1.1), math.ceil(8_000 / 0.9)}
    for length, hertz in seen.items():
        assert abs(hertz - 400 * 8_000 / length) < 1


def test_a_third_stays_clean_and_the_four_changes_are_equally_frequent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number, name in enumerate(("babble", "tones", "noise", "reverberate"), start=1):
        monkeypatch.setattr(augment_speech, name, lambda waves, rng, n=number: waves + n)
    changed = augment_speech.augmented(torch.zeros(6_000, 1), seeded())
    counts = torch.bincount(changed[:, 0].long(), minlength=5) / 6_000
    wanted = torch.tensor([1 / 3, *[1 / 6] * 4])
    assert (counts - wanted).abs().max() < 0.02


@pytest.mark.parametrize(
    "change",
    [
        augment_speech.augmented,
        augment_speech.noise,
        augment_speech.babble,
        augment_speech.tones,
        augment_speech.reverberate,
    ],
)
def test_the_seed_decides_and_length_and_type_stay(change: Callable) -> None:
    waves = clips(16, 5_001)
    before = waves.clone()
    one, two, other = (change(waves, seeded(seed)) for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert one.shape == waves.shape
    assert one.dtype == torch.float32
    assert torch.equal(waves, before)


CHANGES = [
    augment_speech.augmented,
    augment_speech.noise,
    augment_speech.babble,
    augment_speech.tones,
    augment_speech.reverberate,
    augment_speech.speed,
    lambda waves, rng: augment_speech.telephone(waves),
]


@pytest.mark.parametrize("change", CHANGES)
def test_stereo_and_what_is_no_number(change: Callable) -> None:
    waves = clips()
    waves[[2, 5], 7] = torch.tensor([math.nan, math.inf])
    with pytest.raises(ValueError, match=r"clips \[2, 5\] hold NaN or infinity: drop or repair"):
        change(waves, seeded())
    with unchecked(), pytest.raises(ValueError, match=r"waves \(8, 2, 100\): \[batch, samples\]"):
        change(torch.ones(8, 2, 100), seeded())


@pytest.mark.parametrize(("change", "papers"), ADDING)
def test_silence_has_no_ratio(change: Callable, papers: tuple) -> None:
    waves = clips()
    waves[3] = 0
    with pytest.raises(ValueError, match=r"clips \[3\] are silent: an SNR needs two powers"):
        change(waves, seeded())


def test_a_clip_among_silent_ones_has_no_babble() -> None:
    waves = torch.zeros(5, 10)
    waves[0] = 1
    with pytest.raises(ValueError, match=r"clips \[1, 2, 3, 4\] are silent"):
        augment_speech.babble(waves, seeded())
    with pytest.raises(ValueError, match="3 clips: babble takes 3 others, give at least 4"):
        augment_speech.babble(clips(3), seeded())


def test_a_rate_that_does_not_carry_the_telephone_band() -> None:
    with pytest.raises(ValueError, match=r"rate=6000 does not carry 3,400 Hz: load .* 8,000 Hz"):
        augment_speech.telephone(clips(), rate=6_000)
