"""The mask painter's model for pictures: it paints and hides as the objective does."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lecturelib.adapt.patch_painting import MaskedPictures
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.patches import Patches
from lecturelib.masking import block_patches, random_patches
from lecturelib.objectives.masked_image import MaskedPixels
from lecturelib.viz.explorers.patch_painter import Restorer, patch_painter

PICTURE = np.random.default_rng(0).random((3, 8, 12))
HIDDEN = np.arange(24) % 3 == 0


def hide(count: int, grid: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
    return random_patches(count, grid, rng, share=0.75)


def masked_pixels(grid: tuple[int, int] = (4, 6)) -> MaskedPixels:
    """A tiny untrained one for patches of 2 x 2, in float64."""
    torch.manual_seed(0)
    frontend = Patches(grid=grid, patch=(2, 2), channels=3, dim=8)
    variant = Variant(norm_first=True, activation=F.gelu)
    encoder = Encoder(dim=8, heads=2, depth=1, hidden=16, variant=variant)
    model = Model(frontend=frontend, encoder=encoder)
    return MaskedPixels(model, hide=hide, dim=8, depth=1).double()


MAE = masked_pixels().eval()
PAINTER = MaskedPictures(MAE)


def test_hidden_patches_are_painted_as_the_objective_paints_them() -> None:
    painted = PAINTER.restore(PICTURE, HIDDEN)
    expected = MAE.restore(torch.tensor(PICTURE)[None], torch.tensor(HIDDEN)[None])[0]
    np.testing.assert_allclose(painted, expected.numpy(), atol=1e-10, rtol=0)
    changed = (painted != PICTURE).any(0)
    np.testing.assert_array_equal(changed, HIDDEN.reshape(4, 6).repeat(2, 0).repeat(2, 1))


def test_pixels_of_another_precision_are_taken() -> None:
    painted = PAINTER.restore(PICTURE.astype(np.float32), HIDDEN)
    np.testing.assert_allclose(painted, PAINTER.restore(PICTURE, HIDDEN), atol=1e-6)


def test_what_is_hidden_does_not_matter() -> None:
    other = np.where(HIDDEN.reshape(4, 6).repeat(2, 0).repeat(2, 1), 0.1, PICTURE)
    np.testing.assert_array_equal(PAINTER.restore(other, HIDDEN), PAINTER.restore(PICTURE, HIDDEN))


@pytest.mark.parametrize("seed", range(5))
def test_the_rules_are_those_of_the_training(seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    expected = random_patches(1, (4, 6), rng, share=0.5)[0].numpy()
    np.testing.assert_array_equal(PAINTER.random(0.5, seed), expected)
    rng = torch.Generator().manual_seed(seed)
    expected = block_patches(1, (4, 6), rng, share=0.5, smallest=2)[0].numpy()
    np.testing.assert_array_equal(PAINTER.blocks(0.5, seed), expected)


@pytest.mark.parametrize(("grid", "smallest"), [((14, 14), 16), ((8, 8), 5), ((2, 2), 1)])
def test_the_smallest_block_is_beits_share_of_the_grid(grid: tuple, smallest: int) -> None:
    painter = MaskedPictures(masked_pixels(grid).eval())
    expected = block_patches(
        1, grid, torch.Generator().manual_seed(3), share=0.5, smallest=smallest
    )
    np.testing.assert_array_equal(painter.blocks(0.5, 3), expected[0].numpy())
    assert painter.blocks(0.25, 3).sum() <= round(0.25 * grid[0] * grid[1])


def test_the_slider_adds_patches_to_those_that_are_hidden() -> None:
    few, many = PAINTER.random(0.25, 7), PAINTER.random(0.75, 7)
    assert (few.sum(), many.sum()) == (6, 18)
    assert (many | ~few).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_that_hides_nothing_or_all_is_refused(share: float) -> None:
    for rule in (PAINTER.random, PAINTER.blocks):
        with pytest.raises(ValueError, match=f"share={share} of 24 patches: hide at least one"):
            rule(share, 0)


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (np.ones(23, bool), r"hidden has 23 places, the grid \(4, 6\) has 24"),
        (np.ones(24, bool), "24 of 24 patches are hidden: .* leave at least one to see"),
        (np.zeros(24, bool), "0 of 24 patches are hidden: hide at least one"),
    ],
)
def test_a_mask_that_cannot_be_painted_is_refused(hidden: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PAINTER.restore(PICTURE, hidden)


def test_a_model_in_training_is_refused() -> None:
    with pytest.raises(ValueError, match=r"in training mode: call eval\(\) first"):
        MaskedPictures(masked_pixels())


def test_the_explorer_takes_it() -> None:
    assert isinstance(PAINTER, Restorer)
    widget = patch_painter(PAINTER, PICTURE[None], hidden=[0, 3])
    off = PAINTER.restore(PICTURE, np.isin(np.arange(24), [0, 3])) - PICTURE
    places = [off[:, :2, :2], off[:, :2, 6:8]]
    assert widget.result["model"] == pytest.approx(np.sqrt(np.mean(np.square(places))))
