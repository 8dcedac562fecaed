"""Reflects back which of the article's signs a description is like."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import intent_of, send, signs_of, state
from assistant.shared import shared_replies


class ActionReflect(Action):
    """Tell the person what the article calls what they describe; never a diagnosis."""

    def name(self) -> str:
        return "action_reflect"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        described = tracker.get_slot("described") or []
        signs = signs_of(tracker)
        reply = shared_replies().reflect(intent_of(tracker), signs, described, state(tracker))
        send(dispatcher, tracker, reply)
        return [SlotSet("described", [*described, *signs]), SlotSet("topic", reply.custom.get("topic", ""))]
