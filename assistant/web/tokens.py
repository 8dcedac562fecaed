"""Sessions of the web channel: who may write in which conversation, known by a signed token that only the page holds.

A token is a random id of 192 bits, the time of its issue and an HMAC-SHA256 of both, by a key that is made at start
and never leaves the process. The conversation's name in Rasa is another HMAC of the id, so that a name found in a
tracker store opens nothing. Losing the process loses every session, on purpose.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LIFE_SECONDS = 3600  # after the last use
LONGEST_SECONDS = 24 * 3600  # after the issue, however busy
MOST_SESSIONS = 20_000
ID_BYTES = 24

Message = dict[str, Any]


@dataclass
class Session:
    """One person's conversation, as long as their page is open."""

    conversation: str
    leave: str  # opens nothing and ends the session: what the exit link of the plain page carries
    origin: str  # of the page that opened it; "" is our own
    region: str | None = None
    first: list[Message] = field(default_factory=list)  # said before the person wrote, until they do
    choices: dict[str, str] = field(default_factory=dict)  # shown last: title by payload
    spoke: bool = False  # whether the person wrote anything
    used: float = 0.0
    ended: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Sessions:
    """All open sessions of this process."""

    def __init__(
        self,
        *,
        life: float = LIFE_SECONDS,
        longest: float = LONGEST_SECONDS,
        most: int = MOST_SESSIONS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = secrets.token_bytes(32)
        self._open: dict[str, Session] = {}
        self._leave: dict[str, str] = {}
        self._life, self._longest, self._most, self._clock = life, longest, most, clock
        self.life = int(life)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, origin: str = "", region: str | None = None) -> tuple[str, Session] | None:
        """Return a new token and its session; None while too many people are writing.

        Where there is no more room, the oldest page on which nobody wrote makes way.
        """
        if len(self._open) >= self._most:
            silent = next((session for session in self._open.values() if not session.spoke), None)
            if silent is None:
                return None
            self._end(silent)
        id, issued = secrets.token_urlsafe(ID_BYTES), int(self._clock())
        conversation, leave = self._hmac("conversation", id), self._hmac("leave", id)
        session = Session(conversation, leave, origin, region, used=self._clock())
        self._open[conversation] = session
        self._leave[leave] = conversation
        return f"{id}.{issued}.{self._hmac('token', id, str(issued))}", session

    def find(self, token: str, origin: str | None = "") -> Session | None:
        """Return the open session of `token`, used now; None for a token that is forged, over, or of another page.

        `origin` None: any page will do.
        """
        session = self._known(token)
        if session is None or (origin is not None and session.origin != origin):
            return None
        session.used = self._clock()
        return session

    def close(self, token: str) -> Session | None:
        """End the session of `token` and return it."""
        session = self._known(token)
        return self._end(session) if session else None

    def close_by_link(self, leave: str) -> Session | None:
        """End the session whose page carries the exit link `leave`, and return it."""
        session = self._open.get(self._leave.get(leave, ""))
        return self._end(session) if session else None

    def close_old(self) -> list[Session]:
        """End the sessions that nobody used for their life, and return them."""
        oldest = self._clock() - self._life
        return [self._end(session) for session in list(self._open.values()) if session.used <= oldest]

    def sign(self, session: Session, text: str) -> str:
        """Return the signature of `text` as something said in `session`."""
        return self._hmac("said", session.conversation, text)

    def _known(self, token: str) -> Session | None:
        id, _, rest = token.partition(".")
        issued, _, signature = rest.partition(".")
        right = self._hmac("token", id, issued)
        if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")) or not issued.isdigit():
            return None
        session = self._open.get(self._hmac("conversation", id))
        if session is None or self._clock() - session.used >= self._life:
            return None
        return session if self._clock() - int(issued) < self._longest else None

    def _end(self, session: Session) -> Session:
        self._open.pop(session.conversation, None)
        self._leave.pop(session.leave, None)
        session.ended = True
        session.first, session.choices = [], {}
        return session

    def _hmac(self, purpose: str, *parts: str) -> str:
        message = "\0".join([purpose, *parts]).encode("utf-8", "replace")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
