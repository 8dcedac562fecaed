"""Leaving: at once, without a trace on the screen, by link, button and Shift."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_server import real_pages
from playwright.sync_api import expect
from visitor import EMPTY, STORED, Visitor

SECRET = "he took my keys"


def talked(visitor: Visitor) -> Visitor:
    visitor.begin().say(SECRET)
    visitor.log.get_by_text(f"You said {SECRET}").wait_for()
    return visitor


def test_exit_is_a_plain_link_without_script(arrive: Callable[..., Visitor]) -> None:
    """Tested first, as it must work first."""
    visitor = arrive(java_script_enabled=False)
    visitor.visit(
        "/page",
        before=f'<linden-exit><a href="{visitor.server.exit}" rel="noreferrer">Leave this page</a></linden-exit>',
    )
    visitor.page.get_by_role("link", name="Leave this page").first.click()
    visitor.page.wait_for_url("**/weather")


def test_exit_leaves_nothing(someone: Visitor) -> None:
    """The page is replaced, the server told, nothing stored; Back does not lead to the chat (R2 to R5)."""
    page = someone.page
    page.goto("about:blank")
    talked(someone)
    length = page.evaluate("history.length")
    someone.panel_exit.click()
    page.wait_for_url("**/weather")

    assert length == page.evaluate("history.length")
    assert someone.server.sent_to("/api/end") == ["a-token"]
    beacon = next(headers for _, path, headers, _ in someone.server.asked if path == "/api/end")
    assert beacon["Content-Type"].startswith("text/plain")
    weather = next(headers for _, path, headers, _ in someone.server.asked if path == "/weather")
    assert "Referer" not in weather
    assert EMPTY == page.evaluate(STORED)
    assert page.context.cookies() == []
    page.go_back(wait_until="commit")
    assert page.url == "about:blank"


def test_the_page_s_own_exit_does_the_same(someone: Visitor) -> None:
    """It is above the open panel and above the page's cookie notice."""
    talked(someone)
    assert someone.on_top(someone.page_exit)
    someone.page_exit.click()
    someone.page.wait_for_url("**/weather")

    assert someone.server.sent_to("/api/end") == ["a-token"]


def test_content_is_gone_in_the_same_frame(someone: Visitor) -> None:
    """Before any network answer: right after the click the document holds one neutral word, title included (R3)."""
    talked(someone)
    someone.page.route("**/weather", lambda route: None)  # the network never answers
    left = someone.panel_exit.evaluate(
        "(link) => { const chat = document.querySelector('linden-chat'); link.click();"
        " const alert = document.querySelector('[role=alert]').innerText;"
        " const icons = [...document.querySelectorAll('[rel~=icon]')].map((icon) => icon.href);"
        " return [document.documentElement.textContent, alert, document.title, chat.shadowRoot.textContent, chat.isConnected,"
        " icons]; }"
    )
    assert left[:3] == ["LoadingLoading", "Loading", "Loading"]
    assert SECRET not in left[3]
    assert left[4] is False
    assert left[5] == ["data:,"]  # without any, a browser asks for the site's own


def test_exit_works_without_a_network(someone: Visitor) -> None:
    """Offline, the chat is gone all the same, and Back does not bring it."""
    talked(someone)
    someone.page.context.set_offline(True)
    someone.panel_exit.click()
    someone.page.wait_for_url("chrome-error://**")
    someone.errors.clear()

    assert SECRET not in someone.page.content()
    someone.page.context.set_offline(False)


@pytest.mark.parametrize("no_store", [True, False])
def test_leaving_by_another_link_and_coming_back_shows_an_empty_chat(someone: Visitor, no_store: bool) -> None:
    """Back, also out of the back-forward cache: the conversation is over on both sides, and a new one can begin."""
    someone.server.no_store = no_store
    talked(someone)
    someone.page.evaluate("globalThis.same = true")
    someone.page.goto(f"{someone.server.url}/weather")
    someone.page.wait_for_timeout(200)  # a beacon takes its own time
    assert someone.server.sent_to("/api/end") == ["a-token"]
    someone.page.go_back(wait_until="commit")
    someone.chat.get_by_role("button", name="Chat", exact=True).wait_for()

    assert someone.page.evaluate("globalThis.same === true") is not no_store
    assert SECRET not in someone.chat.evaluate("chat => chat.shadowRoot.textContent")
    someone.open().start()
    assert SECRET not in someone.chat.evaluate("chat => chat.shadowRoot.textContent")


