"""Conversations in dialogues/*.yml, over the real model with the actions really run.

A turn says what the person writes (`user`, or `press` for the title of a button) and what must hold of the
replies: `says` and `never` (parts of the text, in any case), `level`, `topic`, `region`, `contact` (a number or
name that must be shown), `choices` (titles of buttons), `differs: true` (not the same text as the turn before).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parent / "dialogues"
KEYS = {"user", "press", "says", "never", "level", "topic", "region", "contact", "choices", "differs", "shorter_than"}


def dialogues() -> list[Any]:
    return [
        pytest.param(entry["turns"], id=f"{path.stem}: {entry['situation']}")
        for path in sorted(FOLDER.glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def text_of(replies: list[dict[str, Any]]) -> str:
    return "\n\n".join(reply["text"] for reply in replies if reply.get("text"))


def custom_of(replies: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for reply in replies:
        found.update(reply.get("custom") or {})
    return found


def check(turn: dict[str, Any], replies: list[dict[str, Any]], before: str) -> None:
    """Assert what `turn` demands of `replies`."""
    assert set(turn) <= KEYS, f"unknown key in {turn}"
    text, custom = text_of(replies), custom_of(replies)
    buttons = [button["title"] for reply in replies for button in reply.get("buttons") or []]
    low = text.lower().replace("’", "'")
    for part in turn.get("says", []):
        assert part.lower() in low, f"{part!r} is missing in:\n{text}"
    for part in turn.get("never", []):
        assert part.lower() not in low, f"{part!r} was said in:\n{text}"
    for key in ("level", "topic", "region"):
        if key in turn:
            assert turn[key] == custom.get(key), f"{key} {custom.get(key)} in:\n{text}"
    if "contact" in turn:
        assert turn["contact"].lower() in low
        assert custom.get("contacts"), "the contacts are not in the data"
    for title in turn.get("choices", []):
        assert title in buttons
    if turn.get("differs"):
        assert text != before
    if "shorter_than" in turn:
        assert len(text) < turn["shorter_than"]


@pytest.mark.parametrize("turns", dialogues())
def test_a_conversation_goes_as_written(turns: list[dict[str, Any]], talk: Callable[[str], Any]) -> None:
    """Each turn is answered as the file says."""
    before, buttons = "", dict[str, str]()
    for turn in turns:
        replies = talk(buttons[turn["press"]] if "press" in turn else turn["user"])
        check(turn, replies, before)
        before = text_of(replies)
        buttons = {b["title"]: b["payload"] for reply in replies for b in reply.get("buttons") or []}
