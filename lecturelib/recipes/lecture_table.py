"""The slides' last tables from the recipes themselves: slide or paper, published code, ours.

What a slide or the paper says is quoted as words; the two other columns are read off `PUBLISHED`
and `OURS`, the objects that run.
"""

from typing import NamedTuple

from lecturelib.recipes.data2vec import OURS, PUBLISHED, Recipe
from lecturelib.recipes.images import VITS
from lecturelib.recipes.speech import SPEECH
from lecturelib.recipes.words import BERTS

ROWS = (
    "front end",
    "hidden",
    "teacher's answer",
    "normalised",
    "loss",
    "teacher's tau",
    "head",
    "peak rate",
    "schedule",
    "batch",
    "updates",
    "then",
)
LAST_SLIDE = ("batch", "updates", "schedule", "then")
"""What the slides' last table is about."""
NOT_ON_SLIDES = ("teacher's answer", "normalised", "teacher's tau", "head", "peak rate")
"""The first column has these from memory of the paper, not checked in it."""
FRONT_ENDS = {
    "waveform": (
        "7 convolutions on 16 kHz, 5 for positions",
        "log-mel bands at 8 kHz, 1 for positions",
    ),
    "patches": ("16x16 patches of 224x224, relative positions", "4x4 patches of 32x32, learned"),
    "words": ("50,000 byte pairs, 512 positions", "4,096 word pieces, 64 positions"),
}
DEPTHS = {"waveform": SPEECH, "patches": VITS, "words": BERTS}
SLIDE = {  # slides "data2vec"; for NOT_ON_SLIDES Baevski et al. 2022, from memory
    "waveform": {
        "front end": "temporal convolutions on 16 kHz",
        "hidden": "starts with p = .065, then 10 frames: ~49 %",
        "teacher's answer": "feed-forward part, last 8 of 12 layers",
        "normalised": "each layer over time",
        "loss": "smooth L1",
        "teacher's tau": "0.999 to 0.9999 in 30,000",
        "head": "1 layer",
        "peak rate": "0.0005",
        "schedule": "tri-stage, warm-up",
        "batch": "63 minutes (61 M samples)",
        "updates": "400,000",
        "then": "as wav2vec 2.0: CTC",
    },
    "patches": {
        "front end": "linear projection of patches, [class]",
        "hidden": "blocks of 16 patches or more: 60 %",
        "teacher's answer": "whole layer, last 6 of 12 layers",
        "normalised": "each token of the average",
        "loss": "smooth L1",
        "teacher's tau": "0.9998",
        "head": "1 layer",
        "peak rate": "0.002",
        "schedule": "cosine, warm-up",
        "batch": "2048 pictures (large: 8192)",
        "updates": "800 epochs",
        "then": "fine-tuned, mean of patches, softmax",
    },
    "words": {
        "front end": "words, subwords",
        "hidden": "15 %: 80 % [MASK], 10 % as they are, 10 % random",
        "teacher's answer": "feed-forward part, last 10 of 12 layers",
        "normalised": "each token of each layer",
        "loss": "smooth L1",
        "teacher's tau": "0.999 to 0.9999 in 100,000",
        "head": "1 layer",
        "peak rate": "0.0002",
        "schedule": "tri-stage, warm-up",
        "batch": "256 texts of 512 pieces",
        "updates": "1,000,000",
        "then": "fine-tuned on GLUE",
    },
}
STEPS = {
    "attention": "attention",
    "feed_forward": "feed-forward part",
    "residual": "feed-forward part and what it is added to",
    "out": "whole layer",
}
NORMS = {
    "instance": "each layer over time",
    "layer": "each token of each layer",
    "average": "each token of the average",
    "none": "not at all",
}


class Line(NamedTuple):
    """A row of the table. why: in one sentence, where the three are not alike."""

    row: str
    slide: str
    published: str
    ours: str
    why: str


