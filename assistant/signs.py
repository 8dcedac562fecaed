"""Which of the article's signs a description is like; never more than that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.encoder import Array, Encoder
from assistant.heads import SignHead, features
from assistant.spelling import as_typed
from assistant.text import normalise, windows


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


class SignMatcher:
    """Matches descriptions with signs: several may be told in one message, or none."""

    def __init__(self, encoder: Encoder, head: SignHead, least: float, blend: float = 0.5) -> None:
        """`least` is the probability from which a sign counts; `blend` is the encoder's own share."""
        self._encoder, self._head, self._least, self._blend = encoder, head, least, blend
        self._order = [encoder.labels["signs"].index(sign) for sign in head.labels]

    def probabilities(self, texts: list[str]) -> Array:
        """Return probabilities of shape (n, signs), in the order of the head's labels."""
        encodings = self._encoder.encode(texts)
        own = np.stack([e.signs for e in encodings])[:, self._order]
        mixed: Array = self._blend * own + (1 - self._blend) * self._head.predict(features(texts, encodings))
        return mixed

    def match(self, text: str, read: str = "") -> list[Sign]:
        """Return the signs of `text`, surest first; evidence is the sentence that tells it best.

        `read` is the text as it is read, with its slips mended.
        """
        plain = normalise(text)
        read = read or plain
        if not any(c.isalnum() for c in plain):
            return []
        pieces = list(dict.fromkeys([read, *windows(read)]))
        scores = self.probabilities(pieces)
        found = []
        for column, sign in enumerate(self._head.labels):
            surest = float(scores[:, column].max())
            if max(float(scores[0, column]), surest - 0.15) < self._least:
                continue
            parts = scores[1:, column] if len(pieces) > 1 else scores[:, column]
            piece = pieces[int(parts.argmax()) + (len(pieces) > 1)]
            at = max(read.find(piece), 0)
            start, end = as_typed(read, plain, at, at + len(piece))
            found.append(Sign(sign, plain[start:end], start, end, surest))
        return sorted(found, key=lambda sign: -sign.confidence)
