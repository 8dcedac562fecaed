"""Rasa's tracker store over `assistant.store`: little is kept, encrypted, for an hour after the last message."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

from assistant import metrics, stats
from assistant.content import LEVELS
from assistant.reply import SHORT
from assistant.settings import Settings
from assistant.store import ConversationStore, MasterKeys, StoreError, UnreachableError
from assistant.tracker import LOOKED_BACK

logger = logging.getLogger(__name__)
FORGET = "forget"
PATIENCE = 6.0  # seconds for which a turn waits for a database that restarts
T = TypeVar("T")
NOTE = re.compile(r"^(\d+\. [^:\n]+): .*$", re.MULTILINE)  # a line of a plan's summary (content/plan.yml: line)
NOT_UNDERSTOOD = {"nlu_fallback", "out_of_scope"}
# Turns do not grow slower with a conversation, and no more of it is kept than a reply depends on: the slots, the last
# turns for Rasa's rules, which it compares with every turn it is given, and of those before them only the texts of the
# assistant that a new reply must differ from (LOOKED_BACK).
WHOLE_TURNS = 3


class EncryptedTrackerStore(TrackerStore):
    """Keeps a conversation until its slot `forget` is set, or for an hour (a setting) after its last message.

    What the person typed is not kept at all: their messages are stored without their words.
    While the database fails, conversations go on in memory, so that nobody is left without an answer.
    """

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        store: ConversationStore | None = None,
        kept_seconds: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Open the database of the settings, or use `store`; raise `StoreError` when it cannot be used."""
        super().__init__(domain, event_broker, **kwargs)
        settings = Settings.from_environment()
        self.conversations = store or ConversationStore(settings.store, MasterKeys.from_text(settings.store_keys))
        self.kept_seconds = float(settings.kept_minutes * 60 if kept_seconds is None else kept_seconds)
        self._unsaved: dict[str, tuple[float, bytes]] = {}
        self._unread: set[str] = set()  # began anew though there may be more of them in the database
        self._given_up = -math.inf
        self.purge()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Saves the conversation, or erases it when it asked for that (see parent class for full docstring)."""
        if self.event_broker:
            await self.stream_events(tracker)
        if tracker.get_slot(FORGET):
            await self.delete(tracker.sender_id)
            return
        if not any(isinstance(event, UserUttered | BotUttered) for event in tracker.events):
            return  # Rasa saves what it has only just made; there is nothing to keep yet
        sender, payload = tracker.sender_id, pack(tracker)
        _measure(happened(tracker, is_new=False))
        try:
            await self._patiently(lambda: self._write(sender, payload, lambda is_new: happened(tracker, is_new)))
        except StoreError as error:
            metrics.ERRORS.labels("store").inc()
            logger.error("a conversation could not be saved and goes on in memory: %s", error)
            self._unsaved[sender] = (time.monotonic(), payload)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Returns the conversation, None where there is none or it cannot be read (see parent class)."""
        if sender_id in self._unsaved:
            at, payload = self._unsaved[sender_id]
            if time.monotonic() - at <= self.kept_seconds:
                return self._unpack(sender_id, payload)
            del self._unsaved[sender_id]
        try:
            found = await self._patiently(lambda: self.conversations.read(sender_id, self.kept_seconds))
        except StoreError as error:
            metrics.ERRORS.labels("store").inc()
            logger.error("a conversation could not be read and begins anew: %s", error)
            if isinstance(error, UnreachableError):
                self._unread.add(sender_id)
            return None
        return self._unpack(sender_id, found) if found else None

    async def delete(self, sender_id: str, counted: str = "erased") -> None:
        """Erases a conversation, `counted` by what ended it; one that is not there is no error.

        A failure is logged and raised.
        """
        self._unsaved.pop(sender_id, None)
        try:
            if self.conversations.forget(sender_id):
                stats.count(self.conversations, [counted] if counted else [])
        except StoreError as error:
            logger.error("a conversation could not be erased: %s", error)
            raise

    def knows(self, sender_id: str) -> bool:
        """Return whether a conversation is kept that is not over; a database that does not answer knows none."""
        if sender_id in self._unsaved:
            return True
        try:
            return self.conversations.knows(sender_id, self.kept_seconds)
        except StoreError:
            return False

    async def keys(self) -> Iterable[str]:
        """Returns nothing: the store does not know whose conversations it keeps (see parent class)."""
        return []

    def purge(self) -> int:
        """Erase conversations whose last message is too old, and return how many; a failure is logged."""
        oldest = time.monotonic() - self.kept_seconds
        for sender_id, (at, payload) in list(self._unsaved.items()):
            if at < oldest:
                del self._unsaved[sender_id]
                self._unread.discard(sender_id)
            else:
                with suppress(StoreError):
                    self._write(sender_id, payload)
        try:
            return self.conversations.purge(self.kept_seconds)
        except StoreError as error:
            logger.error("old conversations could not be erased: %s", error)
            return 0

    def _write(self, sender: str, payload: bytes, counted: Callable[[bool], list[str]] | None = None) -> None:
        """Save `payload`, joined to what could not be read before, and count what happened."""
        if sender in self._unread and (before := self.conversations.read(sender, self.kept_seconds)):
            payload = joined(before, payload)
        self.conversations.save(sender, payload, counted)
        self._unread.discard(sender)
        self._unsaved.pop(sender, None)

    async def _patiently(self, act: Callable[[], T]) -> T:
        """Return what `act` returns; while the database is away, try again for PATIENCE seconds, but not all the time.

        A restart of the database is not noticed by those who write; when it stays away, they do not wait for it.
        """
        begun = time.monotonic()
        patience = PATIENCE if begun - self._given_up > 10 * PATIENCE else 0.0
        while True:
            try:
                return act()
            except UnreachableError:
                if time.monotonic() - begun >= patience:
                    if patience:
                        self._given_up = time.monotonic()
                    raise
            await asyncio.sleep(0.2)

    def _unpack(self, sender_id: str, payload: bytes) -> DialogueStateTracker:
        kept = json.loads(payload)
        tracker = self.init_tracker(sender_id)
        for event in kept["events"]:
            tracker.update(_event(event))
        for slot, value in kept["slots"].items():
            if slot in tracker.slots:
                tracker.update(SlotSet(slot, value))
        return tracker


