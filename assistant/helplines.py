"""The page of all numbers, made from content/regions, for whoever checks them."""

from __future__ import annotations

from assistant.content import Contact, Content

HEAD = """# Emergency numbers and helplines

Made from `content/regions/` by `make docs`; do not edit it here. Every number has a source; "weak" ones rest on a
single kind of source or an old one, and are never the first that a person is shown. All are to be checked again
within a year.

"""


def page(content: Content) -> str:
    """Return the page as Markdown, regions by name."""
    parts = [HEAD.strip()]
    for region in sorted(content.regions.values(), key=lambda r: r.name):
        rows = [f"## {region.name} ({region.code})", "", "| what | reach | source | checked |", "|---|---|---|---|"]
        rows += [
            f"| emergency: {_cell(e.covers)} | {e.number}{'; ' + _cell(e.silent) if e.silent else ''} "
            f"| {_cell(e.source)} | {e.checked_on} |"
            for e in region.emergency
        ]
        rows += [
            f"| {c.kind.replace('_', ' ')}: {_cell(c.name)} | {_reach(c)} | {_cell(c.source)} "
            f"| {c.checked.replace('_', ' ')}{', weak' if c.weak else ''}, {c.checked_on} |"
            for c in region.contacts
        ]
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _reach(contact: Contact) -> str:
    ways = [contact.phone]
    if contact.sms:
        ways.append(f"text {contact.sms.keyword or 'any words'} to {contact.sms.number}")
    ways += [contact.chat_url or contact.url, contact.hours]
    return _cell(", ".join(way for way in ways if way))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
