"""The reviewed words: loads and checks `content/`, and refuses what it does not know.

`load()` returns everything the assistant says. An unknown key, a missing one, a wrong type or
a reference that leads nowhere raises `ContentError`, whose message names the file and the key.
"""

from __future__ import annotations

import datetime
import os
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError, validator
from pydantic.fields import ModelField

ROOT = Path(os.environ.get("LINDEN_CONTENT") or Path(__file__).resolve().parent.parent / "content")
DOMAIN = Path(__file__).resolve().parent.parent / "domain.yml"
ARTICLE = "What Is Trauma Bonding?"
MOST_CHARACTERS = 520  # of an answer; R26 allows 600 with the line that names its source
LEVELS = (
    "emergency",
    "suicide",
    "child_at_risk",
    "harm_to_others",
    "high_risk",
    "monitored",
    "abuse_disclosed",
    "none",
)  # most urgent first, as SAFETY.md lists them
DangerLevel = Literal[
    "emergency", "suicide", "child_at_risk", "harm_to_others", "high_risk", "monitored", "abuse_disclosed"
]  # fmt: skip
Voice = Literal["self", "other", "harmer", "child", "own_act"]  # whose words a reply answers
# Turns after a danger for which each level has words (R13).
EVERY_FOLLOWUP = (
    "what_now", "affirm", "deny", "why", "more", "thanks", "safe", "goodbye", "distress", "greet", "default", "article",
    "correction",
)  # fmt: skip
SIGNS = (
    "confuse_love_abuse", "isolated_dependent", "self_blame_excuses", "covers_up", "trusts_unreliable",
    "selective_memory", "reluctant_to_end", "defends_other", "doubts_safe_love", "charming", "mood_swings",
    "blames_other", "isolates", "empty_promises", "needs_to_survive", "terror_of_ending", "needed_for_fulfilment",
    "cannot_remove", "unsafe_everywhere", "longs_for_what_could_be", "dissociates", "love_bombing",
    "narcissistic_traits",
)  # as CONTRACT.md names them  # fmt: skip
ContactKind = Literal[
    "emergency", "domestic_abuse", "suicide_crisis", "child", "people_using_violence", "digital_safety",
    "sexual_violence", "men", "lgbtq", "general",
]  # fmt: skip


class ContentError(Exception):
    """Content that cannot be used; the message is for the person who edits it."""


