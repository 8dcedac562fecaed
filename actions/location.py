"""Notes the country a person named."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import send, state, text_of
from assistant.shared import shared_replies


class ActionLocation(Action):
    """Keep the country the person named, never the place, and show its contacts."""

    def name(self) -> str:
        return "action_location"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        replies = shared_replies()
        region = replies.regions.find(text_of(tracker), told=True)
        send(dispatcher, tracker, replies.location(region, state(tracker)))
        return [SlotSet("region", region)] if region else []
