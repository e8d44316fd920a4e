"""Pictures of words: where their vectors lie."""

from collections.abc import Sequence

from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.viz.figures import LINES, figure


def word_map(
    points: Float[Tensor, "words 2"], words: Sequence[str], groups: Sequence[str]
) -> Figure:
    """Words where their vectors lie in a plane; one colour a group, named in the legend.

    Raises ValueError for more than 7 groups: that many colours can be told apart.
    """
    names = list(dict.fromkeys(groups))
    if len(names) > len(LINES):
        raise ValueError(f"{len(names)} groups: at most {len(LINES)} colours can be told apart")
    fig = figure(11, 7)
    axis = fig.add_subplot()
    for name, colour in zip(names, LINES, strict=False):
        rows = [row for row, group in enumerate(groups) if group == name]
        axis.scatter(*points[rows].T.numpy(), color=colour, s=30, label=name)
        for row in rows:
            across, up = points[row].tolist()
            axis.annotate(
                words[row],
                (across, up),
                (4, 3),
                textcoords="offset points",
                color=colour,
                fontsize=15,
            )
    axis.set(xticks=[], yticks=[])
    axis.margins(x=0.12)
    axis.legend(
        frameon=False,
        fontsize=14,
        markerscale=2,
        ncols=len(names),
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
    )
    return fig
