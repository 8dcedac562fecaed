"""Slips are mended to words that people use here; names, slang and signs stay."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant.spelling import MOST_MENDED, Speller, as_typed

OFTEN = [
    "he has a knife and i cannot breathe",
    "my husband locked the door",
    "is he a narcissist",
    "idk what to do",
] * 50


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.learn(OFTEN)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("he has a knfie", "he has a knife"),
        ("my husbannd", "my husband"),
        ("i cannot breathee!!", "i cannot breathe!!"),
        ("he loked teh door", "he locked teh door"),
        ("hhee haass aa kknniiffee", "hhee has aa knife"),
        ("is he a NARCISIST?", "is he a narcissist?"),
    ],
)
def test_a_slip_becomes_the_commonest_word_that_is_one_slip_away(speller: Speller, typed: str, meant: str) -> None:
    """Words of three letters have too many neighbours and stay."""
    assert speller.mended(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "idk what he did", "Tarik locked it", "he's got a knife", "a life of its own", "🆘 !?", "que me pasa", "doer"],
)
def test_what_is_a_word_or_near_none_stays(speller: Speller, typed: str) -> None:
    """Also what looks like a word of the list but is one by itself ("life")."""
    assert speller.mended(typed) == typed


def test_rare_words_of_training_mend_nothing() -> None:
    """A slip that a training message holds is no word to mend to, nor one that is meant."""
    assert Speller.learn([*OFTEN, "a knfie"]).mended("my knfie") == "my knife"


def test_it_is_the_same_after_it_was_kept(speller: Speller, tmp_path: Path) -> None:
    speller.save(tmp_path / "words.txt")

    assert Speller.load(tmp_path / "words.txt").mended("a knfie at the doorr") == "a knife at the door"


def test_a_message_of_nothing_but_slips_is_quick(speller: Speller) -> None:
    """Only so many words are looked at: ten times as many take hardly longer."""
    slips = [f"zz{'qxjk'[i % 4]}vwq{'abc'[i % 3]}rt" for i in range(10 * MOST_MENDED)]

    def seconds(typed: str) -> float:
        begun = time.perf_counter()
        assert speller.mended(typed) == typed
        return time.perf_counter() - begun

    few, many = " ".join(slips[:MOST_MENDED]), " ".join(slips)
    assert min(seconds(many) for _ in range(3)) < 3 * min(seconds(few) for _ in range(3))


def test_a_place_in_the_mended_text_is_found_in_the_typed_one() -> None:
    """Whole words, since a mended one has another length."""
    typed, read = "so he has a knfie, help", "so he has a knife, help"

    assert typed[slice(*as_typed(read, typed, 6, 17))] == "has a knfie,"
    assert as_typed(typed, typed, 6, 17) == (6, 17)
    assert typed[slice(*as_typed("so he has a knives, help", typed, 0, 24))] == typed
