"""Whom to reach, as a person reads it on a page: with links that a phone dials."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from assistant.reply import Replies
from assistant.web.markup import Html, element, join
from assistant.web.words import Widget

Card = Mapping[str, Any]


class Cards:
    """Contacts as markup, also where a message names them in its lines."""

    def __init__(self, widget: Widget, replies: Replies) -> None:
        self._widget = widget
        self._by_line = {replies.line(dict(card)): card for card in every_card(replies)}

    def all(self, contacts: Sequence[Card]) -> Html:
        """Return whom to reach, with links that a phone dials."""
        return element("ul", join(self._card(card) for card in contacts), class_="cards")

    def brief(self, contacts: Sequence[Card]) -> Html:
        """Return the first way to each, as a plain link: what stands in for the chat while there is none."""
        items = (element("li", join([f"{card['name']}:", *self._ways(card)[:1]])) for card in contacts)
        return element("ul", join(items))

    def _card(self, card: Card) -> Html:
        ways = self._ways(card)
        details = [card[key] for key in ("hours", "silent") if card.get(key)]
        return element(
            "li",
            join(
                [
                    element("strong", card["name"]),
                    element("span", join(ways), class_="ways"),
                    *(element("span", detail, class_="detail") for detail in details),
                ]
            ),
        )

    def _ways(self, card: Card) -> list[Html]:
        widget = self._widget
        ways = []
        if phone := card.get("phone"):
            ways.append(element("a", widget.call.format(phone=phone), href=f"tel:{dialled(phone)}"))
        if card.get("sms"):
            number, _, word = card["sms"].partition(" (")
            word = word.rstrip(")")
            words = (widget.text_keyword if word else widget.text).format(number=number, keyword=word)
            body = f"?&body={quote(word)}" if word else ""  # iOS reads what follows "&", Android what follows "?"
            ways.append(element("a", words, href=f"sms:{dialled(number)}{body}"))
        for address, words in ((card.get("chat"), widget.chat), (card.get("url"), widget.website)):
            if address and not (words == widget.website and card.get("chat")):
                told = join([words, element("span", widget.new_tab, class_="hidden")])
                ways.append(element("a", told, href=address, target="_blank", rel="noreferrer noopener"))
        return ways

    def words(self, text: str) -> Html:
        """Return a message as markup: lines that name a contact as its card, lines with "- " as a list."""
        parts: list[Html] = []
        lines = text.splitlines()
        while lines:
            two, one = "\n".join(lines[:2]), lines[0]
            if found := self._by_line.get(two) or self._by_line.get(one):
                del lines[: 2 if two in self._by_line else 1]
                parts.append(self.all([found]))
            elif one.startswith("- "):
                many = next((i for i, line in enumerate(lines) if not line.startswith("- ")), len(lines))
                parts.append(element("ul", join(element("li", line[2:]) for line in lines[:many])))
                del lines[:many]
            else:
                del lines[0]
                parts.append(element("p", one))
        return join(parts)


def every_card(replies: Replies) -> list[Card]:
    """Return the contacts of all regions, as replies show them."""
    return [
        card
        for code, region in replies.content.regions.items()
        for kind in sorted({"emergency", *(contact.kind for contact in region.contacts)})
        for card in replies.regions.contacts(code, [kind])
    ]


def dialled(number: str) -> str:
    """Return `number` as the address of a link: its digits and + * #."""
    return quote(re.sub(r"[^\d+*#]", "", number), safe="+*")
