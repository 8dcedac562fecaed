"""Conversations at rest: sealed, nameless, forgotten to the last byte, whole after every way of failing.

On real SQLite and on real PostgreSQL (LINDEN_TEST_POSTGRES, by default the one on this machine).
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from assistant.store import CONVERSATIONS, DATA_KEYS, TABLES, ConversationStore, MasterKeys, StoreError

CANARY = b"canary zanzibar " * 40
POSTGRES = os.environ.get("LINDEN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
Open = Callable[..., ConversationStore]


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/kept.db"
        return
    name = f"linden_{uuid.uuid4().hex}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    try:
        connection = server.connect()
    except SQLAlchemyError:
        pytest.skip("no PostgreSQL here (LINDEN_TEST_POSTGRES)")
    connection.execute(text(f"CREATE DATABASE {name}"))
    yield str(server.url.set(database=name))
    connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def opened(url: str, clock: Clock) -> Open:
    """Return a function that opens the database, with given keys or with one that all its calls share."""
    shared = MasterKeys.from_text("")
    return lambda keys=shared: ConversationStore(url, keys, clock)


def fresh_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_what_is_saved_is_read_and_replaced(opened: Open) -> None:
    """The last payload is the one that counts."""
    store = opened()
    assert store.read("anna") is None

    store.save("anna", b"one")
    store.save("anna", b"two")
    store.save("ben", b"three")

    assert (b"two", b"three") == (store.read("anna"), opened().read("ben"))
    assert 2 == store.count()


def test_nothing_in_the_database_tells_who_wrote_or_what(opened: Open) -> None:
    """Neither the channel's id nor a word of the payload; equal payloads look different."""
    store = opened()
    store.save("+4930123456", CANARY)
    store.save("other", CANARY)
    with store.engine.connect() as db:
        rows = db.execute(CONVERSATIONS.select()).all()
        everything = repr([*rows, *db.execute(DATA_KEYS.select()).all()])

    assert "zanzibar" not in everything
    assert "4930123456" not in everything
    assert rows[0].payload != rows[1].payload


def test_a_payload_moved_to_another_row_is_refused(opened: Open) -> None:
    """The row is bound to its conversation."""
    store = opened()
    store.save("anna", b"hers")
    store.save("ben", b"his")
    with store.engine.begin() as db:
        one, two = db.execute(CONVERSATIONS.select()).all()
        db.execute(CONVERSATIONS.update().where(CONVERSATIONS.c.id == one.id).values(payload=two.payload))
        db.execute(CONVERSATIONS.update().where(CONVERSATIONS.c.id == two.id).values(payload=one.payload))

    for sender in ("anna", "ben"):
        with pytest.raises(StoreError, match="damaged or changed"):
            store.read(sender)


def test_a_half_written_row_is_refused_and_can_be_written_anew(opened: Open) -> None:
    """It harms neither itself, once written again, nor its neighbours."""
    store = opened()
    store.save("anna", CANARY)
    store.save("ben", b"his")
    name = store._keys.names("anna")[0]
    with store.engine.begin() as db:
        db.execute(CONVERSATIONS.update().where(CONVERSATIONS.c.id == name).values(payload=b"\x00" * 7))

    with pytest.raises(StoreError, match="damaged"):
        store.read("anna")
    assert b"his" == store.read("ben")
    store.save("anna", b"anew")
    assert b"anew" == store.read("anna")


def test_the_wrong_key_opens_nothing_and_spoils_nothing(opened: Open) -> None:
    """Another process with another key sees no conversation, and leaves those that are there."""
    store, stranger = opened(), opened(MasterKeys.from_text(""))
    store.save("anna", b"hers")

    assert stranger.read("anna") is None
    stranger.save("anna", b"a stranger's")
    assert (b"hers", b"a stranger's") == (store.read("anna"), stranger.read("anna"))


def test_keys_are_rotated_and_the_old_one_can_go(opened: Open) -> None:
    """Old rows are read under both keys, sealed anew once, and then need the old key for their name only."""
    old, new = fresh_key(), fresh_key()
    before = opened(MasterKeys.from_text(old))
    before.save("anna", b"hers")
    both = opened(MasterKeys.from_text(f"{new}, {old}"))

    assert b"hers" == both.read("anna")
    assert 1 == both.rotate()
    assert 0 == both.rotate()
    assert b"hers" == both.read("anna")
    with pytest.raises(StoreError, match="not there"):
        before.read("anna")


