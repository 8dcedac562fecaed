"""The platforms as they write to us: requests in their documented forms, signed by their own libraries where there are any."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

from tests.channels import standin

NUMBERS = itertools.count(1)


@dataclass
class Request:
    """One webhook request, before it is sent."""

    body: bytes
    headers: dict[str, str]


class Platform:
    """Writes to one channel of the server at `base`, whose public address is `public`."""

    name = ""
    form = False

    def __init__(self, base: str, public: str) -> None:
        self.url, self.public = f"{base}/webhooks/{self.name}/webhook", f"{public}/webhooks/{self.name}/webhook"

    def person(self) -> str:
        """Return the id of somebody new, as the platform writes it."""
        raise NotImplementedError

    def words(self, person: str, text: str, id: str = "") -> Request:
        """Return a signed message."""
        raise NotImplementedError

    def media(self, person: str) -> Request:
        """Return a signed message that holds no words."""
        raise NotImplementedError

    def sign(self, body: bytes, secret: str = "") -> dict[str, str]:
        """Return the headers for `body`, signed with the right secret or another."""
        raise NotImplementedError

    def press(self, person: str, carried: str) -> Request:
        """Return a pressed button."""
        raise NotImplementedError

    def to(self, person: str) -> str:
        """Return where the answer goes."""
        return person

    def request(self, content: Any, secret: str = "") -> Request:
        body = (urlencode(content) if self.form else json.dumps(content)).encode()
        return Request(body, self.sign(body, secret))

    def send(self, request: Request) -> httpx.Response:
        return httpx.post(self.url, content=request.body, headers=request.headers, timeout=10)

    def say(self, person: str, text: str, id: str = "") -> httpx.Response:
        return self.send(self.words(person, text, id))


class Sms(Platform):
    name = "sms"
    form = True
    prefix = ""

    def person(self) -> str:
        return f"{self.prefix}+1555{next(NUMBERS):07d}"

    def fields(self, person: str, text: str, id: str = "", **more: str) -> dict[str, str]:
        sid = id or f"SM{next(NUMBERS):032x}"
        return {
            "ToCountry": "US", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "SmsSid": sid,
            "SmsStatus": "received", "Body": text, "FromCountry": "US", "To": f"{self.prefix}+15550009999",
            "NumSegments": "1", "MessageSid": sid, "AccountSid": standin.ACCOUNT, "From": person,
            "ApiVersion": "2010-04-01", **more,
        }  # fmt: skip

    def sign(self, body: bytes, secret: str = "") -> dict[str, str]:
        params = dict(httpx.QueryParams(body.decode(errors="replace")))
        signature = RequestValidator(secret or standin.AUTH).compute_signature(self.public, params)
        return {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}

    def words(self, person: str, text: str, id: str = "") -> Request:
        return self.request(self.fields(person, text, id))

    def media(self, person: str) -> Request:
        return self.request(
            self.fields(person, "", NumMedia="1", MediaUrl0="https://example.org/1", MediaContentType0="image/jpeg")
        )


class WhatsApp(Sms):
    name = "whatsapp"
    prefix = "whatsapp:"


class Telegram(Platform):
    name = "telegram"

    def person(self) -> str:
        return str(70_000_000 + next(NUMBERS))

    def sign(self, body: bytes, secret: str = "") -> dict[str, str]:
        return {
            "X-Telegram-Bot-Api-Secret-Token": secret or standin.TELEGRAM_SECRET,
            "Content-Type": "application/json",
        }

    def update(self, person: str, id: str = "", kind: str = "private", **message: Any) -> dict[str, Any]:
        chat = {"id": int(person), "type": kind, "first_name": "Ada"}
        sender = {"id": int(person), "is_bot": False, "first_name": "Ada", "username": "ada"}
        whole = {"message_id": next(NUMBERS), "from": sender, "chat": chat, "date": int(time.time()), **message}
        return {"update_id": int(id or next(NUMBERS)), "message": whole}

    def words(self, person: str, text: str, id: str = "") -> Request:
        return self.request(self.update(person, id, text=text))

    def media(self, person: str) -> Request:
        return self.request(self.update(person, voice={"file_id": "x", "duration": 3}))

    def press(self, person: str, carried: str) -> Request:
        message = self.update(person)["message"]
        message["from"] = {"id": 1, "is_bot": True, "first_name": "Linden"}
        query = {
            "id": f"q{next(NUMBERS)}",
            "from": {"id": int(person), "is_bot": False},
            "message": message,
            "data": carried,
        }
        return self.request({"update_id": next(NUMBERS), "callback_query": query})


class Slack(Platform):
    name = "slack"

    def person(self) -> str:
        return f"D{next(NUMBERS):09d}"

    def sign(self, body: bytes, secret: str = "", at: float | None = None) -> dict[str, str]:
        timestamp = str(int(at or time.time()))
        signature = SignatureVerifier(secret or standin.SLACK_SECRET).generate_signature(timestamp=timestamp, body=body)
        kind = "application/x-www-form-urlencoded" if body.startswith(b"payload=") else "application/json"
        return {"X-Slack-Signature": str(signature), "X-Slack-Request-Timestamp": timestamp, "Content-Type": kind}

    def event(self, person: str, id: str = "", **event: Any) -> dict[str, Any]:
        message = {
            "type": "message",
            "channel": person,
            "user": "U" + person[1:],
            "channel_type": "im",
            "ts": f"{time.time():.6f}",
        }
        return {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": id or f"Ev{next(NUMBERS)}",
            "event": {**message, **event},
        }

    def words(self, person: str, text: str, id: str = "") -> Request:
        return self.request(self.event(person, id, text=text))

    def media(self, person: str) -> Request:
        return self.request(self.event(person, subtype="file_share", text="", files=[{"id": "F1"}]))

    def press(self, person: str, carried: str) -> Request:
        pressed = {
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U" + person[1:]}, "channel": {"id": person},
            "trigger_id": f"1.{next(NUMBERS)}", "actions": [{"type": "button", "action_id": carried, "value": carried}],
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(pressed)}).encode()
        return Request(body, self.sign(body))


class Messenger(Platform):
    name = "messenger"

    def person(self) -> str:
        return f"{9_000_000_000 + next(NUMBERS)}"

    def sign(self, body: bytes, secret: str = "") -> dict[str, str]:
        digest = hmac.new((secret or standin.FB_SECRET).encode(), body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}

    def batch(self, *events: dict[str, Any]) -> dict[str, Any]:
        return {"object": "page", "entry": [{"id": "1", "time": int(time.time() * 1000), "messaging": list(events)}]}

    def event(self, person: str, **event: Any) -> dict[str, Any]:
        return {"sender": {"id": person}, "recipient": {"id": "1"}, "timestamp": int(time.time() * 1000), **event}

    def words(self, person: str, text: str, id: str = "") -> Request:
        message = {"mid": id or f"m_{next(NUMBERS)}", "text": text}
        return self.request(self.batch(self.event(person, message=message)))

    def media(self, person: str) -> Request:
        message = {
            "mid": f"m_{next(NUMBERS)}",
            "attachments": [{"type": "audio", "payload": {"url": "https://example.org"}}],
        }
        return self.request(self.batch(self.event(person, message=message)))

    def press(self, person: str, carried: str) -> Request:
        message = {"mid": f"m_{next(NUMBERS)}", "text": "x", "quick_reply": {"payload": carried}}
        return self.request(self.batch(self.event(person, message=message)))


PLATFORMS = (Sms, WhatsApp, Telegram, Slack, Messenger)
