"""The conversation by a plain form: what the page sends becomes the next page (R36)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.web.headers import CLEAR
from assistant.web.history import Line, pack, said, unpack
from assistant.web.pages import Pages, Talk
from assistant.web.service import Caller, Refusal, Service
from assistant.web.tokens import Session


@dataclass(frozen=True)
class Shown:
    """A page, with its status and the headers that are its own."""

    page: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class PlainPage:
    """A conversation in which the page holds the token and all that was said."""

    def __init__(self, service: Service, pages: Pages) -> None:
        self._service, self._pages = service, pages

    def first(self, caller: Caller, draft: str = "", region: str = "") -> Shown:
        """Return the page on which a conversation begins: its token is in the page from the start.

        So the form can be sent twice (by Back, after the exit) without being answered twice.
        """
        try:
            token, session = self._service.open(caller, region)
        except Refusal as refusal:
            return self._refused(refusal, region)
        return Shown(self._page(token, session, said(session.first), draft=draft))

    async def turn(self, caller: Caller, fields: Mapping[str, str]) -> Shown:
        """Return the page that answers the form `fields`: token, said, sign, region, do, choice, text."""
        token, choice, region = (fields.get(name, "") for name in ("token", "choice", "region"))
        text = fields.get("text", "").replace("\r\n", "\n")
        if fields.get("do") == "end":
            return await self._end(token, region)
        if not token:
            return self.first(caller, text, region)
        session = await self._service.session(caller, token)
        if session is None:
            return self._refused(Refusal(401, "ended"), region)
        lines = unpack(fields.get("said", ""), fields.get("sign", ""), session, self._service.sessions)
        title = session.choices.get(choice, "")
        try:
            given = {"choice": choice} if choice else {"text": text}
            answer = await self._service.say(caller, token, **given)
        except Refusal as refusal:
            # After an exit nothing of the message may come back: the next to look may be somebody else.
            page = "" if session.ended else self._page(token, session, lines, problem=self._words(refusal), draft=text)
            return self._refused(refusal, region, page)
        told = [] if answer.erased else [*lines, Line(False, title or text)]
        return Shown(self._page(token, session, [*told, *said(answer.messages)], draft=text if choice else ""))

    async def _end(self, token: str, region: str) -> Shown:
        try:
            await self._service.end(token)
        except Refusal as refusal:
            return self._refused(refusal, region)
        return Shown(self._over(self._service.words.widget.ended, region), headers=CLEAR)

    def _refused(self, refusal: Refusal, region: str, page: str = "") -> Shown:
        headers = {"Retry-After": str(refusal.wait)} if refusal.wait else {}
        return Shown(page or self._over(self._words(refusal), region), refusal.status, headers)

    def _over(self, problem: str, region: str) -> str:
        return self._pages.chat(self._service.contacts(region), problem=problem, region=region)

    def _words(self, refusal: Refusal) -> str:
        return str(self._service.refusal(refusal.reason)["error"])

    def _page(self, token: str, session: Session, lines: list[Line], *, problem: str = "", draft: str = "") -> str:
        packed, signature = pack(lines, session, self._service.sessions)
        talk = Talk(token, packed, signature, session.leave, lines, session.choices)
        return self._pages.chat(self._service.contacts(session.region), talk, problem, draft, session.region)