@pytest.mark.parametrize("given", ["abc", "AAAA", "!!!", base64.b64encode(b"x" * 31).decode()])
def test_a_key_that_is_none_is_refused(given: str) -> None:
    """The message says what is expected, and not what was given."""
    with pytest.raises(StoreError, match="32 bytes") as refused:
        MasterKeys.from_text(given)
    assert given not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////proc/none/x.db", "postgresql://nobody@127.0.0.1:1/none", "oracle://x"]
)
def test_a_database_that_cannot_be_opened_stops_the_start(url: str) -> None:
    """One line for the operator."""
    with pytest.raises(StoreError, match=r"LINDEN_STORE|cannot be opened"):
        ConversationStore(url, MasterKeys.from_text(""))


def test_old_conversations_are_purged_and_young_ones_kept(opened: Open, clock: Clock) -> None:
    """An hour after the last message, not after the first."""
    store = opened()
    store.save("old", CANARY)
    clock.now += 3000
    store.save("young", b"young")
    clock.now += 1000

    assert store.read("old", 3600) is None
    assert 1 == store.purge(3600)
    assert (None, b"young") == (store.read("old"), store.read("young"))
    with store.engine.connect() as db:
        assert 1 == len(db.execute(DATA_KEYS.select()).all())


def test_a_clock_set_back_neither_loses_nor_keeps_for_ever(opened: Open, clock: Clock) -> None:
    """A time in the future is counted from now on."""
    store = opened()
    store.save("anna", b"hers")
    clock.now -= 100_000
    store.save("anna", b"hers, later")
    assert 0 == store.purge(3600)
    assert b"hers, later" == store.read("anna", 3600)

    clock.now += 3700
    assert 1 == store.purge(3600)


@pytest.mark.parametrize("way", ["forget", "purge", "replace"])
def test_what_is_gone_is_in_no_file(way: str, tmp_path: Path, clock: Clock) -> None:
    """Byte by byte, in the database, its write-ahead log and its shared memory; the sealed payload, too."""
    store = ConversationStore(f"sqlite:///{tmp_path}/kept.db", MasterKeys.from_text(""), clock)
    for i in range(30):
        store.save(f"other {i}", os.urandom(3000))
    store.save("anna", CANARY)
    with store.engine.connect() as db:
        names = store._keys.names("anna")
        sealed = db.execute(CONVERSATIONS.select().where(CONVERSATIONS.c.id == names[0])).one().payload
        key = db.execute(DATA_KEYS.select().where(DATA_KEYS.c.id == names[0])).one().sealed

    if way == "forget":
        store.forget("anna")
    elif way == "purge":
        clock.now += 5000
        for i in range(30):
            store.save(f"other {i}", b"still here")
        assert 1 == store.purge(3600)
    else:
        store.save("anna", b"something else")
        store._settle()

    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert CANARY[:32] not in left
    assert sealed[20:52] not in left
    assert (key in left) == (way == "replace")
    assert 30 <= store.count()


def test_without_its_key_a_copy_of_the_file_is_noise(tmp_path: Path) -> None:
    """A backup that was taken before is shredded with the data key."""
    keys = MasterKeys.from_text("")
    store = ConversationStore(f"sqlite:///{tmp_path}/kept.db", keys)
    store.save("anna", CANARY)
    with sqlite3.connect(tmp_path / "kept.db") as source, sqlite3.connect(tmp_path / "backup.db") as backup:
        source.backup(backup)
        backup.execute("DELETE FROM linden_data_keys")

    copy = ConversationStore(f"sqlite:///{tmp_path}/backup.db", keys)
    assert copy.read("anna") is None
    assert 1 == copy.count()


