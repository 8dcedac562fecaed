"""Mends slips of the thumb before a message is understood: "knfie", "husbannd", "teh".

The words are those of the training messages, each with how often it occurs there. A typed word that no
dictionary knows becomes the commonest of them that lies one slip away (Norvig 2007, norvig.com/spell-correct.html);
where none does it stays as it is. docs/EVALUATION.md has what that is worth.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import simplemma

SPELT = re.compile(r"[A-Za-z']+")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST = 4  # letters; shorter words have too many neighbours
KNOWN = 3  # times in training from which a word, slang too, is one that people mean to type
COMMON = 8  # times in training from which another may be mended to it
SLANG = 40  # the same for one that no dictionary knows
MOST_MENDED = 60  # words of a message; who makes more slips is not typing words


class Speller:
    """Mends messages word by word; the same message always becomes the same, and nothing of it is kept."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """`counts` says how often each word, in lower case, occurs in training; rare ones count as unknown."""
        self._counts = {word: times for word, times in counts.items() if times >= KNOWN}

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Speller:
        """Return a speller that knows the words of `texts`."""
        return cls(Counter(word.lower() for text in texts for word in SPELT.findall(text)))

    def mended(self, text: str) -> str:
        """Return `text` with its slips mended; there are as many words as before, and all signs stay."""
        left = MOST_MENDED

        def mend(found: re.Match[str]) -> str:
            nonlocal left
            word = found.group().lower()
            if self._is_meant(word) or left == 0:
                return found.group()
            left -= 1
            near = max(self._near(word), key=lambda other: self._counts[other], default="")
            return near or found.group()

        return SPELT.sub(mend, text)

    def save(self, path: Path) -> None:
        """Write the words and their counts to `path`, one a line."""
        lines = [f"{word} {times}" for word, times in sorted(self._counts.items())]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Speller:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        return cls({word: int(times) for word, _, times in (line.partition(" ") for line in lines)})

    def _is_meant(self, word: str) -> bool:
        return len(word) < SHORTEST or "'" in word or word in self._counts or simplemma.is_known(word, lang="en")

    def _near(self, word: str) -> list[str]:
        return [other for other in dict.fromkeys(_slips(word)) if self._is_common(other)]

    def _is_common(self, word: str) -> bool:
        times = self._counts.get(word, 0)
        return len(word) >= SHORTEST - 1 and (
            times >= SLANG or (times >= COMMON and simplemma.is_known(word, lang="en"))
        )


def _slips(word: str) -> Iterator[str]:
    """Yield all that is one letter less, more, other or swapped away from `word`, and it without doubled letters."""
    parts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    yield from (begin + end[1:] for begin, end in parts if end)
    yield from (begin + end[1] + end[0] + end[2:] for begin, end in parts if len(end) > 1)
    yield from (begin + letter + end[1:] for begin, end in parts if end for letter in LETTERS)
    yield from (begin + letter + end for begin, end in parts for letter in LETTERS)
    yield re.sub(r"(.)\1", r"\1", word)


def as_typed(read: str, typed: str, start: int, end: int) -> tuple[int, int]:
    """Return where the words at start:end of the mended text `read` stand in the text as it was `typed`.

    Both are normalised, so words are parted by single blanks. Where nothing was mended the place is exact; else it is
    that of whole words.
    """
    if read == typed:
        return start, end
    places = [match.span() for match in re.finditer(r"\S+", typed)]
    first, last = read[:start].count(" "), read[:end].count(" ")
    return places[first][0], places[min(last, len(places) - 1)][1]
