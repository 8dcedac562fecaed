"""Mends slips of the thumb for all components that come after it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.questions import read_questions
from assistant.settings import ROOT
from assistant.spelling import Speller
from assistant.text import normalise

READ = "read"  # key of a message as it is read; its text stays as it was typed


def read_of(message: Message) -> str:
    """Return the normalised text of `message`, mended where it could be."""
    return message.get(READ) or normalise(message.get(TEXT) or "")


def learnt(training_data: TrainingData) -> Iterator[str]:
    """Yield all messages from which anything is learnt."""
    yield from (example.get(TEXT) for example in training_data.intent_examples if example.get(TEXT))
    yield from (question for questions in read_questions().values() for question in questions)
    for path in sorted((ROOT / "data" / "levels").glob("*.txt")):
        yield from path.read_text(encoding="utf-8").splitlines()
    for line in (ROOT / "data" / "signs" / "descriptions.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["text"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SpellingMender(GraphComponent):
    """Sets `read` of messages in English: their text, normalised, with slips mended."""

    def __init__(self, storage: ModelStorage, resource: Resource, speller: Speller | None = None) -> None:
        self._storage, self._resource, self._speller = storage, resource, speller

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the component's settings (see parent class for full docstring)."""
        return {}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Train again when any message changed."""
        return hashlib.sha256("\n".join(learnt(TrainingData())).encode()).hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingMender:
        """Creates an untrained component (see parent class for full docstring)."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Counts the words of all messages (see parent class for full docstring)."""
        self._speller = Speller.learn(learnt(training_data))
        with self._storage.write_to(self._resource) as folder:
            self._speller.save(folder / "words.txt")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpellingMender:
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Speller.load(folder / "words.txt"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `read` of `messages` (see parent class for full docstring)."""
        if self._speller is None:
            raise RuntimeError("SpellingMender was used before it was trained")
        for message in messages:
            plain = normalise(message.get(TEXT) or "")
            if plain and not message.get("language"):
                message.set(READ, self._speller.mended(plain))
        return messages
