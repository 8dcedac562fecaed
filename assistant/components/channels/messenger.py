"""Facebook Messenger (docs/channels/messenger.md)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse, text

from assistant.channels import Incoming, Outgoing, buttons_of, handle, same
from assistant.choices import first_number
from assistant.components.channels.base import Messages, PlatformChannel

# https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies
MOST_QUICK_REPLIES, MOST_TITLE = 13, 20


class MessengerChannel(PlatformChannel):
    """Messages to a Facebook page."""

    most_characters = 2000

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its address."""
        return "messenger"

    def key(self) -> str:
        """Returns the secret for names (see parent class for full docstring)."""
        return self.access.secrets["FACEBOOK_APP_SECRET"]

    def verify(self, request: Request) -> bool:
        """Compares the SHA-256 signature of the body (see parent class for full docstring)."""
        right = hmac.new(self.key().encode(), request.body, hashlib.sha256).hexdigest()
        given = request.headers.get("x-hub-signature-256", "")
        return same(given, f"sha256={right}")

    def greeting(self, request: Request) -> HTTPResponse:
        """Returns the challenge to who knows the verify token (see parent class for full docstring)."""
        given = request.args.get("hub.verify_token", "")
        known = same(given, self.access.secrets["FACEBOOK_VERIFY_TOKEN"])
        if request.args.get("hub.mode") != "subscribe" or not known:
            return text("", 403)
        return text(request.args.get("hub.challenge", ""))

    def read(self, request: Request) -> list[Incoming]:
        """Reads a batch; echoes, receipts, reactions and edits are none of ours (see parent class)."""
        body: dict[str, Any] = request.json
        if body["object"] != "page":
            return []
        events = [event for entry in body["entry"] for event in entry.get("messaging") or []]
        return [incoming for event in events if (incoming := self._event(event))]

    def _event(self, event: dict[str, Any]) -> Incoming | None:
        if "sender" not in event:
            return None
        sender, at = str(event["sender"]["id"]), float(event["timestamp"]) / 1000
        if pressed := event.get("postback"):
            id = str(pressed.get("mid") or "") or f"{sender} {event['timestamp']} {pressed.get('payload')}"
            if pressed.get("payload") == "GET_STARTED":
                return Incoming(id, sender, "hello", at=at)
            return Incoming(id, sender, choice=str(pressed.get("payload") or "-"), at=at)
        message = event.get("message")
        if not message or message.get("is_echo") or message.get("is_deleted"):
            return None
        if quick := message.get("quick_reply"):
            return Incoming(str(message["mid"]), sender, choice=str(quick.get("payload") or "-"), at=at)
        words = str(message.get("text") or "")
        return Incoming(str(message["mid"]), sender, words, media=not words, at=at)

    def native(self, buttons: Messages) -> bool:
        """Returns whether all buttons can be quick replies (see parent class for full docstring)."""
        return len(buttons) <= MOST_QUICK_REPLIES and all(len(button["title"]) <= MOST_TITLE for button in buttons)

    def render(self, messages: Messages) -> list[Outgoing]:
        """Gives choices whose titles are too long as numbered lines, with the numbers as quick replies."""
        pieces, buttons = super().render(messages), buttons_of(messages)
        if self.native(buttons) or not pieces or len(buttons) > MOST_QUICK_REPLIES:
            return pieces
        first = first_number("\n".join(message.get("text") or "" for message in messages))
        numbers = [(str(n), handle(button["payload"])) for n, button in enumerate(buttons, first)]
        return [*pieces[:-1], replace(pieces[-1], choices=numbers)]

    async def send(self, to: str, message: Outgoing, *, urgent: bool) -> None:
        """Sends words with quick replies (see parent class for full docstring)."""
        body: dict[str, Any] = {"text": message.text}
        if message.choices:
            body["quick_replies"] = [
                {"content_type": "text", "title": title, "payload": handle} for title, handle in message.choices
            ]
        await self.delivery.post(
            f"{self.access.api}/me/messages",
            params={"access_token": self.access.secrets["FACEBOOK_PAGE_TOKEN"]},
            json={"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": body},
            urgent=urgent,
        )
