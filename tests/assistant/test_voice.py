"""Whose words a reply answers."""

from __future__ import annotations

import pytest

from assistant.voice import voice_of


@pytest.mark.parametrize(
    ("text", "intent", "level", "voice"),
    [
        # oneself
        ("he choked me last night", "report_violence", "high_risk", "self"),
        ("im 34 weeks pregnant and he pushed me", "report_violence", "high_risk", "self"),
        ("my mum hits me with a belt", "report_violence", "abuse_disclosed", "self"),
        # somebody else
        ("my sister's husband hits her", "concern_for_other", "abuse_disclosed", "other"),
        ("the woman next door, he is dragging her down the stairs", "report_emergency", "emergency", "other"),
        ("my best friend says she wants to die and i cant reach her", "express_suicidal", "suicide", "other"),
        # under age
        ("im 14 and my dad hits me", "report_child_risk", "child_at_risk", "child"),
        ("i'm in year 8, my stepdad comes in my room", "report_child_risk", "child_at_risk", "child"),
        # harm that was done, and a wish to harm
        ("i hit my girlfriend", "express_harm_others", "harm_to_others", "harmer"),
        ("my dad hurts my mom and i hide with my brother", "report_child_risk", "child_at_risk", "child"),
        ("my dad hits my kids when they stay with him", "report_child_risk", "child_at_risk", "other"),
        ("my sister told me her bf choked her", "report_violence", "high_risk", "other"),
        ("i shook my baby", "express_harm_others", "child_at_risk", "harmer"),
        ("i slapped my son again", "express_harm_others", "child_at_risk", "harmer"),
        ("i want to kill him for what he did", "express_harm_others", "harm_to_others", "self"),
    ],
)
def test_the_voice_is_heard(text: str, intent: str, level: str, voice: str) -> None:
    """Oneself, somebody else, a child, or someone who harms."""
    assert voice == voice_of(text, intent, level)


@pytest.mark.parametrize(
    ("text", "level", "voice"),
    [
        ("my brother in law beats my sister", "abuse_disclosed", "other"),
        ("my friends girlfriend hits him", "abuse_disclosed", "other"),
        ("my cousin told me she doesnt want to live anymore", "suicide", "other"),
        ("my daughter wants to die", "suicide", "other"),
        ("my mate has tried to kill himself twice", "suicide", "other"),
        ("my mum died and i want to be with her", "suicide", "self"),
        ("im scared for my brother, he wants to kill himself", "suicide", "other"),
        ("my sister just called me screaming he has a gun out", "emergency", "other"),
        ("my mum makes me want to die she shouts", "suicide", "self"),
        ("he is outside my friend is with me", "emergency", "self"),
        ("my mum is drunk and she is coming up the stairs", "emergency", "self"),
        ("my brother in law beats me", "abuse_disclosed", "self"),
    ],
)
def test_what_is_done_to_another_or_felt_by_them_is_theirs(text: str, level: str, voice: str) -> None:
    """Also where it is told of somebody's somebody, or reported."""
    assert voice == voice_of(text, "report_violence", level)
