"""Whom a message is about, from `content/people.yml`: "your mother" instead of "the other person"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.content import Person
from assistant.text import normalise

NEUTRAL = "the other person"
# "my sister says i should leave him": she is not the one it is about.
ADVISING = (
    r"(?:\s+\w+ly)?\s+(?:always\s+|just\s+|keeps?\s+|kept\s+)?"
    r"(?:says?|said|saying|think|thinks|thought|told|tells?|telling|reckons?|asks?|asked|asking|wants?|wanted|knows?|knew"
    r"|noticed|worr\w+|sent|showed|found|suggested|believes?|saw|sees|hates?|warned|begged|helped|and i\b)"
)


class People:
    """Finds the one person a message is about, and names them in a reply."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        self._people = people
        owners = {word: name for name, person in people.items() for word in person.words}
        self._owners = owners
        listed = "|".join(re.escape(word) for word in sorted(owners, key=len, reverse=True))
        # At most two words between "my" and the person, none of which is a person: not "my sister's husband".
        self._named = re.compile(
            rf"\b(?:my|me|our)\s+(?:(?!(?:{listed})(?:'?s)?\b)[\w'-]+\s+){{0,2}}?({listed})\b(?!'?s\s|')", re.IGNORECASE
        )
        said = sorted({person.say for person in people.values()}, key=len, reverse=True)
        # Their few first words are looked for before all: each turn reads everything that was said.
        first = "|".join(sorted({re.escape(say.split()[0]) for say in said}))
        self._said = re.compile(rf"(?={first})(?:{'|'.join(map(re.escape, said))})", re.IGNORECASE)

    def find(self, text: str) -> str:
        """Return the key of the person that `text` is about, or an empty string where it names none or several."""
        plain = normalise(text).lower()
        found = {
            self._owners[match[1]]
            for match in self._named.finditer(plain)
            if not self._is_elsewhere(self._people[self._owners[match[1]]], plain, match.end())
        }
        return found.pop() if len(found) == 1 else ""

    def _is_elsewhere(self, person: Person, plain: str, end: int) -> bool:
        advising = person.near and re.match(ADVISING, plain[end:])
        return bool(advising) or any(re.search(rf"\b{word}\b", plain) for word in person.conflict)

    def name(self, text: str, key: str) -> str:
        """Return `text` with "the other person" said as the person `key`."""
        person = self._people.get(key)
        if person is None:
            return text
        capital = person.say[0].upper() + person.say[1:]
        return text.replace(NEUTRAL, person.say).replace(NEUTRAL[0].upper() + NEUTRAL[1:], capital)

    def unname(self, text: str) -> str:
        """Return `text` as it stands in content/, so that what was said before is known again."""
        return self._said.sub(lambda m: NEUTRAL if m[0][0].islower() else NEUTRAL[0].upper() + NEUTRAL[1:], text)
