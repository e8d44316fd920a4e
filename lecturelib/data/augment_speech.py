"""Sounds that leave the speaker alone: noise, other voices, tones, rooms, the telephone.

Snyder et al. 2018, section 3.3: what a speaker embedding learns from. Everything here takes and
gives waves [batch, samples] at RATE, float32, nothing clipped. A clip's power is measured over the
whole row: cut a batch to one length first, or give padded clips one by one. Departures: noise,
voices and tones are made here or taken from the batch, where the paper plays recordings (MUSAN).
"""

from functools import cache
from typing import Any

import pyroomacoustics
import torch
import torchaudio.functional as F
from jaxtyping import Float
from scipy.signal import butter, sosfilt
from torch import Generator, Tensor

from lecturelib.shapes import Waves

RATE = 8_000
BABBLE, TONES, NOISE = (13.0, 20.0), (5.0, 15.0), (0.0, 15.0)  # dB, the paper's ranges
TALKERS = (3, 7)  # other voices at once in babble
FACTORS = (0.9, 1.0, 1.1)  # of speed
ECHO = RATE // 2  # samples kept of a room's response
REFLECTIONS = 17  # how many walls a sound may meet before it is forgotten
Range = tuple[float, float]


def augmented(waves: Waves, rng: Generator) -> Waves:
    """A third of the clips as they are, the others with babble, tones, noise or a room.

    The paper's list has each recording once clean and in two copies, each changed by one of the
    four with equal chance; here every clip is drawn anew.
    """
    draw = torch.randint(6, (len(_checked(waves)),), generator=rng)
    result, talk = waves.clone(), draw == 2
    if talk.any():
        result[talk] = babble(waves, rng)[talk]
    for number, change in ((3, tones), (4, noise), (5, reverberate)):
        if (rows := draw == number).any():
            result[rows] = change(waves[rows], rng)
    return result


def noise(waves: Waves, rng: Generator, *, snr: Range = NOISE) -> Waves:
    """White noise in half of the clips, pink noise in the others, all the time."""
    is_pink = torch.rand(len(_checked(waves)), generator=rng) < 0.5
    white = torch.randn(waves.shape, generator=rng)
    return added(waves, torch.where(is_pink[:, None], pink(white), white), rng, snr)


def pink(white: Waves) -> Waves:
    """White noise turned pink: power falls as 1 / frequency, 3 dB an octave."""
    spectrum = torch.fft.rfft(white)
    steps = torch.arange(spectrum.shape[1]).clamp(min=1)
    return torch.fft.irfft(spectrum / steps.sqrt(), n=white.shape[1])


def babble(waves: Waves, rng: Generator, *, snr: Range = BABBLE) -> Waves:
    """Three to seven other clips of the batch talk at the same time; never the clip itself.

    They may be of the same speaker. Raises ValueError for fewer than 4 clips.
    """
    count = len(_checked(waves))
    if count <= TALKERS[0]:
        raise ValueError(f"{count} clips: babble takes {TALKERS[0]} others, give at least 4 clips")
    chance = torch.rand(count, count, generator=rng).fill_diagonal_(2.0)  # the clip comes last
    most = min(TALKERS[1], count - 1)
    talkers = torch.randint(TALKERS[0], most + 1, (count, 1), generator=rng)
    is_talking = chance.argsort(1).argsort(1) < talkers
    return added(waves, is_talking.to(waves) @ waves, rng, snr)


