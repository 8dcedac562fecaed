"""Replies say whom it is about, and never assume anybody."""

from __future__ import annotations

import pytest

from assistant.content import load
from assistant.people import People

PEOPLE = People(load().people)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("my mum shouts at me all day", "mother"),
        ("is my wife a narcissist", "wife"),
        ("my abusive ex husband keeps texting", "ex"),
        ("my mother in law checks my fridge", "mother_in_law"),
        ("me mam never lets me out", "mother"),
        ("my church wont let me see my family", "group"),
        ("My toxic best friend drops me whenever", "friend"),
    ],
)
def test_the_person_that_the_writer_names_is_meant(text: str, person: str) -> None:
    """With a word or two between."""
    assert person == PEOPLE.find(text)


@pytest.mark.parametrize(
    "text",
    [
        "he is so nice and then awful",
        "my sister says i should leave him",
        "my dad thinks she is bad for me",
        "my sister's boyfriend is mean",
        "my sisters husband hits her",
        "my girlfriend and my mum fight",
        "my dad hit her",
    ],
)
def test_nobody_is_assumed(text: str) -> None:
    """Nobody named, somebody who advises, two people, or another than the one whom the words speak of."""
    assert "" == PEOPLE.find(text)


def test_a_reply_names_the_person_and_is_known_again() -> None:
    """Naming can be undone, so that the same words are not said twice in a row."""
    text = "The other person may promise. You know the other person's moods."
    named = PEOPLE.name(text, "mother")

    assert "Your mother may promise. You know your mother's moods." == named
    assert text == PEOPLE.unname(named)
    assert text == PEOPLE.name(text, "")
