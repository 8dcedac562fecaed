"""When a piece of a long message counts: by what the whole and its later stretches leave open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.components.safety_screen import SafetyScreen
from assistant.content import LEVELS
from assistant.screen import STRETCH, Screen, Thresholds

CONFIG = SafetyScreen.get_default_config()
THRESHOLDS = Thresholds(**{name: float(CONFIG[name]) for name in Thresholds.__annotations__})
TOLD = "he waits for me with the gun"
CALM = " ".join("we planted beans in the garden." for _ in range(8))  # 48 words
FAR = " ".join("we planted beans in the garden." for _ in range(40))  # more than the encoder reads at once


def judge(monkeypatch: pytest.MonkeyPatch, text: str, judged: dict[str, float]) -> str:
    """Return the level of `text` without rules; of what tells the danger, `judged` is the "stretch" and the "piece"."""
    rules: Any = SimpleNamespace(find=lambda text: [])
    encoder: Any = SimpleNamespace(labels={"levels": LEVELS})
    head: Any = SimpleNamespace(labels=list(LEVELS))
    screen = Screen(rules, encoder, head, THRESHOLDS)

    def scores(part: str) -> np.ndarray:
        words = len(part.split())
        kind = "whole" if words == len(text.split()) else "stretch" if words > STRETCH / 2 else "piece"
        danger = judged[kind] if kind == "whole" or TOLD in part else 0.0
        return np.array([danger if level == "high_risk" else 1 - danger if level == "none" else 0 for level in LEVELS])

    def probabilities(first: str, others: list[str]) -> tuple[np.ndarray, np.ndarray]:
        return scores(first), np.array([scores(other) for other in others])

    monkeypatch.setattr(screen, "probabilities", probabilities)
    return screen.judge(text).level


@pytest.mark.parametrize(
    ("story", "judged", "level"),
    [
        (CALM, {"whole": 0.06, "stretch": 0.0, "piece": 0.99}, "high_risk"),
        (CALM, {"whole": 0.04, "stretch": 0.0, "piece": 0.99}, "none"),  # surely none, and read to its end
        (CALM, {"whole": 0.06, "stretch": 0.0, "piece": 0.9}, "none"),
        (FAR, {"whole": 0.01, "stretch": 0.9, "piece": 0.99}, "high_risk"),  # told where the whole is not read
        (FAR, {"whole": 0.01, "stretch": 0.3, "piece": 0.99}, "none"),
        (FAR, {"whole": 0.01, "stretch": 0.9, "piece": 0.9}, "none"),
    ],
)
def test_a_piece_counts_where_the_whole_or_a_later_stretch_leaves_a_doubt(
    monkeypatch: pytest.MonkeyPatch, story: str, judged: dict[str, float], level: str
) -> None:
    """A danger at the end of a long post is not lost; a sentence torn out of a harmless one is no danger."""
    assert level == judge(monkeypatch, f"{story} {TOLD}.", judged)
