"""The safety screen: how urgent a message is, decided before any answer.

Two judges: reviewed rules (`assistant.rules`) and a classifier over meaning, words and letters.
The more urgent wins; but where the classifier is nearly sure that there is no danger at all, rules of
dangers that are not for this minute do not count ("he beat me to the last samosa"). A long message is
also judged piece by piece, so that a danger in the middle of a ramble is not averaged away; its pieces
count unless the whole is surely harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np

from assistant.content import LEVELS
from assistant.encoder import Array, Encoder
from assistant.heads import LinearHead, features
from assistant.rules import Rules
from assistant.spelling import as_typed
from assistant.text import halves, normalise, windows

LONG = 40  # words; from here on a message is also judged in pieces
STRETCH = 110  # words, or nearly: as much of a message as the encoder reads at once
URGENT = LEVELS[:2]  # emergency and suicide
URGENCY = {level: len(LEVELS) - i for i, level in enumerate(LEVELS)}


def is_long(text: str) -> bool:
    """Return whether `text` is judged in pieces, too."""
    return len(text.split()) > LONG


class Asks(IntEnum):
    """How sure it is that a message is a question on the article, which seldom tells a danger as well."""

    PERHAPS = 0
    LIKELY = 1
    SURELY = 2


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which the classifier raises a level; chosen on validation messages."""

    alarm: float  # any danger, in a short message
    asked: float  # the same, in a short message that is likely a question on the article
    asked_urgent: float  # as `urgent`, in a short message that is likely a question on the article
    surely_asked: float  # for both, in a short message that surely is one
    long: float  # any danger, in the whole of a long message or in a later stretch of it
    piece: float  # any danger, in one piece of a long message
    doubt: float  # any danger, in the whole of a long message: below it, its pieces do not count
    urgent: float  # emergency and suicide together: an alarm, though there may well be no danger at all
    urgent_level: float  # emergency or suicide alone: then they are the level, though another is likelier
    overruled: float  # any danger, in the whole and each piece: below it, rules of no URGENT level do not count


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

    def probabilities(self, text: str, pieces: list[str]) -> tuple[Array, Array]:
        """Return the classifier's probabilities of the whole, shape (8,), and of the pieces, (n, 8), as in LEVELS."""
        texts = [text, *pieces]
        encodings = self._encoder.encode(texts)
        own = np.stack([e.level for e in encodings])[:, self._encoder_order]
        light = self._head.predict(features(texts, encodings))[:, self._order]
        mixed: Array = self._blend * own + (1 - self._blend) * light
        return mixed[0], mixed[1:]

    def judge(self, text: str, read: str = "", asks: Asks = Asks.PERHAPS) -> Judgement:
        """Return the level of `text`, "none" for one without words; `asks` says whether it is a question.

        `read` is the text as it is read, with its slips mended; evidence stands where it was typed.
        """
        plain = normalise(text)
        read = read or plain
        if not any(c.isalnum() for c in plain):
            return Judgement("none", 1.0)
        judged = self._judge(read, asks)
        places = [as_typed(read, plain, e.start, e.end) for e in judged.evidence]
        evidence = [
            replace(e, text=plain[start:end], start=start, end=end)
            for e, (start, end) in zip(judged.evidence, places, strict=True)
        ]
        return replace(judged, evidence=evidence)

    def _judge(self, plain: str, asks: Asks) -> Judgement:
        pieces = windows(plain) if is_long(plain) else []
        whole, parts = self.probabilities(plain, pieces)
        sure = max(1 - float(scores[-1]) for scores in (whole, *parts)) < self._thresholds.overruled
        matches = [m for m in self.rules.find(plain) if m.level in URGENT or not sure]
        found = [Evidence(m.rule, m.level, m.text, m.start, m.end, 1.0) for m in matches]
        found += self._alarm(plain, plain, whole, *self._least(asks, long=bool(pieces)))
        torn = [
            evidence
            for piece, score in zip(pieces, parts, strict=True)
            for evidence in self._alarm(plain, piece, score, self._thresholds.piece, 1.0)
        ]
        if torn and self._doubtful(plain, whole):
            found += torn
        scores = dict(zip(LEVELS, (float(p) for p in whole), strict=True))
        if not found:
            return Judgement("none", scores["none"], [], scores)
        level = max((e.level for e in found), key=lambda name: URGENCY[name])
        deciding = [e for e in found if e.level == level]
        return Judgement(level, max(e.confidence for e in deciding), deciding, scores)

    def _doubtful(self, plain: str, whole: Array) -> bool:
        """Return whether pieces of `plain` count: the `whole` is not surely none, or a later stretch is a danger.

        Torn out of its story, a harmless sentence ("i said i would stop breathing then") often looks like a danger.
        """
        if 1 - whole[-1] >= self._thresholds.doubt:
            return True
        later = [" ".join(run) for run in halves(plain.split(), STRETCH)[1:]]  # the encoder reads no further
        if not later:
            return False
        first, others = self.probabilities(later[0], later[1:])
        return any(1 - stretch[-1] >= self._thresholds.long for stretch in (first, *others))

    def _least(self, asks: Asks, long: bool) -> tuple[float, float]:
        """Return the probabilities from which a whole message is an alarm: of any danger, and of an urgent one."""
        limits = self._thresholds
        if long:
            return limits.long, limits.urgent
        if asks is Asks.SURELY:
            return limits.surely_asked, limits.surely_asked
        return (limits.asked, limits.asked_urgent) if asks else (limits.alarm, limits.urgent)

    def _alarm(self, plain: str, piece: str, scores: Array, threshold: float, urgent: float) -> list[Evidence]:
        """Return the evidence that `piece` of `plain` is a danger; none where its `scores` are under both thresholds.

        `threshold` is for any danger, `urgent` for emergency and suicide together.
        """
        danger = 1 - float(scores[-1])
        certain = danger >= threshold
        if not certain and float(scores[:2].sum()) < urgent:
            return []
        best, first = int(np.argmax(scores[:-1])), int(np.argmax(scores[:2]))
        if not certain or scores[first] >= self._thresholds.urgent_level:
            best = first
        start = max(plain.find(piece), 0)
        return [Evidence("classifier", LEVELS[best], piece, start, start + len(piece), danger)]
