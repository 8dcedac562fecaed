"""What short messages mean inside a conversation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.content import ROOT, ContentError
from assistant.turns import LONGEST, Turns

TURNS = Turns()
SAID = [(id, sentence) for id, phrase in TURNS.phrases.items() for sentence in phrase.matches]
SPARED = [(id, sentence) for id, phrase in TURNS.phrases.items() for sentence in phrase.spares]


@pytest.mark.parametrize(("id", "sentence"), SAID)
def test_a_meaning_is_found_in_its_sentences(id: str, sentence: str) -> None:
    """Also in capitals, with signs around."""
    assert id in TURNS.meanings(sentence)
    assert id in TURNS.meanings(f"{sentence.upper()} !!")


@pytest.mark.parametrize(("id", "sentence"), SPARED)
def test_a_meaning_is_not_found_in_what_it_must_spare(id: str, sentence: str) -> None:
    """The near misses that stand beside each meaning."""
    assert id not in TURNS.meanings(sentence)


@pytest.mark.parametrize("text", ["", "   ", "🙂", "why " * LONGEST])
def test_nothing_is_read_into_silence_or_a_story(text: str) -> None:
    """No words, or far too many."""
    assert frozenset() == TURNS.meanings(text)


def test_a_phrase_without_its_tests_is_refused(tmp_path: Path) -> None:
    """An empty list of sentences stops the start."""
    shutil.copytree(ROOT, tmp_path / "content")
    path = tmp_path / "content" / "screen" / "turns.yml"
    path.write_text(path.read_text().replace("spares: [", "spares: []  # [", 1))

    with pytest.raises(ContentError, match=r"screen/turns\.yml"):
        Turns(tmp_path / "content")
