"""One training run of Rasa with its progress told in plain lines."""

from __future__ import annotations

import logging
import time

import rasa
from rasa.engine.training.hooks import LoggingHook
from rasa.utils.log_utils import configure_structlog

from assistant.components.sentence_encoder import shared_encoder

EVERYTHING = 100_000  # encodings; the heads learn from many of the same messages
STEPS = {
    "IntentClassifier": "learning what people mean",
    "SafetyScreen": "learning to notice danger",
    "FactFinder": "learning the questions for single facts",
    "SignMatcher": "learning the signs",
    "RulePolicy": "learning the rules",
}


class _Progress(logging.Handler):
    """Turns Rasa's lines about components into a few that a newcomer understands."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._begun = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        for component, words in STEPS.items():
            if f"'{component}'" in message and message.startswith("Starting"):
                print(f"  {time.monotonic() - self._begun:3.0f} s  {words}", flush=True)


def run(output: str, name: str) -> int:
    """Train the assistant of the current folder into `output`/`name`.tar.gz; return Rasa's exit code."""
    logging.basicConfig(level=logging.WARNING)
    configure_structlog(logging.WARNING)
    hooks = logging.getLogger(LoggingHook.__module__)
    hooks.setLevel(logging.INFO)
    hooks.addHandler(_Progress())
    hooks.propagate = False
    shared_encoder().kept = EVERYTHING
    print(f"  {0:3.0f} s  reading the messages", flush=True)
    begun = time.monotonic()
    result = rasa.train("domain.yml", "config.yml", "data", output, fixed_model_name=name, force_training=False)
    if result.code == 0:
        print(f"  {time.monotonic() - begun:3.0f} s  done", flush=True)
    return int(result.code)
