"""Text messages, by Twilio (docs/channels/sms.md): short forms, and the words that carriers ask every service to know.

After STOP nobody is answered until START, except in danger: a person who then writes that someone is at the door did
not mean that. Where Twilio itself answers such a word it says so (`OptOutType`), and we only do what it asks.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from multidict import MultiDict

from assistant.brief import Brief, pages
from assistant.channels import Incoming, Outgoing, buttons_of, split, text_of
from assistant.choices import chosen, payload
from assistant.components.channels.base import Messages, is_urgent
from assistant.components.channels.twilio import TwilioChannel
from assistant.components.server import store_of
from assistant.content import LEVELS
from assistant.reply import SHORT
from assistant.text import key

MOST_UNFINISHED = 1000  # conversations whose last reply did not fit in
STOPPED = 10 * 365 * 24 * 3600  # seconds that STOP holds
WORD = "\0"  # stands before a word that Twilio has answered itself


class SmsChannel(TwilioChannel):
    """Text messages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unfinished: OrderedDict[str, tuple[list[str], list[dict[str, str]]]] = OrderedDict()

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its address."""
        return "sms"

    def incoming(self, id: str, sender: str, body: str, fields: MultiDict[str]) -> Incoming:
        """Marks a word that Twilio has answered itself (see parent class for full docstring)."""
        found = super().incoming(id, sender, body, fields)
        return replace(found, choice=WORD + fields["OptOutType"].lower()) if fields.get("OptOutType") else found

    async def first_of_all(self, incoming: Incoming) -> bool:
        """Deals with STOP, START, HELP and MORE (see parent class for full docstring)."""
        conversation, said = self.conversation(incoming.sender), key(incoming.text)
        answered = incoming.choice.startswith(WORD)
        word = incoming.choice.removeprefix(WORD) if answered else self._word(said)
        store = store_of(self._agent())
        stopped = self.names.of("stopped", incoming.sender.split("\0")[-1])
        if word == "stop":
            first = store.conversations.mark(stopped, STOPPED)
            self._unfinished.pop(conversation, None)
            await store.delete(conversation)
            return answered or not first or await self._say(incoming, self.words.sms.stopped)
        if word == "start":
            if store.conversations.unmark(stopped) or answered:
                return answered or await self._say(incoming, self.words.sms.started)
            return False  # to somebody who had not stopped it is a greeting
        if word == "help":
            return answered or await self._say(incoming, self.words.sms.helped)
        if store.conversations.is_marked(stopped):
            return not await self._in_danger(incoming.text)
        return await self._go_on(incoming, conversation)

    def _word(self, said: str) -> str:
        sms = self.words.sms
        listed = {"stop": sms.stop, "start": sms.start, "help": sms.help}
        return next((name for name, words in listed.items() if said in words), "")

    async def _say(self, incoming: Incoming, words: str) -> bool:
        await self.send(incoming.sender, Outgoing(words), urgent=False)
        return True

    async def _in_danger(self, said: str) -> bool:
        parse = await self._agent().parse_message(said)
        return str((parse.get("safety") or {}).get("level", LEVELS[-1])) != LEVELS[-1]

    async def _go_on(self, incoming: Incoming, conversation: str) -> bool:
        """Send the next part of what did not fit in, where that is asked for."""
        rest, buttons = self._unfinished.pop(conversation, ([], []))
        wanted = key(incoming.text) == "more" or chosen(incoming.text, [{"buttons": buttons}]) == payload("ask_more")
        if not rest or not wanted:
            return False
        page = pages(rest, self.words.sms)
        self._keep(conversation, page.rest, [])
        return await self._say(incoming, page.text)

    def _keep(self, conversation: str, rest: list[str], buttons: list[dict[str, str]]) -> None:
        if rest:
            self._unfinished[conversation] = (rest, buttons)
        if len(self._unfinished) > MOST_UNFINISHED:
            self._unfinished.popitem(last=False)

    async def tell(self, to: str, messages: Messages) -> None:
        """Sends the short forms of a reply as one text message (see parent class for full docstring)."""
        shorts = [(message.get("custom") or {}).get(SHORT) for message in messages]
        briefs = [Brief(short["text"], short["rest"]) for short in shorts if short]
        if briefs:
            self._keep(self.conversation(to), briefs[-1].rest, buttons_of(messages))
        words = "\n".join(brief.text for brief in briefs) or text_of(messages)
        for piece in split(words, self.most_characters):
            await self.send(to, Outgoing(piece), urgent=is_urgent(messages))
