"""Layers from elsewhere: copied as they are, from the bottom, and only where they fit."""

import pytest
import torch

from lecturelib.adapt import other_modality
from lecturelib.adapt.other_modality import begin, clips, listener, some_labels, tuned, viewer
from lecturelib.data.batch import Batch
from lecturelib.data.speech import Utterance
from lecturelib.recipes import bert, vit, wav2vec2


def said(samples: int, word: str) -> Utterance:
    """Noise, with a label."""
    wave = torch.randn(samples, generator=torch.Generator().manual_seed(samples))
    return Utterance(wave, 8000, word, "a", "en", 0, "made for a test")


@pytest.mark.parametrize("build", [listener, viewer])
def test_the_first_layers_are_those_of_the_start(build) -> None:
    start = bert("mini", vocab=50).encoder
    network = build(start)
    assert len(network.model.encoder.layers) == 3
    for mine, theirs in zip(network.model.encoder.layers, start.layers, strict=False):
        for name, weight in mine.state_dict().items():
            assert torch.equal(weight, theirs.state_dict()[name])
            assert weight.data_ptr() != theirs.state_dict()[name].data_ptr()


def test_without_a_start_the_layers_are_new() -> None:
    torch.manual_seed(0)
    one, two = (listener(None).model.encoder.layers[0].attention.query.weight for _ in range(2))
    assert not torch.equal(one, two)


def test_a_start_that_does_not_fit() -> None:
    fresh = wav2vec2("mini").encoder
    with pytest.raises(ValueError, match="start has 2 layers, 3 are wanted"):
        begin(fresh, bert("tiny", vocab=50).encoder)
    with pytest.raises(ValueError, match="one encoder normalises first, the other last"):
        begin(fresh, vit("mini").encoder)


def test_the_vector_is_the_mean_of_the_context() -> None:
    network = viewer(None).eval()
    pictures = torch.rand(2, 3, 32, 32)
    tokens = network.model.encoder(network.model.frontend(pictures))
    assert torch.allclose(network(pictures), tokens.sum(1) / 65, atol=1e-6)
    assert network.dim == 128


def test_clips_are_cut_or_filled_to_one_length_and_level() -> None:
    batch = clips([said(9000, "seven"), said(2000, "zero")])
    assert batch.signal.shape == (2, other_modality.SAMPLES)
    assert batch.labels.tolist() == [7, 0]
    assert torch.allclose(batch.signal.mean(1), torch.zeros(2), atol=1e-5)
    assert torch.allclose(batch.signal.std(1), torch.ones(2), atol=1e-3)
    late = batch.signal[1, 2500:]
    assert float(late.std()) < 0.02  # filling: only the dither


def test_it_learns_what_can_be_learned() -> None:
    """Two kinds of pictures, black and white: right after a few steps, and a seed repeats."""
    label = torch.arange(40) % 2
    pictures = label[:, None, None, None] * torch.ones(40, 3, 32, 32)
    batch = Batch(pictures, None, label)
    known = some_labels(batch, 5, seed=0)
    assert known.labels.bincount().tolist() == [5, 5]
    torch.manual_seed(0)
    network = viewer(None)
    one, same = (tuned(network, known, batch, steps=12, lr=1e-3, seed=0) for _ in range(2))
    assert one == same == 100
