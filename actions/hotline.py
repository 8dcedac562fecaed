"""Shows whom a person can reach."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import send, state
from assistant.shared import shared_replies


class ActionHotline(Action):
    """Give the person somebody to talk to in their region."""

    def name(self) -> str:
        return "action_hotline"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        send(dispatcher, tracker, shared_replies().hotline(state(tracker)))
        return []
