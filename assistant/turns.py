"""What a short message means inside a conversation ("just now", "you misunderstood").

That is written in `content/screen/turns.yml`, and in `content/after_danger.yml` where the words said to it stand as
well. The phrases are written and matched as those of the screen's rules (`assistant.rules`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from assistant.content import ROOT, AfterDanger, ContentError, Strict, TurnPhrase, read
from assistant.rules import ENDS, Reader, Searcher, WordFile
from assistant.text import normalise

# Asked for by name in assistant/dialogue.py; those of ASKED_CONCERNS have words of their own in after_danger.yml.
ASKED = frozenset(
    {
        "what_now", "why", "takes_back", "leaves", "fine", "other_person", "own_danger", "must_go", "safe_now",
        "make_plan", "right_now", "taking_off", "wants_to_stop", "fiction", "stop_word", "meant_it",
        "fought_back", "is_hurt",
    }
)  # fmt: skip
ASKED_CONCERNS = frozenset({"doubting", "wrong_way_round", "not_a_child", "hit_back", "pregnant"})
LONGEST = 400  # characters; a longer message is a story, of which no phrase says what it means


class TurnFile(Strict):
    turns: list[TurnPhrase] = Field(min_items=1)


class Turns:
    """All meanings, compiled once."""

    def __init__(self, root: Path = ROOT) -> None:
        """Load and compile; raise `ContentError` for anything unknown, empty or unusable."""
        files: dict[str, Sequence[TurnPhrase]] = {
            "screen/turns.yml": read(root / "screen" / "turns.yml", TurnFile).turns,
            "after_danger.yml": read(root / "after_danger.yml", AfterDanger).concerns,
        }
        self.phrases: dict[str, TurnPhrase] = {}
        self.places: dict[str, str] = {}  # where each is written
        for file, phrases in files.items():
            for phrase in phrases:
                if phrase.id in self.phrases:
                    raise ContentError(f"{file}: {phrase.id}: this id occurs twice")
                self.phrases[phrase.id], self.places[phrase.id] = phrase, f"{file}: {phrase.id}"
        for file, ids in {"screen/turns.yml": ASKED, "after_danger.yml": ASKED_CONCERNS}.items():
            if missing := sorted(ids - {phrase.id for phrase in files[file]}):
                raise ContentError(f"{file}: {missing[0]}: missing; the dialogue asks for this id")
        if unasked := sorted({phrase.id for phrase in files["screen/turns.yml"]} - ASKED):
            raise ContentError(f"screen/turns.yml: {unasked[0]}: nothing asks for this id")
        self._reader = Reader(read(root / "screen" / "words.yml", WordFile))
        self._searcher = Searcher()
        for phrase in self.phrases.values():
            for line in phrase.any:
                self._searcher.add_phrase(phrase.id, line, self._reader, self.places[phrase.id])

    def meanings(self, text: str) -> frozenset[str]:
        """Return the ids of what `text` says."""
        plain = normalise(text)
        if len(plain) > LONGEST:
            return frozenset()
        doc = self._reader.read(plain)
        words = [token.i for token in doc if token.text[0].isalnum()]
        found = self._searcher.search(doc)

        ends = [i + 1 for i in words if doc[i + 1 : i + 2].text in ENDS and i != words[-1]]
        last = next((i for i in words if not ends or i > ends[-1]), 0)  # where the last sentence begins

        def said(id: str, places: set[tuple[int, int]]) -> bool:
            phrase = self.phrases[id]
            if not phrase.whole:
                return bool(places)
            first = last if phrase.ends else words[0]
            return any(start <= first and words[-1] < end for start, end in places)

        return frozenset(id for id, places in found.items() if words and said(id, set(places)))


@lru_cache(maxsize=1)
def shared_turns() -> Turns:
    """Return the process's phrases; raises `ContentError` when they cannot be used."""
    return Turns()
