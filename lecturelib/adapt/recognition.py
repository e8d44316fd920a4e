"""Speech recognition: wav2vec 2.0, one linear layer on top, CTC, and minutes of labels.

Baevski 2020, Sections 3.3 and 4.3. The slides' first loop comes back: a recogniser writes the
labels that the next one learns from.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import jiwer
import torch
from jaxtyping import Bool, Int
from torch import Generator, Tensor, nn

from lecturelib.adapt.transfer import freeze
from lecturelib.data import speech
from lecturelib.data.batch import Batch
from lecturelib.data.numbers import stack
from lecturelib.data.speech import Utterance
from lecturelib.data.speech_crops import level
from lecturelib.decoding.ctc import greedy
from lecturelib.decoding.sequences import Hypothesis
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder
from lecturelib.masking import span_mask
from lecturelib.objectives.ctc import BLANK, Ctc, LogP, Posterior
from lecturelib.objectives.masked_contrast import frame_pad
from lecturelib.recipes.start import start_at
from lecturelib.shapes import IsHidden, IsPad, Tokens
from lecturelib.training.loop import Draw, History, Plan, Trainer

LETTERS = " 'abcdefghijklmnopqrstuvwxyz"
Read = Callable[[LogP], Hypothesis]


class Alphabet:
    """Letters in the order of their classes, from 1; class 0 is CTC's blank."""

    def __init__(self, letters: str = LETTERS):
        if twice := sorted({one for one in letters if letters.count(one) > 1}):
            raise ValueError(f"letters {twice} stand twice: name each once")
        self.letters = letters

    def __len__(self) -> int:
        """How many classes there are, the blank included."""
        return 1 + len(self.letters)

    def encode(self, text: str) -> list[int]:
        """A class for each letter. Raises ValueError naming characters that are not in it."""
        if unknown := sorted(set(text) - set(self.letters)):
            raise ValueError(
                f"{text!r} has {unknown}, which this alphabet lacks: spell it with {self.letters!r}"
            )
        return [1 + self.letters.index(letter) for letter in text]

    def decode(self, ids: Sequence[int]) -> str:
        """Classes without blanks -> text."""
        return "".join(self.letters[one - 1] for one in ids)

    def labels(
        self, texts: Sequence[str]
    ) -> tuple[Int[Tensor, "batch labels"], Bool[Tensor, "batch labels"]]:
        """Texts side by side, and where the filling is."""
        return stack([self.encode(text) for text in texts], BLANK)


def spoken(text: str) -> str:
    """As it is said: lower case, and what is neither letter nor apostrophe is a space.

    >>> spoken("Don't press 1, please!")
    "don't press please"
    """
    lower = text.lower()
    return " ".join("".join(c if c.isalpha() or c == "'" else " " for c in lower).split())


class Spoil(NamedTuple):
    """SpecAugment in latent space: chance that a span starts at a frame or channel, its length."""

    time: tuple[float, int] = (0.065, 10)
    channels: tuple[float, int] = (0.008, 16)


class Recogniser(nn.Module):
    """wav2vec 2.0 and one linear layer: waves -> log p of each letter in each frame.

    model               a `Waveform` front end and the encoder; it is trained in place, not copied
    spoil               what is hidden while training; None: nothing
    encoder_frozen_for  steps in which the linear layer learns alone (the published code's
                        freeze_finetune_updates: 10,000 with 10 minutes of labels)
    features_frozen     False: the feature encoder learns, too, as it must from scratch

    Waves of mean 0 and deviation 1 are wanted; see `labelled`.
    """

    updates: Tensor

    def __init__(
        self,
        model: Model,
        alphabet: Alphabet,
        *,
        spoil: Spoil | None = Spoil(),  # noqa: B008
        encoder_frozen_for: int = 0,
        features_frozen: bool = True,
    ):
        super().__init__()
        self.model, self.alphabet, self.spoil = model, alphabet, spoil
        self.encoder_frozen_for = encoder_frozen_for
        self.head = nn.Linear(model.encoder.dim, len(alphabet))
        self.register_buffer("updates", torch.tensor(0))
        if features_frozen:
            freeze(model.frontend.convolutions)

    def forward(self, batch: Batch, rng: Generator) -> Posterior:
        front = self.model.frontend
        is_pad = frame_pad(front, batch)
        if (short := is_pad.all(1)).any():
            raise ValueError(
                f"rows {short.nonzero().flatten().tolist()} make no frame: "
                f"give at least {front.samples(1)} samples"
            )
        frozen = self.training and self.updates < self.encoder_frozen_for
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            latents, hidden = front.latents(batch.signal), None
            if self.training and self.spoil is not None:
                latents, hidden = spoilt(latents, is_pad, self.spoil, rng)
            context = self.model.encoder(front.tokens(latents, is_pad, hidden), is_pad)
        return Posterior(self.head(context).log_softmax(-1), is_pad)

    def after_step(self, step: int) -> None:
        """Count, to know when the encoder joins in."""
        self.updates.fill_(step + 1)