class Strict(BaseModel):
    """Refuses unknown keys, texts without a word where one is needed, and placeholders that nothing fills.

    What a text may hold in braces its field names: `call: str = Field(fills="phone")`.
    """

    class Config:
        extra = Extra.forbid
        allow_mutation = False

    @validator("*")
    def can_be_said(cls, value: Any, field: ModelField) -> Any:
        """Return `value`; raise `ValueError` for one that would fail, or say nothing, in a conversation."""
        known = set(field.field_info.extra.get("fills", "").split())
        for text in _strings(value):
            if field.required and not text.strip():
                raise ValueError("a text without words")
            if "fills" in field.field_info.extra and (unknown := _placeholders(text) - known):
                raise ValueError(f"{sorted(unknown)}: nothing fills this in; known: {sorted(known)}")
        return value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _placeholders(text: str) -> set[str]:
    """Return the names in braces; raise `ValueError` for a brace that does not end."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


class Review(Strict):
    """Who has read these words, and when; `unreviewed` until a person truly has."""

    status: Literal["unreviewed", "reviewed"]
    by: str = ""
    on: datetime.date | None = None
    digest: str = ""


class Follow(Strict):
    """A short follow-up that makes sense only after one answer."""

    when: list[str] = Field(min_items=1)
    to: str


class Item(Strict):
    """One fact; data/facts/ has the ways in which people ask for just this."""

    id: str = Field(regex=r"^[a-z0-9_]+$")
    title: str = Field(max_length=40)
    source: str = ""
    words: list[str] = []
    say: list[str] = Field(min_items=1)
    again: list[str] = []
    follow: list[Follow] = []
    why: str = ""


class Answer(Strict):
    """What is said when somebody asks; see content/README.md for the fields."""

    intent: str
    title: str = Field(max_length=40)
    source: str = ""
    say: list[str] = Field(min_items=1)
    again: list[str] = []
    more: list[list[str]] = []
    items: list[Item] = []
    follow: list[Follow] = []
    why: str = ""
    offer: list[str] = []
    review: Review

    def item(self, id: str) -> Item | None:
        return next((item for item in self.items if item.id == id), None)


class Reply(Strict):
    """The words of one danger reply, around the contacts."""

    before: list[str] = []
    after: list[str] = []


class Level(Strict):
    """What is said at one level of danger."""

    level: str
    title: str = Field(max_length=40)
    contacts: list[ContactKind] = Field(min_items=1)
    contacts_if: dict[str, list[ContactKind]] = {}  # other contacts where the message has this intent
    replies: dict[Voice, list[Reply]]
    notes: dict[str, str] = {}
    followups: dict[str, list[str]]
    offer: list[str] = []
    review: Review

    @validator("replies")
    def has_a_reply(cls, replies: dict[str, list[Reply]]) -> dict[str, list[Reply]]:
        """Return `replies`; `self` is what is said where a voice has none of its own."""
        if "self" not in replies:
            raise ValueError("self: there must be a reply for the person themselves")
        if empty := [
            voice
            for voice, variants in replies.items()
            if not variants or not all(v.before or v.after for v in variants)
        ]:
            raise ValueError(f"{empty}: a reply needs words")
        return replies

    @validator("followups")
    def has_a_followup(cls, followups: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return `followups`: words for each turn that may follow, also such as only one voice hears (`safe_other`)."""
        if missing := [name for name in EVERY_FOLLOWUP if name not in followups]:
            raise ValueError(f"{missing}: there must be words for each turn after the danger")
        voices = typing.get_args(Voice)
        known = {
            *EVERY_FOLLOWUP,
            "correction_first",
            *voices,
            *(f"{name}_{voice}" for name in EVERY_FOLLOWUP for voice in voices),
        }
        if unknown := sorted(set(followups) - known):
            raise ValueError(
                f"{unknown}: no turn is called so; they are {sorted(EVERY_FOLLOWUP)}, or with _ and a voice behind"
            )
        if empty := [name for name, variants in followups.items() if not variants]:
            raise ValueError(f"{empty}: no words")
        return followups

    def words(self, followup: str, voice: str) -> list[str]:
        """Return what is said as `followup` to a `voice`: its own words where there are some."""
        return self.followups.get(f"{followup}_{voice}") or self.followups.get(followup) or []


class TurnPhrase(Strict):
    """One meaning of a message inside a conversation, with its phrases; the two lists of sentences are its tests."""

    id: str = Field(regex=r"^[a-z_]+$")
    why: str = Field(min_length=10)
    whole: bool = False  # nothing but the phrase may be said
    ends: bool = False  # or nothing else in the last sentence
    any: list[str] = Field(min_items=1)
    matches: list[str] = Field(min_items=1)
    spares: list[str] = Field(min_items=1)


class Concern(TurnPhrase):
    """What people ask or say after they told a danger, and what is said to it, with a contact kept at hand."""

    after: list[DangerLevel] = []  # the dangers after which it is said; empty: after any
    contacts: list[ContactKind] = []  # shown before those of the danger
    settles: bool = False  # a mere guess of the classifier that it tells a new danger gives way to it
    yields: bool = False  # a sure question on the article is answered instead
    say: list[str] = Field(min_items=1)
    say_after: dict[DangerLevel, list[str]] = {}  # other words after these dangers
    only_to: list[Voice] = []  # whom alone it is said to; empty: anybody
    say_to: dict[Voice, list[str]] = {}  # other words to these people, before those of `say_after`

    def words(self, level: str, told: str = "", voice: str = "") -> list[str]:
        """Return what is said to it after a danger of `level`; nothing where it is not for that.

        `told` is the danger before that one, whose words are the next to fit; `voice` is whose words are answered.
        """
        if (self.after and level not in self.after) or (self.only_to and voice not in self.only_to):
            return []
        to: dict[str, list[str]] = {str(name): words for name, words in self.say_to.items()}
        others: dict[str, list[str]] = {str(danger): words for danger, words in self.say_after.items()}
        return list(to.get(voice) or others.get(level) or others.get(told) or self.say)


class AfterDanger(Strict):
    """The file of all that is said after a danger beside the follow-ups of its level."""

    concerns: list[Concern] = Field(min_items=1)
    review: Review


class Sms(Strict):
    number: str
    keyword: str | None = None


