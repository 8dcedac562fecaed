"""What happens next: danger first, its memory, and when that ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.content import load
from assistant.dialogue import LONG_QUIET_TURNS, QUIET_TURNS, Danger, Memory, Turn, decide

STOP = "umbrella"
PLAN = load().plan
TALKED = Memory(turn=3, device="answered")


def after(turn: Turn, memory: Memory = TALKED, *, handed_out: bool = True) -> Memory:
    return decide(turn, memory, handed_out=handed_out, stop_word=STOP, plan_words=PLAN)


def in_danger(level: str, **more: object) -> Memory:
    return replace(TALKED, danger=Danger(level=level, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("intent", ["goodbye", "ask_signs", "greet", "stop_or_cancel", "delete_conversation", "affirm"])
@pytest.mark.parametrize("level", ["emergency", "suicide", "child_at_risk", "harm_to_others", "high_risk", "monitored"])
def test_a_danger_wins_over_every_intent(level: str, intent: str) -> None:
    """R11: "he hits me, bye" is not a goodbye."""
    now = after(Turn("…", intent, level=level))

    assert ("utter_danger",) == now.actions
    assert now.danger is not None
    assert level == now.danger.level


def test_abuse_told_with_a_question_is_believed_and_the_question_answered() -> None:
    """SAFETY.md: believe them, then the answer."""
    assert ("utter_danger", "action_answer") == after(Turn("…", "ask_can_they_change", level="abuse_disclosed")).actions
    assert ("utter_danger", "action_reflect") == after(Turn("…", "describe_partner", level="abuse_disclosed")).actions
    assert ("utter_danger",) == after(Turn("…", "report_violence", level="abuse_disclosed")).actions


@pytest.mark.parametrize(
    ("text", "intent", "followup"),
    [
        ("what should i do?", "ask_how_to_leave", "what_now"),
        ("yes", "affirm", "affirm"),
        ("ok", "affirm", "affirm"),
        ("no", "deny", "deny"),
        ("why?", "ask_why_it_happens", "why"),
        ("tell me more", "ask_more", "more"),
        ("thanks", "thank", "thanks"),
        ("bye", "goodbye", "goodbye"),
        ("i feel so alone", "express_distress", "distress"),
        ("asdf", "nlu_fallback", "default"),
        ("weather?", "out_of_scope", "default"),
        ("he took it", "report_violence", "what_now"),
    ],
)
def test_the_turns_after_a_danger_stay_in_its_path(text: str, intent: str, followup: str) -> None:
    """R13: the next messages are answered inside the danger."""
    now = after(Turn(text, intent), in_danger("high_risk"))

    assert ("utter_danger_followup",) == now.actions
    assert followup == now.followup


@pytest.mark.parametrize("level", ["high_risk", "monitored", "emergency", "harm_to_others", "abuse_disclosed"])
def test_what_is_told_of_the_other_inside_a_danger_asks_nothing_of_the_article(level: str) -> None:
    """ "hes at work" sounds like who it happens to; whoever says it was locked in yesterday."""
    now = after(Turn("hes at work", "ask_who_it_happens_to"), in_danger(level))

    assert ("what_now", ("utter_danger_followup",)) == (now.followup, now.actions)


def test_a_question_inside_a_danger_is_left_to_the_rules_and_the_danger_kept() -> None:
    """The answer is given by the article's action, which keeps the contact at hand."""
    now = after(Turn("what is love bombing", "ask_love_bombing"), in_danger("high_risk"))

    assert () == now.actions
    assert now.danger is not None
    assert 1 == now.danger.quiet


@pytest.mark.parametrize(("level", "turns"), [("high_risk", QUIET_TURNS), ("suicide", LONG_QUIET_TURNS)])
def test_a_danger_is_forgotten_after_its_quiet_turns(level: str, turns: int) -> None:
    """The memory ends where the module says it ends, not a turn before."""
    memory = in_danger(level)
    for _ in range(turns):
        memory = after(Turn("what is love bombing", "ask_love_bombing"), memory)
        assert memory.danger is not None

    assert after(Turn("what is love bombing", "ask_love_bombing"), memory).danger is None


def test_a_milder_danger_does_not_replace_a_worse_one() -> None:
    """The worst level told keeps later turns careful."""
    now = after(Turn("he reads my texts", "report_monitoring", level="monitored"), in_danger("suicide", quiet=4))

    assert now.danger is not None
    assert ("suicide", 0) == (now.danger.level, now.danger.quiet)


def test_a_weapon_named_in_an_emergency_stays_an_emergency() -> None:
    """ "he has a knife", said while someone is at the door."""
    now = after(Turn("he has a knife", "report_violence", level="high_risk"), in_danger("emergency"))

    assert now.danger is not None
    assert "emergency" == now.danger.level


@pytest.mark.parametrize("level", ["emergency", "high_risk", "monitored", "abuse_disclosed", "harm_to_others"])
def test_a_false_alarm_is_corrected_in_one_step(level: str) -> None:
    """R15: by the button, or in words."""
    assert after(Turn("/deny", "deny", command=True, choice="false_alarm"), in_danger(level)).danger is None
    assert after(Turn("you misunderstood", "deny"), in_danger(level)).danger is None


