"""A fair row: with the same masks, distractors and noise, both steps move the weights alike."""

from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks import speech
from lecturelib.masking import expected_share
from lecturelib.objectives import masked_contrast
from tests.oracle import error


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> tuple[nn.Module, nn.Module, Tensor]:
    """Two clips of 24 frames, narrow networks, in float64."""
    sizes = {"BATCH": 2, "SAMPLES": 25 * 320, "DIM": 32, "DEPTH": 1, "WIDTH": 8, "CODES": 5}
    for name, value in sizes.items():
        monkeypatch.setattr(speech, name, value)
    ours, reference, waves = speech.pair()
    return ours.double(), reference.double(), waves.double()


@pytest.fixture
def given() -> tuple[Tensor, np.ndarray, Tensor]:
    """A mask, distractors numbered through the batch, and noise [frames, groups, codes]."""
    np.random.seed(0)  # noqa: NPY002, what Hugging Face draws from
    hidden = speech._compute_mask_indices((2, 24), 0.65, 10, min_masks=2)
    others = speech._sample_negative_indices((2, 24), 100, hidden)
    noise = torch.randn(48, 2, 5, generator=torch.Generator().manual_seed(1)).double()
    return torch.from_numpy(hidden), others, noise


def given_noise(noise: Tensor) -> Callable[..., Tensor]:
    """F.gumbel_softmax without luck."""

    def choose(logits: Tensor, tau: float, hard: bool) -> Tensor:
        soft = ((logits + noise.view_as(logits)) / tau).softmax(-1)
        best = nn.functional.one_hot(soft.argmax(-1), 5)
        return best - soft.detach() + soft

    return choose


def within_rows(hidden: Tensor, others: np.ndarray) -> Tensor:
    """Our numbers of the same distractors: among the hidden frames of a row."""
    number = hidden.cumsum(1).flatten() - 1
    return number[torch.from_numpy(others).long()[hidden]]


def test_a_step_moves_both_alike(small, given, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later losses are those of weights which the steps before have changed."""
    (ours, reference, waves), (hidden, others, noise) = small, given
    ours.hide = lambda is_pad, rng: hidden
    ours.quantizer.noise = lambda count, rng: noise[hidden.flatten()]
    near = within_rows(hidden, others)
    monkeypatch.setattr(masked_contrast, "distractors", lambda counts, negatives, rng: near)
    monkeypatch.setattr(speech, "_compute_mask_indices", lambda *_, **__: hidden.numpy())
    monkeypatch.setattr(speech, "_sample_negative_indices", lambda *_: others)
    rng = torch.Generator()
    mine = speech.stepper(ours, lambda: speech.our_loss(ours, waves, rng), bf16=False)
    theirs = speech.stepper(reference, lambda: speech.their_loss(reference, waves), bf16=False)
    with patch("torch.nn.functional.gumbel_softmax", given_noise(noise)):
        found = torch.stack([torch.stack([mine(), theirs()]) for _ in range(3)])
    assert found[0, 0] != found[1, 0]
    torch.testing.assert_close(found[:, 0], found[:, 1], rtol=1e-5, atol=0)


def test_both_hide_about_as_many_frames_and_compare_with_as_many(small) -> None:
    """Half of the frames, less what spans lose at the end; 100 distractors each."""
    ours, reference, _ = small
    is_pad = torch.zeros(2000, 99, dtype=torch.bool)
    mine = ours.hide(is_pad, rng=torch.Generator().manual_seed(0)).double().mean()
    config = reference.config
    theirs = speech._compute_mask_indices(
        (2000, 99), config.mask_time_prob, config.mask_time_length, min_masks=2
    )
    assert float(mine) == pytest.approx(theirs.mean(), abs=0.03)
    assert float(mine) == pytest.approx(expected_share(0.065, 10), abs=0.03)
    assert ours.settings.negatives == config.num_negatives == 100


def test_the_trunks_are_alike(small) -> None:
    """What the forward row times, in eval mode."""
    ours, reference, waves = small
    have, want = ours.eval().model(waves), reference.eval().wav2vec2(waves)[0]
    assert error(have, want) < 1e-10


def test_the_row_counts_attention_by_hand() -> None:
    """Two products of [time, head_dim] and [head_dim, time], a multiply and an add each."""
    assert speech.attention_flops() == sum(2 * 2 * 4 * 4 * 99 * 99 * 48 for _ in range(4))


@pytest.mark.parametrize("row", [speech.wav2vec2_step, speech.wav2vec2_step_bf16])
def test_the_rows_run(row: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides draw for themselves; finite losses, one step each."""
    for name, value in {"BATCH": 2, "DIM": 32, "WIDTH": 8}.items():
        monkeypatch.setattr(speech, name, value)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    case = row()
    assert torch.isfinite(torch.stack([case.ours(), case.peer()]).float()).all()
    assert case.flops > 0


def test_torchaudio_gives_the_same_context(monkeypatch) -> None:
    monkeypatch.setattr(speech, "SAMPLES", 3200)
    monkeypatch.setattr(speech, "BATCH", 1)
    case = speech.wav2vec2_forward_torchaudio()
    assert error(case.ours(), case.peer()) < 1e-5  # float32; published's own test: 1e-10
