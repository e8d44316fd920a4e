"""Raw numbers with their places: Fourier features beside Hugging Face's and beside the formula."""

import math

import pytest
import torch
from transformers.models.perceiver.modeling_perceiver import (
    build_linear_positions,
    generate_fourier_features,
)

from lecturelib.frontends.raw import Raw, bits, fourier
from tests.oracle import error, randomise


@pytest.mark.parametrize("places", [(9,), (4, 6), (2, 3, 5)])
def test_places_are_told_as_hugging_face_tells_them(places):
    grid = build_linear_positions(places).reshape(1, -1, len(places))
    want = generate_fourier_features(grid.double(), num_bands=7, max_resolution=places)
    assert error(fourier(places, 7), want[0]) < 1e-5  # theirs begins in float32


def test_places_by_the_formula():
    for row, (i, j) in enumerate((i, j) for i in range(4) for j in range(6)):
        x = [-1 + 2 * i / 3, -1 + 2 * j / 5]
        f = [[1, 1.5, 2], [1, 2, 3]]  # evenly from 1 to half of the places
        angles = [math.pi * f[axis][k] * x[axis] for axis in (0, 1) for k in range(3)]
        want = torch.tensor(x + [math.sin(a) for a in angles] + [math.cos(a) for a in angles])
        assert error(fourier((4, 6), 3)[row], want.double()) < 1e-6


def test_a_token_is_one_linear_layer_of_value_and_place():
    front = randomise(Raw(places=(3, 4), channels=2, dim=5, bands=2))
    signal = torch.randn(2, 3, 4, 2, dtype=torch.double)
    tokens, where = front(signal), fourier((3, 4), 2)
    for b in range(2):
        for i in range(3):
            for j in range(4):
                x = torch.cat([signal[b, i, j], where[4 * i + j]])
                want = front.embed.weight @ x + front.embed.bias
                assert error(tokens[b, 4 * i + j], want) < 1e-12


def test_bits_spell_the_text():
    found = bits(["Grüße", "abcdefgh"], 8)
    value = ((found + 1) / 2 * 2.0 ** torch.arange(7, -1, -1)).sum(2).to(torch.uint8)
    assert bytes(value[0].tolist()) == "Grüße".encode() + b"\0"
    assert bytes(value[1].tolist()) == b"abcdefgh"
    assert set(found.flatten().tolist()) == {-1.0, 1.0}


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"places=\(1, 5\), bands=3: 2 places an axis"):
        fourier((1, 5), 3)
    front = Raw(places=(3, 4), channels=2, dim=5)
    with pytest.raises(ValueError, match=r"signal is \[2, 3, 4\], places and channels are \[3, 4"):
        front(torch.zeros(1, 2, 3, 4))
