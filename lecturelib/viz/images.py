"""Lecture figures of the image half: what a network sees in a picture, and what it makes of it."""

from collections.abc import Mapping, Sequence

import numpy as np
from einops import rearrange
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from torch import Tensor

from lecturelib.shapes import Images
from lecturelib.viz.explorers.stage import CLASS_COLOURS
from lecturelib.viz.figures import LINES, figure

HEAT = "viridis"  # dark is nothing, yellow is most; safe for the colour-blind
BIG = 14  # points: row names and axes
Picture = Float[Tensor, "channel height width"]


def tiles(rows: int, columns: int, side: float | int = 1.2) -> tuple[Figure, np.ndarray]:
    """A figure of square panels without ticks, and its axes [rows, columns]."""
    fig = figure(side * columns + 1.2, side * rows + 0.4)
    axes = fig.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
    return fig, axes


def show(axis: Axes, picture: Picture) -> None:
    """A picture in 0-1, colour or grey; what lies outside 0-1 is cut off."""
    pixels = rearrange(picture.detach().clamp(0, 1).numpy(), "c h w -> h w c")
    if pixels.shape[-1] == 1:
        axis.imshow(pixels[:, :, 0], cmap="gray", vmin=0, vmax=1)
    else:
        axis.imshow(pixels)


def name_row(axis: Axes, text: str) -> None:
    """The name of a row, upright, left of its first panel."""
    axis.set_ylabel(text, fontsize=BIG, rotation=0, ha="right", va="center")


