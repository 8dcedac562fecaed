"""The safety screen: how urgent a message is, decided before any answer.

Two judges: reviewed rules (`assistant.rules`) and a classifier over meaning, words and letters.
The more urgent wins. A long message is also judged piece by piece, so that a danger in the middle
of a ramble is not averaged away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assistant.content import LEVELS
from assistant.encoder import Array, Encoder
from assistant.heads import LinearHead, features
from assistant.rules import Rules
from assistant.text import normalise, windows

LONG = 40  # words; from here on a message is also judged in pieces
URGENCY = {level: len(LEVELS) - i for i, level in enumerate(LEVELS)}


def is_long(text: str) -> bool:
    """Return whether `text` is judged in pieces, too."""
    return len(text.split()) > LONG


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which the classifier raises a level; chosen on validation messages."""

    alarm: float  # any danger, in a short message
    long: float  # any danger, in the whole of a long message
    piece: float  # any danger, in one piece of a long message
    urgent: float  # emergency or suicide alone: then they are the level, though another is likelier


@dataclass(frozen=True)
class Evidence:
    """What decided: a rule's id or "classifier", and where in the message."""

    rule: str
    level: str
    text: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True)
class Judgement:
    """The level of a message and why."""

    level: str
    confidence: float
    evidence: list[Evidence] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def leaning(self) -> tuple[str, float]:
        """The likeliest danger and the probability of any danger, even under the thresholds."""
        dangers = {level: p for level, p in self.scores.items() if level != "none"}
        if not dangers:
            return "none", 0.0
        return max(dangers, key=lambda level: dangers[level]), sum(dangers.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the judgement as CONTRACT.md shapes it."""
        level, confidence = self.leaning
        return {
            "level": self.level,
            "confidence": round(self.confidence, 3),
            "evidence": [{"rule": e.rule, "text": e.text, "start": e.start, "end": e.end} for e in self.evidence],
            "leaning": {"level": level, "confidence": round(confidence, 3)},
        }


class Screen:
    """Judges messages; the same message always gets the same judgement."""

    def __init__(
        self, rules: Rules, encoder: Encoder, head: LinearHead, thresholds: Thresholds, blend: float = 0.5
    ) -> None:
        """`blend` is the encoder's own share in the classifier; the light head has the rest."""
        self.rules, self._encoder, self._head = rules, encoder, head
        self._thresholds, self._blend = thresholds, blend
        self._order = [head.labels.index(level) for level in LEVELS]
        self._encoder_order = [encoder.labels["levels"].index(level) for level in LEVELS]

    def probabilities(self, texts: list[str]) -> Array:
        """Return the classifier's probabilities of shape (n, 8), in the order of LEVELS."""
        encodings = self._encoder.encode(texts)
        own = np.stack([e.level for e in encodings])[:, self._encoder_order]
        light = self._head.predict(features(texts, encodings))[:, self._order]
        mixed: Array = self._blend * own + (1 - self._blend) * light
        return mixed

    def judge(self, text: str) -> Judgement:
        """Return the level of `text`, "none" for one without words."""
        plain = normalise(text)
        if not any(c.isalnum() for c in plain):
            return Judgement("none", 1.0)
        pieces = windows(plain) if is_long(plain) else []
        scores = self.probabilities([plain, *pieces])
        found = [Evidence(m.rule, m.level, m.text, m.start, m.end, 1.0) for m in self.rules.find(plain)]
        whole_threshold = self._thresholds.long if pieces else self._thresholds.alarm
        found += self._alarms(plain, plain, scores[0], whole_threshold)
        for piece, score in zip(pieces, scores[1:], strict=True):
            found += self._alarms(plain, piece, score, self._thresholds.piece)
        whole = dict(zip(LEVELS, (float(p) for p in scores[0]), strict=True))
        if not found:
            return Judgement("none", whole["none"], [], whole)
        level = max((e.level for e in found), key=lambda name: URGENCY[name])
        deciding = [e for e in found if e.level == level]
        return Judgement(level, max(e.confidence for e in deciding), deciding, whole)

    def _alarms(self, plain: str, piece: str, scores: Array, threshold: float) -> list[Evidence]:
        danger = 1 - float(scores[-1])
        best = int(np.argmax(scores[:-1]))
        urgent = int(np.argmax(scores[:2]))
        if scores[urgent] >= self._thresholds.urgent and danger >= threshold:
            best = urgent
        elif danger < threshold:
            return []
        start = max(plain.find(piece), 0)
        return [Evidence("classifier", LEVELS[best], piece, start, start + len(piece), danger)]
