"""Lecture figures of notebook 03: scores, both kinds of error, and what else a voice gives away."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from scipy.stats import norm
from torch import Tensor

from lecturelib.viz.attention import against
from lecturelib.viz.figures import LINES, QUIET, RIGHT, WRONG, figure

BIG = 14  # points: axes and names
STYLES = ("-", "--", "-.", ":")
TICKS = (0.1, 0.5, 1, 2, 5, 10, 20, 40, 60, 80)  # percent
EDGE = 0.0005, 0.9  # shares at both ends of the axes


def probit(share: Any, edge: tuple[float, float] = EDGE) -> Any:
    """Where a share stands on an axis on which Gaussian scores give straight lines.

    share  array or number, 0-1; edge: what is beyond is drawn there
    """
    return norm.ppf(np.clip(np.asarray(share), *edge))


def det_curves(
    errors: Mapping[str, tuple[Tensor, Tensor]], equal: Mapping[str, float | int]
) -> Figure:
    """Detection error trade-off, a line a name; a dot where both errors are as frequent.

    errors  name -> (miss, false alarm) in shares, as `verification.det` gives them
    equal   name -> equal error rate, a share

    Errors below 0.05 % are drawn at the edge.
    """
    fig = figure(6.4, 6)
    axis = fig.add_subplot()
    for (name, (miss, alarm)), colour, style in zip(
        errors.items(), LINES, STYLES * 2, strict=False
    ):
        label = f"{name}: {100 * equal[name]:.1f} %"
        axis.plot(probit(alarm), probit(miss), style, color=colour, linewidth=2.5, label=label)
        dot = probit(equal[name])
        axis.plot(dot, dot, "o", color=colour, markersize=10)
    ends = norm.ppf(EDGE)
    axis.plot(ends, ends, ":", color=QUIET)
    places = [norm.ppf(tick / 100) for tick in TICKS]
    axis.set_xticks(places, [f"{tick:g}" for tick in TICKS], fontsize=12)
    axis.set_yticks(places, [f"{tick:g}" for tick in TICKS], fontsize=12)
    axis.set(xlim=ends, ylim=ends, aspect="equal")
    axis.set_xlabel("false alarms, % of pairs of two voices", fontsize=BIG)
    axis.set_ylabel("misses, % of pairs of one voice", fontsize=BIG)
    axis.grid(alpha=0.3)
    axis.legend(frameon=False, fontsize=BIG, title="equal error rate", title_fontsize=BIG)
    return fig


def score_histograms(
    score: Float[Tensor, " trials"],
    same: Bool[Tensor, " trials"],
    threshold: float | int,
    quantity: str = "score",
) -> Figure:
    """Scores of one person's pairs and of two people's, each group 100 %, and the threshold."""
    fig = figure(8, 3.4)
    axis = fig.add_subplot()
    reach = (float(score.min()), float(score.max()))
    for group, colour, name in ((same, RIGHT, "one voice"), (~same, WRONG, "two voices")):
        weights = np.full(int(group.sum()), 100 / int(group.sum()))
        axis.hist(
            score[group].numpy(),
            bins=50,
            range=reach,
            weights=weights,
            alpha=0.7,
            color=colour,
            label=name,
        )
    axis.axvline(threshold, color="black", linewidth=2)
    axis.set_xlabel(quantity, fontsize=BIG)
    axis.set_ylabel("% of the pairs", fontsize=BIG)
    axis.legend(frameon=False, fontsize=BIG)
    axis.set_title(
        f"{int((same & (score < threshold)).sum())} of {int(same.sum())} missed, "
        f"{int((~same & (score >= threshold)).sum())} of {int((~same).sum())} false alarms",
        fontsize=BIG,
    )
    return fig


def duration_curve(seconds: Sequence[float | int], error: Mapping[str, np.ndarray]) -> Figure:
    """How much speech does it take? Bands are one standard deviation over seeds.

    error  name -> equal error rate [durations, seeds] in percent
    """
    middle = {name: values.mean(1).tolist() for name, values in error.items()}
    fig = against(seconds, middle, ("", ""), log="x")
    axis = fig.axes[0]
    for line, values in zip(axis.lines, error.values(), strict=False):
        mean, spread = values.mean(1), values.std(1)
        axis.fill_between(seconds, mean - spread, mean + spread, color=line.get_color(), alpha=0.15)
    axis.set_xlabel("seconds of speech in each clip", fontsize=BIG)
    axis.set_ylabel("equal error rate, %", fontsize=BIG)
    axis.set_ylim(bottom=0)
    return fig


def probe_bars(
    accuracy: Mapping[str, Mapping[str, Sequence[float]]],
    chance: Mapping[str, float | int],
    missing: str = "no open data here",
) -> Figure:
    """What else is in the vector? A row a question, a bar a kind of vector, a dot a seed.

    accuracy  vector -> question -> test accuracy in percent, a number a seed
    chance    question -> percent without listening: a black line; the rows stand in this order
    missing   written into the row of a question that no vector was asked
    """
    fig = figure(10, 0.5 + len(chance) * (0.35 + 0.3 * len(accuracy)))
    axis = fig.add_subplot()
    thick = 0.8 / len(accuracy)
    for number, ((name, found), colour) in enumerate(zip(accuracy.items(), LINES, strict=False)):
        rows = [row for row, question in enumerate(chance) if question in found]
        places = [row + (number + 0.5) * thick - 0.4 for row in rows]
        values = [found[question] for question in chance if question in found]
        means = [float(np.mean(numbers)) for numbers in values]
        axis.barh(places, means, thick, color=colour, alpha=0.6, label=name)
        for place, numbers in zip(places, values, strict=True):
            axis.plot(numbers, [place] * len(numbers), "k.", markersize=6)
    for row, (question, percent) in enumerate(chance.items()):
        if any(question in found for found in accuracy.values()):
            axis.plot([percent, percent], [row - 0.45, row + 0.45], color="black", linewidth=2.5)
        else:
            axis.text(1, row, missing, va="center", fontsize=BIG, style="italic")
    axis.set_yticks(range(len(chance)), list(chance), fontsize=BIG)
    axis.set(xlim=(0, 100), ylim=(len(chance) - 0.5, -0.5))
    axis.set_xlabel("test accuracy, %; black line: chance", fontsize=BIG)
    fig.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=BIG)
    return fig


def bands(features: Float[Tensor, "time mels"], seconds_each: float | int = 0.01) -> Figure:
    """What the network hears of a clip: filterbanks over time, bright where a band is strong."""
    fig = figure(10, 2.6)
    axis = fig.add_subplot()
    last = len(features) * seconds_each
    axis.imshow(
        features.T.numpy(), origin="lower", aspect="auto", extent=(0, last, 0, features.shape[1])
    )
    axis.set_xlabel("seconds of speech", fontsize=BIG)
    axis.set_ylabel("band", fontsize=BIG)
    return fig
