"""Numbers and titles that choose."""

from __future__ import annotations

import pytest

from assistant.choices import chosen, first_number, number_of, numbered, parsed, payload

SHOWN = [{"text": "Hello", "buttons": []}, {"text": "What next?", "buttons": [
    {"title": "Signs in yourself", "payload": "/ask_signs"}, {"title": "Tell me more", "payload": "/ask_more"},
]}]  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    ["2", " 2 ", "2.", "two", "TWO", "#2", "number 2", "option two", "the second", "the second one", "2 please"],
)
def test_what_chooses_the_second(typed: str) -> None:
    """As people answer a list."""
    assert "/ask_more" == chosen(typed, SHOWN)


@pytest.mark.parametrize(
    "typed", ["22", "3", "0", "2 kids", "there are two of them", "1 or 2", "", "one day he will", "-", "to"]
)
def test_what_chooses_nothing(typed: str) -> None:
    """A number in a sentence is no choice."""
    assert "" == chosen(typed, SHOWN)


def test_a_title_chooses() -> None:
    """Without regard to case and signs."""
    assert "/ask_signs" == chosen("signs in YOURSELF!", SHOWN)


def test_numbers_go_on_where_a_list_in_the_words_ends() -> None:
    """In a summary "2" is its second point."""
    text = "Your plan\n1. People: my aunt\n2. Places: the shop"

    assert 3 == first_number(text)
    assert ["3. Go back", "4. Stop"] == numbered(text, ["Go back", "Stop"])
    shown = [{"text": text, "buttons": SHOWN[1]["buttons"]}]
    assert "" == chosen("2", shown)
    assert "/ask_more" == chosen("4", shown)


def test_a_payload_is_read_as_it_was_written() -> None:
    """Intent and entities."""
    read = parsed(payload("ask_signs", item="covers_up"))

    assert {"name": "ask_signs", "confidence": 1.0} == read["intent"]
    assert [{"entity": "item", "value": "covers_up"}] == read["entities"]


@pytest.mark.parametrize(("typed", "number"), [("10", 10), ("ten", 10), ("tenth", 10), ("eleven", 0)])
def test_numbers_up_to_ten_have_words(typed: str, number: int) -> None:
    """More choices are never shown."""
    assert number == number_of(typed)
