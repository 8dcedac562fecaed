"""A safety plan over each database, through the whole assistant: made, interrupted, corrected, and gone when stopped."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.components.rest import answer
from assistant.components.tracker_store import EncryptedTrackerStore
from assistant.store import TABLES, ConversationStore, MasterKeys, StoreError

POSTGRES = os.environ.get("LINDEN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
Say = Callable[[str], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def say(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    agent: Any,
    run: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Say]:
    """Return a way to talk in one conversation that is kept in a database of its own."""
    url = f"sqlite:///{tmp_path}/kept.db" if request.param == "sqlite" else POSTGRES
    try:
        kept = ConversationStore(url, MasterKeys.from_text(""))
    except StoreError:
        pytest.skip("there is no PostgreSQL at 127.0.0.1:5432")
    store = EncryptedTrackerStore(agent.domain, store=kept)
    monkeypatch.setattr(agent.processor, "tracker_store", store)
    sender = uuid.uuid4().hex

    def talk(text: str) -> str:
        return "\n".join(reply.get("text") or "" for reply in run(answer(agent.handle_message, text, sender, "rest")))

    yield talk
    if request.param == "postgresql":
        TABLES.drop_all(kept.engine)


def test_a_plan_is_made_interrupted_corrected_and_stopped(say: Say) -> None:
    """Each turn reads what the last one wrote."""
    say("hi")
    say("help me make a safety plan")
    say("make a plan step by step")
    assert "1 of 10" in say("i live with them")
    assert "2 of 10" in say("my aunt rosa")
    assert "911" in say("he is breaking the door down")
    assert "2 of 10" in say("go on with the plan")
    say("the corner shop")
    summary = say("show my plan")
    assert "my aunt rosa" in summary
    assert "the corner shop" in summary
    say("1")
    assert "my cousin" in say("my cousin")
    say("stop")
    assert "my cousin" not in say("show my plan")
