"""Where a person is, as far as they said, and whom they can reach there.

Only the country is ever derived and kept, never the place that was named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assistant.content import Contact, Content, Region
from assistant.text import normalise

STRONG = ("own_page", "government")
# Codes, everyday words and first names that are also places; they count only where a place is clearly meant.
# fmt: off
EVERYDAY = frozenset({
    "us", "it", "no", "in", "is", "be", "de", "at", "my", "nice", "reading", "bath", "mobile", "deal", "sale",
    "lima", "male", "hull", "derby", "bury", "split", "victoria", "georgia", "jordan", "chad", "paris", "florence",
    "sydney", "austin", "charlotte", "madison", "orange", "hope", "most", "of", "as", "or", "me", "hi", "ok", "ma",
    "pa", "la", "ga", "al", "co", "id", "oh", "md", "mo", "ks", "wa", "nd", "ne", "sc", "va", "aurora", "brooklyn",
    "buffalo", "cali", "chester", "clare", "cologne", "como", "dallas", "devon", "gb", "gent", "jackson", "kent",
    "kerry", "leon", "lincoln", "mayo", "natal", "orlando", "preston", "providence", "regina", "rosario",
    "salvador", "santiago", "santos", "savannah", "siena", "tyrone", "virginia", "dudley", "jos", "rio", "stirling",
    "valencia", "verona", "zaria",
})
# fmt: on
# What stands before a place ("i'm now in"): HOME says that the writer is there, PAST that someone was.
ADVERBS = r"(?: (?:now|still|currently|actually|just|both|back|up|down|over|out|here))*"
HOME = (
    rf"(?:(?:i|we){ADVERBS} live|(?:i'?m|i am|we're|we are)|living|based|staying|here|now|"
    rf"mov(?:e|ed|ing)(?: from [\w ]{{1,30}})?){ADVERBS}"
)
PAST = r"(?:born|raised|grew up|used to live|lived)"
LEAD = r"(?:in|dey|near|outside|around|at|to|from)(?: of)?"
LED = re.compile(rf"(?:\b(?:(?P<past>{PAST})|(?P<home>{HOME})) )?\b(?P<lead>{LEAD})(?P<the> the)? ?$")
AWAY = re.compile(
    rf"(?:\b(?:not|dont|doesnt|isnt|arent|no longer|instead of)|n't)(?: (?:live|living|based|really))*"
    rf"(?: {LEAD})?(?: the)? ?$"
)
# "i confided in Kerry" names no place.
TRUST = re.compile(r"\b(?:confid|trust|believ|faith|disappoint|interest)\w* in ?$")


NAME_PART = re.compile(r"\w+|[^\w\s]")  # a word, or a sign: some names are flags


@dataclass(frozen=True)
class Directory:
    """Place names of all regions."""

    places: dict[str, str]
    countries: frozenset[str]
    parts: frozenset[str]  # the longest word of each name: most messages hold none, and are not searched

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds a name in a message; made with the first that may hold one, since it takes a tenth of a second."""
        names = "|".join(re.escape(name) for name in sorted(self.places, key=len, reverse=True))
        return re.compile(rf"(?<!\w)({names})(?!\w)", re.IGNORECASE)


class Regions:
    """Finds regions in messages and the contacts that fit a danger there."""

    def __init__(self, content: Content, default: str) -> None:
        """`default` is the deployment's region code; raises `KeyError` when there is no such region."""
        self._regions = content.regions
        self.default = self._regions[default]
        self._directory = self._compile()

    def _compile(self) -> Directory:
        places: dict[str, str] = {}
        for region in self._regions.values():
            for name in [*region.names, *region.places]:
                places.setdefault(normalise(name).lower(), region.code)
        countries = frozenset(normalise(name).lower() for region in self._regions.values() for name in region.names)
        parts = frozenset(max(NAME_PART.findall(name), key=len) for name in places)
        return Directory(places, countries, parts)

    def find(self, text: str, *, told: bool) -> str | None:
        """Return the code of the region that `text` names, or None.

        `told`: the message is about where the writer is, so that a bare "leeds" counts; else a
        place counts only after a word such as "in" ("he is outside my flat in leeds"). Of several
        places the one that says most about now is taken ("from pune to leeds"), and of equals the first.
        """
        text = normalise(text)
        if self._directory.parts.isdisjoint(NAME_PART.findall(text.lower())):
            return None
        best, code = 0, None
        for match in self._directory.pattern.finditer(text):
            weight = self._weight(text, match, told)
            if weight > best:
                best, code = weight, self._directory.places[match.group(1).lower()]
        return code

    def _weight(self, text: str, match: re.Match[str], told: bool) -> int:
        """Return how much `match` says about where the writer is now; 0 when it does not count."""
        name = match.group(1).lower()
        country = name in self._directory.countries
        before = text[max(0, match.start() - 80) : match.start()].lower()
        led = LED.search(before)
        if AWAY.search(before) or (country and led and led["lead"].startswith("outside")):
            return 0
        if name in EVERYDAY and not _place_meant(text, match, led, country, told):
            return 0
        if led is None:
            return 2 if told else 0
        if led["past"] or led["lead"] == "from":
            return 1
        return 4 if led["home"] else 3

    def get(self, code: str | None) -> Region:
        """Return the region `code`, or the deployment's default."""
        return self._regions.get(code or "", self.default)

    def contacts(self, code: str | None, kinds: list[str]) -> list[dict[str, Any]]:
        """Return the contacts of the region for `kinds`, in that order, as CONTRACT.md shapes them.

        For each kind the strongest line open to everybody comes first, and where it cannot be reached
        in silence a second one that can. `_chosen` says who answers where the region has no such line.
        """
        region = self.get(code)
        cards: list[dict[str, Any]] = []
        for kind in kinds:
            cards += _emergency(region) if kind == "emergency" else [_card(c) for c in _chosen(region, kind)]
        # A number that few sources bear out is not the first that a person reads.
        if cards and cards[0]["name"] in {_name(c) for c in region.contacts if c.weak}:
            cards = [*_emergency(region), *cards]
        names = [card["name"] for card in cards]
        return [card for i, card in enumerate(cards) if card["name"] not in names[:i]]


