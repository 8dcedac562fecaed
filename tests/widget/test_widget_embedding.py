"""The element on somebody else's page: one line, attributes, and what stands in for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_server import FakeServer
from visitor import Visitor


def test_it_works_on_a_page_of_another_origin(arrive: Callable[..., Visitor]) -> None:
    """One line embeds it; the server is where the script came from."""
    host = FakeServer()
    visitor = arrive()
    home = visitor.server
    host.origins, home.origins = [home.url], [host.url]
    address = host.page("/", widget=home.url)
    try:
        visitor.page.goto(address)
        visitor.open().start().say("hello")
        visitor.log.get_by_text("You said hello").wait_for()
    finally:
        host.stop()

    assert {host.url, home.url} == {"/".join(url.split("/")[:3]) for url in visitor.requests}


def test_without_a_server_the_page_shows_its_own_words(someone: Visitor) -> None:
    """The content of the element, here numbers, stands in; it can be tried again."""
    someone.page.route("**/api/words*", lambda route: route.abort())
    someone.visit().open()
    assert someone.page.get_by_text("Numbers: 999").is_visible()

    someone.page.unroute("**/api/words*")
    someone.chat.get_by_role("button", name="Try again").click()
    someone.chat.get_by_role("button", name="Start", exact=True).wait_for()
    assert someone.focused() == "h2 Chat"
    someone.errors.clear()


def test_attributes_set_title_place_and_language(someone: Visitor) -> None:
    """`title` names the panel without a label under the pointer; `region` and `language` reach the server."""
    someone.begin("/set", attributes='title="Ask us" region="GB" language="en-GB" position="start"')

    assert someone.chat.get_by_role("heading", name="Ask us").is_visible()
    assert someone.chat.get_attribute("title") is None
    assert someone.chat.locator("dialog").bounding_box()["x"] < 100
    assert '{"region":"GB"}' in someone.server.sent_to("/api/session")
    assert any(path == "/api/words?region=GB&language=en-GB" for _, path, _, _ in someone.server.asked)


# The site's own colours.
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('accent="#123456"', "rgb(18, 52, 86)"),  # under white, 12.7:1
        ('accent="#fd0"', "rgb(29, 92, 87)"),  # refused: 1.3:1 under white
        ('accent="#fd0" accent-text="#111"', "rgb(255, 221, 0)"),
        ('accent="#777" accent-text="#888"', "rgb(29, 92, 87)"),  # refused: 1.3:1
        ('accent="#ffffff" accent-text="#767676"', "rgb(255, 255, 255)"),  # 4.54:1
        ('accent="#ffffff" accent-text="#777777"', "rgb(29, 92, 87)"),  # 4.48:1
        ('accent="red"', "rgb(29, 92, 87)"),  # not #rrggbb
    ],
)
def test_colours_that_cannot_be_read_are_refused(someone: Visitor, attributes: str, expected: str) -> None:
    """A pair below 4.5:1 falls back to the widget's own."""
    someone.visit("/colour", attributes=attributes)
    launcher = someone.chat.get_by_role("button", name="Chat", exact=True)

    assert expected == launcher.evaluate("node => getComputedStyle(node).backgroundColor")


def test_inline_it_stands_in_the_page(someone: Visitor) -> None:
    """No launcher and no close button; Esc does nothing there."""
    someone.visit("/inline", attributes="inline").start().say("hello")
    someone.log.get_by_text("You said hello").wait_for()
    someone.input.press("Escape")

    assert someone.log.is_visible()
    assert someone.chat.get_by_role("button", name="Close").count() == 0
    assert someone.page.evaluate("scrollY") < 1 or someone.on_top(someone.page_exit)


def test_without_script_the_element_is_a_plain_link(arrive: Callable[..., Visitor]) -> None:
    """R36: the link in the element, and the numbers."""
    visitor = arrive(java_script_enabled=False).visit("/plain", html="")
    link = visitor.page.get_by_role("link", name="Leave this page")
    assert link.get_attribute("href") == "/weather"
