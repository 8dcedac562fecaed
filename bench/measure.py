"""Measures one assistant once: training, start, turns, memory, load, and the growth of one conversation."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from bench import processes
from bench.client import Client, script, sender
from bench.messages import ANSWER, MESSAGES
from bench.places import CACHE, LINDEN, BenchError, environment, run
from bench.processes import Memory
from bench.subjects import Subject, floor

PEOPLE = (1, 8, 32)  # conversations at the same time
LONG = 205  # turns of the one long conversation
PATIENCE = 300  # seconds until the first answer
LEAST_RIGHT = 0.8  # share of turns of each kind that must get the reply that is measured
THREADS = 2  # of the encoder; Linden's default


@dataclass
class Run:
    """What one run of one subject came to; all times in ms unless named otherwise."""

    training: float = 0.0  # seconds; 0 where the model of an earlier run was kept
    start: float = 0.0  # seconds from the start of its processes to the end of the first right answer
    memory: Memory = field(default_factory=lambda: Memory(0, 0))
    turns: dict[str, list[float]] = field(default_factory=dict)  # by kind, in the order they were said
    load: dict[int, float] = field(default_factory=dict)  # turns a second, by the number of people
    growth: list[float] = field(default_factory=list)  # each turn of one long conversation
    replies: dict[str, list[int]] = field(default_factory=dict)  # by kind: how many were right, how many there were

    def count(self, kind: str, is_right: bool) -> None:
        right, said = self.replies.get(kind, (0, 0))
        self.replies[kind] = [right + is_right, said + 1]


def measure(subject: Subject, turns: int, seconds: float, *, training: bool = False) -> Run:
    """Return one run of `subject`: `turns` turns of its conversations one by one, `seconds` of each load.

    With `training` it is trained anew first.
    """
    found = Run()
    if training:
        found.training = train(subject)
    port, log = processes.free_port(), f"{subject.name}-serve"
    commands = subject.commands(port)
    begun = time.perf_counter()
    with processes.running(commands, subject.folder, log) as started:
        for _ in first_answers(subject, port):
            processes.check(started, log)
            if time.perf_counter() - begun > PATIENCE:
                raise BenchError(f"{subject.name} did not answer in {PATIENCE} seconds; {CACHE / log}.log may say why")
        found.start = time.perf_counter() - begun
        found.turns = talk(subject, port, turns, found)
        found.memory = processes.memory([process.pid for process in started])
        for people in PEOPLE:
            found.load[people] = load(subject, port, people, seconds, found)
        found.growth = grow(subject, port, found)
    for kind, (right, said) in found.replies.items():
        if right < LEAST_RIGHT * said:
            raise BenchError(f"{subject.name}: only {right} of {said} turns got the reply that is measured ({kind})")
    return found


def train(subject: Subject) -> float:
    """Train from nothing and return the seconds that it took."""
    subject.forget()
    begun = time.perf_counter()
    run(subject.training, subject.folder, f"{subject.name}-train")
    return time.perf_counter() - begun


def first_answers(subject: Subject, port: int) -> Iterator[None]:
    """Try the first question every 20 ms until it is answered rightly; yields after each try that was not."""
    while True:
        client = Client(port)
        try:
            if subject.is_right(ANSWER, client.say(sender(), MESSAGES[ANSWER][0])[1]):
                return
        except ConnectionError:  # nobody listens yet
            pass
        finally:
            client.close()
        yield
        time.sleep(0.02)


def talk(subject: Subject, port: int, turns: int, found: Run) -> dict[str, list[float]]:
    """Return the times of `turns` turns by kind, one person after another."""
    times: dict[str, list[float]] = {kind: [] for kind in subject.kinds}
    client = Client(port)
    for name, kind, message in islice(script(subject.kinds), turns):
        spent, reply = client.say(name, message)
        times[kind].append(spent)
        found.count(kind, subject.is_right(kind, reply))
    client.close()
    return times


def load(subject: Subject, port: int, people: int, seconds: float, found: Run) -> float:
    """Return the turns a second that end within `seconds` while `people` talk at once, each waiting for each reply.

    Each person begins anew after five questions that custom actions answer.
    """
    deadline = time.perf_counter() + seconds

    def person(number: int) -> int:
        done, client = 0, Client(port)
        for name, kind, message in script((ANSWER,) * 5, start=number * 5):
            if time.perf_counter() >= deadline:
                break
            reply = client.say(name, message)[1]
            found.count(kind, subject.is_right(kind, reply))
            done += time.perf_counter() <= deadline
        client.close()
        return done

    with ThreadPoolExecutor(people) as pool:
        return sum(pool.map(person, range(people))) / seconds


def grow(subject: Subject, port: int, found: Run) -> list[float]:
    """Return the times of each turn of one conversation of LONG questions."""
    times = list[float]()
    client = Client(port)
    for name, kind, message in islice(script((ANSWER,) * LONG), LONG):
        spent, reply = client.say(name, message)
        times.append(spent)
        found.count(kind, subject.is_right(kind, reply))
    client.close()
    return times


def encode(texts: Sequence[str]) -> list[float]:
    """Return the times of encoding each of `texts` alone, in a process that does nothing else."""
    command = floor("floor_encoder.py", str(THREADS), *texts)
    done = subprocess.run(command, cwd=LINDEN, env=environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"the encoder did not run: {(done.stderr.splitlines() or ['no reason given'])[-1]}")
    times: list[float] = json.loads(done.stdout)
    return times
