"""Renders what must be said in Rasa's own process: danger, corrections, apologies (DESIGN.md, decision 5)."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.reply import Replies, Reply, State
from assistant.shared import shared_replies
from assistant.tracker import state_of


class ContentNLG(NaturalLanguageGenerator):
    """Words and numbers from `content/`, without the action server."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        """Raise `ContentError` when the content cannot be used, so that the server does not start."""
        self._replies: Replies = shared_replies()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Returns the response `utter_action` (see parent class for full docstring)."""
        events = [event.as_dict() for event in list(tracker.events)[-200:]]
        slots = {name: tracker.get_slot(name) for name in ("memory", "region", "topic", "about")}
        message = tracker.latest_message
        parse = dict(message.parse_data or {}) if message else {}
        state = state_of(events, slots, tracker.get_latest_input_channel())
        return self._replies.spoken(self.reply(utter_action, state, parse), state).as_message()

    def reply(self, name: str, state: State, parse: dict[str, Any]) -> Reply:
        """Return the reply `name` to the message `parse`."""
        if name == "utter_danger":
            return self._replies.danger(state)
        if name == "utter_danger_followup":
            return self._replies.danger_followup(state)
        if name == "utter_correction":
            return self._replies.correction(state)
        if name == "utter_plan":
            return self._replies.plan(state)
        if name == "utter_other_language":
            return self._replies.other_language(parse.get("language") or "", state)
        return self._replies.plain(name.removeprefix("utter_"), state)
