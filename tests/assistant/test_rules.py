"""The engine of the reviewed rules, on rules of its own."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.content import LEVELS, ROOT
from assistant.rules import Rules

WORDS = {"same": {"u": "you", "kms": "kill myself"}, "lists": {"me": ["me", "myself"]}}
CONTEXTS = {
    "stop": ["but"],
    "contexts": [
        {"category": "denied", "direction": "forward", "reach": 4, "any": ["never|not"]},
        {"category": "fiction", "direction": "message", "any": ["in the film"]},
    ],
}


def rules_of(tmp_path: Path, *phrases: str) -> Rules:
    folder = tmp_path / "screen"
    folder.mkdir()
    rule = {
        "id": "choked", "why": "a rule for tests", "any": list(phrases), "unless": ["denied", "fiction"],
        "matches": ["x"], "spares": ["y"],
    }  # fmt: skip
    files = {level: {"rules": [{**rule, "id": level, "any": ["zzz"]}]} for level in LEVELS[:-1]}  # each has to have one
    files |= {"words": WORDS, "contexts": CONTEXTS, "high_risk": {"rules": [rule]}}
    for name, data in files.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(data))
    return Rules(tmp_path)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        # dictionary forms, in any case
        ("choke @me", "He CHOKED me", True),
        ("choke @me", "he chokes himself", False),
        # misspellings, only where asked for
        ("~strangle @me", "he strangeld me", True),
        ("strangle @me", "he strangeld me", False),
        # one form, an optional word, a gap, an open place
        ("=beat @me", "he beats me", False),
        ("hit? choke @me", "choke me", True),
        ("hand ... throat", "hands tight round my throat", True),
        ("hand ... throat", "hands. my poor sore little throat", False),
        ("choke * @me", "he choked poor me", True),
        # contexts: before, with an end, and for the whole message
        ("choke @me", "he never choked me", False),
        ("choke @me", "he did not come but choked me", True),
        ("choke @me", "in the film he choked me", False),
    ],
)
def test_a_phrase_finds_what_it_says(tmp_path: Path, phrase: str, text: str, found: bool) -> None:
    """The notation of compile_phrase, and the reach of contexts."""
    assert found == bool(rules_of(tmp_path, phrase).find(text))


def test_a_match_says_where(tmp_path: Path) -> None:
    """Offsets count characters of the message."""
    text = "last night he choked me"
    (match,) = rules_of(tmp_path, "choke @me").find(text)

    assert ("high_risk", "choked", "choked me") == (match.level, match.rule, text[match.start : match.end])


@pytest.fixture(scope="module")
def real() -> Rules:
    """Return the project's own rules."""
    return Rules(ROOT)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_screened(real: Rules, text: str) -> None:
    """No Unicode raises."""
    real.find(text)


def test_two_thousand_characters_are_screened_in_fifty_milliseconds(real: Rules) -> None:
    """The slowest of a few kinds of text, once its words are known; the best of three runs."""
    texts = ["he put his hand on my knee and then we went home again " * 36, "me " * 666, "a.b," * 500]
    for text in texts:
        real.find(text[:2000])
        runs = []
        for _ in range(3):
            begun = time.perf_counter()
            real.find(text[:2000])
            runs.append(time.perf_counter() - begun)
        assert min(runs) < 0.05


def test_every_rule_matches_and_spares_what_it_says(real: Rules) -> None:
    """The sentences kept with each rule are its tests."""
    wrong = []
    for id, (_, rule) in real.rules.items():
        wrong += [(id, "must match", s) for s in rule.matches if id not in {m.rule for m in real.find(s)}]
        wrong += [(id, "must spare", s) for s in rule.spares if id in {m.rule for m in real.find(s)}]

    assert [] == wrong


def test_copying_content_keeps_the_rules(tmp_path: Path) -> None:
    """An organisation's own folder of content works as the project's does."""
    shutil.copytree(ROOT / "screen", tmp_path / "screen")

    assert Rules(ROOT).rules.keys() == Rules(tmp_path).rules.keys()


def test_a_word_that_no_dictionary_knows_is_not_kept() -> None:
    """It may be a name; what was typed is gone with the turn (R5)."""
    reader = Rules().reader
    reader.read("my name is zanzibella and he hits me")

    assert "zanzibella" not in reader._read
    assert "hits" in reader._read
