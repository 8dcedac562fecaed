"""Breaks a cluster in every way that is named below while people write, and shows what they saw of it.

    .venv/bin/python -m bench.faults [--people N] [--minutes N] [--seed N] [--write]

Each person has a conversation with a place of their own, says things in turn, and behaves as the widget does: a message
has an id, is sent again for three seconds where no answer came, and after that by hand under the same id. Meanwhile
assistants are killed (SIGKILL), Redis and PostgreSQL are restarted, and all assistants are restarted one after the
other. Then it is counted, from what each person saw and from what the database holds:

- an answer to another person's conversation: numbers of a place that the person did not name;
- a turn that was applied twice, or lost: the number of turns in the store against the messages that were answered;
- a danger that got no numbers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from assistant.content import load
from assistant.store import ConversationStore, MasterKeys
from assistant.web.tokens import Sessions
from bench.cluster import ROOT, Cluster, cluster
from bench.places import BenchError
from bench.processes import end_in_order

RETRIES = 3.0  # seconds for which the widget sends again by itself
PATIENCE = 90.0  # seconds for which a person sends again by hand
QUESTIONS = (
    "what is a trauma bond", "what is love bombing", "why do i keep going back", "what are the signs", "is it my fault",
    "what is stockholm syndrome", "how do i set boundaries", "tell me more", "he apologises and then does it again",
)  # fmt: skip
DANGERS = (
    "he choked me last night", "she says she will kill me if i go", "he has a knife and he is outside my door",
    "i want to die",
)  # fmt: skip


@dataclass
class Seen:
    """What one person saw."""

    region: str
    number: str  # the emergency number there
    token: str = ""
    turns: int = 0  # messages that were answered
    dangers: int = 0
    unanswered: int = 0  # given up
    sent_again: int = 0
    told: int = 0  # times that the page had to say that something went wrong
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class Person:
    """Writes until it is time to stop."""

    def __init__(self, client: httpx.AsyncClient, seen: Seen, rng: random.Random, until: float) -> None:
        self._client, self.seen, self._rng, self._until = client, seen, rng, until

    async def live(self) -> None:
        """Hold one conversation."""
        await asyncio.sleep(self._rng.uniform(0, 10))
        if not await self._open():
            self.seen.unanswered += 1
            return
        while time.monotonic() < self._until:
            danger = self._rng.random() < 0.3
            text = self._rng.choice(DANGERS if danger else QUESTIONS)
            answer = await self._say(text)
            if answer is None:
                self.seen.unanswered += 1
                return  # what is not known to be applied would blur the count
            self._check(text, answer, danger)
            await asyncio.sleep(self._rng.expovariate(1 / 6))

    async def _open(self) -> bool:
        for _ in range(60):
            try:
                answer = await self._client.post("/api/session", json={"region": self.seen.region})
                if answer.status_code == 200:
                    self.seen.token = answer.json()["token"]
                    return True
            except (httpx.HTTPError, ValueError):
                pass
            await asyncio.sleep(1)
        return False

    async def _say(self, text: str) -> list[dict[str, Any]] | None:
        id, begun = str(self._rng.random()), time.monotonic()
        body = {"token": self.seen.token, "text": text, "id": id}
        told = False
        while time.monotonic() - begun < PATIENCE:
            try:
                answer = await self._client.post("/api/message", json=body)
                if answer.status_code == 200:
                    self.seen.turns += 1
                    self.seen.seconds.append(time.monotonic() - begun)
                    messages: list[dict[str, Any]] = answer.json()["messages"]
                    return messages
                if answer.status_code not in (502, 503, 504):
                    self.seen.wrong.append(f"status {answer.status_code}")
                    return None
            except (httpx.HTTPError, ValueError):
                pass
            self.seen.sent_again += 1
            if not told and time.monotonic() - begun > RETRIES:
                told, self.seen.told = True, self.seen.told + 1
            await asyncio.sleep(0.9)
        return None

    def _check(self, text: str, messages: list[dict[str, Any]], danger: bool) -> None:
        contacts = [c for m in messages for c in (m.get("custom") or {}).get("contacts") or []]
        regions = {(m.get("custom") or {}).get("region") for m in messages} - {None}
        if regions - {self.seen.region}:
            self.seen.wrong.append(f"numbers of {regions} instead of {self.seen.region}")
        if danger:
            self.seen.dangers += 1
            if self.seen.number not in {contact.get("phone") for contact in contacts}:
                self.seen.wrong.append(f"no emergency number after {text!r}")


async def break_things(built: Cluster, rng: random.Random, minutes: float, events: list[str]) -> None:
    """Kill and restart until `minutes` are over; each thing that is done is noted in `events`."""
    begun = time.monotonic()

    def note(what: str) -> None:
        events.append(f"{time.monotonic() - begun:.0f} s: {what}")
        print(f"  {events[-1]}", flush=True)

    async def killing(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(rng.uniform(0.3, 1.0) * min(25, seconds / 2))
            ready = [n for n in range(len(built.assistants)) if built.is_ready(n)]
            if len(ready) < 2:
                continue  # one has to be left, or nothing is shown but that nobody is there
            number = rng.choice(ready)
            built.assistants[number].kill()
            note(f"killed {built.assistants[number].name}")
            await asyncio.sleep(1)
            built.assistants[number].start()

    part = minutes * 60 / 5
    await killing(part)
    built.redis.kill()
    note("killed Redis")
    await asyncio.sleep(2)
    built.redis.start()
    note("Redis is back")
    await killing(part)
    await asyncio.to_thread(built.postgres.stop, signal.SIGINT)
    note("stopped PostgreSQL")
    await asyncio.sleep(4)
    built.postgres.start()
    note("PostgreSQL is back")
    await killing(part)
    for number, assistant in enumerate(built.assistants):
        await asyncio.to_thread(assistant.stop)
        assistant.start()
        seconds = await asyncio.to_thread(built.wait_for, number)
        await asyncio.sleep(3)  # until the proxy has seen it
        note(f"rolled {assistant.name}, ready after {seconds:.0f} s")
    await killing(part)
    note("no more faults")


def applied(built: Cluster, seen: Seen) -> int | None:
    """Return how many turns of the person's conversation the database holds, None where it holds no conversation."""
    keys = MasterKeys.from_text(built.keys)
    session = Sessions(keys=keys.derived("sessions")).find(seen.token, None)
    payload = ConversationStore(built.store, keys).read(session.conversation, 3600) if session else None
    if payload is None:
        return None
    memory = json.loads(payload)["slots"].get("memory") or {}
    return int(memory["turn"]) - 1  # the page's own first words are a turn


