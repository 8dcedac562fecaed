"""Rasa's plain `rest` channel, for shells and tests on this machine: one message carries words, choices and data."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from assistant import metrics
from assistant.reply import State
from assistant.shared import shared_replies
from assistant.text import MAX_CHARACTERS, mended

LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
logger = logging.getLogger(__name__)


class Collector(CollectingOutputChannel):
    """Collects replies; several short messages come one by one, choices and data with the last."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Collects one response (see parent class for full docstring)."""
        parts = [part for part in (message.get("text") or "").split("\n\n") if part.strip()]
        for part in parts[:-1]:
            await self._persist_message(self._message(recipient_id, text=part))
        await self._persist_message(
            self._message(
                recipient_id,
                text=parts[-1] if parts else None,
                buttons=message.get("buttons") or None,
                custom=message.get("custom") or None,
            )
        )


class RestChannel(InputChannel):
    """`POST /webhooks/rest/webhook {"sender", "message"}` answers with a list of messages.

    A request that is not of this form gets status 400 and one clear line; without `sender` there is
    no conversation to join. It knows nobody: only a deployment on this machine opens it, and a request under
    another name than this machine's gets status 403, since it comes from a web page that had its name point here.
    """

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its address."""
        return "rest"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the channel's routes (see parent class for full docstring)."""
        routes = Blueprint("linden_rest", __name__)

        @routes.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not LOCAL.fullmatch(request.headers.get("host", "")):
                return json({"error": "host: only localhost is answered here"}, status=403)
            body = _body(request)
            sender, text = body.get("sender"), body.get("message")
            if not isinstance(sender, str) or not 0 < len(sender) <= 255:
                return json({"error": "sender: a text of 1 to 255 characters is needed"}, status=400)
            if not isinstance(text, str):
                return json({"error": "message: a text is needed"}, status=400)
            return json(await answer(on_new_message, text, mended(sender), self.name()))

        return routes


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except Exception:  # sanic raises its own kinds for what is not JSON
        return {}
    return body if isinstance(body, dict) else {}


async def answer(
    on_new_message: Callable[[UserMessage], Awaitable[Any]], text: str, sender: str, channel: str, id: str = ""
) -> list[dict[str, Any]]:
    """Return the replies to `text`; where Rasa fails, an apology with contacts, and a log line without the text."""
    collector = Collector()
    message = UserMessage(typed(text), collector, sender, input_channel=channel, message_id=id or None)
    with metrics.turn(channel):
        try:
            await on_new_message(message)
        except Exception as error:
            logger.error("a message could not be answered: %s", type(error).__name__)
            metrics.ERRORS.labels("turn").inc()
            collector.messages.clear()
    if not collector.messages:
        await collector.send_response(sender, shared_replies().plain("sorry", State()).as_message())
    if len(text) > MAX_CHARACTERS:
        await collector.send_response(sender, {"text": shared_replies().content.phrases.too_long})
    messages: list[dict[str, Any]] = collector.messages
    return messages


def typed(text: str) -> str:
    """Return `text` as it enters the conversation: no more than MAX_CHARACTERS, never empty."""
    return mended(text)[:MAX_CHARACTERS].strip() or " "
