"""Readers of a conversation: what was said, remembered and handed out, from Rasa's or the SDK's events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from assistant.dialogue import Memory
from assistant.reply import State
from assistant.shared import shared_replies

LOOKED_BACK = 40  # messages of the assistant that a new reply must differ from


def bot_texts(events: Sequence[dict[str, Any]]) -> list[str]:
    """Return the last texts of the assistant, newest last."""
    said: list[str] = []
    for event in reversed(events):
        if event.get("event") == "bot" and event.get("text"):
            said.append(event["text"])
            if len(said) == LOOKED_BACK:
                break
    return said[::-1]


def handed_out(events: Iterable[dict[str, Any]]) -> set[str]:
    """Return the payloads of the buttons in the given bot events."""
    return {
        button["payload"]
        for event in events
        if event.get("event") == "bot"
        for button in (event.get("data") or {}).get("buttons") or []
    }


def state_of(events: Sequence[dict[str, Any]], slots: dict[str, Any]) -> State:
    """Return what a reply depends on, from the `events` and `slots` of a conversation."""
    return State(
        said=[shared_replies().people.unname(text) for text in bot_texts(events)],
        memory=Memory.from_slot(slots.get("memory")),
        region=slots.get("region"),
        topic=slots.get("topic") or "",
        about=slots.get("about") or "",
    )
