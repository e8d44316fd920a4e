"""Which layer should we use? All options of all models in one picture."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from lecturelib.viz.figures import LINES, QUIET, figure

MARKERS, STYLES = "osD^v", (":", "--", "-.", "-")


def layer_options(
    accuracy: Mapping[str, Mapping[str, Sequence[float]]],
    baselines: Mapping[str, Sequence[float]],
    quantity: str = "test accuracy, %",
) -> Figure:
    """A row an option, a point a model: mean over seeds, bar one standard deviation.

    accuracy   model -> option -> percent, a number a seed; a model may lack options
    baselines  name -> percent, a number a seed: grey lines at the means
    """
    options = list(dict.fromkeys(option for values in accuracy.values() for option in values))
    fig = figure(10, 0.62 * len(options) + 1.9)
    axis = fig.add_subplot()
    shifts = np.linspace(-0.2, 0.2, len(accuracy)) if len(accuracy) > 1 else [0.0]
    for shift, colour, marker, (model, values) in zip(
        shifts, LINES, MARKERS, accuracy.items(), strict=False
    ):
        axis.errorbar(
            [np.mean(numbers) for numbers in values.values()],
            [options.index(option) + shift for option in values],
            xerr=[np.std(numbers) for numbers in values.values()],
            fmt=marker,
            color=colour,
            label=model,
            markersize=9,
            linewidth=2,
            capsize=4,
        )
    for style, (name, numbers) in zip(STYLES, baselines.items(), strict=False):
        axis.axvline(float(np.mean(numbers)), color=QUIET, linestyle=style, linewidth=2, label=name)
    axis.set_yticks(range(len(options)), options, fontsize=14)
    axis.invert_yaxis()
    axis.tick_params(axis="x", labelsize=13)
    axis.set_xlabel(quantity, fontsize=14)
    axis.grid(axis="y", alpha=0.2)
    fig.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=13)
    return fig
