"""Measures of quality: from what was meant and what was understood to figures. Pure, and knows no Rasa."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.content import LEVELS, Content
from assistant.people import People

Z = 1.959964  # of a 95 % interval

# Levels whose reply serves a message of these intents, so that the screen's decision is as good as the intent.
# Each holds the intent's own level and what SAFETY.md lets win over it; express_distress has none: it is not a danger.
CORRESPONDING = {
    "report_emergency": {"emergency"},
    "report_violence": {"emergency", "high_risk", "abuse_disclosed"},
    "report_child_risk": {"emergency", "child_at_risk"},
    "report_monitoring": {"high_risk", "monitored"},
    "express_suicidal": {"emergency", "suicide"},
    "express_harm_others": {"child_at_risk", "harm_to_others"},
}
REFUSED = {"out_of_scope", "nlu_fallback"}


# --- figures


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of the share hits/total after Wilson; (0, 1) where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share, weight = hits / total, Z * Z / total
    centre = (share + weight / 2) / (1 + weight)
    half = Z * math.sqrt(share * (1 - share) / total + weight / (4 * total)) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class Share:
    """How many of how many, with its interval."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.total)

    def __str__(self) -> str:
        if not self.total:
            return "none counted"
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f} to {high:.3f}), {self.hits} of {self.total}"

    def as_dict(self) -> dict[str, float]:
        low, high = self.interval
        return {"value": self.value, "low": low, "high": high, "hits": self.hits, "total": self.total}


def rate(flags: Iterable[bool]) -> Share:
    """Return the share of `flags` that are true."""
    given = [bool(flag) for flag in flags]
    return Share(sum(given), len(given))


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean of both, 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Scores:
    """How well one label was found: `hits` of `meant` messages, among `said` that got the label."""

    hits: int
    meant: int
    said: int

    @property
    def precision(self) -> Share:
        return Share(self.hits, self.said)

    @property
    def recall(self) -> Share:
        return Share(self.hits, self.meant)

    @property
    def f1(self) -> float:
        return f1(self.precision.value, self.recall.value)


def per_label(truth: Sequence[Collection[str]], said: Sequence[Collection[str]]) -> dict[str, Scores]:
    """Return the scores of every label that occurs; each message may have several, or none."""
    meant = Counter(label for labels in truth for label in labels)
    given = Counter(label for labels in said for label in labels)
    hits = Counter(label for t, s in zip(truth, said, strict=True) for label in set(t) & set(s))
    return {label: Scores(hits[label], meant[label], given[label]) for label in [*meant, *(given - meant)]}


def macro_f1(scores: dict[str, Scores]) -> float:
    """Return the mean F1 over the labels that were meant at least once."""
    counted = [s.f1 for s in scores.values() if s.meant]
    return sum(counted) / len(counted) if counted else 0.0


def micro_f1(scores: dict[str, Scores]) -> float:
    """Return the F1 over all labels together."""
    hits, meant, said = (sum(getattr(s, name) for s in scores.values()) for name in ("hits", "meant", "said"))
    return f1(Share(hits, said).value, Share(hits, meant).value)


