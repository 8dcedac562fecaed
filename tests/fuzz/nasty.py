"""What nobody should send and somebody will: texts, bytes and JSON that break programs, as lists and as strategies."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

CANARY = "zanzibarcanary"  # stands in what is sent, and may stand in no log
MORE = int(os.environ.get("FUZZ", "1"))  # FUZZ=20 tries twenty times as much, and other things each time


def tries(few: int) -> settings:
    """Return the settings of a test that tries `few` inputs: the same ones each time, unless FUZZ is set."""
    return settings(
        max_examples=few * MORE,
        derandomize=MORE == 1,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


# Any character but half of a pair, which no decoder lets through.
TEXT = st.text(st.characters(blacklist_categories=["Cs"]))
HALVES = st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010), min_size=1, max_size=5)
ANY_TEXT = TEXT | HALVES | st.builds(lambda a, b: a + b, TEXT, HALVES)
# Beyond what Python turns into a whole number at once, and what no float holds.
NUMBERS = st.sampled_from([0, -1, 1 << 63, 10**400, 1e308, float("inf"), float("-inf"), float("nan"), 0.1])
SCALARS = st.none() | st.booleans() | NUMBERS | st.integers() | ANY_TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4))


def objects(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects that have some of `keys`, with anything in them."""
    return st.dictionaries(st.sampled_from(keys) | ANY_TEXT, JSON, max_size=6)


def nested(value: Any) -> list[tuple[Any, ...]]:
    """Return the places in `value`, each as the keys and indices that lead there."""
    found: list[tuple[Any, ...]] = []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        found += [(key,), *((key, *rest) for rest in nested(inner))]
    return found


def put(value: Any, place: tuple[Any, ...], new: Any) -> None:
    """Set what stands in `value` at `place`."""
    for key in place[:-1]:
        value = value[key]
    value[place[-1]] = new


FAMILY = "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f469"
# A text for everything that once broke a tokenizer, a pattern, a decoder or a database.
TEXTS = {
    "nothing": "",
    "a space": " ",
    "white space": " \t\r\n\v\f\u00a0\u2028\u2029\u3000",
    "NUL": "\0",
    "NULs between words": "he\0hit\0me",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "half a character": "\ud800",
    "the other half": "\udc00 he hit me",
    "halves in the wrong order": "\udc00\ud800",
    "byte order mark": "\ufeffhe hit me",
    "no characters": "\ufffe\uffff\U0010ffff",
    "private use": "\ue000\U000f0000",
    "zero width": "h\u200be\u200c h\u200di\u2060t me",
    "right to left override": "\u202eem tih eh",
    "isolates without end": "\u2066" * 300,
    "combining marks": "e" + "\u0301" * 1500,
    "zalgo": " ".join(c + "\u0316\u0317\u0318\u0319\u031c\u0335\u0336" * 9 for c in "he comes for me"),
    "hangul jamo": "\u1112\u1161\u11ab" * 400,
    "a ligature of eighteen letters": "\ufdfa" * 2000,
    "full width": "\uff28\uff25 \uff28\uff29\uff34 \uff2d\uff25",
    "mathematical letters": "\U0001d4f1\U0001d4ee \U0001d4f1\U0001d4f2\U0001d4fd \U0001d4f6\U0001d4ee",
    "dotted capital I": "\u0130" * 1000,
    "sharp s": "\u1e9e\u00df" * 500,
    "final sigma": "\u03a3" * 1000,
    "digits of other scripts": "\u0661\u0662\u0663 \u00b2\u2460\u3007",
    "roman numerals": "\u216f" * 1000,
    "emoji": "\U0001f62d" * 1500,
    "family": FAMILY * 150,
    "flags": "\U0001f1fa\U0001f1f8" * 400,
    "half a flag": "\U0001f1fa" * 401,
    "keycaps": "1\ufe0f\u20e3" * 300,
    "skin tones": "\U0001f44b\U0001f3ff" * 300,
    "chinese": "\u4ed6\u6253\u6211" * 500,
    "thai without spaces": "\u0e40\u0e02\u0e32\u0e15\u0e35\u0e09\u0e31\u0e19" * 180,
    "arabic": "\u0647\u0648 \u064a\u0636\u0631\u0628\u0646\u064a " * 130,
    "hebrew with points": "\u05d4\u05d5\u05bc\u05d0 " * 300,
    "devanagari": "\u0935\u0939 \u092e\u0941\u091d\u0947 " * 200,
    "all scripts at once": "a\u0431\u03b3\u05d3\u0647\u0915\u0e01\u4e00\u3042\uac00\u1200\u10d0",
    "one letter": "a" * 2000,
    "one word without end": "antidisestablishment" * 100,
    "one letter held down": "he hit me" + "e" * 1900,
    "no spaces": "hehitmeandthenhecriedandsaidhewassorry" * 50,
    "one word again and again": "me " * 666,
    "single letters": "a b " * 500,
    "apostrophes": "'" * 2000,
    "apostrophes in a word": "a'" * 1000,
    "double quotes": '"' * 2000,
    "curly quotes": "\u201che said \u2018no\u2019\u201d " * 120,
    "backslashes": "\\" * 2000,
    "underscores": "_" * 2000,
    "dots": "." * 2000,
    "sentences of one letter": "a. " * 666,
    "sentences of nothing": ". " * 1000,
    "question marks": "?!" * 1000,
    "line ends": "\n" * 2000,
    "lines of one letter": "a\n" * 1000,
    "commas and ands": ", and " * 333,
    "and without end": "and " * 500,
    "open brackets": "([{" * 666,
    "closing after a stop": "." + "\"')]" * 499,
    "spaces before a stop": "a" + " " * 1998 + ".",
    "bait for backtracking": "a" * 40 + "!" + ("a" * 40 + " ") * 45,
    "numbers": "911 " * 500,
    "a number without end": "9" * 2000,
    "negations": "not never no dont " * 110,
    "contexts and dangers": "in the film he choked me but " * 70,
    "misspelt": "chokd stranglde knif sucide throtled " * 50,
    "a command": "/restart",
    "a command with data": '/ask_signs{"item": "' + "x" * 1500 + '"}',
    "half a command": "/ask_signs{",
    "entity notation": "[he](person) [hit](verb){",
    "a payload": '{"sender": "me", "message": "hello"}',
    "markup": "<script>alert(1)</script>" * 70,
    "SQL": "'; DROP TABLE linden_conversations; --" * 40,
    "format strings": "%s %n {0} {} {__class__} ${x} $(id) `id`" * 40,
    "a path": "../../../../etc/passwd\0.yml",
    "log forging": "hello\r\nERROR assistant: all is lost\r\n",
    "terminal codes": "\x1b[2J\x1b]0;title\x07" * 100,
    "an address": "https://user:pass@example.org:99999/?a=b#c " * 40,
    "yaml": "- &a [*a, *a]\n? !!python/object:os.system id",
    "json numbers": "1e999 -0 NaN Infinity",
    "a danger at the end": "x " * 900 + "he is choking me",
    "a danger in the middle": "ok. " * 240 + "he has a knife at my throat. " + "ok. " * 240,
    "as long as can be": "i feel so alone these days and nobody knows " * 113,
    "far too long": "he hit me. " * 4000,
}  # fmt: skip
