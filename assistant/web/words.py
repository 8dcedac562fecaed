"""The words of the widget and of the pages: loads and checks `content/widget.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from assistant.content import ROOT, ContentError, Review, Strict, load, read


class Widget(Strict):
    """What the widget shows and tells; `widget/WORDS.md` says where."""

    title: str
    launcher: str
    close: str
    log: str
    exit: str
    exit_two_more: str
    exit_one_more: str
    exit_expired: str
    exit_loading: str
    before_title: str
    before: list[str] = Field(min_items=1)  # R6: what exit cannot do
    safety_link: str
    start: str
    input: str
    send: str
    choices: str
    assistant_said: str
    you_said: str
    contacts: str
    call: str = Field(fills="phone")
    text: str = Field(fills="number")
    text_keyword: str = Field(fills="keyword number")
    chat: str
    website: str
    new_tab: str
    slow: str
    offline: str
    failed: str
    numbers_for: str = Field(fills="region")
    again: str
    end: str
    ended: str
    ended_later: str


class Refused(Strict):
    """What is said when a message is not taken."""

    bad: str
    type: str
    too_long: str
    too_fast: str
    too_fast_here: str
    ended: str
    choice: str
    origin: str
    full: str
    not_ready: str
    not_found: str
    failed: str


class Section(Strict):
    """One part of the safety page."""

    heading: str
    says: list[str] = Field(min_items=1, fills="stop_word")


class Pages(Strict):
    """What the pages say beside the widget's words."""

    name: str
    title: str  # of every page: neutral, since it shows in the tab
    skip: str
    to_chat: str
    to_safety: str
    to_help: str
    heading: str
    lead: str
    points: list[str]
    chat_heading: str
    no_script: str
    help_heading: str
    help_lead: str
    region_note: str = Field(fills="region")
    about_heading: str
    about: list[str]
    before: list[str] = Field(min_items=1)  # as the widget's, for where there may be no script
    error_heading: str
    back: str
    safety_heading: str
    safety: list[Section]


class WidgetWords(Strict):
    """The file `content/widget.yml`."""

    widget: Widget
    refused: Refused
    offer: list[str]  # choices under the first words
    pages: Pages
    review: Review


@lru_cache(maxsize=4)
def load_words(root: Path = ROOT) -> WidgetWords:
    """Return the checked words of the folder `root`; raise `ContentError`."""
    words = read(root / "widget.yml", WidgetWords)
    answers = load(root).answers
    for target in words.offer:
        topic, _, item = target.partition("/")
        if topic not in answers or (item and answers[topic].item(item) is None):
            raise ContentError(f"{root.name}/widget.yml: offer: '{target}' leads to no answer")
    return words
