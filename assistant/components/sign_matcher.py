"""The sign matcher as a Rasa component: sets `signs` on descriptions."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.safety_screen import HARMLESS
from assistant.components.sentence_encoder import shared_encoder
from assistant.components.spelling_mender import read_of
from assistant.heads import SignHead, features
from assistant.settings import ROOT
from assistant.signs import SignMatcher as Matcher
from assistant.signs import SignThresholds
from assistant.text import normalise

SURE = 0.8  # a message that is so surely a question describes nothing
DESCRIPTIONS = ROOT / "data" / "signs" / "descriptions.jsonl"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SignMatcher(GraphComponent):
    """Says which of the article's signs a message is like (see `assistant.signs`)."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, head: SignHead | None = None
    ) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        limits = SignThresholds(**{name: float(config[name]) for name in SignThresholds.__annotations__})
        self._matcher = Matcher(shared_encoder(), head, limits, float(config["encoder_share"])) if head else None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the component's settings (see parent class for full docstring)."""
        return {
            "encoder_share": 0.3,
            # Chosen on validation; docs/EVALUATION.md has the figures.
            "least": 0.6,
            "told": 0.5,
            "surely_told": 0.9,
            "likeliest": 0.3,
            "strength": 1.0,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Train again when the descriptions changed."""
        return hashlib.sha256(DESCRIPTIONS.read_bytes()).hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SignMatcher:
        """Creates an untrained component (see parent class for full docstring)."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the head to data/signs, and to what tells no sign by its intent (see parent class)."""
        rows = [json.loads(line) for line in DESCRIPTIONS.read_text(encoding="utf-8").splitlines()]
        rows += [{"text": e.get(TEXT), "signs": []} for e in training_data.intent_examples if e.get(INTENT) in HARMLESS]
        texts = [normalise(row["text"]) for row in rows]
        x = features(texts, shared_encoder().encode(texts))
        head = SignHead.fit(x, [row["signs"] for row in rows], float(self._config["strength"]))
        with self._storage.write_to(self._resource) as folder:
            head.save(folder / "signs.npz")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SignMatcher:
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, SignHead.load(folder / "signs.npz"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `signs` of `messages` (see parent class for full docstring)."""
        if self._matcher is None:
            raise RuntimeError("SignMatcher was used before it was trained")
        for message in messages:
            intent = message.get(INTENT) or {}
            asks = (intent.get("name") or "").startswith("ask_") and intent.get("confidence", 0.0) >= SURE
            signs = [] if asks else self._matcher.match(message.get(TEXT) or "", read_of(message))
            message.set("signs", [sign.as_dict() for sign in signs], add_to_output=True)
        return messages
