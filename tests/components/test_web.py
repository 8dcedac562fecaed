"""The web channel over real connections: who may ask, what they get, and that nothing stays."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rasa.core import run
from rasa.core.channels import channel
from rasa.core.channels.channel import UserMessage
from rasa.core.run import _create_app_without_api
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from assistant.components import server as server_module
from assistant.components.lock_store import ConversationLocks
from assistant.components.nlg import ContentNLG
from assistant.components.rest import RestChannel
from assistant.components.tracker_store import EncryptedTrackerStore
from assistant.components.web import WebChannel
from assistant.settings import Settings
from assistant.shared import shared_replies
from assistant.store import ConversationStore, MasterKeys
from assistant.web import headers

FOUND: dict[str, Any] = {}  # the service of the server that runs
LISTED, OTHER = "https://shelter.example.org", "https://evil.example.org"
SIGNS = {"title": "The signs", "payload": "/ask_signs"}
Client = httpx.Client


class FakeAgent:
    """Stands for Rasa: keeps a conversation in the real store, and answers with what was said."""

    def __init__(self, folder: Path) -> None:
        domain = Domain.from_dict({"intents": [], "slots": {n: {"type": "any", "mappings": [{"type": "custom"}]} for n in ("memory", "region", "forget")}})  # fmt: skip
        store = ConversationStore(f"sqlite:///{folder}/kept.db", MasterKeys.from_text(""))
        self.tracker_store = EncryptedTrackerStore(domain, store=store)
        self.processor = SimpleNamespace(
            nlg=ContentNLG(), domain=domain, fetch_tracker_and_update_session=self._fetch, save_tracker=self._save,
            handle_message=self.handle_message,
        )  # fmt: skip
        self.lock_store = ConversationLocks(url="")
        self.ready, self.heard, self.hold = True, [], asyncio.Event()

    def is_ready(self) -> bool:
        return self.ready

    async def _fetch(self, conversation: str) -> DialogueStateTracker:
        tracker = await self.tracker_store.get_or_create_tracker(conversation)
        if not tracker.events:
            tracker.update(SessionStarted())
        return tracker

    async def _save(self, tracker: DialogueStateTracker) -> None:
        await self.tracker_store.save(tracker)

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append((message.sender_id, message.text))
        if message.text.startswith("break"):
            raise OSError("disk full")
        if message.text == "think long":
            await self.hold.wait()
        if message.text == "think hard":
            time.sleep(0.3)  # as a real turn does, which leaves the loop to nobody
        tracker = await self._fetch(message.sender_id)
        said_before = [e.text.partition("\n")[0] for e in tracker.events if isinstance(e, BotUttered)]
        before = [text[len("You said: ") :] for text in said_before if text.startswith("You said: ")]
        tracker.update(UserUttered(message.text, message_id=message.message_id))
        said = {"text": f"You said: {message.text}\n\nBefore: {before}", "buttons": [SIGNS], "custom": {"topic": "x"}}
        if message.text == "numbers":
            contacts = shared_replies().regions.contacts("GB", ["emergency"])
            said = {"text": "\n".join(map(shared_replies().line, contacts)), "custom": {"contacts": contacts}}
        await message.output_channel.send_response(message.sender_id, said)
        tracker.update(BotUttered(said["text"], {"buttons": said.get("buttons"), "custom": said["custom"]}))
        await self._save(tracker)
        if message.text == "umbrella":
            await self.tracker_store.delete(message.sender_id)

    def kept(self, text: str) -> bool:
        """Return whether `text` is anywhere in the store."""
        return any(text in payload for payload in self.payloads().values())

    def payloads(self) -> dict[str, str]:
        """Return what is kept, by conversation."""
        read = self.tracker_store.conversations.read
        return {sender: kept.decode() for sender, _ in self.heard if (kept := read(sender))}

    def is_empty(self) -> bool:
        return self.tracker_store.conversations.count() == 0


class Server:
    """A server of the channel, in a thread of its own."""

    def __init__(self, agent: Any, channels: list[Any]) -> None:
        Sanic.test_mode = True
        self.agent, self.loop = agent, asyncio.new_event_loop()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.app = _create_app_without_api(None)
        channel.register(channels, self.app, "/webhooks/")
        self.service = FOUND["service"] = self.app.request_middleware[0].__self__.service
        self.app.ctx.agent = agent
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._up = threading.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)

        async def start() -> None:
            server = await self.app.create_server("127.0.0.1", self.port, return_asyncio_server=True)
            await server.startup()
            await server.before_start()
            await server.after_start()
            await server.start_serving()
            self._server = server
            self._up.set()

        self.loop.run_until_complete(start())
        self.loop.run_forever()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def do(self, act: Callable[[], Any]) -> None:
        """Call `act` in the server's loop."""
        done = threading.Event()
        self.loop.call_soon_threadsafe(lambda: (act(), done.set()))
        done.wait(5)

    def __enter__(self) -> Server:
        self._thread.start()
        assert self._up.wait(20)
        return self

    def __exit__(self, *_: Any) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, agent: Any, **settings: str) -> Iterator[Server]:
    for name, value in {"LINDEN_ORIGINS": LISTED, **settings}.items():
        monkeypatch.setenv(name, value)
    with Server(agent, [WebChannel(), RestChannel()]) as server:
        yield server


