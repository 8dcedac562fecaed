"""What messengers have in common: which there are, what they need, and how a reply is cut to their measure."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.choices import numbered
from assistant.settings import SettingsError, with_files


@dataclass(frozen=True)
class Platform:
    """A messenger: the class of its channel, the variables with its secrets, and where its API is."""

    channel: str
    secrets: tuple[str, ...]
    api: tuple[str, str]  # the variable that moves it, and its address


_TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "LINDEN_PUBLIC_URL")
_TWILIO_API = ("TWILIO_API", "https://api.twilio.com")
PLATFORMS = {
    "sms": Platform("assistant.components.channels.sms.SmsChannel", _TWILIO, _TWILIO_API),
    "whatsapp": Platform("assistant.components.channels.whatsapp.WhatsAppChannel", _TWILIO, _TWILIO_API),
    "telegram": Platform(
        "assistant.components.channels.telegram.TelegramChannel",
        ("TELEGRAM_BOT_TOKEN", "TELEGRAM_SECRET_TOKEN"),
        ("TELEGRAM_API", "https://api.telegram.org"),
    ),
    "slack": Platform(
        "assistant.components.channels.slack.SlackChannel",
        ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
        ("SLACK_API", "https://slack.com/api"),
    ),
    "messenger": Platform(
        "assistant.components.channels.messenger.MessengerChannel",
        ("FACEBOOK_PAGE_TOKEN", "FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN"),
        ("FACEBOOK_API", "https://graph.facebook.com/v23.0"),
    ),
}
SAFE_API = re.compile(r"https://[^\s/?#]+(/[^\s?#]*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#]*)?")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Access:
    """The secrets of one channel, by the names of their variables, and the address of its API."""

    secrets: Mapping[str, str] = field(repr=False)
    api: str


def access(name: str, environment: Mapping[str, str] | None = None) -> Access:
    """Return what the channel `name` needs from the `environment` (os.environ); raise `SettingsError`."""
    env = with_files(os.environ if environment is None else environment)
    platform = PLATFORMS[name]
    for variable in platform.secrets:
        if not env.get(variable):
            raise SettingsError(
                f"{variable} is missing: without it the channel {name} is not opened (docs/channels/{name}.md)"
            )
    variable, usual = platform.api
    api = (env.get(variable) or usual).rstrip("/")
    if not SAFE_API.fullmatch(api):
        raise SettingsError(f"{variable}={api}: expected an address that begins with https://")
    return Access({variable: env[variable] for variable in platform.secrets}, api)


def same(given: str, right: str) -> bool:
    """Compare a secret in constant time, whatever bytes a stranger sent."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())


class Names:
    """Names for what a platform calls by number: an HMAC under a key made from the platform's own secret.

    So they are the same on every server and after every start, and tell nothing to who does not have the secret.
    """

    def __init__(self, platform: str, secret: str) -> None:
        self._platform = platform
        self._key = hmac.new(secret.encode(), b"linden names", hashlib.sha256).digest()

    def of(self, purpose: str, id: str) -> str:
        """Return the name of `id` for one `purpose`: 64 characters."""
        message = "\0".join([self._platform, purpose, id]).encode("utf-8", "replace")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Incoming:
    """One message of a person, as a platform delivered it: words, a pressed choice, or something unreadable."""

    id: str  # the same when the platform delivers it again
    sender: str  # where the answer goes
    text: str = ""
    choice: str = ""  # handle of a pressed choice
    media: bool = False
    at: float | None = None  # Unix time, where the platform tells it


@dataclass(frozen=True)
class Outgoing:
    """One message to a person; `choices` are native buttons below it, as (title, handle)."""

    text: str
    choices: Sequence[tuple[str, str]] = ()


def handle(payload: str) -> str:
    """Return what a button carries instead of its payload: short, and telling nothing."""
    return hashlib.sha256(payload.encode()).hexdigest()[:16]


def text_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the words of a reply's `messages` as one text: one reply makes one sound on the phone."""
    return "\n\n".join(message["text"] for message in messages if message.get("text"))


def buttons_of(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the choices of a reply's `messages`."""
    return [button for message in messages for button in message.get("buttons") or []]


def with_numbers(text: str, buttons: Sequence[Mapping[str, str]]) -> str:
    """Return `text` with the choices as numbered lines below it."""
    lines = numbered(text, [button["title"] for button in buttons])
    return "\n\n".join(filter(None, [text, "\n".join(lines)]))


def split(text: str, most: int) -> list[str]:
    """Return `text` in pieces of at most `most` characters, cut between sentences, else between words.

    Characters are counted in UTF-16 units, as the platforms count them.
    """
    pieces: list[str] = []
    rest = text.strip()
    while _units(rest) > most:
        head = rest[: _fitting(rest, most)]
        ends = [match.start() for match in SENTENCE_END.finditer(head)]
        cut = ends[-1] if ends and ends[-1] > 0 else head.rfind(" ")
        cut = cut if cut > 0 else len(head)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str, most: int) -> int:
    """Return how many characters of `text` take at most `most` units."""
    units = 0
    for count, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > most:
            return count
    return len(text)
