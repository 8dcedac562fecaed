"""The screen on anything that can be typed: it never fails, and it is quick."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import text
from assistant.regions import Regions
from assistant.rules import Rules
from assistant.shared import shared_replies
from assistant.turns import Turns
from assistant.web.service import plain
from tests.fuzz.nasty import ANY_TEXT, CANARY, TEXTS, tries

MOST_SECONDS = 0.05  # for LENGTH characters
LENGTH = 2000
# Words that rules and contexts name, signs that cut a message, and what no dictionary knows.
PIECES = [
    "he", "me", "i", "not", "never", "but", "dont", "kill", "myself", "choked", "knife", "die", "want", "to", "gun",
    "in the film", "as a kid", "years ago", "dog", "phone", "tracker", "chokd", "stranglde", "zzzz", "'s", "'", '"',
    ".", "!", "\n", ",", "...", "?!", "\U0001f62d", "\U0001f198", "\u0301", "\u200b", "a", "aaaa", "1", "_", "/",
]  # fmt: skip
LONG = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=600).map(" ".join)
GLUED = st.lists(st.sampled_from(PIECES), max_size=600).map("".join)
BREAKS = "\x85\u1680\u2028\u2029"  # white space that stays when a text is put on one line
TYPED = (ANY_TEXT | LONG | GLUED).map(lambda typed: plain(typed)[: text.MAX_CHARACTERS])


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


@pytest.fixture(scope="module")
def turns() -> Turns:
    return Turns()


def seconds(act: Callable[[str], object], typed: str) -> float:
    """Return how long `act` works on `typed`: the best of three, of this thread alone, whatever else the machine does."""
    act(typed)  # words of the dictionary are read once and kept
    runs = []
    for _ in range(3):
        begun = time.thread_time()
        act(typed)
        runs.append(time.thread_time() - begun)
    return min(runs)


def repeated(unit: str) -> str:
    return (unit * LENGTH)[:LENGTH]


# --- it never fails


@tries(100)
@given(TYPED)
def test_any_text_is_screened(rules: Rules, typed: str) -> None:
    """What is found lies inside the message as it was read."""
    read = text.normalise(typed)

    for match in rules.find(typed):
        assert read[match.start : match.end] == match.text or set(BREAKS) & set(read)


@pytest.mark.parametrize("space", BREAKS)
def test_what_is_found_is_where_it_says_whatever_stands_between(rules: Rules, space: str) -> None:
    """The evidence of a danger is cut out of the message by these numbers."""
    typed = f"last night {space} he choked me"
    read = text.normalise(typed)

    (match,) = rules.find(typed)
    assert read[match.start : match.end] == match.text


@tries(150)
@given(ANY_TEXT | LONG | GLUED)
def test_any_text_is_cut(typed: str) -> None:
    """Also with halves of characters in it; nothing that comes out is empty, and no word is lost."""
    once = text.normalise(typed)

    assert once == text.normalise(once)
    assert len(once) <= text.MAX_CHARACTERS
    for cut in (text.words, text.sentences, text.clauses, text.windows):
        assert all(cut(once))
    said = [[word for word in text.words(whole) if word[0].isalnum()] for whole in (once, " ".join(text.windows(once)))]
    assert set(said[0]) == set(said[1])  # a quote or bracket that closes a sentence may go, a word may not
    text.key(typed)


@tries(50)
@given(TYPED)
def test_any_text_is_read_in_its_conversation(turns: Turns, typed: str) -> None:
    """Phrases and places."""
    turns.meanings(typed)
    regions: Regions = shared_replies().regions
    for told in (True, False):
        regions.find(typed, told=told)


@pytest.mark.parametrize("name", TEXTS)
def test_every_nasty_text_is_screened(rules: Rules, name: str) -> None:
    """One for each thing that once broke somebody's program."""
    rules.find(plain(TEXTS[name]))


@pytest.mark.parametrize("word", ["a" + "'s" * 985, "a" + "'s" * 980 + "x's", "'s" * 985, "a" + "'s'" * 650])
def test_a_word_with_many_endings_is_screened(rules: Rules, word: str) -> None:
    """As quickly as any, and the danger beside it is seen."""
    typed = f"he choked me last night. {word}"

    assert "strangulation" in {match.rule for match in rules.find(typed)}
    assert seconds(rules.find, typed) < MOST_SECONDS


