"""The card measures film reviews, and nothing else in their place."""

from types import SimpleNamespace

import pytest

from lecturelib.claims import sentiment_few_labels


def test_without_the_reviews_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = SimpleNamespace(classes=("Anarchism", "Autism"))
    monkeypatch.setattr(sentiment_few_labels, "reviews", lambda: titles)
    with pytest.raises(ValueError, match="data fetch sentiment"):
        sentiment_few_labels.run(0)
