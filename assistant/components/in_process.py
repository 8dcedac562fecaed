"""Runs the custom actions inside Rasa's process: no second server, no port, no echo of the conversation."""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from assistant import metrics

logger = logging.getLogger(__name__)


def _is_valid(*_: Any) -> bool:
    return True


class InProcessActions(EndpointConfig):
    """Stands where Rasa expects the address of an action server."""

    def __init__(self, package: str = "actions") -> None:
        """Register every action of `package`; the process ends when it cannot be imported."""
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        # Rasa checks its own schema and then the answer against it, at a quarter of what a turn costs; what this
        # executor returns has that form by its types.
        RemoteAction._validate_action_result = _is_valid

    async def request(self, *args: Any, json: dict[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
        """Runs the action that `json` names and returns its events and responses.

        An action that raises is logged by name and kind of error only: neither the message of the
        error nor the conversation reaches a log. The policy notices the silence and answers.
        """
        call = json or {}
        try:
            result = await self._executor.run(call)
        except Exception as error:
            metrics.ERRORS.labels("action").inc()
            logger.error("action %s failed: %s", call.get("next_action"), type(error).__name__)
            result = None
        return result or {"events": [], "responses": []}