def cells(frontend: str, recipe: Recipe, *, published: bool) -> dict[str, str]:
    """One column, read off a recipe."""
    settings = recipe.settings
    first, last, steps = settings.tau
    depth = DEPTHS[frontend]["base" if published else "mini"].depth
    return {
        "front end": FRONT_ENDS[frontend][0 if published else 1],
        "hidden": rule(recipe),
        "teacher's answer": f"{STEPS[settings.target]}, last {settings.top} of {depth} layers",
        "normalised": NORMS[settings.norm],
        "loss": "square" if settings.beta == 0 else f"smooth L1, beta {settings.beta:g}",
        "teacher's tau": f"{first} to {last} in {steps:,}",
        "head": f"{settings.head} layer" + "s" * (settings.head > 1),
        "peak rate": f"{recipe.rate:g}",
        "schedule": f"{recipe.schedule.replace('_', '-')}, warm-up",
        "batch": recipe.batch,
        "updates": f"{recipe.updates:,}",
        "then": SLIDE[frontend]["then"] if published else "frozen, read by a linear layer",
    }


def rule(recipe: Recipe) -> str:
    """The masking rule as it is called."""
    given = ", ".join(f"{name}={short(value)}" for name, value in recipe.hide.keywords.items())
    return f"{recipe.hide.func.__name__}({given})"


def short(value: object) -> str:
    """A number in few digits, anything else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


WHY = {
    ("waveform", "front end"): "log-mel bands learn within minutes, our convolutions do not (07a)",
    ("waveform", "hidden"): "twice as many spans of half the length, as our wav2vec 2.0 (07a)",
    ("waveform", "teacher's answer"): "we have 3 layers and average all; the feed-forward part was "
    "tried first and read worse",
    ("waveform", "loss"): "the slide shows smooth L1 for all; for speech the code has beta 0",
    ("waveform", "teacher's tau"): "a run of thousands of steps needs a teacher that moves faster",
    ("waveform", "peak rate"): "of two tries, 0.002 was read worse",
    ("waveform", "batch"): "one core instead of 16 GPUs",
    ("waveform", "updates"): "minutes of one core",
    ("waveform", "then"): "few labels, and minutes",
    ("patches", "then"): "few labels, and minutes",
    ("words", "then"): "few labels, and minutes",
    ("patches", "front end"): "our ViT of notebook 06, to compare with its hidden patches",
    ("patches", "hidden"): "60 % as in the paper; the code's own default is 75 of 196; we hide "
    "patch by patch, as MAE does",
    ("patches", "teacher's answer"): "we have 4 layers and average all",
    ("patches", "normalised"): "each token alone keeps what all patches of a picture share, which "
    "is easy to say: R2 .88 after 300 steps, and a probe below the untrained network (one try)",
    ("patches", "loss"): "one loss for all three here",
    ("patches", "teacher's tau"): "a run of thousands of steps needs a teacher that moves faster",
    ("patches", "peak rate"): "at 0.001 R2 rose more slowly (one try)",
    ("patches", "batch"): "one core instead of 16 GPUs",
    ("patches", "updates"): "the code has 300 epochs, the paper 800, we 3.6",
    ("words", "front end"): "our BERT of notebook 05, to compare with its hidden words",
    ("words", "hidden"): "the slide's rule is ours; the code's spans are one argument away: "
    "hide=mask_word_spans",
    ("words", "teacher's answer"): "we have 4 layers and average all",
    ("words", "normalised"): "as our two others",
    ("words", "loss"): "one loss for all three here",
    ("words", "teacher's tau"): "paper and code differ; ours is a short run",
    ("words", "head"): "the code has two layers with GELU between",
    ("words", "peak rate"): "not tuned",
    ("words", "schedule"): "the slide's tri-stage is not in the code's file",
    ("words", "batch"): "one core instead of 16 GPUs",
    ("words", "updates"): "minutes of one core",
}


def lecture_table(frontend: str) -> list[Line]:
    """The rows of one modality, in the order of ROWS."""
    published = cells(frontend, PUBLISHED[frontend], published=True)
    ours = cells(frontend, OURS[frontend], published=False)
    return [
        Line(row, SLIDE[frontend][row], published[row], ours[row], WHY.get((frontend, row), ""))
        for row in ROWS
    ]