def test_half_a_character_is_screened(rules: Rules) -> None:
    """`/model/parse` gives it on as it came, where the channels mend it."""
    for half in ("\ud800", "\udfff"):
        assert rules.find(f"he choked me last night {half}")


# --- it is quick


@pytest.mark.parametrize("name", [name for name in TEXTS if len(TEXTS[name]) >= LENGTH / 2])
def test_two_thousand_nasty_characters_take_fifty_milliseconds(rules: Rules, name: str) -> None:
    """In a warm process."""
    assert seconds(rules.find, plain(TEXTS[name])[:LENGTH]) < MOST_SECONDS


@tries(40)
@given(
    st.lists(st.sampled_from(PIECES) | st.text(min_size=1, max_size=6), min_size=1, max_size=4),
    st.sampled_from(["", " "]),
)
def test_whatever_is_repeated_takes_fifty_milliseconds(rules: Rules, units: list[str], between: str) -> None:
    """Found by trying what rules and contexts name."""
    typed = plain(repeated(between.join([*units, ""])))
    assert seconds(rules.find, typed) < MOST_SECONDS


@pytest.mark.parametrize("unit", ["cat \U0001f198 ", "dog \U0001f198 ", "as a kid ", "years ago "])
def test_a_context_beside_each_match_takes_fifty_milliseconds(rules: Rules, unit: str) -> None:
    """Hundreds of contexts, each of which reaches many words, beside hundreds of matches."""
    assert seconds(rules.find, repeated(unit)) < MOST_SECONDS


@pytest.mark.parametrize("name", ["normalise", "words", "key", "sentences", "windows"])
def test_the_longest_text_is_cut_at_once(name: str) -> None:
    """No pattern looks at a character again and again."""
    cut = getattr(text, name)
    for unit in (" ", "a ", "\n", ". ", '."', "' ", ",and ", "a", "\u0301", "\ufdfa"):
        assert seconds(cut, "x" + unit * text.MAX_CHARACTERS + "x") < 4 * MOST_SECONDS


def test_a_normalised_text_is_cut_into_clauses_at_once() -> None:
    """As every caller gives it; white space as typed would take half a second for 5,000 blanks."""
    for unit in (" ", ", ", ",", " and", "n & "):
        assert seconds(text.clauses, text.normalise("x" + unit * text.MAX_CHARACTERS + "x")) < 4 * MOST_SECONDS


# --- the whole of what is understood


def test_every_nasty_text_is_understood(parse: Callable[[str], dict[str, Any]], record_property: Any) -> None:
    """Language, intent, danger, fact, signs: none of them fails, and each text has a level.

    How long that takes is reported and not bounded: most of it is the encoder, on two threads of a busy machine.
    """
    took: dict[str, float] = {}
    for name, typed in TEXTS.items():
        said = plain(typed)[:LENGTH]
        begun = time.process_time()
        parsed = parse(said)
        took[name] = time.process_time() - begun
        assert parsed["safety"]["level"], name
    worst = sorted(took, key=lambda name: -took[name])
    record_property("median", sorted(took.values())[len(took) // 2])
    record_property("worst", [(name, round(took[name], 3)) for name in worst[:5]])


def test_a_danger_is_seen_among_nasty_characters(parse: Callable[[str], dict[str, Any]]) -> None:
    """Nobody is missed for a broken keyboard."""
    danger = "he has a knife at my throat"
    for name in (
        "NUL",
        "control characters",
        "zero width",
        "halves in the wrong order",
        "no characters",
        "terminal codes",
    ):
        parsed = parse(plain(f"{TEXTS[name][:200]} {danger} {TEXTS[name][:200]}"))
        assert "none" != parsed["safety"]["level"], name


def test_half_a_character_is_understood(parse: Callable[[str], dict[str, Any]]) -> None:
    """As above, through all components."""
    assert "none" != parse("he choked me last night \ud800")["safety"]["level"]


def test_the_list_is_long_enough() -> None:
    """Sixty texts at least, and none of them in two copies."""
    assert len(TEXTS) >= 60
    assert len(set(TEXTS.values())) == len(TEXTS)
    assert CANARY not in "".join(TEXTS.values())
