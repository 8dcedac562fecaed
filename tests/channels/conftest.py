"""One real server with every messenger open, and a stand-in for their APIs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.channels.platforms import PLATFORMS, Platform
from tests.channels.standin import StandIn

PUBLIC = "https://chat.example.org"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A server in a process of its own, with what it wrote to its logs and its database."""

    base: str
    metrics: str
    folder: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def kept(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.glob("kept.db*"))


@pytest.fixture(scope="session")
def standin() -> StandIn:
    return StandIn()


@pytest.fixture(scope="session")
def served(agent: object, standin: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start `linden serve --public` with all messengers; `agent` makes sure that there is a model."""
    folder, port, metrics = tmp_path_factory.mktemp("served"), free_port(), free_port()
    environment = {
        **os.environ, **standin.environment(PUBLIC), "PORT": str(port), "LINDEN_STORE": f"sqlite:///{folder}/kept.db",
        "LINDEN_LIMIT_SESSION": "12", "LINDEN_METRICS_PORT": str(metrics),
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        command = [str(Path(sys.executable).parent / "linden"), "serve", "--public"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{base}/ready", timeout=2).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.1)
        assert process.poll() is None, (folder / "log").read_text()
    yield Served(base, f"http://127.0.0.1:{metrics}/metrics", folder, process)
    process.terminate()
    process.wait(30)


@pytest.fixture(params=PLATFORMS, ids=lambda kind: kind.name)
def platform(request: pytest.FixtureRequest, served: Served) -> Platform:
    """Return each platform in turn."""
    return request.param(served.base, PUBLIC)