def tones(waves: Waves, rng: Generator, *, snr: Range = TONES) -> Waves:
    """Something like music: three-note chords, struck twice a second and dying away."""
    count, samples = _checked(waves).shape
    beat = RATE // 2
    beats = -(-samples // beat)
    keys = torch.randint(25, (count, beats, 1, 1), generator=rng)
    third = torch.randint(3, 5, (count, beats, 1, 1), generator=rng)  # minor or major
    fifth = torch.full_like(third, 7)
    hertz = 110 * 2 ** ((keys + torch.cat([torch.zeros_like(third), third, fifth], 2)) / 12)
    seconds = torch.arange(beat) / RATE
    angle = 2 * torch.pi * hertz * seconds
    chord = torch.stack([(h * angle).sin().sum(2) / h for h in (1, 2, 3, 4)]).sum(0)
    played = chord * torch.exp(-4 * seconds)
    return added(waves, played.flatten(1)[:, :samples], rng, snr)


def reverberate(waves: Waves, rng: Generator) -> Waves:
    """Each clip as it sounds in one of 60 simulated rooms."""
    bank = rooms()
    return convolved(waves, bank[torch.randint(len(bank), (len(waves),), generator=rng)])


def convolved(waves: Waves, responses: Float[Tensor, "batch echo"]) -> Waves:
    """Each clip heard through its response, cut to the clip's length."""
    return F.fftconvolve(_checked(waves), responses.to(waves))[:, : waves.shape[1]]


@cache
def rooms(count: int = 60, seed: int = 0) -> Float[Tensor, "rooms echo"]:
    """Impulse responses of rooms of 2 to 10 m and 2 to 5 m height, by image sources; energy 1.

    Walls swallow 0.2 to 0.8 of the sound; speaker and microphone stand anywhere, a tenth of the
    room away from the walls. Another seed gives rooms that training has not heard.
    """
    rng = torch.Generator().manual_seed(seed)
    low, high = torch.tensor([2.0, 2.0, 2.0]), torch.tensor([10.0, 10.0, 5.0])
    bank = []
    for _ in range(count):
        size = low + (high - low) * torch.rand(3, generator=rng)
        swallowed = 0.2 + 0.6 * torch.rand((), generator=rng).item()
        places = size * (0.1 + 0.8 * torch.rand(2, 3, generator=rng))
        bank.append(response(size, swallowed, places[0], places[1]))
    return torch.stack(bank)


def response(
    size: Tensor, absorption: float, speaker: Tensor, microphone: Tensor
) -> Float[Tensor, " echo"]:
    """What a microphone hears of a click in a box-shaped room (Allen and Berkley 1979); energy 1.

    Places in metres from a corner. Begins with its loudest moment, as a rule the direct sound.
    """
    material = pyroomacoustics.Material(absorption)
    room: Any = pyroomacoustics.ShoeBox(
        size.numpy(), fs=RATE, materials=material, max_order=REFLECTIONS
    )
    room.add_source(speaker.numpy())
    room.add_microphone(microphone.numpy())
    room.compute_rir()
    click = torch.from_numpy(room.rir[0][0]).float()
    echo = click[int(click.abs().argmax()) :][:ECHO]
    return torch.nn.functional.pad(echo / echo.norm(), (0, ECHO - len(echo)))


def telephone(waves: Waves, *, rate: int = RATE) -> Waves:
    """300 to 3,400 Hz, a telephone's band: a Butterworth filter of order 4 at each edge.

    Raises ValueError for a rate that does not carry the band.
    """
    if rate < 8_000:
        raise ValueError(f"rate={rate} does not carry 3,400 Hz: load the clips at 8,000 Hz or more")
    band = butter(4, (300, 3400), "bandpass", output="sos", fs=rate)
    return torch.from_numpy(sosfilt(band, _checked(waves).numpy())).to(waves)


def speed(waves: Waves, rng: Generator) -> Float[Tensor, "batch other_samples"]:
    """All clips 0.9, 1 or 1.1 times as fast, and so longer, equal or shorter.

    Pitch and formants move too: the copy sounds like somebody else, so label it as another speaker
    or leave it out where speakers are learned.
    """
    factor = FACTORS[int(torch.randint(len(FACTORS), (), generator=rng))]
    return F.speed(_checked(waves), RATE, factor)[0]


def added(waves: Waves, sound: Waves, rng: Generator, snr: Range) -> Waves:
    """The clips with a sound behind them, softer by a ratio drawn from `snr` (dB) for each clip.

    Raises ValueError for a silent clip or sound: the ratio has no meaning there.
    """
    for name, value in (("clips", waves), ("sounds behind the clips", sound)):
        if silent := (value == 0).all(1).nonzero().flatten().tolist():
            raise ValueError(f"{name} {silent} are silent: an SNR needs two powers, drop them")
    low, high = snr
    ratio = low + (high - low) * torch.rand(len(waves), generator=rng)
    return F.add_noise(waves, sound.to(waves), ratio.to(waves))


def _checked(waves: Waves) -> Waves:
    if waves.ndim != 2:
        raise ValueError(f"waves {tuple(waves.shape)}: [batch, samples] of one channel, please")
    if bad := (~waves.isfinite()).any(1).nonzero().flatten().tolist():
        raise ValueError(f"clips {bad} hold NaN or infinity: drop or repair them first")
    return waves