def filters(weights: Float[Tensor, "filters channel down across"], columns: int = 8) -> Figure:
    """First-layer filters as tiles: grey is 0, brighter above, darker below; each at full contrast.

    With three input channels a tile is coloured: red where the filter asks for red.
    """
    fig, axes = tiles(-(-len(weights) // columns), columns)
    reach = weights.detach().abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12)
    for axis in axes.flat[len(weights) :]:
        axis.axis("off")
    for axis, one in zip(axes.flat, 0.5 + weights.detach() / (2 * reach), strict=False):
        show(axis, one)
    return fig


def activation_maps(
    picture: Picture,
    trace: Sequence[tuple[str, Tensor]],
    columns: int = 8,
) -> Figure:
    """One picture through the layers: a row a layer, its strongest channels by their mean.

    trace  (name, [channels, down, across]) a layer. A panel's title is its channel's number, from 1
    """
    fig, axes = tiles(len(trace), columns + 1, side=1.3)
    for row, (name, maps) in zip(axes, trace, strict=True):
        show(row[0], picture)
        name_row(row[0], f"{name}\n{maps.shape[1]}x{maps.shape[2]}")
        strongest = maps.mean((1, 2)).argsort(descending=True)[:columns].tolist()
        for axis in row[1 + len(strongest) :]:
            axis.axis("off")
        for axis, channel in zip(row[1:], strongest, strict=False):
            axis.imshow(maps[channel].detach().numpy(), cmap=HEAT, vmin=0)
            axis.set_title(str(channel + 1), fontsize=11)
    return fig


def exciting_patches(
    patches: Float[Tensor, "rows count channel side side"], names: Sequence[str]
) -> Figure:
    """What excites a channel most: a row a channel, the strongest patch on the left."""
    fig, axes = tiles(*patches.shape[:2])
    for row, name, some in zip(axes, names, patches, strict=True):
        name_row(row[0], name)
        for axis, patch in zip(row, some, strict=True):
            show(axis, patch)
    return fig


def overlays(
    pictures: Images,
    heat: Float[Tensor, "batch down across"],
    titles: Sequence[str],
    row_names: tuple[str, str] = ("picture", "where"),
) -> Figure:
    """Pictures, and below each a heat map (Grad-CAM, rollout) over it, smoothly enlarged.

    Yellow is the map's largest value; where it is 0 or below the picture stays grey.
    """
    fig, axes = tiles(2, len(pictures), side=2)
    for (above, below), picture, values, title in zip(axes.T, pictures, heat, titles, strict=True):
        height, width = picture.shape[1:]
        share = (values / values.max().clamp(min=1e-12)).clamp(min=0).detach().numpy()
        show(above, picture)
        show(below, picture.mean(0, keepdim=True))
        frame = (-0.5, width - 0.5, height - 0.5, -0.5)
        look = {"cmap": HEAT, "vmin": 0, "vmax": 1, "interpolation": "bilinear", "extent": frame}
        below.imshow(share, alpha=0.85 * share, **look)
        above.set_title(title, fontsize=BIG)
    for axis, name in zip(axes[:, 0], row_names, strict=True):
        name_row(axis, name)
    return fig


def receptive_fields(stacks: Mapping[str, Sequence[int]]) -> Figure:
    """How the window grows: from one place of the last map down to the pixels that it sees.

    stacks  name -> the window's side after each layer from the pixels on, such as (3, 5, 7); a line
            of cells is a map seen from its edge, and the cells of the lowest are the pixels
    """
    fig = figure(4.4 * len(stacks), 3.6)
    axes = fig.subplots(1, len(stacks), squeeze=False)[0]
    tallest = max(len(sizes) for sizes in stacks.values())
    for axis, (name, sizes) in zip(axes, stacks.items(), strict=True):
        seen = [sizes[-1] + 1 - size for size in (1, *sizes)]
        for level, count in enumerate(seen):
            cells(axis, level, count, f"layer {level}" if level else "pixels")
            if level:
                for side in (-0.5, 0.5):
                    ends = (side * seen[level - 1], side * count)
                    axis.plot(ends, (level - 0.6, level), color="black", linewidth=2)
        axis.set(xlim=(-sizes[-1] / 2 - 0.5, sizes[-1] / 2 + 4.5), ylim=(-0.2, tallest + 0.6))
        axis.set_title(f"{name}: sees {sizes[-1]}x{sizes[-1]}", fontsize=BIG)
        axis.axis("off")
    return fig


def cells(axis: Axes, level: int, count: int, name: str) -> None:
    """A line of cells, its name and number to the right."""
    for cell in range(count):
        corner = (cell - count / 2, level)
        axis.add_patch(Rectangle(corner, 1, 0.4, facecolor=LINES[5], edgecolor="black"))
    axis.text(count / 2 + 0.3, level + 0.2, f"{name}: {count}", va="center", fontsize=BIG)


def position_maps(similarity: Float[Tensor, "down across down2 across2"], every: int = 1) -> Figure:
    """Where does the network think a patch lies? A panel a patch: its cosine with every other.

    every  each k-th patch has a panel, down and across
    """
    chosen = similarity[::every, ::every].detach()
    fig, axes = tiles(*chosen.shape[:2], side=0.9)
    for place, axis in np.ndenumerate(axes):
        axis.imshow(chosen[place].numpy(), cmap=HEAT, vmin=-1, vmax=1)
    for number, axis in enumerate(axes[:, 0]):
        name_row(axis, str(1 + number * every))
    for number, axis in enumerate(axes[-1]):
        axis.set_xlabel(str(1 + number * every), fontsize=BIG)
    bar = fig.colorbar(axes[0, 0].images[0], ax=axes)
    bar.set_label("cosine similarity", fontsize=BIG)
    bar.ax.tick_params(labelsize=BIG)
    fig.supxlabel("patch column", fontsize=BIG)
    fig.supylabel("patch row", fontsize=BIG)
    return fig


def attention_distance(distance: Float[Tensor, "layers heads"], widest: float | int) -> Figure:
    """How far each head looks, a dot a head; the line joins the layers' means.

    widest  pixels along a picture's side: the end of the axis
    """
    fig = figure(8, 4)
    axis = fig.add_subplot()
    layers = range(1, len(distance) + 1)
    for head, values in enumerate(distance.T):
        axis.plot(layers, values, "o", color=LINES[head % len(LINES)], markersize=9)
    axis.plot(layers, distance.mean(1), "-", color="black", linewidth=2, label="mean of the heads")
    axis.set_xlabel("layer", fontsize=BIG)
    axis.set_ylabel("mean attention distance, pixels", fontsize=BIG)
    axis.set(ylim=(0, widest), xticks=list(layers))
    axis.tick_params(labelsize=BIG)
    axis.legend(frameon=False, fontsize=BIG)
    return fig


def picture_rows(rows: Mapping[str, Images]) -> Figure:
    """Pictures below one another, a name a row: the truth, what is seen, the reconstruction."""
    fig, axes = tiles(len(rows), max(len(pictures) for pictures in rows.values()), side=1.6)
    for row, (name, pictures) in zip(axes, rows.items(), strict=True):
        name_row(row[0], name)
        for axis, picture in zip(row, pictures, strict=True):
            show(axis, picture)
    return fig


def segmentation_rows(
    pictures: Images,
    maps: Mapping[str, Int[Tensor, "batch down across"]],
    classes: Sequence[str],
) -> Figure:
    """Pictures, then a row a map of classes (the truth, the prediction), one colour a class."""
    if len(classes) > len(CLASS_COLOURS):
        raise ValueError(f"{len(classes)} classes: at most {len(CLASS_COLOURS)} colours are apart")
    used = CLASS_COLOURS[: len(classes)]
    look = {"cmap": ListedColormap(used), "vmin": -0.5, "vmax": len(classes) - 0.5}
    fig, axes = tiles(1 + len(maps), len(pictures), side=1.7)
    for axis, picture in zip(axes[0], pictures, strict=True):
        show(axis, picture)
    for row, (name, labels) in zip(axes[1:], maps.items(), strict=True):
        name_row(row[0], name)
        for axis, label in zip(row, labels, strict=True):
            axis.imshow(label.numpy(), **look)
    keys = [Patch(color=c, label=n) for c, n in zip(used, classes, strict=True)]
    fig.legend(handles=keys, loc="outside lower center", ncols=5, frameon=False, fontsize=BIG)
    return fig
