"""One turn at a time in each conversation: in this process, and with Redis on all servers together.

Rasa's own Redis store reads, changes and writes a list of tickets, and between these steps another server may do the
same (RASA_FACTS, section 4). Here a turn holds one key, set only where there is none, with a token that only its holder
can take away again (redis-py's `Lock`); the key goes by itself when its holder died. Whoever waits asks ten times a
second.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.constants import DEFAULT_LOCK_LIFETIME
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError as RedisLockError
from redis.exceptions import RedisError

from assistant import metrics
from assistant.settings import Settings
from assistant.turn_queue import TurnQueue

logger = logging.getLogger(__name__)
PREFIX = "linden:turn:"
HELD_SECONDS = 20.0  # that a key outlives a server that died; longer than a turn that waits for the database
WAIT_SECONDS = 0.1  # between two tries for a key
ANSWER_SECONDS = 2.0  # that Redis has for an answer; without one the turn goes on, locked in this process only


class ConversationLocks(LockStore):
    """Locks conversations in memory, and with the setting `LINDEN_LOCKS` in Redis as well.

    While Redis does not answer, turns go on with the lock of this process alone, so that nobody is left without an
    answer; a message that arrives at two servers at that same moment is then still applied once (its id is known).
    """

    def __init__(self, endpoint_config: Any = None, url: str | None = None) -> None:
        """Use the Redis at `url`, by default that of the settings; an empty one means none."""
        super().__init__()
        address = Settings.from_environment().locks if url is None else url
        self._redis: Any = None
        if address:
            seconds = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
            self._redis = Redis.from_url(address, **seconds)
        self._queue = TurnQueue()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = DEFAULT_LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncGenerator[TicketLock, None]:
        """Holds the conversation (see parent class); raises `LockError` when it is not free in `lock_lifetime`."""
        async with self._queue.turn(conversation_id):
            held = await self._hold(conversation_id, lock_lifetime)
            try:
                yield TicketLock(conversation_id)
            finally:
                await self._release(held)

    async def _hold(self, conversation_id: str, lifetime: float) -> Lock | None:
        if self._redis is None:
            return None
        name = PREFIX + hashlib.sha256(conversation_id.encode()).hexdigest()
        kept = min(lifetime, HELD_SECONDS)
        held = Lock(self._redis, name, timeout=kept, sleep=WAIT_SECONDS, blocking_timeout=lifetime)
        try:
            free = await held.acquire()
        except (RedisError, OSError) as error:
            metrics.ERRORS.labels("lock").inc()
            logger.error("a turn is locked on this server only: Redis does not answer (%s)", type(error).__name__)
            return None
        if not free:
            raise LockError("a conversation was not free in time")
        return held

    async def _release(self, held: Lock | None) -> None:
        if held is None:
            return
        try:
            await held.release()
        except RedisLockError:
            pass  # its time was over, or Redis began anew
        except (RedisError, OSError) as error:
            logger.error("a lock is left to its time: Redis does not answer (%s)", type(error).__name__)

    async def answers(self) -> bool:
        """Return whether Redis answers; True where there is none to ask."""
        if self._redis is None:
            return True
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        """Returns None: there are no tickets (see parent class for full docstring)."""
        return None

    def save_lock(self, lock: TicketLock) -> None:
        """Keeps nothing (see parent class for full docstring)."""

    def delete_lock(self, conversation_id: str) -> None:
        """Deletes nothing (see parent class for full docstring)."""
