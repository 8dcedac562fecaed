"""Every file of content/, spoilt in every way that a hand can spoil it: one line that names the file, and no start."""

from __future__ import annotations

import copy
import re
import shutil
import typing
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import SHAPE_SINGLETON

from assistant import content, rules, turns
from assistant.content import ROOT, ContentError
from assistant.web import words
from tests.fuzz.nasty import TEXT, nested, put, tries

FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.yml"))
MODELS: dict[str, type[BaseModel]] = {
    "phrases.yml": content.Phrases, "languages/": content.Language, "people.yml": content.PeopleFile,
    "plan.yml": content.PlanContent, "after_danger.yml": content.AfterDanger, "channels.yml": content.ChannelWords, "widget.yml": words.WidgetWords,
    "screen/words.yml": rules.WordFile, "screen/contexts.yml": rules.ContextFile, "screen/turns.yml": turns.TurnFile,
    "answers/": content.Answer, "levels/": content.Level, "regions/": content.Region, "screen/": rules.RuleFile,
}  # fmt: skip
NAMED = {"answers/": "intent", "levels/": "level", "screen/": "level"}  # keys that the file's name fills
WRONG = {"zz": {"zz": [None]}}  # fits no key of any file
Change = Callable[[dict[str, Any]], Any]


class Copy:
    """A copy of content/ of which one file at a time is spoilt; what is read of the others is read once."""

    def __init__(self, root: Path) -> None:
        self.root, self.changed = root, ""
        self._read, self._known = content.read, dict[tuple[Path, type[BaseModel]], BaseModel]()

    def read(self, path: Path, model: type[BaseModel], **known: str) -> Any:
        if path == self.root / self.changed:
            return self._read(path, model, **known)
        if (path, model) not in self._known:
            self._known[path, model] = self._read(path, model, **known)
        return self._known[path, model]

    @lru_cache(maxsize=1)  # noqa: B019
    def _data(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return found

    def data(self, name: str) -> dict[str, Any]:
        return copy.deepcopy(self._data(name))

    def loads(self, name: str, spoilt: str | bytes | None) -> None:
        """Load all that reads the file `name`, which is `spoilt` or, with None, gone; raise what that raises."""
        path, self.changed = self.root / name, name
        try:
            if spoilt is None:
                path.unlink()
            else:
                path.write_bytes(spoilt if isinstance(spoilt, bytes) else spoilt.encode("utf-8", "surrogatepass"))
            if name == "widget.yml":
                words.load_words.__wrapped__(self.root)
            elif name == "screen/turns.yml":
                turns.Turns(self.root)
            elif name.startswith("screen/"):
                rules.Rules(self.root)
            else:
                content._load.__wrapped__(self.root)
                if name == "after_danger.yml":
                    turns.Turns(self.root)
        finally:
            shutil.copyfile(ROOT / name, path)

    def fault(self, name: str, spoilt: str) -> str:
        """Return what the `ContentError` says that loading raises, nothing where it is loaded."""
        try:
            self.loads(name, spoilt)
        except ContentError as error:
            return str(error)
        return ""

    def loads_changed(self, name: str, change: Change | None) -> None:
        """As `loads`, with what `change` makes of the file; with None it is gone."""
        if change is None:
            return self.loads(name, None)
        data = self.data(name)
        change(data)
        return self.loads(name, yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True))


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    root = tmp_path_factory.mktemp("words") / "content"
    shutil.copytree(ROOT, root)
    found = Copy(root)
    with pytest.MonkeyPatch.context() as patch:
        for module in (content, rules, turns, words):
            patch.setattr(module, "read", found.read)
        yield found


def model_of(name: str) -> type[BaseModel]:
    return next(model for start, model in MODELS.items() if name.startswith(start))


