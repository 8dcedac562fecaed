"""The two assistants and the empty server: how each is started, trained and talked to, and what a right reply is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import stock
from bench.client import Reply
from bench.messages import ANSWER, DANGER, DESCRIPTION, UTTER
from bench.places import LINDEN, LINDEN_ENVIRONMENT, ROOT, STOCK, STOCK_ENVIRONMENT
from bench.processes import free_port

URGENT = {"emergency", "high_risk", "suicide", "child_at_risk", "harm_to_others"}
FLOOR_TEXT = "The empty handler answers."


@dataclass(frozen=True)
class Subject:
    """Something that answers turns over HTTP."""

    name: str
    folder: Path  # where its commands run
    kinds: tuple[str, ...]  # what is said in each conversation, in this order
    is_right: Callable[[str, Reply], bool]  # whether a message of that kind got the reply that is measured
    commands: Callable[[int], list[list[str]]]  # the programs that answer on that port
    training: tuple[str, ...] = ()  # the command that trains it
    leftovers: tuple[str, ...] = ()  # what earlier trainings and talks left in `folder`, as patterns

    def forget(self) -> None:
        """Remove what earlier trainings left, Rasa's cache as well, so that the next one does all its work."""
        for path in [path for pattern in self.leftovers for path in self.folder.glob(pattern)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def customs(reply: Reply) -> dict[str, object]:
    """Return the data of all messages of Linden's `reply`."""
    return {name: value for message in reply for name, value in (message.get("custom") or {}).items()}


def linden_is_right(kind: str, reply: Reply) -> bool:
    """An answer is from the article; a danger reply shows contacts; a description is likened to one of the signs."""
    data = customs(reply)
    topic = str(data.get("topic", ""))
    if kind == DANGER:
        return data.get("level") in URGENT and bool(data.get("contacts"))
    return topic.startswith("ask_signs/" if kind == DESCRIPTION else "ask_")


def stock_is_right(kind: str, reply: Reply) -> bool:
    """One message, of the action or of the bot's only rule."""
    return [message.get("text") for message in reply] == [stock.TEXT if kind == ANSWER else stock.CHALLENGE]


def linden_commands(port: int) -> list[list[str]]:
    return [["env", f"PORT={port}", str(LINDEN_ENVIRONMENT / "bin" / "linden"), "serve"]]


def stock_commands(port: int) -> list[list[str]]:
    actions = free_port()
    stock.point(STOCK, actions)
    rasa = str(STOCK_ENVIRONMENT / "bin" / "rasa")
    server = [rasa, "run", "--interface", "127.0.0.1", "--port", str(port), "--endpoints", "endpoints.yml"]
    return [server, [rasa, "run", "actions", "--port", str(actions)]]


def floor_commands(port: int) -> list[list[str]]:
    return [floor("floor_server.py", str(port), FLOOR_TEXT)]


def floor(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a file of this folder in Linden's environment, away from this package."""
    return [str(LINDEN_ENVIRONMENT / "bin" / "python"), "-I", str(ROOT / "bench" / name), *arguments]


def floor_is_right(kind: str, reply: Reply) -> bool:
    return [message.get("text") for message in reply] == [FLOOR_TEXT]


LINDEN_SUBJECT = Subject(
    "linden", LINDEN, (ANSWER, ANSWER, ANSWER, DESCRIPTION, DANGER), linden_is_right, linden_commands,
    (str(LINDEN_ENVIRONMENT / "bin" / "linden"), "train"),
    (".rasa", "models/linden.*", "models/train.log", ".cache"),
)  # fmt: skip
STOCK_SUBJECT = Subject(
    "stock", STOCK, (ANSWER, ANSWER, ANSWER, UTTER, UTTER), stock_is_right, stock_commands,
    (str(STOCK_ENVIRONMENT / "bin" / "rasa"), "train"), (".rasa", "models/*.tar.gz"),
)  # fmt: skip
FLOOR_SUBJECT = Subject("sanic", LINDEN, (ANSWER,) * 5, floor_is_right, floor_commands)
ASSISTANTS: Sequence[Subject] = (LINDEN_SUBJECT, STOCK_SUBJECT)