@pytest.fixture
def agent(tmp_path: Path) -> FakeAgent:
    return FakeAgent(tmp_path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, agent: FakeAgent) -> Iterator[Server]:
    with serving(
        monkeypatch, agent, LINDEN_LIMIT_SESSION="1000", LINDEN_LIMIT_ADDRESS="1000", LINDEN_LIMIT_NEW="1000"
    ) as up:
        yield up


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with httpx.Client(base_url=server.url, timeout=10) as given:
        yield given


def opened(client: Client, **headers_: str) -> str:
    """Return the token of a new session."""
    return str(client.post("/api/session", headers=headers_).json()["token"])


def say(client: Client, token: str, text: str, **headers_: str) -> httpx.Response:
    return client.post("/api/message", json={"token": token, "text": text}, headers=headers_)


def words(response: httpx.Response) -> str:
    return "\n".join(message.get("text", "") for message in response.json()["messages"])


def raw_request(server: Server, sent: bytes) -> str:
    """Return what the server answers to exactly these bytes."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(sent)
        connection.settimeout(5)
        answer = b""
        while part := connection.recv(65536):
            answer += part
            if b"\r\n\r\n" in answer and b"keep-alive" in answer:
                break
    return answer.decode()


# --- a conversation


def test_a_session_begins_with_what_this_is_and_whether_someone_may_see_it(client: Client) -> None:
    """R25 and R8, before the person wrote a word."""
    body = client.post("/api/session", json={"region": "GB"}).json()

    assert 3600 == body["expires"]
    assert "automatic program" in body["messages"][0]["text"]
    assert "someone else see" in body["messages"][1]["text"] or "anyone else read" in body["messages"][1]["text"]
    assert body["messages"][1]["buttons"]


def test_a_message_is_answered_in_the_shape_of_the_contract(client: Client) -> None:
    """Texts one by one, choices and data with the last; the name of the conversation stays inside."""
    response = say(client, opened(client), "hello")

    assert [{"text": "You said: hello"}, {"text": "Before: []", "buttons": [SIGNS], "custom": {"topic": "x"}}] == (
        response.json()["messages"]
    )


def test_what_the_page_said_first_is_known_to_the_assistant(client: Client, agent: FakeAgent) -> None:
    """It is not said again, its choices count, and the region of the page holds."""
    token = client.post("/api/session", json={"region": "de"}).json()["token"]
    say(client, token, "hello")

    (kept,) = agent.payloads().values()
    slots = json.loads(kept)["slots"]
    assert "DE" == slots["region"]
    assert ("asked", 1) == (slots["memory"]["device"], slots["memory"]["turn"])
    assert "/ask_signs" in kept


def test_the_conversation_is_not_named_after_the_token(client: Client, agent: FakeAgent) -> None:
    """Who reads a name in the store cannot write in its conversation."""
    token = opened(client)
    say(client, token, "hello")

    (conversation,) = agent.payloads()
    assert conversation not in token
    assert token.split(".")[0] not in conversation
    assert 401 == say(client, conversation, "hello").status_code


def test_two_sessions_cannot_read_each_other(client: Client) -> None:
    """What one wrote is never in what the other gets."""
    one, two = opened(client), opened(client)
    say(client, one, "my secret")

    assert "my secret" in words(say(client, one, "again"))
    assert "my secret" not in words(say(client, two, "again"))
    assert one.split(".")[0] != two.split(".")[0]


# --- choices and commands


def test_a_choice_shown_last_is_carried_out(client: Client, agent: FakeAgent) -> None:
    """As a command, which typed words never are."""
    token = opened(client)
    say(client, token, "hello")

    assert 200 == client.post("/api/message", json={"token": token, "choice": "/ask_signs"}).status_code
    assert "/ask_signs" == agent.heard[-1][1]


@pytest.mark.parametrize(
    "choice", ["/restart", '/inform_location{"item": "x"}', "", "ask_signs", "/ask_signs ", "/ask_signs{"]
)
def test_a_choice_that_was_not_shown_is_refused(choice: str, client: Client, agent: FakeAgent) -> None:
    """Also one that looks like it."""
    token = opened(client)

    assert 400 == client.post("/api/message", json={"token": token, "choice": choice}).status_code
    assert [] == agent.heard


def test_a_choice_shown_earlier_or_to_somebody_else_is_refused(client: Client) -> None:
    """Only what this session was shown last."""
    one, two = opened(client), opened(client)
    say(client, one, "numbers")

    assert 400 == client.post("/api/message", json={"token": one, "choice": "/ask_signs"}).status_code
    assert 200 == client.post("/api/message", json={"token": two, "choice": "/ask_signs"}).status_code


@pytest.mark.parametrize("typed", ["/restart", "//restart", " / /restart", "\n/\t/restart"])
def test_a_typed_command_is_plain_words(typed: str, client: Client, agent: FakeAgent) -> None:
    """E5."""
    assert 200 == say(client, opened(client), typed).status_code
    assert "restart" == agent.heard[-1][1]


@pytest.mark.parametrize("typed", ["", " ", "/", "///", "\x00", "\ud800", "😭" * 2500, "a" * 5000])
def test_every_text_is_answered(typed: str, client: Client) -> None:
    """Also the empty, the broken and the longest."""
    body = json.dumps({"token": opened(client), "text": typed})  # httpx itself refuses half a character
    assert 200 == client.post("/api/message", content=body, headers={"content-type": "application/json"}).status_code


# --- tokens


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "",
        lambda token: "x",
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: ".".join([token.split(".")[0], str(int(token.split(".")[1]) + 1), token.split(".")[2]]),
        lambda token: "A" + token[1:] if token[0] != "A" else "B" + token[1:],
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: token + ".x",
        lambda token: token + "\n",
        lambda token: "é" * 40,
        lambda token: "\x00.1.\ud800",
    ],
)
def test_a_forged_token_is_refused(forge: Callable[[str], str], client: Client, agent: FakeAgent) -> None:
    """For writing and for ending."""
    forged = json.dumps({"token": forge(opened(client)), "text": "hello"})
    sent = {"content": forged, "headers": {"content-type": "application/json"}}

    assert 401 == client.post("/api/message", **sent).status_code
    assert 401 == client.post("/api/end", **sent).status_code
    assert [] == agent.heard


def test_a_token_of_another_server_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The key lives in one process only."""
    with serving(monkeypatch, FakeAgent(tmp_path / "other")) as other, httpx.Client(base_url=other.url) as elsewhere:
        token = opened(elsewhere)

    assert 401 == say(client, token, "hello").status_code


