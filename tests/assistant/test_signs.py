"""Which signs count: by how likely each is, and by whether any is told at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant import signs
from assistant.signs import SignMatcher, SignThresholds

THRESHOLDS = SignThresholds(least=0.6, told=0.5, surely_told=0.9, likeliest=0.3)
SIGNS = ["charming", "covers_up", "defends_other"]


def matcher(monkeypatch: pytest.MonkeyPatch, judged: dict[str, tuple[list[float], float]]) -> SignMatcher:
    """Return a matcher whose judges say of each text what `judged` says: the probability of each sign, and of any."""

    def encode(texts: list[str]) -> list[Any]:
        return [SimpleNamespace(signs=np.array(judged[text][0])) for text in texts]

    def predict(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([judged[text][0] for text in texts]), np.array([judged[text][1] for text in texts])

    monkeypatch.setattr(signs, "features", lambda texts, encodings: texts)
    encoder: Any = SimpleNamespace(labels={"signs": SIGNS}, encode=encode)
    head: Any = SimpleNamespace(labels=SIGNS, predict=predict)
    return SignMatcher(encoder, head, THRESHOLDS)


@pytest.mark.parametrize(
    ("scores", "told", "found"),
    [
        ([0.7, 0.1, 0.1], 0.6, ["charming"]),
        ([0.7, 0.1, 0.8], 0.6, ["defends_other", "charming"]),
        ([0.7, 0.1, 0.1], 0.4, []),  # likely charming, but probably no sign is told
        ([0.1, 0.35, 0.4], 0.95, ["defends_other"]),  # surely a sign, and one of two
        ([0.1, 0.35, 0.4], 0.8, []),
        ([0.1, 0.2, 0.25], 0.95, []),
    ],
)
def test_a_sign_counts_where_one_is_told(
    monkeypatch: pytest.MonkeyPatch, scores: list[float], told: float, found: list[str]
) -> None:
    """The surest first."""
    text = "i make excuses for her"

    assert found == [sign.id for sign in matcher(monkeypatch, {text: (scores, told)}).match(text)]


def test_a_sentence_must_be_surer_than_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """What sounds like a sign by itself may not be one among the others; the sentence is the evidence."""
    whole, first, second = "We laugh a lot. He charms them all.", "We laugh a lot.", "He charms them all."
    weak = ([0.1, 0.0, 0.0], 0.1)

    unsure = matcher(monkeypatch, {whole: weak, first: weak, second: ([0.7, 0.0, 0.0], 0.9)}).match(whole)
    sure = matcher(monkeypatch, {whole: weak, first: weak, second: ([0.8, 0.0, 0.0], 0.9)}).match(whole)

    assert unsure == []
    assert [("charming", second)] == [(sign.id, sign.text) for sign in sure]
