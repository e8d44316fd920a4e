"""Ten minutes of labelled digit strings on top of the pre-trained wav2vec 2.0."""

import torch

from lecturelib.adapt.recognition import (
    Alphabet,
    Recogniser,
    error_rates,
    labelled,
    restart_top,
    transcribe,
)
from lecturelib.data.digit_strings import digit_strings
from lecturelib.data.synthetic import DIGITS
from lecturelib.objectives.ctc import Ctc
from lecturelib.paths import CHECKPOINTS
from lecturelib.pretraining import Job, wav2vec2
from lecturelib.training import checkpoint
from lecturelib.training.loop import Plan, Row
from lecturelib.training.schedule import tri_stage

DATA = ("digits",)
STEPS = {"quick": 40, "gpu": 1500, "full": 1500}
STRINGS = 300
RESTARTED = 2  # blocks of three: the best of 0 to 3 on validation


def build(data: str, pace: str, seed: int = 0) -> Job:
    """Encoder and linear layer are shipped; strings of a fourth person are watched."""
    torch.manual_seed(seed)
    known, watched = digit_strings("train", STRINGS), digit_strings("validation", 60)
    model = pretrained()

    def measure() -> Row:
        wrong = error_rates([u.text or "" for u in watched], transcribe(model, watched))
        return {"validation_words_wrong": wrong.words, "validation_letters_wrong": wrong.letters}

    return Job(
        objective=Ctc(model),
        draw=labelled(known, model.alphabet, 8),
        plan=Plan(
            STEPS[pace],
            lr=2e-3,
            schedule=tri_stage,
            seed=seed,
            measure_every=150,
            save_every=150,
        ),
        ship=model,
        facts={
            "data_sha256": checkpoint.digest(torch.cat([one.wave for one in known])),
            "data_source": known[0].source,
            "data_licence": wav2vec2.LICENCE,
        },
        measure=measure,
    )


def alphabet() -> Alphabet:
    """The letters of ten digits, and space."""
    return Alphabet("".join(sorted(set(" " + "".join(DIGITS)))))


def pretrained(blocks: int = RESTARTED) -> Recogniser:
    """The shipped wav2vec 2.0, its last blocks from random weights, and a new linear layer."""
    model = wav2vec2.shipped().model.train()
    restart_top(model.encoder, blocks)
    return Recogniser(model, alphabet())


def from_scratch() -> Recogniser:
    """The same network, nothing of it learned."""
    return Recogniser(wav2vec2.untrained().model, alphabet(), features_frozen=False)


def shipped() -> Recogniser:
    """The recogniser that this recipe has made, in eval mode."""
    model = from_scratch().eval()
    checkpoint.load_weights(CHECKPOINTS / "recogniser_digits.safetensors", model)
    return model
