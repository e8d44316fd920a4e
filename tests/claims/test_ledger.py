"""Intervals, verdicts and the ledger: closed forms, and what is committed."""

import dataclasses
import json
import math

import pytest

from lecturelib import claims
from lecturelib.claims import Card, commit, interval, measure, verdict


def test_the_interval_is_students():
    # mean 3, standard deviation sqrt(2.5), t(0.975, 4) = 2.776
    half = 2.7764451 * math.sqrt(2.5) / math.sqrt(5)
    assert interval([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx((3 - half, 3 + half))


def test_one_seed_says_nothing():
    assert interval([1.0]) == (-math.inf, math.inf)
    assert verdict(*interval([1.0]), 0.0) == "inconclusive"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.1, 1.0, "reproduced"), (-1.0, -0.1, "not reproduced"), (-1.0, 1.0, "inconclusive")],
)
def test_the_verdict_follows_the_interval(low, high, expected):
    assert verdict(low, high, 0.0) == expected


@pytest.fixture
def coin(monkeypatch):
    runs = []

    def run(seed: int) -> dict[str, float]:
        runs.append(seed)
        return {"effect": 1.0 + seed}

    card = Card("coin", "a coin", "it falls", "1", "by hand", run)
    monkeypatch.setattr(claims, "card", lambda name: card)
    monkeypatch.setattr(claims, "NAMES", ("coin", "other"))
    return runs


def test_a_measurement_goes_on_after_the_seeds_it_has(coin, tmp_path):
    first = measure("coin", 2, tmp_path)
    second = measure("coin", 5, tmp_path)
    assert coin == [0, 1, 2, 3, 4]
    assert (first["seeds"], second["seeds"]) == (2, 5)
    assert second["ours"] == 3.0
    assert second["verdict"] == "reproduced"


def test_each_run_is_a_file_and_a_stop_loses_only_its_own(coin, tmp_path, monkeypatch):
    def stopped(seed: int) -> dict[str, float]:
        if seed == 2:
            raise KeyboardInterrupt
        return {"effect": float(seed)}

    whole = claims.card("coin")
    monkeypatch.setattr(claims, "card", lambda name: dataclasses.replace(whole, run=stopped))
    with pytest.raises(KeyboardInterrupt):
        measure("coin", 5, tmp_path)
    assert sorted(path.name for path in (tmp_path / "coin").iterdir()) == ["0.json", "1.json"]
    monkeypatch.setattr(claims, "card", lambda name: whole)
    runs = measure("coin", 3, tmp_path)["runs"]
    assert [run["effect"] for run in runs] == [0.0, 1.0, 3.0]  # only the third was run here


def test_seeds_of_another_protocol_are_not_mixed_in(coin, tmp_path, monkeypatch):
    measure("coin", 2, tmp_path)
    changed = dataclasses.replace(claims.card("coin"), protocol="with the other hand")
    monkeypatch.setattr(claims, "card", lambda name: changed)
    measure("coin", 3, tmp_path)
    assert coin == [0, 1, 0, 1, 2]


def test_what_rounds_to_nothing_has_no_sign(coin):
    row = claims.row(claims.card("coin"), [{"effect": e, "minutes": 0.0} for e in (-3e-5, 1e-5)])
    assert math.copysign(1.0, row["ours"]) == 1.0


def test_a_new_row_takes_the_place_of_the_old_one(coin, tmp_path):
    path = tmp_path / "claims.json"
    commit([{"name": "other", "ours": 1}, {"name": "coin", "ours": 2}], path)
    commit([{"name": "coin", "ours": 3}], path)
    assert claims.ledger(path) == [{"name": "coin", "ours": 3}, {"name": "other", "ours": 1}]


def test_one_seed_is_refused(coin):
    with pytest.raises(ValueError, match="seeds=1 gives no interval"):
        measure("coin", 1)


def test_an_unknown_claim_lists_the_known_ones():
    with pytest.raises(ValueError, match="no claim 'x': choose from student_beats_teacher"):
        claims.card("x")
    with pytest.raises(ValueError, match="no claim 'x' in the ledger"):
        claims.entry("x")


@pytest.mark.parametrize("name", claims.NAMES)
def test_every_card_is_in_the_ledger_and_its_verdict_follows_from_its_runs(name):
    row, card = claims.entry(name), claims.card(name)
    effects = [run["effect"] for run in row["runs"]]
    least = 3 if "THREE seeds" in card.protocol or "THREE pre-training" in card.protocol else 5
    assert row["seeds"] == len(effects) >= least  # three: where a card pre-trains at full size
    low, high = interval(effects)
    assert row["interval"] == pytest.approx([low, high], abs=2e-3)
    assert row["ours"] == pytest.approx(sum(effects) / len(effects), abs=1e-3)
    assert row["verdict"] == verdict(low, high, card.bound)
    for field in ("source", "statement", "paper_number", "protocol", "unit"):
        assert row[field] == getattr(card, field), field


def test_the_ledger_is_plain_json_with_the_promised_fields():
    rows = json.loads(claims.LEDGER.read_text(encoding="utf8"))
    for row in rows:
        assert isinstance(row["paper_number"], str)
        assert {"name", "source", "statement", "ours", "interval", "seeds", "minutes"} <= row.keys()
