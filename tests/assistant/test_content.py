"""Content that cannot be used is refused, with a line for the person who edits it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assistant.content import ROOT, ContentError, load
from assistant.lint import unreviewed
from assistant.rules import Rules


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, Callable[[dict], None]], Path]:
    """Return a function that copies content/, changes one file, and returns the copy's folder."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT, folder)

    def edit(name: str, change: Callable[[dict], None]) -> Path:
        path = folder / name
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(data)
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        return folder

    return edit


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("answers/ask_signs.yml", lambda d: d.update(sya=["x"]), "answers/ask_signs.yml: sya"),
        ("answers/ask_signs.yml", lambda d: d.pop("say"), "answers/ask_signs.yml: say"),
        ("answers/ask_signs.yml", lambda d: d.update(say=3), "answers/ask_signs.yml: say"),
        ("answers/ask_signs.yml", lambda d: d.update(offer=["ask_nothing"]), "'ask_nothing' leads to no answer"),
        ("answers/ask_signs.yml", lambda d: d.update(title="x" * 41), "answers/ask_signs.yml: title"),
        ("levels/suicide.yml", lambda d: d.pop("replies"), "levels/suicide.yml: replies"),
        ("regions/gb.yml", lambda d: d["contacts"][0].pop("source"), "regions/gb.yml: contacts.0.source"),
        ("phrases.yml", lambda d: d.pop("intro"), "phrases.yml: intro"),
    ],
)
def test_a_fault_is_named_by_file_and_key(
    edited: Callable[..., Path], name: str, change: Callable[[dict], None], message: str
) -> None:
    """Unknown keys, missing ones, wrong types, references that lead nowhere."""
    with pytest.raises(ContentError, match=message.replace(".", r"\.")):
        load(edited(name, change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["rules"][0].update(spares=[]), "spares"),
        (lambda d: d["rules"][0].update(matches=[]), "matches"),
        (lambda d: d["rules"][0].update(untill=["x"]), "untill"),
        (lambda d: d["rules"][0].update(unless=["nothing"]), "nothing"),
        (lambda d: d["rules"][0].update(any=["a @nolist"]), "there is no list"),
    ],
)
def test_a_rule_that_cannot_be_used_stops_the_start(
    edited: Callable[..., Path], change: Callable[[dict], None], message: str
) -> None:
    """A screen that went on without a rule would miss a danger in silence."""
    with pytest.raises(ContentError, match=message):
        Rules(edited("screen/suicide.yml", change))


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    """A slip of the keyboard is a line, not a traceback."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT, folder)
    (folder / "answers" / "greet.yml").write_text("say: [", encoding="utf-8")

    with pytest.raises(ContentError, match=r"answers/greet\.yml: not valid YAML"):
        load(folder)


def test_every_file_that_no_person_has_reviewed_is_counted(tmp_path: Path) -> None:
    """R37: also those whose words are not an answer or a level."""
    shutil.copytree(ROOT, tmp_path / "content")
    before = unreviewed(tmp_path / "content")
    for name in ("after_danger.yml", "plan.yml", "people.yml", "answers/greet.yml"):
        path = tmp_path / "content" / name
        path.write_text(path.read_text().replace("status: unreviewed", "status: reviewed"))

    assert before - 4 == unreviewed(tmp_path / "content")