def confusion(truth: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> list[list[int]]:
    """Return how often each of `labels` (rows) was taken for each (columns)."""
    counts = Counter(zip(truth, said, strict=True))
    return [[counts[row, column] for column in labels] for row in labels]


def spread(rows: Sequence[Any], limit: int) -> list[Any]:
    """Return `limit` of `rows` drawn from all of them, always the same and in their order; all where it is 0."""
    if not limit or len(rows) <= limit:
        return list(rows)
    return [rows[i] for i in sorted(random.Random(0).sample(range(len(rows)), limit))]


# --- what a turn of a conversation was answered with


@dataclass(frozen=True)
class Words:
    """Texts by which a reply is known for what it is."""

    corrections: tuple[str, ...]
    farewells: tuple[str, ...]
    apologies: tuple[str, ...]

    @classmethod
    def of(cls, content: Content) -> Words:
        """Return the words of `content`; a first "no" to suicide counts as a correction (R14)."""
        accepted = content.phrases.correction
        followups = [level.followups for level in content.levels.values()]
        corrections = [accepted.accepted, accepted.again, *(f.get("correction", []) for f in followups)]
        corrections += [f.get("correction_first", []) for f in followups]
        corrections += [concern.say for id, concern in content.concerns.items() if id == "wrong_way_round"]
        farewells = [f.get(name, []) for f in followups for name in ("goodbye", "thanks")]
        answer = content.answers["goodbye"]
        return cls(
            tuple(word for words in corrections for word in words),
            tuple(word for words in [*farewells, answer.say, answer.again] for word in words),
            tuple(content.phrases.sorry),
        )


@dataclass(frozen=True)
class Answered:
    """The messages of one turn, read as one."""

    text: str
    level: str  # named by the reply, "none" where none is
    contacts: bool
    article: bool  # names a section of the article, and is not about safety or help itself
    topics: tuple[str, ...]

    @property
    def outline(self) -> str:
        """Return in short what the reply was, for a list of errors."""
        signs = [f"level {self.level}", *["contacts"] * self.contacts, *["article"] * self.article]
        return f'[{", ".join(signs)}] "{" ".join(self.text.split())[:80]} ..."'

    @classmethod
    def of(cls, messages: Sequence[dict[str, Any]]) -> Answered:
        """Return what `messages`, as the rest channel gives them, say together."""
        customs = [message.get("custom") or {} for message in messages]
        topics = tuple(t for custom in customs for t in (custom.get("topic"), *custom.get("near", [])) if t)
        helping = {topic.partition("/")[0] for topic in topics} <= {"ask_safety_plan", "ask_hotline"}
        return cls(
            text="\n\n".join(message.get("text") or "" for message in messages),
            level=next((custom["level"] for custom in customs if custom.get("level")), "none"),
            contacts=any(custom.get("contacts") for custom in customs),
            article=any(custom.get("source") for custom in customs) and not helping,
            topics=topics,
        )


def says(text: str, words: Sequence[str]) -> bool:
    """Return whether `text` holds one of `words`."""
    return any(word in text for word in words)


def tells(text: str, must: Sequence[str | Sequence[str]]) -> bool:
    """Return whether `text` holds one entry of `must`, a list inside counting as one that must be held whole."""
    low = text.lower().replace("’", "'")
    return any(all(word in low for word in ([entry] if isinstance(entry, str) else entry)) for entry in must)


# What a turn is expected to be answered with: (reply, words, levels named before in this conversation) -> met?
Criterion = Callable[[Answered, Words, Collection[str]], bool]
EXPECTATIONS: dict[str, Criterion] = {
    "in_safety_path": lambda a, words, _: a.contacts and not a.article,
    "article_with_contact": lambda a, words, _: a.contacts and a.article,
    "corrected": lambda a, words, _: says(a.text, words.corrections),
    "farewell_with_contact": lambda a, words, _: a.contacts and says(a.text, words.farewells),
    "normal": lambda a, words, _: a.level == "none",
    "none": lambda a, words, _: a.level == "none",
}


def level_named(level: str) -> Criterion:
    """Return the criterion of a danger: it is named with contacts, or a worse one that was named before goes on."""
    worse = LEVELS[: LEVELS.index(level)]
    return lambda a, words, before: a.contacts and (a.level == level or (a.level in worse and a.level in before))


EXPECTATIONS |= {level: level_named(level) for level in LEVELS if level != "none"}


def met(expect: str, answered: Answered, words: Words, before: Collection[str]) -> bool:
    """Return whether a turn was answered as expected; silence and an apology for a fault never are."""
    if not answered.text.strip() or says(answered.text, words.apologies):
        return False
    return EXPECTATIONS[expect](answered, words, before)


# --- the same message as other people would type it

SHORT = {
    "you": "u", "your": "ur", "you're": "ur", "youre": "ur", "are": "r", "to": "2", "too": "2", "for": "4", "and": "n",
    "because": "cuz", "please": "pls", "tonight": "2nite", "tomorrow": "2moro", "people": "ppl", "with": "w",
    "what": "wat", "before": "b4", "great": "gr8", "know": "kno", "really": "rly", "though": "tho", "through": "thru",
    "thanks": "thx", "love": "luv", "going": "goin", "nothing": "nothin", "about": "abt", "someone": "sum1",
    "everyone": "evry1", "right": "rite", "night": "nite", "have": "hav", "be": "b", "see": "c", "why": "y",
    "don't": "dnt", "dont": "dnt", "can't": "cnt", "cant": "cnt", "just": "jst", "should": "shud", "would": "wud",
    "could": "cud", "that": "dat", "this": "dis", "the": "da", "okay": "k", "ok": "k", "something": "smth",
}  # fmt: skip
EMOJI = ["😭", "💔", "😔", "🙏", "😂", "😳", "❤️", "🥺"]
LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def _spoil(word: str, chance: random.Random) -> str:
    """Return `word` with two neighbours swapped, or one letter dropped or doubled, its first letter kept."""
    at = chance.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    ways = [swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]]
    return chance.choice([way for way in ways if way != word])


