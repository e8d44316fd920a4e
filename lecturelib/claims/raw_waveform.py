"""From the waveform itself, as the paper has it: five ways to make that learn within minutes."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torchaudio.functional import melscale_fbanks

from lecturelib.adapt.hearing import log_mel
from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import heard, speech, watched, word_right
from lecturelib.data.speech_crops import crops
from lecturelib.frontends.waveform import Conv, Convolutions, MelFrames
from lecturelib.objectives.masked_contrast import MaskedContrast
from lecturelib.pretraining.wav2vec2 import SETTINGS, cooling, untrained
from lecturelib.training.loop import Plan, Trainer
from lecturelib.training.schedule import tri_stage

FILTERS = (Conv(64, 64, 8), Conv(64, 10, 5), Conv(64, 4, 4))  # 8 ms, as long as a filter bank needs


def trained(seed: int, steps: int, size: int, start: Callable[[MaskedContrast], None]) -> Any:
    """The recipe on the waveform, from a start of one's own."""
    torch.manual_seed(seed)
    objective = untrained(cooling(SETTINGS, steps), "raw")
    start(objective)
    plan = Plan(steps, lr=1e-3, schedule=tri_stage, clip=5.0, seed=seed)
    Trainer(objective, crops(speech("train"), size), plan, label="raw waveform").run()
    return objective.eval()


def as_it_is(objective: MaskedContrast) -> None:
    """Random convolutions."""


def filter_bank(objective: MaskedContrast) -> None:
    """First filters: 32 short waves at mel-spaced pitches, as cosine and sine; then averages."""
    convolutions = Convolutions(plan=FILTERS)
    bands = melscale_fbanks(n_freqs=129, f_min=60, f_max=4000, n_mels=32, sample_rate=8000)
    pitch = bands.argmax(0) * 4000 / 128
    turns = 2 * torch.pi * torch.outer(pitch, torch.arange(64) / 8000)
    waves = torch.cat([turns.cos(), turns.sin()]) * torch.hann_window(64)
    layers: Any = convolutions.layers
    with torch.no_grad():
        layers[0].weight.copy_(waves[:, None] / waves.norm(dim=1)[:, None, None])
        for layer in (layers[1], layers[2]):
            layer.weight.mul_(0.3)
            layer.weight[torch.arange(64), torch.arange(64)] += 1 / layer.kernel_size[0]
    objective.model.frontend.convolutions = convolutions


def distilled(objective: MaskedContrast, steps: int = 200) -> None:
    """Convolutions that have first learned to say the log-mel bands of each frame."""
    front, ear = objective.model.frontend, MelFrames()
    say = nn.Linear(64, 40)
    learned = [*front.convolutions.parameters(), *front.norm_latents.parameters()]
    optimiser = torch.optim.AdamW([*learned, *say.parameters()], lr=2e-3)
    draw, rng = crops(speech("train"), 8), torch.Generator().manual_seed(0)
    for _ in range(steps):
        waves = draw(rng).signal
        bands = torch.log(ear.mel(waves) + 1e-3).mT[:, ::2]
        guess = say(front.latents(waves))[:, : bands.shape[1]]
        optimiser.zero_grad()
        F.mse_loss(guess, bands[:, : guess.shape[1]]).backward()
        optimiser.step()


WAYS: dict[str, tuple[int, int, Callable[[MaskedContrast], None]]] = {  # steps, crops, start
    "as it is": (350, 8, as_it_is),
    "twice as long": (700, 8, as_it_is),
    "larger batches": (120, 24, as_it_is),
    "filter bank": (400, 8, filter_bank),
    "distilled from log-mel": (300, 8, distilled),
}


def run(seed: int) -> dict[str, float]:
    """Each way, and log-mel without a network."""
    numbers = {"log-mel": word_right(log_mel, seed)}
    for way, (steps, size, start) in WAYS.items():
        objective = trained(seed, steps, size, start)
        numbers[way] = word_right(heard(objective), seed)
        numbers[f"{way}, pretext"] = 100 * watched(objective)["tie_accuracy"]
        numbers[f"{way}, codes in use"] = watched(objective)["hard_perplexity"]
    best = max(numbers[way] for way in WAYS)
    return numbers | {"effect": best - numbers["log-mel"]}


CARD = Card(
    name="raw_waveform",
    source="Baevski et al. 2020, arXiv 2006.11477 v3, Section 2",
    statement="A model can learn from the waveform, without a spectrogram",
    paper_number="960 hours of speech, 400,000 updates on 64 GPUs",
    protocol="the shipped recipe, but convolutions of the waveform, rate 1e-3; five "
    "ways of 60 to 155 s; THREE seeds; frozen, 5 clips a digit, accuracy on two strangers as in "
    "the other cards; judged by the best way on these strangers minus log-mel without a network",
    run=run,
    unit="points of accuracy, the best way minus log-mel",
)
