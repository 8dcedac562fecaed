"""The assistant in a terminal: choices are numbered lines, and a number chooses."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from assistant.choices import numbered
from assistant.components.rest import answer
from assistant.components.server import configure_logs, load


def render(messages: list[dict[str, Any]]) -> str:
    """Return the replies as text with numbered choices."""
    text = "\n\n".join(message["text"] for message in messages if message.get("text"))
    titles = [button["title"] for message in messages for button in message.get("buttons") or []]
    return "\n\n".join(filter(None, [text, "\n".join(numbered(text, titles))]))


async def _talk() -> None:
    agent = await load()
    sender = secrets.token_urlsafe(16)
    print("You can write now. Ctrl-D ends and forgets everything.\n", flush=True)
    while True:
        try:
            typed = await asyncio.get_running_loop().run_in_executor(None, input, "you> ")
        except EOFError:
            return
        replies = await answer(agent.handle_message, typed, sender, "terminal")
        print(f"\n{render(replies)}\n", flush=True)


def chat() -> int:
    """Hold one conversation until the input ends; nothing of it is kept."""
    configure_logs()
    asyncio.run(_talk())
    return 0
