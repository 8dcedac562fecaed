"""Conversations in memory only, erased on request and an hour after the last message."""

from __future__ import annotations

import time
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_SECONDS = 3600
FORGET = "forget"


class ForgetfulTrackerStore(InMemoryTrackerStore):
    """Keeps a conversation until its slot `forget` is set, or for `kept_seconds` after its last message."""

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        kept_seconds: float = KEPT_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._kept_seconds = float(kept_seconds)
        self._last: dict[str, float] = {}

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Saves the conversation, or erases it when it asked for that (see parent class for full docstring)."""
        self._purge()
        if tracker.get_slot(FORGET):
            await self.delete(tracker.sender_id)
            return
        await super().save(tracker)
        self._last[tracker.sender_id] = time.monotonic()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Returns the conversation (see parent class for full docstring)."""
        self._purge()
        return await super().retrieve(sender_id)

    async def delete(self, sender_id: str) -> None:
        """Erases a conversation; one that is not there is no error."""
        self.store.pop(sender_id, None)
        self._last.pop(sender_id, None)

    def _purge(self) -> None:
        oldest = time.monotonic() - self._kept_seconds
        for sender_id in [s for s, at in self._last.items() if at < oldest]:
            self.store.pop(sender_id, None)
            self._last.pop(sender_id, None)
