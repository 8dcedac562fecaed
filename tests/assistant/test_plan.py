"""The safety plan: one question at a time, at any moment skipped, gone back in, interrupted or stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.content import load
from assistant.dialogue import Danger, Memory, Turn, decide
from assistant.plan import LONGEST, Plan, advance
from assistant.reply import Replies, State

CONTENT = load()
WORDS = CONTENT.plan
STEPS = [step.id for step in WORDS.steps]
ALL = len(STEPS)


def through(*texts: str, plan: Plan | None = None) -> tuple[Plan | None, str]:
    """Return the plan after typing `texts`, and the last kind of reply."""
    kind, now = "begin", plan or Plan()
    for text in texts:
        assert now is not None
        now, kind = advance(now, text, "", WORDS)
    return now, kind


def after(turn: Turn, memory: Memory, topic: str = "") -> Memory:
    return decide(turn, memory, content=CONTENT, handed_out=True, topic=topic)


def making(**more: object) -> Memory:
    plan = Plan(situation="living", step=2, notes={"people": "my sister", "places": "the shop"})
    return Memory(turn=5, device="answered", plan=replace(plan, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "situation"),
    [
        ("I live with them", "living"),
        ("1", "living"),
        ("still living with him", "living"),
        ("im planning to leave", "leaving"),
        ("i left in march", "left"),
        ("we share kids", "contact"),
        ("idk", "unsure"),
        ("skip", "unsure"),
    ],
)
def test_the_situation_is_understood_as_typed(text: str, situation: str) -> None:
    """By title, number or plain words."""
    plan, kind = through(text)

    assert plan is not None
    assert (situation, 0, "ask") == (plan.situation, plan.step, kind)


def test_a_situation_that_is_not_understood_is_asked_again() -> None:
    """Nothing is guessed."""
    assert (Plan(), "again") == through("purple")


def test_a_whole_plan_ends_with_its_summary() -> None:
    """What was typed stands there as typed, and what was skipped is left open."""
    answers = [f"note {i}" if i % 2 else "skip" for i in range(ALL)]
    plan, kind = through("1", *answers)

    assert plan is not None
    assert "summary" == kind
    assert {id: f"note {i}" for i, id in enumerate(STEPS) if i % 2} == plan.notes


def test_back_keeps_what_was_noted_and_asks_again() -> None:
    """Nothing typed is lost."""
    plan, kind = through("1", "my sister", "back")

    assert plan is not None
    assert (0, "back", {"people": "my sister"}) == (plan.step, kind, plan.notes)


@pytest.mark.parametrize("number", ["2", "change 2", "number 2", "no 2"])
def test_one_point_is_corrected_from_the_summary(number: str) -> None:
    """And the summary comes back."""
    shown = Plan("living", ALL, {"people": "ann", "places": "old"})
    plan, kind = through(number, plan=shown)
    assert plan is not None
    assert (1, "change") == (plan.step, kind)

    plan, kind = through("the library", plan=plan)
    assert plan is not None
    assert ("summary", {"people": "ann", "places": "the library"}) == (kind, plan.notes)
    plan, _ = through("2", "skip", plan=plan)
    assert plan is not None
    assert {"people": "ann"} == plan.notes


@pytest.mark.parametrize("word", ["stop", "Stop it!", "never mind", "cancel"])
def test_stopped_nothing_is_kept(word: str) -> None:
    """At any question."""
    assert (None, "stopped") == through("1", "my sister", word)


def test_a_long_note_is_cut() -> None:
    """A plan stays readable."""
    plan, _ = through("1", "a " * LONGEST)

    assert plan is not None
    assert len(plan.notes["people"]) <= LONGEST


# --- inside a conversation


@pytest.mark.parametrize(
    ("turn", "topic"),
    [
        (Turn("/ask_safety_plan", "ask_safety_plan", command=True, choice="plan_start"), ""),
        (Turn("help me make a safety plan", "ask_safety_plan"), ""),
        (Turn("yes", "affirm"), "ask_safety_plan"),
    ],
)
def test_a_plan_begins(turn: Turn, topic: str) -> None:
    """By button, in words, or with a yes to the offer."""
    now = after(turn, Memory(turn=2, device="answered"), topic)

    assert (Plan(), "begin", ("utter_plan",)) == (now.plan, now.followup, now.actions)


def test_an_answer_is_noted_also_while_a_danger_is_remembered() -> None:
    """ "yes, my sister" is an answer here, and not a yes to the danger."""
    memory = replace(making(), danger=Danger("high_risk"))
    now = after(Turn("yes, when he drinks", "affirm"), memory)

    assert now.plan is not None
    assert "yes, when he drinks" == now.plan.notes["worse"]
    assert now.danger is not None


def test_a_danger_wins_and_the_plan_waits() -> None:
    """Nothing typed is lost; going on asks the same question again."""
    now = after(Turn("he is coming up the stairs", "report_emergency", level="emergency"), making())
    assert ("utter_danger",) == now.actions
    assert now.plan == making(paused=True).plan

    on = after(Turn("go on with my plan", "ask_more"), now)
    assert ("again", making().plan) == (on.followup, on.plan)


def test_a_question_is_answered_and_the_plan_waits() -> None:
    """Ask something else and come back."""
    now = after(Turn("what is love bombing?", "ask_love_bombing", confidence=0.97), making())
    assert ((), making(paused=True).plan) == (now.actions, now.plan)

    answered = after(Turn("and is that a sign", "ask_signs", confidence=0.9), now)
    assert ((), making(paused=True).plan) == (answered.actions, answered.plan)
    pressed = Turn("/ask_safety_plan", "ask_safety_plan", command=True, choice="plan_resume")
    assert making().plan == after(pressed, answered).plan


def test_a_town_is_no_situation_but_may_be_where_somebody_can_go() -> None:
    """At the first question it sets the region; at a later one it is a note."""
    town = Turn("im in bristol", "inform_location", confidence=0.95)

    begun = after(town, replace(making(), plan=Plan()))
    assert ((), Plan(paused=True)) == (begun.actions, begun.plan)

    later = after(town, making())
    assert later.plan is not None
    assert "im in bristol" == later.plan.notes["worse"]


def test_words_of_the_article_are_an_answer_where_they_are_no_question() -> None:
    """A note that sounds like a topic stays a note."""
    now = after(Turn("my support group on mondays", "ask_community", confidence=0.99), making())

    assert now.plan is not None
    assert "my support group on mondays" == now.plan.notes["worse"]


@pytest.mark.parametrize("intent", ["goodbye", "delete_conversation"])
def test_leaving_and_erasing_are_no_notes(intent: str) -> None:
    """What the rules do with them is theirs."""
    now = after(Turn("…bye", intent, confidence=0.95), making())

    assert ((), making(paused=True).plan) == (now.actions, now.plan)


def test_the_stop_word_ends_a_plan_with_everything_else() -> None:
    """R9."""
    assert Memory(actions=("action_stop",)) == after(Turn("umbrella", "out_of_scope"), making())


def test_a_plan_survives_its_slot() -> None:
    """What is written to the memory is read back the same."""
    assert making() == Memory.from_slot(making().as_slot())


# --- in words


def said(memory: Memory) -> str:
    return Replies(CONTENT, "GB").plan(State(memory=memory)).text


@pytest.mark.parametrize("situation", list(WORDS.situation.choices))
def test_every_question_is_short_and_can_be_skipped_or_stopped(situation: str) -> None:
    """One question at a time, at most 600 characters before contacts (R26)."""
    for n in range(ALL):
        memory = Memory(plan=Plan(situation, n), followup="noted")
        reply = Replies(CONTENT, "GB").plan(State(memory=memory))
        words = [part for part in reply.parts if "999" not in part]

        assert sum(map(len, words)) <= 600
        assert 1 == " ".join(words).partition(WORDS.steps[n].ideas[:10])[0].count("?")
        assert {"Skip", "Stop the plan"} <= {button["title"] for button in reply.buttons}


def test_the_summary_shows_what_was_typed_and_why_there_is_no_download() -> None:
    """R10."""
    plan = Plan("living", ALL, {"people": "my sister Ann"})
    text = said(Memory(plan=plan, followup="summary"))

    assert "1. People I trust: my sister Ann" in text
    assert "2. Safer places and ways out: (left open)" in text
    assert "download" in text


def test_the_last_question_brings_numbers() -> None:
    """Whom to call, right for the region."""
    assert "999" in said(Memory(plan=Plan("living", ALL - 1), followup="noted"))


def test_an_empty_plan_says_so() -> None:
    """Shown before anything was noted."""
    assert WORDS.nothing in said(Memory(plan=Plan("living", ALL), followup="summary"))
    assert said(Memory(plan=None, followup="stopped")) in WORDS.stopped


def test_the_last_question_is_called_so_only_once_it_was_asked() -> None:
    """Not where the plan is shown half-way."""
    replies = Replies(CONTENT, "GB")
    asked = [replies.plan(State(memory=Memory(plan=Plan("living", n), followup="noted"))).text for n in (2, ALL - 1)]
    shown = State(said=asked[:1], memory=Memory(plan=Plan("living", ALL, {"people": "ann"}), followup="summary"))

    assert WORDS.at_end not in replies.plan(shown).text
    assert WORDS.at_end in replies.plan(replace(shown, said=asked)).text
