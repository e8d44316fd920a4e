"""The base sizes: the papers' numbers, counted without memory; and their jobs, on a small twin."""

import importlib.util

import numpy as np
import pytest
import soundfile
import torch
from torch import Generator

from lecturelib import pretraining
from lecturelib.data.unread import Unread
from lecturelib.pretraining import Job, bert_base, wav2vec2_base
from lecturelib.recipes.words import bert
from lecturelib.training.loop import Trainer
from tests.requirements import require


def test_wav2vec2_base_has_the_papers_95_million_weights() -> None:
    """Section 4.2: 95 M, with quantiser and projections."""
    with torch.device("meta"):
        objective = wav2vec2_base.untrained("base")
    count = sum(p.numel() for p in objective.parameters())
    assert 94.5e6 < count < 95.5e6
    assert objective.settings.negatives == 100
    assert wav2vec2_base.CROPS["full"] * 15.6 / 3600 == pytest.approx(1.6, abs=0.01)


def test_the_rate_climbs_for_eight_percent() -> None:
    found = [wav2vec2_base.eight_percent(step, 400_000) for step in (15_999, 31_999, 216_000)]
    assert found == pytest.approx([0.5, 1.0, 0.5], abs=1e-4)


def test_wav2vec2_base_trains_on_a_folder_at_16_khz(tmp_path, monkeypatch) -> None:
    whole = wav2vec2_base.untrained
    monkeypatch.setattr(wav2vec2_base, "untrained", lambda size: whole("raw"))
    rng = np.random.default_rng(0)
    for number in range(3):
        soundfile.write(tmp_path / f"{number}.wav", 0.1 * rng.normal(size=40_000), 16_000)
    job = pretraining.build("wav2vec2_base", f"sound:{tmp_path}", "quick", seed=2)
    assert isinstance(job, Job)
    assert job.draw(Generator().manual_seed(0)).rows(slice(None)).signal.shape == (4, 64_000)
    rows = Trainer(job.objective, job.draw, job.plan, label="").run().rows
    assert len(rows) == 3
    full = pretraining.build("wav2vec2_base", f"sound:{tmp_path}", "full").plan
    assert (full.steps, full.lr, full.betas) == (400_000, 5e-4, (0.9, 0.98))


def test_bert_base_reads_a_text_file(tmp_path, monkeypatch) -> None:
    """256 pairs of 128 pieces; 15 % hidden; 1e-4, warm-up, 1,000,000 steps (Section A.2)."""
    has = importlib.util.find_spec("datasets") is not None
    require("peers", has, "pip install datasets: it reads large texts")
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "some.txt"
    path.write_text("\n\n".join(f"A cat, {n}. A dog ran {n} times. It rains." for n in range(30)))
    monkeypatch.setattr(bert_base, "bert", lambda size, vocab: bert("tiny", vocab=vocab))
    monkeypatch.setattr(bert_base, "LENGTH", 32)
    job = pretraining.build("bert_base", f"text:{path}", "full")
    assert isinstance(job, Job)
    assert (job.plan.steps, job.plan.lr, job.objective.share) == (1_000_000, 1e-4, 0.15)
    drawn = job.draw(Generator().manual_seed(0))
    assert isinstance(drawn, Unread)
    assert len(drawn) == 256
    quick = pretraining.build("bert_base", f"text:{path}", "quick")
    assert isinstance(quick, Job)
    rows = Trainer(quick.objective, quick.draw, quick.plan, quick.measure, label="").run().rows
    assert [len(rows), rows[-1]["held_out_words_nll"] > 0] == [3, True]
    assert bert_base.LENGTH == 32
    small = pretraining.build("bert", f"text:{path}", "quick")
    assert isinstance(small, Job)
    assert small.draw(Generator().manual_seed(0)).rows(slice(3)).signal.shape[0] == 3


def test_bert_base_has_the_papers_numbers() -> None:
    assert (bert_base.VOCAB, bert_base.LENGTH, bert_base.BATCH["full"]) == (30_522, 128, 256)
