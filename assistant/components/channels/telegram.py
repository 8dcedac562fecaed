"""Telegram (docs/channels/telegram.md). It answers in private chats only."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sanic.request import Request

from assistant.channels import Incoming, Outgoing, same
from assistant.components.channels.base import Messages, PlatformChannel
from assistant.delivery import DeliveryError

READABLE = ("text", "caption")
# What a private chat can hold that is not words, and yet was meant for us.
MEDIA = (
    "animation", "audio", "contact", "dice", "document", "live_photo", "location", "paid_media", "photo", "poll",
    "sticker", "story", "venue", "video", "video_note", "voice",
)  # fmt: skip


class TelegramChannel(PlatformChannel):
    """Messages to a Telegram bot."""

    most_characters = 4096  # https://core.telegram.org/bots/api#sendmessage

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its address."""
        return "telegram"

    def key(self) -> str:
        """Returns the secret for names (see parent class for full docstring)."""
        return self.access.secrets["TELEGRAM_BOT_TOKEN"]

    def verify(self, request: Request) -> bool:
        """Compares the secret token that the webhook was set with (see parent class for full docstring)."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        return same(given, self.access.secrets["TELEGRAM_SECRET_TOKEN"])

    def read(self, request: Request) -> list[Incoming]:
        """Reads one update; edits, reactions, groups and channels are none of ours (see parent class)."""
        update: dict[str, Any] = request.json
        id, pressed = str(int(update["update_id"])), update.get("callback_query")
        message = (pressed or {}).get("message") if pressed else update.get("message")
        if (
            not message
            or message["chat"]["type"] != "private"
            or (message.get("from") or {}).get("is_bot", False) > bool(pressed)
        ):
            return []
        chat = str(int(message["chat"]["id"]))
        if pressed:
            return [Incoming(id=id, sender=f"{chat}\0{pressed['id']}", choice=str(pressed.get("data") or "-"))]
        words = next((message[name] for name in READABLE if message.get(name)), "")
        if not words and not any(name in message for name in MEDIA):
            return []  # somebody joined, a chat was pinned
        words = {"/start": "hello", "/help": "help"}.get(str(words).strip().lower(), str(words))
        return [Incoming(id=id, sender=chat, text=words, media=not words, at=float(message["date"]))]

    async def first_of_all(self, incoming: Incoming) -> bool:
        """Lets a pressed button stop spinning (see parent class for full docstring)."""
        _, _, press = incoming.sender.partition("\0")
        if press:
            with suppress(DeliveryError):  # it was pressed too long ago; the answer matters, not the button
                await self._call("answerCallbackQuery", {"callback_query_id": press}, urgent=False)
        return False

    async def send(self, to: str, message: Outgoing, *, urgent: bool) -> None:
        """Sends words with a button in each row, so that no title is cut (see parent class)."""
        body: dict[str, Any] = {
            "chat_id": int(to.partition("\0")[0]),
            "text": message.text,
            "link_preview_options": {"is_disabled": True},
        }
        if message.choices:
            rows = [[{"text": title, "callback_data": handle}] for title, handle in message.choices]
            body["reply_markup"] = {"inline_keyboard": rows}
        await self._call("sendMessage", body, urgent=urgent)

    async def _call(self, method: str, body: dict[str, Any], *, urgent: bool) -> None:
        token = self.access.secrets["TELEGRAM_BOT_TOKEN"]
        await self.delivery.post(f"{self.access.api}/bot{token}/{method}", json=body, urgent=urgent)

    def conversation(self, sender: str) -> str:
        """Returns the name of the conversation (see parent class for full docstring)."""
        return super().conversation(sender.partition("\0")[0])

    def native(self, buttons: Messages) -> bool:
        """Returns True: rows of buttons have no limit that we reach (see parent class for full docstring)."""
        return len(buttons) <= 20
