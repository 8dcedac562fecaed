"""Talks to a server as a page would: JSON over HTTP, on a connection that is kept open, one turn after another."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from bench.messages import MESSAGES
from bench.places import BenchError

PATH = "/webhooks/rest/webhook"
TIMEOUT = 120  # seconds
Reply = list[dict[str, Any]]


class Client:
    """One person's connection to 127.0.0.1:`port`."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def say(self, sender: str, message: str) -> tuple[float, Reply]:
        """Return the time in ms from the request's first byte to the reply's last, and the reply.

        Opening the connection is no part of it. Raises `ConnectionError` where nobody listens, `BenchError` for a
        status other than 200.
        """
        body = json.dumps({"sender": sender, "message": message})
        try:
            if self._connection.sock is None:
                self._connection.connect()
            begun = time.perf_counter()
            self._connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            content = answer.read()
            spent = (time.perf_counter() - begun) * 1000
        except (http.client.HTTPException, OSError) as error:
            self._connection.close()
            raise ConnectionError(str(error)) from error
        if answer.status != 200:
            raise BenchError(f"a turn was answered with status {answer.status}: {content[:200]!r}")
        reply: Reply = json.loads(content)
        return spent, reply

    def close(self) -> None:
        self._connection.close()


def sender() -> str:
    """Return the id of a conversation that never was."""
    return uuid.uuid4().hex


def script(kinds: Sequence[str], start: int = 0) -> Iterator[tuple[str, str, str]]:
    """Yield (conversation, kind, message) for ever: conversations of `kinds`, each message none said lately.

    `start` shifts which messages come first, so that people who talk at the same time do not say the same.
    """
    used = {kind: count(start) for kind in kinds}
    while True:
        name = sender()
        for kind in kinds:
            yield name, kind, MESSAGES[kind][next(used[kind]) % len(MESSAGES[kind])]