def spoilt(latents: Tokens, is_pad: IsPad, spoil: Spoil, rng: Generator) -> tuple[Tokens, IsHidden]:
    """Latents with spans of channels at 0, and spans of time to be hidden by the mask vector.

    The published code sets channels to 0 after the projection; here before it.
    """
    every = torch.zeros_like(latents[:, 0], dtype=torch.bool)
    hidden, silent = (
        span_mask(axis, start_prob=chance, span=span, rng=rng)
        for axis, (chance, span) in zip((is_pad, every), spoil, strict=True)
    )
    return latents.masked_fill(silent[:, None], 0.0), hidden


def restart_top(encoder: Encoder, blocks: int) -> None:
    """The last `blocks` blocks from random weights: they know the pretext task too well.

    Small models start as in `recipes.wav2vec2`. Raises ValueError for more blocks than there are.
    """
    if not 0 <= blocks <= len(encoder.layers):
        raise ValueError(f"blocks={blocks} of {len(encoder.layers)}: choose 0 or more of those")
    for block in list(encoder.layers)[len(encoder.layers) - blocks :]:
        start_at(block, linear=0.02 * max(1, 768 / encoder.dim) ** 0.5)
        for norm in block.modules():
            if isinstance(norm, nn.LayerNorm):
                norm.reset_parameters()


def labelled(said: Sequence[Utterance], alphabet: Alphabet, size: int) -> Draw:
    """A stream of batches of `size` random recordings with their letters.

    Raises ValueError for a text that is empty or has letters outside the alphabet.
    """
    heard = [levelled(one) for one in said]
    for one in heard:
        if not alphabet.encode(one.text or ""):
            raise ValueError(f"a recording of {one.speaker} has no text: leave it out")

    def draw(rng: Generator) -> Batch:
        chosen = [heard[row] for row in torch.randint(len(heard), (size,), generator=rng).tolist()]
        label, is_label_pad = alphabet.labels([one.text or "" for one in chosen])
        return replace(speech.batch(chosen, label), is_label_pad=is_label_pad)

    return draw


def levelled(one: Utterance) -> Utterance:
    """With mean 0 and deviation 1."""
    return replace(one, wave=level(one.wave[None])[0])


def fine_tune(
    recogniser: Recogniser, said: Sequence[Utterance], plan: Plan, *, size: int = 8
) -> History:
    """Train with CTC; the published schedule is `tri_stage`."""
    draw = labelled(said, recogniser.alphabet, size)
    return Trainer(Ctc(recogniser), draw, plan, label="fine-tuning").run()


@torch.no_grad()
def hear(recogniser: Recogniser, said: Sequence[Utterance]) -> list[LogP]:
    """log p of each class in the frames of each recording, in pieces of 16."""
    recogniser.eval()
    device, heard = recogniser.head.weight.device, [levelled(one) for one in said]
    found: list[LogP] = []
    for start in range(0, len(heard), 16):
        batch = speech.batch(heard[start : start + 16]).to(device)
        found += [row.cpu() for row in recogniser(batch, Generator()).rows()]
    return found


def transcribe(recogniser: Recogniser, said: Sequence[Utterance], read: Read = greedy) -> list[str]:
    """What was said? `read` turns frames into letters: greedy, or the best of a beam."""
    return [recogniser.alphabet.decode(read(log_p).ids) for log_p in hear(recogniser, said)]


class Errors(NamedTuple):
    """Edit distance over what was said, in words and in letters; may exceed 1."""

    words: float
    letters: float


def error_rates(reference: Sequence[str], guess: Sequence[str]) -> Errors:
    """Word and character error rate over all texts together (jiwer).

    Raises ValueError where the numbers of texts differ, and for an empty reference.
    """
    if len(reference) != len(guess):
        raise ValueError(f"{len(reference)} references, {len(guess)} guesses: give one each")
    if empty := [number for number, text in enumerate(reference) if not text.strip()]:
        raise ValueError(f"references {empty} are empty: drop them first")
    return Errors(
        float(jiwer.wer(list(reference), list(guess))),
        float(jiwer.cer(list(reference), list(guess))),
    )


def pseudo_labels(
    recogniser: Recogniser, said: Sequence[Utterance], *, keep: float
) -> list[Utterance]:
    """Self-training for speech (Xu et al. 2020): unlabelled recordings with the model's own text.

    keep  share of the recordings that stay, the surest: by the mean log p a frame of the greedy
          path. Those that are heard as silence go in any case.

    Their own texts are never looked at. Raises ValueError for a share outside 0-1.
    """
    if not 0 < keep <= 1:
        raise ValueError(f"keep={keep}: keep a share above 0 and at most 1")
    found = [(greedy(log_p), len(log_p)) for log_p in hear(recogniser, said)]
    sure = torch.tensor([best.score / frames for best, frames in found])
    rows = sure.argsort(descending=True, stable=True)[: max(1, round(keep * len(said)))].sort()
    texts = [(row, recogniser.alphabet.decode(found[row][0].ids)) for row in rows.values.tolist()]
    return [replace(said[row], text=text) for row, text in texts if text]
