"""What the cards of notebook 08 share: the reader, and the rival that starts alike."""

import torch

from lecturelib.claims import small_data2vecs
from lecturelib.claims.small_data2vecs import EveryLayer, in_pieces
from lecturelib.recipes import vit


def test_every_layer_is_the_mean_over_patches_of_each() -> None:
    torch.manual_seed(0)
    model, pictures = vit("mini").eval(), torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        found = EveryLayer(model)(pictures)
        states = model.encoder.trace(model.frontend(pictures)).states[1:]
    want = torch.cat([state[:, 1:].sum(1) / 64 for state in states], dim=1)
    assert found.shape == (3, 4 * 128)
    assert torch.allclose(found, want, atol=1e-5)


def test_pieces_change_nothing() -> None:
    pictures = torch.rand(1003, 2)
    assert torch.equal(in_pieces(lambda some: 2 * some, pictures), 2 * pictures)


def test_the_rival_has_as_many_operations() -> None:
    """As counted once by PyTorch: 8.58 against 6.77, 3.50 against 2.88 thousand million a step."""
    ours, theirs = small_data2vecs.STEPS, small_data2vecs.RIVAL_STEPS
    assert abs(theirs["speech"] / ours["speech"] - 8.58 / 6.77) < 0.01
    assert abs(theirs["wikipedia"] / ours["wikipedia"] - 3.50 / 2.88) < 0.01