class Emergency(Strict):
    """An emergency number of a region."""

    number: str
    covers: str
    silent: str = ""  # how to reach it without speaking, in a short sentence for the person
    detail: str = ""  # what the source says on texting, for the reviewer
    source: str
    source_says: str = ""
    also: list[str] = []
    checked_on: datetime.date


class Contact(Strict):
    """A service that a person can reach, with where its number was read."""

    id: str
    name: str
    kind: ContactKind
    limited: str = ""  # whom or where it is for, when not everybody in the country: 'Manitoba', 'teenagers', 'Deaf'
    phone: str = ""
    sms: Sms | None = None
    chat_url: str = ""
    url: str = ""
    hours: str = ""
    languages: list[str] = []
    cost: str = ""
    note: str = ""
    source: str
    source_says: str = ""
    source_seen: str = ""
    also: list[str] = []
    checked: Literal["own_page", "government", "two_sources", "secondary"]
    checked_on: datetime.date
    weak: bool = False

    @validator("url")
    def can_be_reached(cls, url: str, values: dict[str, Any]) -> str:
        """Return `url`, the last of the ways; raise `ValueError` when there is none at all."""
        if not (url or values.get("phone") or values.get("sms") or values.get("chat_url")):
            raise ValueError("a contact needs a phone, sms, chat_url or url")
        return url


class Region(Strict):
    """A country: how people name it, its emergency numbers and its services, strongest first."""

    code: str = Field(regex=r"^[A-Z]{2}$")
    name: str
    in_sentence: str = ""
    names: list[str]
    places: list[str]
    languages: list[str]
    emergency: list[Emergency] = Field(min_items=1)
    contacts: list[Contact] = Field(min_items=1)


Choice = Literal["false_alarm", "more", "hotline", "plan", "device", "privacy"]  # those that stand under many replies


class Correction(Strict):
    """What is said when a person takes an alarm back, and when they do so again."""

    accepted: list[str] = Field(min_items=1)
    again: list[str] = Field(min_items=1)


class Reflect(Strict):
    """What is said to a description, around the signs that it is like."""

    heard: list[str] = Field(min_items=1)
    one: list[str] = Field(min_items=1, fills="sign")
    several: list[str] = Field(min_items=1, fills="signs")
    only_you: list[str] = Field(min_items=1)
    ask: list[str] = Field(min_items=1)


class Phrases(Strict):
    """Small connecting words that replies share."""

    source_line: str = Field(fills="section")
    region_default: str = Field(fills="region")
    region_named: str = Field(fills="region")
    directory: str
    call: str = Field(fills="phone")
    text: str = Field(fills="number")
    text_keyword: str = Field(fills="keyword number")
    chat: str = Field(fills="url")
    correction: Correction
    sorry: list[str] = Field(min_items=1, fills="stop_word")
    typed_command: list[str] = Field(min_items=1, fills="stop_word")
    empty: list[str] = Field(min_items=1, fills="stop_word")
    choices: dict[Choice, str]
    follow_missing: list[str] = Field(min_items=1)
    reflect: Reflect
    other_topics: list[str] = Field(min_items=1, fills="topic")
    too_long: str
    intro: list[str] = Field(min_items=1)
    device_question: list[str] = Field(min_items=1, fills="stop_word")
    stop_hint: list[str] = Field(min_items=1, fills="stop_word")  # after a first danger, when nothing is asked
    device_yes: list[str] = Field(min_items=1, fills="stop_word")
    device_no: list[str] = Field(min_items=1, fills="stop_word")
    stop_word: str
    stopped: list[str] = Field(min_items=1, fills="stop_word")
    deleted: list[str] = Field(min_items=1, fills="stop_word")
    place_unknown: list[str] = Field(min_items=1)  # the line `directory` follows
    place_known: list[str] = Field(min_items=1, fills="region")
    keep_at_hand: list[str] = Field(min_items=1)  # said before a contact on one line
    once_more: list[str] = Field(min_items=1)  # before the contact that is shown once more after a correction
    at_hand_now: list[str] = Field(min_items=1)  # the same in an emergency
    signs: dict[str, str]
    review: Review

    @validator("choices", "signs")
    def is_complete(cls, words: dict[str, str], field: ModelField) -> dict[str, str]:
        """Return `words`; raise `ValueError` where a choice or a sign has none."""
        needed = SIGNS if field.name == "signs" else typing.get_args(Choice)
        if missing := set(needed) - set(words):
            raise ValueError(f"{sorted(missing)}: no words")
        return words


