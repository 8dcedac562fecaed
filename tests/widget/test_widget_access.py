"""Access: axe finds nothing in any state; small windows, forced colours, right-to-left, reduced motion (R35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_server import EMERGENCY, real_pages
from visitor import Visitor


@pytest.fixture(scope="module")
def axe() -> Any:
    """Return axe-core, every rule of it."""
    return pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()


def faults(axe: Any, visitor: Visitor) -> list[str]:
    found = axe.run(visitor.page).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary')}" for fault in found for node in fault["nodes"]
    ]


def closed(visitor: Visitor) -> None:
    visitor.page_exit.wait_for()


def before(visitor: Visitor) -> None:
    visitor.open()


def chat(visitor: Visitor) -> None:
    visitor.open().start().say("hello")
    visitor.log.get_by_text("You said hello").wait_for()


def emergency(visitor: Visitor) -> None:
    visitor.server.answers = lambda _: (200, {"messages": EMERGENCY})
    visitor.open().start().say("he is at the door")
    visitor.log.get_by_role("link", name="Call 999").wait_for()


def offline(visitor: Visitor) -> None:
    visitor.open().start()
    visitor.page.context.set_offline(True)
    visitor.log.get_by_role("link", name="Call 999").wait_for()
    visitor.page.context.set_offline(False)


def counting(visitor: Visitor) -> None:
    visitor.open()
    visitor.press_shift(2)


def unreachable(visitor: Visitor) -> None:
    visitor.page.route("**/api/words*", lambda route: route.abort())
    visitor.page.reload()
    visitor.page.evaluate("document.querySelector('.cookies').remove()")
    visitor.open()
    visitor.errors.clear()


STATES = [closed, before, chat, emergency, offline, counting, unreachable]


@pytest.mark.parametrize("state", STATES, ids=[state.__name__ for state in STATES])
@pytest.mark.parametrize("window", [(1280, 800), (320, 568)], ids=["desk", "phone"])
def test_axe_finds_nothing(
    axe: Any, arrive: Callable[..., Visitor], state: Callable[[Visitor], None], window: tuple[int, int]
) -> None:
    """All rules, best practices included, on a page with the widget in each of its states."""
    visitor = arrive(*window).visit("/access", attributes="", text="<p>Words.</p>")
    visitor.page.evaluate("document.querySelector('.cookies').remove()")
    state(visitor)

    assert [] == faults(axe, visitor)


def test_axe_finds_nothing_inline_in_the_dark_and_right_to_left(axe: Any, arrive: Callable[..., Visitor]) -> None:
    """The other layout, the other colours, the other direction."""
    visitor = arrive(color_scheme="dark").visit("/dark", attributes="inline", html='dir="rtl"', text="<p>Words.</p>")
    visitor.page.evaluate(
        "() => { document.documentElement.style.colorScheme = 'dark'; document.querySelector('.cookies').remove(); }"
    )
    visitor.start().say("hello")
    visitor.log.get_by_text("You said hello").wait_for()

    assert [] == faults(axe, visitor)
    assert visitor.log.evaluate("node => getComputedStyle(node).color") == "rgb(236, 239, 241)"


@pytest.mark.parametrize("path", ["/", "/safety", "/chat", "/nothing"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_axe_finds_nothing_on_the_pages(axe: Any, arrive: Callable[..., Visitor], path: str, script: bool) -> None:
    """Of the demo site and of the conversation without script, each with its skip link and its exit."""
    visitor = arrive()
    visitor.server.html = real_pages(visitor.server.exit)
    if not script:
        visitor.page.route("**/*.js", lambda route: route.abort())
    visitor.visit(path)
    visitor.page.wait_for_load_state("networkidle")

    assert [] == faults(axe, visitor)
    visitor.errors.clear()  # the browser's own lines on what was blocked


def test_the_skip_link_leaves_the_exit_free(arrive: Callable[..., Visitor]) -> None:
    """R1: without script, 320 px wide, with the focus on it."""
    visitor = arrive(320, 568, java_script_enabled=False)
    visitor.server.html = real_pages(visitor.server.exit)
    visitor.visit("/safety")
    visitor.page.keyboard.press("Tab")
    skip = visitor.page.locator(".skip")

    assert visitor.focused().startswith("a Go to the main part")
    assert visitor.on_top(skip)
    assert visitor.on_top(visitor.page.locator("a.exit"))


def test_a_low_window_is_left_to_the_words(arrive: Callable[..., Visitor]) -> None:
    """At 400 % zoom (320 x 256) heading, exit and Close share one line."""
    visitor = arrive(320, 256).visit().open()
    header = visitor.chat.locator("header")

    assert header.bounding_box()["height"] < 0.25 * 256
    assert visitor.chat.get_by_role("button", name="Close").bounding_box()["width"] > 44
    assert visitor.chat.get_by_role("heading", name="Chat").bounding_box()["width"] > 30


def test_right_to_left_mirrors_the_layout(someone: Visitor) -> None:
    """Exit, launcher and panel are on the left then, and each message takes its direction from its own letters."""
    someone.begin("/rtl", html='dir="rtl"').say("مرحبا")
    someone.log.get_by_text("You said مرحبا").wait_for()

    assert someone.page_exit.bounding_box()["x"] < 50
    assert someone.chat.locator("dialog").bounding_box()["x"] < 50
    assert someone.log.locator(".mine p").evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert someone.log.locator(".theirs p").first.evaluate("node => getComputedStyle(node).direction") == "ltr"


def test_on_a_small_window_the_keyboard_stays_in_the_panel(arrive: Callable[..., Visitor]) -> None:
    """The panel is modal there: nothing behind it can get the focus, unseen."""
    visitor = arrive(320, 568).visit().open()
    for _ in range(8):
        visitor.page.keyboard.press("Tab")
        at = visitor.page.evaluate("document.activeElement.localName")
        assert at in ("linden-chat", "body")


def test_turning_the_device_keeps_the_panel_and_the_focus(someone: Visitor) -> None:
    """From a wide window to a small one and back: open, same focus, exit in sight."""
    someone.begin().input.fill("half a thought")
    for size in ((360, 640), (1280, 800)):
        someone.page.set_viewport_size({"width": size[0], "height": size[1]})
        someone.page.wait_for_timeout(100)
        assert someone.chat.get_by_role("dialog").is_visible()
        assert someone.focused().startswith("textarea")
        assert someone.on_top(someone.panel_exit)
    assert someone.on_top(someone.page_exit)


def test_nothing_moves_for_who_wants_no_motion(arrive: Callable[..., Visitor]) -> None:
    """The dots of the typing indicator stand still then, and breathe otherwise."""
    for motion, expected in (("reduce", "none"), ("no-preference", "breathe")):
        visitor = arrive(reduced_motion=motion).begin()
        visitor.server.delay = 0.5
        visitor.say("hello")
        dot = visitor.chat.locator(".typing i").first
        dot.wait_for()
        assert expected == dot.evaluate("node => getComputedStyle(node).animationName")
        visitor.log.get_by_text("You said hello").wait_for()


def test_forced_colours_keep_edges(arrive: Callable[..., Visitor]) -> None:
    """Buttons, messages and the exit have an edge where backgrounds are taken away."""
    visitor = arrive(forced_colors="active").begin()
    visitor.say("hello")
    visitor.log.get_by_text("You said hello").wait_for()
    for part in (visitor.panel_exit, visitor.log.locator(".mine"), visitor.chat.get_by_role("button", name="Send")):
        edge = part.evaluate(
            "node => { const s = getComputedStyle(node); return [s.borderTopStyle, s.borderTopColor, s.backgroundColor]; }"
        )
        assert edge[0] == "solid"
        assert edge[1] != edge[2]


def test_targets_are_large_enough_for_a_thumb(arrive: Callable[..., Visitor]) -> None:
    """Buttons and links to call are at least 24 px high (WCAG 2.2, 2.5.8), the exit and the main buttons 44 px."""
    visitor = arrive(360, 640, has_touch=True)
    visitor.server.answers = lambda _: (200, {"messages": EMERGENCY})
    visitor.visit().open().start().say("he is at the door")
    visitor.log.get_by_role("link", name="Call 999").wait_for()
    heights = visitor.chat.locator("button:visible, .ways a:visible").evaluate_all(
        "nodes => nodes.map((n) => n.getBoundingClientRect().height)"
    )

    assert min(heights) >= 24
    assert visitor.panel_exit.bounding_box()["height"] >= 44
