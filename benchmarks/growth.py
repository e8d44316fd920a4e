"""How the cost grows with batch, length, vocabulary and codes: a row again, at growing sizes."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.bert import step_case
from benchmarks.case import Case
from benchmarks.encoder import encoder_forward
from benchmarks.quantizers import gumbel_v320


@dataclass(frozen=True)
class Growth:
    """`at(size)` builds the case; `axis` says what the sizes count."""

    axis: str
    sizes: tuple[int, ...]
    at: Callable[[int], Case]


GROWTH = {
    "grow_batch": Growth("examples", (2, 4, 8, 16), lambda n: encoder_forward(batch=n)),
    "grow_length": Growth("tokens", (64, 128, 256, 512), lambda n: encoder_forward(time=n)),
    "grow_vocabulary": Growth(
        "word pieces", (2048, 8192, 30522), lambda n: step_case(n, goal=2.8 if n > 9000 else 1.2)
    ),
    "grow_codes": Growth("codes a group", (80, 160, 320, 640), gumbel_v320),
}
