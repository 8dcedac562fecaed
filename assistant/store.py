"""Where conversations are kept for as long as they last: encrypted, under a name that tells nothing.

A conversation is one row: its name is an HMAC of the channel's id, its payload is sealed with AES-256-GCM under a key
of its own, bound to the row as associated data. That data key is itself sealed by a master key and stands in a table
of its own: once it is deleted, every copy of the payload, in a log, a page or a backup, is noise (NIST SP 800-88r1
calls it cryptographic erase). Without a setting the master key is made at start and never leaves memory.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import hmac
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

KEY_BYTES, NONCE_BYTES, ID_BYTES = 32, 12, 4
BUSY_SECONDS = 5  # that a write waits for another process

TABLES = MetaData()
CONVERSATIONS = Table(
    "linden_conversations",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("last", Integer, nullable=False, index=True),  # Unix time of the last message, in seconds
    Column("payload", LargeBinary, nullable=False),
)
DATA_KEYS = Table(
    "linden_data_keys",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

MARKS = Table(
    "linden_marks",  # names that are known for a while: of messages that were answered, of people who want none
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("until", BigInteger, nullable=False),
)

COUNTS = Table(
    "linden_counts",  # how often something happened on a day (assistant/stats.py)
    TABLES,
    Column("day", String(10), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("n", Integer, nullable=False),
)


# The statements of a turn are made once: to make one takes longer than SQLite takes to carry it out.
RENEW = (
    CONVERSATIONS.update()
    .where(CONVERSATIONS.c.id == bindparam("name"))
    .values(last=bindparam("moment"), payload=bindparam("body"))
)


@lru_cache(maxsize=8)
def _finding(columns: tuple[Any, ...]) -> Any:
    """Return what reads the key of `name`, and `columns` of its conversation."""
    both = DATA_KEYS.outerjoin(CONVERSATIONS, CONVERSATIONS.c.id == DATA_KEYS.c.id)
    return select(DATA_KEYS.c.sealed, *columns).select_from(both).where(DATA_KEYS.c.id == bindparam("name"))


@lru_cache(maxsize=2)
def _counting(dialect: str) -> Any:
    """Return what adds to the counts of a day in a database that speaks `dialect`."""
    row = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(COUNTS)
    return row.on_conflict_do_update(index_elements=["day", "name"], set_={"n": COUNTS.c.n + row.excluded.n})


class StoreError(Exception):
    """The store cannot be used; the message is for the operator and holds nothing of a conversation."""


class UnreachableError(StoreError):
    """The database does not answer, and may again."""


class MasterKeys:
    """The keys that seal data keys and name conversations: the first is used, the others still open what is old."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are 32 bytes each; raise `StoreError` otherwise."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise StoreError("a key of the store must be 32 bytes")
        self._keys = list(keys)

    @classmethod
    def from_text(cls, text: str) -> MasterKeys:
        """Return the keys of a setting, base64 and separated by commas; a fresh one, kept in memory only, for none."""
        try:
            keys = [base64.b64decode(part, validate=True) for part in text.replace(" ", "").split(",") if part]
        except binascii.Error:
            raise StoreError("LINDEN_STORE_KEYS: expected 32 bytes in base64, several separated by commas") from None
        return cls(keys or [os.urandom(KEY_BYTES)])

    def names(self, sender: str) -> list[str]:
        """Return the names that the conversation `sender` has under each key, the one in use first."""
        return [hmac.new(self._derive(key, b"name"), sender.encode(), hashlib.sha256).hexdigest() for key in self._keys]

    def seal(self, data_key: bytes, name: str) -> bytes:
        """Return `data_key` sealed for the conversation `name`."""
        nonce = os.urandom(NONCE_BYTES)
        return self._id(self._keys[0]) + nonce + AESGCM(self._keys[0]).encrypt(nonce, data_key, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """Return the data key in `sealed`; raise `StoreError` when none of the keys opens it."""
        nonce, body = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
        for key in self._keys:
            if self._id(key) == sealed[:ID_BYTES]:
                with suppress(InvalidTag, ValueError):
                    return AESGCM(key).decrypt(nonce, body, name.encode())
        raise StoreError("a conversation was sealed with a key that is not there, or was changed")

    def derived(self, purpose: str) -> list[bytes]:
        """Return a key for `purpose` made from each master key, the one in use first."""
        return [self._derive(key, purpose.encode()) for key in self._keys]

    def is_current(self, sealed: bytes) -> bool:
        """Return whether the key in use sealed it."""
        return sealed[:ID_BYTES] == self._id(self._keys[0])

    @staticmethod
    def _derive(key: bytes, purpose: bytes) -> bytes:
        return hmac.new(key, b"linden " + purpose, hashlib.sha256).digest()

    def _id(self, key: bytes) -> bytes:
        return self._derive(key, b"id")[:ID_BYTES]


class ConversationStore:
    """Keeps, returns and forgets conversations; safe to use from several processes at once."""

    def __init__(self, url: str, keys: MasterKeys, clock: Callable[[], float] = time.time) -> None:
        """Open the database at `url` (SQLAlchemy's form) and make its tables; raise `StoreError`."""
        self._keys, self._clock = keys, clock
        try:
            self.engine = _engine(url)
            _make_tables(self.engine)
        except (ArgumentError, ImportError):
            raise StoreError("LINDEN_STORE: expected sqlite:///path or postgresql://user@host/database") from None
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"the database cannot be opened: {reason(error)}") from None

    def save(self, sender: str, payload: bytes, counted: Callable[[bool], Iterable[str]] | None = None) -> bool:
        """Keep `payload` as all that is known of `sender`, and return whether nothing was known before.

        In the same transaction what `counted` names is counted, given whether nothing was known. Raise `StoreError`,
        leaving what was kept as it was.
        """
        names = self._keys.names(sender)
        with self.transaction() as db:
            known = self._known(db, names, CONVERSATIONS.c.last)
            if known is None:
                name, data_key, last = names[0], os.urandom(KEY_BYTES), None
                self._erase(db, names)
                db.execute(DATA_KEYS.insert().values(id=name, sealed=self._keys.seal(data_key, name)))
            else:
                name, data_key, (last,) = known
            nonce = os.urandom(NONCE_BYTES)
            body = nonce + AESGCM(data_key).encrypt(nonce, payload, name.encode())
            now = int(self._clock())
            if last is None:
                db.execute(CONVERSATIONS.insert().values(id=name, last=now, payload=body))
            else:  # a clock that was set back must not make it look old
                db.execute(RENEW, {"name": name, "moment": max(now, last), "body": body})
            if counted:
                self.add_counts(db, counted(last is None))
        return last is None

    def add_counts(self, db: Connection, names: Iterable[str]) -> None:
        """Count each of `names` once for today (assistant/stats.py), in the transaction of `db`."""
        today = datetime.date.fromtimestamp(self._clock()).isoformat()
        counted = sorted(Counter(names).items())  # in one order, so that no two servers wait for each other
        if counted:
            add = _counting(self.engine.dialect.name)
            db.execute(add, [{"day": today, "name": name, "n": times} for name, times in counted])

    def read(self, sender: str, seconds: float = math.inf) -> bytes | None:
        """Return what is kept of `sender`, None for nothing and for a last message older than `seconds`.

        Raise `StoreError`, also for what was tampered with.
        """
        with self.transaction() as db:
            known = self._known(db, self._keys.names(sender), CONVERSATIONS.c.last, CONVERSATIONS.c.payload)
        if known is None:
            return None
        name, data_key, (last, body) = known
        if last is None or last < self._clock() - seconds:
            return None
        try:
            return AESGCM(data_key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise StoreError("a conversation was damaged or changed") from None

    def knows(self, sender: str, seconds: float) -> bool:
        """Return whether anything of `sender` is kept whose last message is not older than `seconds`."""
        names = self._keys.names(sender)
        recent = (CONVERSATIONS.c.id.in_(names)) & (CONVERSATIONS.c.last >= self._clock() - seconds)
        with self.transaction() as db:
            return db.execute(select(CONVERSATIONS.c.id).where(recent)).first() is not None

    def forget(self, sender: str) -> bool:
        """Erase all that is kept of `sender`, and return whether there was anything."""
        with self.transaction() as db:
            names = self._keys.names(sender)
            kept = db.execute(select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.id.in_(names))).first()
            self._erase(db, names)
        self._settle()
        return kept is not None

    def purge(self, seconds: float) -> int:
        """Erase conversations whose last message is older than `seconds`, and return how many.

        Each row is deleted only as long as it is still that old, so that a turn that ends meanwhile is kept.
        A time in the future, left by a clock that was set back, is counted from now on.
        """
        now = int(self._clock())
        with self.transaction() as db:
            old = select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.last < now - seconds)
            names = list(db.execute(old).scalars())
            self._erase(db, names, before=now - seconds)
            db.execute(CONVERSATIONS.update().where(CONVERSATIONS.c.last > now).values(last=now))
            orphans = ~DATA_KEYS.c.id.in_(select(CONVERSATIONS.c.id))
            db.execute(delete(DATA_KEYS).where(orphans))
            db.execute(delete(MARKS).where(MARKS.c.until < now))
        self._settle()
        return len(names)

    def rotate(self) -> int:
        """Seal every data key anew with the key in use, and return how many were old; may be stopped and repeated."""
        done = 0
        with self.transaction() as db:
            for name, sealed in list(db.execute(select(DATA_KEYS.c.id, DATA_KEYS.c.sealed))):
                if not self._keys.is_current(sealed):
                    fresh = self._keys.seal(self._keys.open(sealed, name), name)
                    db.execute(DATA_KEYS.update().where(DATA_KEYS.c.id == name).values(sealed=fresh))
                    done += 1
        return done

    def count(self) -> int:
        """Return how many conversations are kept."""
        with self.transaction() as db:
            return int(db.execute(select(func.count()).select_from(CONVERSATIONS)).scalar() or 0)

    def mark(self, name: str, seconds: float) -> bool:
        """Remember `name` for `seconds`, and return whether it was not yet known; raise `StoreError`."""
        now = int(self._clock())
        with self.transaction() as db:
            db.execute(delete(MARKS).where((MARKS.c.id == name) & (MARKS.c.until < now)))
        try:
            with self.transaction() as db:
                db.execute(MARKS.insert().values(id=name, until=now + int(seconds)))
        except StoreError as error:
            if isinstance(error.__context__, IntegrityError):
                return False
            raise
        return True

    def unmark(self, name: str) -> bool:
        """Forget `name`, and return whether it was known; raise `StoreError`."""
        with self.transaction() as db:
            return bool(db.execute(delete(MARKS).where(MARKS.c.id == name)).rowcount)

    def is_marked(self, name: str) -> bool:
        """Return whether `name` is known; raise `StoreError`."""
        known = select(MARKS.c.id).where((MARKS.c.id == name) & (MARKS.c.until >= int(self._clock())))
        with self.transaction() as db:
            return db.execute(known).first() is not None

    # --- inside

    def _known(self, db: Connection, names: Sequence[str], *columns: Any) -> tuple[str, bytes, Sequence[Any]] | None:
        """Return (name, data key, `columns` of the conversation) of the first of `names` that is kept, or None.

        A key without its conversation has None in all columns.
        """
        for name in names:
            row = db.execute(_finding(columns), {"name": name}).first()
            if row is not None:
                return name, self._keys.open(row[0], name), row[1:]
        return None

    def _erase(self, db: Connection, names: Sequence[str], before: float | None = None) -> None:
        for name in names:
            gone = delete(CONVERSATIONS).where(CONVERSATIONS.c.id == name)
            if before is not None:
                gone = gone.where(CONVERSATIONS.c.last < before)
            if db.execute(gone).rowcount or before is None:
                db.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == name))

    def now(self) -> float:
        """Return the store's time, in seconds since 1970."""
        return self._clock()

    def transaction(self) -> Any:
        """Return a context in which a connection is open; what goes wrong inside is a `StoreError`."""
        return _Transaction(self.engine)

    def _settle(self) -> None:
        """Empty SQLite's write-ahead log, where copies of deleted rows would stay."""
        if self.engine.dialect.name == "sqlite":
            with suppress(StoreError), self.transaction() as db:
                db.connection.driver_connection.commit()
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


