"""MAE beside Hugging Face's with the same weights and masks; BEiT's loss beside a plain loop."""

import pytest
import torch
import torch.nn.functional as F
from transformers import ViTMAEConfig, ViTMAEForPreTraining

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.patches import Patches
from lecturelib.objectives.masked_image import (
    MaskedPixels,
    MaskedTokens,
    cut,
    leave,
    paste,
    put_back,
    put_together,
    take_apart,
)
from lecturelib.published.vit import NAMES
from lecturelib.published.weights import renamed
from lecturelib.quantizers import Codebook
from tests.oracle import error, gradients, randomise, same_gradients

GRID, PATCH = (2, 3), (4, 4)
IMAGES = torch.rand(2, 3, 8, 12, dtype=torch.double, generator=torch.Generator().manual_seed(0))
HIDDEN = torch.tensor([[1, 1, 0, 1, 0, 1], [0, 1, 1, 1, 1, 0]]).bool()
UNEVEN = torch.tensor([[1, 1, 0, 1, 1, 1], [0, 0, 1, 1, 1, 0]]).bool()
MAE = {
    "decoder.decoder_embed": "enter",
    "decoder.mask_token": "missing",
    "decoder.decoder_pos_embed": "position",
    "decoder.decoder_norm": "decoder.norm",
    "decoder.decoder_pred": "detail",
    "decoder.decoder_layers": "decoder.layers",
    "vit.layers.": "model.encoder.layers.",
} | {theirs: ours for theirs, ours in NAMES.items() if theirs != "layers."}
SQUARE = torch.tensor([[1, 1, 0, 1, 0, 1, 1, 0, 1], [0, 1, 1, 1, 1, 0, 1, 1, 0]]).bool()


def model(grid: tuple[int, int]) -> Model:
    variant = Variant(norm_first=True, activation=F.gelu, eps=1e-6, dropout=0.0)
    frontend = Patches(grid=grid, patch=PATCH, channels=3, dim=12)
    return Model(
        frontend=frontend,
        encoder=Encoder(dim=12, heads=3, depth=2, hidden=20, variant=variant),
    )


def fixed(hidden):
    return lambda count, grid, rng: hidden


def test_cut_and_paste():
    loop = torch.stack(
        [
            IMAGES[:, :, r : r + 4, c : c + 4].permute(0, 2, 3, 1).flatten(1)
            for r in (0, 4)
            for c in (0, 4, 8)
        ],
        1,
    )
    assert torch.equal(cut(IMAGES, PATCH), loop)
    assert torch.equal(paste(loop, GRID, PATCH), IMAGES)


@pytest.mark.parametrize("hidden", [HIDDEN, UNEVEN])
def test_what_is_left_can_be_put_back(hidden):
    tokens = torch.randn(2, 7, 5)
    seen, is_pad = leave(tokens, hidden)
    rows = [torch.cat([t[:1], t[1:][~h]]) for t, h in zip(tokens, hidden, strict=True)]
    for row, want in enumerate(rows):
        assert torch.equal(seen[row, : len(want)], want)
        assert is_pad is None or is_pad[row].sum() == seen.shape[1] - len(want)
    assert (is_pad is None) == (hidden is HIDDEN)
    want = tokens.clone()
    want[:, 1:][hidden] = 7.0
    assert torch.equal(put_back(seen, hidden, torch.full((5,), 7.0)), want)


