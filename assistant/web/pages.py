"""The pages of the demo site, and of the conversation without script."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.reply import Replies
from assistant.text import MAX_CHARACTERS
from assistant.web.cards import Card, Cards
from assistant.web.history import Line
from assistant.web.markup import Html, element, fill, join
from assistant.web.words import WidgetWords


@dataclass(frozen=True)
class Talk:
    """What the plain page holds of a conversation: all of it, since nothing else does."""

    token: str
    packed: str
    signature: str
    leave: str
    lines: Sequence[Line]
    choices: Mapping[str, str]  # title by payload


class Pages:
    """All pages of the demo site and of the conversation without script."""

    def __init__(self, words: WidgetWords, replies: Replies, exit: str) -> None:
        """`exit` is the address that the exit leads to."""
        self._words, self._replies, self._exit = words, replies, exit
        self._cards = Cards(words.widget, replies)

    # --- whole pages

    def site(self, contacts: Sequence[Card]) -> str:
        """Return the demo site: the widget as an organisation embeds it, usable without script."""
        pages, widget = self._words.pages, self._words.widget
        body = fill(
            "site",
            **self._shared(contacts),
            **{name: getattr(pages, name) for name in ("heading", "lead", "to_chat", "to_help", "to_safety")},
            **{name: getattr(pages, name) for name in ("help_lead", "about_heading", "no_script")},
            numbers=self._cards.brief(contacts),
            points=join(element("li", point) for point in pages.points),
            about=join(element("p", text) for text in pages.about),
            before_title=widget.before_title,
            before=join(element("p", text) for text in pages.before),
            start=widget.start,
        )
        return self._shell(body)

    def safety(self, contacts: Sequence[Card]) -> str:
        """Return the page on what is kept and on browsing more safely."""
        stop_word = self._replies.content.phrases.stop_word
        sections = [
            element(
                "section",
                join(
                    [
                        element("h2", section.heading),
                        element("ul", join(element("li", text.format(stop_word=stop_word)) for text in section.says)),
                    ]
                ),
            )
            for section in self._words.pages.safety
        ]
        heading, back = self._words.pages.safety_heading, self._words.pages.back
        return self._shell(
            fill("safety", **self._shared(contacts), safety_heading=heading, sections=join(sections), back=back)
        )

    def error(self, error: str, contacts: Sequence[Card]) -> str:
        """Return the page of a refusal."""
        pages = self._words.pages
        body = fill("error", **self._shared(contacts), error_heading=pages.error_heading, error=error, back=pages.back)
        return self._shell(body)

    def chat(
        self,
        contacts: Sequence[Card],
        talk: Talk | None = None,
        problem: str = "",
        draft: str = "",
        region: str | None = None,
    ) -> str:
        """Return the conversation as a plain form; without `talk`, the way to begin one. `contacts` are of `region`."""
        widget, before = self._words.widget, Html("")
        lines = talk.lines if talk else []
        if all(line.ours for line in lines):
            told = [element("h2", widget.before_title), *(element("p", text) for text in self._words.pages.before)]
            before = element("section", join(told), class_="before")
        body = fill(
            "chat",
            **self._shared(contacts, region),
            to_safety=self._words.pages.to_safety,
            before=before,
            log=widget.log,
            lines=self._lines(lines, latest=not problem),
            problem=_problem(problem),
            form=self._form(talk, draft, region) if talk else self._start(region),
        )
        return self._shell(body, leave=talk.leave if talk else "")

    def _start(self, region: str | None) -> Html:
        return fill("start", hidden=_hidden(region=region or ""), start=self._words.widget.start)

    def _form(self, talk: Talk, draft: str, region: str | None) -> Html:
        widget = self._words.widget
        return fill(
            "say",
            hidden=_hidden(token=talk.token, said=talk.packed, sign=talk.signature, region=region or ""),
            most=str(MAX_CHARACTERS),
            choices=_choices(talk, widget.choices),
            input=widget.input,
            draft=Html("\n" + html.escape(draft)),  # a browser takes away the first line end
            send=widget.send,
            end=widget.end,
        )

    def _shared(self, contacts: Sequence[Card], region: str | None = None) -> dict[str, str]:
        place = self._replies.regions.get(region)
        note = self._words.pages.region_note.format(region=place.in_sentence or place.name)
        return {
            "chat_heading": self._words.pages.chat_heading,
            "help_heading": self._words.pages.help_heading,
            "contacts": self._cards.all(contacts),
            "region_note": note,
        }

    def _shell(self, body: Html, leave: str = "") -> str:
        pages, exit = self._words.pages, self._words.widget.exit
        href = f"/leave/{leave}" if leave else self._exit
        told = {"title": pages.title, "skip": pages.skip, "name": pages.name, "exit": exit}
        return fill("shell", **told, exit_href=href, exit_target=self._exit, body=body)

    def _lines(self, lines: Sequence[Line], *, latest: bool) -> Html:
        after = max((i for i, line in enumerate(lines) if not line.ours), default=-1) + 1
        items = []
        for i, line in enumerate(lines):
            who = self._words.widget.assistant_said if line.ours else self._words.widget.you_said
            said = [element("span", who, class_="hidden"), self._cards.words(line.text)]
            newest = {"id": "latest", "tabindex": "-1"} if latest and i == after else {}
            items.append(element("li", join(said), class_="ours" if line.ours else "yours", **newest))
        return element("ol", join(items), class_="lines")


def _problem(words: str) -> Html:
    if not words:
        return Html("")
    return element("p", words, class_="problem", id="latest", role="alert", tabindex="-1")


def _hidden(**fields: str) -> Html:
    return join(
        Html(f'<input type="hidden" name="{name}" value="{html.escape(value)}" autocomplete="off">')
        for name, value in fields.items()
    )


def _choices(talk: Talk, label: str) -> Html:
    items = [
        element("li", element("button", title, type="submit", name="choice", value=payload))
        for payload, title in talk.choices.items()
    ]
    return element("ul", join(items), class_="choices", aria_label=label) if items else Html("")
