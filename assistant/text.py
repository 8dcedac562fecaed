"""How a typed message is read: normalised, cut into words and into sentences."""

from __future__ import annotations

import re
import unicodedata
import zlib
from itertools import pairwise

QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"', "…": "...", "—": " - ", "–": "-"})  # fmt: skip
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0f\x00-\x08\x0b-\x1f\x7f]")
STRETCHED = re.compile(r"([^\W\d_])\1{3,}")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_", re.UNICODE)
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+")
CLAUSE_END = re.compile(r"(?:,\s*|\s+)(?:and|also|plus|n|&)\s+", re.IGNORECASE)
MAX_CHARACTERS = 5000


def mended(text: str) -> str:
    """Return `text` without half characters, which some senders make of an emoji and which cannot be written down."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def normalise(text: str) -> str:
    """Return `text` in one spelling of quotes and letters, on one line, at most MAX_CHARACTERS long.

    Words and case stay as typed. Control and invisible characters go; a letter held down
    ("soooooo") is cut to two.
    """
    text = unicodedata.normalize("NFKC", mended(text)).translate(QUOTES)
    text = STRETCHED.sub(r"\1\1", INVISIBLE.sub(" ", text))
    return re.sub(r"\s+", " ", text).strip()[:MAX_CHARACTERS]


def words(text: str) -> list[str]:
    """Return the words and single signs of `text`, lower-cased, apostrophes inside words kept."""
    return [match.group().lower() for match in WORD.finditer(text)]


def key(text: str) -> str:
    """Return what makes two messages the same to a reader: their words without case or signs."""
    return " ".join(w for w in words(text) if w[0].isalnum()) or text.strip()


def mark(text: str, label: str) -> int:
    """Return 32 bits by which a message with its label is known again, without being kept (CRC-32)."""
    return zlib.crc32(f"{label} {key(text)}".encode())


def sentences(text: str) -> list[str]:
    """Return the sentences of `text` in order, none empty."""
    return [part.strip() for part in SENTENCE_END.split(text) if part.strip()]


def clauses(text: str) -> list[str]:
    """Return the parts of `text` that could each be a question: sentences, cut at "and"; none under three words."""
    parts = [part for sentence in sentences(text) for part in CLAUSE_END.split(sentence)]
    return [part.strip() for part in parts if len(part.split()) >= 3]


def windows(text: str, most_words: int = 30) -> list[str]:
    """Return overlapping pieces of a long `text`, each judged alone by the screen.

    A piece is a sentence, together with the next while both fit in `most_words`; a sentence
    longer than that (people write without full stops) is cut into halves that overlap.
    """
    pieces: list[list[str]] = []
    for sentence in sentences(text):
        pieces += halves(sentence.split(), most_words)
    joined = [a + b for a, b in pairwise(pieces) if len(a) + len(b) <= most_words]
    return [" ".join(p) for p in pieces + joined]


def halves(words: list[str], most: int) -> list[list[str]]:
    """Return `words` in runs of at most `most`, each beginning in the middle of the one before."""
    step = most // 2
    return [words[i : i + most] for i in range(0, max(1, len(words) - step), step)]
