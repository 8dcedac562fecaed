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


def last_shown(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the texts and buttons of the given bot events, in order."""
    return [
        {"text": event.get("text"), "buttons": (event.get("data") or {}).get("buttons") or []}
        for event in events
        if event.get("event") == "bot"
    ]


def shown_last(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the texts and buttons of the assistant since the person's last message, in order."""
    at = max((i for i, event in enumerate(events) if event.get("event") == "user"), default=-1)
    return last_shown(events[at + 1 :])


def payloads(shown: Iterable[dict[str, Any]]) -> set[str]:
    """Return the payloads of the buttons that were shown."""
    return {button["payload"] for message in shown for button in message["buttons"]}


def state_of(events: Sequence[dict[str, Any]], slots: dict[str, Any], channel: str | None = "") -> State:
    """Return what a reply depends on, from the `events` and `slots` of a conversation and the `channel` it is on."""
    return State(
        said=[shared_replies().people.unname(text) for text in bot_texts(events)],
        memory=Memory.from_slot(slots.get("memory")),
        region=slots.get("region"),
        topic=slots.get("topic") or "",
        about=slots.get("about") or "",
        channel=channel or "",
    )
