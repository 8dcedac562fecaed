"""What the whole process shares: the checked content and the replies composed from it."""

from __future__ import annotations

from functools import lru_cache

from assistant.content import load
from assistant.reply import Replies
from assistant.settings import Settings


@lru_cache(maxsize=1)
def shared_replies() -> Replies:
    """Return the process's replies; raises `ContentError` or `KeyError` when they cannot be made."""
    return Replies(load(), Settings.from_environment().region)
