"""The table as a picture: ratios beside their goals, and how the cost grows."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

OURS, PEER, BELOW = "#0072B2", "0.55", "#D55E00"


def picture(rows: Sequence[dict]) -> Figure:
    """Left: ratio peer / ours of each row; right: milliseconds against size, one panel an axis."""
    grown = [row["growth"] for row in rows if row.get("growth")]
    figure = Figure(figsize=(13, 1.5 + 0.36 * len(rows)), layout="constrained")
    grid = figure.add_gridspec(max(len(grown), 1), 2, width_ratios=(2, 1))
    ratios(figure.add_subplot(grid[:, 0]), [row for row in rows if row["ratio"] is not None])
    for at, growth in enumerate(grown):
        panel(figure.add_subplot(grid[at, 1]), growth)
    return figure


def ratios(axis: Axes, rows: Sequence[dict]) -> None:
    """A bar a row from 1 (as fast as the peer); the tick is the goal, a bar below it is red."""
    for at, row in enumerate(rows):
        colour = OURS if row["ratio"] >= row["goal"] else BELOW
        axis.barh(at, row["ratio"] - 1, left=1, color=colour, height=0.6)
        axis.plot([row["goal"]] * 2, [at - 0.4, at + 0.4], color="black")
        axis.annotate(f" {row['ratio']:.3g}", (max(row["ratio"], row["goal"], 1), at), va="center")
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set(xscale="log", xlabel="times as fast as the peer (black tick: the least asked)")
    axis.set_yticks(range(len(rows)), [f"{row['name']}\n{row['peer']}" for row in rows], fontsize=8)
    axis.invert_yaxis()
    axis.spines[["top", "right"]].set_visible(False)


def panel(axis: Axes, growth: dict) -> None:
    """Both sides' times on logarithmic axes; the power is the slope."""
    for name, colour in (("ours", OURS), ("peer", PEER)):
        label = f"{name}: power {growth[f'{name}_power']:.2f}"
        axis.plot(growth["sizes"], growth[f"{name}_ms"], "o-", color=colour, label=label)
    axis.set(xscale="log", yscale="log", xlabel=growth["axis"], ylabel="ms")
    axis.set_xticks(growth["sizes"], [f"{size:,}" for size in growth["sizes"]])
    axis.minorticks_off()
    axis.legend(frameon=False, loc="upper left")
    axis.spines[["top", "right"]].set_visible(False)
