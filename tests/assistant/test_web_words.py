"""The words of widget and pages: complete, plain, and silent about what this is where a glance may fall on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.content import ROOT, ContentError, load
from assistant.lint import MOST_GRADE, NUMBER, grade
from assistant.reply import Replies
from assistant.text import words as split
from assistant.web.cards import Cards, dialled
from assistant.web.pages import Pages
from assistant.web.words import load_words

TELLING = re.compile(r"trauma|abus|violen|bond|partner|relationship|safe|help|leave h", re.IGNORECASE)


def texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from texts(inner, f"{place}.{i}")


ALL = [(place, text) for place, text in texts(load_words().dict()) if not place.startswith(".review")]


@pytest.mark.parametrize(("place", "text"), ALL, ids=[place for place, _ in ALL])
def test_every_text_is_plain_and_holds_no_number(place: str, text: str) -> None:
    """R26; numbers live in content/regions/ only."""
    assert len(split(text)) < 8 or grade(text) <= MOST_GRADE
    assert not NUMBER.search(text)


def test_what_a_glance_may_fall_on_tells_nothing() -> None:
    """R3: title, launcher, exit."""
    loaded = load_words()

    glanced = [loaded.pages.title, loaded.pages.name, loaded.pages.heading]
    glanced += [value for key, value in loaded.widget.dict().items() if key in ("title", "launcher", "close", "exit") or key.startswith("exit_")]  # fmt: skip
    assert [] == [text for text in glanced if TELLING.search(text)]


def test_before_the_first_message_it_is_told_what_the_exit_cannot_do() -> None:
    """R6 and R7, in the widget and on the plain page."""
    for told in (load_words().widget.before, load_words().pages.before):
        said = " ".join(told)
        assert all(
            word in said for word in ("history", "spy app", "device", "suspicious", "another tab", "Calls and texts")
        )


def test_the_safety_page_says_what_is_kept() -> None:
    """As docs/SETTINGS.md has it: sealed, an hour at most, not what was typed, counts without words."""
    said = " ".join(text for section in load_words().pages.safety for text in section.says)

    assert all(
        word in said for word in ("sealed", "at most an hour", "What you type is not kept", "safety plan", "counts")
    )
    assert "in its memory" not in said
    assert "no counters" not in said


def test_every_word_that_the_widget_asks_for_is_there() -> None:
    """As widget/WORDS.md lists them."""
    page = (ROOT.parent / "widget" / "WORDS.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))

    assert asked == set(load_words().widget.dict())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("  send: Send\n", ""), "widget.yml: widget.send: field required"),
        (("  send: Send\n", "  send: Send\n  sned: Send\n"), "widget.yml: widget.sned: extra fields not permitted"),
        (("offer: [", "offer: ask_signs #["), "widget.yml: offer"),
    ],
)
def test_a_mistake_is_named_with_its_place(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    """For the person who edits the file."""
    text = (ROOT / "widget.yml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "widget.yml").write_text(text.replace(*change), encoding="utf-8")

    with pytest.raises(ContentError, match=re.escape(message)):
        load_words(tmp_path)


def test_the_first_choices_lead_somewhere() -> None:
    """Each is an answer of content/answers/."""
    assert set(load_words().offer) <= set(load().answers)


@pytest.fixture(scope="module")
def replies() -> Replies:
    return Replies(load(), "US")


def test_a_contact_in_a_message_becomes_a_card_with_links(replies: Replies) -> None:
    """Of every region and kind, also where it is reached in silence."""
    cards = Cards(load_words().widget, replies)
    for code in replies.content.regions:
        for card in replies.regions.contacts(code, ["emergency", "domestic_abuse", "suicide_crisis"]):
            shown = cards.words(f"before\n{replies.line(card)}\nafter")
            assert 'class="cards"' in shown
            assert "<p>before</p>" in shown
            assert "<p>after</p>" in shown
            assert 2 == shown.count("<p>")
            assert not card.get("phone") or f'href="tel:{dialled(card["phone"])}"' in shown


def test_a_number_is_dialled_without_its_ornaments() -> None:
    """Stars, signs and spaces as phones read them."""
    assert "+18007997233" == dialled("+1 (800) 799-7233")
    assert "*4141" == dialled("*4141")
    assert "%238891" == dialled("#8891")


def test_the_pages_need_every_word_of_their_class(replies: Replies) -> None:
    """A word that no page shows is one that nobody can review."""
    pages = Pages(load_words(), replies, "https://example.org/x")
    contacts = replies.regions.contacts(None, ["emergency"])
    shown = pages.site(contacts) + pages.safety(contacts) + pages.chat(contacts) + pages.error("x", contacts)
    for place, text in texts(load_words().pages.dict()):
        assert "{" in text or text.replace('"', "&quot;").replace("'", "&#x27;") in shown, place
