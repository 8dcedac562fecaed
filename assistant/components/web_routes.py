"""The routes of the web channel: each reads a request, asks the service, and says what it answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, empty, html, json, raw, text

from assistant.components.web_request import content_type, form_body, json_body, read
from assistant.settings import ROOT
from assistant.web import headers
from assistant.web.files import PAGE, File, files, pack
from assistant.web.plain import PlainPage, Shown
from assistant.web.service import Caller, Refusal

if TYPE_CHECKING:
    from assistant.components.web import Site

READ = ["GET", "HEAD"]


def add_api(routes: Blueprint, site: Site) -> None:
    """Add what the widget asks for (widget/WORDS.md)."""
    service = site.service

    @routes.route("/api/session", methods=["POST"], stream=True)
    async def session(request: Request) -> HTTPResponse:
        region = (await json_body(request, optional=True)).get("region")
        if region is not None and not isinstance(region, str):
            raise Refusal(400, "bad")
        token, opened = service.open(site.caller(request), region and region.upper())
        return json({"token": token, "messages": opened.first, "expires": service.sessions.life})

    @routes.route("/api/message", methods=["POST"], stream=True)
    async def message(request: Request) -> HTTPResponse:
        body = await json_body(request)
        token, typed, choice, id = (body.get(key) for key in ("token", "text", "choice", "id"))
        if not isinstance(token, str) or any(not isinstance(given, str | None) for given in (typed, choice, id)):
            raise Refusal(400, "bad")
        answer = await service.say(site.caller(request), token, text=typed, choice=choice, id=id or "")
        return json({"messages": answer.messages, **({"erased": True} if answer.erased else {})})

    @routes.route("/api/end", methods=["POST"], stream=True)
    async def end(request: Request) -> HTTPResponse:
        if content_type(request) == "text/plain":
            token: Any = (await read(request)).decode("utf-8", "replace").strip()
        else:
            token = (await json_body(request)).get("token")
        if not isinstance(token, str):
            raise Refusal(400, "bad")
        # The page is gone by now: what it asked for is done even when its connection breaks.
        await asyncio.shield(asyncio.ensure_future(service.end(token)))
        return empty(headers=headers.CLEAR)

    @routes.route("/api/words", methods=READ)
    async def words(request: Request) -> HTTPResponse:
        return json(service.for_widget((request.args.get("region") or "").upper()))

    @routes.route("/health", methods=READ)
    async def health(_: Request) -> HTTPResponse:
        return json({"status": "ok"})

    @routes.route("/ready", methods=READ)
    async def ready(_: Request) -> HTTPResponse:
        fault = service.fault()
        return json({"status": fault or "ok"}, status=503 if fault else 200)


def add_pages(routes: Blueprint, site: Site) -> None:
    """Add the pages that people open, and the files that pages fetch."""
    service, served = site.service, files(ROOT / "widget")
    plain = PlainPage(service, site.pages)
    safely = pack(site.pages.safety(service.contacts()).encode(), PAGE)

    @routes.route("/safety", methods=READ)
    async def safety(request: Request) -> HTTPResponse:
        return sent(request, safely)

    @routes.route("/chat", methods=["GET"])
    async def chat(request: Request) -> HTTPResponse:
        region = (request.args.get("region") or "").upper()
        return page(plain.first(Caller(site.caller(request).address), region=region))

    @routes.route("/chat", methods=["POST"], stream=True)
    async def turn(request: Request) -> HTTPResponse:
        caller = Caller(site.caller(request).address)  # whichever page the form stood on, the talk goes on here
        return page(await plain.turn(caller, await form_body(request)))

    @routes.route("/leave/<code:str>", methods=READ)
    async def leave(_: Request, code: str) -> HTTPResponse:
        await asyncio.shield(asyncio.ensure_future(service.end_by_link(code)))
        return text("", status=303, headers={"Location": site.settings.exit, **headers.CLEAR})

    @routes.route("/widget/<path:path>", methods=READ)
    async def file(request: Request, path: str) -> HTTPResponse:
        if path not in served:
            raise NotFound("no such file")
        return sent(request, served[path])


def page(shown: Shown) -> HTTPResponse:
    """Return a page of the plain conversation as an answer."""
    return html(shown.page, status=shown.status, headers=dict(shown.headers))


def sent(request: Request, file: File) -> HTTPResponse:
    """Return `file` as an answer, gzipped for who can read that."""
    zipped = file.packed and headers.takes_gzip(request.headers.get("accept-encoding", ""))
    own = {"Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if zipped else {})}
    return raw(file.packed if zipped else file.body, content_type=file.kind, headers=own)
