"""Sends replies to a platform's API: waits when it is told to, tries again when it failed, never twice the same.

A request that was answered with 429 or 5xx was not carried out, so it is sent again, later and later. One that got no
answer at all may have been: only a reply to a danger is then sent again, since twice is better there than not at all.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

TRIES = 7
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds
TIMEOUT = 20.0
AGAIN = frozenset({429, 500, 502, 503, 504})


class DeliveryError(Exception):
    """A reply that could not be delivered; the message holds neither words, names, numbers nor secrets."""


class Delivery:
    """Connections to one platform, with patience."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, *, urgent: bool = False, **request: Any) -> dict[str, Any]:
        """Send `request` (arguments of aiohttp's) and return the JSON of the answer; raise `DeliveryError`."""
        for attempt in range(1, TRIES + 1):
            wait = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT) * random.uniform(0.75, 1.25)
            try:
                status, told, body = await self._once(url, request)
            except aiohttp.ClientConnectorError:
                failure = "no connection"
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                failure = f"no answer ({type(error).__name__})"
                if not urgent:
                    raise DeliveryError(failure) from None
            else:
                if status < 300:
                    return body
                failure = f"HTTP {status}{_code(body)}"
                if status not in AGAIN:
                    raise DeliveryError(failure) from None
                wait = max(wait, min(told, LONGEST_WAIT))
            if attempt < TRIES:
                await self._sleep(wait)
        raise DeliveryError(f"{failure}, {TRIES} times")

    async def _once(self, url: str, request: dict[str, Any]) -> tuple[int, float, dict[str, Any]]:
        """Return the status, the seconds to wait that the platform asks for, and the JSON of the answer."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        async with self._session.post(url, **request) as response:
            try:
                body = json.loads(await response.read())
            except ValueError:
                body = {}
            body = body if isinstance(body, dict) else {}
            parameters = body.get("parameters")
            told = response.headers.get("Retry-After") or (parameters or {}).get("retry_after") or 0
            try:
                return response.status, float(told), body
            except (TypeError, ValueError):
                return response.status, 0.0, body

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()


def _code(body: dict[str, Any]) -> str:
    """Return the platform's number for an error, never its words: they may repeat ours."""
    error = body.get("error")
    code = body.get("code") or body.get("error_code") or (error.get("code") if isinstance(error, dict) else None)
    return f" (code {code})" if isinstance(code, int) else ""
