"""Whom a person can reach: always, once, and by themselves when no answer comes."""

from __future__ import annotations

import pytest
from fake_server import CONTACTS, EMERGENCY
from visitor import Visitor


def test_contacts_are_cards_at_the_place_of_their_lines(someone: Visitor) -> None:
    """In an emergency the numbers come first, once, with links that call and the silent way."""
    someone.server.answers = lambda _: (200, {"messages": EMERGENCY})
    someone.begin().say("he is at the door")
    someone.log.get_by_text("This sounds like danger").wait_for()
    first, second = someone.log.locator(".theirs").all()[2:4]

    assert [link.get_attribute("href") for link in first.get_by_role("link").all()] == [
        "tel:999",
        "tel:08082000247",
        "https://www.nationaldahelpline.org.uk",
    ]
    assert "press 55 when asked" in first.inner_text()
    assert "call 999 (24/7)" not in someone.log.inner_text()
    assert ["p", "p"] == [node.evaluate("n => n.localName") for node in second.locator("p").all()]
    assert first.get_by_role("link").all()[2].get_attribute("rel") == "noopener noreferrer"


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        # no lines: the cards follow the message that has them
        ([{"text": "Yes.", "custom": {"contacts": CONTACTS[:1]}}, {"text": "No."}], ["Yes.", "CARDS", "No."]),
        # lines in the middle of a paragraph
        (
            [
                {
                    "text": "If things get worse:\nShout (by text): text SHOUT\n\nSo.",
                    "custom": {"contacts": CONTACTS[2:]},
                }
            ],
            ["If things get worse:", "CARDS", "So."],
        ),
        # lines in two messages: the cards once
        (
            [{"text": "Shout (by text): a"}, {"text": "Shout (by text): b", "custom": {"contacts": CONTACTS[2:]}}],
            ["CARDS"],
        ),
        # words only
        ([{"text": "One\n- a\n- b\n\nTwo"}, {"text": ""}, {}], ["One", "- a", "- b", "Two"]),
    ],
)
def test_lines_that_tell_contacts_give_way(someone: Visitor, messages: object, expected: list[str]) -> None:
    """Whichever way the server says them, a number is heard once."""
    someone.visit()
    blocks = someone.page.evaluate(
        "async (messages) => (await import('/widget/chat/log.js')).entries(messages).flatMap(({ blocks }) =>"
        " blocks.flatMap(({ lines, contacts }) => (contacts ? ['CARDS'] : lines)))",
        messages,
    )

    assert expected == blocks


def test_a_number_for_texts_brings_its_word(someone: Visitor) -> None:
    """ "85258 (SHOUT)" opens a text to 85258 that holds SHOUT."""
    someone.server.answers = lambda _: (
        200,
        {"messages": [{"text": "Here.", "custom": {"contacts": CONTACTS[2:], "region": "GB"}}]},
    )
    someone.begin().say("who can i text")

    link = someone.log.get_by_role("link", name="Text SHOUT to 85258")
    assert link.get_attribute("href") == "sms:85258?&body=SHOUT"


def test_numbers_come_by_themselves_when_the_answer_takes_long(someone: Visitor) -> None:
    """Eight seconds without a reply: the region's numbers; the reply still comes."""
    someone.page.clock.install()
    someone.server.delay = 3
    someone.begin().say("are you there")
    someone.log.locator(".mine").wait_for()
    someone.page.clock.run_for(6000)  # the clock also goes by itself, more on a busy machine
    assert someone.log.get_by_role("link").count() == 0
    someone.page.clock.run_for(2100)

    someone.log.get_by_text("The answer is taking long").wait_for()
    assert someone.log.get_by_role("link", name="Call 999").is_visible()
    someone.log.get_by_text("You said are you there").wait_for()


def test_offline_the_numbers_are_there_and_the_words_are_not_lost(someone: Visitor) -> None:
    """Without a connection the numbers show at once; what was written goes back into the field."""
    someone.begin()
    someone.errors.clear()
    someone.page.context.set_offline(True)
    someone.log.get_by_text("There is no connection").wait_for()
    assert someone.log.get_by_role("link", name="Call 999").is_visible()

    someone.say("please help")
    someone.page.wait_for_function("document.querySelector('linden-chat').shadowRoot.querySelector('textarea').value")
    assert someone.input.input_value() == "please help"
    assert someone.log.get_by_text("There is no connection").count() == 1
    assert someone.log.get_by_role("button", name="Someone may see this").is_enabled()

    someone.page.context.set_offline(False)
    someone.input.press("Enter")
    someone.log.get_by_text("You said please help").wait_for()
    someone.errors.clear()  # the browser's own line on the lost connection


@pytest.mark.parametrize("status", [413, 429, 503])
def test_what_the_server_refuses_is_said_with_numbers(someone: Visitor, status: int) -> None:
    """The server's own words, the numbers, and the text back in the field."""
    someone.server.answers = lambda _: (status, {"error": "That was very fast.", "contacts": []})
    someone.begin().say("hello")
    someone.log.get_by_text("That was very fast.").wait_for()

    assert someone.log.get_by_role("link", name="Call 999").is_visible()
    assert someone.input.input_value() == "hello"
    someone.errors.clear()  # the browser's own line on the status


def test_a_page_that_is_no_json_is_a_fault_with_numbers(someone: Visitor) -> None:
    """A proxy's fault page is not shown."""
    someone.begin()
    someone.page.route("**/api/message", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    someone.say("hello")

    someone.log.get_by_text("Something went wrong").wait_for()
    assert someone.log.get_by_role("link", name="Call 999").is_visible()
    someone.errors.clear()


def test_numbers_follow_the_person(someone: Visitor) -> None:
    """Who says that they are in Canada sees numbers for Canada, also when the server is out of reach then."""
    someone.server.answers = lambda _: (200, {"messages": [{"text": "Thank you.", "custom": {"region": "CA"}}]})
    someone.begin().say("i am in canada")
    someone.log.get_by_text("Thank you.").wait_for()
    someone.page.wait_for_load_state("networkidle")
    someone.page.context.set_offline(True)

    someone.log.get_by_role("link", name="Call 1-833-456-4566").wait_for()
    assert "999" not in someone.log.inner_text()
