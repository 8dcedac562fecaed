"""A turn does not get slower as the conversation grows."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

from assistant.components.rest import answer

TALK = (
    "what is a trauma bond", "tell me more", "he is so charming and then he explodes", "is it my fault",
    "what are the signs", "i feel so alone", "how do i set boundaries", "ok",
)  # fmt: skip


def test_turn_60_costs_at_most_half_as_much_again_as_turn_5(agent: Any, run: Callable[[Any], Any]) -> None:
    """Median of the same eight messages early and late, best of three conversations: a busy machine adds, never takes."""
    ratios = []
    for _ in range(3):
        sender, seconds = uuid.uuid4().hex, list[float]()
        for turn in range(64):
            begun = time.perf_counter()
            assert run(answer(agent.handle_message, TALK[turn % 8], sender, "rest"))
            seconds.append(time.perf_counter() - begun)
        ratios.append(statistics.median(seconds[56:64]) / statistics.median(seconds[0:8]))

    assert min(ratios) <= 1.5
