"""The conversation that the plain page shows: it travels in the page itself and is kept nowhere else."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.web.tokens import Message, Session, Sessions

MOST_BYTES = 9000  # of what goes back and forth with every message; older lines make way


@dataclass(frozen=True)
class Line:
    """One message: of the assistant, or of the person."""

    ours: bool
    text: str


def said(messages: Iterable[Message]) -> list[Line]:
    """Return the replies as lines."""
    return [Line(True, message["text"]) for message in messages if message.get("text")]


def pack(lines: Sequence[Line], session: Session, sessions: Sessions) -> tuple[str, str]:
    """Return the newest of `lines` as one text that fits in MOST_BYTES, and its signature."""
    kept: list[list[object]] = []
    size = 0
    for line in reversed(lines):
        entry: list[object] = [int(line.ours), line.text]
        size += len(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")) + 2
        if size > MOST_BYTES:
            break
        kept.insert(0, entry)
    text = json.dumps(kept, ensure_ascii=False)
    return text, sessions.sign(session, text)


def unpack(text: str, signature: str, session: Session, sessions: Sessions) -> list[Line]:
    """Return the lines of `text`; none unless signed in this session, so that nobody puts words in our mouth."""
    if not hmac.compare_digest(sessions.sign(session, text).encode(), signature.encode("utf-8", "replace")):
        return []
    return [Line(bool(ours), str(line)) for ours, line in json.loads(text)]
