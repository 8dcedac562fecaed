"""Text as markup: everything is escaped, and nothing but the templates of `widget/pages/` is markup already."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import lru_cache
from string import Template

from assistant.settings import ROOT

TEMPLATES = ROOT / "widget" / "pages"


class Html(str):
    """Text that is markup already; every other text is escaped."""


@lru_cache(maxsize=16)
def template(name: str) -> Template:
    """Return the template `name` of widget/pages/."""
    return Template((TEMPLATES / f"{name}.html").read_text(encoding="utf-8").strip())


def markup(value: str) -> str:
    """Return `value` as markup that shows just its characters."""
    return value if isinstance(value, Html) else html.escape(value)


def fill(name: str, /, **values: str) -> Html:
    """Return the template `name` with `values`, escaped."""
    return Html(template(name).substitute({key: markup(value) for key, value in values.items()}))


def element(tag: str, content: str, /, **attributes: str) -> Html:
    """Return an element; an attribute `class_` is `class`, an empty one is left out."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value}
    told = "".join(f' {key}="{html.escape(value)}"' for key, value in given.items())
    return Html(f"<{tag}{told}>{markup(content)}</{tag}>")


def join(parts: Iterable[str]) -> Html:
    """Return `parts` one after another."""
    return Html("\n".join(markup(part) for part in parts))
