"""A card prints the ledger's numbers; an MP3 holds the tone that went in."""

import io

import numpy as np
import pytest
import soundfile

from lecturelib.viz.cards import claim_card
from lecturelib.viz.sound import mp3, players

ROW = {
    "statement": "s", "paper_number": "88.4 %", "source": "a paper", "protocol": "p", "ours": 3.89,
    "unit": "points", "interval": [1.74, 6.05], "seeds": 5, "date": "2026-11-23",
    "verdict": "not reproduced",
}  # fmt: skip


def test_a_card_says_what_was_measured_and_an_honest_verdict():
    text = claim_card(ROW).data
    for part in ("88.4 %", "**+3.89** points", "+1.74 to +6.05, 5 seeds", "not reproduced at this"):
        assert part in text


def test_a_tone_survives_mp3():
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000).astype("float32")
    heard, rate = soundfile.read(io.BytesIO(mp3(wave, 8000)))
    assert rate == 8000
    spectrum = np.abs(np.fft.rfft(heard[2000:6000]))
    assert spectrum.argmax() * 2 == pytest.approx(440, abs=2)
    assert np.abs(heard[2000:6000]).max() == pytest.approx(0.9, abs=0.1)


def test_every_player_has_a_name_for_those_who_do_not_see():
    html = players([np.zeros(800)], 8000, ["seven"]).data
    assert "aria-label='seven'" in html
    assert "<figcaption>seven</figcaption>" in html
