"""Says which of INTENTS.md's intents a message has."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.sentence_encoder import shared_encoder
from assistant.components.spelling_mender import read_of
from assistant.encoder import Encoder
from assistant.heads import LinearHead, features
from assistant.text import clauses, normalise

RANKED = 10
MOST_CLAUSES = 4  # a longer message tells a story, whose parts are not questions of their own


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Adds the scores of the encoder's own intent head and of a linear head over words, letters and meaning.

    An intent that came after the encoder was fine-tuned is known to the linear head alone and takes
    its score from there.
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, head: LinearHead | None = None
    ) -> None:
        self._blend, self._strength = float(config["encoder_share"]), float(config["strength"])
        self._sure = float(config["sure"])
        self._storage, self._resource, self._head = storage, resource, head
        self._encoder: Encoder = shared_encoder()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the component's settings (see parent class for full docstring)."""
        return {
            "encoder_share": 0.2,  # of the encoder's head; the linear head has the rest
            "sure": 0.6,  # probability from which a part of a message counts as a second question
            "strength": 1.0,  # inverse of the linear head's regularisation
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Creates an untrained component (see parent class for full docstring)."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the linear head to the examples (see parent class for full docstring)."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        rows = [(e.get(TEXT), e.get(INTENT)) for e in examples]
        texts = [normalise(text) for text, _ in rows]
        encodings = self._encoder.encode(texts)
        self._head = LinearHead.fit(features(texts, encodings), [intent for _, intent in rows], self._strength)
        with self._storage.write_to(self._resource) as folder:
            self._head.save(folder / "intents.npz")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearHead.load(folder / "intents.npz"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of `messages` (see parent class for full docstring)."""
        for message in messages:
            text = read_of(message)
            ranking = self._rank(text)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[:RANKED], add_to_output=True)
            message.set("also", self._also(text, ranking[0]["name"]), add_to_output=True)
        return messages

    def _also(self, text: str, asked: str | None) -> list[str]:
        """Return other topics that a part of the message asks for: "is he a narcissist and how do i leave"."""
        found: list[str] = []
        parts = clauses(normalise(text))
        for part in parts if 1 < len(parts) <= MOST_CLAUSES else []:
            best = self._rank(part)[0]
            asks = best["name"].startswith("ask_") and best["confidence"] >= self._sure
            if asks and best["name"] not in (asked, "ask_more", *found):
                found.append(best["name"])
        return found

    def _rank(self, text: str) -> list[dict[str, Any]]:
        if self._head is None:
            raise RuntimeError("IntentClassifier was used before it was trained")
        plain = normalise(text)
        if not plain:
            return [{"name": None, "confidence": 0.0}]
        encodings = self._encoder.encode([plain])
        light = self._head.predict(features([plain], encodings))[0]
        known = {name: i for i, name in enumerate(self._encoder.labels["intents"])}
        mixed = light.copy()
        both = [i for i, name in enumerate(self._head.labels) if name in known]
        own = encodings[0].intent[[known[self._head.labels[i]] for i in both]]
        mixed[both] = self._blend * own * light[both].sum() + (1 - self._blend) * light[both]
        order = np.argsort(-mixed)
        return [{"name": self._head.labels[i], "confidence": float(mixed[i])} for i in order]
