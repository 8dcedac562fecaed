"""A stand-in for the platforms: it takes what we send as they document it, and refuses what they would refuse."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

ACCOUNT, AUTH = "AC" + "1" * 32, "twilio-auth-token"
TELEGRAM_BOT, TELEGRAM_SECRET = "12345:telegram-bot-token", "telegram_secret-token"
SLACK_BOT, SLACK_SECRET = "xoxb-slack-bot-token", "slack-signing-secret"
FB_PAGE, FB_SECRET, FB_VERIFY = "facebook-page-token", "facebook-app-secret", "facebook-verify-token"


@dataclass
class Call:
    """What arrived at the API of a platform."""

    platform: str
    to: str
    text: str
    buttons: list[tuple[str, str]] = field(default_factory=list)  # title, what it carries
    at: float = field(default_factory=time.monotonic)


class StandIn:
    """Listens on a port of this machine, in a thread of its own."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[str] = []  # what a platform would have refused
        self.stopped_spinning: list[str] = []
        self.failures: list[tuple[int, dict[str, str]]] = []  # answers to the next calls, before any is taken
        self.attempts = 0
        self.loop = asyncio.new_event_loop()
        self.port = 0
        self._up = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        assert self._up.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, public: str) -> dict[str, str]:
        """Return the variables of all channels, their APIs being here."""
        return {
            "LINDEN_CHANNELS": "sms,whatsapp,telegram,slack,messenger",
            "LINDEN_PUBLIC_URL": public,
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": AUTH, "TWILIO_API": self.url,
            "TELEGRAM_BOT_TOKEN": TELEGRAM_BOT, "TELEGRAM_SECRET_TOKEN": TELEGRAM_SECRET, "TELEGRAM_API": self.url,
            "SLACK_BOT_TOKEN": SLACK_BOT, "SLACK_SIGNING_SECRET": SLACK_SECRET, "SLACK_API": f"{self.url}/api",
            "FACEBOOK_PAGE_TOKEN": FB_PAGE, "FACEBOOK_APP_SECRET": FB_SECRET, "FACEBOOK_VERIFY_TOKEN": FB_VERIFY,
            "FACEBOOK_API": f"{self.url}/v23.0",
        }  # fmt: skip

    def said(self, to: str, *, least: int = 1, seconds: float = 20) -> list[Call]:
        """Return what was sent to `to`, once there is `least` of it; raise `AssertionError` when time is up."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [call for call in self.calls if call.to == to]
            if len(found) >= least:
                return found
            time.sleep(0.02)
        raise AssertionError(f"only {[call for call in self.calls if call.to == to]} was sent to {to}")

    def quiet(self, to: str, seconds: float = 1.5) -> bool:
        """Return whether nothing is sent to `to` for `seconds`."""
        before = len([call for call in self.calls if call.to == to])
        time.sleep(seconds)
        return len([call for call in self.calls if call.to == to]) == before

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._start())
        self._up.set()
        self.loop.run_forever()

    async def _start(self) -> None:
        app = web.Application(middlewares=[self._failing])
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._twilio)
        app.router.add_post("/bot{token}/sendMessage", self._telegram)
        app.router.add_post("/bot{token}/answerCallbackQuery", self._spinning)
        app.router.add_post("/api/chat.postMessage", self._slack)
        app.router.add_post("/v23.0/me/messages", self._messenger)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    @web.middleware
    async def _failing(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.attempts += 1
        if self.failures:
            status, headers = self.failures.pop(0)
            return web.json_response({"code": 20429, "error": "ratelimited"}, status=status, headers=headers)
        try:
            return await handler(request)
        except Exception as error:
            self.faults.append(repr(error))
            return web.json_response({}, status=400)

    def _check(self, right: bool, fault: str) -> None:
        if not right:
            self.faults.append(fault)

    async def _twilio(self, request: web.Request) -> web.Response:
        form = await request.post()
        basic = base64.b64encode(f"{ACCOUNT}:{AUTH}".encode()).decode()
        self._check(request.headers.get("Authorization") == f"Basic {basic}", "twilio: authorization")
        self._check(request.match_info["account"] == ACCOUNT, "twilio: account")
        body, to = str(form["Body"]), str(form["To"])
        self._check(0 < len(body) <= 1600, f"twilio: {len(body)} characters")
        self._check(str(form["From"]).startswith("whatsapp:") == to.startswith("whatsapp:"), "twilio: other channel")
        self.calls.append(Call("whatsapp" if to.startswith("whatsapp:") else "sms", to, body))
        return web.json_response({"sid": "SM" + "2" * 32}, status=201)

    async def _telegram(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._check(request.match_info["token"] == TELEGRAM_BOT, "telegram: token")
        self._check(0 < len(body["text"]) <= 4096, "telegram: length")
        rows = (body.get("reply_markup") or {}).get("inline_keyboard") or []
        for row in rows:
            for button in row:
                self._check(0 < len(button["callback_data"].encode()) <= 64, "telegram: callback_data")
        buttons = [(button["text"], button["callback_data"]) for row in rows for button in row]
        self.calls.append(Call("telegram", str(body["chat_id"]), body["text"], buttons))
        return web.json_response({"ok": True, "result": {}})

    async def _spinning(self, request: web.Request) -> web.Response:
        self.stopped_spinning.append((await request.json())["callback_query_id"])
        return web.json_response({"ok": True, "result": True})

    async def _slack(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._check(request.headers.get("Authorization") == f"Bearer {SLACK_BOT}", "slack: authorization")
        sections = [block["text"]["text"] for block in body["blocks"] if block["type"] == "section"]
        actions = [e for block in body["blocks"] if block["type"] == "actions" for e in block["elements"]]
        self._check(all(0 < len(text) <= 3000 for text in sections), "slack: length")
        self._check(len(actions) <= 25 and all(len(a["text"]["text"]) <= 75 for a in actions), "slack: buttons")
        self._check(len({a["action_id"] for a in actions}) == len(actions), "slack: action_id")
        buttons = [(a["text"]["text"], a["value"]) for a in actions]
        self.calls.append(Call("slack", body["channel"], "".join(sections), buttons))
        return web.json_response({"ok": True})

    async def _messenger(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._check(request.query.get("access_token") == FB_PAGE, "messenger: token")
        self._check(body["messaging_type"] == "RESPONSE", "messenger: type")
        message = body["message"]
        self._check(0 < len(message["text"]) <= 2000, "messenger: length")
        quick = message.get("quick_replies") or []
        self._check(len(quick) <= 13 and all(0 < len(q["title"]) <= 20 for q in quick), "messenger: quick replies")
        buttons = [(q["title"], q["payload"]) for q in quick]
        self.calls.append(Call("messenger", body["recipient"]["id"], message["text"], buttons))
        return web.json_response({"recipient_id": body["recipient"]["id"], "message_id": "m_1"})
