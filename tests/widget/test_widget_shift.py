"""Leaving by Shift three times, and by nothing that looks like it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from visitor import Visitor


def test_shift_three_times_leaves(someone: Visitor) -> None:
    """Also while writing; progress is told to eyes and screen readers."""
    someone.begin()
    someone.input.focus()
    status = someone.chat.locator("linden-exit").get_by_role("status")
    dots = someone.chat.locator("linden-exit .dots .on")
    someone.press_shift(1)
    assert (status.inner_text(), dots.count()) == ("Shift, press 2 more times to leave.", 1)
    someone.press_shift(1)
    assert (status.inner_text(), dots.count()) == ("Shift, press 1 more time to leave.", 2)
    assert someone.page.locator("body > linden-exit").get_by_role("status").inner_text() == ""  # told once
    someone.press_shift(1)
    someone.page.wait_for_url("**/weather")

    assert someone.server.sent_to("/api/end") == ["a-token"]


def test_shift_works_with_the_panel_closed(someone: Visitor) -> None:
    """The page's exit tells it then."""
    someone.visit()
    expect(someone.page_exit).to_have_attribute("href", someone.server.exit)  # the server has been asked
    someone.press_shift(1)
    assert (
        someone.page.locator("body > linden-exit").get_by_role("status").inner_text()
        == "Shift, press 2 more times to leave."
    )
    someone.press_shift(2)
    someone.page.wait_for_url("**/weather")


def test_the_timer_starts_anew_with_each_press(someone: Visitor) -> None:
    """Five seconds from the last press, then the count is given up and that is told."""
    someone.page.clock.install(time=0)
    someone.visit()
    expect(someone.page_exit).to_have_attribute("href", someone.server.exit)  # the server has been asked
    someone.page.clock.pause_at(600)  # seconds; else it also goes by itself, more on a busy machine
    status = someone.page.locator("body > linden-exit").get_by_role("status")
    someone.press_shift(1)
    someone.page.clock.run_for(4900)
    someone.press_shift(1)
    someone.page.clock.run_for(4900)
    assert status.inner_text() == "Shift, press 1 more time to leave."
    someone.page.clock.run_for(200)
    assert status.inner_text() == "Not left. You can press Shift three times again."
    someone.press_shift(2)
    assert someone.page.url == f"{someone.server.url}/"
    someone.page.clock.run_for(5100)
    someone.page.clock.run_for(5100)
    assert status.inner_text() == ""


@pytest.mark.parametrize(
    "keys",
    [
        ["Shift", "Shift", "a", "Shift"],  # another key in between
        ["Shift+A", "Shift+B", "Shift+C"],  # capitals
        ["Shift+Tab", "Shift+Tab", "Shift+Tab"],
        ["Control+Shift", "Control+Shift", "Control+Shift"],  # keyboard layouts
        ["Shift", "Escape", "Shift", "Shift"],
    ],
)
def test_shift_with_other_keys_does_not_leave(someone: Visitor, keys: list[str]) -> None:
    """Only Shift alone counts, three times in a row."""
    someone.visit()
    for key in keys:
        someone.page.keyboard.press(key)
    someone.page.wait_for_timeout(50)

    assert someone.page.url == f"{someone.server.url}/"


def test_the_page_cannot_keep_the_keys_back(someone: Visitor) -> None:
    """Whatever it stops on its way down to what is typed in."""
    someone.begin()
    someone.page.evaluate(
        "for (const kind of ['keydown', 'keyup']) addEventListener(kind, (event) => event.stopPropagation(), true)"
    )
    someone.press_shift(3)
    someone.page.wait_for_url("**/weather")


def test_fast_capitals_do_not_leave(someone: Visitor) -> None:
    """Shift down, I down, Shift up, I up: a fast typist lets go of Shift first."""
    someone.begin()
    keyboard = someone.page.keyboard
    for _ in range(4):
        for act, key in ((keyboard.down, "Shift"), (keyboard.down, "I"), (keyboard.up, "Shift"), (keyboard.up, "I")):
            act(key)

    assert someone.input.input_value() == "IIII"