def _emergency(region: Region) -> list[dict[str, Any]]:
    """Return the emergency number, with that for an ambulance where it is another."""
    first, *others = region.emergency
    numbers = [first]
    if "police" in first.covers and not re.search("ambulance|medical|all", first.covers):
        numbers += [e for e in others if re.search("ambulance|medical", e.covers)][:1]
    return [
        {
            "name": f"Emergency ({e.covers})",
            "phone": e.number,
            "hours": "24/7",
            "silent": e.silent,
            "kind": "emergency",
        }
        for e in numbers
    ]


def _place_meant(text: str, match: re.Match[str], led: re.Match[str] | None, country: bool, told: bool) -> bool:
    """Tell whether an everyday word is meant as a place: "im in reading", not "from the reading" or "to Kerry"."""
    name = match.group(1)
    if told and text.strip(" .,!?").lower() == name.lower():
        return True
    if led is None or text[match.end() :].startswith("'s"):
        return False
    if led["the"]:
        return country
    if led["home"] or led["lead"] == "to":
        return bool(led["home"])
    written = led["lead"] == "in" and name[0].isupper() and not text.isupper()
    return told or (written and not TRUST.search(text[: match.start()].lower()))


def _ranked(region: Region, kind: str) -> list[Contact]:
    """Return the contacts of `kind`: those open to everybody first, then the well checked ones."""
    of_kind = [c for c in region.contacts if c.kind == kind and (c.phone or c.sms or c.chat_url or c.url)]
    return sorted(of_kind, key=lambda c: (c.limited != "", c.weak, c.checked not in STRONG, not c.phone))


def _chosen(region: Region, kind: str) -> list[Contact]:
    """Return who answers for `kind`, a weak number never first where the region has a better one.

    Where no line of the kind is well checked, open to everybody and reached by phone or text, the
    abuse line or one for everything comes before it; where that is not enough either, the crisis line comes too.
    """
    abuse = _ranked(region, "domestic_abuse")
    of_kind = _ranked(region, kind) or abuse
    chosen = of_kind[:1]
    if chosen and not (chosen[0].sms or chosen[0].chat_url):
        chosen += [c for c in of_kind[1:] if (c.sms or c.chat_url) and not c.weak and not c.limited][:1]
    if kind in ("suicide_crisis", "domestic_abuse") and any(not c.limited and c.phone for c in chosen):
        return chosen  # a line for just this, however weakly borne out, is not put behind one for something else
    if not _enough(chosen):
        helpers = sorted([*abuse, *_ranked(region, "general")], key=lambda c: (c.weak or c.limited != "", c.weak))
        chosen = [*helpers[:1], *(c for c in chosen if c not in helpers[:1])]
    if not _enough(chosen):
        chosen += [c for c in _ranked(region, "suicide_crisis") if not c.weak and not c.limited and c not in chosen][:1]
    return sorted(chosen, key=lambda c: c.weak)


def _enough(chosen: list[Contact]) -> bool:
    """Tell whether one is open to everybody, one is well checked, and one is reached by phone or text."""
    return (
        any(not c.limited for c in chosen) and any(not c.weak for c in chosen) and any(c.phone or c.sms for c in chosen)
    )


def _card(contact: Contact) -> dict[str, Any]:
    card: dict[str, Any] = {"name": _name(contact), "kind": contact.kind, "hours": contact.hours}
    if contact.phone:
        card["phone"] = contact.phone
    if contact.sms:
        card["sms"] = contact.sms.number + (f" ({contact.sms.keyword})" if contact.sms.keyword else "")
    if contact.chat_url:
        card["chat"] = contact.chat_url
    if contact.url or contact.chat_url:
        card["url"] = contact.url or contact.chat_url
    return card


def _name(contact: Contact) -> str:
    """Return the name, with its limit in brackets where the name does not say so itself."""
    first = re.split(r"\W*\s", contact.limited)[0]
    clear = re.search(rf"(?<!\w){re.escape(first)}(?!\w)", contact.name, re.IGNORECASE)
    return contact.name if clear or not first else f"{contact.name} ({contact.limited})"
