"""The one place where danger wins over every intent and rule."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.choices import chosen
from assistant.dialogue import Memory, Turn, choose, decide
from assistant.shared import shared_replies
from assistant.tracker import last_shown, payloads

MEMORY = "memory"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class SafetyPolicy(Policy):
    """Decides each turn once (`assistant.dialogue.decide`), carries it out, and else leaves it to the rules.

    It also notices silence: where a turn would end without a word to the person (an action server that
    is down, an action that raised), it says so and shows whom to reach.
    """

    @staticmethod
    def supported_data() -> SupportedData:
        """Learns from rules only, which is to say nothing (see parent class for full docstring)."""
        return SupportedData.RULE_DATA

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the policy's settings: its priority is above RulePolicy's 6."""
        return {"priority": 10}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context)
        self._content = shared_replies().content

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learns nothing (see parent class for full docstring)."""
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyPolicy:
        """Creates the policy (see parent class for full docstring)."""
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predicts the next action of the turn's decision (see parent class for full docstring)."""
        turn = _turn_events(tracker)
        if not turn:
            return self._abstain(domain)
        done = [e.action_name for e in turn if isinstance(e, ActionExecuted)]
        memory = Memory.from_slot(tracker.get_slot(MEMORY))
        events: list[Event] = []
        if not done:
            memory = self._decide(tracker, turn, memory)
            events = [SlotSet(MEMORY, memory.as_slot()), *self._place(turn), *self._person(turn)]
        if len(done) < len(memory.actions):
            return self._act(memory.actions[len(done)], domain, events)
        if done and not any(isinstance(e, BotUttered) for e in turn) and "utter_sorry" not in done:
            return self._act("utter_sorry", domain, events)
        if done and memory.actions:
            return self._act(ACTION_LISTEN_NAME, domain, events)
        if done and done[-1] == "utter_sorry":
            return self._act(ACTION_LISTEN_NAME, domain, events)
        return self._abstain(domain, events)

    def _decide(self, tracker: DialogueStateTracker, turn: list[Event], memory: Memory) -> Memory:
        message = turn[0]
        assert isinstance(message, UserUttered)
        text = message.text or ""
        turn_now = Turn.of({**(message.parse_data or {}), "text": text})
        shown = last_shown(e.as_dict() for e in _previous_turn(tracker))
        context: dict[str, Any] = {
            "content": self._content,
            "topic": tracker.get_slot("topic") or "",
        }
        if not turn_now.command and (payload := chosen(text, shown)):
            return choose(turn_now, payload, memory, **context)
        return decide(turn_now, memory, handed_out=text.strip() in payloads(shown), **context)

    def _place(self, turn: list[Event]) -> list[Event]:
        """Return the slot for a country named in passing ("he is outside my flat in leeds")."""
        region = shared_replies().regions.find(turn[0].text or "", told=False)
        return [SlotSet("region", region)] if region else []

    def _person(self, turn: list[Event]) -> list[Event]:
        """Return the slot for the person it is about ("my mum ..."); a friend one worries about is none."""
        message = turn[0]
        parse = (message.parse_data or {}) if isinstance(message, UserUttered) else {}
        if parse.get("voice") == "other" or (parse.get("intent") or {}).get("name") == "concern_for_other":
            return [SlotSet("about", "")]
        about = shared_replies().people.find(parse.get("text") or "")
        return [SlotSet("about", about)] if about else []

    def _act(self, name: str, domain: Domain, events: list[Event]) -> PolicyPrediction:
        prediction = PolicyPrediction.for_action_name(domain, name, type(self).__name__)
        return self._prediction(prediction.probabilities, events=events)

    def _abstain(self, domain: Domain, events: list[Event] | None = None) -> PolicyPrediction:
        return self._prediction(self._default_predictions(domain), events=events or [])


def _turn_events(tracker: DialogueStateTracker) -> list[Event]:
    """Return the events since the person's last message, that message first; empty where there is none."""
    turn: list[Event] = []
    for event in reversed(tracker.events):
        turn.append(event)
        if isinstance(event, UserUttered):
            return turn[::-1]
    return []


def _previous_turn(tracker: DialogueStateTracker) -> list[Event]:
    """Return the events between the person's last two messages."""
    before: list[Event] = []
    seen = 0
    for event in reversed(tracker.events):
        seen += isinstance(event, UserUttered)
        if seen == 2:
            break
        if seen == 1:
            before.append(event)
    return before[::-1]