def needed(model: type[BaseModel], value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places in `value` of what `model` cannot do without: of a list or mapping of parts, in the first."""
    for name, field in model.__fields__.items():
        inner = value.get(name)
        if not inner:
            continue
        if field.required:
            yield (*place, name)
        if typing.get_origin(field.type_) is None and issubclass(field.type_, BaseModel):
            way: tuple[Any, ...] = (
                () if field.shape == SHAPE_SINGLETON else (0,) if isinstance(inner, list) else (next(iter(inner)),)
            )
            yield from needed(field.type_, at(inner, way), (*place, name, *way))


def at(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


def names(told: object, name: str) -> bool:
    """Return whether a person who reads what is `told` knows which file to open."""
    return Path(name).name in str(told)


# --- faults that must be found


FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: "say: [",
    lambda text: text + "\nzz: 1\n",
    # of these each file gets a few
    lambda text: "",
    lambda text: "- a",
    lambda text: "\tsay: x\n" + text,
    lambda text: text + "\nsay: 'x\n",
    lambda text: text + "\n  x: y: z\n",
    lambda text: text + "\n&a *a",
    lambda text: text + "\n\0",
    lambda text: text + "\nx: *nobody\n",
    lambda text: text + "\nx: !!python/object:os.system {}\n",
    lambda text: text + "\n---\na: b\n",
    lambda text: text + "\nx: " + "[" * 5000,
    lambda text: "<<<<<<< ours\n" + text,
    lambda text: "# all gone\n",
    lambda text: "null",
    lambda text: "just words",
    lambda text: "42",
)
ALWAYS, TURN = 2, 3


@pytest.mark.parametrize(("n", "name"), enumerate(FILES), ids=FILES)
def test_a_file_that_is_not_of_its_form_is_named(copied: Copy, n: int, name: str) -> None:
    """Broken YAML in all its forms, an empty file, a list, one value; a key too many."""
    text, rest = (ROOT / name).read_text(encoding="utf-8"), FORMS[ALWAYS:]
    for form in [*FORMS[:ALWAYS], *(rest[(n * TURN + i) % len(rest)] for i in range(TURN))]:
        with pytest.raises(ContentError) as raised:
            copied.loads(name, form(text))
        assert names(raised.value, name), (form(text)[:30], str(raised.value))


SPOIL: tuple[Callable[[dict[str, Any], tuple[Any, ...]], Any], ...] = (
    lambda d, place: at(d, place[:-1]).pop(place[-1]),
    lambda d, place: at(d, place[:-1]).update({f"{place[-1]}s": at(d, place[:-1]).pop(place[-1])}),
    lambda d, place: put(d, place, None),
    lambda d, place: put(d, place, WRONG),
)


@pytest.mark.parametrize(("n", "name"), enumerate(FILES), ids=FILES)
def test_a_key_that_is_needed_is_missed_and_named(copied: Copy, n: int, name: str) -> None:
    """At any depth: gone, misspelt, empty, or of another type; in one of these ways, and of files alike one in three keys, by turns."""
    own = next((NAMED[start] for start in NAMED if name.startswith(start)), "")
    places = [place for place in needed(model_of(name), copied.data(name)) if place != (own,)]
    assert places
    several = 1 if "/" not in name or name in MODELS else 3
    for i, place in list(enumerate(places))[n % several :: several]:
        with pytest.raises(ContentError) as raised:
            copied.loads_changed(name, lambda d, i=i, place=place: SPOIL[(n + i) % len(SPOIL)](d, place))
        assert names(raised.value, name), str(raised.value)
        assert str(place[-1]) in str(raised.value), str(raised.value)


REFERENCES: dict[str, tuple[str, Change]] = {
    "a choice": ("answers/ask_signs.yml", lambda d: d.update(offer=["ask_nothing"])),
    "a choice of an item": ("answers/ask_signs.yml", lambda d: d.update(offer=["ask_signs/nothing"])),
    "an empty choice": ("answers/ask_signs.yml", lambda d: d.update(offer=[""])),
    "a follow-up": ("answers/greet.yml", lambda d: d.update(follow=[{"when": ["why"], "to": "ask_nothing"}])),
    "a why": ("answers/ask_signs.yml", lambda d: d.update(why="ask_nothing/x")),
    "an item that is there twice": ("answers/ask_signs.yml", lambda d: d["items"].append(d["items"][0])),
    "a choice after a danger": ("levels/suicide.yml", lambda d: d.update(offer=["ask_nothing"])),
    "a situation of the plan": ("plan.yml", lambda d: d["steps"][0].update(ask_if={"nowhere": "x"})),
    "a situation without words": ("plan.yml", lambda d: d["situation"]["words"].popitem()),
    "a context": ("screen/suicide.yml", lambda d: d["rules"][0].update(unless=["nothing"])),
    "words after a danger that are there twice": ("after_danger.yml", lambda d: d["concerns"].append(d["concerns"][0])),
    "a rule that is there twice": ("screen/suicide.yml", lambda d: d["rules"].append(d["rules"][0])),
}  # fmt: skip


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_that_leads_nowhere_is_named(copied: Copy, name: str) -> None:
    """With the file in which it stands."""
    path, change = REFERENCES[name]

    with pytest.raises(ContentError) as raised:
        copied.loads_changed(path, change)
    assert names(raised.value, path)


# --- any change at all


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.dates()
    | st.sampled_from([[], {}, [""], [[]], [None], WRONG])
)


@tries(60)
@given(st.sampled_from([name for name in FILES if not name.startswith("screen/")]), st.data())
def test_any_change_is_loaded_or_named(copied: Copy, name: str, data: st.DataObject) -> None:
    """A value of any kind in any place: what cannot be used is a line for the person who edits, nothing else."""
    spoilt = copied.data(name)
    place = data.draw(st.sampled_from(nested(spoilt)))
    put(spoilt, place, data.draw(VALUES))
    told = copied.fault(name, yaml.safe_dump(spoilt, allow_unicode=True))

    # Who takes something away is told of the file that still leads there.
    assert not told or names(told, name) or re.match(r"\w+/\w+\.yml: .* leads to no answer", told)


@tries(40)
@given(st.sampled_from(FILES), st.binary(min_size=1, max_size=8), st.floats(0, 1))
def test_any_bytes_in_a_file_are_loaded_or_named(copied: Copy, name: str, found: bytes, where: float) -> None:
    """A disk that lies, a merge gone wrong. Bytes that are no UTF-8 are in the list below."""
    whole = (ROOT / name).read_bytes()
    at_ = int(where * len(whole))
    spoilt = (whole[:at_] + found + whole[at_:]).decode("utf-8", "replace")
    told = copied.fault(name, spoilt)

    assert not told or names(told, name) or "leads to no answer" in told, told


# --- what is found by another error than ContentError, or without the name of the file

TEXT_OF = {name: (ROOT / name).read_text(encoding="utf-8") for name in FILES}
UNREADABLE: dict[str, Callable[[str], str | bytes]] = {
    "saved in Latin-1": lambda text: text.encode("utf-8") + "# caf\u00e9\n".encode("latin-1"),
    "saved in UTF-16": lambda text: text.encode("utf-16"),
    "a day that there is not": lambda text: text + "\nzz: 2026-02-30\n",
    "a key that YAML reads as true": lambda text: text + "\nyes: x\n",
    "a key that YAML reads as a number": lambda text: text + "\n1: x\n",
    "a number that is none": lambda text: text + "\nzz: !!int abc\n",
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_cannot_be_read_is_named(copied: Copy, fault: str) -> None:
    """An editor on another machine, a slip in `checked_on`: the operator sees a line of Python's and no file."""
    for name in FILES[::20]:
        with pytest.raises(ContentError) as raised:
            copied.loads(name, UNREADABLE[fault](TEXT_OF[name]))
        assert names(raised.value, name)


PHRASES = {"an unknown list": "x @nolist", "an empty word": "x ~", "half a choice": "a|", "nothing but optional words": "a?", "nothing": "", "only a gap": "..."}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        *(("screen/suicide.yml", fault) for fault in PHRASES),
        ("screen/contexts.yml", "an unknown list"),
        ("screen/turns.yml", "nothing"),
        ("after_danger.yml", "nothing"),
    ],
)
def test_a_phrase_that_cannot_be_used_is_named_with_its_file(copied: Copy, name: str, fault: str) -> None:
    """Of a context not even the number that it has in the file can be guessed."""
    first = next(key for key, entries in copied.data(name).items() if isinstance(entries, list) and "any" in entries[0])
    with pytest.raises(ContentError) as raised:
        copied.loads_changed(name, lambda d: d[first][0].update(any=[PHRASES[fault]]))
    assert names(raised.value, name)


