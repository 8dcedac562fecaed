"""Says honestly that a message was not understood, or is not what this is for."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import intent_of, near_topics, send, state, text_of
from assistant.shared import shared_replies


class ActionFallback(Action):
    """Offer the nearest topics and a person to talk to."""

    def name(self) -> str:
        return "action_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        now = state(tracker)
        replies = shared_replies()
        target = replies.follow(text_of(tracker), now.topic)
        if target:
            send(dispatcher, tracker, replies.answer(target, now))
            return [SlotSet("topic", target)]
        send(dispatcher, tracker, replies.fallback(intent_of(tracker), near_topics(tracker), now))
        return []
