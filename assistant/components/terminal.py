"""The assistant in a terminal: choices are numbered lines, and a number chooses."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from assistant.components.rest import answer
from assistant.components.server import configure_logs, load

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def render(messages: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Return the replies as text with numbered choices, and the payloads of the choices."""
    lines = [message["text"] for message in messages if message.get("text")]
    buttons = [button for message in messages for button in message.get("buttons") or []]
    choices = [f"{i}. {button['title']}" for i, button in enumerate(buttons, 1)]
    return "\n\n".join([*lines, "\n".join(choices)]).strip(), [button["payload"] for button in buttons]


def choose(typed: str, payloads: list[str]) -> str:
    """Return the payload that `typed` ("2", "two") chooses, else what was typed."""
    word = typed.strip().lower().rstrip(".")
    number = int(word) if word.isdigit() and len(word) < 3 else NUMBERS.index(word) + 1 if word in NUMBERS else 0
    return payloads[number - 1] if 1 <= number <= len(payloads) else typed


async def _talk() -> None:
    agent = await load()
    sender, payloads = secrets.token_urlsafe(16), list[str]()
    print("You can write now. Ctrl-D ends and forgets everything.\n", flush=True)
    while True:
        try:
            typed = await asyncio.get_running_loop().run_in_executor(None, input, "you> ")
        except EOFError:
            return
        replies = await answer(agent.handle_message, choose(typed, payloads), sender, "terminal")
        text, payloads = render(replies)
        print(f"\n{text}\n", flush=True)


def chat() -> int:
    """Hold one conversation until the input ends; nothing of it is kept."""
    configure_logs()
    asyncio.run(_talk())
    return 0
