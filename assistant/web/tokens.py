"""Sessions of the web channel: who may write in which conversation, known by a signed token that only the page holds.

A token is a random id of 192 bits, the time of its issue, the region that the page named, a mark of the page's origin,
and an HMAC-SHA256 of all four. The conversation's name in Rasa is another HMAC of the id, so that a name found in a
tracker store opens nothing.

By default the key is made at start and never leaves the process: losing the process loses every session, on purpose.
Where servers share keys, each of them knows every session from its token alone, and what was said from the store.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
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
    page: str  # mark of the origin of the page that opened it
    region: str | None = None
    first: list[Message] = field(default_factory=list)  # said before the person wrote, until they do
    choices: dict[str, str] = field(default_factory=dict)  # shown last: title by payload
    last: str = ""  # id of the message that was answered last
    spoke: bool = False  # whether the person wrote anything
    issued: float = 0.0
    used: float = 0.0
    ended: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Sessions:
    """All open sessions that this process knows."""

    def __init__(
        self,
        *,
        keys: Sequence[bytes] = (),
        life: float = LIFE_SECONDS,
        longest: float = LONGEST_SECONDS,
        most: int = MOST_SESSIONS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`keys` are shared with other servers, the first one signs; without any, this process makes its own."""
        self.shared = bool(keys)
        self._keys = list(keys) or [secrets.token_bytes(32)]
        self._open: dict[str, Session] = {}
        self._life, self._longest, self._most, self._clock = life, longest, most, clock
        self.life = int(life)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, origin: str = "", region: str | None = None) -> tuple[str, Session] | None:
        """Return a new token and its session; None while too many people are writing.

        Where there is no more room, the oldest page on which nobody wrote makes way.
        """
        if not self._make_room():
            return None
        id, issued, key = secrets.token_urlsafe(ID_BYTES), int(self._clock()), self._keys[0]
        head = f"{id}.{issued}.{region or ''}.{self._page(key, origin)}"
        return f"{head}.{_hmac(key, 'token', head)}", self._begin(key, head)

    def find(self, token: str, origin: str | None = "") -> Session | None:
        """Return the open session of `token`, used now; None for a token that is forged, over, or of another page.

        `origin` None: any page will do. Where servers share sessions, whether it is over is for the caller to find out
        (`is_idle`): it may have been used, or ended, on another one.
        """
        session = self._known(token, origin)
        if session is None or (not self.shared and self.is_idle(session)):
            return None
        if self._clock() - session.issued >= self._longest:
            return None
        if not self.shared:
            self.use(session)
        return session

    def use(self, session: Session) -> None:
        """Note that `session` was used now."""
        session.used = self._clock()

    def is_idle(self, session: Session) -> bool:
        """Return whether nobody used `session` here for its life."""
        return self._clock() - session.used >= self._life

    def close(self, token: str) -> Session | None:
        """End the session of `token` and return it."""
        session = self.find(token, None)
        return self.end(session) if session else None

    def close_by_link(self, leave: str) -> Session | None:
        """End the session whose page carries the exit link `leave`, and return it."""
        id, _, given = leave.partition(".")
        for key in self._keys:
            if _same(_hmac(key, "leave", id), given):
                session = self._open.get(_hmac(key, "conversation", id))
                if session is None and self.shared:
                    session = self._begin(key, f"{id}.0..")
                return self.end(session) if session else None
        return None

    def close_old(self) -> list[Session]:
        """End the sessions that nobody used for their life, and return them."""
        return [self.end(session) for session in list(self._open.values()) if self.is_idle(session)]

    def end(self, session: Session) -> Session:
        """End `session` and return it."""
        self._open.pop(session.conversation, None)
        session.ended = True
        session.first, session.choices = [], {}
        return session

    def sign(self, session: Session, text: str) -> str:
        """Return the signature of `text` as something said in `session`."""
        return _hmac(self._keys[0], "said", session.conversation, text)

    def _known(self, token: str, origin: str | None) -> Session | None:
        head, _, signature = token.rpartition(".")
        for key in self._keys:
            if head.count(".") == 3 and _same(_hmac(key, "token", head), signature):
                if origin is not None and not _same(self._page(key, origin), head.rpartition(".")[2]):
                    return None
                session = self._open.get(_hmac(key, "conversation", head.partition(".")[0]))
                if session is None and self.shared and self._make_room():
                    session = self._begin(key, head)
                return session
        return None

    def _begin(self, key: bytes, head: str) -> Session:
        id, issued, region, page = head.split(".")
        conversation, leave = _hmac(key, "conversation", id), f"{id}.{_hmac(key, 'leave', id)}"
        session = Session(conversation, leave, page, region or None, issued=float(issued), used=float(issued))
        self._open[conversation] = session
        return session

    def _make_room(self) -> bool:
        if len(self._open) < self._most:
            return True
        silent = next((session for session in self._open.values() if not session.spoke or self.shared), None)
        if silent is None:
            return False
        if silent.spoke:
            self._open.pop(silent.conversation, None)  # its token brings it back
        else:
            self.end(silent)
        return True

    def _page(self, key: bytes, origin: str) -> str:
        return _hmac(key, "page", origin)[:16]


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _hmac(key: bytes, purpose: str, *parts: str) -> str:
    message = "\0".join([purpose, *parts]).encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()