class Language(Strict):
    """An honest sentence for those who do not write English, and common words by which their language is known."""

    say: str = Field(min_length=1)
    words: str = ""  # with spaces between them


class PlanStep(Strict):
    """One question of the safety plan; `ask_if` words it for a situation."""

    id: str = Field(regex=r"^[a-z_]+$")
    title: str = Field(max_length=40)
    source: str = ""
    ask: str
    ideas: str
    ask_if: dict[str, str] = {}


class Situation(Strict):
    """The first question of the plan, its choices and the words by which they are known."""

    ask: str
    choices: dict[str, str]
    words: dict[str, list[str]]


class PlanContent(Strict):
    """The words of the safety plan that a person makes."""

    title: str
    begin: list[str] = Field(min_items=1)
    situation: Situation
    steps: list[PlanStep] = Field(min_items=1)
    skipped: list[str] = Field(min_items=1)
    noted: list[str] = Field(min_items=1)
    ideas_line: str = Field(fills="ideas")
    progress: str = Field(fills="n all title")
    resume: list[str] = Field(min_items=1)
    summary: list[str] = Field(min_items=1)
    line: str = Field(fills="n title text")
    empty: str
    after: list[str] = Field(min_items=1)
    change: str = Field(fills="n title")
    nothing: str
    stopped: list[str] = Field(min_items=1)
    at_end: str
    choices: dict[Literal["start", "skip", "back", "stop", "show", "resume"], str]
    words: dict[Literal["skip", "back", "stop", "show", "resume"], list[str]]
    review: Review


class Person(Strict):
    """Somebody whom a message may be about."""

    say: str = Field(min_length=1)
    words: list[str] = Field(min_items=1)
    conflict: list[str] = []  # words that show that someone else is meant
    near: bool = False  # also gives advice: "my sister says"


class PeopleFile(Strict):
    people: dict[str, Person]
    review: Review


WAY = "name phone number keyword"  # what a line of a contact may hold


class SmsWords(Strict):
    """The few words around the short form of a reply, and the words that carriers ask a service to know."""

    opening: str
    intro: str
    device: str = Field(fills="stop_word")
    place: str = Field(fills="region")
    source: str = Field(fills="section")
    more: str
    call: str = Field(fills=WAY)
    text: str = Field(fills=WAY)
    text_keyword: str = Field(fills=WAY)
    call_or_text: str = Field(fills=WAY)
    call_or_text_keyword: str = Field(fills=WAY)
    emergency: str
    stop: list[str] = Field(min_items=1)
    start: list[str] = Field(min_items=1)
    help: list[str] = Field(min_items=1)
    stopped: str
    started: str
    helped: str


class ChannelWords(Strict):
    """What is said on messengers and by text message, beside the answers themselves."""

    opening: str
    kept: dict[str, str]  # by channel
    media: list[str] = Field(min_items=1)
    choice_over: str
    too_fast: str
    sms: SmsWords
    review: Review


class Content(BaseModel):
    """Everything that the assistant can say."""

    answers: dict[str, Answer]
    levels: dict[str, Level]
    concerns: dict[str, Concern]
    regions: dict[str, Region]
    phrases: Phrases
    languages: dict[str, Language]  # by their ISO 639-1 codes
    people: dict[str, Person]
    plan: PlanContent
    channels: ChannelWords

    class Config:
        allow_mutation = False


Model = TypeVar("Model", bound=BaseModel)


