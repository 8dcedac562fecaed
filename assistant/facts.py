"""Finds what a question asks for: one fact of an answer, or the whole of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.content import Content
from assistant.encoder import Array, Encoder
from assistant.heads import LETTERS, WORDS, surface
from assistant.text import key, normalise, sentences

# How much each likeness counts: meaning, words, letters; chosen on validation (docs/EVALUATION.md).
MEANING, WORD, LETTER = 0.6, 0.2, 0.2
TOLD = 0.9  # a sentence that tells the fact counts a little less than a question for it
HINT = 0.03  # for each of an item's `words` that occurs, at most two
INTENT = 0.15  # times the probability of the intent whose answer it is
HEAD = 0.7  # times the probability that the encoder's own head gives the fact


@dataclass(frozen=True)
class Found:
    """A topic (intent, or intent/item) and how like its questions the message is, 0 to about 2."""

    topic: str
    confidence: float


@dataclass(frozen=True)
class Asked:
    """The questions of data/facts/ with what they mean: `meaning` has shape (questions, 384)."""

    topics: list[str]
    texts: list[str]
    meaning: Array
    told: dict[str, Array]  # what the sentences of the content meant when this was made, so that a start is quick

    @classmethod
    def of(cls, questions: Mapping[str, Sequence[str]], content: Content, encoder: Encoder) -> Asked:
        """Encode `questions` and the sentences of `content`; takes a quarter of a minute for ten thousand."""
        pairs = [(topic, normalise(line)) for topic, lines in questions.items() for line in lines]
        texts, told = [text for _, text in pairs], sorted({text for _, text, _ in telling(content)})
        meant = dict(zip(told, _meaning(told, encoder), strict=True))
        return cls([topic for topic, _ in pairs], texts, _meaning(texts, encoder), meant)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            topics=np.array(self.topics),
            texts=np.array(self.texts),
            meaning=self.meaning.astype(np.float16),
            told=np.array(list(self.told)),
            told_meaning=np.stack(list(self.told.values())).astype(np.float16),
        )

    @classmethod
    def load(cls, path: Path) -> Asked:
        with np.load(path, allow_pickle=False) as kept:
            meaning, told = (kept[name].astype(np.float32) for name in ("meaning", "told_meaning"))
            known = dict(zip(kept["told"].tolist(), told, strict=True))
            return cls(kept["topics"].tolist(), kept["texts"].tolist(), meaning, known)


def telling(content: Content) -> list[tuple[str, str, float]]:
    """Return (topic, text, weight) of every title and sentence that tells a fact."""
    told: list[tuple[str, str, float]] = []
    for intent, answer in content.answers.items():
        for item in answer.items:
            topic = f"{intent}/{item.id}"
            told.append((topic, normalise(item.title), 1.0))
            told += [(topic, normalise(sentence), TOLD) for said in item.say for sentence in sentences(said)]
    return told


def _meaning(texts: list[str], encoder: Encoder) -> Array:
    return np.stack([e.embedding for e in encoder.encode(texts)])


class FactFinder:
    """Compares a question with the ways in which people ask for each topic, and with the words that tell it."""

    def __init__(self, content: Content, asked: Asked, encoder: Encoder) -> None:
        """What of `content` was written since `asked` was made is encoded here: it counts without training."""
        self._encoder = encoder
        self._hints = {
            f"{intent}/{item.id}": [normalise(word).lower() for word in item.words]
            for intent, answer in content.answers.items()
            for item in answer.items
        }
        told = telling(content)
        new = sorted({text for _, text, _ in told} - set(asked.told))
        known = {**asked.told, **(dict(zip(new, _meaning(new, encoder), strict=True)) if new else {})}
        rows = [(topic, text, 1.0) for topic, text in zip(asked.topics, asked.texts, strict=True)] + told
        meaning = np.concatenate([asked.meaning, np.stack([known[text] for _, text, _ in told])])
        # Sorted by topic, so that the best row of each topic is found in one pass.
        order = sorted(range(len(rows)), key=lambda row: rows[row][0])
        topics = [rows[row][0] for row in order]
        self._topics = sorted(set(topics))
        self._starts = np.array([topics.index(topic) for topic in self._topics])
        self._weights = np.array([rows[row][2] for row in order], dtype=np.float32)
        self._dense = np.ascontiguousarray(meaning[order])
        lower = [rows[row][1].lower() for row in order]
        self._words, self._letters = (part.transform(lower).astype(np.float32) for part in (WORDS, LETTERS))

    def rank(self, text: str, ranking: dict[str, float]) -> list[Found]:
        """Return topics from the likeliest on; `ranking` holds the probability of each intent."""
        plain = normalise(text)
        encoding = self._encoder.encode([plain])[0]
        dense = self._dense @ encoding.embedding
        words, letters = (
            of_all @ of_text.toarray()[0].astype(np.float32)
            for of_all, of_text in zip((self._words, self._letters), surface(plain.lower()), strict=True)
        )
        like = (MEANING * dense + WORD * words + LETTER * letters) * self._weights
        best = np.maximum(np.maximum.reduceat(like, self._starts), 0.0)
        scores: dict[str, float] = dict(zip(self._topics, best.tolist(), strict=True))
        # A fact that came after the encoder was fine-tuned is unknown to its head and lives by likeness alone.
        own = dict(zip(self._encoder.labels["items"], encoding.items.tolist(), strict=True))
        said = f" {key(text)}"
        for topic in scores:
            hits = sum(f" {hint}" in said for hint in self._hints.get(topic, []))
            intent = ranking.get(topic.partition("/")[0], 0.0)
            scores[topic] += HINT * min(hits, 2) + INTENT * intent + HEAD * own.get(topic, 0.0)
        return [Found(t, s) for t, s in sorted(scores.items(), key=lambda pair: -pair[1])]
