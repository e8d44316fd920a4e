"""Looking into a convolutional network: what a place sees, what excites a channel, what decided."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from einops import einsum
from jaxtyping import Float, Int
from torch import Tensor, nn

from lecturelib.encoders.vgg import VGG, ConvStack, Maps, Plan
from lecturelib.objectives.classification import Classification
from lecturelib.shapes import Images, Labels, Logits

AT_ONCE = 128  # pictures: all maps of so many are in memory together
PATCH = 48  # pixels: larger windows are shrunk to this side where all channels are looked at


class Window(NamedTuple):
    """What one place of a map sees of the picture, in pixels along a side: its receptive field.

    size   pixels across, and down
    step   from a place's window to its neighbour's
    start  where the first place's window begins; below 0 where it hangs over the edge
    """

    size: int
    step: int
    start: int

    def at(self, place: int) -> int:
        """Where the window of the place with this number begins, across or down."""
        return self.start + place * self.step


def receptive_field(plan: Plan) -> Window:
    """Two 3x3 convolutions see 5x5 pixels, three see 7x7 (Simonyan 2015, Section 2.3).

    A convolution widens the window by (kernel - 1) steps; halving widens it by one, and doubles the
    step. Convolutions are padded, so that half of what they add lies before the window.
    """
    size, step, start = 1, 1, 0
    for entry in plan:
        if entry == "M":
            size, step = size + step, 2 * step
        else:
            kernel = entry[1] if isinstance(entry, tuple) else 3
            size, start = size + (kernel - 1) * step, start - kernel // 2 * step
    return Window(size, step, start)


def stack_weights(*, kernel: int, layers: int, channels: int) -> int:
    """Weights of some convolutions on top of one another, without biases: layers k^2 C^2.

    Section 2.3: three 3x3 layers, 27 C^2, see as much as one of 7x7, 49 C^2.
    """
    return layers * kernel**2 * channels**2


def windows(model: ConvStack | VGG) -> list[Window]:
    """The receptive field of each layer, in the order of `model.trace`."""
    plan: list[str | tuple[int, int]] = []
    for layer in model.layers:
        if isinstance(layer, nn.MaxPool2d):
            plan.append("M")
        elif isinstance(layer, nn.Conv2d):
            plan.append((layer.out_channels, layer.kernel_size[0]))
    return [receptive_field(tuple(plan[:depth])) for depth in range(1, len(plan) + 1)]


class Peaks(NamedTuple):
    """Where each channel of one layer is largest in each picture, and how large.

    place   rows of the map are counted one after another, `across` places each
    """

    window: Window
    value: Float[Tensor, "pictures channels"]
    place: Int[Tensor, "pictures channels"]
    across: int


@torch.no_grad()
def peaks(model: ConvStack | VGG, images: Images) -> dict[str, Peaks]:
    """By layer. Raises ValueError for a model in training: batch norm would mix the pictures."""
    check_eval(model)
    parts = [largest(model.trace(some)) for some in images.split(AT_ONCE)]
    found = {}
    for window, name in zip(windows(model), parts[0], strict=True):
        values, places, across = zip(*(part[name] for part in parts), strict=True)
        found[name] = Peaks(window, torch.cat(values), torch.cat(places), across[0])
    return found


def largest(trace: list[tuple[str, Tensor]]) -> dict[str, tuple[Tensor, Tensor, int]]:
    """Value and place of each map's largest number, by layer, and the places in a row."""
    best = {name: (maps.flatten(2).max(-1), maps.shape[-1]) for name, maps in trace}
    return {name: (peak.values, peak.indices, across) for name, (peak, across) in best.items()}


class Exciting(NamedTuple):
    """Where a channel is largest, best first: patches cut to the window, value, picture's number.

    Pixels outside a picture are 0, as the first convolution sees them.
    """

    patches: Float[Tensor, "count colour size size"]
    value: Float[Tensor, " count"]
    picture: Int[Tensor, " count"]


def most_exciting(
    model: ConvStack | VGG, images: Images, layer: str, channel: int, count: int
) -> Exciting:
    """The patches that excite a channel most, at most one a picture (as Zeiler and Fergus 2014).

    Raises ValueError for a layer or channel that is not there, and for more patches than pictures.
    """
    found = peaks(model, images)
    if layer not in found:
        raise ValueError(f"layer={layer!r} is none of {', '.join(found)}")
    if not 0 <= channel < (channels := found[layer].value.shape[1]):
        raise ValueError(f"channel={channel} is none of 0 to {channels - 1} of {layer}")
    return exciting(found[layer], images, channel, count)


