"""Which of the article's signs a description is like; never more than that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.encoder import Array, Encoder
from assistant.heads import SignHead, features
from assistant.spelling import as_typed
from assistant.text import normalise, windows

APART = 0.15  # by which a sentence has to be surer than the whole message


@dataclass(frozen=True)
class Sign:
    """A sign with the part of the message that tells it; `start` and `end` are character offsets."""

    id: str
    text: str
    start: int
    end: int
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """Return the sign as CONTRACT.md shapes it."""
        evidence = {"text": self.text, "start": self.start, "end": self.end}
        return {"id": self.id, "evidence": evidence, "confidence": round(self.confidence, 3)}


@dataclass(frozen=True)
class SignThresholds:
    """Probabilities from which a sign counts; chosen on validation messages."""

    least: float  # of a sign
    told: float  # that any sign is told at all
    surely_told: float  # the same, from which the likeliest sign counts
    likeliest: float  # from so little


class SignMatcher:
    """Matches descriptions with signs: several may be told in one message, or none."""

    def __init__(self, encoder: Encoder, head: SignHead, thresholds: SignThresholds, blend: float = 0.5) -> None:
        """`blend` is the encoder's own share."""
        self._encoder, self._head, self._thresholds, self._blend = encoder, head, thresholds, blend
        self._order = [encoder.labels["signs"].index(sign) for sign in head.labels]

    def probabilities(self, texts: list[str]) -> tuple[Array, Array]:
        """Return probabilities of shape (n, signs), in the order of the head's labels, and (n,) that any is told."""
        encodings = self._encoder.encode(texts)
        own = np.stack([e.signs for e in encodings])[:, self._order]
        light, told = self._head.predict(features(texts, encodings))
        mixed: Array = self._blend * own + (1 - self._blend) * light
        return mixed, told

    def match(self, text: str, read: str = "") -> list[Sign]:
        """Return the signs of `text`, surest first; evidence is the sentence that tells it best.

        `read` is the text as it is read, with its slips mended.
        """
        plain, limits = normalise(text), self._thresholds
        read = read or plain
        if not any(c.isalnum() for c in plain):
            return []
        pieces = list(dict.fromkeys([read, *windows(read)]))
        scores, told = self.probabilities(pieces)
        # A sentence by itself may tell more than it does among the others, so it has to be surer.
        likely = np.maximum(scores[0], scores.max(axis=0) - APART)
        any_told = max(told[0], told.max() - APART)
        counts = (likely >= limits.least) & (any_told >= limits.told)
        best = int(likely.argmax())
        counts[best] |= any_told >= limits.surely_told and likely[best] >= limits.likeliest
        found = []
        for column in np.flatnonzero(counts):
            parts = scores[1:, column] if len(pieces) > 1 else scores[:, column]
            piece = pieces[int(parts.argmax()) + (len(pieces) > 1)]
            at = max(read.find(piece), 0)
            start, end = as_typed(read, plain, at, at + len(piece))
            found.append(Sign(self._head.labels[column], plain[start:end], start, end, float(scores[:, column].max())))
        return sorted(found, key=lambda sign: -sign.confidence)