class Loader(yaml.CSafeLoader):
    """Reads YAML, and refuses a key that stands there twice: half of what was written would not be said."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Returns the mapping (see parent class); raises `ConstructorError` for a key that stands there twice."""
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise yaml.constructor.ConstructorError(None, None, f"'{twice}' stands there twice", node.start_mark)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def read(path: Path, model: type[Model], **known: str) -> Model:
    """Return the YAML file `path` as `model`, with `known` keys added; raise `ContentError`."""
    place = f"{path.parent.name}/{path.name}"
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except FileNotFoundError:
        raise ContentError(f"{place}: this file is missing") from None
    except UnicodeDecodeError:
        raise ContentError(f"{place}: this file is not saved as UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ContentError(f"{place}: not valid YAML: {error}") from None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise ContentError(f"{place}: expected keys and values, the keys being words")
    if wrong := [name for name, value in known.items() if data.get(name, value) != value]:
        raise ContentError(f"{place}: {wrong[0]}: '{data[wrong[0]]}' is not the name of the file")
    try:
        return model(**{**known, **data})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContentError(f"{place}: {where}: {first['msg']}") from None


def read_folder(folder: Path, model: type[Model], name: str) -> dict[str, Model]:
    """Return every file of `folder` as `model`, under its file name, which fills the key `name`."""
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ContentError(f"{folder.name}/: no files")
    return {path.stem: read(path, model, **({name: path.stem} if name else {})) for path in paths}


def check_complete(content: Content) -> None:
    """Raise `ContentError` when an intent has no answer, or a level no replies."""
    intents = yaml.load(DOMAIN.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["intents"]
    if missing := [intent for intent in intents if intent not in content.answers]:
        raise ContentError(f"answers/{missing[0]}.yml: this file is missing")
    if missing := [level for level in LEVELS[:-1] if level not in content.levels]:
        raise ContentError(f"levels/{missing[0]}.yml: this file is missing")


def check_references(content: Content) -> None:
    """Raise `ContentError` when a choice or follow-up leads to an answer that is not there."""
    for intent, answer in content.answers.items():
        follows = [*answer.follow, *(f for item in answer.items for f in item.follow)]
        whys = [answer.why, *(item.why for item in answer.items)]
        for target in [*answer.offer, *(f.to for f in follows), *filter(None, whys)]:
            topic, _, item = target.partition("/")
            found = content.answers.get(topic)
            if found is None or (item and found.item(item) is None):
                raise ContentError(f"answers/{intent}.yml: '{target}' leads to no answer")
        ids = [item.id for item in answer.items]
        if len(ids) != len(set(ids)):
            raise ContentError(f"answers/{intent}.yml: items: an id occurs twice")
    plan = content.plan
    if unknown := {s for step in plan.steps for s in step.ask_if} - set(plan.situation.choices):
        raise ContentError(f"plan.yml: ask_if: {sorted(unknown)}: no such situation")
    if set(plan.situation.words) != set(plan.situation.choices):
        raise ContentError("plan.yml: situation: words: every choice needs its words, and no other")
    for name, level in content.levels.items():
        for target in level.offer:
            if target.partition("/")[0] not in content.answers:
                raise ContentError(f"levels/{name}.yml: offer: '{target}' leads to no answer")


def check_questions(content: Content, questions: Mapping[str, Sequence[str]]) -> None:
    """Raise `ContentError` where `questions` (data/facts/) ask for what is not there, or none asks for an item."""
    items = {f"{intent}/{item.id}" for intent, answer in content.answers.items() for item in answer.items}
    for topic in questions:
        intent, _, item = topic.partition("/")
        if topic not in items and topic not in content.answers:
            raise ContentError(f"data/facts/{intent}.txt: [{item}]: content/answers/{intent}.yml has no such item")
    for topic in sorted(items - set(questions)):
        intent, _, item = topic.partition("/")
        raise ContentError(f"data/facts/{intent}.txt: [{item}]: no line asks for this item")


def load(root: Path = ROOT) -> Content:
    """Return the checked content of the folder `root`, read once; raise `ContentError`."""
    return _load(root)


@lru_cache(maxsize=4)
def _load(root: Path) -> Content:
    regions = read_folder(root / "regions", Region, "")
    if wrong := [name for name, region in regions.items() if region.code != name.upper()]:
        raise ContentError(f"regions/{wrong[0]}.yml: code: '{regions[wrong[0]].code}' is not the name of the file")
    languages = read_folder(root / "languages", Language, "")
    if wrong := [name for name in languages if len(name) != 2 or not name.isalpha()]:
        raise ContentError(f"languages/{wrong[0]}.yml: '{wrong[0]}' is not a language's ISO 639-1 code")
    content = Content(
        answers=read_folder(root / "answers", Answer, "intent"),
        levels=read_folder(root / "levels", Level, "level"),
        concerns={concern.id: concern for concern in read(root / "after_danger.yml", AfterDanger).concerns},
        regions={region.code: region for region in regions.values()},
        phrases=read(root / "phrases.yml", Phrases),
        languages=languages,
        people=read(root / "people.yml", PeopleFile).people,
        plan=read(root / "plan.yml", PlanContent),
        channels=read(root / "channels.yml", ChannelWords),
    )
    check_complete(content)
    check_references(content)
    return content
