"""Says in which language a message is, where it is not English."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.content import load
from assistant.language import LanguageGuesser
from assistant.rules import typed_words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Sets `language` = ISO 639-1 code on messages that are not in English; reads content/languages/ when loaded."""

    def __init__(self, guesser: LanguageGuesser) -> None:
        self._guesser = guesser

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Creates the component (see parent class for full docstring)."""
        common = {code: language.words.split() for code, language in load().languages.items()}
        return cls(LanguageGuesser(common, typed_words()))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the language of `messages` (see parent class for full docstring)."""
        for message in messages:
            if language := self._guesser.guess(message.get(TEXT) or ""):
                message.set("language", language, add_to_output=True)
        return messages
