"""Finds what a question asks for: one fact of an answer, or the whole of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from assistant.content import Content
from assistant.encoder import Array, Encoder
from assistant.heads import WORD_BINS, surface
from assistant.text import key, normalise, sentences

# How much each likeness counts: meaning, words, letters; chosen on validation (docs/EVALUATION.md).
MEANING, WORD, LETTER = 0.6, 0.2, 0.2
TOLD = 0.9  # a sentence that tells the fact counts a little less than a question for it
HINT = 0.03  # for each of an item's `words` that occurs, at most two
INTENT = 0.15  # times the probability of the intent whose answer it is
HEAD = 0.7  # times the probability that the encoder's own head gives the fact
RANKED = 10  # topics
SAME = 0.6  # likeness from which a question adds nothing to another for the same topic (docs/EVALUATION.md)


@dataclass(frozen=True)
class Found:
    """A topic (intent, or intent/item) and how like its questions the message is, 0 to about 2."""

    topic: str
    confidence: float


@dataclass(frozen=True)
class Asked:
    """The questions of data/facts/: `meaning` has shape (questions, 384), `surface` is that of heads.py."""

    topics: list[str]
    meaning: Array
    surface: sparse.csr_matrix
    told: dict[str, Array]  # what the sentences of the content meant when this was made, so that a start is quick

    @classmethod
    def of(cls, questions: Mapping[str, Sequence[str]], content: Content, encoder: Encoder) -> Asked:
        """Encode `questions` and the sentences of `content`; takes a quarter of a minute for ten thousand.

        Of questions for a topic that are nearly the `SAME` the first is kept.
        """
        pairs = [(topic, normalise(line)) for topic, lines in questions.items() for line in lines]
        texts, told = [text for _, text in pairs], sorted({text for _, text, _ in telling(content)})
        meaning, typed = _meaning(texts, encoder), surface(texts)
        kept = _varied(np.array([topic for topic, _ in pairs]), meaning, typed)
        meant = dict(zip(told, _meaning(told, encoder), strict=True))
        return cls([pairs[row][0] for row in kept], meaning[kept], typed[kept], meant)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            topics=np.array(self.topics),
            meaning=self.meaning.astype(np.float16),
            shape=np.array(self.surface.shape),
            **{name: getattr(self.surface, name) for name in ("data", "indices", "indptr")},
            told=np.array(list(self.told)),
            told_meaning=np.stack(list(self.told.values())).astype(np.float16),
        )

    @classmethod
    def load(cls, path: Path) -> Asked:
        with np.load(path, allow_pickle=False) as kept:
            meaning, told = (kept[name].astype(np.float32) for name in ("meaning", "told_meaning"))
            known = dict(zip(kept["told"].tolist(), told, strict=True))
            parts = (kept["data"], kept["indices"], kept["indptr"])
            return cls(kept["topics"].tolist(), meaning, sparse.csr_matrix(parts, shape=tuple(kept["shape"])), known)


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
        told = telling(content)
        new = sorted({text for _, text, _ in told} - set(asked.told))
        known = {**asked.told, **(dict(zip(new, _meaning(new, encoder), strict=True)) if new else {})}
        weights = np.array([1.0] * len(asked.topics) + [weight for _, _, weight in told], dtype=np.float32)
        meaning = np.concatenate([asked.meaning, np.stack([known[text] for _, text, _ in told])])
        typed = sparse.vstack([asked.surface, surface([text for _, text, _ in told])], format="csr")
        # Sorted by topic, so that the best row of each topic is found in one pass.
        topics = np.array([*asked.topics, *(topic for topic, _, _ in told)])
        order = np.argsort(topics, kind="stable")
        names, self._starts = np.unique(topics[order], return_index=True)
        self._topics: list[str] = names.tolist()
        self._weights = weights[order]
        self._dense = np.ascontiguousarray(meaning[order])
        # Columns of words and letters, so that only those of the message are looked at.
        self._surface = _weighted(typed[order]).tocsc()
        place = {topic: number for number, topic in enumerate(self._topics)}
        # A fact that came after the encoder was fine-tuned is unknown to its head and lives by likeness alone.
        own = [(place[topic], item) for item, topic in enumerate(encoder.labels["items"]) if topic in place]
        self._own = np.array([at for at, _ in own], dtype=int), np.array([item for _, item in own], dtype=int)
        self._intents = [topic.partition("/")[0] for topic in self._topics]
        self._hints = [
            (place[topic], f" {normalise(word).lower()}")
            for intent, answer in content.answers.items()
            for item in answer.items
            if (topic := f"{intent}/{item.id}") in place
            for word in item.words
        ]

    def rank(self, text: str, ranking: dict[str, float]) -> list[Found]:
        """Return the likeliest topics, at most `RANKED`, best first; `ranking` holds the probability of each intent."""
        plain = normalise(text)
        encoding = self._encoder.encode([plain])[0]
        dense = self._dense @ encoding.embedding
        near = (self._surface @ surface([plain]).T).toarray()[:, 0]
        best = np.maximum(np.maximum.reduceat((MEANING * dense + near) * self._weights, self._starts), 0.0)
        said = f" {key(text)}"
        hits = np.zeros(len(best), dtype=np.float32)
        np.add.at(hits, [at for at, hint in self._hints if hint in said], 1.0)
        asked = np.array([ranking.get(intent, 0.0) for intent in self._intents], dtype=np.float32)
        scores = best + HINT * np.minimum(hits, 2.0) + INTENT * asked
        at, item = self._own
        scores[at] += HEAD * encoding.items[item]
        return [Found(self._topics[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")[:RANKED]]


def _varied(topics: npt.NDArray[np.str_], meaning: Array, typed: sparse.csr_matrix) -> list[int]:
    """Return the rows that are under `SAME` in likeness to each that was kept before of their topic."""
    kept: list[int] = []
    for topic in np.unique(topics):
        rows = np.flatnonzero(topics == topic)
        near = MEANING * meaning[rows] @ meaning[rows].T + (_weighted(typed[rows]) @ typed[rows].T).toarray()
        own: list[int] = []
        for place in range(len(rows)):
            if not (near[place, own] >= SAME).any():
                own.append(place)
        kept += rows[own].tolist()
    return kept


def _weighted(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Weigh words and letters in `rows`, in place, as each of the two counts in a likeness; return them."""
    rows.data *= np.where(rows.indices < WORD_BINS, WORD, LETTER).astype(np.float32)
    return rows
