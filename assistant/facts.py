"""Finds the one fact that a question asks for, among the items of the answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.content import Content
from assistant.encoder import Encoder
from assistant.heads import LETTERS, WORDS
from assistant.text import key, normalise


@dataclass(frozen=True)
class Found:
    """An item, as intent/item, and how like its questions the message is (0 to about 1)."""

    topic: str
    confidence: float


class FactFinder:
    """Compares a question with the ways in which people ask for each item."""

    def __init__(self, content: Content, encoder: Encoder) -> None:
        self._encoder = encoder
        self._topics: list[str] = []
        asks: list[str] = []
        self._words: dict[str, list[str]] = {}
        for intent, answer in content.answers.items():
            for item in answer.items:
                topic = f"{intent}/{item.id}"
                self._words[topic] = [normalise(word).lower() for word in item.words]
                for ask in [*item.asks, item.title]:
                    self._topics.append(topic)
                    asks.append(ask)
        self._dense = np.stack([e.embedding for e in encoder.encode(asks)])
        plain = [normalise(ask).lower() for ask in asks]
        self._sparse_words, self._sparse_letters = WORDS.transform(plain), LETTERS.transform(plain)

    def rank(self, text: str, ranking: dict[str, float]) -> list[Found]:
        """Return items from the likeliest on; `ranking` holds the probability of each intent."""
        plain = normalise(text).lower()
        dense = self._dense @ self._encoder.encode([normalise(text)])[0].embedding
        sparse = (self._sparse_words @ WORDS.transform([plain]).T).toarray()[:, 0]
        letters = (self._sparse_letters @ LETTERS.transform([plain]).T).toarray()[:, 0]
        scores: dict[str, float] = {}
        for i, topic in enumerate(self._topics):
            like = 0.5 * dense[i] + 0.2 * sparse[i] + 0.3 * letters[i]
            scores[topic] = max(scores.get(topic, 0.0), float(like))
        said = f" {key(text)}"
        for topic in scores:
            hits = sum(f" {word}" in said for word in self._words[topic])
            scores[topic] += 0.12 * min(hits, 2) + 0.25 * ranking.get(topic.partition("/")[0], 0.0)
        return [Found(t, s) for t, s in sorted(scores.items(), key=lambda pair: -pair[1])]
