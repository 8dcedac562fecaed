"""The short form of a reply, for text messages, where each part costs money.

A text message is sent in segments: 160 septets for one, 153 each for several, in the GSM alphabet (3GPP TS 23.038), 70
and 67 characters in any other script. An emergency takes at most two, everything else at most three.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.choices import LISTED, numbered
from assistant.content import SmsWords

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLE = frozenset("^{}\\[~]|€")
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "•": "-"})
MOST, MOST_URGENT = 3, 2  # segments
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Parts:
    """What a reply is made of: the `words` of the answer in order, and what stands around them."""

    words: Sequence[str]
    after: Sequence[str] = ()  # words that stand after the contacts
    contacts: Sequence[dict[str, Any]] = ()
    place: str = ""  # which place the contacts are for
    section: str = ""
    titles: Sequence[str] = ()  # of the choices
    goes_on: int | None = None  # which of the choices is to hear more
    opening: str = ""  # of a first reply
    frame: Sequence[str] = ()  # what a first reply must say beside
    before: str = ""  # said in this same turn
    urgent: bool = False
    danger: bool = False  # the contacts are the reply; else they are kept at hand


@dataclass
class Brief:
    """One text message, and what of the words did not fit in."""

    text: str
    rest: list[str] = field(default_factory=list)


def simple(text: str) -> str:
    """Return `text` in the GSM alphabet, as far as its script allows."""
    text = text.translate(PLAIN)
    plain = "".join(c if c in GSM | GSM_DOUBLE else _without_marks(c) for c in text)
    return plain.strip()


def _without_marks(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))


def segments(text: str) -> int:
    """Return in how many segments `text` is sent."""
    if all(c in GSM or c in GSM_DOUBLE for c in text):
        septets = len(text) + sum(c in GSM_DOUBLE for c in text)
        return 1 if septets <= 160 else math.ceil(septets / 153)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else math.ceil(units / 67)


class _Page:
    """A text message that is being filled: lines by slot, in the reading order of `ORDER`."""

    ORDER = ("opening", "first", "words", "contacts", "place", "frame", "after", "source", "choices")
    URGENT = ("opening", "contacts", "place", "words", "frame", "after", "source", "choices")

    def __init__(self, most: int, before: str, urgent: bool) -> None:
        self._most, self._before = most, before
        self._slots: dict[str, list[str]] = {name: [] for name in (self.URGENT if urgent else self.ORDER)}

    def text(self) -> str:
        """Return the message as it stands."""
        return "\n".join(filter(None, map(_joined, self._slots.values())))

    def add(self, slot: str, line: str, *, whatever: bool = False) -> bool:
        """Add `line` where there is room for it, or `whatever` there is, and return whether it was added."""
        if not line:
            return False
        self._slots[slot].append(line)
        if whatever or segments("\n".join(filter(None, [self._before, self.text()]))) <= self._most:
            return True
        self._slots[slot].pop()
        return False

    def fill(self, slot: str, lines: Sequence[str]) -> list[str]:
        """Add `lines` in order as long as they fit, and return those that are left."""
        for at, line in enumerate(lines):
            if not self.add(slot, line):
                return list(lines[at:])
        return []

    def drop(self, slot: str, line: str) -> None:
        """Take `line` out again."""
        self._slots[slot].remove(line)


def compose(parts: Parts, words: SmsWords) -> Brief:
    """Return `parts` as one text message that fits: what matters most goes in first, and stands in reading order."""
    page = _Page(MOST_URGENT if parts.urgent else MOST, simple(parts.before), parts.urgent)
    lines = contact_lines(parts.contacts, words)
    said, choices = units(parts.words), [simple(line) for line in numbered("", parts.titles)]
    page.add("opening", simple(parts.opening), whatever=True)
    if parts.danger:
        for line in lines[:1]:
            page.add("contacts", line, whatever=True)
        if not parts.urgent:
            page.fill("words", said[:1])
        page.fill("contacts", lines[1:])
        page.add("place", simple(parts.place))
        if parts.urgent:
            page.fill("place", [simple(c["silent"]) for c in parts.contacts if c.get("silent")][:1])
        page.fill("frame", [simple(line) for line in parts.frame])
        page.fill("words", said if parts.urgent else said[1:])
        left = choices if page.fill("choices", choices[:1]) else choices[1:]
        page.fill("after", units(parts.after))
        page.fill("choices", left)
        return Brief(page.text())
    for line in parts.frame:
        page.add("first", simple(line), whatever=True)
    page.add("source", simple(words.source.format(section=parts.section)) if parts.section else "", whatever=True)
    page.fill("contacts", lines[:1])
    said += units(parts.after)
    hinted = page.add("source", words.more)
    rest = page.fill("words", said)
    left = page.fill("choices", choices)
    told = parts.goes_on is not None and parts.goes_on < len(choices) - len(left)
    if hinted and (told or not rest):
        page.drop("source", words.more)
    page.fill("contacts", lines[1:])
    return Brief(page.text(), rest)


def units(parts: Sequence[str]) -> list[str]:
    """Return the sentences and list lines of `parts`, each of which is told whole or not at all."""
    return [simple(unit) for part in parts for unit in SENTENCE.split(part) if unit.strip()]


def _joined(lines: Sequence[str]) -> str:
    """Return sentences in one line; what begins a list, stands in it, or has a colon before its end, on its own."""
    text = ""
    for at, line in enumerate(lines):
        own_line = line.startswith("- ") or (at and lines[at - 1].startswith("- ")) or LISTED.search(line)
        text += ("\n" if own_line or not text.endswith((".", "!", "?", '."', '?"')) else " ") + line if text else line
    return text


def pages(rest: Sequence[str], words: SmsWords) -> Brief:
    """Return the next text message of what did not fit in, and what is still left."""
    fitted: list[str] = []
    for unit in rest:
        if fitted and segments("\n".join([_joined([*fitted, unit]), words.more])) > MOST:
            break
        fitted.append(unit)
    left = list(rest[len(fitted) :])
    return Brief("\n".join([_joined(fitted), *([words.more] if left else [])]), left)


def contact_lines(contacts: Sequence[dict[str, Any]], words: SmsWords) -> list[str]:
    """Return the contacts that can be called or texted in few characters, in their order."""
    several = sum(contact.get("kind") == "emergency" for contact in contacts) > 1
    return [line for contact in contacts if (line := _contact_line(contact, words, several))]


def _contact_line(contact: dict[str, Any], words: SmsWords, several: bool) -> str:
    name = words.emergency if contact.get("kind") == "emergency" and not several else contact["name"]
    phone = contact.get("phone", "")
    number, _, keyword = contact.get("sms", "").partition(" (")
    keyword = keyword.rstrip(")")
    if phone and number:
        form = words.call_or_text_keyword if keyword else words.call_or_text
    elif number:
        form = words.text_keyword if keyword else words.text
    elif phone:
        form = words.call
    else:
        return ""
    return simple(form.format(name=name, phone=phone, number=number, keyword=keyword))
