"""The safety plan that a person makes: which question is next, what has been noted. Pure; words in content/plan.yml.

A plan is part of the conversation's memory and goes with it. Whatever is typed while a question is open is its
answer, but for the few words that lead (skip, back, stop, show), a danger, and a question to the assistant, which
are decided before (`assistant.dialogue`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from assistant.content import PlanContent
from assistant.text import key, normalise

LONGEST = 400  # characters of one note
CHOICE = "plan_"  # what the choices of a plan begin with, beside their intent
NUMBER = re.compile(r"(?:change|number|no|point|edit|step|nr|#)?\s*(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True)
class Plan:
    """How far a plan is: `step` counts the questions, -1 for the situation, all of them once it is shown."""

    situation: str = ""
    step: int = -1
    notes: Mapping[str, str] = field(default_factory=dict)
    paused: bool = False
    changing: bool = False  # the open question was asked again from the summary

    def as_slot(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_slot(cls, value: dict[str, Any] | None) -> Plan | None:
        return cls(**value) if value else None


def control(text: str, choice: str, words: PlanContent) -> str:
    """Return which leading word is said (skip, back, stop, show, resume), or an empty string."""
    if choice.startswith(CHOICE):
        return choice.removeprefix(CHOICE)
    said = key(normalise(text))
    leading = {name: [*listed, words.choices.get(name, "")] for name, listed in words.words.items()}
    return next((name for name, listed in leading.items() if said and said in map(key, listed)), "")


def situation_of(text: str, choice: str, words: PlanContent) -> str:
    """Return the situation that a button or typed words name, a number of the list included, or an empty string."""
    names = list(words.situation.choices)
    if choice.removeprefix(CHOICE) in names:
        return choice.removeprefix(CHOICE)
    said = key(normalise(text))
    if said.isdigit() and 0 < int(said) <= len(names):
        return names[int(said) - 1]
    for name, title in words.situation.choices.items():
        if said == key(title):
            return name
    padded = f" {said} "
    return next((name for name in names if any(f" {key(w)} " in padded for w in words.situation.words[name])), "")


def advance(plan: Plan, text: str, choice: str, words: PlanContent) -> tuple[Plan | None, str]:
    """Return the plan after a message, None once it was stopped, and what is said: the reply's kind.

    Kinds: ask (the first question), noted, skipped, back, again (the same question anew), change, summary, stopped.
    """
    said, last = control(text, choice, words), len(words.steps)
    if said == "stop":
        return None, "stopped"
    if said == "show":
        return replace(plan, step=last, changing=False, paused=False), "summary"
    if plan.paused or said == "resume":
        return replace(plan, paused=False), "summary" if plan.step >= last else "again"
    if said == "back":
        return replace(plan, step=max(-1, min(plan.step, last) - 1), changing=False), "back"
    if plan.step < 0:
        situation = situation_of(text, choice, words)
        if not situation and said != "skip":
            return plan, "again"
        return replace(plan, situation=situation or "unsure", step=0), "ask"
    if plan.step >= last:
        number = NUMBER.fullmatch(key(normalise(text)))
        if number and 0 < int(number[1]) <= last:
            return replace(plan, step=int(number[1]) - 1, changing=True), "change"
        return plan, "summary"
    notes, id = dict(plan.notes), words.steps[plan.step].id
    if said == "skip":
        if plan.changing:
            notes.pop(id, None)
    else:
        notes[id] = " ".join(normalise(text)[:LONGEST].split())
    following = last if plan.changing else plan.step + 1
    kind = "summary" if following >= last else "skipped" if said == "skip" else "noted"
    return replace(plan, notes=notes, step=following, changing=False), kind
