"""Reviewed rules that notice danger in words: phrases over spaCy tokens, with scopes that spare.

A rule is data in `content/screen/`: phrases that match, sentences it must match and sentences it
must spare. A phrase is a line of words in a small notation (see `compile_phrase`). A context
("never", "in the film", "a lot of people") cancels a match in its reach, in the manner of ConText
(Harkema et al. 2009, J Biomed Inform 42:839), as medspaCy keeps it: rules as a reviewed lexicon.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import simplemma
from pydantic import Field
from spacy.matcher.levenshtein import levenshtein
from spacy.tokens import Doc, Span
from spacy.util import filter_spans
from spacy.vocab import Vocab

from assistant.content import LEVELS, ROOT, ContentError, Strict, read
from assistant.text import WORD, normalise

MOST_READ = 5000  # characters
GAP = 4  # words that "..." may stand for
ENDS = {".", "!", "?", ";"}


class Rule(Strict):
    """One reviewed way of telling a danger; its two lists of sentences are its tests."""

    id: str = Field(regex=r"^[a-z0-9_]+$")
    why: str = Field(min_length=10)
    any: list[str] = Field(min_items=1)
    unless: list[str] = []
    matches: list[str] = Field(min_items=1)
    spares: list[str] = Field(min_items=1)


class RuleFile(Strict):
    level: str
    rules: list[Rule] = Field(min_items=1)


class Context(Strict):
    """Words that change what stands near them: `reach` words after, before or around them."""

    category: str
    why: str = ""
    direction: Literal["forward", "backward", "both", "message"]
    reach: int = Field(default=6, ge=1, le=60)
    any: list[str] = Field(min_items=1)


class ContextFile(Strict):
    stop: list[str]  # words that end a reach ("but")
    contexts: list[Context] = Field(min_items=1)


class WordFile(Strict):
    """How words are read: `same` maps a spelling to its plain word; `lists` are used as @name."""

    same: dict[str, str]
    lists: dict[str, list[str]]


@dataclass(frozen=True)
class Match:
    """A rule found in a text; `start` and `end` are character offsets."""

    level: str
    rule: str
    text: str
    start: int
    end: int


LEMMATIZER = simplemma.Lemmatizer(cache_max_size=0)  # by default it keeps a million words that were looked up


def lemma(word: str) -> str:
    """Return the dictionary form of a lower-case `word`."""
    if not any(letter.isalnum() for letter in word):  # signs and emoji have none
        return word
    found: str = LEMMATIZER.lemmatize(word, lang="en")
    return found.lower()


OWNED = re.compile(r"(?:'s)+$")


class Reader:
    """Turns text into a spaCy Doc whose lemmas are plain words: slang spelt out, slips mended."""

    def __init__(self, words: WordFile) -> None:
        self.lists = {name: list(entries) for name, entries in words.lists.items()}
        self._same = words.same
        self._watched: set[str] = set()  # words whose misspellings are mended
        self._read: dict[str, str] = {}

    def watch(self, word: str) -> None:
        """Mend misspellings of `word` from now on."""
        self._watched.add(word)
        self._read.clear()

    def plain(self, word: str) -> str:
        """Return the plain form of a typed `word`.

        Words of the dictionary are kept once read; others, which may be names, never are.
        """
        if not word or not simplemma.is_known(word, lang="en"):
            return self._plain(word)
        if word not in self._read:
            self._read[word] = self._plain(word)
        return self._read[word]

    def _plain(self, word: str) -> str:
        bare = word.replace("'", "")
        for form in (word, bare):
            if form in self._same:
                return self._same[form]
        if word.endswith("'s"):  # "my sister's boyfriend" is read as "my sister boyfriend"
            return self._plain(OWNED.sub("", word))
        return lemma(self._spelt(word, bare))

    def _spelt(self, word: str, bare: str) -> str:
        """Return the watched word that `word` misspells, or `word`; `bare` is without apostrophes."""
        if word in self._watched or len(bare) < 5 or simplemma.is_known(word, lang="en"):
            return word
        for reach in (1, 2):
            for known in sorted(self._watched):
                long_enough = len(known) >= (5 if reach == 1 else 8)
                if long_enough and bare[0] == known[0] and _differ(bare, known) <= reach:
                    return known
        return word

    def read(self, text: str) -> Doc:
        """Return `text` as a Doc; token.idx counts characters of `text`.

        Each has a vocabulary of its own, since a shared one would keep every word ever typed.
        """
        found = list(WORD.finditer(text))
        spaces = [i + 1 < len(found) and found[i + 1].start() > match.end() for i, match in enumerate(found)]
        words = [m.group() for m in found]
        doc = Doc(Vocab(), words=words, spaces=spaces)
        lower = [word.lower() for word in words]  # a bare vocabulary knows no lower_
        plain = {word: self.plain(word) for word in set(lower)}  # each word once, however often it stands here
        for token, word in zip(doc, lower, strict=True):
            token.norm_ = word.replace("'", "")
            token.lemma_ = plain[word]
        return doc


def _differ(typed: str, known: str) -> int:
    """Return how many slips of a thumb lie between two words, 3 for more; two letters in each other's place are one."""
    slips = int(levenshtein(typed, known, 2))  # counted no further than anybody asks: each unknown word meets them all
    if slips == 2 and len(typed) == len(known):
        at = next(i for i in range(len(typed)) if typed[i] != known[i])
        if typed[at : at + 2] == known[at : at + 2][::-1]:
            return 1
    return slips


