"""Tells in plain lines how a message is understood."""

from __future__ import annotations

import asyncio
from typing import Any

from assistant.components.server import configure_logs, load


async def parse(message: str) -> dict[str, Any]:
    agent = await load()
    result: dict[str, Any] = await agent.parse_message(message)
    return result


def explain(message: str) -> str:
    """Return the intent, the level with every judge's reason, and the fact that was found."""
    configure_logs()
    parsed = asyncio.run(parse(message))
    if "safety" not in parsed:
        return "this is the payload of a button, which carries no words to judge"
    safety = parsed["safety"]
    lines = ["intent"]
    lines += [f"  {entry['confidence']:.2f}  {entry['name']}" for entry in parsed.get("intent_ranking", [])[:4]]
    lines.append(f"level {safety['level']} ({safety['confidence']:.2f}), voice {parsed.get('voice', 'self')}")
    lines += [f'  {e["rule"]}: "{e["text"]}" ({e["start"]}-{e["end"]})' for e in safety["evidence"]]
    leaning = safety["leaning"]
    lines.append(f"  classifier: {leaning['confidence']:.2f} that there is any danger, likeliest {leaning['level']}")
    if fact := parsed.get("fact"):
        lines.append(f"fact {fact['topic']} ({fact['confidence']:.2f})")
    lines += [f"sign {sign['id']} ({sign['confidence']:.2f})" for sign in parsed.get("signs", [])]
    return "\n".join(lines)
