"""The paper's claim, its number, our number over seeds, the verdict.

One file a card. Protocol and verdict rule are written before the seeds are run; the committed
ledger (`data/claims.json`) holds what came out, also where it is "not reproduced".
"""

import importlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean, stdev

from scipy.stats import t as student_t

from lecturelib.paths import BUILD, DATA
from lecturelib.training.checkpoint import put_whole

LEDGER = DATA / "claims.json"
NAMES = (
    "student_beats_teacher",
    "spoken_student",
    "weak_teacher",
    "quality_filter",
    "few_labels",
    "vgg_transfer",
    "vgg_fine_tuned",
    "small_kernels",
    "voice_vectors",
    "voice_augmentation",
    "voice_deviation",
    "voice_duration",
    "collapse",
    "both_sides",
    "masking_mix",
    "next_sentence",
    "context_tells_senses",
    "middle_layers",
    "feature_options",
    "bert_over_elmo",
    "spam_few_labels",
    "fine_tuned_over_frozen",
    "sentiment_few_labels",
    "sentence_answers",
    "meaning_over_words",
    "hidden_patches",
    "masked_images",
    "block_masks",
    "mask_share",
    "visual_tokens",
    "cnn_and_vit",
    "speech_few_labels",
    "steps_ahead",
    "unit_bert",
    "raw_waveform",
    "quantised_targets",
    "code_penalty",
    "gumbel_noise",
    "span_length",
    "own_negatives",
    "codebook_collapse",
    "speech_recognition",
    "speech_self_training",
    "data2vec_speech",
    "data2vec_images",
    "data2vec_text",
    "data2vec_brief",
    "data2vec_speech_rival",
    "data2vec_images_rival",
    "data2vec_text_rival",
    "data2vec_layers",
    "data2vec_targets",
    "data2vec_context",
    "data2vec_safeguards",
    "other_modality",
)


@dataclass(frozen=True)
class Card:
    """A claim, and how it is measured here.

    protocol  data, split, seeds, metric: fixed before the seeds are run
    run       seed -> numbers; "effect" is what is judged
    bound     reproduced: the 95 % interval of the effect lies above it; not reproduced: below
    """

    name: str
    source: str
    statement: str
    paper_number: str
    protocol: str
    run: Callable[[int], dict[str, float]]
    bound: float = 0.0
    unit: str = ""


def card(name: str) -> Card:
    """The card of `claims/<name>.py`."""
    if name not in NAMES:
        raise ValueError(f"no claim {name!r}: choose from {', '.join(NAMES)}")
    return importlib.import_module(f"lecturelib.claims.{name}").CARD


def interval(values: list[float]) -> tuple[float, float]:
    """95 % Student-t interval of the mean over seeds."""
    if len(values) < 2:
        return -math.inf, math.inf
    half = float(student_t.ppf(0.975, len(values) - 1)) * stdev(values) / math.sqrt(len(values))
    return mean(values) - half, mean(values) + half


def verdict(low: float, high: float, bound: float) -> str:
    """Reproduced where the whole interval is above the bound, not where it is all below."""
    if low > bound:
        return "reproduced"
    return "not reproduced" if high < bound else "inconclusive"


def measure(name: str, seeds: int = 5, folder: Path = BUILD / "claims") -> dict:
    """Run a card's protocol for seeds 0..seeds-1; a row of the ledger.

    Each finished run is a file of its own, `folder/NAME/SEED.json`: a stop loses at most the run
    that it stops, more seeds may follow another day. A file of another protocol is run again.
    """
    if seeds < 2:
        raise ValueError(f"seeds={seeds} gives no interval: use at least 2, 5 for a claim")
    chosen = card(name)
    return row(chosen, [finished(chosen, seed, folder / name) for seed in range(seeds)])


def finished(chosen: Card, seed: int, folder: Path) -> dict:
    """One run: read where its file is there, else run and kept."""
    kept = folder / f"{seed}.json"
    if kept.exists():
        before = json.loads(kept.read_text(encoding="utf8"))
        if before["protocol"] == chosen.protocol:
            return before["run"]
    began = time.perf_counter()
    numbers = chosen.run(seed)
    run = {"seed": seed, "minutes": (time.perf_counter() - began) / 60} | numbers
    folder.mkdir(parents=True, exist_ok=True)
    put_whole(kept, json.dumps({"protocol": chosen.protocol, "run": run}).encode())
    return run


def row(chosen: Card, runs: list[dict]) -> dict:
    """What the ledger says of a card after these runs."""
    effects = [run["effect"] for run in runs]
    low, high = interval(effects)
    return {
        "name": chosen.name,
        "source": chosen.source,
        "statement": chosen.statement,
        "paper_number": chosen.paper_number,
        "protocol": chosen.protocol,
        "unit": chosen.unit,
        "ours": round(mean(effects), 4) + 0.0,  # never -0.0
        "interval": [round(low, 4), round(high, 4)],
        "seeds": len(runs),
        "verdict": verdict(low, high, chosen.bound),
        "minutes": round(sum(run["minutes"] for run in runs), 2),
        "date": str(date.today()),
        "runs": [{k: round(v, 4) for k, v in run.items()} for run in runs],
    }


def ledger(path: Path = LEDGER) -> list[dict]:
    """The committed rows, in the order of the notebooks."""
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else []


def entry(name: str) -> dict:
    """The committed row of one claim."""
    found = [row for row in ledger() if row["name"] == name]
    if not found:
        raise ValueError(f"no claim {name!r} in the ledger: python -m lecturelib claims {name}")
    return found[0]


def commit(rows: list[dict], path: Path = LEDGER) -> None:
    """Put these rows into the ledger, in the place of older ones of the same name."""
    merged = {row["name"]: row for row in [*ledger(path), *rows]}
    ordered = [merged[name] for name in NAMES if name in merged]
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf8")
