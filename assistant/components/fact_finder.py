"""Says which single fact of an answer a message asks for."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.components.sentence_encoder import shared_encoder
from assistant.content import check_questions, load
from assistant.facts import FactFinder as Finder
from assistant.questions import read_questions


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FactFinder(GraphComponent):
    """Sets `fact` = {"topic": "intent/item", "confidence"}; reads content/ when loaded, so words need no training."""

    def __init__(self, finder: Finder, least: float) -> None:
        self._finder, self._least = finder, least

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the component's settings (see parent class for full docstring)."""
        return {"least": 0.75}  # below this score the whole answer is given instead of one item

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactFinder:
        """Creates the component (see parent class for full docstring)."""
        content, questions = load(), read_questions()
        check_questions(content, questions)
        return cls(Finder(content, questions, shared_encoder()), float(config["least"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `fact` of `messages` where one is asked for (see parent class for full docstring)."""
        for message in messages:
            ranking = {r["name"]: r["confidence"] for r in message.get(INTENT_RANKING_KEY) or [] if r["name"]}
            text = message.get(TEXT) or ""
            found = self._finder.rank(text, ranking)[:1] if text.strip() else []
            if found and found[0].confidence >= self._least:
                fact = {"topic": found[0].topic, "confidence": round(found[0].confidence, 3)}
                message.set("fact", fact, add_to_output=True)
        return messages