def test_a_full_disk_is_one_line_and_what_was_kept_stays(tmp_path: Path) -> None:
    """The write that found no room changed nothing."""
    store = ConversationStore(f"sqlite:///{tmp_path}/kept.db", MasterKeys.from_text(""))
    store.save("anna", b"hers")
    with store.engine.connect() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar()
    store.engine.dispose()

    def full(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    from sqlalchemy import event

    event.listen(store.engine, "connect", full)
    with pytest.raises(StoreError, match="full") as refused:
        store.save("ben", CANARY * 100)

    assert "zanzibar" not in str(refused.value)
    assert b"hers" == store.read("anna")


def test_a_database_that_is_gone_is_one_line_without_words(opened: Open) -> None:
    """Neither statement nor values."""
    store = opened()
    TABLES.drop_all(store.engine)

    for broken in (lambda: store.save("anna", CANARY), lambda: store.read("anna"), lambda: store.purge(1)):
        with pytest.raises(StoreError) as refused:
            broken()
        assert "zanzibar" not in str(refused.value)
        assert "INSERT" not in str(refused.value)


WRITER = """
import sys
from assistant.store import ConversationStore, MasterKeys
store = ConversationStore(sys.argv[1], MasterKeys.from_text(sys.argv[2]))
turn = 0
while turn < int(sys.argv[4]):
    turn += 1
    store.save(sys.argv[3], (f"{turn} " * 500).encode())
    print(turn, flush=True)
"""


def writer(url: str, key: str, sender: str, turns: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, url, key, sender, str(turns)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.2])
def test_killed_in_the_middle_of_a_write_nothing_is_lost_but_that_write(url: str, seconds: float) -> None:
    """kill -9: the conversation is whole, and at most one turn behind."""
    key = fresh_key()
    with writer(url, key, "anna", 10**9) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        said = [int(line) for line in process.stdout.read().split()]

    kept = ConversationStore(url, MasterKeys.from_text(key)).read("anna")
    assert kept is not None
    turn = int(kept.split()[0])
    assert kept == (f"{turn} " * 500).encode()
    assert turn >= (said or [1])[-1]


def test_two_processes_share_a_database(url: str) -> None:
    """Nobody waits for ever, and nothing is lost."""
    key = fresh_key()
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(writer(url, key, f"sender {i}", 60)) for i in range(2)]
        assert [0, 0] == [process.wait(60) for process in writers]

    store = ConversationStore(url, MasterKeys.from_text(key))
    assert [b"60", b"60"] == [(store.read(f"sender {i}") or b"").split()[0] for i in range(2)]


def test_servers_that_start_at_once_make_an_empty_database_together(url: str) -> None:
    """Each table may be made by another of them between the look and the making."""
    servers, rounds = 6, 10
    gate = threading.Barrier(servers)

    def start(_: int) -> ConversationStore:
        gate.wait(30)
        return ConversationStore(url, MasterKeys.from_text(""))

    with ThreadPoolExecutor(servers) as pool:
        for _ in range(rounds):
            stores = list(pool.map(start, range(servers)))
            for store in stores[1:]:
                store.engine.dispose()
            TABLES.drop_all(stores[0].engine)
            stores[0].engine.dispose()


# --- properties


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sender=st.text(min_size=1, max_size=300), payload=st.binary(max_size=4000))
def test_any_payload_comes_back_as_it_was(sender: str, payload: bytes, tmp_path: Path) -> None:
    """Whatever its length and bytes, under whatever name."""
    store = ConversationStore(f"sqlite:///{tmp_path}/kept.db", MasterKeys.from_text(""))
    store.save(sender, payload)

    assert payload == store.read(sender)
    store.forget(sender)
    assert store.read(sender) is None


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=80), bit=st.integers(min_value=0, max_value=8 * (4 + 12 + 32 + 16) - 1))
def test_a_sealed_key_with_any_bit_changed_opens_nothing(name: str, bit: int) -> None:
    """Nor under another name."""
    keys = MasterKeys.from_text("")
    sealed = bytearray(keys.seal(b"k" * 32, name))
    assert b"k" * 32 == keys.open(bytes(sealed), name)
    with pytest.raises(StoreError):
        keys.open(bytes(sealed), name + "x")

    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(StoreError):
        keys.open(bytes(sealed), name)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ages=st.lists(st.integers(min_value=0, max_value=9000), max_size=12), kept=st.integers(min_value=1, max_value=9000)
)
def test_purge_takes_what_is_older_and_nothing_else(ages: list[int], kept: int, tmp_path: Path) -> None:
    """Whatever the ages."""
    clock = Clock()
    store = ConversationStore(f"sqlite:///{tmp_path}/{uuid.uuid4().hex}.db", MasterKeys.from_text(""), clock)
    now = clock.now
    for i, age in enumerate(ages):
        clock.now = now - age
        store.save(str(i), b"x")
    clock.now = now

    assert sum(age > kept for age in ages) == store.purge(kept)
    assert {i for i, age in enumerate(ages) if age <= kept} == {i for i in range(len(ages)) if store.read(str(i))}
