"""Checks the words beyond their form: length, reading level, age of numbers, borrowed sentences, reviews.

`faults()` returns one line for each fault, in words for the person who edits the file. The form itself
(unknown keys, missing ones, references) is checked whenever content is loaded.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
import yaml

from assistant.content import (
    LEVELS,
    MOST_CHARACTERS,
    ROOT,
    Answer,
    Contact,
    Content,
    ContentError,
    Emergency,
    Level,
    Loader,
    check_questions,
    load,
)
from assistant.questions import read_questions
from assistant.rules import Rules
from assistant.text import words
from assistant.turns import Turns

MOST_GRADE = 8.0
RUN = 8  # words in a row that may not equal the article's
OLDEST = datetime.timedelta(days=365)
ARTICLE = Path(__file__).resolve().parent.parent.parent / "shared" / "design" / "article.txt"
NUMBER = re.compile(r"\d[\d \-().]{5,}\d")
MOST_BEFORE, MOST_AFTER = 240, 320


def faults(root: Path = ROOT, today: datetime.date | None = None) -> list[str]:
    """Return all faults of the content in `root`; an empty list when there are none."""
    try:
        content = load(root)
        check_questions(content, read_questions())
        rules, turns = Rules(root), Turns(root)
    except ContentError as error:
        return [str(error)]
    day = today or datetime.date.today()
    return [
        *_long(content),
        *_hard_to_read(content),
        *_numbers_in_words(content),
        *_borrowed(content),
        *_old(content, day),
        *_broken_rules(rules),
        *_broken_turns(turns),
        *_reviews(content),
    ]


def texts(content: Content) -> Iterator[tuple[str, str]]:
    """Yield (place, text) for everything that a person may read as one reply."""
    for intent, answer in content.answers.items():
        place = f"content/answers/{intent}.yml"
        yield f"{place}: say", "\n".join(answer.say)
        yield f"{place}: again", "\n".join(answer.again)
        for number, more in enumerate(answer.more, 1):
            yield f"{place}: more {number}", "\n".join(more)
        for item in answer.items:
            yield f"{place}: items: {item.id}: say", "\n".join(item.say)
            yield f"{place}: items: {item.id}: again", "\n".join(item.again)
    plan = content.plan
    for step in plan.steps:
        place = f"content/plan.yml: steps: {step.id}"
        yield f"{place}: ideas", step.ideas
        for situation, ask in {"": step.ask, **step.ask_if}.items():
            yield f"{place}: ask {situation}".rstrip(), ask
    for key, variants in {
        "begin": plan.begin,
        "resume": plan.resume,
        "after": plan.after,
        "stopped": plan.stopped,
    }.items():
        for text in variants:
            yield f"content/plan.yml: {key}", text
    channels = content.channels
    for place, text in {
        "opening": channels.opening,
        "choice_over": channels.choice_over,
        "too_fast": channels.too_fast,
        "sms: stopped": channels.sms.stopped,
        "sms: started": channels.sms.started,
        "sms: helped": channels.sms.helped,
    }.items():
        yield f"content/channels.yml: {place}", text
    for place, variants in {"media": channels.media, "kept": list(channels.kept.values())}.items():
        for text in variants:
            yield f"content/channels.yml: {place}", text
    for name, level in content.levels.items():
        place = f"content/levels/{name}.yml"
        for voice, replies in level.replies.items():
            for number, reply in enumerate(replies, 1):
                yield f"{place}: {voice} {number}: before", "\n".join(reply.before)
                yield f"{place}: {voice} {number}: after", "\n".join(reply.after)
        for rule, note in level.notes.items():
            yield f"{place}: notes: {rule}", note
        for followup, variants in level.followups.items():
            for text in variants:
                yield f"{place}: followups: {followup}", text
    for id, concern in content.concerns.items():
        for variants in [concern.say, *concern.say_after.values()]:
            for text in variants:
                yield f"content/after_danger.yml: {id}", text


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of `text` (Kincaid et al. 1975); lists count line by line."""
    import textstat

    plain = re.sub(r"^- ", "", text, flags=re.MULTILINE)
    plain = re.sub(r"(?<![.!?:])\n", ".\n", plain)
    return float(textstat.flesch_kincaid_grade(plain))