class _Transaction:
    """A transaction whose errors are `StoreError`s without values."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Connection:
        try:
            self._begun = self._engine.begin()  # connects
            found: Connection = self._begun.__enter__()
        except SQLAlchemyError as error:
            raise UnreachableError(f"the database does not answer: {reason(error)}") from None
        return found

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            self._begun.__exit__(kind, error, trace)
        except SQLAlchemyError as failed:
            raise _named(failed) from None
        if isinstance(error, SQLAlchemyError):
            raise _named(error) from None


def _named(error: SQLAlchemyError) -> StoreError:
    gone = isinstance(error, DBAPIError) and error.connection_invalidated
    return (UnreachableError if gone else StoreError)(f"the database failed: {reason(error)}")


def reason(error: BaseException) -> str:
    """Return what a database error is, without the statement and its values."""
    inner = getattr(error, "orig", None) if isinstance(error, DBAPIError) else None
    return " ".join(str(inner).splitlines()[0].split())[:120] if inner is not None else type(error).__name__


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    options: dict[str, Any] = {"hide_parameters": True}
    if parsed.drivername.startswith("sqlite"):
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        if parsed.database and parsed.database != ":memory:":
            options["poolclass"] = QueuePool  # the default opens the file anew for each transaction
    else:
        options |= {"pool_pre_ping": True, "pool_size": 5}
        if parsed.get_backend_name() == "postgresql":
            options["connect_args"] = {"connect_timeout": 3}  # seconds
    engine = create_engine(parsed, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _make_tables(engine: Engine) -> None:
    """Make the tables unless they are there; other processes may be making any of them at the same moment."""
    for table in TABLES.sorted_tables:
        try:
            table.create(engine, checkfirst=True)
        except SQLAlchemyError:
            table.create(engine, checkfirst=True)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Overwrite what is deleted, and let readers go on beside a writer (RASA_FACTS section 7 has the measurements)."""
    for pragma in ("journal_mode=WAL", "secure_delete=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
