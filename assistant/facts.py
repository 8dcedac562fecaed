"""Finds what a question asks for: one fact of an answer, or the whole of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.content import Content
from assistant.encoder import Encoder
from assistant.heads import LETTERS, WORDS
from assistant.text import key, normalise, sentences

# How much each likeness counts: meaning, words, letters; chosen on validation (docs/EVALUATION.md).
MEANING, WORD, LETTER = 0.6, 0.2, 0.2
TOLD = 0.9  # a sentence that tells the fact counts a little less than a question for it
HINT = 0.06  # for each of an item's `words` that occurs, at most two
INTENT = 0.25  # times the probability of the intent whose answer it is


@dataclass(frozen=True)
class Found:
    """A topic (intent, or intent/item) and how like its questions the message is, 0 to about 1.3."""

    topic: str
    confidence: float


class FactFinder:
    """Compares a question with the ways in which people ask for each topic, and with the words that tell it."""

    def __init__(self, content: Content, questions: Mapping[str, Sequence[str]], encoder: Encoder) -> None:
        self._encoder = encoder
        self._topics: list[str] = []
        self._hints: dict[str, list[str]] = {}
        texts: list[str] = []
        weights: list[float] = []

        def add(topic: str, text: str, weight: float) -> None:
            self._topics.append(topic)
            texts.append(normalise(text))
            weights.append(weight)

        for topic, asked in questions.items():
            for question in asked:
                add(topic, question, 1.0)
        for intent, answer in content.answers.items():
            for item in answer.items:
                topic = f"{intent}/{item.id}"
                self._hints[topic] = [normalise(word).lower() for word in item.words]
                add(topic, item.title, 1.0)
                for said in item.say:
                    for sentence in sentences(said):
                        add(topic, sentence, TOLD)
        self._weights = np.array(weights, dtype=np.float32)
        self._dense = np.stack([e.embedding for e in encoder.encode(texts)])
        lower = [text.lower() for text in texts]
        self._words, self._letters = WORDS.transform(lower), LETTERS.transform(lower)

    def rank(self, text: str, ranking: dict[str, float]) -> list[Found]:
        """Return topics from the likeliest on; `ranking` holds the probability of each intent."""
        plain = normalise(text)
        dense = self._dense @ self._encoder.encode([plain])[0].embedding
        words = (self._words @ WORDS.transform([plain.lower()]).T).toarray()[:, 0]
        letters = (self._letters @ LETTERS.transform([plain.lower()]).T).toarray()[:, 0]
        like = (MEANING * dense + WORD * words + LETTER * letters) * self._weights
        scores: dict[str, float] = {}
        for topic, score in zip(self._topics, like.tolist(), strict=True):
            scores[topic] = max(scores.get(topic, 0.0), score)
        said = f" {key(text)}"
        for topic in scores:
            hits = sum(f" {hint}" in said for hint in self._hints.get(topic, []))
            scores[topic] += HINT * min(hits, 2) + INTENT * ranking.get(topic.partition("/")[0], 0.0)
        return [Found(t, s) for t, s in sorted(scores.items(), key=lambda pair: -pair[1])]
