"""Actions are thin: they read the tracker, call one function, and send what it returns."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import ActionAnswer
from actions.delete import ActionDelete
from actions.fallback import ActionFallback
from actions.hotline import ActionHotline
from actions.location import ActionLocation
from actions.more import ActionMore
from actions.reflect import ActionReflect
from actions.stop import ActionStop
from assistant.dialogue import Danger, Memory

TALKED = Memory(turn=3, device="answered").as_slot()


def run_action(action: Any, message: dict[str, Any], slots: dict[str, Any] | None = None) -> tuple[dict, list]:
    """Return the response and the events of `action` after the parsed `message`."""
    dispatcher = CollectingDispatcher()
    tracker = Tracker("x", {"memory": TALKED, **(slots or {})}, message, [], False, None, {}, "action_listen")
    events = asyncio.run(action.run(dispatcher, tracker, {}))
    return dispatcher.messages[0], events


def asked(intent: str, text: str = "…", **more: Any) -> dict[str, Any]:
    return {"text": text, "intent": {"name": intent}, "entities": [], **more}


def test_a_question_is_answered_and_remembered_as_the_topic() -> None:
    """The next "why?" knows what it is about."""
    response, events = run_action(ActionAnswer(), asked("ask_signs"))

    assert "ask_signs" == response["custom"]["topic"]
    assert [{"event": "slot", "name": "topic", "value": "ask_signs", "timestamp": None}] == events


def test_a_fact_that_was_found_is_answered_alone() -> None:
    """One fact, not the whole list."""
    response, _ = run_action(ActionAnswer(), asked("ask_signs", fact={"topic": "ask_stockholm/how_long"}))

    assert "ask_stockholm/how_long" == response["custom"]["topic"]


def test_an_answer_inside_a_danger_keeps_the_contact_at_hand() -> None:
    """R13."""
    slots = {"memory": Memory(turn=3, danger=Danger("high_risk")).as_slot()}

    response, _ = run_action(ActionAnswer(), asked("ask_signs"), slots)

    assert response["custom"]["contacts"]
    assert "high_risk" == response["custom"]["level"]


@pytest.mark.parametrize(("level", "first"), [("emergency", True), ("suicide", True), ("high_risk", False)])
def test_the_number_stands_before_what_there_is_to_read_when_it_is_urgent(level: str, first: bool) -> None:
    """ "Use the number before you read on"."""
    slots = {"memory": Memory(turn=3, danger=Danger(level)).as_slot()}

    response, _ = run_action(ActionAnswer(), asked("ask_signs"), slots)

    text = response["text"]
    assert first == (
        text.index("911" if level == "emergency" else "988" if level == "suicide" else "1-800")
        < text.index("article: ")
    )


def test_a_fact_that_was_nearly_meant_is_told_with_it() -> None:
    """Where there is room, and only once."""
    fact = {"topic": "ask_stockholm/how_many", "near": ["ask_stockholm/how_long", "ask_stockholm/how_many"]}
    response, _ = run_action(ActionAnswer(), asked("ask_stockholm", fact=fact))

    assert "Four people" in response["text"]
    assert "six days" in response["text"]
    assert ["ask_stockholm/how_long"] == response["custom"]["near"]


def test_a_reply_says_whom_it_is_about() -> None:
    """In the writer's own word."""
    response, _ = run_action(ActionAnswer(), asked("ask_no_contact"), {"about": "mother"})

    assert "your mother" in response["text"]
    assert "the other person" not in response["text"]


@pytest.mark.parametrize(
    ("topic", "text", "leads"),
    [
        ("ask_perpetrator_signs", "and in me?", "ask_signs"),
        ("ask_signs", "and in them", "ask_perpetrator_signs"),
        ("ask_definition", "why?", "ask_why_it_happens"),
        ("ask_no_contact", "what about with kids", "ask_no_contact/children"),
    ],
)
def test_a_follow_up_leads_on_from_the_topic(topic: str, text: str, leads: str) -> None:
    """Short follow-ups make sense only after something."""
    response, _ = run_action(ActionMore(), asked("ask_more", text), {"topic": topic})

    assert leads == response["custom"]["topic"]


def test_more_without_a_topic_asks_what_about() -> None:
    """ "tell me more" as a first message is answered kindly."""
    response, _ = run_action(ActionMore(), asked("ask_more", "tell me more"))

    assert response["text"]


def test_a_place_becomes_a_country() -> None:
    """The country is kept; the place is not."""
    response, events = run_action(ActionLocation(), asked("inform_location", "im in leeds"))

    assert [("region", "GB")] == [(e["name"], e["value"]) for e in events]
    assert "leeds" not in response["text"].lower()


def test_an_unknown_place_is_said_to_be_unknown() -> None:
    """No guess; a directory instead."""
    response, events = run_action(ActionLocation(), asked("inform_location", "im on the moon"))

    assert [] == events
    assert "findahelpline.com" in response["text"]


def test_signs_are_reflected_at_most_three_and_not_again() -> None:
    """Never a diagnosis, never a repetition."""
    told = asked("describe_partner", signs=[{"id": s} for s in ("charming", "mood_swings", "isolates", "blames_other")])

    response, events = run_action(ActionReflect(), told)
    assert 3 == response["text"].count("\n- ")
    assert "diagnosis" in response["text"] or "Only you" in response["text"] or "what fits" in response["text"]

    described = next(e["value"] for e in events if e["name"] == "described")
    again, _ = run_action(ActionReflect(), told, {"described": described})
    assert "- " not in again["text"]


def test_a_description_without_a_sign_invents_none() -> None:
    """It says so honestly."""
    response, _ = run_action(ActionReflect(), asked("describe_partner", signs=[]))

    assert "article describes" not in response["text"]


def test_contacts_are_of_the_region_that_was_named() -> None:
    """R20."""
    response, _ = run_action(ActionHotline(), asked("ask_hotline"), {"region": "GB"})

    assert "GB" == response["custom"]["region"]
    assert "0808 2000 247" in response["text"]


def test_what_is_not_understood_is_met_with_choices() -> None:
    """The nearest topics, and a person."""
    message = asked("nlu_fallback", "hm", intent_ranking=[{"name": "ask_therapy"}, {"name": "ask_app"}])

    response, _ = run_action(ActionFallback(), message)

    assert "/ask_therapy" in [button["payload"] for button in response["buttons"]]
    assert "/ask_hotline" in [button["payload"] for button in response["buttons"]]


@pytest.mark.parametrize("action", [ActionDelete(), ActionStop()])
def test_erasing_is_asked_of_the_store(action: Any) -> None:
    """The slot `forget` is what the tracker store erases by."""
    _, events = run_action(action, asked("delete_conversation"))

    assert [("forget", True)] == [(e["name"], e["value"]) for e in events]
