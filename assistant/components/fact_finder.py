"""Says which single fact of an answer a message asks for."""

from __future__ import annotations

import hashlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.sentence_encoder import shared_encoder
from assistant.components.spelling_mender import read_of
from assistant.content import check_questions, load
from assistant.facts import Asked, Found
from assistant.facts import FactFinder as Finder
from assistant.questions import MAY_BE_DANGER, read_questions

NEAR = 2  # facts that are told beside the likeliest, at most: more is a wall
ANSWERS = ("affirm", "deny")  # what answers a question asks for no fact
SETTLED = 0.5  # probability of an intent that was settled by a fact


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FactFinder(GraphComponent):
    """Sets `fact` = {"topic": "intent/item", "confidence", "near"} of a question.

    `near` lists single facts that are nearly as likely, at most `NEAR`, likeliest first. The questions are learnt in
    training; the words of content/ are read when loaded, so that they need none.
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, asked: Asked | None = None
    ) -> None:
        self._least, self._margin = float(config["least"]), float(config["margin"])
        self._lead, self._sure_intent = float(config["lead"]), float(config["sure_intent"])
        self._storage, self._resource = storage, resource
        self._finder = Finder(load(), asked, shared_encoder()) if asked else None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the component's settings (see parent class for full docstring)."""
        return {
            "least": 0.65,  # below this score the whole answer is given instead of one item
            "margin": 0.35,  # facts within this of the first are told with it
            # A message asks for the answer of a fact that is so much surer than its intent, unless that is sure itself.
            "lead": 0.4,
            "sure_intent": 0.8,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Train again when the questions of data/facts/ changed."""
        return hashlib.sha256(repr(sorted(read_questions().items())).encode()).hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactFinder:
        """Creates an untrained component (see parent class for full docstring)."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Encodes the questions of data/facts/ (see parent class for full docstring)."""
        questions = read_questions()
        check_questions(load(), questions)
        asked = Asked.of(questions, load(), shared_encoder())
        self._finder = Finder(load(), asked, shared_encoder())
        with self._storage.write_to(self._resource) as folder:
            asked.save(folder / "facts.npz")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FactFinder:
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Asked.load(folder / "facts.npz"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `fact` of `messages` where one is asked for (see parent class for full docstring)."""
        if self._finder is None:
            raise RuntimeError("FactFinder was used before it was trained")
        for message in messages:
            ranking = {r["name"]: r["confidence"] for r in message.get(INTENT_RANKING_KEY) or [] if r["name"]}
            text = read_of(message)
            answers = max((ranking.get(name, 0.0) for name in ANSWERS), default=0.0) >= self._sure_intent
            first, *others = self._finder.rank(text, ranking) if text and not answers else (None,)
            if first and first.confidence >= self._least:
                close = [other.topic for other in others if other.confidence >= first.confidence - self._margin]
                intent = first.topic.partition("/")[0]
                if not intent.startswith("ask_"):  # only a question may have answers in several subjects
                    close = [topic for topic in close if topic.startswith(f"{intent}/")]
                near = [topic for topic in close if "/" in topic][:NEAR]
                fact = {"topic": first.topic, "confidence": round(first.confidence, 3), "near": near}
                message.set("fact", fact, add_to_output=True)
                self._settle_intent(message, first)
        return messages

    def _settle_intent(self, message: Message, fact: Found) -> None:
        """Set the intent of `message` to that of the `fact` it asks for more surely, unless it may tell a danger."""
        intent, found = fact.topic.partition("/")[0], message.get(INTENT) or {}
        sure = found.get("confidence", 0.0)
        tells = (found.get("name") or "").startswith(("report_", "express_")) or intent in MAY_BE_DANGER
        if not tells and sure < self._sure_intent and fact.confidence >= sure + self._lead:
            message.set(INTENT, {"name": intent, "confidence": SETTLED}, add_to_output=True)
