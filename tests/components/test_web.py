"""The web channel over real connections: who may ask, what they get, and that nothing stays."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rasa.core.channels import channel
from rasa.core.channels.channel import UserMessage
from rasa.core.run import _create_app_without_api
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from assistant.components.nlg import ContentNLG
from assistant.components.rest import RestChannel
from assistant.components.tracker_store import ForgetfulTrackerStore
from assistant.components.web import WebChannel
from assistant.shared import shared_replies
from assistant.web import headers

LISTED, OTHER = "https://shelter.example.org", "https://evil.example.org"
SIGNS = {"title": "The signs", "payload": "/ask_signs"}
Client = httpx.Client


class FakeAgent:
    """Stands for Rasa: keeps a conversation in the real store, and answers with what was said."""

    def __init__(self) -> None:
        domain = Domain.from_dict({"intents": [], "slots": {n: {"type": "any", "mappings": [{"type": "custom"}]} for n in ("memory", "region", "forget")}})  # fmt: skip
        self.tracker_store = ForgetfulTrackerStore(domain)
        self.processor = SimpleNamespace(
            nlg=ContentNLG(), domain=domain, fetch_tracker_and_update_session=self._fetch, save_tracker=self._save
        )
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
        if message.text == "break":
            raise OSError("disk full")
        if message.text == "think long":
            await self.hold.wait()
        tracker = await self._fetch(message.sender_id)
        before = [e.text for e in tracker.events if isinstance(e, UserUttered)]
        tracker.update(UserUttered(message.text))
        said = {"text": f"You said: {message.text}\n\nBefore: {before}", "buttons": [SIGNS], "custom": {"topic": "x"}}
        if message.text == "numbers":
            contacts = shared_replies().regions.contacts("GB", ["emergency"])
            said = {"text": "\n".join(map(shared_replies().line, contacts)), "custom": {"contacts": contacts}}
        await message.output_channel.send_response(message.sender_id, said)
        tracker.update(BotUttered(said["text"]))
        await self._save(tracker)
        if message.text == "umbrella":
            await self.tracker_store.delete(message.sender_id)

    def kept(self, text: str) -> bool:
        """Return whether `text` is anywhere in the store."""
        return any(text in str(tracker) for tracker in self.tracker_store.store.values())


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
def agent() -> FakeAgent:
    return FakeAgent()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, agent: FakeAgent) -> Iterator[Server]:
    with serving(monkeypatch, agent, LINDEN_LIMIT_SESSION="1000", LINDEN_LIMIT_ADDRESS="1000", LINDEN_LIMIT_NEW="1000") as up:
        yield up