def _typos(text: str, chance: random.Random, count: int) -> str:
    found = list(LONG_WORD.finditer(text))
    for match in sorted(chance.sample(found, min(count, len(found))), key=lambda m: -m.start()):
        text = text[: match.start()] + _spoil(match.group(), chance) + text[match.end() :]
    return text


def _double(text: str, chance: random.Random) -> str:
    """Return `text` with a letter doubled in every third word of four letters or more, at least in one."""
    found = list(LONG_WORD.finditer(text))
    for match in found[chance.randrange(min(3, len(found) or 1)) :: 3][::-1]:
        at = match.start() + chance.randrange(1, len(match.group()))
        text = text[:at] + text[at] + text[at:]
    return text


def _shorten(text: str) -> str:
    return re.sub(r"[\w']+", lambda m: SHORT.get(m.group().lower(), m.group()), text.replace("’", "'"))


PERTURBATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "lower case": lambda text, _: text.lower(),
    "no punctuation": lambda text, _: re.sub(r"\s+", " ", re.sub(r"[^\w\s'’]", " ", text)).strip(),
    "no apostrophes": lambda text, _: re.sub(r"['’]", "", text),
    "one typo": lambda text, chance: _typos(text, chance, 1),
    "two typos": lambda text, chance: _typos(text, chance, 2),
    "SMS spelling": lambda text, _: _shorten(text),
    "emoji": lambda text, chance: f"{text} {chance.choice(EMOJI)}",
    "doubled letters": _double,
}


SMS = re.compile(r"\b(?:u|ur|r|idk|tbh|rn|bc|cuz|cos|pls|plz|omg|lol|ngl|wat|dont|im|hes|shes|cant|wont)\b")


def slices_of(text: str, people: People) -> list[str]:
    """Return the slices that a message belongs to: one of length, one of style, and the relationship it names."""
    count = len(text.split())
    length = "up to 5 words" if count <= 5 else "6 to 20 words" if count <= 20 else "over 20 words"
    formal = text[:1].isupper() and text.rstrip()[-1:] in ".?!" and "'" not in text
    style = "formal" if formal else "as on a phone" if text == text.lower() or SMS.search(text) else "other"
    person = people.find(text)
    return [f"length: {length}", f"style: {style}", *([f"about: {person}"] if person else [])]


def perturb(name: str, text: str) -> str:
    """Return `text` changed as `name` says; the same text always becomes the same."""
    changed = PERTURBATIONS[name](text, random.Random(f"{name}|{text}"))
    return changed if changed.strip() else text
