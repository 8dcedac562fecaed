"""One server in a thread of its own with every channel open, and everything that it logs."""

from __future__ import annotations

import importlib
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant import quiet
from assistant.channels import PLATFORMS
from assistant.components.rest import RestChannel
from assistant.components.web import WebChannel
from tests.channels.conftest import PUBLIC
from tests.channels.standin import StandIn
from tests.components.test_web import LISTED, FakeAgent, Server
from tests.fuzz.nasty import CANARY


class Agent(FakeAgent):
    """Stands for Rasa; after STOP a text message is looked at for danger without being answered."""

    async def parse_message(self, text: str) -> dict[str, Any]:
        return {"safety": {"level": "none"}}


@dataclass
class Target:
    """The server under fire, and what has to hold of it whatever was sent."""

    url: str
    standin: StandIn
    written: io.StringIO

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20)

    def is_alive(self) -> bool:
        """Return whether somebody else is still answered."""
        with self.client() as client:
            token = client.post("/api/session").json()["token"]
            said = client.post("/api/message", json={"token": token, "text": "hello"}).json()
            return client.get("/ready").status_code == 200 and said["messages"][0]["text"] == "You said: hello"

    def tells_nothing(self) -> bool:
        """Return whether no log holds what was sent."""
        return CANARY not in self.written.getvalue()


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Serve the web channel, the plain one and all messengers, with limits that nothing here reaches."""
    standin, written = StandIn(), io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    root.addHandler(handler)
    quiet.configure()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SESSION", "ADDRESS", "NEW"):
            patch.setenv(f"LINDEN_LIMIT_{name}", "100000")
        for name, value in {**standin.environment(PUBLIC), "LINDEN_ORIGINS": LISTED}.items():
            patch.setenv(name, value)
        messengers = []
        for platform in PLATFORMS.values():
            module, _, kind = platform.channel.rpartition(".")
            messengers.append(getattr(importlib.import_module(module), kind).from_credentials(None))
        agent = Agent(Path(tmp_path_factory.mktemp("fuzz")))
        with Server(agent, [WebChannel(), RestChannel(), *messengers]) as server:
            yield Target(server.url, standin, written)
    root.removeHandler(handler)
