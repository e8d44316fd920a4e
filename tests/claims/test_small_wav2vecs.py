"""What wav2vec's cards compare: one thing changed, and filters that are a filter bank."""

from dataclasses import fields, replace

import pytest
import torch

from lecturelib.claims import codebook_collapse, raw_waveform, small_wav2vecs, unit_bert
from lecturelib.frontends.waveform import Convolutions, frames_of, samples_of
from lecturelib.masking import expected_share
from lecturelib.objectives.masked_contrast import Settings
from lecturelib.pretraining.wav2vec2 import SETTINGS, untrained


@pytest.mark.parametrize("span", small_wav2vecs.SPANS)
def test_every_length_of_span_hides_half(span: str) -> None:
    start_prob, frames = small_wav2vecs.SPANS[span]
    assert expected_share(start_prob, frames) == pytest.approx(0.5, abs=0.005)
    assert span == f"{20 * frames} ms"


def test_units_hide_the_same_share_in_spans_and_alone() -> None:
    shares = [expected_share(*rule) for rule in unit_bert.SPANS.values()]
    assert shares[0] == pytest.approx(shares[1], abs=0.005)


def test_each_kind_changes_one_thing_of_the_recipe() -> None:
    """The paper's two by two changes inputs and targets."""
    names = {field.name for field in fields(Settings)}
    for kind, change in small_wav2vecs.KINDS.items():
        assert set(change) <= names
        assert len(change) == {"targets quantised": 0, "inputs quantised": 2}.get(kind, 1)
        assert replace(SETTINGS, **change) != SETTINGS or not change


def test_the_filter_bank_is_one() -> None:
    """Each filter lets its own pitch through, in the order of the mel scale, twice."""
    objective = untrained(size="raw")
    raw_waveform.filter_bank(objective)
    filters = objective.model.frontend.convolutions.layers[0].weight[:, 0].detach()
    peak = torch.fft.rfft(filters, 1024).abs().argmax(1) * 8000 / 1024
    assert torch.equal(peak[:32].sort().values, peak[:32])
    assert (peak[:32] - peak[32:]).abs().max() < 130  # sine and cosine of one pitch
    assert 60 <= peak.min() < peak.max() < 4000


@pytest.mark.parametrize("start", [raw_waveform.as_it_is, raw_waveform.filter_bank])
def test_raw_front_ends_make_a_frame_every_20_ms(start) -> None:
    objective = untrained(size="raw")
    start(objective)
    plan = objective.model.frontend.convolutions.plan
    assert samples_of(plan, 2) - samples_of(plan, 1) == 160
    waves = torch.randn(1, 4000, generator=torch.Generator().manual_seed(0))
    assert objective.model.frontend.latents(waves).shape[1] == int(
        frames_of(plan, torch.tensor(4000))
    )


def test_a_patient_is_built_as_it_is_described() -> None:
    sick = codebook_collapse.objective(codebook_collapse.Patient())
    front = sick.model.frontend.convolutions
    assert isinstance(front, Convolutions)
    assert [type(norm).__name__ for norm in front.norms] == ["ChannelNorm"] * len(front.plan)
    well = codebook_collapse.objective(
        codebook_collapse.Patient(norm_each=False, diversity=1.0, noise=False, cooling=False)
    )
    norms = [type(norm).__name__ for norm in well.model.frontend.convolutions.norms]
    assert norms == ["GroupNorm"] + ["Identity"] * (len(front.plan) - 1)
    assert (well.settings.diversity, well.settings.noise) == (1.0, False)
    for step in range(100):
        well.after_step(step)
    assert float(well.temperature) == 2.0
