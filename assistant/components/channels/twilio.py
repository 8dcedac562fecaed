"""What text messages and WhatsApp have in common: Twilio delivers both.

Twilio signs the address that it called and the fields of the form (https://www.twilio.com/docs/usage/security), so the
public address must be known: behind a proxy the server does not see it. There is no time in what is signed, which is
why the ids of messages are remembered for long.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote

from aiohttp import BasicAuth
from multidict import MultiDict
from sanic.request import Request
from sanic.response import HTTPResponse, text
from twilio.request_validator import RequestValidator

from assistant.channels import Incoming, Outgoing
from assistant.components.channels.base import PlatformChannel

MOST_FIELDS = 200  # Twilio sends some forty
NUMBER = re.compile(r"\+?\w{3,20}")  # a number, a short code, or letters


class TwilioChannel(PlatformChannel):
    """A channel of Twilio's; `prefix` stands before the numbers of the channel."""

    most_characters = 1600  # of one message (https://www.twilio.com/docs/api/errors/21617)
    prefix = ""

    def key(self) -> str:
        """Returns the secret for names (see parent class for full docstring)."""
        return self.access.secrets["TWILIO_AUTH_TOKEN"]

    def verify(self, request: Request) -> bool:
        """Compares Twilio's signature (see parent class for full docstring)."""
        if request.body.count(b"&") > MOST_FIELDS:  # checking a signature looks through all of them for each
            return False
        url = self.access.secrets["LINDEN_PUBLIC_URL"].rstrip("/") + request.path
        url += f"?{request.query_string}" if request.query_string else ""
        validator = RequestValidator(self.key())
        return bool(validator.validate(url, _fields(request), request.headers.get("x-twilio-signature", "")))

    def read(self, request: Request) -> list[Incoming]:
        """Reads the form of one message (see parent class for full docstring)."""
        fields = _fields(request)
        sender, id = fields.get("From", ""), fields["MessageSid"]
        if fields["AccountSid"] != self.access.secrets["TWILIO_ACCOUNT_SID"]:
            raise ValueError("another account")
        number = sender.removeprefix(self.prefix)
        if fields.get("SmsStatus", "received") != "received" or not sender.startswith(self.prefix):
            return []  # news of a message that was sent, or another channel's
        if not NUMBER.fullmatch(number):
            return []  # a group, or another channel's name
        body = fields.get("Body", "").strip()
        return [self.incoming(id, f"{fields['To']}\0{sender}", body, fields)]

    def incoming(self, id: str, sender: str, body: str, fields: MultiDict[str]) -> Incoming:
        """Return the message `body`, or that there is none to read."""
        return Incoming(id=id, sender=sender, text=body, media=not body)

    async def send(self, to: str, message: Outgoing, *, urgent: bool) -> None:
        """Sends from the number that was written to (see parent class for full docstring)."""
        ours, theirs = to.split("\0")
        account = self.access.secrets["TWILIO_ACCOUNT_SID"]
        await self.delivery.post(
            f"{self.access.api}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json",
            data={"From": ours, "To": theirs, "Body": message.text},
            auth=BasicAuth(account, self.key()),
            urgent=urgent,
        )

    def conversation(self, sender: str) -> str:
        """Returns the name of the conversation, whichever of our numbers it is on (see parent class)."""
        return super().conversation(sender.split("\0")[-1])

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Returns an empty TwiML document, so that Twilio itself says nothing (see parent class)."""
        return text("<Response/>", content_type="text/xml; charset=utf-8")


def _fields(request: Request) -> MultiDict[str]:
    return MultiDict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
