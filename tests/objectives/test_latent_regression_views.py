"""How sound, pictures and words are shown to teacher and student, and what cannot be hidden."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.patches import Patches, RelativePositions
from lecturelib.frontends.waveform import Conv, Convolutions, ConvPositions, Waveform
from lecturelib.frontends.words import Words
from lecturelib.masking import Hidden, mask_words, random_patches, span_mask
from lecturelib.objectives.latent_regression import LatentRegression, Settings, predictor
from lecturelib.recipes.data2vec import patches, waveform, words
from tests.oracle import error, padded

DIM = 12
PIECES = from_vocabulary([*SPECIAL, *"abcdefghijklmno"])
WAVES = torch.randn(3, 80, generator=torch.Generator().manual_seed(0))
IMAGES = torch.rand(3, 3, 12, 12, generator=torch.Generator().manual_seed(0))
IDS = torch.tensor([[PIECES.cls, *range(6, 13), PIECES.sep]] * 3)
IS_PAD = padded([80, 43, 60])


def objective(front: nn.Module, view: Callable) -> LatentRegression:
    torch.manual_seed(0)
    encoder = Encoder(dim=DIM, heads=3, depth=2, hidden=20, variant=Variant())
    model = Model(frontend=front, encoder=encoder)
    return LatentRegression(model, view=view, settings=Settings(top=2)).eval()


def sound(hide: Callable) -> LatentRegression:
    front = Waveform(
        convolutions=Convolutions(plan=[Conv(8, 4, 4)], norm_each=True),
        positions=ConvPositions(dim=DIM, kernel=4, groups=2),
        dim=DIM,
        norm_last=True,
    )
    return objective(front, partial(waveform, front, hide=hide))


def pictures(hide: Callable) -> LatentRegression:
    front = Patches(grid=(3, 3), patch=(4, 4), channels=3, dim=DIM)
    return objective(front, partial(patches, front, hide=hide))


def text(hide: Callable) -> LatentRegression:
    front = Words(vocab=len(PIECES), dim=DIM, length=9)
    return objective(front, partial(words, front, hide=hide, pieces=PIECES))


def seeded() -> Generator:
    return torch.Generator().manual_seed(0)


def test_frames_are_hidden_in_the_latents() -> None:
    """Padded clips: filling is neither hidden nor looked at."""
    hide = partial(span_mask, start_prob=0.2, span=2)
    of = sound(hide)
    view, front = of.view(Batch(WAVES, IS_PAD, None)), of.model.frontend
    is_pad = padded([20, 10, 15])
    tokens, hidden = view.cover(seeded())
    assert torch.equal(view.is_pad, is_pad)
    assert torch.equal(hidden, hide(is_pad, rng=seeded()))
    assert not (hidden & is_pad).any()
    assert error(tokens, front(WAVES, is_pad, hidden)) < 1e-6
    assert error(view.whole(), front(WAVES, is_pad)) < 1e-6
    plain = of.view(Batch(WAVES, None, None))
    assert not plain.is_pad.any()
    assert error(plain.whole(), front(WAVES)) < 1e-6


def test_patches_are_hidden_but_never_class() -> None:
    of = pictures(partial(random_patches, share=0.5))
    view, front = of.view(Batch(IMAGES, None, None)), of.model.frontend
    want = random_patches(3, (3, 3), seeded(), share=0.5)
    tokens, hidden = view.cover(seeded())
    assert view.is_pad is None
    assert torch.equal(hidden[:, 1:], want)
    assert not hidden[:, 0].any()
    assert torch.equal(tokens, front(IMAGES, want))
    assert torch.equal(view.whole(), front(IMAGES))


def test_words_are_changed_before_they_are_embedded() -> None:
    """Segments reach both sides."""
    hide, segment = partial(mask_words, share=0.4), (torch.arange(9) > 4).long().expand(3, 9)
    of, is_pad = text(hide), torch.zeros(3, 9).bool()
    view, front = of.view(Batch(IDS, is_pad, None, segment=segment)), of.model.frontend
    changed, want = hide(IDS, PIECES, seeded())
    tokens, hidden = view.cover(seeded())
    assert view.is_pad is is_pad
    assert torch.equal(hidden, want)
    assert torch.equal(tokens, front(changed, segment))
    assert torch.equal(view.whole(), front(IDS, segment))
    assert error(view.whole(), front(IDS)) > 1e-3


@pytest.mark.parametrize(
    ("everything", "message"),
    [
        (False, "nothing is hidden, so there is nothing to predict: hide more"),
        (True, r"rows \[0, 1, 2\] hide everything: leave something to see, hide less"),
    ],
)
def test_hiding_nothing_or_everything(everything: bool, message: str) -> None:
    """In each of the three views; filling and special pieces do not count."""

    def frames(is_pad: Tensor, rng: Generator) -> Tensor:
        return ~is_pad & everything

    def squares(count: int, grid: tuple, rng: Generator) -> Tensor:
        return torch.full((count, 9), everything)

    def pieces(ids: Tensor, pieces: object, rng: Generator) -> Hidden:
        return Hidden(ids, ~PIECES.is_special(ids) & everything)

    for of, batch in (
        (sound(frames), Batch(WAVES, IS_PAD, None)),
        (pictures(squares), Batch(IMAGES, None, None)),
        (text(pieces), Batch(IDS, None, None)),
    ):
        with pytest.raises(ValueError, match=message):
            of(batch, seeded())


def test_a_window_and_positions_of_each_layer_are_added() -> None:
    """One table a layer: at 0, or alike for all keys, they change nothing; else they do."""
    torch.manual_seed(0)
    hide = partial(random_patches, share=0.5)
    plain, other = pictures(hide), pictures(hide)
    other.load_state_dict(plain.state_dict())
    front = other.model.frontend
    grid, heads = front.grid, other.model.encoder.heads
    depth = len(other.model.encoder.layers)
    tables = [RelativePositions(grid=grid, heads=heads).to(IMAGES) for _ in range(depth)]
    front.relative = torch.nn.ModuleList(tables)
    batch = Batch(IMAGES, None, None)
    for of in (plain, other):
        of.settings = replace(of.settings, window=1)
    assert error(other.target(other.view(batch)), plain.target(plain.view(batch))) < 1e-5
    torch.nn.init.constant_(tables[0].table[:, 0], 5.0)  # alike for all keys of a head
    assert error(other.target(other.view(batch)), plain.target(plain.view(batch))) < 1e-5
    torch.nn.init.normal_(tables[0].table, std=2.0)
    assert error(other.target(other.view(batch)), plain.target(plain.view(batch))) > 1e-3


@pytest.mark.parametrize("layers", [1, 2])
def test_the_head_has_one_layer_or_two(layers: int) -> None:
    head = predictor(6, layers)
    x = torch.randn(4, 6)
    weights = list(head.parameters())
    by_hand = x @ weights[0].T + weights[1]
    if layers == 2:
        by_hand = torch.nn.functional.gelu(by_hand) @ weights[2].T + weights[3]
    assert torch.allclose(head(x), by_hand, atol=1e-6)
    with pytest.raises(ValueError, match="head=3: 1 or 2 layers"):
        Settings(top=1, head=3)
