"""How often is too often, for whom."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from assistant.web.limits import Limit, address


def test_a_limit_holds_in_any_minute_and_says_how_long_to_wait() -> None:
    """Not in fixed minutes, at whose border twice as many would pass."""
    clock = SimpleNamespace(now=0.0)
    limit = Limit(3, lambda: clock.now)
    waits = []
    for clock.now in (0, 30, 50, 55, 60, 61, 90):
        waits.append(limit.wait("a"))

    assert [0, 0, 0, 5, 0, 29, 0] == waits


def test_what_costs_more_waits_until_there_is_room_for_all_of_it() -> None:
    """And what costs more than all there is waits for all of it."""
    clock = SimpleNamespace(now=0.0)
    limit = Limit(3, lambda: clock.now)
    waits = []
    for clock.now, cost in ((0, 1), (10, 2), (20, 2), (61, 2), (61, 1), (70, 9), (121, 9), (122, 1)):
        waits.append(limit.wait("a", cost))

    assert [0, 0, 50, 9, 0, 51, 0, 59] == waits


def test_one_does_not_count_for_another() -> None:
    """Each has their own."""
    limit = Limit(1, lambda: 0.0)

    assert (0, 0) == (limit.wait("a"), limit.wait("b"))
    assert 60 == limit.wait("a")


def test_nobody_is_remembered_longer_than_a_minute_or_by_name() -> None:
    """What the safety page says."""
    clock = SimpleNamespace(now=0.0)
    limit = Limit(5, lambda: clock.now)
    limit.wait("203.0.113.7")
    assert "203.0.113.7" not in str(vars(limit))

    clock.now = 60
    limit.sweep()
    assert 0 == len(limit)


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "counted"),
    [
        ("10.0.0.1", "", 0, "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1", 0, "10.0.0.1"),  # nobody of ours wrote it
        ("10.0.0.1", "1.1.1.1", 1, "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", 2, "1.1.1.1"),
        ("10.0.0.1", "1.1.1.1", 2, "10.0.0.1"),  # it came around a proxy
        # one home is one network
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:1.1.1.1", "", 0, "1.1.1.1"),
        ("", "", 0, "unknown"),
        ("10.0.0.1", "nonsense", 1, "nonsense"),
    ],
)
def test_who_counts_is_the_one_whom_our_own_proxy_saw(peer: str, forwarded: str, proxies: int, counted: str) -> None:
    """And not who the caller says they are."""
    assert counted == address(peer, forwarded, proxies)
