"""Lets many short conversations through one server for a long time, and draws what memory it takes.

    .venv/bin/python -m bench.soak [--conversations N] [--minutes N]

Each conversation is opened, says two to four things, and is ended by the exit, by its word or by nobody. Now and then
far more people write than are answered: then some have to be refused, at once and with numbers to call. Writes
docs/reliability/soak.png and reports/soak.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.cluster import ROOT, Part, wait_until_ready
from bench.faults import DANGERS, QUESTIONS
from bench.places import BenchError
from bench.processes import end_in_order, free_port, memory
from bench.results import percentile

WAITING = 40  # messages that may wait at once here
CROWD = 360  # people who write at once now and then
READ_SECONDS = 5.0  # between two looks at the memory


@dataclass
class Found:
    """What was counted."""

    conversations: int = 0
    turns: int = 0
    refused: int = 0
    refused_without_numbers: int = 0
    refused_after: list[float] = field(default_factory=list)  # seconds
    failed: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB (PSS)


async def conversation(client: aiohttp.ClientSession, rng: random.Random, found: Found) -> None:
    """Hold one short conversation."""
    try:
        async with client.post("/api/session", json={"region": rng.choice(["US", "GB", "IE", "AU"])}) as opened:
            token = (await opened.json())["token"]
        for _ in range(rng.randint(2, 4)):
            text = rng.choice(DANGERS if rng.random() < 0.2 else QUESTIONS)
            said = {"token": token, "text": text, "id": str(rng.random())}
            begun = time.monotonic()
            async with client.post("/api/message", json=said) as answer:
                told = await answer.json()
            if answer.status == 200:
                found.turns += 1
            elif answer.status == 503:
                found.refused += 1
                found.refused_after.append(time.monotonic() - begun)
                kinds = {contact.get("kind") for contact in told.get("contacts", [])}
                found.refused_without_numbers += not {"emergency", "domestic_abuse"} <= kinds
                await asyncio.sleep(1)
            else:
                found.failed += 1
        end = rng.random()
        if end < 0.5:
            await (await client.post("/api/end", json={"token": token})).read()
        elif end < 0.7:
            said = {"token": token, "text": "umbrella", "id": "end"}
            await (await client.post("/api/message", json=said)).read()
        found.conversations += 1
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError):
        found.failed += 1


async def watch(server: Part, found: Found, begun: float) -> None:
    """Note the memory until cancelled."""
    while True:
        assert server.process is not None
        found.memory.append((time.monotonic() - begun, memory([server.process.pid]).pss))
        await asyncio.sleep(READ_SECONDS)


async def soak(server: Part, url: str, conversations: int, minutes: float) -> Found:
    """Hold `conversations` over `minutes`, a crowd at once every tenth of the time."""
    found, rng, begun = Found(), random.Random(1), time.monotonic()
    # Of the clients at hand the one that costs least: what 360 people wait for must be the server, not each other.
    connector, longest = aiohttp.TCPConnector(limit=400), aiohttp.ClientTimeout(60)
    async with aiohttp.ClientSession(url, connector=connector, timeout=longest) as client:
        watching = asyncio.create_task(watch(server, found, begun))
        tasks: set[asyncio.Task[None]] = set()
        for number in range(conversations):
            due = begun + number * minutes * 60 / conversations
            if number % max(1, conversations // 10) == conversations // 20:
                crowd = [asyncio.create_task(conversation(client, rng, found)) for _ in range(CROWD)]
                await asyncio.gather(*crowd)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            while len(tasks) >= WAITING // 2:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(conversation(client, rng, found))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        watching.cancel()
    return found


def draw(found: Found, path: Path) -> None:
    """Write the curve of memory to `path`."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.5))
    axes.plot([at / 60 for at, _ in found.memory], [size for _, size in found.memory])
    axes.set_xlabel("minutes")
    axes.set_ylabel("memory of the server, MB (PSS)")
    axes.set_ylim(bottom=0)
    axes.set_title(f"{found.conversations} short conversations, {found.turns} answers")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def figures(found: Found) -> dict[str, Any]:
    """Return what is published."""
    sizes = [size for _, size in found.memory]
    half = sizes[len(sizes) // 2 :]
    return {
        "conversations": found.conversations,
        "answers": found.turns,
        "refused": found.refused,
        "refused without numbers": found.refused_without_numbers,
        "refused after, median seconds": round(percentile(found.refused_after or [0], 50), 3),
        "refused after, p99 seconds": round(percentile(found.refused_after or [0], 99), 3),
        "failed": found.failed,
        "memory after a minute, MB": round(next((size for at, size in found.memory if at > 60), sizes[-1]), 0),
        "memory at half time, MB": round(half[0], 0),
        "memory at the end, MB": round(sizes[-1], 0),
        "most memory, MB": round(max(sizes), 0),
        "minutes": round(found.memory[-1][0] / 60, 1),
    }


def main() -> int:
    """Run the soak on a server of its own, print and keep its figures."""
    end_in_order()
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak", description="Many short conversations, and the memory."
    )
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        settings = {
            "PORT": str(port), "LINDEN_STORE": f"sqlite:///{folder}/kept.db", "LINDEN_LIMIT_WAITING": str(WAITING),
            "LINDEN_LIMIT_ADDRESS": "100000", "LINDEN_LIMIT_NEW": "100000", "LINDEN_LIMIT_SESSION": "1000",
        }  # fmt: skip
        linden = str(Path(sys.executable).parent / "linden")
        server = Part("linden", [linden, "serve", "--public"], folder, settings)
        server.start()
        try:
            wait_until_ready(server, port)
            found = asyncio.run(soak(server, f"http://127.0.0.1:{port}", options.conversations, options.minutes))
        except BenchError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        finally:
            server.stop()
    told = figures(found)
    print(json.dumps(told, indent=1))
    draw(found, ROOT / "docs" / "reliability" / "soak.png")
    os.makedirs(ROOT / "reports", exist_ok=True)
    (ROOT / "reports" / "soak.json").write_text(json.dumps({**told, "memory": found.memory}, indent=1))
    return 0 if not told["failed"] and not told["refused without numbers"] else 1


if __name__ == "__main__":
    sys.exit(main())