def test_equals_hugging_face():
    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3}
    sizes |= {"intermediate_size": 20, "image_size": 12, "patch_size": 4, "mask_ratio": 0.66}
    sizes |= {"decoder_hidden_size": 8, "decoder_num_hidden_layers": 1}
    sizes |= {"decoder_num_attention_heads": 4, "decoder_intermediate_size": 32}
    config = ViTMAEConfig(**sizes, layer_norm_eps=1e-6, norm_pix_loss=True)
    reference = randomise(ViTMAEForPreTraining(config))
    rng = torch.Generator().manual_seed(0)
    images, hidden = torch.rand(2, 3, 12, 12, dtype=torch.double, generator=rng), SQUARE
    ours = randomise(MaskedPixels(model((3, 3)), hide=fixed(hidden), dim=8, depth=1))
    ours.model.frontend.mask = None  # MAE leaves patches out: no token stands for them
    weights = renamed(reference.state_dict(), MAE)
    weights["missing"] = weights["missing"].flatten()
    weights |= {name: value for name, value in ours.state_dict().items() if name.startswith("tone")}
    ours.load_state_dict(weights)

    noise = hidden.double() + 0.01 * torch.arange(9)  # kept: the smallest
    want = reference(images, noise=noise)
    _, parts, count = ours(Batch(images, None, None), rng)
    guess = ours.guess(images, hidden)
    assert count == hidden.sum()
    assert error(parts["detail"], want.loss) < 1e-10
    assert error(guess.detail, want.logits[hidden]) < 1e-10
    want.loss.backward()
    answer = take_apart(cut(images, PATCH)[hidden])
    (guess.detail - answer.detail).square().mean().backward()
    theirs = renamed(gradients(reference), MAE)
    theirs["missing"] = theirs["missing"].flatten()
    for parameter in (ours.position, ours.model.frontend.position):
        parameter.grad = None  # theirs are sines and never trained
    same_gradients(ours, theirs)


def test_the_loss_is_that_of_detail_and_tone():
    ours = randomise(MaskedPixels(model(GRID), hide=fixed(UNEVEN), dim=8, depth=1))
    total, _, count = ours(Batch(IMAGES, None, None), torch.Generator())
    guess, want = ours.guess(IMAGES, UNEVEN), 0.0
    for row, patch in enumerate(cut(IMAGES, PATCH)[UNEVEN]):
        mean, deviation = patch.mean(), (patch.var() + 1e-6).sqrt()
        detail = guess.detail[row] - (patch - mean) / deviation
        tone = guess.tone[row] - torch.stack([mean, deviation])
        want = want + detail.square().mean() + 16 * tone.square().mean()
    assert count == UNEVEN.sum()
    assert error(total, want) < 1e-10


def test_taken_apart_and_put_together():
    patches = torch.rand(4, 48, dtype=torch.double)
    assert error(put_together(take_apart(patches)), patches) < 1e-12


def test_pictures_that_keep_fewer_patches_are_padded():
    """Each picture alone gives what both give side by side."""
    ours = randomise(MaskedPixels(model(GRID), hide=fixed(UNEVEN), dim=8, depth=1))
    together = ours.guess(IMAGES, UNEVEN).detail
    alone = [ours.guess(IMAGES[i : i + 1], UNEVEN[i : i + 1]).detail for i in range(2)]
    assert error(together, torch.cat(alone)) < 1e-10


def test_restored_pictures_keep_what_is_visible():
    ours = randomise(MaskedPixels(model(GRID), hide=fixed(HIDDEN), dim=8, depth=1))
    patches, before = cut(ours.restore(IMAGES, HIDDEN), PATCH), cut(IMAGES, PATCH)
    assert torch.equal(patches[~HIDDEN], before[~HIDDEN])
    assert error(patches[HIDDEN], put_together(ours.guess(IMAGES, HIDDEN)).clamp(0, 1)) == 0
    with pytest.raises(ValueError, match=r"hidden is \[2, 5\], the pictures have \[2, 6\]"):
        ours.restore(IMAGES, HIDDEN[:, :5])
    with pytest.raises(ValueError, match="nothing is left"):
        ours.restore(IMAGES, torch.ones(2, 6).bool())


def test_hidden_tokens_are_guessed_from_the_rest():
    book = Codebook(codes=5, dim=48).double()
    book.centres.copy_(torch.rand(5, 48))
    ours = MaskedTokens(
        model(GRID), tokenize=lambda x: book(cut(x, PATCH)), codes=5, hide=fixed(UNEVEN)
    )
    ours = randomise(ours)
    total, parts, count = ours(Batch(IMAGES, None, None), torch.Generator())
    want, right = 0.0, 0
    for i, j in UNEVEN.nonzero().tolist():
        vector = cut(IMAGES, PATCH)[i, j]
        answer = min(range(5), key=lambda c: float((vector - book.centres[c]).square().sum()))
        scores = ours.head(ours.model(IMAGES, UNEVEN)[i, 1 + j])
        want = want - scores.log_softmax(0)[answer]
        right += int(scores.argmax()) == answer
    assert error(total, want) < 1e-10
    assert count == UNEVEN.sum()
    assert parts["right"] == pytest.approx(right / count)
    assert error(parts["nll"], want / count) < 1e-10
