"""How a typed message is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text import MAX_CHARACTERS, key, normalise, sentences, windows


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("he\u2019s  here\n\nnow", "he's here now"),  # quotes and white space
        ("I\u200bm", "I m"),  # invisible signs
        ("noooooo", "noo"),  # a letter held down
        ("ｈｅｌｐ", "help"),  # full-width letters
        ("x" + "y1" * 5000, ("x" + "y1" * 5000)[:MAX_CHARACTERS]),  # far too long
    ],
)
def test_a_message_is_read_in_one_spelling(typed: str, read: str) -> None:
    """Words stay as typed; their dress does not."""
    assert read == normalise(typed)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """No text raises, and reading twice changes nothing more."""
    once = normalise(text)

    assert once == normalise(once)
    assert len(once) <= MAX_CHARACTERS
    windows(once)


def test_two_messages_are_the_same_to_a_reader() -> None:
    """Case and signs do not count."""
    assert key("Why  do I stay?!") == key("why do i stay")


def test_sentences_are_cut_at_their_ends() -> None:
    """Full stops, questions and line ends."""
    assert ["He left.", "Why?", "ok"] == sentences("He left. Why?\nok")


def test_every_word_of_a_long_message_is_in_a_window() -> None:
    """People write without full stops; nothing in the middle is lost."""
    text = " ".join(f"w{i}" for i in range(200))

    seen = {word for window in windows(text, 30) for word in window.split()}

    assert set(text.split()) == seen
    assert all(len(window.split()) <= 30 for window in windows(text, 30))
