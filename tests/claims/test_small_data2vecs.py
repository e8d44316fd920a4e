"""What the cards of notebook 08 share: the reader, and the rival that starts alike."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from lecturelib.claims.small_data2vecs import RIVAL_STEPS, STEPS, EveryLayer
from lecturelib.data.batch import Batch
from lecturelib.objectives import Objective
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.pretraining import data2vec, mae, wav2vec2
from lecturelib.recipes import bert, vit


def test_every_layer_is_the_mean_over_patches_of_each() -> None:
    torch.manual_seed(0)
    model, pictures = vit("mini").eval(), torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        found = EveryLayer(model)(pictures)
        states = model.encoder.trace(model.frontend(pictures)).states[1:]
    want = torch.cat([state[:, 1:].sum(1) / 64 for state in states], dim=1)
    assert found.shape == (3, 4 * 128)
    assert torch.allclose(found, want, atol=1e-5)


def operations(objective: Objective, batch: Batch) -> int:
    """Of a step, as PyTorch counts them; attention written out, so that it is counted."""
    objective.train()
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        objective(batch, torch.Generator().manual_seed(0)).total.backward()
    return counter.get_total_flops()


def test_the_rivals_have_as_many_operations() -> None:
    """Steps times operations, ours and theirs, on noise and on made-up texts of the true sizes."""
    pieces = data2vec.shipped("wikipedia").view.keywords["pieces"]
    waves = Batch(torch.randn(8, 24_000), None, None)
    ids = torch.randint(5, len(pieces), (8, 64))
    ids[:, 0], ids[:, -1] = pieces.cls, pieces.sep
    texts = Batch(ids, None, None, segment=torch.zeros_like(ids))
    masked = MaskedLM(bert("mini", vocab=len(pieces)), pieces, next_sentence=False)
    rivals = {
        "speech": (data2vec.data2vec("waveform"), wav2vec2.untrained(), waves),
        "wikipedia": (data2vec.data2vec("words", pieces=pieces), masked, texts),
    }
    for data, (ours, theirs, batch) in rivals.items():
        cost = operations(ours, batch) * STEPS[data], operations(theirs, batch) * RIVAL_STEPS[data]
        assert cost[0] == pytest.approx(cost[1], rel=0.03), data


def test_the_shipped_mae_had_58_percent_of_the_operations() -> None:
    pictures = torch.rand(128, 3, 32, 32)
    ours = operations(data2vec.data2vec("patches"), Batch(pictures[:64], None, None)) * 2500
    theirs = operations(mae.untrained(), Batch(pictures, None, None)) * 3000
    assert theirs / ours == pytest.approx(0.58, abs=0.02)