def test_a_page_restored_whole_shows_an_empty_chat(someone: Visitor) -> None:
    """`pageshow` with `persisted`: nothing of before is there, in the text field neither."""
    talked(someone)
    someone.input.fill("half a thought")
    someone.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    assert SECRET not in someone.chat.evaluate("chat => chat.shadowRoot.textContent")
    assert someone.input.input_value() == ""
    assert not someone.chat.get_by_role("dialog").is_visible()


@pytest.mark.parametrize("scroll", [0, 300, 100_000])
def test_exit_is_in_sight_at_every_scroll_position(arrive: Callable[..., Visitor], scroll: int) -> None:
    """At 320 px, with a cookie notice of the highest z-index, and whatever the page's own style says (R1)."""
    visitor = arrive(320, 480).visit()
    visitor.page_exit.wait_for()
    visitor.page.evaluate(f"scrollTo(0, {scroll})")

    assert visitor.on_top(visitor.page_exit)


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 800), (1280, 560), (360, 640), (320, 480), (320, 256), (640, 360)]
)
def test_exit_is_in_sight_in_the_open_panel(arrive: Callable[..., Visitor], width: int, height: int) -> None:
    """Before the first message, in the conversation and at both of its ends; 320 x 256 is 400 % zoom."""
    visitor = arrive(width, height).visit().open()
    assert visitor.on_top(visitor.panel_exit)
    visitor.start().say("hello " * 60)
    visitor.log.get_by_text("You said hello").wait_for()
    for end in (0, 100_000):
        for part in (visitor.log, visitor.chat.locator(".panel")):
            part.evaluate(f"node => node.scrollTop = {end}")
        assert visitor.on_top(visitor.panel_exit)
    assert visitor.page_exit.is_hidden() or visitor.on_top(visitor.page_exit)
    overflow = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


def test_a_cookie_notice_that_comes_later_does_not_cover_it(someone: Visitor) -> None:
    """Not even one in the top layer."""
    someone.visit()
    someone.page_exit.wait_for()
    someone.page.evaluate(
        "() => { const notice = document.createElement('div'); notice.popover = 'manual'; notice.id = 'late';"
        " notice.textContent = 'We like cookies'; document.body.append(notice); notice.showPopover();"
        " const sheet = new CSSStyleSheet(); sheet.replaceSync('#late { inset: 0; width: 100vw; height: 100vh }');"
        " document.adoptedStyleSheets.push(sheet); }"
    )
    someone.page.wait_for_timeout(100)

    assert someone.on_top(someone.page_exit)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("https://example.org/news", "https://example.org/news"), ("javascript:alert(1)", None), ("", None)],
)
def test_the_exit_target_can_be_set(someone: Visitor, given: str, expected: str | None) -> None:
    """By attribute; what is no web address is not taken."""
    someone.visit("/target", attributes=f'exit="{given}"').open()

    assert (expected or someone.server.exit) == someone.panel_exit.get_attribute("href")
    assert (expected or someone.server.exit) == someone.page_exit.get_attribute("href")


def test_a_page_with_its_own_exit_gets_no_second_one(someone: Visitor) -> None:
    """`<linden-exit>` of the page stays the one of the page, with its own words and target."""
    someone.visit("/own", before='<linden-exit><a href="/weather">Quick way out</a></linden-exit>')
    someone.chat.get_by_role("button", name="Chat", exact=True).wait_for()

    assert someone.page.locator("linden-exit:not([inline])").count() == 1
    someone.page.get_by_role("link", name="Quick way out").click()
    someone.page.wait_for_url("**/weather")


def test_leaving_does_not_wait_for_a_broken_farewell(someone: Visitor) -> None:
    """Whatever fails on the way out, the page is gone."""
    someone.visit()
    someone.page.evaluate("() => { navigator.sendBeacon = () => { throw new Error('broken'); }; }")
    someone.open().start().panel_exit.click()
    someone.page.wait_for_url("**/weather")
    someone.errors.clear()


def test_a_page_with_an_exit_in_its_text_gets_one_in_sight_too(arrive: Callable[..., Visitor]) -> None:
    """R1: an `inline` exit scrolls away."""
    visitor = arrive().visit("/own", before='<linden-exit inline><a href="/weather">Quick way out</a></linden-exit>')
    exit = visitor.page.locator("body > linden-exit:not([inline])").get_by_role("link")
    exit.wait_for()

    assert visitor.on_top(exit)


