"""What a deployment can set, from the environment; a wrong value stops the start with one clear line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting that cannot be used; the message is for the operator."""


@dataclass(frozen=True)
class Settings:
    """Read once at start; see docs/SETTINGS.md."""

    port: int = 5005
    host: str = "127.0.0.1"
    api_token: str = ""
    region: str = "US"
    threads: int = 2

    @classmethod
    def from_environment(cls, environment: dict[str, str] | None = None) -> Settings:
        """Return the settings of `environment` (os.environ); raise `SettingsError`."""
        env = dict(os.environ) if environment is None else environment

        def number(name: str, default: int, low: int, high: int) -> int:
            given = env.get(name, "")
            if not given:
                return default
            if not given.isdigit() or not low <= int(given) <= high:
                raise SettingsError(f"{name}={given}: expected a number from {low} to {high}")
            return int(given)

        return cls(
            port=number("PORT", 5005, 1, 65535),
            host=env.get("LINDEN_HOST") or "127.0.0.1",
            api_token=env.get("API_TOKEN", ""),
            region=(env.get("LINDEN_REGION") or "US").upper(),
            threads=number("LINDEN_THREADS", 2, 1, 64),
        )
