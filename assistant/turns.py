"""What a short message means inside a conversation ("just now", "you misunderstood"), from `content/screen/turns.yml`.

The phrases are written and matched as those of the screen's rules (`assistant.rules`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from assistant.content import ROOT, Strict, read
from assistant.rules import Reader, Searcher, WordFile
from assistant.text import normalise

LONGEST = 400  # characters; a longer message is a story, of which no phrase says what it means


class TurnPhrase(Strict):
    """One meaning with its phrases; the two lists of sentences are its tests."""

    id: str = Field(regex=r"^[a-z_]+$")
    why: str = Field(min_length=10)
    whole: bool = False  # nothing but the phrase may be said
    any: list[str] = Field(min_items=1)
    matches: list[str] = Field(min_items=1)
    spares: list[str] = Field(min_items=1)


class TurnFile(Strict):
    turns: list[TurnPhrase] = Field(min_items=1)


class Turns:
    """All meanings, compiled once."""

    def __init__(self, root: Path = ROOT) -> None:
        """Load and compile; raise `ContentError` for anything unknown, empty or unusable."""
        self.phrases = {phrase.id: phrase for phrase in read(root / "screen" / "turns.yml", TurnFile).turns}
        self._reader = Reader(read(root / "screen" / "words.yml", WordFile))
        self._searcher = Searcher()
        for phrase in self.phrases.values():
            for line in phrase.any:
                self._searcher.add_phrase(phrase.id, line, self._reader, f"screen/turns.yml: {phrase.id}")

    def meanings(self, text: str) -> frozenset[str]:
        """Return the ids of what `text` says."""
        plain = normalise(text)
        if len(plain) > LONGEST:
            return frozenset()
        doc = self._reader.read(plain)
        words = [token.i for token in doc if token.text[0].isalnum()]
        found = self._searcher.search(doc)

        def said(id: str, places: set[tuple[int, int]]) -> bool:
            if not self.phrases[id].whole:
                return bool(places)
            return any(start <= words[0] and words[-1] < end for start, end in places)

        return frozenset(id for id, places in found.items() if words and said(id, set(places)))


@lru_cache(maxsize=1)
def shared_turns() -> Turns:
    """Return the process's phrases; raises `ContentError` when they cannot be used."""
    return Turns()