def test_no_page_can_ask_whether_to_stay(someone: Visitor) -> None:
    """A page's `beforeunload` opens no dialog on the way out."""
    talked(someone)
    asked = []
    someone.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    someone.page.evaluate(
        "() => { const ask = (event) => { event.preventDefault(); event.returnValue = 'x'; };"
        " addEventListener('beforeunload', ask); onbeforeunload = ask; }"
    )
    someone.page_exit.click()
    someone.page.wait_for_url("**/weather")

    assert asked == []


def test_a_word_of_the_exit_says_its_language(someone: Visitor) -> None:
    """On a French page the exit's English is read as English, the page's own words as French."""
    someone.visit("/fr", html='lang="fr"')
    someone.page.evaluate("document.documentElement.lang = 'fr'")
    part = someone.page.locator("body > linden-exit > div, body > linden-exit div").first
    assert part.get_attribute("lang") == "en"

    someone.page.evaluate(
        "() => { const own = document.createElement('linden-exit'); const link = document.createElement('a');"
        " link.href = '/weather'; link.textContent = 'Partir'; own.append(link); document.body.append(own); }"
    )
    own = someone.page.locator("linden-exit", has_text="Partir")
    assert own.locator("div").get_attribute("lang") == "fr"
    assert own.get_by_role("status").get_attribute("lang") == "en"


def test_in_a_frame_the_page_around_it_leaves_too(someone: Visitor) -> None:
    """Where it is of the same site, or the browser allows it."""
    someone.server.html["/around"] = (
        '<!doctype html><title>Around</title><iframe src="/inner" width="600" height="600">'
    )
    someone.server.page("/inner")
    someone.visit("/around")
    exit = someone.page.frame_locator("iframe").locator("body > linden-exit").get_by_role("link")
    expect(exit).to_have_attribute("href", someone.server.exit)  # the server has been asked
    exit.click()
    someone.page.wait_for_url("**/weather")


def test_the_exit_of_the_plain_page_does_not_wait_for_the_server(someone: Visitor) -> None:
    """With script: the conversation is ended by a beacon, and the exit leads straight to the neutral page."""
    someone.server.html = real_pages(someone.server.exit)
    someone.page.goto("about:blank")
    someone.visit("/chat")
    someone.page.route("**/leave/*", lambda route: route.abort())
    length = someone.page.evaluate("history.length")
    someone.page_exit_in_bar.click()
    someone.page.wait_for_url("**/weather")

    assert someone.server.sent_to("/api/end") == ["a-token"]
    assert not [url for url in someone.requests if "/leave/" in url]
    assert length == someone.page.evaluate("history.length")


def test_the_links_within_a_page_add_no_entry(someone: Visitor) -> None:
    """R4, on the demo page: they lead to their place all the same."""
    someone.server.html = real_pages(someone.server.exit)
    someone.visit("/")
    someone.chat.get_by_role("button", name="Start", exact=True).wait_for()
    length = someone.page.evaluate("history.length")
    someone.page.get_by_role("link", name="Go to the chat").click()
    someone.page.wait_for_url("**/#write")

    assert length == someone.page.evaluate("history.length")
    assert someone.page.evaluate("scrollY") > 0


def test_the_demo_page_shows_one_exit(someone: Visitor) -> None:
    """The one in the bar; the chat in the page brings none of its own, and is no higher than its words."""
    someone.server.html = real_pages(someone.server.exit)
    someone.visit("/")
    start = someone.chat.get_by_role("button", name="Start", exact=True)
    start.wait_for()

    assert someone.page.get_by_role("link", name="Leave this page").count() == 1
    panel, end = someone.chat.locator(".panel").bounding_box(), start.bounding_box()
    assert panel["y"] + panel["height"] - end["y"] - end["height"] < 40


def test_coming_back_to_the_plain_page_does_not_show_what_was_said(someone: Visitor) -> None:
    """Not even where the browser kept the page whole."""
    someone.server.no_store = False
    someone.server.html = real_pages(someone.server.exit)
    someone.visit("/chat")
    someone.page.evaluate("document.querySelector('.lines').append('my secret'); globalThis.same = true")
    someone.page.goto(f"{someone.server.url}/weather")
    someone.page.go_back(wait_until="commit")
    someone.page.get_by_role("heading", name="Write here").wait_for()

    assert someone.page.evaluate("globalThis.same") is None
    assert "my secret" not in someone.page.content()
