"""What the whole process shares: the rules, and the replies composed from the checked content."""

from __future__ import annotations

from functools import lru_cache

from assistant.content import load
from assistant.reply import Replies
from assistant.rules import Rules
from assistant.settings import Settings


@lru_cache(maxsize=1)
def shared_replies() -> Replies:
    """Return the process's replies; raises `ContentError` or `KeyError` when they cannot be made."""
    return Replies(load(), Settings.from_environment().region)


@lru_cache(maxsize=1)
def shared_rules() -> Rules:
    """Return the rules of content/screen/, compiled once; raises `ContentError` when they do not hold."""
    return Rules()
