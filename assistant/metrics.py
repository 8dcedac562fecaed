"""How the assistant is doing, for Prometheus: counts and times, nothing that was said and nobody who said it.

Served on a port of its own (`LINDEN_METRICS_PORT`), which a proxy must not let out. Levels are counted over all
conversations together; where few people write, who can see the metrics and the street can guess: keep them inside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram, start_http_server

BUCKETS = (0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds

TURNS = Counter("linden_turns", "Messages that were answered", ["channel"])
SECONDS = Histogram("linden_turn_seconds", "From a message to its whole answer, waiting included", buckets=BUCKETS)
LEVELS = Counter("linden_levels", "Messages by level of danger, as understood", ["level"])
FALLBACKS = Counter("linden_fallbacks", "Messages that were not understood")
ERRORS = Counter("linden_errors", "Faults, by what failed", ["what"])
REFUSED = Counter("linden_refused", "Requests that were not taken, by reason", ["reason"])
QUEUE = Gauge("linden_turns_in_progress", "Messages that are being answered or wait for it")


@contextmanager
def turn(channel: str) -> Iterator[None]:
    """Count and time one turn on `channel`."""
    begun = time.perf_counter()
    QUEUE.inc()
    try:
        yield
    finally:
        QUEUE.dec()
        TURNS.labels(channel).inc()
        SECONDS.observe(time.perf_counter() - begun)


def serve(port: int, host: str) -> None:
    """Serve the metrics at http://host:port/metrics; raise `OSError` when the port is in use."""
    start_http_server(port, host)
