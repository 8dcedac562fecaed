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
