"""What all tests share: one trained model, loaded once, and a way to talk to it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["LINDEN_REGION"] = "US"
os.environ["LINDEN_STORE"] = f"sqlite:///{tempfile.mkdtemp()}/conversations.db"

SKIPPED: list[str] = []


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return the event loop that the agent lives in."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def run(loop: asyncio.AbstractEventLoop) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Return a function that runs a coroutine to its end."""
    return loop.run_until_complete


@pytest.fixture(scope="session")
def agent(run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Any:
    """Return the trained assistant with its actions, as `linden serve` runs it; trains when it is stale."""
    from assistant.components.server import configure_logs, load
    from assistant.training import ensure

    ensure()
    configure_logs()
    return run(load())


@pytest.fixture
def talk(agent: Any, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that says one message of a conversation of its own and returns the replies."""
    from assistant.components.rest import answer

    sender = uuid.uuid4().hex

    def say(text: str) -> list[dict[str, Any]]:
        replies: list[dict[str, Any]] = run(answer(agent.handle_message, text, sender, "rest"))
        return replies

    return say


@pytest.fixture
def parse(agent: Any, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Callable[[str], dict[str, Any]]:
    """Return a function that returns what is understood of one message."""
    return lambda text: run(agent.parse_message(text))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped, to name it at the end."""
    if report.skipped and report.when in ("setup", "call") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        SKIPPED.append(f"{report.nodeid}: {reason}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what could not be run here."""
    for line in SKIPPED:
        terminalreporter.write_line(f"not run here: {line}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI, what could not be run is a failure."""
    if SKIPPED and os.environ.get("CI") == "true" and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