def typed_words(root: Path = ROOT) -> frozenset[str]:
    """Return the spellings that no dictionary knows and people type all the same ("idk", "smone")."""
    return frozenset(word.replace("'", "") for word in read(root / "screen" / "words.yml", WordFile).same)


def compile_phrase(phrase: str, reader: Reader) -> list[list[dict[str, Any]]]:
    """Return the spaCy token patterns of one phrase.

    Words stand for their dictionary form in any case: "choke" also finds "choked". Notation:
    `a|b` either word; `~word` misspelt too; `=word` just this form; `word?` may be missing;
    `...` up to four words; `@name` any of a list; `*` any one word.
    Raises `ContentError` for an unknown list or an empty word.
    """
    choices: list[list[dict[str, Any]]] = []
    for part in phrase.lower().split():
        if part == "...":
            choices += [[{"ORTH": {"NOT_IN": sorted(ENDS)}, "OP": "?"}] for _ in range(GAP)]
            continue
        if part == "*":
            choices.append([{"ORTH": {"NOT_IN": sorted(ENDS)}}])
            continue
        optional = part.endswith("?") and len(part) > 1
        lemmas: set[str] = set()
        forms: set[str] = set()
        for word in (part[:-1] if optional else part).split("|"):
            entries = [word]
            if word.startswith("@"):
                if word[1:] not in reader.lists:
                    raise ContentError(f"'{phrase}': there is no list '{word}'")
                entries = reader.lists[word[1:]]
            for entry in entries:
                bare = entry.lstrip("~=").replace("'", "")
                if not bare:
                    raise ContentError(f"'{phrase}': an empty word")
                if entry.startswith("="):
                    forms.add(bare)
                    continue
                if entry.startswith("~"):
                    reader.watch(bare)
                lemmas.update({bare, reader.plain(bare)})
        tokens: list[dict[str, Any]] = []
        if lemmas:
            tokens.append({"LEMMA": {"IN": sorted(lemmas)}})
        if forms:
            tokens.append({"NORM": {"IN": sorted(forms)}})
        choices.append([{**token, "OP": "?"} for token in tokens] if optional else tokens)
    return [list(chosen) for chosen in itertools.product(*choices)]


# Under which name, the words it names, and its steps: the number of a set of words, and whether it may be missing.
Pattern = tuple[str, frozenset[str], list[tuple[int, bool]]]


