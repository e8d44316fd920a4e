"""Is it learning, or is it dead? Signs in the log of a wav2vec 2.0 training."""

import math
from collections.abc import Mapping
from typing import NamedTuple

ONE_EACH = 1.05  # perplexity of a dead codebook, in codes a group; rounding is forgiven
NEAR = 0.02  # of chance: a loss so close to it has learned nothing
FEW, MANY = 0.25, 0.75  # of all codes
LEARNED = 3.0  # times chance
BLANK = 0.99  # of the frames
NEEDED = ("loss", "accuracy", "tie_accuracy", "hard_perplexity", "soft_perplexity")


class Fingerprint(NamedTuple):
    """How it looks in the log, why, and what helps."""

    sign: str
    cause: str
    remedy: str


# In the order in which `diagnose` asks.
FINGERPRINTS = {
    "dead": Fingerprint(
        "perplexity = 1 a group (2.000 for two), loss 0, accuracy 100 %",
        "One code a group: every distractor equals the target and is left out.",
        "Lower rate, diversity penalty, Gumbel noise; stop and start again.",
    ),
    "guessing": Fingerprint(
        "loss = log(1 + K): 3.93 nats for K = 50; 4.62, or 6.658 bits, for K = 100",
        "All candidates look alike: no better than chance.",
        "At the start it is normal; after the warm-up change rate or front end.",
    ),
    "undecided": Fingerprint(
        "soft perplexity high, hard perplexity low",
        "Flat softmaxes satisfy the penalty; the choice is always the same.",
        "Let the temperature fall; keep the Gumbel noise.",
    ),
    "few codes": Fingerprint(
        "hard perplexity below a quarter of the codes",
        "The codebook shrinks: targets say less and less.",
        "Watch it; more diversity, a higher temperature for longer.",
    ),
    "all blank": Fingerprint(
        "CTC loss flat, near 2.9 for English letters",
        "The blank everywhere is CTC’s cheapest first answer.",
        "Train on: it ends suddenly; else raise the rate, check the labels.",
    ),
    "too early": Fingerprint(
        "tie-split accuracy below three times chance",
        "Codes are in use, but little is predicted yet.",
        "Train on, and look at tie-split accuracy, not at the loss.",
    ),
    "alive": Fingerprint(
        "tie-split accuracy far above chance, codes in use",
        "It tells this frame from others, and codes differ.",
        "Go on; what it is good for, a probe must say.",
    ),
}


def diagnose(row: Mapping[str, float | int], *, groups: int, codes: int, negatives: int) -> str:
    """Which of FINGERPRINTS a row of the log shows: "dead", "guessing" ... "alive".

    row  contrastive loss in nats a frame, accuracy and tie_accuracy (0-1), hard_perplexity and
         soft_perplexity summed over groups; or, of CTC, blank_share: frames whose best is the blank

    `groups` of `codes` each; `negatives`: the K distractors. ValueError where a number is missing.
    """
    if "blank_share" in row:
        return "all blank" if row["blank_share"] > BLANK else "alive"
    if missing := [name for name in NEEDED if name not in row]:
        raise ValueError(f"the row has no {', '.join(missing)}: log {', '.join(NEEDED)}")
    hard, soft = (row[f"{kind}_perplexity"] / (groups * codes) for kind in ("hard", "soft"))
    chance = math.log(1 + negatives)
    if row["hard_perplexity"] < ONE_EACH * groups:
        return "dead"
    if abs(row["loss"] - chance) < NEAR * chance:
        return "guessing"
    if hard < FEW:
        return "undecided" if soft > MANY else "few codes"
    return "alive" if row["tie_accuracy"] * (1 + negatives) > LEARNED else "too early"
