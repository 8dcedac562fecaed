"""How often somebody may write, and who "somebody" is behind a proxy."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import secrets
import time
from collections import deque
from collections.abc import Callable

SECONDS = 60.0


class Limit:
    """At most `most` events a key in any SECONDS; remembers keys as a keyed hash, and no longer than that."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._salt = secrets.token_bytes(32)
        self._events: dict[bytes, deque[float]] = {}
        self._swept = clock()

    def wait(self, key: str, cost: int = 1) -> int:
        """Count `cost` events of `key` and return 0, or return the whole seconds until they are allowed.

        What costs more than `most` costs `most`: it has to wait, and is not refused for ever.
        """
        cost = min(cost, self._most)
        now = self._clock()
        if now - self._swept >= SECONDS:
            self._sweep(now)
        hashed = hmac.new(self._salt, key.encode("utf-8", "replace"), hashlib.sha256).digest()
        events = self._events.setdefault(hashed, deque())
        while events and now - events[0] >= SECONDS:
            events.popleft()
        if (over := len(events) + cost - self._most) > 0:
            return max(1, math.ceil(SECONDS - (now - events[over - 1])))
        events.extend([now] * cost)
        return 0

    def sweep(self) -> None:
        """Forget whoever was quiet for SECONDS."""
        self._sweep(self._clock())

    def _sweep(self, now: float) -> None:
        self._swept = now
        for key in [k for k, events in self._events.items() if not events or now - events[-1] >= SECONDS]:
            del self._events[key]

    def __len__(self) -> int:
        return len(self._events)


def address(peer: str, forwarded: str, proxies: int) -> str:
    """Return the network that a request comes from, as it is counted.

    `proxies` is how many proxies of our own stand before the server: that many addresses at the end of
    `forwarded` (X-Forwarded-For) were written by them, what stands before was written by anybody. One home
    has a whole /64 of IPv6, so that is what counts.
    """
    chain = [part.strip() for part in forwarded.split(",") if part.strip()] if proxies else []
    given = chain[-proxies] if len(chain) >= proxies > 0 else peer
    try:
        ip = ipaddress.ip_address(given.strip("[]"))
    except ValueError:
        return given or "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network(f"{ip}/64", strict=False))
    return str(ip)
