"""What short messages mean inside a conversation."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from assistant import dialogue
from assistant.content import ROOT, ContentError
from assistant.turns import ASKED, ASKED_CONCERNS, LONGEST, Turns

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


@pytest.mark.parametrize(
    ("file", "id", "says"),
    [
        ("screen/turns.yml", "must_go", "missing; the dialogue asks for this id"),
        ("after_danger.yml", "doubting", "missing; the dialogue asks for this id"),
        ("screen/turns.yml", "", "nothing asks for this id"),
    ],
)
def test_a_meaning_that_was_renamed_or_is_in_vain_is_refused(tmp_path: Path, file: str, id: str, says: str) -> None:
    """Whoever edits the file is told, instead of a reply that never comes."""
    shutil.copytree(ROOT, tmp_path / "content")
    path = tmp_path / "content" / file
    text = path.read_text()
    if id:
        path.write_text(text.replace(f"- id: {id}\n", f"- id: {id}_renamed\n"))
    else:
        entry = text[text.index("  - id: fiction\n") :].split("\nreview")[0]
        path.write_text(text.replace(entry, entry + entry.replace("fiction", "in_vain", 1), 1))

    with pytest.raises(ContentError, match=f"{file}: .*: {says}"):
        Turns(tmp_path / "content")


def test_the_dialogue_asks_for_no_other_meaning() -> None:
    """Each id that it names is one of those that must be written."""
    source = Path(dialogue.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'"(\w+)" (?:not )?in said', source))
    named |= {id for ids in dialogue.MEANS_HELP.values() for id in ids}

    assert named == ASKED | ASKED_CONCERNS
