"""The widget's files: small, plain, and one with the words in content/."""

from __future__ import annotations

import gzip
import re

import pytest
from fake_server import ROOT, words

WIDGET = ROOT / "widget"
SCRIPTS = sorted(
    [
        WIDGET / "linden.js",
        *(path for part in ("chat", "quick-exit", "transport") for path in (WIDGET / part).glob("*.js")),
    ]
)
FORBIDDEN = {
    "HTML from text": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|createContextualFragment",
    "code from text": r"\beval\b|new Function|\bimport\(",
    "storage": r"localStorage|sessionStorage|indexedDB|\bcaches\b|\bcookie\b|serviceWorker",
    "history": r"pushState|replaceState|location\.(hash|assign|href\s*=)",
    "inline style": r"[\"']style[\"']|cssText",
    "another origin": r"https?://(?!www\.bbc\.co\.uk/weather)",
    "noise": r"Notification|new Audio|vibrate|console\.log",
}


def test_the_widget_is_small() -> None:
    """All of it, each file by itself as it travels, is at most 15 kB gzipped."""
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in SCRIPTS) <= 15_000


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_the_code_has_no(kind: str) -> None:
    """What must not happen cannot be written."""
    code = {path.name: re.sub(r"(?<!:)//.*", "", path.read_text(encoding="utf-8")) for path in SCRIPTS}

    assert [] == [
        (name, found[0])
        for name, text in code.items()
        if (found := re.search(FORBIDDEN[kind], re.sub(r"/\*.*?\*/", "", text, flags=re.S)))
    ]


def test_transport_knows_no_page_and_chat_no_server() -> None:
    """The three parts do not know each other; linden.js joins them."""
    text = {
        part: "".join(path.read_text(encoding="utf-8") for path in (WIDGET / part).glob("*.js"))
        for part in ("transport", "chat", "quick-exit")
    }

    assert not re.search(r"\bdocument\b|\bwindow\b|import ", text["transport"])
    assert not re.search(r"\bfetch\b|sendBeacon|api/", text["chat"] + text["quick-exit"])
    assert not re.search(r"from \"\.\./", "".join(text.values()))


def test_words_are_the_ones_in_content() -> None:
    """Every word that the code reads is in content/widget.yml and in WORDS.md, and the reverse."""
    listed = set(re.findall(r"^\| `(\w+)`", (WIDGET / "WORDS.md").read_text(encoding="utf-8"), re.M))
    code = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    read = {name for name in listed if re.search(rf"words\??\.{name}\b|#words\.{name}\b|\b{name}\b", code)}

    assert listed == set(words()) == read
    assert set(re.findall(r"words\.(\w+)", code)) <= listed | {"language", "replace"}


@pytest.mark.parametrize("part", ["", "chat", "quick-exit", "transport"])
def test_each_part_says_what_it_is(part: str) -> None:
    """Each folder has a short README."""
    assert 5 < len((WIDGET / part / "README.md").read_text(encoding="utf-8").splitlines()) < 150
