"""Whom a person is shown in each country, and which country a message names; all on the real content."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.content import Contact, load
from assistant.regions import Regions

CONTENT = load()
REGIONS = Regions(CONTENT, "US")
# The kinds of contact that the danger levels ask for, and the two most likely to be missing.
KINDS = [
    ["emergency", "domestic_abuse"],
    ["suicide_crisis", "emergency"],
    ["child", "emergency"],
    ["people_using_violence", "emergency"],
    ["digital_safety", "domestic_abuse"],
]
# Kinds that may answer for any other.
HELPERS = ("domestic_abuse", "general", "suicide_crisis")


def services(code: str, kinds: list[str]) -> list[Contact]:
    """Return the contacts behind the cards shown for `kinds`, emergency numbers left out."""
    by_name = {name: c for c in CONTENT.regions[code].contacts for name in (c.name, f"{c.name} ({c.limited})")}
    return [by_name[card["name"]] for card in REGIONS.contacts(code, kinds) if card["kind"] != "emergency"]


def names(code: str, kinds: list[str]) -> list[str]:
    return [card["name"] for card in REGIONS.contacts(code, kinds)]


def reachable(contact: Contact | dict[str, Any]) -> bool:
    card = contact if isinstance(contact, dict) else contact.dict()
    return bool(card.get("phone") or card.get("sms"))


def helpers(code: str, kinds: list[str]) -> list[Contact]:
    """Return every contact of the region that may be shown for `kinds`."""
    return [c for c in CONTENT.regions[code].contacts if c.kind in (*kinds, *HELPERS)]


every_region = pytest.mark.parametrize("code", sorted(CONTENT.regions))
every_kinds = pytest.mark.parametrize("kinds", KINDS, ids="+".join)


@every_region
@every_kinds
def test_a_weak_number_is_never_the_first_that_is_shown(code: str, kinds: list[str]) -> None:
    """A well checked number, if only that for emergencies, comes before one that few sources bear out."""
    weak = {c.name for c in CONTENT.regions[code].contacts if c.weak}

    assert names(code, kinds)[0] not in weak


@every_region
@every_kinds
def test_a_service_can_be_called_or_texted(code: str, kinds: list[str]) -> None:
    """A website is never the only service where the region has a number."""
    expected = any(reachable(c) for c in helpers(code, kinds))

    assert expected == any(reachable(c) for c in services(code, kinds))


@every_region
@every_kinds
def test_a_limited_service_is_shown_only_where_its_kind_has_no_open_one(code: str, kinds: list[str]) -> None:
    """Nobody is sent to a line for one province or group while an open line of the kind exists."""
    open_kinds = {c.kind for c in CONTENT.regions[code].contacts if not c.limited}
    expected: list[str] = []
    actual = [c.id for c in services(code, kinds) if c.limited and c.kind in open_kinds]

    assert expected == actual


@every_region
@every_kinds
def test_somebody_is_there_for_everybody(code: str, kinds: list[str]) -> None:
    """Wherever the region has a service open to everybody, one is shown."""
    expected = any(not c.limited for c in helpers(code, kinds))

    assert expected == any(not c.limited for c in services(code, kinds))


@every_region
@every_kinds
def test_no_service_is_shown_twice(code: str, kinds: list[str]) -> None:
    """Each service stands once in a reply, also where it answers for two kinds."""
    shown = names(code, kinds)

    assert sorted(set(shown)) == sorted(shown)


CHOSEN = [
    # an open line before the regional ones, though their source is as strong
    ("AU", "domestic_abuse", ["1800RESPECT"]),
    ("US", "people_using_violence", ["A Call for Change (for people who use abuse)"]),
    # only regional lines: the limit is in the name, and a line for everybody follows
    ("CH", "domestic_abuse", ["Opferhilfe (canton of Zurich)", "143 Die Dargebotene Hand / La Main Tendue"]),
    # only a regional line, and a national one of another kind that comes first
    ("NG", "domestic_abuse", ["NAPTIP (national agency)", "Domestic and Sexual Violence Agency (Lagos State)"]),
    ("CO", "suicide_crisis", ["Línea 155 (women)", "Línea 106 (Bogotá)"]),
    # the national service is a website: a number for everybody follows, not that of one province
    ("CA", "domestic_abuse", ["ShelterSafe (numbers of women's shelters)", "9-8-8 Suicide Crisis Helpline"]),
    # guides without a number follow the abuse line
    ("US", "digital_safety", ["National Domestic Violence Hotline", "TechSafety.org (technology safety guides)"]),
    # a weak line follows the abuse line
    ("NL", "child", ["Veilig Thuis", "De Kindertelefoon (age 8 to 18)"]),
    # the line for just this is weak: the emergency number comes first, not a line for something else
    ("IE", "domestic_abuse", ["Emergency (Garda, ambulance, fire)", "Women's Aid helpline"]),
    ("FR", "suicide_crisis", ["Emergency (police, fire, ambulance)", "3114 (suicide prevention)"]),
    ("GB", "domestic_abuse", ["National Domestic Abuse Helpline (England)"]),
    # the kind is missing
    ("FI", "child", ["Nollalinja"]),
    ("PH", "domestic_abuse", ["NCMH Crisis Hotline"]),
    # the first line cannot be reached in silence: one that can follows
    ("GB", "suicide_crisis", ["Samaritans", "Shout (by text)"]),
]


@pytest.mark.parametrize(("code", "kind", "expected"), CHOSEN)
def test_services_come_in_the_order_that_helps(code: str, kind: str, expected: list[str]) -> None:
    """Open before limited, checked before weak, and a fitting stand-in where a kind is missing."""
    actual = names(code, [kind])

    assert expected == actual


def test_the_emergency_number_comes_with_a_way_to_reach_it_in_silence() -> None:
    """Where emergency is asked for first, its number is the first line, with the silent way known for it."""
    card = REGIONS.contacts("GB", ["emergency", "domestic_abuse"])[0]

    assert ("999", CONTENT.regions["GB"].emergency[0].silent) == (card["phone"], card["silent"])


LIMITED = [
    ("AU", "au-nsw-dv-line", "New South Wales"),
    ("CA", "ca-mb-line", "Manitoba"),
    ("CA", "ca-hope-for-wellness", "Indigenous peoples"),
    ("GB", "gb-stop-it-now", "sexual thoughts about children"),
    ("GB", "gb-galop", "LGBT+ people"),
    ("NG", "ng-lagos-dsva", "Lagos State"),
    ("NZ", "nz-hey-bro", "men"),
    ("US", "us-love-is-respect", "teens and young adults"),
    ("US", "us-deaf-hotline", "Deaf people"),
    ("US", "us-womenslaw", "legal information by email"),
    # open to everybody who needs the kind
    ("US", "us-ndvh", ""),
    ("NG", "ng-naptip", ""),
    ("KE", "ke-red-cross", ""),
]


@pytest.mark.parametrize(("code", "id", "expected"), LIMITED)
def test_the_content_says_whom_a_line_is_for(code: str, id: str, expected: str) -> None:
    """A line that is not for everybody in the country says for whom or where it is."""
    actual = next(c.limited for c in CONTENT.regions[code].contacts if c.id == id)

    assert expected == actual


NAMED = [
    # the name is silent about the limit, so it is added
    ("AU", "au-nsw-dv-line", "NSW Domestic Violence Line (New South Wales)"),
    ("AU", "au-mensline", "MensLine Australia (men)"),
    # the name says it already
    ("CA", "ca-mb-line", "Manitoba family violence line"),
    ("GB", "gb-sct-dafm", "Scotland's Domestic Abuse Helpline"),
]


@pytest.mark.parametrize(("code", "id", "expected"), NAMED)
def test_a_limit_is_shown_in_the_name(code: str, id: str, expected: str) -> None:
    """A line shown because there is no other says for whom it is, once."""
    region = CONTENT.regions[code]
    only = next(c for c in region.contacts if c.id == id)
    alone = CONTENT.copy(update={"regions": {code: region.copy(update={"contacts": [only]})}})
    actual = Regions(alone, code).contacts(code, [only.kind])[0]["name"]

    assert expected == actual


# What a person writes when asked where they are.
TOLD = [
    # bare
    ("leeds", "GB"),
    ("Reading", "GB"),
    ("us", "US"),
    ("australia", "AU"),
    ("queens, new york", "US"),
    ("rural montana, nearest town is an hour away", "US"),
    # with a word before
    ("i live in texas", "US"),
    ("im in reading", "GB"),
    ("we're in the us, oregon", "US"),
    ("hi from glasgow", "GB"),
    ("i moved to Charlotte", "US"),
    ("outside of cork, in the sticks", "IE"),
    # away from a place
    ("not in the us, nz", "NZ"),
    ("not the us, finland", "FI"),
    ("i don't live in the us, i'm in kenya", "KE"),
    ("I'm outside the US, in Norway", "NO"),
    ("thanks but im not in america, im in tanzania", None),
    ("london ontario not london england", "CA"),
    # from one place to another
    ("i moved from pune to leeds", "GB"),
    ("moved to leeds from pune", "GB"),
    ("i moved from Leeds to Charlotte", "US"),
    ("im from chile but living in new jersey", "US"),
    ("i came from Romania to Italy for him and i am still here", "IT"),
    ("i used to live in india, now the uk", "GB"),
    ("i was born in lagos and live here in dublin", "IE"),
    # two places
    ("im in the uk but my family is in spain", "GB"),
    ("on holiday in france right now but normally i live in denmark", "DK"),
    # no place
    ("from the reading", None),
    ("im in the reading group", None),
    ("i told everything to Kerry", None),
    ("somewhere far away", None),
]


@pytest.mark.parametrize(("text", "expected"), TOLD)
def test_an_answer_names_the_country(text: str, expected: str | None) -> None:
    """Asked where they are, a person is understood as they type, and where they are now counts."""
    actual = REGIONS.find(text, told=True)

    assert expected == actual


# What a person writes about something else, with or without a place in it.
IN_PASSING = [
    ("he is outside my flat in leeds", "GB"),
    ("im in reading and he is at the door", "GB"),
    ("I'm in the US on his visa", "US"),
    ("my flat in Charlotte is not safe", "US"),
    ("we moved from Pune to Hyderabad for his job", "IN"),
    ("i moved from pune to leeds and he followed me", "GB"),
    ("i'm not in the us, i'm in nz", "NZ"),
    ("Dublin is where it began", None),
    # first names and everyday words
    ("he said sorry to Charlotte and not to me", None),
    ("he is going to Kerry again", None),
    ("a message from Charlotte", None),
    ("i confided in Kerry", None),
    ("we stayed at Charlotte's place", None),
    ("i cried from the reading of his letters", None),
    ("i see myself in reading this", None),
    ("it matters to us", None),
    ("the violence between us, it is in us", None),
    ("ALL OF IT IS IN US", None),
]


@pytest.mark.parametrize(("text", "expected"), IN_PASSING)
def test_a_place_in_passing_counts_only_when_it_is_meant(text: str, expected: str | None) -> None:
    """A first name or an everyday word never moves a person to another country."""
    actual = REGIONS.find(text, told=False)

    assert expected == actual


def test_an_unknown_region_is_answered_by_the_default() -> None:
    """Without a known country the deployment's own region answers."""
    expected = ["US", "US", "NZ"]
    actual = [REGIONS.get(code).code for code in (None, "XX", "NZ")]

    assert expected == actual
