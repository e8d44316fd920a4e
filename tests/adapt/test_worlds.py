"""The worlds of notebook 01: who is labelled, who is heard by whom, what creeps into the pool."""

import pytest
import torch

from lecturelib.adapt.worlds import (
    INTRUDERS,
    music,
    new_voices,
    noise,
    pollute,
    spoken,
    summary,
    world,
    written,
)
from lecturelib.data.batch import Batch


@pytest.fixture(scope="module")
def voices():
    return spoken()


def test_labelled_and_pool_share_no_digit_and_together_are_the_training_split():
    train = written().train
    start = world(train, 3, seed=1)
    assert torch.bincount(start.labelled.labels).tolist() == [3] * 10
    assert len(start.labelled) + len(start.pool) == len(train) == 3000
    together = torch.cat([start.labelled.signal, start.pool.signal]).flatten(1)
    assert torch.equal(together.sum(0), train.signal.flatten(1).sum(0)) or torch.allclose(
        together.double().sum(0), train.signal.flatten(1).double().sum(0)
    )
    pool = {digit.numpy().tobytes() for digit in start.pool.signal}
    assert not any(digit.numpy().tobytes() in pool for digit in start.labelled.signal)


def test_the_test_voices_are_heard_nowhere_else(voices):
    said = [set(part.meta["speaker"]) for part in voices[:3]]
    assert not said[0] & said[1]
    assert not said[0] & said[2]
    assert not said[1] & said[2]


def test_new_voices_are_tested_on_other_recordings_than_they_are_heard_on(voices):
    heard, tested = new_voices(voices.test)
    assert set(tested.meta["take"].tolist()) == set(range(10))
    assert heard.meta["take"].min() == 10
    assert len(heard) + len(tested) == len(voices.test)


def test_half_a_pool_is_replaced_a_third_by_each_kind_of_intruder(voices):
    pool = voices.validation
    dirty = pollute(pool, 0.5, seed=0)
    strange = dirty.labels < 0
    assert strange.sum() == len(pool) // 2
    kinds = [dirty.meta["kind"].count(f.__name__.replace("_", " ")) for f in INTRUDERS]
    assert max(kinds) - min(kinds) <= 2
    assert torch.equal(dirty.signal[~strange], pool.signal[~strange])
    assert torch.equal(pool.labels, voices.validation.labels)
    assert (pool.labels >= 0).all()


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_zero_to_one_is_refused(voices, share):
    with pytest.raises(ValueError, match=f"share={share} is outside 0-1"):
        pollute(voices.validation, share, seed=0)


def test_nothing_replaced_is_the_pool_itself(voices):
    assert pollute(voices.validation, 0.0, seed=0) is voices.validation


def test_the_summary_is_mean_and_spread_over_time():
    mels = torch.randn(2, 1, 5, 9, generator=torch.Generator().manual_seed(0))
    found = summary(Batch(mels, None, None))
    for row in range(2):
        for band in range(5):
            values = mels[row, 0, band].tolist()
            mean = sum(values) / 9
            deviation = (sum((v - mean) ** 2 for v in values) / 8) ** 0.5
            assert found[row, band].item() == pytest.approx(mean, abs=1e-5)
            assert found[row, 5 + band].item() == pytest.approx(deviation, abs=1e-5)


def test_made_music_has_the_tones_of_its_chord():
    """The four loudest fundamentals stand in the ratios 1, 1.26, 1.498 and 2."""
    rng = torch.Generator().manual_seed(3)
    wave = music(1, 8000, rng)[0]
    root = 110 * 2 ** (torch.randint(0, 24, (1,), generator=rng.manual_seed(3)).item() / 12)
    spectrum = torch.fft.rfft(wave).abs()
    quiet = spectrum[20:].median()
    for ratio in (1, 1.26, 1.498, 2):
        at = round(root * ratio)
        assert spectrum[at - 1 : at + 2].max() > 20 * quiet


def test_noise_fades_in_and_out():
    wave = noise(200, 900, torch.Generator().manual_seed(0))
    loud = wave.std(0)
    assert loud[:20].mean() < 0.1 * loud[440:460].mean()
    assert loud[-20:].mean() < 0.1 * loud[440:460].mean()
