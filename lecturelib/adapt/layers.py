"""Which layer should we use? The lecture's open question, asked as in Devlin 2019, Table 7.

Nothing here knows of words. There are things with a vector in every layer and a label each: words
with their tags, or frames of speech with their sounds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn

from lecturelib.adapt.transfer import check_classes
from lecturelib.encoders.scalar_mix import ScalarMix

States = Float[Tensor, "layers things dim"]
Vectors = Float[Tensor, "things dim"]
Guess = Int[Tensor, " things"]

COST = 0.01  # best of .001, .01, .1 on validation words (MiniLM, one draw of sentences)


@dataclass(frozen=True)
class Labelled:
    """Things that a frozen model has seen: layer 0 is before any context."""

    states: Float[Tensor, "layers things dim"]
    label: Int[Tensor, " things"]


VIEWS: dict[str, Callable[[Tensor], Tensor]] = {
    "embeddings": lambda states: states[0],
    "last": lambda states: states[-1],
    "second to last": lambda states: states[-2],
    "sum of last 4": lambda states: states[-4:].sum(0),
    "concat of last 4": lambda states: rearrange(
        states[-4:], "layers things dim -> things (layers dim)"
    ),
}
MIXED, TUNED = "weighted sum of all", "fine-tuned"
OPTIONS = (*VIEWS, MIXED, TUNED)


def layer_options(
    known: Labelled, unseen: States, fine_tune: Callable[[], Guess] | None = None
) -> dict[str, Guess]:
    """The seven options of Table 7, option -> guessed labels of the unseen things.

    fine_tune  trains the whole encoder and gives its guesses; None: six options, all frozen

    With fewer than four layers above the embeddings the last four are what there is: ELMo's three
    states, embeddings and all. The weighted sum has the embeddings in it, as ELMo's (the paper's
    row is of BERT's 12 layers alone). Raises ValueError for a single layer or a single class.
    """
    if len(known.states) < 2:
        raise ValueError(
            f"{len(known.states)} layer leaves nothing to choose: use `read_out` for one vector"
        )
    guesses = {
        name: read_out(view(known.states), known.label, view(unseen))
        for name, view in VIEWS.items()
    }
    guesses[MIXED], _ = weigh_layers(known, unseen)
    return guesses if fine_tune is None else guesses | {TUNED: fine_tune()}


def read_out(known: Vectors, label: Guess, unseen: Vectors, *, cost: float = COST) -> Guess:
    """What a linear soft-max layer, fitted on known vectors [n, dim], says of unseen ones.

    The minimum of |W|^2 / 2 + cost * the summed cross-entropy: scikit-learn's LogisticRegression
    on standardised vectors, here by torch, so that `weigh_layers` is the same but for the mix.
    """
    known, unseen = standardised(known, unseen)
    probe = nn.Sequential(head(known, label))
    settle(probe, known, label, cost)
    return guess(probe, unseen)


def weigh_layers(
    known: Labelled, unseen: States, *, cost: float = COST
) -> tuple[Guess, Float[Tensor, " layers"]]:
    """The same on a weighted sum whose weights are learned with it; also each layer's share.

    Every layer is standardised before it is mixed (Peters 2018, 3.2: "in some cases it also helped
    to apply layer normalization"). gamma stays 1: the linear layer has a scale of its own.
    """
    seen, unseen = standardised(known.states, unseen)
    mix = ScalarMix(len(seen)).to(seen.dtype)
    mix.gamma.requires_grad_(False)
    probe = nn.Sequential(mix, head(seen, known.label))
    settle(probe, seen, known.label, cost)
    return guess(probe, unseen), mix.shares.detach()


def standardised(
    known: Float[Tensor, "*layers n dim"], unseen: Float[Tensor, "*layers m dim"]
) -> tuple[Float[Tensor, "*layers n dim"], Float[Tensor, "*layers m dim"]]:
    """Both in the known things' scale: each number has mean 0 and variance 1 over them."""
    mean = known.mean(-2, keepdim=True)
    scale = known.std(-2, keepdim=True, correction=0).clamp(min=1e-6)
    return (known - mean) / scale, (unseen - mean) / scale


def head(known: Float[Tensor, "... dim"], label: Guess) -> nn.Linear:
    """A score for every class, all 0 at the start. Raises ValueError for one class only."""
    check_classes(label)
    linear = nn.Linear(known.shape[-1], int(label.max()) + 1, dtype=known.dtype)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear


def settle(probe: nn.Sequential, known: Tensor, label: Guess, cost: float) -> None:
    """Full-batch L-BFGS to the minimum; only the last module's weights are kept small."""
    last = probe[-1]
    assert isinstance(last, nn.Linear)
    optimiser = torch.optim.LBFGS(
        probe.parameters(), max_iter=100, tolerance_change=1e-7, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        small = last.weight.square().sum() / (2 * cost * len(label))
        total = F.cross_entropy(probe(known), label) + small
        total.backward()
        return total

    optimiser.step(loss)  # pyright: ignore[reportArgumentType]


@torch.no_grad()
def guess(probe: nn.Module, unseen: Tensor) -> Guess:
    """The class with the highest score."""
    return probe(unseen).argmax(-1)
