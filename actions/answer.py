"""Answers from the reviewed article."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import also_of, near_of, send, state, topic_of
from assistant.shared import shared_replies


class ActionAnswer(Action):
    """Answer the question that was asked, in reviewed words."""

    def name(self) -> str:
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        topic = topic_of(tracker)
        send(dispatcher, tracker, shared_replies().answer(topic, state(tracker), also_of(tracker), near_of(tracker)))
        return [SlotSet("topic", topic)]