def exciting(peak: Peaks, images: Images, channel: int, count: int) -> Exciting:
    """The same, once the peaks are known."""
    if not 1 <= count <= len(images):
        raise ValueError(f"count={count} of {len(images)} pictures: one patch a picture at most")
    value, picture = peak.value[:, channel].topk(count)
    patches = []
    for number in picture.tolist():
        row, column = divmod(int(peak.place[number, channel]), peak.across)
        patches.append(cut(images[number], peak.window, row, column))
    return Exciting(torch.stack(patches), value, picture)


def cut(
    image: Float[Tensor, "colour height width"], window: Window, row: int, column: int
) -> Float[Tensor, "colour size size"]:
    """What the place in this row and column of the map sees; 0 where it looks past the edge."""
    framed = F.pad(image, (window.size,) * 4)
    top, left = (window.size + window.at(place) for place in (row, column))
    return framed[:, top : top + window.size, left : left + window.size]


class Seen(NamedTuple):
    """One layer, looked at: what the layer walk shows.

    maps     of some photographs
    patches  for each channel what excites it most in a pool of pictures, best first
    record   the value there
    """

    name: str
    window: Window
    maps: Float[Tensor, "pictures channels down across"]
    patches: Float[Tensor, "channels count colour side side"]
    record: Float[Tensor, " channels"]


@torch.no_grad()
def walk(
    model: ConvStack | VGG,
    photos: Images,
    pool: Float[Tensor, "many colour up wide"],
    count: int = 6,
) -> list[Seen]:
    """Every layer's maps of a few photographs, and what excites its channels in a larger pool.

    The two may differ in size. Windows larger than 48 pixels are shrunk to that.
    """
    seen = []
    for (name, maps), peak in zip(model.trace(photos), peaks(model, pool).values(), strict=True):
        best = [exciting(peak, pool, channel, count) for channel in range(maps.shape[1])]
        side = min(PATCH, peak.window.size)
        patches = torch.stack([F.adaptive_avg_pool2d(one.patches, side) for one in best])
        record = torch.stack([one.value[0] for one in best])
        seen.append(Seen(name, peak.window, maps, patches, record))
    return seen


def grad_cam(
    model: Classification | VGG, images: Images, label: Labels
) -> Float[Tensor, "batch down across"]:
    """Which places speak for a label? Grad-CAM (Selvaraju 2017): the last convolution's map.

    alpha_k = 1/Z sum_ij dy/dA_k,ij is how much channel k matters for the label's score y (Eq. 1);
    the map is ReLU(sum_k alpha_k A_k) (Eq. 2). Smaller than the picture: enlarge it to lay it over.

    model  a classifier whose encoder is a ConvStack, or a VGG. Raises ValueError in training mode
    """
    check_eval(model)
    stack: Any = model if isinstance(model, VGG) else model.encoder
    scores = model if isinstance(model, VGG) else model.logits
    kept: list[Tensor] = []

    def keep(layer: nn.Module, args: tuple, maps: Tensor) -> Tensor:
        kept.append(maps.detach().requires_grad_())
        return kept[0]

    last = [layer for layer in stack.layers if isinstance(layer, nn.ReLU)][-1]
    with torch.enable_grad(), last.register_forward_hook(keep):
        y = of_label(scores(images), label).sum()
    (slope,) = torch.autograd.grad(y, kept)
    return weigh_maps(slope, kept[0].detach())


def weigh_maps(slope: Maps, maps: Maps) -> Float[Tensor, "batch down across"]:
    """Eq. 1 and 2: a channel's mean slope says how much its map counts; the sum, where above 0."""
    return einsum(slope.mean((2, 3)), maps, "b k, b k i j -> b i j").relu()


def of_label(logits: Logits, label: Labels) -> Float[Tensor, " batch"]:
    """Each row's score of its label, before the softmax."""
    if len(wrong := label[(label < 0) | (label >= logits.shape[1])]):
        raise ValueError(f"label {int(wrong[0])} is outside 0..{logits.shape[1] - 1}")
    return logits.gather(1, label[:, None])[:, 0]


def check_eval(model: nn.Module) -> None:
    """Raise ValueError for a model in training mode, where dropout and batch norm interfere."""
    if model.training:
        raise ValueError("the model is in training mode: call eval() first")
