"""Choices where there are no buttons: numbered lines, and what a typed "2", "two" or a title then means.

One numbering for every channel: it goes on where a numbered list in the words ends, so that in the summary of a
safety plan "3" is its third point, and the choices below are 11 and 12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.text import key

LISTED = re.compile(r"^(\d{1,2})\. ", re.MULTILINE)
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
NAMED = re.compile(
    rf"(?:(?:the|option|number|no|nr|choice|choose|pick) )?(?:(\d{{1,2}})|({'|'.join(NUMBERS)})|({'|'.join(ORDINALS)}))"
    r"(?: (?:one|option|choice|please|pls))?"
)
Message = Mapping[str, Any]


def first_number(text: str) -> int:
    """Return the number of the first choice below `text`."""
    return 1 + max((int(number) for number in LISTED.findall(text)), default=0)


def numbered(text: str, titles: Sequence[str]) -> list[str]:
    """Return the choices `titles` as lines below `text`."""
    return [f"{n}. {title}" for n, title in enumerate(titles, first_number(text))]


def number_of(typed: str) -> int:
    """Return the number that a whole message is ("2", "two", "the second one"), or 0."""
    found = NAMED.fullmatch(key(typed).replace("#", ""))
    if not found:
        return 0
    digits, number, ordinal = found.groups()
    return int(digits) if digits else NUMBERS.index(number) + 1 if number else ORDINALS.index(ordinal) + 1


def chosen(typed: str, shown: Sequence[Message]) -> str:
    """Return the payload of the choice that `typed` means among the messages `shown` last, or an empty string.

    A message has `text` and perhaps `buttons`, each with `title` and `payload`.
    """
    buttons = [button for message in shown for button in message.get("buttons") or []]
    first = first_number("\n".join(message.get("text") or "" for message in shown))
    at = number_of(typed) - first
    if 0 <= at < len(buttons):
        return str(buttons[at]["payload"])
    said = key(typed)
    return next((str(button["payload"]) for button in buttons if said and said == key(button["title"])), "")


def payload(intent: str, **entities: str) -> str:
    """Return the payload of a choice, as Rasa reads it."""
    return f"/{intent}" + (json.dumps(entities) if entities else "")


def parsed(payload: str) -> dict[str, Any]:
    """Return what Rasa would parse `payload` to, as far as we read it: text, intent and entities."""
    intent, brace, rest = payload.removeprefix("/").partition("{")
    entities = json.loads(brace + rest) if brace else {}
    return {
        "text": payload,
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [{"entity": name, "value": value} for name, value in entities.items()],
    }
