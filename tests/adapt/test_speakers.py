"""From recordings to chunks and vectors: each chunk is a stretch of its own speaker's recording."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lecturelib.adapt.speakers import LENGTHS, Ear, chunks, embed, mfcc_statistics, numbered
from lecturelib.data.speech import Utterance
from lecturelib.frontends.spectrogram import Mfcc
from lecturelib.recipes import xvector
from lecturelib.viz.explorers.verifier import Listener

RATE = 8000


def said(speaker: str, seconds: float, seed: int) -> Utterance:
    """Noise that is nobody's, but always the same."""
    rng = torch.Generator().manual_seed(seed)
    wave = 0.1 * torch.randn(round(seconds * RATE), generator=rng)
    return Utterance(wave, RATE, None, speaker, "en", None, "made")


CLIPS = [said("b", 2.0, 0), said("a", 2.5, 1), said("b", 3.0, 2), said("c", 1.9, 3)]


def test_speakers_are_numbered_by_name() -> None:
    label, names = numbered(CLIPS)
    assert names == ("a", "b", "c")
    assert label.tolist() == [1, 0, 1, 2]


def test_a_chunk_is_a_stretch_of_its_speakers_recording_and_all_lengths_occur() -> None:
    label, _ = numbered(CLIPS)
    draw, rng = chunks(CLIPS, 5), torch.Generator().manual_seed(0)
    lengths = set()
    for _ in range(30):
        batch = draw(rng)
        lengths.add(batch.signal.shape[1])
        for wave, who in zip(batch.signal, batch.labels, strict=True):
            own = [u.wave for u, number in zip(CLIPS, label, strict=True) if number == who]
            assert any(wave.numpy().tobytes() in o.numpy().tobytes() for o in own)
    assert lengths == {round(seconds * RATE) for seconds in LENGTHS}


def test_every_speaker_comes_equally_often() -> None:
    draw = chunks(CLIPS, 300)
    counts = draw(torch.Generator().manual_seed(0)).labels.bincount()
    assert counts.min() > 70  # "b" has half of the recordings


def test_every_speaker_that_is_drawn_has_as_many_pieces_as_asked() -> None:
    draw, rng, seen = chunks(CLIPS, 8, each=4), torch.Generator().manual_seed(0), set()
    for _ in range(20):
        batch = draw(rng)
        counts = batch.labels.bincount()
        assert set(counts.tolist()) <= {0, 4}
        seen |= set(batch.labels.tolist())
    assert seen == {0, 1, 2}


def test_what_changes_the_sound_leaves_the_speaker() -> None:
    changed = chunks(CLIPS, 8, change=lambda waves, rng: -waves)(torch.Generator().manual_seed(1))
    plain = chunks(CLIPS, 8)(torch.Generator().manual_seed(1))
    assert torch.equal(changed.signal, -plain.signal)
    assert torch.equal(changed.labels, plain.labels)


def test_a_recording_shorter_than_a_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a recording lasts 1\.20 s, chunks up to 1\.8 s"):
        chunks([*CLIPS, said("d", 1.2, 4)], 2)


def test_one_speaker_and_another_rate_are_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match="recordings of 1 speaker: give at least two speakers"):
        chunks([CLIPS[0], CLIPS[2]], 2)
    fast = [replace(u, rate=16000) for u in CLIPS]
    asks = (lambda: chunks(fast, 2), lambda: embed(xvector("mini"), fast))
    for ask in (*asks, lambda: mfcc_statistics(fast)):
        with pytest.raises(ValueError, match=r"at \[16000\] Hz, this hears 8000 Hz: load them at"):
            ask()


def test_a_vector_does_not_depend_on_its_neighbours_and_seconds_cut() -> None:
    encoder = xvector("mini").double()
    clips = [replace(u, wave=u.wave.double()) for u in CLIPS]
    alone = torch.cat([embed(encoder, [u]) for u in clips])
    assert torch.allclose(embed(encoder, clips), alone, atol=1e-10)
    short = [replace(u, wave=u.wave[:8000]) for u in clips]
    assert torch.equal(embed(encoder, clips, seconds=1.0), embed(encoder, short))


def test_cepstra_are_averaged_by_hand() -> None:
    frames = [Mfcc()(u.wave[None]).features[0].numpy() for u in CLIPS]
    by_hand = np.stack([np.concatenate([f.mean(0), f.std(0)]) for f in frames])
    assert np.allclose(mfcc_statistics(CLIPS).numpy(), by_hand, atol=1e-3)


def test_the_ear_is_what_the_verifier_listens_with() -> None:
    encoder = xvector("mini").eval()
    ear = Ear(encoder)
    assert isinstance(ear, Listener)
    a, b = (ear.embed(u.wave.numpy()) for u in CLIPS[:2])
    assert np.allclose(a, embed(encoder, CLIPS[:1])[0].numpy())
    assert ear.score(a, b) == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-5)
    assert ear.score(a, a) == pytest.approx(1)
