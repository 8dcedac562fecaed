"""The sentence encoder as a Rasa featurizer; one encoder is shared by the whole process."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.spelling_mender import read_of
from assistant.encoder import Encoder
from assistant.settings import Settings


@lru_cache(maxsize=1)
def shared_encoder() -> Encoder:
    """Return the process's encoder; raises `EncoderError` when its files are not the reviewed ones."""
    return Encoder(threads=Settings.from_environment().threads)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Adds the meaning of a message as one dense feature of 384 numbers."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Creates the component (see parent class for full docstring)."""
        return cls(shared_encoder())

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Train again when the encoder's file is another."""
        return shared_encoder().digest

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds nothing: the heads encode what they learn from (see parent class for full docstring)."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds features to `messages` (see parent class for full docstring)."""
        typed = [message for message in messages if message.get(TEXT)]
        encodings = self._encoder.encode([read_of(message) for message in typed])
        for message, encoding in zip(typed, encodings, strict=True):
            dense = encoding.embedding[np.newaxis, :]
            message.add_features(Features(dense, FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__))
        return messages
