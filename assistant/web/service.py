"""What the web channel does for a request, whoever asks and however: the rules of sessions, limits and choices.

Every refusal is a `Refusal` with words for the person; nothing else is ever told.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.reply import Replies, State
from assistant.settings import Settings
from assistant.text import MAX_CHARACTERS, mended
from assistant.web.limits import Limit
from assistant.web.tokens import LONGEST_SECONDS, Message, Session, Sessions
from assistant.web.words import WidgetWords

KINDS = ["emergency", "domestic_abuse"]  # of the contacts that stand beside a refusal
CHARACTERS = 500  # begun, of one message, that count as a message against the limits: reading them takes as long
FULL_SECONDS = 5  # after which somebody who was refused may find room
MOST_OF_ID = 64  # characters
COMMAND_SIGN = re.compile(r"^[\s/]+")


class Refusal(Exception):
    """A request that is not taken: `reason` is a key of `refused` in content/widget.yml."""

    def __init__(self, status: int, reason: str, wait: int = 0) -> None:
        super().__init__(reason)
        self.status, self.reason, self.wait = status, reason, wait


class Backend(Protocol):
    """The assistant behind the channel."""

    def fault(self) -> str:
        """Return why nothing can be answered, or an empty string."""

    async def answer(self, session: Session, text: str, id: str = "") -> list[Message]:
        """Return the replies to `text`; a text that begins with "/" is a command.

        A message whose `id` is that of the last one that was answered is not applied again: its replies are returned.
        """

    async def remembers(self, conversation: str) -> bool:
        """Return whether anything of the conversation is kept."""

    async def last(self, conversation: str) -> tuple[str, list[Message]]:
        """Return the id of the conversation's last message, and what was said to it."""

    async def forget(self, conversation: str, *, left: bool = False) -> None:
        """Erase the conversation; `left`: because the person did."""

    async def end(self, conversation: str, seconds: float) -> None:
        """Erase the conversation, and let every server know for `seconds` that it is over."""

    async def is_over(self, conversation: str) -> bool:
        """Return whether the conversation was ended, on whichever server."""


@dataclass(frozen=True)
class Caller:
    """Who asks: their network, and the page that their request comes from ("" is our own)."""

    address: str
    origin: str = ""


@dataclass(frozen=True)
class Answer:
    """The replies to one message; `erased` when the person had the conversation erased by it."""

    messages: list[Message]
    erased: bool