# --- what would fail only when somebody is in danger


UNSEEN: dict[str, tuple[str, Change | None]] = {
    # Replies.danger: KeyError or ValueError, and the person gets the apology
    "a level without replies": ("levels/suicide.yml", lambda d: d.update(replies={})),
    "a level without a reply for oneself": ("levels/suicide.yml", lambda d: d["replies"].pop("self")),
    "a level whose list of replies is empty": ("levels/suicide.yml", lambda d: d["replies"].update(self=[])),
    "a reply without a word": ("levels/suicide.yml", lambda d: d["replies"].update(self=[{"before": [], "after": []}])),
    "a level without contacts": ("levels/suicide.yml", lambda d: d.update(contacts=[])),
    "a kind of contact that there is not": ("levels/suicide.yml", lambda d: d.update(contacts=["suicide_crysis"])),
    "a level without follow-ups": ("levels/suicide.yml", lambda d: d.update(followups={})),
    "a level without words for one turn": ("levels/suicide.yml", lambda d: d["followups"].pop("safe")),
    "words after a danger that nobody would hear": (
        "levels/suicide.yml",
        lambda d: d["followups"].update(distres_other=["I hear you."]),
    ),
    "a level under the name of another": ("levels/suicide.yml", lambda d: d.update(level="emergency")),
    "a level that is gone": ("levels/suicide.yml", None),
    # Rules: the danger is not looked for
    "rules of a level that are gone": ("screen/suicide.yml", None),
    "rules under the name of another level": ("screen/suicide.yml", lambda d: d.update(level="monitored")),
    "an intent under the name of another": ("answers/ask_signs.yml", lambda d: d.update(intent="greet")),
    "the answer to what was not understood, gone": ("answers/nlu_fallback.yml", None),
    # Regions: one country in the place of another, and no number
    "a region under the code of another": ("regions/gb.yml", lambda d: d.update(code="US")),
    "an emergency number that is empty": ("regions/gb.yml", lambda d: d["emergency"][0].update(number="")),
    "contacts that nobody can reach": ("regions/gb.yml", lambda d: [c.update(phone="", sms=None, chat_url="", url="") for c in d["contacts"]]),
    # Replies.plain and Replies.line: min() of nothing, KeyError
    "no words for an apology": ("phrases.yml", lambda d: d.update(sorry=[])),
    "no words to begin with": ("phrases.yml", lambda d: d.update(intro=[])),
    "no choices": ("phrases.yml", lambda d: d.update(choices={})),
    "no words for a sign": ("phrases.yml", lambda d: d.update(signs={})),
    "no correction": ("phrases.yml", lambda d: d.update(correction={})),
    "a placeholder of a phone number, misspelt": ("phrases.yml", lambda d: d.update(call="call {fone}")),
    "a placeholder that does not end": ("phrases.yml", lambda d: d.update(region_default="For {region")),
    "a placeholder of a text message, misspelt": ("channels.yml", lambda d: d["sms"].update(call="{nmae} {phone}")),
    "a placeholder of the plan, misspelt": ("plan.yml", lambda d: d.update(progress="{n} of {al}: {title}")),
    # Service.first_words and for_widget: every new conversation is 500
    "a first choice that leads nowhere": ("widget.yml", lambda d: d.update(offer=["ask_nothing"])),
    "a placeholder of the widget, misspelt": ("widget.yml", lambda d: d["widget"].update(numbers_for="For {place}.")),
    "a safety page with a placeholder, misspelt": ("widget.yml", lambda d: d["pages"]["safety"][0].update(says=["{word}"])),
}  # fmt: skip