def happened(tracker: DialogueStateTracker, is_new: bool) -> list[str]:
    """Return what is counted of a turn: nothing that was said, only how it was read."""
    message = tracker.latest_message
    if message is None or not message.text:  # saved without a turn
        return ["conversations"] if is_new else []
    level = ((message.parse_data or {}).get("safety") or {}).get("level", LEVELS[-1])
    intent = (message.intent or {}).get("name")
    typed_choice = (tracker.get_slot("memory") or {}).get("chosen")
    missed = intent in NOT_UNDERSTOOD and level == LEVELS[-1] and not typed_choice
    names = ["conversations"] * is_new + ["turns"] + ["not understood"] * missed
    return names + [level] * (level != LEVELS[-1])


def joined(before: bytes, after: bytes) -> bytes:
    """Return one payload of two parts of a conversation: the later one began while the first could not be read."""
    old, new = json.loads(before), json.loads(after)
    slots = {**old["slots"], **new["slots"]}
    if (then := old["slots"].get("memory")) and (now := new["slots"].get("memory")):
        dangers = [danger for part in (now, then) if (danger := part.get("danger"))]
        worst = min(dangers, key=lambda danger: LEVELS.index(danger["level"]), default=None)
        plan = now.get("plan") or then.get("plan")
        slots["memory"] = {**now, "turn": then["turn"] + now["turn"], "danger": worst, "plan": plan}
    return _packed(slots, [*old["events"], *new["events"]])


def _measure(names: list[str]) -> None:
    for name in names:
        if name in LEVELS:
            metrics.LEVELS.labels(name).inc()
        elif name == "not understood":
            metrics.FALLBACKS.inc()


def pack(tracker: DialogueStateTracker) -> bytes:
    """Return what is kept of `tracker`: the slots, and the newest events without the person's words."""
    events = list(tracker.events)
    last = max((i for i, event in enumerate(events) if isinstance(event, UserUttered)), default=0)
    slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None}
    return _packed(slots, [event for i, e in enumerate(events) if (event := _lean(e, is_last=i > last))])


def _packed(slots: dict[str, Any], events: list[dict[str, Any]]) -> bytes:
    """Return what is kept of a conversation: `slots`, its last turns, and what the assistant said before them."""
    turns = [i for i, event in enumerate(events) if event["event"] == "user"]
    since = turns[-WHOLE_TURNS] if len(turns) > WHOLE_TURNS else 0
    said = [{**event, "data": {}} for event in events[:since] if event["event"] == "bot" and event["text"]]
    kept = {"slots": slots, "events": said[-LOOKED_BACK:] + events[since:]}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def _lean(event: Event, *, is_last: bool) -> dict[str, Any] | None:
    """Return `event` as it is kept, None for what nothing reads again.

    Of what was said in the last turn (`is_last`) the numbers are kept as well, so that it can be said again to a page
    that did not get it.
    """
    if isinstance(event, SlotSet):
        return None  # the slots are kept by themselves
    known: dict[str, Any] = event.as_dict()
    if isinstance(event, UserUttered):
        intent = {"name": (event.intent or {}).get("name"), "confidence": 1.0}
        parse = {"text": "", "intent": intent, "entities": []}
        lean = {"event": "user", "timestamp": event.timestamp, "text": "", "parse_data": parse}
        return lean | {"input_channel": event.input_channel, "message_id": event.message_id}
    if known["event"] == "user_featurization":
        return None
    if known["event"] == "bot":
        data = known.get("data") or {}
        custom = {
            name: value for name, value in (data.get("custom") or {}).items() if name != SHORT
        }  # repeats the text
        kept = {"buttons": data.get("buttons"), "custom": custom if is_last else None}
        known["data"] = {name: value for name, value in kept.items() if value}
        if (known.get("metadata") or {}).get("utter_action") == "utter_plan":
            # The summary repeats what was typed; it lives in the plan alone, and goes when the plan is stopped.
            known["text"] = NOTE.sub(r"\1", known.get("text") or "")
        known["metadata"] = {}
    return known


@lru_cache(maxsize=1)
def _kinds() -> dict[str, type[Event]]:
    """Return Rasa's events by name; Rasa looks them up anew for each event, a third of a long turn."""
    return {kind.type_name: kind for kind in all_subclasses(Event) if getattr(kind, "type_name", None)}


def _event(parameters: dict[str, Any]) -> Event:
    event: Event = _kinds()[parameters["event"]]._from_parameters(parameters)
    return event
