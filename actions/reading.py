"""What actions read from the tracker, and how they send a reply."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from assistant.choices import parsed
from assistant.dialogue import Memory
from assistant.reply import Reply, State
from assistant.shared import shared_replies
from assistant.tracker import state_of


def state(tracker: Tracker) -> State:
    """Return what the reply depends on."""
    return state_of(tracker.events, tracker.slots, tracker.get_latest_input_channel())


def message_of(tracker: Tracker) -> dict[str, Any]:
    """Return the message as it was understood; of one that typed a choice ("2"), what the choice says."""
    typed = Memory.from_slot(tracker.slots.get("memory")).chosen
    return parsed(typed) if typed else tracker.latest_message


def text_of(tracker: Tracker) -> str:
    return message_of(tracker).get("text") or ""


def intent_of(tracker: Tracker) -> str:
    return (message_of(tracker).get("intent") or {}).get("name") or "nlu_fallback"


def topic_of(tracker: Tracker) -> str:
    """Return what was asked: the item of a button, the fact that was found, or the intent."""
    intent = intent_of(tracker)
    for entity in message_of(tracker).get("entities") or []:
        if entity.get("entity") == "item":
            return f"{intent}/{entity['value']}"
    fact: dict[str, Any] = message_of(tracker).get("fact") or {}
    return fact.get("topic") or intent


def near_of(tracker: Tracker) -> list[str]:
    """Return the facts that were nearly as likely meant as the topic, likeliest first."""
    return (message_of(tracker).get("fact") or {}).get("near") or []


def also_of(tracker: Tracker) -> list[str]:
    """Return the other topics that the message asked for."""
    return message_of(tracker).get("also") or []


def signs_of(tracker: Tracker) -> list[str]:
    return [sign["id"] for sign in message_of(tracker).get("signs") or []]


def near_topics(tracker: Tracker) -> list[str]:
    """Return the likeliest intents of a message that was not understood, best first."""
    return [entry["name"] for entry in message_of(tracker).get("intent_ranking") or [] if entry.get("name")]


def send(dispatcher: CollectingDispatcher, tracker: Tracker, reply: Reply) -> None:
    reply = shared_replies().spoken(reply, state(tracker))
    dispatcher.utter_message(text=reply.text, buttons=reply.buttons, json_message=reply.custom)
