"""Goes on with what was just talked about."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import send, state, text_of
from assistant.shared import shared_replies


class ActionMore(Action):
    """Say more on the last topic, or follow where a short follow-up leads."""

    def name(self) -> str:
        return "action_more"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        reply = shared_replies().more(text_of(tracker), state(tracker))
        send(dispatcher, tracker, reply)
        topic = reply.custom.get("topic")
        return [SlotSet("topic", topic)] if topic else []
