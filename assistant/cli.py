"""The command `linden`: serve, chat, train, explain, show, content, purge, rotate, stats, helplines."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

# Before numpy is imported: its products are small here, and its threads would spin for nothing.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from assistant.channels import access
from assistant.content import ContentError, load
from assistant.encoder import EncoderError
from assistant.settings import Settings, SettingsError
from assistant.store import ConversationStore, MasterKeys, StoreError
from assistant.training import TrainingError, ensure, train

OPERATOR_ERRORS = (
    ContentError,
    EncoderError,
    SettingsError,
    StoreError,
    TrainingError,
    KeyError,
    OSError,
    RuntimeError,
)


def serve(args: argparse.Namespace) -> int:
    """Serve the assistant, its actions and the page until Ctrl-C."""
    settings = Settings.from_environment()
    check_start(settings)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise SettingsError(f"port {settings.port} is in use; choose another with PORT=...") from None
    ensure()
    from assistant.components import server

    server.serve(settings, public=args.public)
    return 0


def chat(args: argparse.Namespace) -> int:
    """Talk to the assistant in this terminal."""
    os.environ["LINDEN_STORE"] = "sqlite://"  # in memory: this talk is none of the deployment's, nor of its counts
    check_start(Settings.from_environment())
    ensure()
    from assistant.components import terminal

    return terminal.chat()


def learn(args: argparse.Namespace) -> int:
    """Train the model, also when nothing changed."""
    check_start(Settings.from_environment())
    train()
    return 0


def explain(args: argparse.Namespace) -> int:
    """Print how a message is understood, what each judge of danger said, and why."""
    ensure()
    from assistant.components import explain as explaining

    print(explaining.explain(args.message))
    return 0


def show(args: argparse.Namespace) -> int:
    """Print what a person would see when they ask for a topic."""
    from assistant.reply import State
    from assistant.shared import shared_replies

    if args.region:
        os.environ["LINDEN_REGION"] = args.region
    topic = args.topic
    if topic.partition("/")[0] not in load().answers:
        raise ContentError(f"answers/{topic}.yml: there is no such answer")
    print(shared_replies().answer(topic, State()).text)
    return 0


def purge(args: argparse.Namespace) -> int:
    """Erase conversations whose last message is older than LINDEN_KEPT_MINUTES."""
    settings = Settings.from_environment()
    gone = ConversationStore(settings.store, MasterKeys.from_text(settings.store_keys)).purge(
        settings.kept_minutes * 60
    )
    print(f"{gone} conversations erased")
    return 0


def stats(args: argparse.Namespace) -> int:
    """Print how much the assistant was used, a day, without words or names; small counts are hidden."""
    from assistant import stats as counting

    settings = Settings.from_environment()
    rows = counting.days(ConversationStore(settings.store, MasterKeys.from_text(settings.store_keys)), args.days)
    print(counting.table(rows) if rows else "nothing was counted yet")
    if args.picture:
        counting.picture(rows, Path(args.picture))
    return 0


def rotate(args: argparse.Namespace) -> int:
    """Seal all conversations with the first of LINDEN_STORE_KEYS, so that the others can be left out an hour later."""
    settings = Settings.from_environment()
    if not settings.store_keys:
        raise SettingsError(
            "LINDEN_STORE_KEYS: without it each start makes a key of its own, and there is none to rotate"
        )
    done = ConversationStore(settings.store, MasterKeys.from_text(settings.store_keys)).rotate()
    print(f"{done} conversations sealed anew")
    return 0


def helplines(args: argparse.Namespace) -> int:
    """Print the page of all regions' numbers (docs/helplines.md)."""
    from assistant.helplines import page

    print(page(load()), end="")
    return 0


def content(args: argparse.Namespace) -> int:
    """Check the words; print each fault with its file."""
    from assistant.lint import faults, unreviewed

    found = faults()
    print("\n".join(found) if found else f"content: no faults; {unreviewed()} files not yet reviewed by a person")
    return 1 if found else 0


def check_start(settings: Settings) -> None:
    """Raise the first reason why the assistant could not answer: settings, words, rules, database."""
    from assistant.shared import shared_rules
    from assistant.web.words import load_words

    if settings.region not in load().regions:
        known = " ".join(sorted(load().regions))
        raise SettingsError(f"LINDEN_REGION={settings.region}: no such region; there are {known}")
    for name in settings.channels:
        access(name)
    shared_rules()
    load_words()
    ConversationStore(settings.store, MasterKeys.from_text(settings.store_keys))


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = argparse.ArgumentParser(prog="linden", description="A quiet place to ask about trauma bonds.")
    commands = top.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=(run.__doc__ or "").split("\n")[0])
        command.set_defaults(run=run)
        return command

    add("serve", serve).add_argument("--public", action="store_true", help="open the web channel only")
    add("chat", chat)
    add("train", learn)
    add("content", content)
    add("purge", purge)
    add("rotate", rotate)
    counting = add("stats", stats)
    counting.add_argument("--days", type=int, default=30, help="how many of the last days")
    counting.add_argument("--picture", metavar="FILE", default="", help="also draw them, as PNG or SVG")
    add("helplines", helplines)
    add("explain", explain).add_argument("message")
    showing = add("show", show)
    showing.add_argument("topic", help="an intent, or intent/item")
    showing.add_argument("--region", default="", help="region code, such as GB")
    return top


def main() -> int:
    """Run the command line; an error the operator can mend is one line, not a traceback."""
    args = parser().parse_args()
    try:
        return int(args.run(args))
    except OPERATOR_ERRORS as error:
        print(f"linden: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
