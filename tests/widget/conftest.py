"""One browser for the tests of the widget: Debian's Chromium, driven by Playwright; without it they are skipped by name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_server import FakeServer
from visitor import Visitor


# Each module has its own: Playwright keeps an event loop running in this thread, which other tests must not meet.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a running Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("LINDEN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("no Chromium here: apt-get install chromium")
    with api.sync_playwright() as playwright:
        # With its back-forward cache, as people have it; Playwright would switch that off.
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Return a server of its own for one test."""
    server = FakeServer()
    yield server
    server.stop()


@pytest.fixture
def arrive(browser: Any, server: FakeServer) -> Iterator[Callable[..., Visitor]]:
    """Return a function that lets a person arrive, with a window as given; in the end no error may have been reported."""
    contexts, visitors = [], []

    def come(width: int = 1280, height: int = 800, **options: Any) -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(5000)
        contexts.append(context)
        visitors.append(Visitor(context.new_page(), server))
        return visitors[-1]

    yield come
    for context in contexts:
        context.close()
    assert [[] for _ in visitors] == [visitor.errors for visitor in visitors]


@pytest.fixture
def someone(arrive: Callable[..., Visitor]) -> Visitor:
    """Return a person at a desk."""
    return arrive()
