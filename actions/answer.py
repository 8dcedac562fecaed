"""Answers from the reviewed article."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import also_of, near_of, send, state, topic_of
from assistant.shared import shared_replies

HOTLINE = "ask_hotline"


class ActionAnswer(Action):
    """Answer the question that was asked, in reviewed words."""

    def name(self) -> str:
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        topic = topic_of(tracker)
        replies, now = shared_replies(), state(tracker)
        if topic == HOTLINE:  # a fact of another intent ("ok, someone to talk to then") leads here, too
            send(dispatcher, tracker, replies.hotline(now))
        else:
            send(dispatcher, tracker, replies.answer(topic, now, also_of(tracker), near_of(tracker)))
        return [SlotSet("topic", topic)]
