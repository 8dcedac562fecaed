"""The safety screen as a Rasa component: sets `safety` and `voice` on every message."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.sentence_encoder import shared_encoder
from assistant.components.spelling_mender import read_of
from assistant.content import LEVELS
from assistant.encoder import read_learnt
from assistant.heads import LinearHead, features
from assistant.questions import MAY_BE_DANGER, general_questions
from assistant.screen import Asks, Screen, Thresholds, is_long
from assistant.settings import ROOT
from assistant.shared import shared_rules
from assistant.text import mark, normalise, windows
from assistant.voice import voice_of

MESSAGES = ROOT / "data" / "levels"
# Intents that carry no danger by definition teach the screen what is harmless.
HARMLESS = {
    "greet", "goodbye", "thank", "affirm", "deny", "ask_capabilities", "bot_challenge", "ask_more", "ask_privacy",
    "delete_conversation", "inform_location", "ask_stockholm", "out_of_scope", "ask_definition", "ask_source",
    "ask_app", "ask_love_bombing",
}  # fmt: skip
PIECES = 5  # of each long harmless story; more take longer and teach little more
# Of the messages that the encoder was fine-tuned on, one in so many teaches the light head again. All of them take four
# times as long and tell danger from none no better (docs/EVALUATION.md); what the encoder has not seen is taught whole.
REPEATED = 4


def spread(pieces: list[str], most: int) -> list[str]:
    """Return at most `most` of `pieces`, spread evenly."""
    return pieces[:: max(1, -(-len(pieces) // most))]


def read_levels(folder: Path = MESSAGES) -> list[tuple[str, str]]:
    """Return (message, level) for each line of `folder`/<level>.txt."""
    return [
        (normalise(line), path.stem)
        for path in sorted(folder.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def taught(rows: list[tuple[str, str]], learnt: frozenset[int]) -> list[tuple[str, str]]:
    """Return the (message, level) `rows` that teach the light head; `learnt` marks what the encoder knows."""
    marks = [mark(text, level) for text, level in rows]
    return [row for row, known in zip(rows, marks, strict=True) if known not in learnt or known % REPEATED == 0]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SafetyScreen(GraphComponent):
    """Judges every message by rules and classifier (see `assistant.screen`); refuses to start without rules."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, head: LinearHead | None = None
    ) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._thresholds = Thresholds(**{name: float(config[name]) for name in Thresholds.__annotations__})
        self._rules = shared_rules()
        self._screen = self._build(head) if head else None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the component's settings (see parent class for full docstring)."""
        return {
            "encoder_share": 0.5,
            "sure": 0.8,  # probability from which a message is likely a question on the article
            "sure_fact": 0.9,  # likeness to the questions for one of its facts from which it likely is, too
            "likely": 0.6,  # probability from which one that asks for a fact surely is a question
            "strength": 1.0,
            # Chosen on validation for recall first; docs/EVALUATION.md has the figures.
            "alarm": 0.3,
            "asked": 0.5,
            "asked_urgent": 0.3,
            "surely_asked": 0.98,
            "long": 0.85,
            "piece": 0.97,
            "doubt": 0.05,
            "urgent": 0.25,
            "urgent_level": 0.45,
            "overruled": 0.06,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Train again when a message of data/levels or a general question changed."""
        lines = [*(f"{b} {a}" for a, b in read_levels()), *general_questions()]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyScreen:
        """Creates an untrained component (see parent class for full docstring)."""
        return cls(config, model_storage, resource)

    def _build(self, head: LinearHead) -> Screen:
        return Screen(self._rules, shared_encoder(), head, self._thresholds, float(self._config["encoder_share"]))

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the light head to data/levels, harmless intents and general questions (see parent class)."""
        rows = taught(read_levels(), read_learnt())
        # The pieces of a long harmless story are harmless too; without them, half of all stories raise an alarm.
        stories = [text for text, level in rows if level == LEVELS[-1] and is_long(text)]
        rows += [(piece, LEVELS[-1]) for story in stories for piece in spread(windows(story), PIECES)]
        rows += [
            (normalise(e.get(TEXT)), LEVELS[-1])
            for e in training_data.intent_examples
            if e.get(TEXT) and e.get(INTENT) in HARMLESS
        ]
        rows += [(normalise(question), LEVELS[-1]) for question in general_questions()]
        texts = [text for text, _ in rows]
        x = features(texts, shared_encoder().encode(texts))
        head = LinearHead.fit(x, [level for _, level in rows], float(self._config["strength"]))
        self._screen = self._build(head)
        with self._storage.write_to(self._resource) as folder:
            head.save(folder / "levels.npz")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyScreen:
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearHead.load(folder / "levels.npz"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `safety` and `voice` of `messages` (see parent class for full docstring)."""
        if self._screen is None:
            raise RuntimeError("SafetyScreen was used before it was trained")
        for message in messages:
            text = message.get(TEXT) or ""
            found = message.get(INTENT) or {}
            intent = found.get("name") or ""
            asks = self._asks(found, message.get("fact") or {})
            judgement = self._screen.judge(text, read_of(message), asks)
            message.set("safety", judgement.as_dict(), add_to_output=True)
            message.set("voice", voice_of(text, intent, judgement.level), add_to_output=True)
        return messages

    def _asks(self, intent: dict[str, Any], fact: dict[str, Any]) -> Asks:
        """Return how sure it is that a message is a question, by its `intent` and the `fact` it asks for.

        A fact of what is asked out of a danger ("can he see this?") says nothing about that.
        """
        wants = intent.get("confidence", 0.0) if (intent.get("name") or "").startswith("ask_") else 0.0
        topic = fact.get("topic", "").partition("/")[0]
        named = fact.get("confidence", 0.0) >= self._config["sure_fact"] and topic not in MAY_BE_DANGER
        if named and wants >= self._config["likely"]:
            return Asks.SURELY
        return Asks.LIKELY if named or wants >= self._config["sure"] else Asks.PERHAPS