class Searcher:
    """Finds many spaCy token patterns at once, as spaCy's Matcher would, many times faster.

    For each set of words that patterns name it keeps, as the bits of one number, the places of a
    text that hold one of them; a pattern is then followed through all places together by shifting,
    if the text holds one of the words that it needs and that fewest others name.
    (The Matcher tries each pattern at each word: 110 ms for 2,000 characters and 700 patterns;
    this takes 3 ms for 2,000 patterns.)
    """

    def __init__(self) -> None:
        self._sets: dict[frozenset[str], int] = {frozenset(): 0}  # the empty set: any word but ENDS
        self._holds: dict[str, list[int]] = {}  # the sets that hold a word
        self._patterns: list[Pattern] = []

    def add(self, key: str, pattern: list[dict[str, Any]]) -> None:
        """Search for `pattern`, as `compile_phrase` makes it, under the name `key`."""
        steps = []
        named: set[str] = set()
        for token in pattern:
            lemmas, forms = token.get("LEMMA", {}).get("IN", []), token.get("NORM", {}).get("IN", [])
            words = frozenset([*lemmas, *(f"={form}" for form in forms)])
            named |= words
            if words not in self._sets:
                self._sets[words] = len(self._sets)
                for word in words:
                    self._holds.setdefault(word, []).append(self._sets[words])
            steps.append((self._sets[words], "OP" in token))
        if all(optional for _, optional in steps):
            raise ContentError(f"{key}: a phrase of which every word may be missing")
        self._patterns.append((key, frozenset(named), steps))
        self.__dict__.pop("_by_need", None)

    @cached_property
    def _by_need(self) -> dict[int, list[Pattern]]:
        """The patterns, by the set of which each needs a word and that fewest patterns name."""
        uses = Counter(place for _, _, steps in self._patterns for place, _ in steps)
        found: dict[int, list[Pattern]] = {}
        for pattern in self._patterns:
            needed = {place for place, optional in pattern[2] if not optional}
            found.setdefault(min(needed - {0} or needed, key=lambda place: (uses[place], place)), []).append(pattern)
        return found

    def add_phrase(self, key: str, phrase: str, reader: Reader, place: str) -> None:
        """Look for `phrase` under `key`; raise `ContentError`, which names the `place` where it is written."""
        try:
            for pattern in compile_phrase(phrase, reader):
                self.add(key, pattern)
        except ContentError as error:
            raise ContentError(f"{place}: {error}") from None

    def search(self, doc: Doc) -> dict[str, dict[tuple[int, int], frozenset[str]]]:
        """Return for each key the (start, end) of its matches in words: per end, the longest.

        With each match stand the words that its phrase names ("..." names none).
        """
        where: dict[str, int] = {}
        for i, token in enumerate(doc):
            for word in (token.lemma_, f"={token.norm_}"):
                where[word] = where.get(word, 0) | 1 << i
        places = [0] * len(self._sets)
        for word, bits in where.items():
            for number in self._holds.get(word, []):
                places[number] |= bits
        every = (1 << len(doc)) - 1
        places[0] = every & ~sum(where.get(sign, 0) for sign in ENDS)
        found: dict[str, dict[tuple[int, int], frozenset[str]]] = {}
        needed = itertools.chain.from_iterable(held for place, held in self._by_need.items() if places[place])
        for key, named, steps in needed:
            at = every  # the places that the next word of the pattern may have
            for place, optional in steps:
                at = (at if optional else 0) | (at & places[place]) << 1
                if not at:
                    break
            while at:
                end = at.bit_length() - 1
                at ^= 1 << end
                back = 1 << end
                for place, optional in reversed(steps):
                    back = (back if optional else 0) | (back >> 1) & places[place]
                match = ((back & -back).bit_length() - 1, end)
                matches = found.setdefault(key, {})
                matches[match] = matches.get(match, frozenset()) | named
        return found


