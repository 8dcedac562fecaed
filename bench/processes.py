"""Starts and ends what is measured, and reads the memory of whole trees of processes from /proc (Linux)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.places import CACHE, BenchError, environment

PATIENCE = 20  # seconds that a server has to end by itself


@dataclass(frozen=True)
class Memory:
    """Resident memory of all processes of a server, in MB (10^6 bytes)."""

    pss: float  # each shared page divided among those that share it: what the server costs
    rss: float  # shared pages counted once for each process


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(commands: Sequence[Sequence[str]], folder: Path, log: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run `commands` at once in `folder`, and end them and all their children when the block is left."""
    with (CACHE / f"{log}.log").open("wb") as file:
        started = [
            subprocess.Popen(command, cwd=folder, env=environment(), stdout=file, stderr=file, start_new_session=True)
            for command in commands
        ]
        try:
            yield started
        finally:
            for process in started:
                end(process)


def end_in_order() -> None:
    """Leave every block, and so end what it started, also when this process is told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def end(process: subprocess.Popen[bytes]) -> None:
    """End the process group of `process`, as Ctrl-C does; by force when it does not end by itself."""
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(PATIENCE)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(PATIENCE)


def check(started: Sequence[subprocess.Popen[bytes]], log: str) -> None:
    """Raise `BenchError` when one of `started` has ended."""
    if any(process.poll() is not None for process in started):
        raise BenchError(f"a server ended by itself; {CACHE / log}.log says why")


def tree(roots: Sequence[int]) -> list[int]:
    """Return the ids of `roots` and of all their descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            parents[int(entry.name)] = int(fields[1])
    found = list(roots)
    for process in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == process]
    return found


def memory(roots: Sequence[int]) -> Memory:
    """Return the resident memory of the trees of `roots`, from smaps_rollup."""
    pss = rss = 0
    for process in tree(roots):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        pss, rss = pss + kilobytes["Pss"], rss + kilobytes["Rss"]
    return Memory(pss * 1024 / 1e6, rss * 1024 / 1e6)
