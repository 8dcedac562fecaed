"""Counts a day: nobody is tracked by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import stats
from assistant.store import COUNTS, ConversationStore, MasterKeys

DAY = 86_400


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> ConversationStore:
    return ConversationStore(f"sqlite:///{tmp_path}/kept.db", MasterKeys.from_text(""), clock)


def test_what_happened_is_counted_by_day(store: ConversationStore, clock: Clock) -> None:
    """Oldest first, the last days only."""
    for _ in range(3):
        stats.count(store, ["turns", "suicide"])
        clock.now += DAY
    stats.count(store, ["turns"])

    found = stats.days(store, 2)
    assert [{"turns": 1, "suicide": 1}, {"turns": 1}] == [counts for _, counts in found]
    assert found[0][0] < found[1][0]


@pytest.mark.parametrize(("n", "expected"), [(0, "–"), (1, "<5"), (4, "<5"), (5, "5"), (120, "120")])
def test_small_counts_are_hidden(n: int, expected: str) -> None:
    """One person on one day must not be told apart."""
    assert expected == stats.shown(n)


def test_the_table_and_the_picture_show_no_small_count(store: ConversationStore, tmp_path: Path) -> None:
    """Neither the number, nor a sum from which it could be worked out."""
    for _ in range(7):
        stats.count(store, ["turns"])
    stats.count(store, ["suicide"])
    rows = stats.days(store, 30)
    text = stats.table(rows)
    stats.picture(rows, tmp_path / "days.png")

    assert ["day", "conversations"] == text.split()[:2]
    assert "7" in text.splitlines()[1].split()
    assert "<5" in text
    assert (tmp_path / "days.png").read_bytes().startswith(b"\x89PNG")


def test_counts_are_forgotten_after_a_year(store: ConversationStore, clock: Clock) -> None:
    """They are for planning, not for history."""
    stats.count(store, ["turns"])
    clock.now += (stats.KEPT_DAYS + 2) * DAY

    assert [] == stats.days(store, 30)
    with store.engine.connect() as db:
        assert [] == db.execute(COUNTS.select()).all()


def test_another_process_that_was_first_is_no_error(store: ConversationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row appears between the look and the insert."""
    stats.count(store, ["turns"])
    update, calls = COUNTS.update, []

    def blind() -> object:
        calls.append(1)
        return update().where(COUNTS.c.n < 0) if len(calls) == 1 else update()

    monkeypatch.setattr(COUNTS, "update", blind)
    stats.count(store, ["turns"])

    assert [{"turns": 2}] == [counts for _, counts in stats.days(store, 1)]
