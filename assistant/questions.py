"""How people ask for each answer, and for each single fact of it: reads `data/facts/`.

A file stands for an intent. Its lines before the first heading ask for the whole answer; those below
`[item]` ask for that item of `content/answers/<intent>.yml`. A line that begins with # is a comment.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data" / "facts"
HEADING = re.compile(r"\[([a-z0-9_]+)\]")


# What is done by somebody to the writer may be a danger that is told; without both, a question is one in general.
WRITER = re.compile(r"\b(?:i|im|i'm|ive|i've|id|i'd|ill|i'll|me|my|mine|myself|we|us|our)\b", re.IGNORECASE)
OTHER = re.compile(
    r"\b(?:he|hes|he's|she|shes|she's|they|theyre|they're|him|her|them|his|their|husband|wife|partner|boyfriend|girlfriend|bf|gf"
    r"|ex|mum|mom|mother|dad|father|parents?|boss|coach|brother|sister|son|daughter|friends?|mates?|man|woman|guy|someone)\b",
    re.IGNORECASE,
)
# Intents whose questions may come out of a danger, however they are worded.
PRESSING = {"ask_hotline", "ask_safety_plan", "concern_for_other", "express_distress", "ask_is_it_my_fault"}

# A fact of these is asked for out of a danger as well ("can he see this?"), so that it speaks against none.
MAY_BE_DANGER = PRESSING | {"ask_privacy"}


def general_questions(folder: Path = FOLDER) -> list[str]:
    """Return the questions for facts that tell nothing of anybody's own life, and so are no sign of a danger."""
    return [
        question
        for topic, questions in read_questions(folder).items()
        if topic.partition("/")[0] not in PRESSING
        for question in questions
        if not (WRITER.search(question) and OTHER.search(question))
    ]


@lru_cache(maxsize=4)
def read_questions(folder: Path = FOLDER) -> dict[str, tuple[str, ...]]:
    """Return the questions for each topic (intent, or intent/item); a topic without any is left out."""
    questions: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.txt")):
        topic = path.stem
        for line in path.read_text(encoding="utf-8").splitlines():
            heading = HEADING.fullmatch(line.strip())
            if heading:
                topic = f"{path.stem}/{heading[1]}"
            elif line.strip() and not line.startswith("#"):
                questions.setdefault(topic, []).append(line.strip())
    return {topic: tuple(lines) for topic, lines in questions.items()}
