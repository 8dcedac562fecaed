"""The channel of the widget and of the pages: sessions instead of senders, and nothing for those who may not ask.

Rasa joins "/webhooks/" and a channel's prefix as it would two addresses, so that the prefix "/" means the root.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage, SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, empty, html, json

from assistant import metrics
from assistant.components.web_backend import CHANNEL, RasaBackend
from assistant.components.web_request import MOST_DRAINED, origin_of, refusal_of
from assistant.components.web_routes import READ, add_api, add_pages, sent
from assistant.settings import Settings
from assistant.shared import shared_replies
from assistant.store import MasterKeys
from assistant.web import headers
from assistant.web.files import PAGE, pack
from assistant.web.limits import address
from assistant.web.pages import Pages
from assistant.web.service import Caller, Refusal, Service
from assistant.web.words import load_words

SWEEP_SECONDS = 60.0
MOST_HELD = 1024 * 1024  # bytes of a body that a route holds whole; Sanic would hold a hundred times as much


class WebChannel(InputChannel):
    """The API of the widget at /api, the pages at /, /safety and /chat, the widget's files at /widget."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel."""
        return CHANNEL

    def url_prefix(self) -> str:
        """Returns where the routes begin (see module docstring)."""
        return "/"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the channel's routes; raises `ContentError` or `SettingsError` when there is nothing to serve."""
        site = Site(Settings.from_environment())
        routes = Routes("linden_web")
        routes.ctx.attach = site.attach
        add_api(routes, site)
        add_pages(routes, site)
        return routes


class Routes(Blueprint):
    """Routes with something that holds for the whole server: `ctx.attach(app)` is called when they are added to it."""

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Adds the routes (see parent class for full docstring)."""
        self.ctx.attach(app)
        super().register(app, options)  # type: ignore[no-untyped-call]


async def whole_length(request: Request, **_: Any) -> None:
    """Refuse a body whose length is no number: Sanic would wait for ever for one below zero, and answer nobody."""
    if not request.headers.get("content-length", "0").strip().isdigit():
        raise InvalidUsage("Bad Request")


class Site:
    """What holds for every request and every answer of the server, whichever route gives it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        keys = MasterKeys.from_text(settings.store_keys).derived("sessions") if settings.store_keys else ()
        backend = RasaBackend(self._agent)
        self.service = Service(backend, shared_replies(), load_words(), settings, keys)
        self.pages = Pages(load_words(), shared_replies(), settings.exit)
        self._front = pack(self.pages.site(self.service.contacts()).encode(), PAGE)
        self._app: Sanic | None = None
        self._sweeping: asyncio.Task[None] | None = None

    def attach(self, app: Sanic) -> None:
        """Make it hold for `app`."""
        self._app = app
        app.config.REQUEST_MAX_SIZE = MOST_HELD
        app.config.ACCESS_LOG = False  # it holds addresses
        if cors := getattr(app.ctx, "sanic_cors", None):
            cors.resources = []  # Rasa's own rule allows credentials and answers every preflight before ours
        app.add_signal(whole_length, "http.lifecycle.request")
        app.register_middleware(self._guard, "request")
        app.register_middleware(self._finish, "response")
        app.register_listener(self._start, "after_server_start")
        app.register_listener(self._stop, "before_server_stop")
        for kind in (Refusal, SanicException, Exception):
            app.error_handler.add(kind, self._fail)

    def caller(self, request: Request) -> Caller:
        """Return who asks."""
        forwarded = ",".join(request.headers.get_all("x-forwarded-for"))  # a proxy may add a line of its own
        return Caller(address(request.ip, forwarded, self.settings.proxies), request.ctx.origin)

    def _agent(self) -> Any:
        return getattr(self._app.ctx, "agent", None) if self._app else None

    async def _start(self, _: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        self._sweeping = loop.create_task(self.service.sweep_for_ever(SWEEP_SECONDS))

    async def _stop(self, *_: Any) -> None:
        if self._sweeping:
            self._sweeping.cancel()

    async def _guard(self, request: Request) -> HTTPResponse | None:
        """Refuses pages that are not listed, answers preflights, and stands before Rasa's own answer at /."""
        request.ctx.origin = origin_of(request, self.settings.origins)
        if request.method == "OPTIONS":
            return empty()
        if request.path == "/" and request.method in READ:
            return sent(request, self._front)
        return None

    async def _finish(self, request: Request, response: BaseHTTPResponse) -> None:
        response.headers.update(headers.EVERY)
        if origin := getattr(request.ctx, "origin", ""):
            vary = response.headers.get("vary")
            response.headers.update(headers.cross_origin(origin, preflight=request.method == "OPTIONS"))
            if vary:
                response.headers["Vary"] = f"Origin, {vary}"

    async def _fail(self, request: Request, error: Exception) -> HTTPResponse:
        refusal = refusal_of(error, request)
        metrics.REFUSED.labels(refusal.reason).inc()
        if request.stream:
            request.stream.request_max_size = MOST_DRAINED
        own = dict(getattr(error, "headers", None) or {})
        if refusal.wait:
            own["Retry-After"] = str(refusal.wait)
        body = self.service.refusal(refusal.reason)
        if request.path.startswith(("/api/", "/webhooks/")) or "text/html" not in request.headers.get("accept", ""):
            return json(body, status=refusal.status, headers=own)
        return html(self.pages.error(body["error"], body["contacts"]), status=refusal.status, headers=own)
