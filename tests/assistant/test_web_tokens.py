"""A session is opened by its token alone, and is over when it is over."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from assistant.web.history import MOST_BYTES, Line, pack, unpack
from assistant.web.tokens import Sessions


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=0.0)


@pytest.fixture
def sessions(clock: SimpleNamespace) -> Sessions:
    return Sessions(life=60, longest=300, most=3, clock=lambda: clock.now)


def test_a_token_has_at_least_128_random_bits_and_never_repeats(sessions: Sessions) -> None:
    """E3: nobody guesses one."""
    ids = set()
    for _ in range(200):
        token, _session = sessions.open() or ("", None)
        ids.add(token.split(".")[0])
        sessions.close(token)

    assert 200 == len(ids)
    assert all(len(id) * 6 >= 128 for id in ids)


def test_the_conversation_cannot_be_told_from_the_token(sessions: Sessions) -> None:
    """Without the key; and each server has its own."""
    token, session = sessions.open()

    assert 64 == len(session.conversation)
    assert session.conversation not in token
    assert session.leave not in (token, session.conversation)


def test_a_session_lives_from_use_to_use_and_no_longer_than_a_day(sessions: Sessions, clock: SimpleNamespace) -> None:
    """An hour after the last use; with a limit that no use extends."""
    token, _ = sessions.open()
    for now in range(50, 300, 50):
        clock.now = now
        assert sessions.find(token)
    clock.now = 300

    assert sessions.find(token) is None


def test_a_session_is_over_after_its_life(sessions: Sessions, clock: SimpleNamespace) -> None:
    """Whether it was swept or not."""
    token, session = sessions.open()
    clock.now = 60

    assert sessions.find(token) is None
    assert [session] == sessions.close_old()
    assert session.ended
    assert 0 == len(sessions)


def test_an_ended_session_stays_ended(sessions: Sessions) -> None:
    """A token that is used again opens nothing."""
    token, session = sessions.open()

    assert session is sessions.close(token)
    assert sessions.close(token) is None
    assert sessions.find(token) is None
    assert sessions.close_by_link(session.leave) is None


def test_an_exit_link_ends_and_opens_nothing(sessions: Sessions) -> None:
    """It stands in an address, where others may read it."""
    token, session = sessions.open()

    assert sessions.find(session.leave) is None
    assert session is sessions.close_by_link(session.leave)
    assert sessions.find(token) is None


def test_where_there_is_no_room_an_unused_page_makes_way(sessions: Sessions) -> None:
    """A flood of opened pages takes the chat from nobody who writes."""
    tokens = []
    for _ in range(3):
        token, session = sessions.open()
        tokens.append(token)
        session.spoke = len(tokens) != 2
    _, fourth = sessions.open()
    fourth.spoke = True

    assert [True, False, True] == [sessions.find(token) is not None for token in tokens]
    assert sessions.open() is None


def test_a_conversation_in_a_page_is_believed_only_where_it_was_signed(sessions: Sessions) -> None:
    """Not changed, and not of another session."""
    (_, one), (_, two) = sessions.open(), sessions.open()
    lines = [Line(True, 'Hello "you"\n- one'), Line(False, "ünï 😭")]
    packed, signature = pack(lines, one, sessions)

    assert lines == unpack(packed, signature, one, sessions)
    assert [] == unpack(packed, signature, two, sessions)
    assert [] == unpack(packed.replace("Hello", "Call 1"), signature, one, sessions)
    assert [] == unpack("{", "é", one, sessions)


def test_a_conversation_in_a_page_keeps_its_newest_lines(sessions: Sessions) -> None:
    """And stays within what a request may hold."""
    _, session = sessions.open()
    packed, signature = pack([Line(False, f"{i} " + "ü" * 500) for i in range(50)], session, sessions)

    assert len(packed.encode()) <= MOST_BYTES
    assert unpack(packed, signature, session, sessions)[-1].text.startswith("49 ")


def test_servers_that_share_keys_know_each_others_sessions(clock: SimpleNamespace) -> None:
    """From the token alone: the conversation, the region, the page that opened it, and the exit link."""
    keys = [b"k" * 32]
    one, two = (Sessions(keys=keys, clock=lambda: clock.now) for _ in range(2))
    token, session = one.open("https://shelter.example", "GB")

    found = two.find(token, "https://shelter.example")

    assert found is not None
    assert (session.conversation, session.leave, "GB") == (found.conversation, found.leave, found.region)
    assert two.find(token, "https://evil.example") is None
    assert session.conversation == Sessions(keys=keys).close_by_link(session.leave).conversation
    assert Sessions(keys=[b"other" + b"k" * 27]).find(token, None) is None
    assert Sessions().find(token, None) is None


def test_a_token_outlives_a_change_of_keys(clock: SimpleNamespace) -> None:
    """The old key still opens until it is left out."""
    token, session = Sessions(keys=[b"a" * 32]).open()
    after = Sessions(keys=[b"b" * 32, b"a" * 32]).find(token)

    assert session.conversation == after.conversation


def test_a_shared_session_makes_room_without_being_lost(clock: SimpleNamespace) -> None:
    """Memory stays bounded; the token brings it back."""
    sessions = Sessions(keys=[b"k" * 32], most=2, clock=lambda: clock.now)
    tokens = []
    for _ in range(4):
        token, session = sessions.open()
        session.spoke = True
        tokens.append(token)

    assert all(sessions.find(token) for token in tokens)
    assert len(sessions) <= 2
