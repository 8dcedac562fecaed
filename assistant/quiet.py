"""Keeps what people write out of every log.

Rasa logs messages in tracebacks, in structured events and at DEBUG (RASA_FACTS, section 2c). `configure` is
called when a component is imported, so that it holds under `linden serve`, `rasa run` and `rasa shell` alike.
"""

from __future__ import annotations

import logging
import os
import traceback
import warnings
from typing import Any

import structlog

SAFE_KEYS = {"event", "level", "timestamp", "log_level", "logger", "action_name", "port", "host"}


class WithoutWords(logging.Filter):
    """Turns a traceback into the kind of error and its place; drops what lies below INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return False
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            frames = traceback.extract_tb(trace)
            place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"
            record.msg = f"{str(record.msg).split(chr(10))[0].split(': ')[0][:160]} [{kind.__name__} at {place}]"
            record.args = None
        record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        return True


def without_words(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Keep of a structured event only what cannot hold a message."""
    return {key: value for key, value in event.items() if key in SAFE_KEYS}


def configure() -> None:
    """Install the filters on every handler there is, once; safe to call again after handlers were added."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    warnings.filterwarnings("ignore")
    names = ["", "rasa", "rasa_sdk", "sanic.root", "sanic.error", "sanic.access", "asyncio"]
    for logger in map(logging.getLogger, names):
        if logger.level and logger.level < logging.INFO:
            logger.setLevel(logging.INFO)
        for handler in logger.handlers:
            if not any(isinstance(f, WithoutWords) for f in handler.filters):
                handler.addFilter(WithoutWords())
    # Where a logger has no handler, Python prints the whole traceback through this one.
    if logging.lastResort and not any(isinstance(f, WithoutWords) for f in logging.lastResort.filters):
        logging.lastResort.addFilter(WithoutWords())
    # The list is changed in place: loggers that were already used hold on to it.
    processors = structlog.get_config()["processors"]
    if without_words not in processors:
        processors.insert(0, without_words)
