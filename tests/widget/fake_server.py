"""A small server that stands in for Linden: the widget's files, pages that embed it, and canned answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from assistant.content import load
from assistant.reply import Replies
from assistant.web.history import Line
from assistant.web.pages import Pages, Talk
from assistant.web.words import load_words

ROOT = Path(__file__).parents[2]
CSP = (
    "default-src 'none'; script-src 'self' {origins}; style-src 'self'; img-src 'self' data:; connect-src 'self' {origins}; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
CONTACTS: list[dict[str, Any]] = [
    {
        "name": "Emergency (police, ambulance, fire)",
        "kind": "emergency",
        "hours": "24/7",
        "phone": "999",
        "silent": "If you cannot speak, call 999 from a mobile, cough or tap, and press 55 when asked.",
    },
    {
        "name": "National Domestic Abuse Helpline",
        "kind": "domestic_abuse",
        "hours": "24/7",
        "phone": "0808 2000 247",
        "chat": "https://www.nationaldahelpline.org.uk",
        "url": "https://www.nationaldahelpline.org.uk",
    },
    {
        "name": "Shout (by text)",
        "kind": "suicide_crisis",
        "hours": "24/7",
        "sms": "85258 (SHOUT)",
        "url": "https://giveusashout.org",
    },
]
EMERGENCY = [
    {
        "text": (
            "Emergency (police, ambulance, fire): call 999 (24/7)\n"
            "If you cannot speak, call 999 from a mobile, cough or tap, and press 55 when asked.\n"
            "National Domestic Abuse Helpline: call 0808 2000 247 (24/7)"
        )
    },
    {
        "text": "This sounds like danger right now.\n\nI am an automatic program and cannot send help.",
        "buttons": [{"title": "That is not what I meant", "payload": '/deny{"choice": "false_alarm"}'}],
        "custom": {"level": "emergency", "contacts": CONTACTS[:2], "region": "GB"},
    },
]
FIRST = [
    {"text": "Hello. I am an automatic program. I am not a counsellor, and this is not an emergency line."},
    {
        "text": "Could someone else see this phone or this chat? You can skip this.",
        "buttons": [
            {"title": "What a trauma bond is", "payload": "/ask_definition"},
            {"title": "Someone may see this", "payload": '/ask_privacy{"choice": "device"}'},
        ],
    },
]
PAGE = """<!doctype html>
<html lang="en" {html}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A page of the clinic</title><link rel="stylesheet" href="/page.css"></head>
<body><main><h1>A page of the clinic</h1>{text}<p id="end">The end.</p></main>
{before}<linden-chat {attributes}><a href="/weather">Leave this page</a><p>Numbers: 999</p></linden-chat>
<div class="cookies">We like cookies. <button>Fine</button></div>
<script type="module" src="{widget}/widget/linden.js"></script></body></html>"""
PAGE_CSS = """
* { z-index: 1; } linden-exit:defined { display: none; opacity: 0; position: static; }
.cookies { position: fixed; inset: 0 0 auto 0; z-index: 2147483647; padding: 2em; background: #ffc; color: #111; }
"""


def words() -> dict[str, str | list[str]]:
    """Return the words of the widget as they are in `content/widget.yml`."""
    return dict(yaml.safe_load((ROOT / "content" / "widget.yml").read_text(encoding="utf-8"))["widget"])


def real_pages(exit: str) -> dict[str, str]:
    """Return Linden's own pages by path; on /chat a conversation goes on."""
    replies = Replies(load(), "GB")
    pages, contacts = (
        Pages(load_words(), replies, exit),
        replies.regions.contacts("GB", ["emergency", "domestic_abuse"]),
    )
    talk = Talk(
        "a-token", "[]", "signed", "code", [Line(True, "Hello."), Line(False, "hi")], {"/ask_signs": "The signs"}
    )
    return {
        "/": pages.site(contacts),
        "/safety": pages.safety(contacts),
        "/chat": pages.chat(contacts, talk),
        "/nothing": pages.error("There is no page here.", contacts),
    }


class FakeServer:
    """Serves on a free port; `answers` may be replaced by a test, `asked` remembers what came in."""

    def __init__(self) -> None:
        self.origins: list[str] = []  # that may embed the widget
        self.answers: Callable[[dict[str, Any]], tuple[int, Any]] = self.echo
        self.delay = 0.0
        self.no_store = True
        self.first: list[dict[str, Any]] = FIRST
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.pages: dict[str, dict[str, str]] = {"/": {}}
        self.html: dict[str, str] = {}  # whole pages, in place of those above
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.get(self)

            def do_POST(self) -> None:
                server.post(self)

            def do_OPTIONS(self) -> None:
                server.send(self, 204, b"", "text/plain")

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.exit = f"http://localhost:{self.port}/weather"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def echo(self, body: dict[str, Any]) -> tuple[int, Any]:
        said = body.get("text", body.get("choice"))
        return 200, {"messages": [{"text": f"You said {said}"}]}

    def page(self, path: str, **parts: str) -> str:
        """Make a page that embeds the widget; returns its address. Parts: attributes, html, before, text, widget."""
        self.pages[path] = parts
        return self.url + path

    def sent_to(self, path: str) -> list[str]:
        """Return the bodies that were posted to `path`."""
        return [body for method, asked, _, body in self.asked if (method, asked) == ("POST", path)]

    def get(self, request: BaseHTTPRequestHandler) -> None:
        path = urlsplit(request.path).path
        self.asked.append(("GET", request.path, dict(request.headers), ""))
        file = ROOT / path.lstrip("/")
        if path in self.html:
            self.send(request, 200, self.html[path].encode(), "text/html; charset=utf-8")
        elif path in self.pages:
            parts = {
                "attributes": "",
                "html": "",
                "before": "",
                "text": "<p>Words.</p>" * 60,
                "widget": "",
                **self.pages[path],
            }
            self.send(request, 200, PAGE.format(**parts).encode(), "text/html; charset=utf-8")
        elif path == "/page.css":
            self.send(request, 200, PAGE_CSS.encode(), "text/css")
        elif path == "/weather":
            self.send(request, 200, b"<!doctype html><title>Weather</title><p>Sunny.", "text/html")
        elif path == "/api/words":
            answer = {"language": "en", "exit": self.exit, "safety": "/safety", "region": "GB", "contacts": CONTACTS}
            if request.path.endswith("region=CA"):
                answer |= {
                    "region": "CA",
                    "contacts": [{"name": "Talk Suicide Canada", "kind": "x", "phone": "1-833-456-4566"}],
                }
            said = words()
            said["numbers_for"] = str(said["numbers_for"]).format(region=answer["region"])
            self.send_json(request, 200, {**answer, "words": said})
        elif path.startswith("/widget/") and file.is_file():
            self.send(request, 200, file.read_bytes(), TYPES[file.suffix])
        else:
            self.send(request, 204 if path == "/favicon.ico" else 404, b"", "text/plain")

    def post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0))).decode()
        self.asked.append(("POST", request.path, dict(request.headers), body))
        if request.path == "/api/session":
            self.send_json(request, 200, {"token": "a-token", "messages": self.first, "expires": 3600})
        elif request.path == "/api/message":
            time.sleep(self.delay)
            self.send_json(request, *self.answers(json.loads(body)))
        else:
            self.send(request, 204, b"", "text/plain")

    def send_json(self, request: BaseHTTPRequestHandler, status: int, answer: Any) -> None:
        self.send(request, status, json.dumps(answer).encode(), "application/json")

    def send(self, request: BaseHTTPRequestHandler, status: int, body: bytes, kind: str) -> None:
        try:
            request.send_response(status)
            request.send_header("Content-Type", kind)
            request.send_header("Content-Length", str(len(body)))
            if self.no_store:
                request.send_header("Cache-Control", "no-store")
            request.send_header("Content-Security-Policy", CSP.format(origins=" ".join(self.origins)))
            if request.headers.get("Origin") in self.origins:
                request.send_header("Access-Control-Allow-Origin", request.headers["Origin"])
                request.send_header("Access-Control-Allow-Headers", "content-type")
            request.end_headers()
            request.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
