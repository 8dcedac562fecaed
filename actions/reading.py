"""What actions read from the tracker, and how they send a reply."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from assistant.reply import Reply, State
from assistant.shared import shared_replies
from assistant.tracker import state_of


def state(tracker: Tracker) -> State:
    """Return what the reply depends on."""
    return state_of(tracker.events, tracker.slots)


def text_of(tracker: Tracker) -> str:
    return tracker.latest_message.get("text") or ""


def intent_of(tracker: Tracker) -> str:
    return (tracker.latest_message.get("intent") or {}).get("name") or "nlu_fallback"


def topic_of(tracker: Tracker) -> str:
    """Return what was asked: the item of a button, the fact that was found, or the intent."""
    intent = intent_of(tracker)
    for entity in tracker.latest_message.get("entities") or []:
        if entity.get("entity") == "item":
            return f"{intent}/{entity['value']}"
    fact: dict[str, Any] = tracker.latest_message.get("fact") or {}
    return fact.get("topic") or intent


def near_of(tracker: Tracker) -> str:
    """Return the fact that was nearly as likely meant as the topic."""
    return (tracker.latest_message.get("fact") or {}).get("near") or ""


def also_of(tracker: Tracker) -> list[str]:
    """Return the other topics that the message asked for."""
    return tracker.latest_message.get("also") or []


def signs_of(tracker: Tracker) -> list[str]:
    return [sign["id"] for sign in tracker.latest_message.get("signs") or []]


def near_topics(tracker: Tracker) -> list[str]:
    """Return the likeliest intents of a message that was not understood, best first."""
    return [entry["name"] for entry in tracker.latest_message.get("intent_ranking") or [] if entry.get("name")]


def send(dispatcher: CollectingDispatcher, tracker: Tracker, reply: Reply) -> None:
    reply = shared_replies().spoken(reply, state(tracker))
    dispatcher.utter_message(text=reply.text, buttons=reply.buttons, json_message=reply.custom)
