"""Training messages and test messages are kept apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import yaml

from assistant.questions import read_questions
from assistant.text import key

ROOT = Path(__file__).resolve().parent.parent
# Answers such as "yes" and "ok" have few spellings, and may occur on both sides.
SHORTEST = 4  # words
# Turns of conversations repeat by nature ("is it my fault"); what is measured there is the path, not the message.
PATHS = {"conversations.jsonl", "secondturns.jsonl", "followups.jsonl"}


def training() -> Iterator[str]:
    for path in (ROOT / "data").glob("*/*.yml"):
        for entry in yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["nlu"]:
            yield from (line[2:] for line in entry["examples"].splitlines() if line.startswith("- "))
    for path in (ROOT / "data" / "levels").glob("*.txt"):
        yield from path.read_text().splitlines()
    for line in (ROOT / "data" / "signs" / "descriptions.jsonl").read_text().splitlines():
        yield json.loads(line)["text"]
    for questions in read_questions().values():
        yield from questions


def unseen() -> Iterator[tuple[str, str]]:
    for path in sorted(p for p in (ROOT / "tests").glob("*/*.jsonl") if p.name not in PATHS):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            yield f"{path.parent.name}/{path.name}", row["text"]


def test_no_test_message_is_a_training_message():
    """A message that was learnt by heart measures nothing."""
    learnt = {key(text) for text in training()}
    shared = [(place, text) for place, text in unseen() if key(text) in learnt and len(key(text).split()) >= SHORTEST]

    assert shared == []


def test_the_sets_for_tuning_and_for_the_published_figure_are_apart():
    """What was tuned on is not what is published."""
    tuned = {key(text) for place, text in unseen() if place.startswith("validation/")}
    both = [
        text
        for place, text in unseen()
        if place.startswith("heldout/") and key(text) in tuned and len(key(text).split()) >= SHORTEST
    ]

    assert both == []
