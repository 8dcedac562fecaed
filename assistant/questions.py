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
