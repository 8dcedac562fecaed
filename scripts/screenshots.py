"""Take the pictures of the widget in docs/images/: desktop, phone, emergency card, exit on its way.

With `--url http://127.0.0.1:5005` the pages of a running Linden are pictured, else those of the tests' small server.
Needs the development dependencies and Chromium (`apt-get install chromium`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT / "tests" / "widget"))


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a Linden that is running")
    url = parser.parse_args().url
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(parents=True, exist_ok=True)
    server = None if url else _server()
    path = os.environ.get("LINDEN_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            for name, width, height, take in PICTURES:
                page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=2)
                page.goto(url or server.url)
                take(page)
                page.screenshot(path=IMAGES / f"{name}.png")
                page.close()
                print(f"docs/images/{name}.png")
        finally:
            browser.close()
            if server:
                server.stop()


def _server() -> Any:
    from fake_server import EMERGENCY, FakeServer

    text = "<p>The waiting room is open from nine to five. You can come without an appointment.</p>" * 3
    server = FakeServer()
    server.pages["/"] = {"text": text}
    server.answers = lambda _: (200, {"messages": EMERGENCY})
    return server


def _begin(page: Any) -> None:
    """Start a conversation, in the panel or where the chat stands in the page."""
    page.evaluate("document.querySelector('.cookies')?.remove()")
    chat = page.locator("linden-chat")
    start = chat.get_by_role("button", name="Start", exact=True)
    launcher = chat.get_by_role("button", name="Chat", exact=True)
    start.or_(launcher).first.wait_for()
    if not start.is_visible():
        launcher.click()
    start.click()
    chat.get_by_label("Your message").wait_for()
    chat.get_by_role("log").locator(".choices").wait_for()


def _desktop(page: Any) -> None:
    _begin(page)


def _phone(page: Any) -> None:
    page.evaluate("document.querySelector('.cookies')?.remove()")
    chat = page.locator("linden-chat")
    start = chat.get_by_role("button", name="Start", exact=True)
    launcher = chat.get_by_role("button", name="Chat", exact=True)
    start.or_(launcher).first.wait_for()
    if not start.is_visible():
        launcher.click()
    start.scroll_into_view_if_needed()


def _emergency(page: Any) -> None:
    _begin(page)
    field = page.locator("linden-chat").get_by_label("Your message")
    field.fill("he is outside and has a knife")
    field.press("Enter")
    page.locator("linden-chat").get_by_role("link", name="Call").first.wait_for()


def _counting(page: Any) -> None:
    _begin(page)
    for _ in range(2):
        page.keyboard.press("Shift")


def _exit(page: Any) -> None:
    """The moment after the exit, before the next page is there."""
    _begin(page)
    page.locator("linden-chat linden-exit").get_by_role("link").evaluate("link => { link.click(); stop(); }")


PICTURES = [
    ("widget-desktop", 1280, 800, _desktop),
    ("widget-phone", 360, 740, _phone),
    ("widget-emergency", 360, 740, _emergency),
    ("widget-shift", 360, 740, _counting),
    ("widget-exit", 360, 740, _exit),
]

if __name__ == "__main__":
    main()