async def trial(built: Cluster, people: int, minutes: float, seed: int) -> dict[str, Any]:
    """Let `people` write for `minutes` and then as long as recovery takes; return the figures."""
    rng = random.Random(seed)
    regions = {code: region.emergency[0].number for code, region in load().regions.items()}
    until = time.monotonic() + minutes * 60 + 30
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=0)
    events: list[str] = []
    async with httpx.AsyncClient(base_url=built.url, verify=False, timeout=30, limits=limits) as client:
        everybody = []
        for _ in range(people):
            region = rng.choice(sorted(regions))
            seen = Seen(region, regions[region])
            everybody.append(Person(client, seen, random.Random(rng.random()), until))
        breaking = asyncio.create_task(break_things(built, rng, minutes, events))
        await asyncio.gather(*(person.live() for person in everybody))
        await breaking
        for number in range(len(built.assistants)):
            built.wait_for(number)
        last = Person(client, Seen("GB", "999"), rng, time.monotonic() + 1)
        recovered = await last._open() and await last._say("he choked me last night") is not None
    return figures(built, [person.seen for person in everybody], events, recovered)


def figures(built: Cluster, everybody: list[Seen], events: list[str], recovered: bool) -> dict[str, Any]:
    """Return what is published of a trial."""
    twice, lost, forgotten = 0, 0, 0
    for seen in everybody:
        if seen.unanswered or not seen.turns:
            continue
        found = applied(built, seen)
        if found is None:
            forgotten += 1
        else:
            twice += max(0, found - seen.turns)
            lost += max(0, seen.turns - found)
    seconds = sorted(second for seen in everybody for second in seen.seconds)
    return {
        "people": len(everybody),
        "messages answered": sum(seen.turns for seen in everybody),
        "of them dangers": sum(seen.dangers for seen in everybody),
        "sent again by the widget": sum(seen.sent_again for seen in everybody),
        "told that something went wrong": sum(seen.told for seen in everybody),
        "never answered": sum(seen.unanswered for seen in everybody),
        "answers of another conversation, or dangers without numbers": sum(len(seen.wrong) for seen in everybody),
        "what": dict(Counter(wrong for seen in everybody for wrong in seen.wrong)),
        "turns applied twice": twice,
        "turns lost": lost,
        "conversations lost": forgotten,
        "works again": recovered,
        "median seconds": round(statistics.median(seconds), 3) if seconds else None,
        "99th percentile, seconds": round(seconds[int(len(seconds) * 0.99)], 2) if seconds else None,
        "longest, seconds": round(seconds[-1], 1) if seconds else None,
        "events": events,
    }


def run(people: int, minutes: float, seed: int, folder: Path) -> dict[str, Any]:
    """Start a cluster of three, break it, and return the figures."""
    with cluster(folder, 3) as built:
        return asyncio.run(trial(built, people, minutes, seed))


def main() -> int:
    """Run the trial, print its figures, and with --write put them into docs/RELIABILITY.md."""
    end_in_order()
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="Break a cluster while people write.")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = run(options.people, options.minutes, options.seed, Path(folder))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=1, ensure_ascii=False))
    if options.write:
        (ROOT / "reports").mkdir(exist_ok=True)
        (ROOT / "reports" / f"faults-{options.seed}.json").write_text(json.dumps(found, indent=1))
    bad = (
        "answers of another conversation, or dangers without numbers",
        "turns applied twice",
        "turns lost",
        "conversations lost",
    )
    return 0 if found["works again"] and not any(found[name] for name in bad) else 1


if __name__ == "__main__":
    sys.exit(main())