def _long(content: Content) -> Iterator[str]:
    for place, text in texts(content):
        most = MOST_CHARACTERS
        if "/levels/" in place or "/after_danger" in place:
            most = MOST_BEFORE if place.endswith("before") else MOST_AFTER
        if len(text) > most:
            yield f"{place}: {len(text)} characters, at most {most}"


def _hard_to_read(content: Content) -> Iterator[str]:
    for place, text in texts(content):
        if len(words(text)) >= 8 and (found := grade(text)) > MOST_GRADE:
            yield f"{place}: reading grade {found:.1f}, at most {MOST_GRADE:.0f}: shorter words or sentences"


def _numbers_in_words(content: Content) -> Iterator[str]:
    for place, text in texts(content):
        if NUMBER.search(text):
            yield f"{place}: a phone number: numbers live in content/regions/ only"


def _runs(text: str) -> set[tuple[str, ...]]:
    found = [w for w in words(text) if w[0].isalnum()]
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def _borrowed(content: Content) -> Iterator[str]:
    if not ARTICLE.exists():
        return
    article = _runs(ARTICLE.read_text(encoding="utf-8"))
    for place, text in texts(content):
        for run in sorted(_runs(text) & article):
            yield f'{place}: the article\'s own words: "{" ".join(run)}"'


def _old(content: Content, today: datetime.date) -> Iterator[str]:
    for code, region in content.regions.items():
        place = f"content/regions/{code.lower()}.yml"
        dated: list[Emergency | Contact] = [*region.emergency, *region.contacts]
        for contact in dated:
            name = contact.id if isinstance(contact, Contact) else contact.number
            if today - contact.checked_on > OLDEST:
                yield f"{place}: {name}: last checked on {contact.checked_on}, more than a year ago"
        for service in region.contacts:
            if service.phone and not _dialable(service.phone, code):
                yield f"{place}: {service.id}: {service.phone} cannot be a number of {code}"


def _dialable(phone: str, region: str) -> bool:
    """Return whether `phone` could be dialled in `region`; short numbers change too often to be judged."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) <= 6 or not phone[0].isdigit():
        return bool(digits)
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(phone, region))
    except phonenumbers.NumberParseException:
        return False


def _broken_rules(rules: Rules) -> Iterator[str]:
    for id, (level, rule) in rules.rules.items():
        place = f"content/screen/{level}.yml: {id}"
        for sentence in rule.matches:
            if id not in {match.rule for match in rules.find(sentence)}:
                yield f'{place}: must match "{sentence}" and does not'
        for sentence in rule.spares:
            if id in {match.rule for match in rules.find(sentence)}:
                yield f'{place}: must spare "{sentence}" and does not'


def _broken_turns(turns: Turns) -> Iterator[str]:
    for id, phrase in turns.phrases.items():
        place = f"content/{turns.places[id]}"
        for sentence in phrase.matches:
            if id not in turns.meanings(sentence):
                yield f'{place}: must match "{sentence}" and does not'
        for sentence in phrase.spares:
            if id in turns.meanings(sentence):
                yield f'{place}: must spare "{sentence}" and does not'


def _reviews(content: Content) -> Iterator[str]:
    reviewed: dict[str, Answer | Level] = {**content.answers, **content.levels}
    for name, entry in reviewed.items():
        folder = "levels" if name in LEVELS else "answers"
        if entry.review.status == "reviewed" and not (entry.review.by and entry.review.on):
            yield f"content/{folder}/{name}.yml: review: reviewed, but not by whom and when"


def unreviewed(root: Path = ROOT) -> int:
    """Return how many files of the content in `root` no person has reviewed yet (R37)."""
    read = (yaml.load(path.read_text(encoding="utf-8"), Loader=Loader) for path in root.rglob("*.yml"))
    return sum(data.get("review", {}).get("status") == "unreviewed" for data in read)