@pytest.mark.parametrize("fault", UNSEEN)
def test_what_would_fail_in_a_conversation_is_found_at_start(copied: Copy, fault: str) -> None:
    """Not when the first person in that danger writes."""
    name, change = UNSEEN[fault]
    with pytest.raises(ContentError):
        copied.loads_changed(name, change)


def test_a_key_that_stands_there_twice_is_named(copied: Copy) -> None:
    """Half of what a clinician wrote would not be said."""
    with pytest.raises(ContentError):
        copied.loads("answers/ask_signs.yml", TEXT_OF["answers/ask_signs.yml"] + "\nsay: [Something else.]\n")


# --- the tests themselves


def test_what_is_not_spoilt_loads(copied: Copy) -> None:
    """Also with the line ends and the mark that another editor leaves."""
    for name in (
        "answers/greet.yml",
        "levels/suicide.yml",
        "regions/gb.yml",
        "widget.yml",
        "screen/turns.yml",
        "phrases.yml",
    ):
        for same in (TEXT_OF[name], TEXT_OF[name].replace("\n", "\r\n"), "\ufeff" + TEXT_OF[name]):
            copied.loads(name, same)
        copied.loads_changed(name, dict)


def test_every_file_is_spoilt() -> None:
    """Each has a model, and the list is that of the folder."""
    assert len(FILES) > 100
    for name in FILES:
        assert model_of(name)