def test_a_token_is_over_an_hour_after_its_last_use(
    client: Client, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each use gives it another hour."""
    token = opened(client)
    clock = SimpleNamespace(now=0.0)
    service = FOUND["service"]
    start = service.sessions._clock()
    service.sessions._clock = lambda: start + clock.now
    for minutes in (50, 100, 150):
        clock.now = minutes * 60
        assert 200 == say(client, token, "hello").status_code

    clock.now = 150 * 60 + 3601
    assert 401 == say(client, token, "hello").status_code


def test_a_session_that_is_over_is_erased_without_being_asked(client: Client, server: Server, agent: FakeAgent) -> None:
    """The server sweeps by itself."""
    say(client, opened(client), "my secret")
    service = FOUND["service"]
    start = service.sessions._clock()
    service.sessions._clock = lambda: start + 3601
    asyncio.run_coroutine_threadsafe(service.sweep(), server.loop).result(5)

    assert agent.is_empty()
    assert 0 == len(service.sessions)


def test_a_token_belongs_to_the_site_that_opened_it(client: Client) -> None:
    """Another listed site that came by it cannot use it."""
    token = opened(client, origin=LISTED)

    assert 401 == say(client, token, "hello").status_code
    assert 200 == say(client, token, "hello", origin=LISTED).status_code


# --- the end


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/json"])
def test_ending_wipes_the_conversation_and_the_session(kind: str, client: Client, agent: FakeAgent) -> None:
    """R5: by beacon and by button."""
    token = opened(client)
    say(client, token, "my secret")
    assert agent.kept("my secret")

    body = json.dumps({"token": token}) if kind == "application/json" else token
    response = client.post("/api/end", content=body, headers={"content-type": kind, "origin": "null"})

    assert 204 == response.status_code
    assert '"cache", "storage"' == response.headers["clear-site-data"]
    assert agent.is_empty()
    assert 401 == say(client, token, "hello").status_code
    assert 401 == client.post("/api/end", json={"token": token}).status_code


def test_leaving_while_an_answer_is_thought_about_leaves_nothing(
    client: Client, server: Server, agent: FakeAgent
) -> None:
    """The answer that comes late is not given, and does not bring the conversation back."""
    token = opened(client)
    say(client, token, "my secret")
    late: list[httpx.Response] = []
    thinking = threading.Thread(target=lambda: late.append(say(client, token, "think long")))
    thinking.start()
    while "think long" not in [text for _, text in agent.heard]:
        pass
    ending = threading.Thread(target=lambda: client.post("/api/end", json={"token": token}))
    ending.start()
    while len(FOUND["service"].sessions):
        pass
    server.do(agent.hold.set)
    thinking.join(5)
    ending.join(5)

    assert [401] == [response.status_code for response in late]
    assert agent.is_empty()


def test_a_conversation_erased_by_words_is_told_so(client: Client, agent: FakeAgent) -> None:
    """The stop word: the page can clear itself, and the person can write on."""
    token = opened(client)

    assert "erased" not in say(client, token, "hello").json()
    assert say(client, token, "umbrella").json()["erased"] is True
    assert "Before: []" in words(say(client, token, "hello"))


# --- what is not taken


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/api/message", {"content": "{", "headers": {"content-type": "application/json"}}, 400),
        ("/api/message", {"content": b"\xff\xfe", "headers": {"content-type": "application/json"}}, 400),
        ("/api/message", {"content": "[" * 20000, "headers": {"content-type": "application/json"}}, 400),
        ("/api/message", {"json": []}, 400),
        ("/api/message", {"json": {}}, 400),
        ("/api/message", {"json": {"token": 1, "text": "x"}}, 400),
        ("/api/message", {"json": {"token": "x", "text": 1}}, 400),
        ("/api/message", {"json": {"token": "x", "choice": ["/x"]}}, 400),
        ("/api/session", {"json": {"region": 1}}, 400),
        ("/api/session", {"content": "x", "headers": {"content-type": "text/plain"}}, 415),
        ("/api/message", {"data": {"token": "x", "text": "x"}}, 415),
        ("/api/message", {"content": "{}"}, 415),
        ("/api/message", {"content": "x" * 40_000, "headers": {"content-type": "application/json"}}, 413),
        ("/api/message", {"content": "x" * 900_000, "headers": {"content-type": "application/json"}}, 413),
        ("/api/end", {"content": "x" * 40_000, "headers": {"content-type": "text/plain"}}, 413),
        ("/chat", {"json": {}}, 415),
        ("/chat", {"data": {"text": "x" * 300_000}}, 413),
    ],
)
def test_what_cannot_be_read_is_refused_with_words_and_numbers(
    path: str, sent: dict[str, Any], status: int, client: Client, agent: FakeAgent
) -> None:
    """Whatever went wrong, the person reads whom to reach."""
    response = client.post(path, **sent)

    assert status == response.status_code
    assert response.json()["error"]
    assert "911" == response.json()["contacts"][0]["phone"]
    assert [] == agent.heard


@pytest.mark.parametrize("given", [{}, {"text": "x", "choice": "/ask_signs"}, {"text": None}])
def test_a_message_is_a_text_or_a_choice(given: dict[str, Any], client: Client) -> None:
    """Neither both nor none."""
    assert 400 == client.post("/api/message", json={"token": opened(client), **given}).status_code


def test_a_text_that_is_too_long_is_refused_whole(client: Client, agent: FakeAgent) -> None:
    """So that nobody believes that all of it was read."""
    assert 413 == say(client, opened(client), "a" * 5001).status_code
    assert [] == agent.heard


def test_a_region_that_is_not_known_costs_nobody_the_chat(client: Client) -> None:
    """A mistake of the page falls back on the default."""
    assert 200 == client.post("/api/session", json={"region": "XX"}).status_code
    assert "US" == client.get("/api/words", params={"region": "XX"}).json()["region"]


def test_a_fault_inside_is_answered_with_numbers(client: Client) -> None:
    """Never with silence."""
    response = say(client, opened(client), "break")

    assert 200 == response.status_code
    assert response.json()["messages"][-1]["custom"]["contacts"]


def test_too_many_messages_are_held_off(agent: FakeAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Per session and per address, with the time to wait and the numbers."""
    limits = {"LINDEN_LIMIT_SESSION": "2", "LINDEN_LIMIT_ADDRESS": "8", "LINDEN_LIMIT_NEW": "2"}
    with serving(monkeypatch, agent, **limits) as up, httpx.Client(base_url=up.url) as client:
        one, two = opened(client), opened(client)
        assert 429 == client.post("/api/session").status_code
        assert [200, 200, 429] == [say(client, one, "x").status_code for _ in range(3)]
        answers = [say(client, two, "x") for _ in range(3)]
        assert [200, 200, 429] == [answer.status_code for answer in answers]

        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json()["contacts"]
        assert 429 == say(client, "forged", "x").status_code
        assert 200 == client.get("/").status_code
        assert 204 == client.post("/api/end", json={"token": one}).status_code


def test_the_limit_of_an_address_counts_the_one_that_our_proxy_saw(
    agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the caller claims in front of it does not count."""
    settings = {"LINDEN_LIMIT_NEW": "1", "LINDEN_PROXIES": "1"}
    with serving(monkeypatch, agent, **settings) as up, httpx.Client(base_url=up.url) as client:

        def status(forwarded: str) -> int:
            return client.post("/api/session", headers={"x-forwarded-for": forwarded}).status_code

        assert [200, 429, 200] == [status("1.1.1.1, 9.9.9.9"), status("2.2.2.2, 9.9.9.9"), status("9.9.9.9, 8.8.8.8")]
        two_lines = [("x-forwarded-for", "3.3.3.3"), ("x-forwarded-for", "9.9.9.9")]  # the proxy added its own
        assert 429 == client.post("/api/session", headers=two_lines).status_code


def test_a_long_message_counts_for_more(agent: FakeAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each 500 characters begun, for the session and for the address; one is always read."""
    settings = {"LINDEN_LIMIT_SESSION": "4", "LINDEN_LIMIT_ADDRESS": "21"}
    with serving(monkeypatch, agent, **settings) as up, httpx.Client(base_url=up.url) as client:
        one, two, three = opened(client), opened(client), opened(client)  # 3 of the 21
        assert [200, 429, 200, 429] == [say(client, one, "a" * n).status_code for n in (1500, 501, 500, 1)]  # 10
        assert 200 == say(client, two, "a" * 5000).status_code  # 20
        assert [429, 200, 429] == [say(client, three, "a" * n).status_code for n in (501, 1, 1)]


def test_without_a_model_it_says_so(client: Client, agent: FakeAgent) -> None:
    """503 with words and numbers, and `/ready` tells a balancer."""
    assert 200 == client.get("/ready").status_code
    agent.ready = False

    assert 503 == client.get("/ready").status_code
    assert 200 == client.get("/health").status_code
    response = client.post("/api/session")
    assert 503 == response.status_code
    assert response.json()["contacts"]
    assert 503 == client.get("/chat").status_code


# --- other sites


@pytest.mark.parametrize(
    "origin",
    [OTHER, "null", "http://127.0.0.1", "http://127.0.0.1:1", f"{LISTED}.evil.org", "http://shelter.example.org", "*", LISTED.upper()],
)  # fmt: skip
def test_a_site_that_is_not_listed_gets_nothing(origin: str, client: Client, agent: FakeAgent) -> None:
    """403 without a header that would let it read the answer; also on Rasa's own routes."""
    for response in (
        client.post("/api/session", headers={"origin": origin}),
        client.options("/api/session", headers={"origin": origin, "access-control-request-method": "POST"}),
        client.get("/widget/site.css", headers={"origin": origin}),
        client.post("/webhooks/rest/webhook", json={"sender": "x", "message": "x"}, headers={"origin": origin}),
    ):
        assert 403 == response.status_code
        assert not [name for name in response.headers if name.startswith("access-control-")]
    assert [] == agent.heard


def test_a_listed_site_may_ask(client: Client) -> None:
    """With the headers it needs, for itself alone, without credentials."""
    preflight = client.options(
        "/api/message",
        headers={"origin": LISTED, "access-control-request-method": "POST", "access-control-request-headers": "content-type"},
    )  # fmt: skip
    assert 204 == preflight.status_code
    assert "Content-Type" == preflight.headers["access-control-allow-headers"]

    token = opened(client, origin=LISTED)
    for response in (
        preflight,
        say(client, token, "hello", origin=LISTED),
        say(client, "forged", "hello", origin=LISTED),
        client.get("/widget/site.css", headers={"origin": LISTED}),
        client.get("/api/words", headers={"origin": LISTED}),
    ):
        assert LISTED == response.headers["access-control-allow-origin"]
        assert "Origin" in response.headers["vary"]
        assert "access-control-allow-credentials" not in response.headers


def test_our_own_pages_may_ask(client: Client, server: Server) -> None:
    """Whatever the scheme: a proxy may have ended TLS."""
    for scheme in ("http", "https"):
        response = client.post("/api/session", headers={"origin": f"{scheme}://127.0.0.1:{server.port}"})
        assert 200 == response.status_code
        assert "access-control-allow-origin" not in response.headers


def test_a_form_of_another_site_cannot_speak_for_a_person(client: Client, agent: FakeAgent) -> None:
    """A plain form comes from "null"; the browser tells whether it stood on another site."""
    token = opened(client)
    sent = {"data": {"token": token, "text": "hello"}}

    assert 403 == client.post("/chat", **sent, headers={"origin": "null", "sec-fetch-site": "cross-site"}).status_code
    assert [] == agent.heard
    assert 200 == client.post("/chat", **sent, headers={"origin": "null", "sec-fetch-site": "same-origin"}).status_code
    assert 200 == client.post("/chat", **sent, headers={"origin": "null"}).status_code


# --- every answer


def test_every_answer_carries_the_headers_and_no_cookie(client: Client, server: Server) -> None:
    """On every route, also where it fails, also before a route is found."""
    token = opened(client)
    answers = [
        client.get(path)
        for path in ("/", "/safety", "/chat", "/api/words", "/health", "/ready", "/widget/site.css", "/nothing", "/api/message", "/leave/x", "/webhooks/rest/")
    ]  # fmt: skip
    answers += [
        client.post("/api/session"),
        say(client, token, "hello"),
        say(client, "forged", "hello"),
        say(client, token, "a" * 5001),
        client.post("/api/session", headers={"origin": OTHER}),
        client.post("/chat", data={"token": token, "text": "hi"}),
        client.post("/webhooks/rest/webhook", json={"sender": "x", "message": "x"}),
        client.options("/api/session"),
        client.put("/"),
        client.post("/api/end", json={"token": token}),
    ]
    for answer in answers:
        assert headers.EVERY == {name: answer.headers.get(name) for name in headers.EVERY}
        assert "set-cookie" not in answer.headers
        assert "unsafe" not in answer.headers["content-security-policy"]
    for broken in (b"NONSENSE\r\n\r\n", b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n{"):
        assert "no-store" in raw_request(server, broken)


def test_no_word_address_or_query_is_logged(
    client: Client, server: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """R31 and E1, also where it fails; there is no access log at all."""
    token = opened(client)
    say(client, token, "canary")
    say(client, token, "break canary")
    say(client, "canary", "canary")
    client.get("/api/words", params={"region": "canary"})
    client.post("/api/message", content='{"token": "canary', headers={"content-type": "application/json"})
    client.post("/chat", content="canary", headers={"content-type": "multipart/form-data; boundary=x"})
    client.post("/chat", **sent(client.get("/chat").text, text="canary"))

    assert server.app.config.ACCESS_LOG is False
    assert "canary" not in caplog.text + "".join(capfd.readouterr())
    assert "127.0.0.1" not in caplog.text


def test_a_head_that_cannot_be_read_is_no_fault_of_ours(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """400, and no line in the log."""
    head = b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: abc\r\n\r\n{}"
    answer = raw_request(server, head)

    assert " 400 " in answer.splitlines()[0]
    assert "a request failed" not in caplog.text


def test_who_hangs_up_leaves_no_line_in_the_log(
    client: Client, server: Server, agent: FakeAgent, caplog: pytest.LogCaptureFixture
) -> None:
    """People close pages; an operator reads of faults only."""
    body = json.dumps({"token": opened(client), "text": "think long"})
    head = f"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall((head + body).encode())
        while not agent.heard:
            time.sleep(0.01)
    time.sleep(0.2)
    server.do(agent.hold.set)

    assert 200 == client.get("/health").status_code
    assert "a request failed" not in caplog.text


@pytest.mark.parametrize(
    "host", ["rebound.example.org", "rebound.example.org:5005", "localhost.example.org", "", "127.0.0.1@x"]
)
def test_the_plain_channel_answers_to_this_machine_s_names_only(host: str, client: Client, agent: FakeAgent) -> None:
    """A page whose name was made to point here is of the same origin for a browser, but its name gives it away."""
    said = {"sender": "x", "message": "x"}

    assert 403 == client.post("/webhooks/rest/webhook", json=said, headers={"host": host}).status_code
    assert [] == agent.heard
    for ours in ("localhost", "LOCALHOST:5005", "127.0.0.1:5005", "[::1]:5005"):
        assert 200 == client.post("/webhooks/rest/webhook", json=said, headers={"host": ours}).status_code


def test_the_page_at_the_root_is_ours(client: Client) -> None:
    """Not Rasa's greeting with its version."""
    page = client.get("/")

    assert "text/html" in page.headers["content-type"]
    assert "Rasa" not in page.text
    (instead,) = re.findall(r"<linden-chat inline>(.*?)</linden-chat>", page.text, re.S)
    assert 'href="tel:911"' in instead  # for where the chat fails
    assert "18007997233" in instead
    assert 'href="https://www.bbc.co.uk/weather"' in page.text
    assert 'action="/chat"' in page.text


@pytest.mark.parametrize("path", ["/", "/safety", "/chat", "/nothing"])
def test_a_page_asks_nobody_else_for_anything_and_is_named_neutrally(path: str, client: Client) -> None:
    """R30 and R3; links out are links of contacts and of the exit."""
    page = client.get(path, headers={"accept": "text/html"}).text

    assert "<title>Linden</title>" in page
    assert [] == [found for found in re.findall(r'(?:src|action)="([^"]*)"', page) if not found.startswith("/")]
    assert not re.search(r"<link[^>]*href=\"(?!/widget/)|<style|style=|\son\w+=|<script(?![^>]*src=)", page)
    assert 'class="exit"' in page
    assert "tel:911" in page


@pytest.mark.parametrize("path", ["/", "/safety", "/widget/linden.js", "/widget/site.css"])
def test_what_is_the_same_for_everybody_is_sent_small(path: str, client: Client) -> None:
    """Gzipped for who can read that, and not for others."""
    small, whole = (client.get(path, headers={"accept-encoding": given}) for given in ("br, gzip", "gzip;q=0, br"))

    assert "gzip" == small.headers["content-encoding"]
    assert "content-encoding" not in whole.headers
    assert int(small.headers["content-length"]) < 0.6 * int(whole.headers["content-length"])
    assert small.text == whole.text
    assert "Accept-Encoding" == small.headers["vary"] == whole.headers["vary"]


def test_a_page_with_a_token_is_never_compressed(client: Client) -> None:
    """Its size beside words of somebody's choice would give the token away, letter by letter."""
    assert "content-encoding" not in client.get("/chat", headers={"accept-encoding": "gzip"}).headers


def test_the_files_of_the_widget_have_their_types(client: Client) -> None:
    """So that `nosniff` lets them run."""
    assert "text/css; charset=utf-8" == client.get("/widget/site.css").headers["content-type"]
    assert "image/svg+xml" == client.get("/widget/site.svg").headers["content-type"]
    script = client.get("/widget/quick-exit/linden-exit.js")
    assert "text/javascript; charset=utf-8" == script.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    ["/widget/../pyproject.toml", "/widget/%2e%2e/pyproject.toml", "/widget/..%2fpyproject.toml", "/widget//etc/passwd", "/widget/pages/chat.html", "/widget/WORDS.md", "/widget/", "/widget/%00"],
)  # fmt: skip
def test_no_other_file_can_be_fetched(path: str, server: Server) -> None:
    """Only what was listed at start."""
    answer = raw_request(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert " 404 " in answer.splitlines()[0] or " 400 " in answer.splitlines()[0]


def test_the_words_of_the_widget_come_with_the_numbers_of_the_region(client: Client) -> None:
    """As widget/WORDS.md asks for them."""
    body = client.get("/api/words", params={"region": "gb", "language": "en"}).json()

    assert "en" == body["language"]
    assert "GB" == body["region"]
    assert "999" == body["contacts"][0]["phone"]
    assert "https://www.bbc.co.uk/weather" == body["exit"]
    assert "/safety" == body["safety"]
    assert body["words"]["before"]
    assert "Numbers for the United Kingdom." == body["words"]["numbers_for"]


# --- without script


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    import html

    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


def sent(page: str, **more: str) -> dict[str, Any]:
    """Return what a browser sends of the form in `page`."""
    return {"files": {name: (None, value) for name, value in {**fields(page), "text": "", **more}.items()}}


def test_a_whole_conversation_works_without_script(client: Client, agent: FakeAgent) -> None:
    """R36: by form alone, all of it in the page."""
    page = client.get("/chat").text
    assert "automatic program" in page
    assert "/leave/" in page

    page = client.post("/chat", **sent(page, text="hello <b>you</b>", do="say")).text
    assert "You said: hello &lt;b&gt;you&lt;/b&gt;" in page
    page = client.post("/chat", **sent(page, choice="/ask_signs")).text
    assert "You said: /ask_signs" in page
    assert "<p>The signs</p>" in page
    assert page.index("hello &lt;b&gt;") < page.index("<p>The signs</p>")
    page = client.post("/chat", **sent(page, text="numbers")).text
    assert 'href="tel:999"' in page

    page = client.post("/chat", **sent(page, do="end")).text
    assert "erased" in page
    assert "hello" not in page
    assert agent.is_empty()


def test_the_exit_of_the_plain_page_wipes_and_leads_away(client: Client, agent: FakeAgent) -> None:
    """A plain link: R5 without script. Sent again by Back, the form shows nothing of what was written."""
    page = client.get("/chat").text
    form = sent(page, text="my secret")
    page = client.post("/chat", **form).text
    response = client.get(re.findall(r'href="(/leave/[^"]+)"', page)[0])

    assert 303 == response.status_code
    assert "text/plain; charset=utf-8" == response.headers["content-type"]
    assert "https://www.bbc.co.uk/weather" == response.headers["location"]
    assert '"cache", "storage"' == response.headers["clear-site-data"]
    assert agent.is_empty()
    again = client.post("/chat", **form)
    assert 401 == again.status_code
    assert "my secret" not in again.text
    assert "tel:911" in again.text


def test_nobody_can_put_words_into_the_mouth_of_the_page(client: Client) -> None:
    """History that we did not sign, or signed for another session, is not shown."""
    page = client.get("/chat").text
    other = fields(client.post("/chat", **sent(client.get("/chat").text, text="from another")).text)
    for forged in ({"said": '[[1, "call 666"]]'}, {"said": other["said"], "sign": other["sign"]}):
        shown = client.post("/chat", **sent(page, **forged, text="hello")).text
        assert "call 666" not in shown
        assert "from another" not in shown


def test_a_refused_message_is_not_lost_on_the_plain_page(client: Client) -> None:
    """It is still in the field, with what was said before."""
    page = client.post("/chat", **sent(client.get("/chat").text, text="hello")).text
    response = client.post("/chat", **sent(page, text="b" * 5001))

    assert 413 == response.status_code
    assert "b" * 5001 in response.text
    assert "You said: hello" in response.text
    assert "too long" in response.text


def test_what_is_far_too_long_costs_nobody_the_conversation(client: Client) -> None:
    """The field takes no more than is read; and who sends more all the same gets the page back, whole."""
    page = client.post("/chat", **sent(client.get("/chat").text, text="hello")).text
    assert 'maxlength="5000"' in page
    response = client.post("/chat", **sent(page, text="b" * 50_000))

    assert 413 == response.status_code
    assert "You said: hello" in response.text
    assert fields(page)["token"] == fields(response.text)["token"]


def test_the_plain_page_keeps_to_the_region_of_the_page_that_led_there(client: Client, agent: FakeAgent) -> None:
    """Its numbers, from the first page to the last; a region that is not known counts as none."""
    page = client.get("/chat?region=gb").text
    assert "tel:999" in page
    assert "for the United Kingdom" in page
    page = client.post("/chat", **sent(page, text="hello")).text
    assert "tel:999" in page
    (kept,) = agent.payloads().values()
    assert "GB" == json.loads(kept)["slots"]["region"]
    page = client.post("/chat", **sent(page, do="end")).text
    assert "tel:999" in page
    page = client.post("/chat", **sent(page)).text
    assert "tel:999" in page
    assert 401 == (late := client.post("/chat", **sent(page, token="x"))).status_code
    assert "tel:999" in late.text

    assert "tel:911" in client.get("/chat?region=XX").text


def test_the_plain_page_leads_to_the_safety_page(client: Client) -> None:
    """R6."""
    assert '<a href="/safety">' in client.get("/chat").text


def test_a_stop_word_clears_the_plain_page(client: Client) -> None:
    """R9, at every turn."""
    page = client.post("/chat", **sent(client.get("/chat").text, text="my secret")).text
    page = client.post("/chat", **sent(page, text="umbrella")).text

    assert "my secret" not in page.replace("Before: [&#x27;my secret&#x27;]", "")


def test_a_long_conversation_still_fits_in_the_form(client: Client) -> None:
    """Older lines make way; the form stays under the limit of a request."""
    page = client.get("/chat").text
    for i in range(6):
        response = client.post("/chat", **sent(page, text=f"{i} " + "ü" * 4000))
        assert 200 == response.status_code
        page = response.text

    assert "5 üüü" in page
    assert len(fields(page)["said"].encode()) < 10_000


@pytest.mark.parametrize(
    "hostile", ['"><script>alert(1)</script>', "</textarea><b>", "$input ${x}", "&lt;", "' onclick='x"]
)
def test_what_is_written_is_shown_as_characters(hostile: str, client: Client) -> None:
    """In the log, in the field and in what is hidden."""
    page = client.post("/chat", **sent(client.get("/chat").text, text=hostile)).text
    page = client.post("/chat", **sent(page, text=hostile, choice="/nothing")).text

    assert "<script>alert" not in page
    assert "<b>" not in page
    assert hostile in json.dumps(json.loads(fields(page)["said"]), ensure_ascii=False).replace('\\"', '"')


def test_an_error_page_shows_the_way_on(client: Client) -> None:
    """For who came by a wrong link."""
    page = client.get("/nothing", headers={"accept": "text/html,*/*"})

    assert 404 == page.status_code
    assert 'class="exit"' in page.text
    assert "tel:911" in page.text


@pytest.mark.parametrize(("public", "opened_channels"), [(True, ["web"]), (False, ["web", "rest"])])
def test_a_public_server_opens_the_web_channel_only(
    public: bool, opened_channels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`linden serve --public`: no channel that knows nobody, no API without a token."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(run, "serve_application", lambda **settings: given.update(settings))
    monkeypatch.setattr(server_module, "configure_logs", lambda: None)
    monkeypatch.setattr(server_module, "endpoints", lambda: None)
    server_module.serve(Settings(), public=public)

    channels = run.create_http_input_channels(given["channel"], given["credentials"])
    assert opened_channels == [opened.name() for opened in channels]
    assert given["enable_api"] is False


def test_beyond_its_measure_it_refuses_at_once_with_numbers(monkeypatch: pytest.MonkeyPatch, agent: FakeAgent) -> None:
    """Whoever cannot be answered can call somebody; those who wait are still answered, and then there is room again."""
    with (
        serving(monkeypatch, agent, LINDEN_LIMIT_WAITING="1") as up,
        httpx.Client(base_url=up.url, timeout=10) as client,
    ):
        one, two = opened(client), opened(client)
        waiting: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: waiting.append(httpx.post(f"{up.url}/api/message", json={"token": one, "text": "think long"}, timeout=20)))  # fmt: skip
        thread.start()
        while not agent.heard:
            time.sleep(0.01)

        begun = time.monotonic()
        refused = say(client, two, "he is here")

        assert (503, "5") == (refused.status_code, refused.headers["Retry-After"])
        assert time.monotonic() - begun < 1
        assert {"emergency", "domestic_abuse"} <= {contact["kind"] for contact in refused.json()["contacts"]}
        up.do(agent.hold.set)
        thread.join(10)
        assert 200 == waiting[0].status_code
        assert 200 == say(client, two, "he is here").status_code


def test_who_is_refused_does_not_wait_for_those_before(monkeypatch: pytest.MonkeyPatch, agent: FakeAgent) -> None:
    """A refusal comes after one turn at most, not after all that are waited for."""
    refused_after = list[float]()
    with (
        serving(
            monkeypatch, agent, LINDEN_LIMIT_WAITING="6", LINDEN_LIMIT_NEW="1000", LINDEN_LIMIT_ADDRESS="1000"
        ) as up,
        httpx.Client(base_url=up.url, timeout=20) as client,
    ):

        def ask(token: str, after: float) -> int:
            time.sleep(after)
            begun = time.monotonic()
            status = httpx.post(f"{up.url}/api/message", json={"token": token, "text": "think hard"}, timeout=20).status_code  # fmt: skip
            if status == 503:
                refused_after.append(time.monotonic() - begun)
            return status

        tokens = [opened(client) for _ in range(24)]
        with ThreadPoolExecutor(24) as pool:  # more arrive while those who came first are answered
            statuses = list(pool.map(ask, tokens, [0.08 * n for n in range(24)]))

    assert {200, 503} == set(statuses)
    assert max(refused_after) < 1.0
