"""Rasa's agent as the web service sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered

from assistant.components.rest import answer
from assistant.components.server import faults, store_of
from assistant.dialogue import Memory
from assistant.store import StoreError
from assistant.web.tokens import Message, Session

CHANNEL = "web"


class RasaBackend:
    """Answers, remembers and forgets (see `assistant.web.service.Backend`)."""

    def __init__(self, agent: Callable[[], Any]) -> None:
        """`agent` returns the agent, or None while there is none."""
        self._agent = agent

    def fault(self) -> str:
        """Return what of the agent is not as configured."""
        return faults(self._agent())

    async def answer(self, session: Session, text: str, id: str = "") -> list[Message]:
        """Return the replies to `text`, those of before where the message `id` was applied already."""
        conversation, agent = session.conversation, self._agent()

        async def deliver(message: UserMessage) -> None:
            async with agent.lock_store.lock(conversation):
                if said := await self._applied(conversation, id):
                    for reply in said:
                        await message.output_channel.send_response(conversation, reply)
                    return
                await self._begin(session)
                await agent.processor.handle_message(message)

        return await answer(deliver, text, conversation, CHANNEL, id)

    async def remembers(self, conversation: str) -> bool:
        """Return whether anything is kept of the conversation."""
        return bool(store_of(self._agent()).knows(conversation))

    async def last(self, conversation: str) -> tuple[str, list[Message]]:
        """Return the id of the conversation's last message, and what was said to it."""
        tracker = await store_of(self._agent()).retrieve(conversation)
        return last_turn(tracker.events) if tracker else ("", [])

    async def forget(self, conversation: str, *, left: bool = False) -> None:
        """Erase the conversation; without an agent there is none."""
        if agent := self._agent():
            async with agent.lock_store.lock(conversation):  # a turn under way must not save what was just erased
                await store_of(agent).delete(conversation, "exits" if left else "")

    async def end(self, conversation: str, seconds: float) -> None:
        """Erase the conversation, and let every server know that it is over."""
        if agent := self._agent():
            store_of(agent).conversations.mark(_over(conversation), seconds)
            await self.forget(conversation, left=True)

    async def is_over(self, conversation: str) -> bool:
        """Return whether the conversation was ended; while the database does not answer, nobody is sent away."""
        try:
            return bool(store_of(self._agent()).conversations.is_marked(_over(conversation)))
        except StoreError:
            return False

    async def _applied(self, conversation: str, id: str) -> list[Message]:
        """Return the replies to the message `id` where it is the last one that was applied."""
        last, said = await self.last(conversation) if id else ("", [])
        return said if last == id else []

    async def _begin(self, session: Session) -> None:
        """Tell Rasa what the page already said, so that it is not said again and its choices count."""
        events = beginning(session)
        if not events or await self.remembers(session.conversation):
            return
        processor = self._agent().processor
        tracker = await processor.fetch_tracker_and_update_session(session.conversation)
        for event in events:
            tracker.update(event, processor.domain)
        await processor.save_tracker(tracker)


def beginning(session: Session) -> list[Event]:
    """Return the events of a conversation in which `session.first` was said, in `session.region`."""
    events: list[Event] = [
        BotUttered(message["text"], {"buttons": message.get("buttons") or []}) for message in session.first
    ]
    if events:
        events.append(SlotSet("memory", Memory(turn=1, device="asked").as_slot()))
    if session.region:
        events.append(SlotSet("region", session.region))
    return events


def last_turn(events: Iterable[Event]) -> tuple[str, list[Message]]:
    """Return the id of the person's last message, and what was said since, as it was sent."""
    id, said = "", list[Message]()
    for event in events:
        if isinstance(event, UserUttered):
            id, said = event.message_id or "", []
        elif isinstance(event, BotUttered):
            said.append({"text": event.text, **{k: v for k, v in (event.data or {}).items() if v}})
    return id, said


def _over(conversation: str) -> str:
    return hashlib.sha256(f"over {conversation}".encode()).hexdigest()
