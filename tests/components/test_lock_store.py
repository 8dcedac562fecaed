"""One turn at a time, in one process and over real Redis."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from typing import Any

import pytest
from rasa.core.lock_store import LockError
from redis import Redis

from assistant.components.lock_store import PREFIX, ConversationLocks

URL = os.environ.get("LINDEN_TEST_REDIS", "redis://127.0.0.1:6379/9")


@pytest.fixture
def redis() -> Any:
    client = Redis.from_url(URL)
    try:
        client.ping()
    except Exception:
        pytest.skip("there is no Redis at 127.0.0.1:6379")
    return client


async def turns(stores: list[ConversationLocks], name: str, count: int) -> tuple[int, list[int]]:
    """Return the most turns that ran at once, and their order."""
    running, most, order = 0, 0, list[int]()

    async def turn(number: int) -> None:
        nonlocal running, most
        async with stores[number % len(stores)].lock(name):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            order.append(number)
            running -= 1

    await asyncio.gather(*(turn(number) for number in range(count)))
    return most, order


async def test_turns_in_one_process_run_in_order() -> None:
    """And without a second of polling in between."""
    begun = time.monotonic()

    assert (1, list(range(10))) == await turns([ConversationLocks(url="")], "x", 10)
    assert time.monotonic() - begun < 1


async def test_turns_on_several_servers_never_overlap(redis: Any) -> None:
    """Each server has a store of its own; Redis stands between them."""
    name = uuid.uuid4().hex

    most, order = await turns([ConversationLocks(url=URL) for _ in range(4)], name, 24)

    assert 1 == most
    assert set(range(24)) == set(order)
    assert [] == [key for key in redis.keys(f"{PREFIX}*") if name in str(key)]


async def test_other_conversations_do_not_wait(redis: Any) -> None:
    """A lock is one conversation's."""
    store = ConversationLocks(url=URL)
    async with store.lock(uuid.uuid4().hex):
        begun = time.monotonic()
        async with store.lock(uuid.uuid4().hex):
            pass
        assert time.monotonic() - begun < 0.5


async def test_a_lock_of_a_server_that_died_goes_by_itself(redis: Any) -> None:
    """And one that is over is not taken from its next holder."""
    name = uuid.uuid4().hex
    one, two = ConversationLocks(url=URL), ConversationLocks(url=URL)
    begun = time.monotonic()
    async with one.lock(name, lock_lifetime=1), two.lock(name, lock_lifetime=3):
        assert 0.8 < time.monotonic() - begun < 2.5
        # the first one is released now, though it has gone long ago
    async with two.lock(name, lock_lifetime=3):
        pass


async def test_a_conversation_that_is_not_free_in_time_is_refused(redis: Any) -> None:
    """With Rasa's own error."""
    name = uuid.uuid4().hex
    one, two = ConversationLocks(url=URL), ConversationLocks(url=URL)
    async with one.lock(name, lock_lifetime=10):
        with pytest.raises(LockError):
            async with two.lock(name, lock_lifetime=1):
                pass


async def test_without_redis_turns_go_on(caplog: pytest.LogCaptureFixture) -> None:
    """Locked on this server, with a line for the operator that names no conversation."""
    store = ConversationLocks(url="redis://127.0.0.1:9/0")

    assert (1, [0, 1, 2]) == await turns([store], "canary", 3)
    assert not await store.answers()
    assert "Redis does not answer" in caplog.text
    assert "canary" not in caplog.text


async def test_the_names_of_conversations_are_not_in_redis(redis: Any) -> None:
    """Only a hash of them."""
    name = uuid.uuid4().hex
    async with ConversationLocks(url=URL).lock(name):
        assert not any(name in key.decode() for key in redis.keys("*"))
