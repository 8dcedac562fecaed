"""What `/model/parse` returns beside Rasa's own keys (CONTRACT.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Parse = Callable[[str], dict[str, Any]]


def test_safety_has_the_shape_of_the_contract(parse: Parse) -> None:
    """Level, evidence with offsets into the message, confidence."""
    text = "last night he choked me in the kitchen"

    safety = parse(text)["safety"]

    assert "high_risk" == safety["level"]
    assert 0 <= safety["confidence"] <= 1
    evidence = next(e for e in safety["evidence"] if e["rule"] == "strangulation")
    assert text[evidence["start"] : evidence["end"]] == evidence["text"]


def test_an_ordinary_message_has_no_danger(parse: Parse) -> None:
    """Level none, and no evidence."""
    safety = parse("what is the weather like tomorrow")["safety"]

    assert ("none", []) == (safety["level"], safety["evidence"])


@pytest.mark.parametrize(
    ("text", "level"),
    [
        # danger in the middle of a ramble
        (
            "So my week was fine, work is busy and the dog is better after the vet. We painted the hall a sort of grey. "
            "On Sunday he put both hands round my throat because the roast was dry. Anyway my sister says that I should "
            "look for a new job, and I wonder if I should, since the commute is an hour each way. What do you think?",
            "high_risk",
        ),
        # and far behind what the encoder reads at once
        (
            "I moved to the coast in spring and I have been meaning to write this down ever since. The flat is small but it gets the light, "
            "and the woman downstairs plays the piano in the mornings, the same three pieces, so that I know what day it is. I got a job "
            "in the library, part time, mostly shelving, and on Thursdays there is a group of knitters who bring cake and argue about the "
            "council. My brother visited in June and we walked all the way to the lighthouse and back, he had blisters and I laughed at "
            "him. I have started to swim, badly, and I have learned the names of four birds. My mother thinks that I am hiding from life "
            "but I sleep better than I have in years and the garden has beans in it now. I do not know what I will do when the lease ends "
            "in March, maybe I stay, maybe I go north. My ex found out where I live. He waits across the road most evenings and he said "
            "he will kill me if I do not come home. Anyway the beans were very good this year and I would like to know when to plant them.",
            "high_risk",
        ),
        ("hes breaking the door down", "emergency"),
        ("i dont want to be alive anymore", "suicide"),
        ("im 14 and my dad hits me", "child_at_risk"),
        ("i hit my girlfriend", "harm_to_others"),
        ("i think theres a tracker on my car", "monitored"),
        ("he calls me names and pushes me around", "abuse_disclosed"),
    ],
)
def test_each_level_is_noticed(text: str, level: str, parse: Parse) -> None:
    """One plain message of each."""
    assert level == parse(text)["safety"]["level"]


def test_a_fact_is_found(parse: Parse) -> None:
    """A question for one fact gets its item."""
    assert "ask_stockholm/how_long" == parse("how many days were the bank people held")["fact"]["topic"]


def test_what_is_no_question_gets_one_fact(parse: Parse) -> None:
    """Not what to say to a friend beside it."""
    fact = parse("i dont know how to say it")["fact"]

    assert ("express_distress/hard_to_say", []) == (fact["topic"], fact["near"])


def test_an_answer_asks_for_no_fact_and_tells_no_sign(parse: Parse) -> None:
    """Neither "tell me more" nor a description."""
    parsed = parse("idk")

    assert ("deny", None, []) == (parsed["intent"]["name"], parsed.get("fact"), parsed["signs"])


def test_signs_come_with_their_evidence(parse: Parse) -> None:
    """CONTRACT.md's shape, surest first."""
    signs = parse("hes so charming with everyone and then his mood turns from one minute to the next")["signs"]

    assert {"charming", "mood_swings"} <= {sign["id"] for sign in signs}
    assert all(set(sign) == {"id", "evidence", "confidence"} for sign in signs)


def test_a_second_question_is_seen(parse: Parse) -> None:
    """Two things in one message: the other is offered."""
    parsed = parse("is he a narcissist and should i see a therapist")

    assert {"ask_narcissist", "ask_therapy"} <= {parsed["intent"]["name"], *parsed["also"]}


def test_the_same_message_is_judged_the_same(parse: Parse) -> None:
    """R28: no chance in it."""
    first, second = parse("why do i keep going back"), parse("why do i keep going back")

    assert (first["intent"], first["safety"]) == (second["intent"], second["safety"])