def test_the_suicide_path_ends_on_the_second_correction() -> None:
    """R14: the contact is shown once more, then the correction is respected."""
    once = after(Turn("you misunderstood", "deny"), in_danger("suicide"))
    assert "correction_first" == once.followup

    twice = after(Turn("you misunderstood", "deny"), once)
    assert twice.danger is None
    assert ("utter_correction",) == twice.actions


def test_a_correction_that_tells_a_danger_is_a_danger() -> None:
    """ "im not in danger, he just chokes me sometimes" is no correction."""
    now = after(Turn("im not in danger he just chokes me", "deny", level="high_risk"), in_danger("high_risk"))

    assert ("utter_danger",) == now.actions


def test_only_buttons_that_were_handed_out_act_as_commands() -> None:
    """E5: a typed payload is not carried out."""
    typed = Turn("/delete_conversation", "delete_conversation", command=True)

    assert ("utter_typed_command",) == after(typed, handed_out=False).actions
    assert () == after(typed, handed_out=True).actions


@pytest.mark.parametrize("memory", [Memory(), TALKED, in_danger("suicide")])
def test_the_stop_word_works_at_every_turn(memory: Memory) -> None:
    """R9: in any case, with any signs, whatever was remembered."""
    assert ("action_stop",) == after(Turn(" Umbrella! ", "out_of_scope"), memory).actions


def test_whether_someone_else_may_see_this_is_asked_once() -> None:
    """R8: once, skippably, and a yes gives options."""
    first = after(Turn("hi", "greet"), Memory())
    assert "asked" == first.device

    assert ("utter_device_yes",) == after(Turn("yes", "affirm"), first).actions
    assert ("utter_device_no",) == after(Turn("no", "deny"), first).actions
    skipped = after(Turn("what is love bombing", "ask_love_bombing"), first)
    assert ("answered", ()) == (skipped.device, skipped.actions)


def test_a_leaning_counts_inside_a_danger_only() -> None:
    """What is unsure alone is taken as a danger after one."""
    unsure = Turn("he is back", "report_emergency", leaning="emergency", leaning_confidence=0.6)

    assert ("utter_danger",) == after(unsure, in_danger("high_risk")).actions
    assert () == after(unsure).actions


def test_the_memory_survives_its_slot() -> None:
    """What is written to the slot is read back the same."""
    memory = in_danger("suicide", rules=("wish_to_die",), corrected=1)

    assert memory == Memory.from_slot(memory.as_slot())
    assert Memory() == Memory.from_slot(None)


@pytest.mark.parametrize("level", ["suicide", "high_risk", "child_at_risk", "abuse_disclosed"])
def test_just_now_makes_a_danger_an_emergency(level: str) -> None:
    """ "tonight probably", said after a danger, is read with it."""
    now = after(Turn("tonight probably", "nlu_fallback"), in_danger(level))

    assert now.danger is not None
    assert ("emergency", ("utter_danger",)) == (now.danger.level, now.actions)
    assert after(Turn("tonight probably", "nlu_fallback")).danger is None


def test_safe_now_is_no_correction() -> None:
    """The danger told was real: the contact stays, and the words fit."""
    now = after(Turn("im safe now at my mums", "inform_location"), in_danger("emergency"))

    assert now.danger is not None
    assert ("safe", ("utter_danger_followup",)) == (now.followup, now.actions)


def test_a_question_is_answered_though_the_person_is_safe_now() -> None:
    """With the contact at hand, as any question inside a danger."""
    now = after(
        Turn("im safe now just want to know why i still miss him", "ask_why_hard_to_leave"), in_danger("high_risk")
    )

    assert () == now.actions
    assert now.danger is not None


def test_how_to_clear_traces_erases_nothing_while_someone_watches() -> None:
    """Asked after being watched was told, it is a question for help."""
    question = Turn("how do i clear this", "delete_conversation")

    assert "what_now" == after(question, in_danger("monitored")).followup
    assert () == after(Turn("delete everything", "delete_conversation"), in_danger("monitored")).actions


def test_the_figures_of_a_story_are_in_no_danger_but_its_writer_may_be() -> None:
    """R16: fiction is told apart, until the person speaks of themselves."""
    writing = after(Turn("im writing a novel with a violent husband", "out_of_scope"))
    assert writing.fiction
    assert after(Turn("he locks the wife in the cellar", "describe_partner", level="high_risk"), writing).danger is None

    neighbour = Turn("hes beating her next door", "report_emergency", level="emergency")
    assert after(neighbour, writing).danger is not None

    told = after(Turn("ok its not a novel. he locks me in", "report_violence", level="high_risk"), writing)
    assert told.danger is not None


def test_a_guess_of_the_classifier_gives_way_to_a_correction_and_a_rule_does_not() -> None:
    """ "out of this JOB i mean" may still look like a danger to the classifier."""
    guessed = Turn("it was a joke", "deny", level="high_risk", rules=("classifier",), leaning_confidence=0.5)
    assert after(guessed, in_danger("high_risk")).danger is None

    sure = replace(guessed, rules=("strangulation",))
    assert ("utter_danger",) == after(sure, in_danger("high_risk")).actions
