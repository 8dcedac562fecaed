"""Slack (docs/channels/slack.md). It answers in direct messages only."""

from __future__ import annotations

import json as json_
from typing import Any
from urllib.parse import parse_qs

from sanic.request import Request
from sanic.response import HTTPResponse, empty, json
from slack_sdk.signature import SignatureVerifier

from assistant.channels import Incoming, Outgoing
from assistant.components.channels.base import Messages, PlatformChannel
from assistant.delivery import DeliveryError

MOST_BUTTONS, MOST_TITLE = 5, 75  # https://docs.slack.dev/reference/block-kit
FILES = "file_share"
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class SlackChannel(PlatformChannel):
    """Direct messages to a Slack app."""

    most_characters = 2900  # a section takes 3,000

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its address."""
        return "slack"

    def key(self) -> str:
        """Returns the secret for names (see parent class for full docstring)."""
        return self.access.secrets["SLACK_SIGNING_SECRET"]

    def verify(self, request: Request) -> bool:
        """Compares the v0 signature, which holds for five minutes (see parent class for full docstring)."""
        headers = {name: request.headers.get(name, "") for name in ("x-slack-signature", "x-slack-request-timestamp")}
        return SignatureVerifier(self.key()).is_valid_request(request.body, headers)

    def read(self, request: Request) -> list[Incoming]:
        """Reads an event or a pressed button (see parent class for full docstring)."""
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pressed = json_.loads(parse_qs(request.body.decode())["payload"][0])
            return self._pressed(pressed)
        body: dict[str, Any] = json_.loads(request.body)
        event = body.get("event") or {}
        if body.get("type") != "event_callback" or event.get("type") != "message":
            return []
        if event.get("channel_type") != "im" or event.get("bot_id") or event.get("subtype") not in (None, FILES):
            return []  # a channel, ourselves, an edit, a deletion
        words = str(event.get("text") or "")
        for sign, escape in (("<", "&lt;"), (">", "&gt;"), ("&", "&amp;")):
            words = words.replace(escape, sign)
        sender = _sender(body.get("team_id", ""), event["user"], event["channel"])
        return [Incoming(str(body["event_id"]), sender, words, media=not words, at=float(event["ts"]))]

    def _pressed(self, pressed: dict[str, Any]) -> list[Incoming]:
        if pressed.get("type") != "block_actions" or not pressed.get("actions"):
            return []
        team, channel = (pressed.get("team") or {}).get("id", ""), pressed["channel"]["id"]
        sender = _sender(team, pressed["user"]["id"], channel)
        if not channel.startswith("D"):
            return []
        action = pressed["actions"][0]
        return [Incoming(f"{pressed['trigger_id']}", sender, choice=str(action.get("value") or "-"))]

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Returns the challenge by which Slack learns whose address this is, or nothing (see parent class)."""
        try:
            body = json_.loads(request.body)
        except (ValueError, RecursionError):
            return empty(200)
        if isinstance(body, dict) and body.get("type") == "url_verification":
            return json({"challenge": str(body.get("challenge", ""))})
        return empty(200)

    def native(self, buttons: Messages) -> bool:
        """Returns whether there are few enough buttons, with titles short enough (see parent class)."""
        return len(buttons) <= MOST_BUTTONS and all(len(button["title"]) <= MOST_TITLE for button in buttons)

    async def send(self, to: str, message: Outgoing, *, urgent: bool) -> None:
        """Sends words as plain text, with buttons below (see parent class for full docstring)."""
        blocks: list[dict[str, Any]] = [
            {"type": "section", "text": {"type": "plain_text", "text": message.text, "emoji": False}}
        ]
        if message.choices:
            buttons = [
                {"type": "button", "text": {"type": "plain_text", "text": title}, "value": handle, "action_id": handle}
                for title, handle in message.choices
            ]
            blocks.append({"type": "actions", "elements": buttons})
        body = {
            "channel": to.split("\0")[-1],
            "text": message.text.translate(ESCAPED),
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        token = {"Authorization": f"Bearer {self.access.secrets['SLACK_BOT_TOKEN']}"}
        answer = await self.delivery.post(
            f"{self.access.api}/chat.postMessage", json=body, headers=token, urgent=urgent
        )
        if not answer.get("ok"):
            raise DeliveryError(f"Slack said: {answer.get('error', 'not ok')}")

    def conversation(self, sender: str) -> str:
        """Returns the name of the conversation (see parent class for full docstring)."""
        team, user, _ = sender.split("\0")
        return super().conversation(f"{team}\0{user}")


def _sender(team: str, user: str, channel: str) -> str:
    """Return who wrote where; raise `ValueError` for names that are none of Slack's."""
    parts = [team, user, channel]
    if not all(isinstance(part, str) and part.isalnum() for part in parts if part != team or team):
        raise ValueError("a name of an unknown form")
    return "\0".join(parts)
