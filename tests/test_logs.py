"""Nothing that a person writes reaches a log, whatever breaks."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistant import quiet
from assistant.components.in_process import InProcessActions

CANARY = "zanzibarcanary"


@pytest.fixture
def log(agent: Any) -> Iterator[io.StringIO]:
    """Return everything that is logged meanwhile, at the chattiest level that a deployment can choose."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    root.addHandler(handler)
    levels = {name: logging.getLogger(name).level for name in ("", "rasa", "rasa_sdk")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    quiet.configure()
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    "message",
    [
        f"he choked me {CANARY}",
        f"/{CANARY}",
        f"/{CANARY}{{",
        f'/ask_signs{{"item": "{CANARY}"}}',
        f'/inform_location@0.3{{"region": "{CANARY}"}} rest',
        f"{CANARY} " * 400,
    ],
)
def test_a_message_is_in_no_log(message: str, talk: Callable[[str], Any], log: io.StringIO, capfd: Any) -> None:
    """Ordinary, dangerous, command-like and huge messages leave no trace."""
    assert talk(message)

    out = capfd.readouterr()
    assert CANARY not in log.getvalue() + out.out + out.err


def test_an_action_that_raises_leaves_no_trace_and_the_person_an_answer(
    agent: Any, talk: Callable[[str], Any], log: io.StringIO, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would echo the whole conversation; ours names the action and the kind of error."""

    async def broken(*_: Any) -> None:
        raise ValueError(CANARY)

    endpoint = agent.processor.action_endpoint
    assert isinstance(endpoint, InProcessActions)
    monkeypatch.setattr(endpoint._executor, "actions", dict.fromkeys(endpoint._executor.actions, broken))

    replies = talk(f"what is a trauma bond {CANARY}")

    assert replies[-1]["custom"]["contacts"]
    out = capfd.readouterr()
    assert CANARY not in log.getvalue() + out.out + out.err
    assert "failed: ValueError" in log.getvalue()


def test_a_danger_is_answered_when_no_action_can_run(
    agent: Any, talk: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words and numbers for a danger come from Rasa's own process."""
    monkeypatch.setattr(agent.processor, "action_endpoint", None)

    replies = talk("he choked me last night")

    assert replies[-1]["custom"]["level"] == "high_risk"
    assert replies[-1]["custom"]["contacts"]


def test_a_logger_without_a_handler_prints_no_words(capfd: pytest.CaptureFixture[str]) -> None:
    """Python's last resort would print the whole traceback: a request that is no HTTP reaches it."""
    quiet.configure()
    assert logging.lastResort is not None
    try:
        int(CANARY, 16)
    except ValueError as error:
        record = logging.LogRecord("nobody", logging.ERROR, __file__, 1, "broken", None, (ValueError, error, None))
        logging.lastResort.handle(record)

    assert CANARY not in capfd.readouterr().err
