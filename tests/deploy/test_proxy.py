"""The proxy as it runs: Caddy with deploy/Caddyfile before two stand-ins for assistants."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from assistant.settings import MESSENGERS
from tests.deploy.programs import DEPLOY, ROOT, run

PUBLIC = ["/", "/safety", "/chat", "/chat?region=GB", "/leave/abc", "/widget/linden.js", "/api/words?region=GB",
          *(f"/webhooks/{name}/webhook" for name in MESSENGERS)]  # fmt: skip
HIDDEN = ["/metrics", "/ready", "/health", "/status", "/version", "/model/parse", "/conversations/a/tracker", "/api",
          "/api/other", "/webhooks/rest/webhook", "/webhooks/rest/", "/webhooks/sms/", "/webhooks/slack/webhook/x",
          "//metrics", "/widget/../metrics", "/api/message/../../metrics", "/%6detrics", "/docs"]  # fmt: skip


class Assistant:
    """A stand-in: it remembers what it was asked; a message that says "cut" is read, then the connection is broken off."""

    def __init__(self, port: int = 0) -> None:
        self.seen: list[tuple[str, str, bytes, str]] = []
        asked = self.seen

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.path != "/ready":
                    asked.append((self.command, self.path, body, self.headers.get("x-forwarded-for", "")))
                if body == b"cut":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_POST = do_GET

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Be gone: connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Proxy:
    client: httpx.Client
    url: str
    plain: int
    log: Path
    assistants: list[Assistant] = field(default_factory=list)

    def seen(self) -> list[tuple[str, str, bytes, str]]:
        """Return what all assistants were asked."""
        return [one for assistant in self.assistants for one in assistant.seen]

    def post(self, path: str, body: str, **options: str) -> httpx.Response:
        return self.client.post(self.url + path, content=body, headers=options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def proxy(tools: Path, tmp_path: Path) -> Iterator[Proxy]:
    """Return a running proxy before two assistants and a third that is not there."""
    assistants = [Assistant(), Assistant()]
    plain, port = free_port(), free_port()
    assert 0 == run(sys.executable, DEPLOY / "down.py", tmp_path / "down").returncode
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path),
        "LINDEN_DOMAIN": "localhost", "LINDEN_HTTP_PORT": str(plain), "LINDEN_HTTPS_PORT": str(port),
        "LINDEN_DOWN": str(tmp_path / "down"),
        "LINDEN_UPSTREAMS": " ".join(f"127.0.0.1:{p}" for p in (*(a.port for a in assistants), free_port())),
    }  # fmt: skip
    command = [tools / "caddy", "run", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
    log = tmp_path / "log"
    with log.open("w") as written:
        running = subprocess.Popen([str(part) for part in command], env=environment, stderr=written, stdout=written)
    client = httpx.Client(verify=False, timeout=20)
    for _ in range(100):
        try:
            client.get(f"https://localhost:{port}/none")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield Proxy(client, f"https://localhost:{port}", plain, log, assistants)
    client.close()
    running.terminate()
    running.wait(30)
    for assistant in assistants:
        assistant.stop()


def test_caddy_accepts_the_file(tools: Path) -> None:
    """The version of the tests and, where it is installed, the machine's own, read it; it is formatted."""
    for caddy in filter(None, [str(tools / "caddy"), shutil.which("caddy")]):
        command = [caddy, "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
        done = run(*command, env={"PATH": os.environ["PATH"], "HOME": "/tmp", "LINDEN_DOMAIN": "localhost"})
        assert 0 == done.returncode, done.stderr[-600:]

    assert (DEPLOY / "Caddyfile").read_text() == run(tools / "caddy", "fmt", DEPLOY / "Caddyfile").stdout


def test_public_paths_reach_an_assistant_and_others_do_not(proxy: Proxy) -> None:
    """What is not listed is not there, however it is written."""
    for path in PUBLIC:
        assert 200 == proxy.client.get(proxy.url + path).status_code, path
    for path in HIDDEN:
        raw = httpx.URL(proxy.url).copy_with(raw_path=path.encode())
        assert 404 == proxy.client.get(raw).status_code, path

    assert sorted(PUBLIC) == sorted(path for _, path, _, _ in proxy.seen())


def test_people_are_sent_to_tls(proxy: Proxy) -> None:
    """Plain HTTP answers with the way to HTTPS, and browsers remember it."""
    sent = proxy.client.get(f"http://localhost:{proxy.plain}/chat")

    assert (308, "https://localhost/chat") == (sent.status_code, sent.headers["location"])
    assert "max-age" in proxy.client.get(proxy.url + "/").headers["strict-transport-security"]
    assert "server" not in proxy.client.get(proxy.url + "/").headers


def test_an_address_cannot_be_invented(proxy: Proxy) -> None:
    """X-Forwarded-For holds who asked, not what they wrote there; so LINDEN_PROXIES=1 is right."""
    proxy.post("/api/session", "{}", **{"X-Forwarded-For": "203.0.113.9"})

    assert {"127.0.0.1", "::1"} & {forwarded for _, _, _, forwarded in proxy.seen()}
    assert not [forwarded for _, _, _, forwarded in proxy.seen() if "203" in forwarded]


def test_a_message_goes_to_another_assistant_when_one_is_gone(proxy: Proxy) -> None:
    """Nobody notices: what could not be sent is sent elsewhere, whole and once."""
    proxy.assistants[0].stop()

    answers = [proxy.post("/api/message", f"message {i}").status_code for i in range(12)]

    assert [200] * 12 == answers
    assert sorted(f"message {i}".encode() for i in range(12)) == sorted(body for _, _, body, _ in proxy.seen())


def test_a_message_that_was_sent_is_never_sent_again(proxy: Proxy) -> None:
    """An assistant that breaks off may have read it: the page is told, with numbers, and asks again itself."""
    answer = proxy.post("/api/message", "cut")

    assert (502, [b"cut"]) == (answer.status_code, [body for _, _, body, _ in proxy.seen()])
    assert answer.json()["contacts"]


def test_numbers_are_shown_when_no_assistant_is_left(proxy: Proxy) -> None:
    """A page for people, JSON for the widget, both with the emergency number; and all is well once one is back."""
    for assistant in proxy.assistants:
        assistant.stop()

    page, data = proxy.client.get(proxy.url + "/chat"), proxy.post("/api/message", "hello")

    assert {502, 503} >= {page.status_code, data.status_code}
    assert "text/html" in page.headers["content-type"]
    assert "911" in page.text
    assert "911" in [contact.get("phone") for contact in data.json()["contacts"]]
    assert data.json()["error"]
    assert ("no-store", "10") == (page.headers["cache-control"], page.headers["retry-after"])
    proxy.assistants.append(Assistant(proxy.assistants[0].port))
    time.sleep(3)
    assert 200 == proxy.post("/api/message", "back").status_code


def test_the_log_holds_nobody(proxy: Proxy) -> None:
    """Neither what was asked nor who asked, also where it failed."""
    proxy.client.get(proxy.url + "/chat?canary=zanzibar")
    proxy.post("/api/message", "cut")
    for assistant in proxy.assistants:
        assistant.stop()
    proxy.client.get(proxy.url + "/chat?canary=zanzibar")

    written = proxy.log.read_text()
    assert "admin endpoint disabled" in written
    assert not [word for word in ("zanzibar", "/api/message", "/chat", "remote_ip", "127.0.0.1") if word in written]


def test_what_is_shown_while_down_is_in_the_words_of_content(tmp_path: Path) -> None:
    """The page and the body are those of the assistant's own refusal, in the operator's region."""
    variables = {"PATH": os.environ["PATH"], "LINDEN_REGION": "GB"}
    done = run(sys.executable, "-W", "ignore", DEPLOY / "down.py", tmp_path, env=variables, cwd=ROOT.parent)

    assert (0, "") == (done.returncode, done.stderr)
    assert "999" in (tmp_path / "down.html").read_text()
    assert "999" in (tmp_path / "down.json").read_text()
