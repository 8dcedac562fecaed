"""What every messenger's channel does: know who calls, answer once, forget whom, and cut replies to measure.

A request is verified before it is read. It is acknowledged at once and answered in a task, so that a platform that
waits a few seconds only does not deliver again; a message that it delivers again all the same is answered once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty, text

from assistant import metrics
from assistant.channels import (
    Access,
    Incoming,
    Names,
    Outgoing,
    access,
    buttons_of,
    handle,
    split,
    text_of,
    with_numbers,
)
from assistant.components.rest import answer
from assistant.components.server import faults, store_of
from assistant.delivery import Delivery, DeliveryError
from assistant.reply import State
from assistant.settings import Settings
from assistant.shared import shared_replies
from assistant.store import StoreError
from assistant.tracker import shown_last
from assistant.turn_queue import TurnQueue
from assistant.web.limits import Limit
from assistant.web.service import plain

MOST_BYTES = 256 * 1024  # of a request; the longest that these platforms send is far below
OLDEST = 48 * 3600.0  # seconds: the platforms give up delivering before
REMEMBERED = 30 * 24 * 3600  # seconds that the id of a message is known; longer than OLDEST
LAST_WORDS = 20.0  # seconds that replies under way get when the server ends
logger = logging.getLogger(__name__)
OnMessage = Callable[[UserMessage], Awaitable[Any]]
Messages = Sequence[dict[str, Any]]


def is_urgent(messages: Messages) -> bool:
    """Return whether a reply shows whom to reach: then twice is better than not at all."""
    return any((message.get("custom") or {}).get("contacts") for message in messages)


class PlatformChannel(InputChannel):
    """A messenger; a subclass says how it signs, how it writes, and how it is written to."""

    most_characters: int  # of one message

    def __init__(self, access: Access, settings: Settings) -> None:
        self.access, self.settings = access, settings
        self.replies = shared_replies()
        self.words = self.replies.content.channels
        self.delivery = Delivery()
        self.names = Names(self.name(), self.key())
        self._limit = Limit(settings.limit_session)
        self._told = Limit(1)  # how often somebody is told to wait
        self._queue = TurnQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: dict[str, None] = {}
        self._on_new_message: OnMessage | None = None
        self._app: Sanic | None = None

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Creates the channel from the environment; raises `SettingsError` when a secret is missing."""
        return cls(access(cls.name()), Settings.from_environment())

    # --- what a subclass says

    def key(self) -> str:
        """Return the secret from which the names of conversations are made."""
        raise NotImplementedError

    def verify(self, request: Request) -> bool:
        """Return whether the platform sent `request`, from its headers and its bytes; nothing has been parsed yet."""
        raise NotImplementedError

    def read(self, request: Request) -> list[Incoming]:
        """Return the messages in a verified `request`; an error means that it is not of the platform's form."""
        raise NotImplementedError

    async def send(self, to: str, message: Outgoing, *, urgent: bool) -> None:
        """Send one message; raise `DeliveryError`."""
        raise NotImplementedError

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Return the answer to a webhook that was taken."""
        return empty(200)

    def native(self, buttons: Messages) -> bool:
        """Return whether all `buttons` can be the platform's own."""
        return False

    async def first_of_all(self, incoming: Incoming) -> bool:
        """Return whether `incoming` was dealt with already, as a word that is not for the assistant."""
        return False

    def greeting(self, request: Request) -> HTTPResponse:
        """Return the answer to a GET, by which some platforms learn whose address this is."""
        return text("", 405)

    # --- the webhook

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """Returns the channel's routes (see parent class for full docstring)."""
        self._on_new_message = on_new_message
        routes = Blueprint(f"linden_{self.name()}", __name__)

        @routes.listener("before_server_stop")
        async def end(*_: Any) -> None:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_WORDS)
            await self.delivery.close()

        @routes.route("/webhook", methods=["GET"])
        async def greet(request: Request) -> HTTPResponse:
            return self.greeting(request)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            self._app = request.app
            if len(request.body) > MOST_BYTES:
                return text("", 413)
            if not self._is_genuine(request):
                return text("", 403)
            if faults(self._agent()) or len(self._tasks) >= self.settings.limit_waiting:
                return text("", 503)  # the platform delivers again
            try:
                arrived = self.read(request)
            except Exception as error:
                # Signed, and yet not of any known form: to refuse it would have it sent for ever.
                logger.warning("%s: a request of an unknown form: %s", self.name(), type(error).__name__)
                return self.acknowledge(request)
            for incoming in arrived:
                if self._is_new(incoming):
                    task = asyncio.get_running_loop().create_task(self._take(incoming))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            return self.acknowledge(request)

        return routes

    def _is_genuine(self, request: Request) -> bool:
        try:
            return self.verify(request)
        except Exception as error:  # bytes that no platform sends
            logger.warning("%s: a signature of an unknown form: %s", self.name(), type(error).__name__)
            return False

    def _agent(self) -> Any:
        return getattr(self._app.ctx, "agent", None) if self._app else None

    def _is_new(self, incoming: Incoming) -> bool:
        """Return whether `incoming` was not answered before and is not older than what a platform delivers again."""
        if incoming.at is not None and abs(time.time() - incoming.at) > OLDEST:
            return False
        name = self.names.of("message", incoming.id)
        if name in self._seen:
            return False
        self._seen[name] = None
        if len(self._seen) > 10_000:
            del self._seen[next(iter(self._seen))]
        try:
            return bool(store_of(self._agent()).conversations.mark(name, REMEMBERED))
        except StoreError as error:
            logger.error("%s: a message may be answered twice: %s", self.name(), error)
            return True

    # --- a message

    def conversation(self, sender: str) -> str:
        """Return the name of the conversation with `sender`."""
        return self.names.of("conversation", sender)

    async def _take(self, incoming: Incoming) -> None:
        try:
            conversation = self.conversation(incoming.sender)
        except ValueError as error:
            logger.warning("%s: a sender of an unknown form: %s", self.name(), type(error).__name__)
            return
        try:
            async with self._queue.turn(conversation):
                if not await self.first_of_all(incoming):
                    await self.tell(incoming.sender, await self._answered(incoming, conversation))
        except DeliveryError as error:
            metrics.ERRORS.labels("delivery").inc()
            logger.error("%s: a reply could not be delivered: %s", self.name(), error)
        except Exception as error:
            logger.error("%s: a message could not be answered: %s", self.name(), type(error).__name__)

    async def _answered(self, incoming: Incoming, conversation: str) -> Messages:
        """Return the messages of the reply; none where nothing is to be said."""
        if self._limit.wait(conversation):
            return self._slow_down(conversation)
        if incoming.media:
            return [self.replies.unreadable(State(channel=self.name())).as_message()]
        said = plain(incoming.text)
        if incoming.choice:
            said = await self._payload(incoming.choice, conversation)
            if not said:
                return [{"text": self.words.choice_over}]
        assert self._on_new_message is not None
        return await answer(self._on_new_message, said, conversation, self.name())

    def _slow_down(self, conversation: str) -> Messages:
        if self._told.wait(conversation):
            return []
        return [self.replies.too_fast(State(channel=self.name())).as_message()]

    async def _payload(self, choice: str, conversation: str) -> str:
        """Return the payload of the pressed `choice`, an empty string where it is not among those shown last."""
        tracker = await store_of(self._agent()).retrieve(conversation)
        shown = shown_last([event.as_dict() for event in tracker.events]) if tracker else []
        payloads = [button["payload"] for button in buttons_of(shown)]
        return next((payload for payload in payloads if handle(payload) == choice), "")

    async def tell(self, to: str, messages: Messages) -> None:
        """Send the `messages` of one reply; raise `DeliveryError`."""
        for outgoing in self.render(messages):
            await self.send(to, outgoing, urgent=is_urgent(messages))

    def render(self, messages: Messages) -> list[Outgoing]:
        """Return the `messages` of one reply in the platform's measure, its choices below the last."""
        words, buttons = text_of(messages), buttons_of(messages)
        if not self.native(buttons):
            words, buttons = with_numbers(words, buttons), []
        choices = [(button["title"], handle(button["payload"])) for button in buttons]
        pieces = split(words, self.most_characters)
        return [*map(Outgoing, pieces[:-1]), *(Outgoing(piece, choices) for piece in pieces[-1:])]
