"""One meaning in several languages; no text in two splits."""

from pathlib import Path

import pytest

from lecturelib.data import registry, speech, translations
from lecturelib.data.splits import SPLITS, plain
from tests.data.leakage import disjoint


def test_a_name_counts_once_and_only_where_every_language_has_it() -> None:
    listings = {
        "en": {"a": "One.", "b": "minutes", "c": "Minutes!", "d": "four", "e": "only here"},
        "es": {"d": "cuatro", "c": "minutos", "b": "los minutos", "a": "uno"},
    }
    assert translations.distinct(listings) == ["a", "b", "d"]
    listings["es"]["d"] = "UNO"
    assert translations.distinct(listings) == ["a", "b"]


def test_offline_our_own_sentences_are_paired(offline: Path, capsys: pytest.CaptureFixture) -> None:
    translations._all.cache_clear()
    parts = {split: translations.translations(split, ("en", "fr")) for split in SPLITS}
    translations._all.cache_clear()
    assert capsys.readouterr().out == (
        "translations (en, fr): 36 meanings, from synthetic speech (eSpeak NG), "
        "a stand-in (LECTURELIB_OFFLINE=1)\n"
    )
    said = {name: texts for part in parts.values() for name, texts in part.items()}
    assert len(said) == 36
    assert disjoint([set(part) for part in parts.values()])
    pairs = {(both["en"].text, both["fr"].text) for both in said.values()}
    assert ("Please press one.", "Veuillez appuyer sur un.") in pairs
    assert ("Line four, six, two.", "Ligne quatre, six, deux.") in pairs
    assert {both["fr"].language for both in said.values()} == {"fr"}


def test_languages_that_nobody_speaks() -> None:
    with pytest.raises(ValueError, match=r"not spoken in \['de'\]"):
        translations.translations("train", ("en", "de"))
    with pytest.raises(ValueError, match="split='dev'"):
        translations.translations("dev")


def test_real_prompts_share_no_text_between_splits() -> None:
    if not all(registry.find(f"prompts.{language}") for language in speech.LANGUAGES):
        pytest.skip("the prompts are not in the cache: python -m lecturelib data fetch prompts")
    parts = [translations.translations(split) for split in SPLITS]
    for language in speech.LANGUAGES:
        texts = [{plain(said[language].text or "") for said in part.values()} for part in parts]
        assert disjoint(texts)
        assert sum(map(len, texts)) == sum(map(len, parts))
    both = {name: said for part in parts for name, said in part.items()}
    assert both["digits/30"]["it"].text == "trenta"
    assert not any(name.startswith(translations.SPELT) for name in both)
    assert max(len(u.wave) for said in both.values() for u in said.values()) <= 3 * 8000
