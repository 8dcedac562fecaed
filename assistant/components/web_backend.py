"""Rasa's agent as the web service sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, Event, SlotSet

from assistant.components.rest import answer
from assistant.components.server import faults, store_of
from assistant.dialogue import Memory
from assistant.web.tokens import Message, Session

CHANNEL = "web"
OnMessage = Callable[[UserMessage], Awaitable[Any]]


class RasaBackend:
    """Answers, remembers and forgets (see `assistant.web.service.Backend`)."""

    def __init__(self, on_new_message: OnMessage, agent: Callable[[], Any]) -> None:
        """`agent` returns the agent, or None while there is none."""
        self._on_new_message, self._agent = on_new_message, agent

    def fault(self) -> str:
        """Return what of the agent is not as configured."""
        return faults(self._agent())

    async def answer(self, session: Session, text: str) -> list[Message]:
        """Return the replies to `text`."""

        async def deliver(message: UserMessage) -> None:
            await self._begin(session)
            await self._on_new_message(message)

        return await answer(deliver, text, session.conversation, CHANNEL)

    async def remembers(self, conversation: str) -> bool:
        """Return whether anything is kept of the conversation."""
        return await store_of(self._agent()).retrieve(conversation) is not None

    async def forget(self, conversation: str) -> None:
        """Erase the conversation; without an agent there is none."""
        if agent := self._agent():
            await store_of(agent).delete(conversation)

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
