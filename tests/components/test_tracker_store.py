"""Rasa's conversations in our store: as little as a reply depends on, and an answer whatever fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant import stats
from assistant.components import tracker_store
from assistant.components.tracker_store import WHOLE_TURNS, EncryptedTrackerStore, pack
from assistant.content import load
from assistant.dialogue import Danger, Memory
from assistant.plan import Plan
from assistant.reply import Replies, State
from assistant.store import TABLES, ConversationStore, MasterKeys, UnreachableError
from assistant.tracker import LOOKED_BACK

Run = Callable[[Any], Any]
CANARY = "canary zanzibar"
DOMAIN = Domain.from_dict(
    {
        "intents": ["greet"],
        "slots": {name: {"type": "any", "mappings": [{"type": "custom"}]} for name in ("memory", "region", "forget")},
    }
)
BUTTON = {"title": "More", "payload": "/ask_more"}


@pytest.fixture
def store(tmp_path: Path) -> EncryptedTrackerStore:
    kept = ConversationStore(f"sqlite:///{tmp_path}/kept.db", MasterKeys.from_text(""))
    return EncryptedTrackerStore(DOMAIN, store=kept, kept_seconds=3600)


def said(tracker: DialogueStateTracker, text: str = CANARY) -> None:
    """Add a turn."""
    parse = {
        "intent": {"name": "greet"},
        "intent_ranking": [{"name": "greet"}],
        "text": text,
        "safety": {"level": "none"},
    }
    tracker.update(
        UserUttered(text, {"name": "greet"}, parse_data=parse, input_channel="web", metadata={"ip": "1.2.3.4"})
    )
    tracker.update(ActionExecuted("action_answer"))
    tracker.update(BotUttered("Hello.", {"buttons": [BUTTON], "custom": {"topic": "greet"}}))
    tracker.update(SlotSet("memory", {"turn": 1}))
    tracker.update(ActionExecuted("action_listen"))


def begun(store: EncryptedTrackerStore, sender: str = "anna") -> DialogueStateTracker:
    tracker = store.init_tracker(sender)
    tracker.update(SessionStarted())
    return tracker


def test_a_conversation_comes_back_with_all_that_a_reply_depends_on(store: EncryptedTrackerStore, run: Run) -> None:
    """What the assistant said, the choices it gave, the slots, the intents."""
    tracker = begun(store)
    said(tracker)
    run(store.save(tracker))

    back = run(store.retrieve("anna"))
    assert {"turn": 1} == back.get_slot("memory")
    assert ["Hello."] == [e.text for e in back.events if isinstance(e, BotUttered)]
    assert [BUTTON] == next(e.data["buttons"] for e in back.events if isinstance(e, BotUttered))
    assert ["greet"] == [e.intent_name for e in back.events if isinstance(e, UserUttered)]
    assert "action_listen" == back.latest_action_name


def test_what_the_person_typed_is_not_kept_even_encrypted(store: EncryptedTrackerStore) -> None:
    """Nor rankings, nor what the client tells of itself."""
    tracker = begun(store)
    said(tracker)
    payload = pack(tracker).decode()

    for gone in ("zanzibar", "ranking", "1.2.3.4"):
        assert gone not in payload


def test_what_is_kept_does_not_grow_with_a_conversation(store: EncryptedTrackerStore, run: Run) -> None:
    """Of two hundred turns the last three are kept whole, before them only what must not be said again; slots hold."""
    tracker = begun(store)
    tracker.update(SlotSet("region", "GB"))
    sizes = []
    for _ in range(200):
        said(tracker)
        run(store.save(tracker))
        sizes.append(len(pack(tracker)))
        tracker = run(store.retrieve("anna"))

    assert WHOLE_TURNS == sum(isinstance(e, UserUttered) for e in tracker.events)
    assert LOOKED_BACK + WHOLE_TURNS == sum(isinstance(e, BotUttered) for e in tracker.events)
    assert len(tracker.events) <= LOOKED_BACK + WHOLE_TURNS * 10
    assert sizes[-1] == pytest.approx(sizes[60], rel=0.05)
    assert "GB" == tracker.get_slot("region")


def test_the_slot_forget_erases(store: EncryptedTrackerStore, run: Run) -> None:
    """R32: the stop word and "delete everything" set it."""
    tracker = begun(store)
    said(tracker)
    run(store.save(tracker))
    tracker.update(SlotSet("forget", True))
    run(store.save(tracker))

    assert run(store.retrieve("anna")) is None
    assert 0 == store.conversations.count()


def test_while_the_database_fails_a_conversation_goes_on_in_memory(
    store: EncryptedTrackerStore, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator reads why, and no word of it; once the database is back, the conversation is there."""
    tracker = begun(store)
    said(tracker)
    TABLES.drop_all(store.conversations.engine)
    with caplog.at_level(logging.ERROR):
        run(store.save(tracker))
        assert run(store.retrieve("stranger")) is None

    back = run(store.retrieve("anna"))
    assert {"turn": 1} == back.get_slot("memory")
    assert "could not be saved" in caplog.text
    assert "zanzibar" not in caplog.text

    TABLES.create_all(store.conversations.engine)
    run(store.save(back))
    assert 1 == store.conversations.count()
    assert {} == store._unsaved


