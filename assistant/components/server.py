"""Starts Rasa's server with the actions in the same process, and refuses to run half."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import rasa.core.run
import yaml
from rasa.core.agent import Agent, load_agent
from rasa.core.utils import AvailableEndpoints
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from assistant import memory, metrics, quiet
from assistant.channels import PLATFORMS
from assistant.components.in_process import InProcessActions
from assistant.components.lock_store import ConversationLocks
from assistant.components.nlg import ContentNLG
from assistant.components.runner import PreparedRunner
from assistant.components.tracker_store import EncryptedTrackerStore
from assistant.settings import ROOT, Settings
from assistant.training import MODEL

PURGE_SECONDS = 60
WEB_CHANNEL = "assistant.components.web.WebChannel"


def configure_logs() -> None:
    """Set Rasa's logs to warnings without words."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    configure_structlog(logging.WARNING)
    configure_logging_and_warnings(logging.WARNING, None, warn_only_once=True, filter_repeated_logs=True)
    quiet.configure()


def endpoints() -> AvailableEndpoints:
    """Return the endpoints of endpoints.yml, with the actions in this process."""
    found = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    found.action = InProcessActions()
    return found


def store_of(agent: Agent) -> Any:
    """Return the tracker store itself, which Rasa wraps."""
    store: Any = agent.tracker_store
    while (inner := getattr(store, "_tracker_store", None)) is not None:
        store = inner
    return store


def faults(agent: Agent | None) -> str:
    """Return what of a loaded `agent` is not what was configured, or an empty string."""
    if agent is None or not agent.is_ready():
        return "the model did not load"
    store = store_of(agent)
    if not isinstance(store, EncryptedTrackerStore):
        return f"the tracker store is {type(store).__name__}, not the configured one"
    if not isinstance(agent.lock_store, ConversationLocks):
        return f"the lock store is {type(agent.lock_store).__name__}, not the configured one"
    if not isinstance(agent.processor.nlg, ContentNLG):
        return "the replies are not rendered from content/"
    return ""


async def load() -> Agent:
    """Return a loaded agent; raise `RuntimeError` with the fault when it is not whole."""
    agent = await load_agent(model_path=str(MODEL), endpoints=endpoints())
    if fault := faults(agent):
        raise RuntimeError(fault)
    prepare(agent)
    return agent


def prepare(agent: Agent | None) -> None:
    """Let the loaded `agent` run its graph in an order that is worked out once."""
    if agent and agent.processor:
        agent.processor.graph_runner = PreparedRunner(agent.processor.graph_runner)


def opened(settings: Settings, *, public: bool) -> Path:
    """Return a credentials file, as Rasa reads it, with the channels that are opened: those of the settings as well."""
    own = {WEB_CHANNEL: None} if public else yaml.safe_load((ROOT / "credentials.yml").read_text())
    own |= {PLATFORMS[name].channel: None for name in settings.channels}
    path = Path(tempfile.mkdtemp(prefix="linden-")) / "credentials.yml"
    path.write_text(yaml.safe_dump(own, sort_keys=False))
    return path


def serve(settings: Settings, *, public: bool = False) -> None:
    """Serve until interrupted; ends the process with status 1 and one line when it cannot start whole.

    `public`: only the web channel and the messengers of the settings are opened, nothing of credentials.yml.
    """
    configure_logs()

    async def purge(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        async def each_minute() -> None:
            while True:
                await asyncio.sleep(PURGE_SECONDS)
                store_of(app.ctx.agent).purge()
                memory.trim()

        app.ctx.purging = asyncio.create_task(each_minute())

    async def rest(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        app.ctx.purging.cancel()

    async def check(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        quiet.configure()
        agent = getattr(app.ctx, "agent", None)
        fault = faults(agent)
        if agent and not fault and not await agent.lock_store.answers():
            fault = "LINDEN_LOCKS: Redis does not answer"
        if fault:
            print(f"linden: {fault}; not starting", file=sys.stderr, flush=True)
            os._exit(1)  # sanic would go on serving
        prepare(agent)
        memory.settle()
        print(f"Linden answers on http://{settings.host}:{settings.port} (Ctrl-C ends it)", flush=True)

    if settings.metrics_port:
        metrics.serve(settings.metrics_port, settings.host)
    credentials = opened(settings, public=public)
    rasa.core.run.serve_application(
        model_path=str(MODEL),
        interface=settings.host,
        port=settings.port,
        channel=None,
        credentials=str(credentials),
        enable_api=bool(settings.api_token),
        auth_token=settings.api_token or None,
        endpoints=endpoints(),
        server_listeners=[
            (check, "after_server_start"),
            (purge, "after_server_start"),
            (rest, "before_server_stop"),
        ],
    )
