"""The element on somebody else's page: one line, attributes, and what stands in for it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fake_server import ROOT, FakeServer
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


def snippet(page: str) -> str:
    """Return what `page` of the documentation tells an operator to paste."""
    return re.findall(r"```html\n(.*?)\n```", (ROOT / page).read_text(encoding="utf-8"), re.S)[0]


def embed(visitor: Visitor) -> None:
    """Put it on a page, as documented."""
    pasted = snippet("docs/EMBEDDING.md").replace("https://chat.example.org", visitor.server.url)
    head = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A page</title>'
    visitor.server.html["/clinic"] = f"{head}<body><h1>A page of the clinic</h1>{pasted}</body></html>"


def test_there_is_one_snippet_and_its_numbers_are_right() -> None:
    """In both places; the numbers are those of its region."""
    numbers = (ROOT / "content" / "regions" / "gb.yml").read_text(encoding="utf-8")

    assert snippet("docs/EMBEDDING.md") == snippet("widget/README.md")
    assert [] == [call for call in re.findall(r">Call ([\d ]+)<", snippet("docs/EMBEDDING.md")) if call not in numbers]


@pytest.mark.parametrize("fault", ["script is off", "the widget is blocked"])
def test_the_snippet_alone_has_exit_and_numbers(arrive: Callable[..., Visitor], fault: str) -> None:
    """When nothing of ours comes, or runs."""
    visitor = arrive(java_script_enabled=fault != "script is off")
    embed(visitor)
    visitor.page.route("**/widget/**", lambda route: route.abort())
    visitor.visit("/clinic")

    for number in ("999", "0808 2000 247"):
        assert visitor.page.get_by_role("link", name=f"Call {number}").is_visible()
    link = visitor.page.get_by_role("link", name="Leave this page")
    assert link.get_attribute("href") == "https://www.bbc.co.uk/weather"
    assert visitor.page.get_by_role("link", name="plain page").is_visible()
    visitor.errors.clear()  # the browser's own line on what was blocked


@pytest.mark.parametrize("fault", ["refused", "hanging"])
def test_without_words_the_snippet_s_numbers_are_in_the_panel(someone: Visitor, fault: str) -> None:
    """At once where the server cannot be reached, after eight seconds where it does not answer; the exit works."""
    embed(someone)
    someone.page.clock.install()
    someone.page.route("**/api/words*", lambda route: route.abort() if fault == "refused" else None)
    someone.visit("/clinic")
    someone.page_exit.wait_for()
    assert someone.page.get_by_role("link", name="Call 999").is_visible() or fault == "refused"
    if fault == "hanging":
        someone.page.clock.run_for(8100)
    someone.open()

    assert someone.page.get_by_role("link", name="Call 999").is_visible()
    assert someone.page.get_by_role("link", name="Call 0808 2000 247").is_visible()
    assert someone.page_exit.get_attribute("href") == "https://www.bbc.co.uk/weather"
    assert someone.on_top(someone.page_exit)
    someone.errors.clear()


def test_words_that_come_late_are_taken(someone: Visitor) -> None:
    """After eight seconds without, an open panel gets them, and the conversation can begin."""
    embed(someone)
    held = []
    someone.page.clock.install()
    someone.page.route("**/api/words*", lambda route: held.append(route))
    someone.visit("/clinic")
    someone.page_exit.wait_for()
    someone.page.clock.run_for(8100)
    someone.open()
    held[0].continue_()

    someone.start()
    assert someone.chat.locator("header linden-exit").get_by_role("link").get_attribute("href") == someone.server.exit


def test_the_launcher_is_in_sight_in_a_container_that_moves(arrive: Callable[..., Visitor]) -> None:
    """A transformed or clipped container holds what is `fixed` in it, but not what is in the top layer."""
    visitor = arrive(320, 480)
    visitor.visit("/moved", text="<p>Words.</p>" * 200)
    visitor.page.evaluate(
        "() => { const box = document.createElement('div'); document.body.prepend(box);"
        " const sheet = new CSSStyleSheet(); sheet.replaceSync('div { transform: translateX(0); overflow: hidden }');"
        " document.adoptedStyleSheets.push(sheet); box.append(document.querySelector('linden-chat')); scrollTo(0, 2000); }"
    )
    launcher = visitor.chat.get_by_role("button", name="Chat", exact=True)
    launcher.wait_for()

    assert visitor.on_top(launcher)
    visitor.open().chat.get_by_role("button", name="Close").click()
    assert visitor.on_top(launcher)


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
