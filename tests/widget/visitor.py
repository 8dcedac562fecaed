"""A person with a browser window."""

from __future__ import annotations

from typing import Any

from fake_server import FakeServer

# What a page can leave behind in a browser, and what that is when nothing is left.
STORED = """async () => ({
  cookies: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: globalThis.caches ? (await caches.keys()).length : 0,
})"""
EMPTY = {"cookies": "", "local": 0, "session": 0, "databases": 0, "caches": 0}


class Visitor:
    """A person with a browser window: what they do, and what they can see."""

    def __init__(self, page: Any, server: FakeServer) -> None:
        self.page, self.server = page, server
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.chat = page.locator("linden-chat")
        self.log = self.chat.get_by_role("log")
        self.input = self.chat.get_by_label("Your message")
        self.panel_exit = self.chat.locator("linden-exit").get_by_role("link")
        self.page_exit = page.locator("body > linden-exit:not([inline])").get_by_role("link")
        self.page_exit_in_bar = page.locator(".bar linden-exit").get_by_role("link")

    def visit(self, path: str = "/", **parts: str) -> Visitor:
        if parts:
            self.server.page(path, **parts)
        self.page.goto(self.server.url + path)
        return self

    def open(self) -> Visitor:
        self.chat.get_by_role("button", name="Chat", exact=True).click()
        return self

    def start(self) -> Visitor:
        self.chat.get_by_role("button", name="Start", exact=True).click()
        self.log.get_by_text("Could someone else see").wait_for()
        return self

    def begin(self, path: str = "/", **parts: str) -> Visitor:
        return self.visit(path, **parts).open().start()

    def say(self, words: str) -> None:
        self.input.fill(words)
        self.input.press("Enter")

    def press_shift(self, times: int) -> None:
        for _ in range(times):
            self.page.keyboard.press("Shift")

    def focused(self) -> str:
        """Return tag and words of what has the focus, through all shadow roots."""
        return self.page.evaluate(
            "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
            " return `${at.localName} ${at.textContent.trim() || at.id}`; }"
        )

    def on_top(self, element: Any) -> bool:
        """Tell whether nothing covers `element`: its middle and corners belong to it."""
        return element.evaluate(
            """(link) => {
              const { left, right, top, bottom } = link.getBoundingClientRect();
              if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return false;
              const points = [[left + 8, top + 8], [right - 8, bottom - 8], [(left + right) / 2, (top + bottom) / 2]];
              return points.every(([x, y]) => {
                let at = document.elementFromPoint(x, y);
                while (at?.shadowRoot) {
                  const inner = at.shadowRoot.elementFromPoint(x, y);
                  if (!inner || inner === at) break;
                  at = inner;
                }
                return link.contains(at);
              });
            }"""
        )