def test_what_went_on_in_memory_is_forgotten_in_time(
    store: EncryptedTrackerStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule of an hour holds there, too."""
    tracker = begun(store)
    said(tracker)
    TABLES.drop_all(store.conversations.engine)
    run(store.save(tracker))

    later = time.monotonic() + 3601
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert run(store.retrieve("anna")) is None
    assert {} == store._unsaved


def test_a_conversation_of_another_key_begins_anew(store: EncryptedTrackerStore, run: Run, tmp_path: Path) -> None:
    """After a restart without a lasting key."""
    tracker = begun(store)
    said(tracker)
    run(store.save(tracker))
    kept = ConversationStore(f"sqlite:///{tmp_path}/kept.db", MasterKeys.from_text(""))
    restarted = EncryptedTrackerStore(DOMAIN, store=kept, kept_seconds=3600)

    assert run(restarted.retrieve("anna")) is None
    assert run(store.retrieve("anna")) is not None


def test_the_store_lists_nobody(store: EncryptedTrackerStore, run: Run) -> None:
    """It could not say whose conversations it keeps."""
    tracker = begun(store)
    run(store.save(tracker))

    assert [] == list(run(store.keys()))


def test_a_turn_is_counted_by_how_it_was_read(store: EncryptedTrackerStore, run: Run) -> None:
    """A new conversation once, each turn, a danger by its level, an erasure."""
    tracker = begun(store)
    run(store.save(tracker))
    for level, intent in (("none", "greet"), ("suicide", "greet"), ("none", "out_of_scope")):
        tracker.update(
            UserUttered("x", {"name": intent}, parse_data={"intent": {"name": intent}, "safety": {"level": level}})
        )
        run(store.save(tracker))
    run(store.delete("anna"))
    run(store.delete("anna"))

    (counts,) = [counts for _, counts in stats.days(store.conversations, 1)]
    assert {"conversations": 1, "turns": 3, "suicide": 1, "not understood": 1, "erased": 1} == counts


def test_a_plan_that_was_stopped_leaves_none_of_its_notes(store: EncryptedTrackerStore) -> None:
    """Its summary was said, but is not kept as it was said."""
    plan = Plan("living", 10, {"people": CANARY})
    tracker = begun(store)
    shown = Replies(load(), "GB").plan(State(memory=Memory(plan=plan, followup="summary")))
    assert CANARY in shown.text
    tracker.update(BotUttered(shown.text, {"buttons": shown.buttons}, {"utter_action": "utter_plan"}))
    tracker.update(SlotSet("memory", Memory(plan=plan).as_slot()))
    assert CANARY in pack(tracker).decode()

    tracker.update(SlotSet("memory", Memory(plan=None).as_slot()))
    payload = pack(tracker).decode()
    assert CANARY not in payload
    assert load().plan.steps[0].title in payload


class Away:
    """A database that does not answer for a while."""

    def __init__(self, store: EncryptedTrackerStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        for name in ("read", "save"):
            monkeypatch.setattr(store.conversations, name, self._failing(getattr(store.conversations, name)))

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any) -> Any:
            if self.times > 0:
                self.times -= 1
                raise UnreachableError("the database does not answer")
            return real(*given)

        return act


def test_a_restart_of_the_database_is_not_noticed(
    store: EncryptedTrackerStore, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A turn waits a little, and goes on with what was said before."""
    tracker = begun(store)
    said(tracker)
    away = Away(store, monkeypatch)
    away.times = 3
    run(store.save(tracker))
    away.times = 3

    assert {"turn": 1} == run(store.retrieve("anna")).get_slot("memory")
    assert "" == caplog.text


def test_a_database_that_stays_away_is_not_waited_for_again_and_again(
    store: EncryptedTrackerStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first turn waits; the others are answered from memory at once."""
    monkeypatch.setattr(tracker_store, "PATIENCE", 0.5)
    Away(store, monkeypatch).times = 10_000
    begun_at = time.monotonic()

    assert run(store.retrieve("anna")) is None
    first = time.monotonic() - begun_at
    assert run(store.retrieve("bert")) is None

    assert 0.4 < first < 2
    assert time.monotonic() - begun_at - first < 0.2


def test_what_was_said_while_the_database_was_away_is_joined_to_what_it_holds(
    store: EncryptedTrackerStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worse danger is remembered, turns are added up, and nothing said before is overwritten."""
    tracker = begun(store)
    said(tracker)
    tracker.update(SlotSet("memory", Memory(turn=4, danger=Danger("suicide")).as_slot()))
    tracker.update(SlotSet("region", "GB"))
    run(store.save(tracker))
    monkeypatch.setattr(tracker_store, "PATIENCE", 0.0)
    away = Away(store, monkeypatch)
    away.times = 2  # neither read nor saved
    assert run(store.retrieve("anna")) is None
    meanwhile = begun(store)
    said(meanwhile, "again")
    meanwhile.update(SlotSet("memory", Memory(turn=1, danger=Danger("abuse_disclosed")).as_slot()))
    run(store.save(meanwhile))
    assert 1 == run(store.retrieve("anna")).get_slot("memory")["turn"]

    store.purge()  # as it is done each minute

    back = run(store.retrieve("anna"))
    memory = Memory.from_slot(back.get_slot("memory"))
    assert (5, "suicide", "GB") == (memory.turn, memory.danger.level, back.get_slot("region"))
    assert 2 == len([e for e in back.events if isinstance(e, UserUttered)])


def test_what_ended_a_conversation_is_counted_apart(store: EncryptedTrackerStore, run: Run) -> None:
    """An exit is none of the erasures that somebody asked for in words; what was just too old is neither."""
    for sender, ended in (("anna", "exits"), ("bert", "erased"), ("carl", "")):
        tracker = begun(store, sender)
        said(tracker)
        run(store.save(tracker))
        run(store.delete(sender, ended) if ended != "erased" else store.delete(sender))

    counts = stats.days(store.conversations, 1)[0][1]
    assert (1, 1, 3) == (counts["exits"], counts["erased"], counts["conversations"])
