"""Several servers on one database: a conversation goes on at any of them, once, and is over at all of them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from assistant.components.tracker_store import EncryptedTrackerStore
from assistant.store import ConversationStore, MasterKeys
from tests.components.test_web import FakeAgent, Server, serving

KEYS = base64.b64encode(b"k" * 32).decode()


def sharing(folder: Path) -> FakeAgent:
    """Return an agent whose store is that of all others in `folder`."""
    agent = FakeAgent(folder)
    store = ConversationStore(f"sqlite:///{folder}/kept.db", MasterKeys.from_text(KEYS))
    agent.tracker_store = EncryptedTrackerStore(agent.processor.domain, store=store)
    return agent


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Any]]:
    """Return two servers with their agents and a client each."""
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            agent = sharing(tmp_path)
            limits = dict.fromkeys(("LINDEN_LIMIT_SESSION", "LINDEN_LIMIT_ADDRESS", "LINDEN_LIMIT_NEW"), "1000")
            up: Server = stack.enter_context(serving(monkeypatch, agent, LINDEN_STORE_KEYS=KEYS, **limits))
            client = stack.enter_context(httpx.Client(base_url=up.url, timeout=10))
            found.append(SimpleNamespace(agent=agent, client=client, server=up))
        yield found


def say(server: Any, token: str, **said: str) -> httpx.Response:
    return server.client.post("/api/message", json={"token": token, **said})


def text_of(response: httpx.Response) -> str:
    return "\n".join(message["text"] for message in response.json()["messages"])


def test_a_conversation_goes_on_at_another_server(servers: list[Any]) -> None:
    """Opened here, written there, and back."""
    one, two = servers
    token = one.client.post("/api/session", json={}).json()["token"]

    assert say(two, token, text="first").status_code == 200
    assert "Before: ['first']" in text_of(say(one, token, text="second"))
    assert "Before: ['first', 'second']" in text_of(say(two, token, text="third"))


def test_a_choice_shown_by_one_server_can_be_made_at_another(servers: list[Any]) -> None:
    """And one that was not shown cannot."""
    one, two = servers
    token = one.client.post("/api/session", json={}).json()["token"]
    first = one.client.post("/api/session", json={}).json()
    shown = first["messages"][-1]["buttons"][0]["payload"]

    assert say(two, first["token"], choice=shown).status_code == 200
    say(one, token, text="hello")
    assert say(two, token, choice="/ask_signs").status_code == 200
    assert say(two, token, choice="/ask_app").status_code == 400


def test_what_one_server_ended_is_over_at_the_other(servers: list[Any]) -> None:
    """By the exit, and by the exit link of the plain page."""
    one, two = servers
    token = one.client.post("/api/session", json={}).json()["token"]
    say(two, token, text="hello")
    assert one.client.post("/api/end", json={"token": token}).status_code == 204

    assert say(two, token, text="again").status_code == 401
    assert one.agent.is_empty()

    page = one.client.get("/chat").text
    link = page.split('href="/leave/')[1].split('"')[0]
    field = page.split('name="token" value="')[1].split('"')[0]
    assert two.client.get(f"/leave/{link}", follow_redirects=False).status_code == 303
    assert two.client.post("/chat", data={"token": field, "text": "hello"}).status_code == 401


def test_a_message_that_is_sent_again_is_applied_once(servers: list[Any]) -> None:
    """To the same server or another: the same answer, choices and numbers included."""
    one, two = servers
    token = one.client.post("/api/session", json={}).json()["token"]
    first = say(one, token, text="numbers", id="1")

    assert first.json() == say(one, token, text="numbers", id="1").json()
    assert first.json() == say(two, token, text="numbers", id="1").json()
    assert first.json()["messages"][-1]["custom"]["contacts"]
    assert 1 == len(one.agent.heard) + len(two.agent.heard)


def test_a_choice_that_is_sent_again_is_made_once(servers: list[Any]) -> None:
    """Though it is not among those that were shown after it."""
    one, two = servers
    opened = one.client.post("/api/session", json={}).json()
    choice = opened["messages"][-1]["buttons"][0]["payload"]
    first = say(one, opened["token"], choice=choice, id="1")

    assert first.json() == say(two, opened["token"], choice=choice, id="1").json()


def test_an_id_is_short(servers: list[Any]) -> None:
    """It is kept, so it is no place for a book."""
    one, _ = servers
    token = one.client.post("/api/session", json={}).json()["token"]

    assert say(one, token, text="x", id="y" * 65).status_code == 400
    assert one.client.post("/api/message", json={"token": token, "text": "x", "id": 3}).status_code == 400


def test_a_session_that_is_idle_here_is_not_erased_while_it_is_used_elsewhere(servers: list[Any]) -> None:
    """The store alone knows when a conversation is old."""
    one, two = servers
    token = one.client.post("/api/session", json={}).json()["token"]
    say(two, token, text="first")
    service = one.server.service
    start = service.sessions._clock()
    service.sessions._clock = lambda: start + 3601

    done = asyncio.run_coroutine_threadsafe(service.sweep(), one.server.loop)
    done.result(5)

    assert not two.agent.is_empty()
    assert "Before: ['first']" in text_of(say(two, token, text="second"))