class Service:
    """Sessions and limits around a backend."""

    def __init__(
        self,
        backend: Backend,
        replies: Replies,
        words: WidgetWords,
        settings: Settings,
        keys: Sequence[bytes] = (),
    ) -> None:
        """`keys` are those of `Sessions`."""
        clock = time.monotonic
        self.words, self.exit = words, settings.exit
        self.sessions = Sessions(keys=keys)
        self._backend, self._replies = backend, replies
        self._waiting, self._most_waiting, self._beginning = 0, settings.limit_waiting, asyncio.Lock()
        self._per_session = Limit(settings.limit_session, clock)
        self._per_address = Limit(settings.limit_address, clock)
        self._new = Limit(settings.limit_new, clock)

    def fault(self) -> str:
        """Return why nothing can be answered, or an empty string."""
        return self._backend.fault()

    # --- a conversation

    def open(self, caller: Caller, region: str | None = None) -> tuple[str, Session]:
        """Return the token and the session of a new conversation; raise `Refusal`.

        A `region` that is not known counts as none: a mistake of the page must not cost anybody the chat.
        """
        self._ready(caller)
        if wait := self._new.wait(caller.address):
            raise Refusal(429, "too_fast_here", wait)
        known = self._replies.content.regions
        default = self._replies.regions.default.code
        opened = self.sessions.open(caller.origin, region if region in known and region != default else None)
        if opened is None:
            raise Refusal(503, "full")
        token, session = opened
        self._start(session)
        return token, session

    async def session(self, caller: Caller, token: str) -> Session | None:
        """Return the open session of `token`, None where there is none, or none any more."""
        session = self.sessions.find(token, caller.origin)
        if session is None:
            return None
        if self.sessions.shared and not await self._resumed(session):
            self.sessions.end(session)
            return None
        self.sessions.use(session)
        return session

    async def _resumed(self, session: Session) -> bool:
        """Read from the store what other servers did with `session`, and return whether it is still open."""
        if await self._backend.is_over(session.conversation):
            return False
        if await self._backend.remembers(session.conversation):
            session.spoke, session.first = True, []
            session.last, said = await self._backend.last(session.conversation)
            session.choices = shown(said)
            return True
        if self.sessions.is_idle(session):
            return False
        self._start(session)
        return True

    def _start(self, session: Session) -> None:
        session.first = self.first_words()
        session.choices = shown(session.first)

    def first_words(self) -> list[Message]:
        """Return what is said before the person wrote: what this is (R25), and whether someone may see it (R8)."""
        intro, device = (self._replies.plain(name, State()).text for name in ("intro", "device_question"))
        offered = [self._replies.choice(topic) for topic in self.words.offer]
        buttons = [*offered, *self._replies.choices("hotline", "device")]
        return [{"text": intro}, {"text": device, "buttons": buttons}]

    async def say(
        self, caller: Caller, token: str, *, text: str | None = None, choice: str | None = None, id: str = ""
    ) -> Answer:
        """Return the answer to a typed `text` or to a `choice` that was shown last; raise `Refusal`.

        A page that got no answer may say the same again under the same `id`: it is applied once.
        """
        cost = max(1, math.ceil(len(text or "") / CHARACTERS))
        self._ready(caller, cost)
        if self._waiting >= self._most_waiting:  # before anything costs time: who is refused can call somebody at once
            raise Refusal(503, "full", FULL_SECONDS)
        self._waiting += 1
        try:
            # A turn leaves nobody else a word. So they begin one by one, and before each whoever arrived meanwhile is
            # counted, or refused: else all who wait would be answered before anybody else is heard.
            async with self._beginning:
                await asyncio.sleep(0)
            return await self._said(caller, token, text, choice, id, cost)
        finally:
            self._waiting -= 1

    async def _said(
        self, caller: Caller, token: str, text: str | None, choice: str | None, id: str, cost: int
    ) -> Answer:
        session = await self.session(caller, token)
        if session is None:
            raise Refusal(401, "ended")
        if (text is None) == (choice is None) or len(id) > MOST_OF_ID or not id.isascii():
            raise Refusal(400, "bad")
        if text is not None and len(text) > MAX_CHARACTERS:
            raise Refusal(413, "too_long")
        if wait := self._per_session.wait(session.conversation, cost):
            raise Refusal(429, "too_fast", wait)
        session.spoke = True
        async with session.lock:
            if choice is not None and choice not in session.choices and not (id and id == session.last):
                raise Refusal(400, "choice")
            return await self._answered(session, plain(text) if text is not None else choice or "", id)

    async def _answered(self, session: Session, said: str, id: str) -> Answer:
        session.last = id
        messages = [for_person(message) for message in await self._backend.answer(session, said, id)]
        if session.ended:  # the person left while this was thought about; `end` erases it next
            raise Refusal(401, "ended")
        if self.sessions.shared and await self._backend.is_over(session.conversation):  # left by another server
            await self._backend.forget(session.conversation)
            raise Refusal(401, "ended")
        session.first, session.choices = [], shown(messages)
        return Answer(messages, not await self._backend.remembers(session.conversation))

    async def end(self, token: str) -> None:
        """Erase the conversation of `token` and end its session; raise `Refusal` where there is none."""
        await self._forget(self.sessions.close(token))

    async def end_by_link(self, leave: str) -> None:
        """Do the same for an exit link; one that ended nothing is no error."""
        if session := self.sessions.close_by_link(leave):
            await self._forget(session)

    async def sweep(self) -> None:
        """Erase the conversations whose session nobody used for its life, and forget who wrote when.

        Where servers share sessions, one that is idle here may be in use elsewhere: then the store alone knows when
        it is old.
        """
        for session in self.sessions.close_old():
            if not self.sessions.shared:
                async with session.lock:
                    await self._backend.forget(session.conversation)
        for limit in (self._per_session, self._per_address, self._new):
            limit.sweep()

    async def sweep_for_ever(self, seconds: float) -> None:
        """Sweep every `seconds` until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            await self.sweep()

    async def _forget(self, session: Session | None) -> None:
        if session is None:
            raise Refusal(401, "ended")
        async with session.lock:  # an answer that is under way must not save what was just erased
            if self.sessions.shared:
                await self._backend.end(session.conversation, LONGEST_SECONDS)
            else:
                await self._backend.forget(session.conversation, left=True)

    def _ready(self, caller: Caller, cost: int = 1) -> None:
        if self._backend.fault():
            raise Refusal(503, "not_ready")
        if wait := self._per_address.wait(caller.address, cost):
            raise Refusal(429, "too_fast_here", wait)

    # --- words

    def contacts(self, region: str | None = None) -> list[dict[str, Any]]:
        """Return whom to reach in `region`, or in the default region."""
        return self._replies.regions.contacts(region, KINDS)

    def for_widget(self, region: str | None) -> dict[str, Any]:
        """Return what the widget needs before the first message, as widget/WORDS.md shapes it."""
        place = self._replies.regions.get(region)
        numbers_for = self.words.widget.numbers_for.format(region=place.in_sentence or place.name)
        return {
            "language": "en",
            "exit": self.exit,
            "safety": "/safety",
            "region": place.code,
            "contacts": self.contacts(region),
            "words": {**self.words.widget.dict(), "numbers_for": numbers_for},
        }

    def refusal(self, reason: str) -> dict[str, Any]:
        """Return the body of a refusal: clear words, and the default region's contacts."""
        words: Mapping[str, str] = self.words.refused.dict()
        return {"error": words[reason], "contacts": self.contacts()}


def plain(text: str) -> str:
    """Return `text` as words only: no sign that makes a command of it, no half characters."""
    return COMMAND_SIGN.sub("", mended(text))


def shown(messages: list[Message]) -> dict[str, str]:
    """Return the choices in `messages`, title by payload."""
    return {button["payload"]: button["title"] for message in messages for button in message.get("buttons") or []}


def for_person(message: Message) -> Message:
    """Return of a reply what the person may see; the conversation's name is not among it."""
    return {key: message[key] for key in ("text", "buttons", "custom") if message.get(key)}