class Rules:
    """All rules and contexts of `content/screen/`, compiled once."""

    def __init__(self, root: Path = ROOT) -> None:
        """Load and compile; raise `ContentError` for anything unknown, empty or unusable."""
        folder = root / "screen"
        contexts = read(folder / "contexts.yml", ContextFile)
        self.reader = Reader(read(folder / "words.yml", WordFile))
        self._stop = set(contexts.stop)
        self._contexts = contexts.contexts
        self.rules: dict[str, tuple[str, Rule]] = {}
        categories = {context.category for context in self._contexts}
        for path in sorted(folder.glob("*.yml")):
            if path.stem in ("contexts", "words", "turns"):
                continue
            if path.stem not in LEVELS:
                raise ContentError(f"screen/{path.name}: no such level")
            for rule in read(path, RuleFile, level=path.stem).rules:
                if rule.id in self.rules:
                    raise ContentError(f"screen/{path.name}: {rule.id}: this id occurs twice")
                if unknown := set(rule.unless) - categories:
                    raise ContentError(
                        f"screen/{path.name}: {rule.id}: unless: {sorted(unknown)}; contexts are {sorted(categories)}"
                    )
                self.rules[rule.id] = (path.stem, rule)
        if missing := [level for level in LEVELS[:-1] if level not in {named for named, _ in self.rules.values()}]:
            raise ContentError(f"screen/{missing[0]}.yml: no rules for this level")
        self._searcher = Searcher()
        for id, (level, rule) in self.rules.items():
            self._add(id, rule.any, f"screen/{level}.yml: {id}")
        for number, context in enumerate(self._contexts):
            self._add(f"#{number}", context.any, f"screen/contexts.yml: {context.category}")

    def _add(self, key: str, phrases: Iterable[str], place: str) -> None:
        for phrase in phrases:
            self._searcher.add_phrase(key, phrase, self.reader, place)

    def find(self, text: str) -> list[Match]:
        """Return the rules that match `text` and that no context cancels, in their order of place."""
        doc = self.reader.read(normalise(text)[:MOST_READ])
        spans: list[tuple[str, int, int, frozenset[str]]] = []
        scopes: dict[str, list[Scope]] = {}
        borders = [i for i, token in enumerate(doc) if token.text in ENDS or token.lemma_ in self._stop]
        for key, places in self._searcher.search(doc).items():
            if key.startswith("#"):
                context = self._contexts[int(key[1:])]
                reached = (Scope(*_reach(context, *place, borders, len(doc)), *place) for place in places)
                scopes.setdefault(context.category, []).extend(reached)
            else:  # of matches that overlap, the longest
                longest = filter_spans([doc[a:b] for a, b in places])
                spans += [(key, s.start, s.end, places[s.start, s.end]) for s in longest]
        near = {category: Nearby(found) for category, found in scopes.items()}
        found = []
        for id, start, end, named in spans:
            level, rule = self.rules[id]
            span = doc[start:end]
            around = (scope for category in rule.unless if category in near for scope in near[category].at(start, end))
            # A context that the phrase itself names is part of what it says ("won't let me out").
            if all(_is_part(scope, span, named) for scope in around):
                found.append(Match(level, id, span.text, span.start_char, span.end_char))
        return sorted(found, key=lambda m: (m.start, LEVELS.index(m.level)))


class Scope(NamedTuple):
    """The tokens low:high of which a context at first:last speaks."""

    low: int
    high: int
    first: int
    last: int


class Nearby:
    """The scopes of one category, found by place: a text may hold hundreds of them, and of matches."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self._scopes = sorted(scopes)
        self._longest = max(scope.high - scope.low for scope in self._scopes)

    def at(self, start: int, end: int) -> Iterator[Scope]:
        """Yield those that speak of a token of start:end."""
        for scope in reversed(self._scopes[: bisect.bisect_left(self._scopes, (end,))]):
            if scope.low + self._longest <= start:
                return
            if scope.high > start:
                yield scope


def _is_part(scope: Scope, span: Span, named: frozenset[str]) -> bool:
    """Return whether the context of `scope` lies in `span` and consists of words that its phrase names."""
    inside = span.start <= scope.first and scope.last <= span.end
    return inside and all(t.lemma_ in named or f"={t.norm_}" in named for t in span.doc[scope.first : scope.last])


def _reach(context: Context, start: int, end: int, borders: list[int], length: int) -> tuple[int, int]:
    """Return the tokens, low:high, that a context at start:end speaks of in a text of `length` tokens.

    None of the tokens `borders`, in their order, is passed.
    """
    if context.direction == "message":
        return 0, length
    low, high = start, end
    if context.direction in ("forward", "both"):
        at = bisect.bisect_left(borders, end)
        high = min(end + context.reach, borders[at] if at < len(borders) else length)
    if context.direction in ("backward", "both"):
        at = bisect.bisect_left(borders, start)
        low = max(start - context.reach, borders[at - 1] + 1 if at else 0)
    return low, high
