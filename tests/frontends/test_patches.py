"""Patches by hand. The published front ends are the oracles in tests/published."""

import pytest
import torch
from torch import nn
from transformers import BeitConfig, ViTConfig, ViTModel
from transformers.models.beit.modeling_beit import BeitRelativePositionBias

from lecturelib.frontends.patches import Patches, RelativePositions, offsets
from tests.oracle import error, randomise, unchecked


def patches() -> Patches:
    built = Patches(grid=(2, 3), patch=(4, 2), channels=3, dim=5)
    return randomise(built)  # type: ignore[return-value]


def test_patches_by_hand():
    """Patch 0 is top left, the next one to its right; [class] stands before them."""
    front, images = patches(), torch.randn(2, 3, 8, 6, dtype=torch.double)
    hidden = torch.zeros(2, 6, dtype=torch.bool)
    hidden[1, 4] = True
    tokens = front(images, hidden)
    assert front.mask is not None
    assert error(tokens[:, 0], (front.cls + front.position[:, :1])[:, 0].expand(2, -1)) < 1e-12
    for down in range(2):
        for across in range(3):
            number = 3 * down + across
            cut = images[:, :, 4 * down : 4 * down + 4, 2 * across : 2 * across + 2]
            want = cut.flatten(1) @ front.embed.weight.flatten(1).T + front.embed.bias
            if number == 4:
                want[1] = front.mask[0, 0]
            assert error(tokens[:, 1 + number], want + front.position[0, 1 + number]) < 1e-12


def test_finer_pictures_get_the_positions_that_hugging_face_interpolates():
    """Bicubic, in float64; the original can do it from a square grid only."""
    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "patch_size": 4}
    reference = randomise(ViTModel(ViTConfig(**sizes, image_size=16))).embeddings
    front = Patches(grid=(4, 4), patch=(4, 4), channels=3, dim=12).double()
    front.position = nn.Parameter(reference.position_embeddings.detach().clone())
    for height, width in ((24, 24), (8, 20), (12, 12)):
        images = torch.rand(1, 3, height, width, dtype=torch.double)
        tokens = torch.empty(1, 1 + height // 4 * (width // 4), 12)
        want = reference.interpolate_pos_encoding(tokens, height, width)
        other = front.resized((height // 4, width // 4))
        assert other.position is not None
        assert error(other.position, want) < 1e-12
        assert other(images).shape == (1, 1 + height // 4 * (width // 4), 12)
    assert front.grid == (4, 4)
    assert torch.equal(front.position, reference.position_embeddings)


def test_the_same_grid_changes_nothing():
    front = patches()
    same = front.resized((2, 3))
    assert error(same.position, front.position) < 1e-12
    assert same.position is not front.position


def test_relative_positions_by_hand():
    """The same step in the picture reads the same number, wherever it is taken."""
    relative = randomise(RelativePositions(grid=(2, 3), heads=2))
    bias, places = relative().detach(), [(d, a) for d in range(2) for a in range(3)]
    numbers: dict[tuple, torch.Tensor] = {}
    for i, (down, across) in enumerate(places, start=1):
        for j, (other_down, other_across) in enumerate(places, start=1):
            step = (down - other_down, across - other_across)
            assert torch.equal(bias[:, i, j], numbers.setdefault(step, bias[:, i, j]))
    table = relative.table.detach()
    assert len(numbers) == len(table) - 3 == 3 * 5
    assert torch.equal(torch.stack([numbers[step] for step in sorted(numbers)]), table[:-3])
    assert (bias[:, 0, 1:] == table[-3, :, None]).all()
    assert (bias[:, 1:, 0] == table[-2, :, None]).all()
    assert torch.equal(bias[:, 0, 0], table[-1])


@pytest.mark.parametrize("grid", [(3, 3), (2, 4)])
def test_the_index_is_the_published_one(grid):
    assert torch.equal(
        offsets(grid), BeitRelativePositionBias.generate_relative_position_index(grid)
    )


@pytest.mark.parametrize("grid", [(5, 5), (2, 2), (3, 3), (2, 4)])
def test_relative_positions_of_another_grid(grid):
    config = BeitConfig(image_size=12, patch_size=4, num_attention_heads=2)
    reference = randomise(BeitRelativePositionBias(config))
    ours = RelativePositions(grid=(3, 3), heads=2).double()
    ours.table = nn.Parameter(reference.relative_position_bias_table.detach().clone())
    assert error(ours.resized(grid)(), reference(grid)[0]) < 1e-12


def test_one_table_for_all_layers_or_one_a_layer():
    front = Patches(grid=(2, 3), patch=(4, 2), channels=3, dim=5)
    assert front.bias() is None
    front.relative = nn.ModuleList(RelativePositions(grid=(2, 3), heads=2) for _ in range(3))
    each = front.bias()
    assert isinstance(each, list)
    assert [bias.shape for bias in each] == 3 * [(2, 7, 7)]
    front.relative = front.relative[:1]
    assert isinstance(front.bias(), torch.Tensor)
    assert front.resized((4, 4)).bias().shape == (2, 17, 17)


def test_bad_input():
    front, images = patches(), torch.randn(2, 3, 8, 6, dtype=torch.double)
    with pytest.raises(ValueError, match=r"are \[3, 8, 8\].* \[3, 8, 6\].*resized\(\(2, 4\)\)"):
        front(torch.randn(2, 3, 8, 8, dtype=torch.double))
    with unchecked(), pytest.raises(ValueError, match=r"hidden is \[2, 5\], patches are \[2, 6\]"):
        front(images, torch.zeros(2, 5, dtype=torch.bool))
    front.mask = None
    with pytest.raises(ValueError, match="no mask token"):
        front(images, torch.zeros(2, 6, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"height=10 does not split into patches of 4: .*"):
        front(torch.randn(2, 3, 10, 6, dtype=torch.double))
    with pytest.raises(ValueError, match="width=7 does not split into patches of 2"):
        front(torch.randn(2, 3, 8, 7, dtype=torch.double))
    with pytest.raises(ValueError, match="images have 1 channels, this model takes 3"):
        front(images[:, :1])
    with unchecked(), pytest.raises(ValueError, match=r"torch\.uint8, 0-255: divide by 255"):
        front(images.byte())
    with pytest.raises(ValueError, match="images reach 255"):
        front(images.abs().clamp(max=1) * 0 + 255)
    with pytest.raises(ValueError, match=r"grid=\(0, 3\): at least one patch"):
        front.resized((0, 3))
