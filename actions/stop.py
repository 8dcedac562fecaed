"""Answers the discreet stop word."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import send, state
from assistant.shared import shared_replies


class ActionStop(Action):
    """Erase the conversation and show nothing telling."""

    def name(self) -> str:
        return "action_stop"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        send(dispatcher, tracker, shared_replies().plain("stopped", state(tracker)))
        return [SlotSet("forget", True)]
