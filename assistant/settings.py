"""What a deployment can set, from the environment; a wrong value stops the start with one clear line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.web.headers import is_origin

ROOT = Path(__file__).resolve().parent.parent
OURS = ("LINDEN_", "TWILIO_", "TELEGRAM_", "SLACK_", "FACEBOOK_")  # what our variables begin with
MESSENGERS = ("sms", "whatsapp", "telegram", "slack", "messenger")
DEFAULT_STORE = f"sqlite:///{ROOT / '.cache' / 'conversations.db'}"


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
    origins: tuple[str, ...] = ()
    exit: str = "https://www.bbc.co.uk/weather"
    proxies: int = 0
    limit_session: int = 20
    limit_address: int = 120
    limit_new: int = 20
    limit_waiting: int = 100
    metrics_port: int = 0
    store: str = DEFAULT_STORE
    store_keys: str = field(default="", repr=False)
    kept_minutes: int = 60
    channels: tuple[str, ...] = ()
    locks: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Return the settings of `environment` (os.environ); raise `SettingsError`."""
        env = with_files(os.environ if environment is None else environment)

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
            origins=origins(env.get("LINDEN_ORIGINS", "")),
            exit=exit_page(env.get("LINDEN_EXIT", "") or cls.exit),
            proxies=number("LINDEN_PROXIES", 0, 0, 9),
            limit_session=number("LINDEN_LIMIT_SESSION", 20, 1, 100_000),
            limit_address=number("LINDEN_LIMIT_ADDRESS", 120, 1, 100_000),
            limit_new=number("LINDEN_LIMIT_NEW", 20, 1, 100_000),
            limit_waiting=number("LINDEN_LIMIT_WAITING", 100, 1, 100_000),
            metrics_port=number("LINDEN_METRICS_PORT", 0, 0, 65535),
            store=env.get("LINDEN_STORE") or DEFAULT_STORE,
            store_keys=env.get("LINDEN_STORE_KEYS", ""),
            locks=redis_address(env.get("LINDEN_LOCKS", "")),
            channels=channels(env.get("LINDEN_CHANNELS", "")),
            kept_minutes=number("LINDEN_KEPT_MINUTES", 60, 1, 60),
        )


def with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` with each variable NAME whose value stands in the file that NAME_FILE names, as secrets do.

    Raise `SettingsError` for a file that cannot be read, and where both are set.
    """
    found = dict(environment)
    for name, path in environment.items():
        variable = name.removesuffix("_FILE")
        if variable == name or not path or not (variable.startswith(OURS) or variable == "API_TOKEN"):
            continue
        if environment.get(variable):
            raise SettingsError(f"{variable} and {name} are both set: which one holds?")
        try:
            found[variable] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}={path}: cannot be read ({type(error).__name__})") from None
    return found


def origins(given: str) -> tuple[str, ...]:
    """Return the comma-separated origins of `given`; raise `SettingsError` for one that is none, such as "*"."""
    found = tuple(part.strip().lower() for part in given.split(",") if part.strip())
    if wrong := next((origin for origin in found if not is_origin(origin)), ""):
        raise SettingsError(f"LINDEN_ORIGINS={wrong}: expected origins such as https://www.example.org, no path, no *")
    return found


def channels(given: str) -> tuple[str, ...]:
    """Return the names of messengers in `given`, separated by commas; raise `SettingsError` for an unknown one."""
    found = tuple(dict.fromkeys(part.strip().lower() for part in given.split(",") if part.strip()))
    if unknown := [name for name in found if name not in MESSENGERS]:
        raise SettingsError(f"LINDEN_CHANNELS={unknown[0]}: expected some of {', '.join(MESSENGERS)}")
    return found


def redis_address(given: str) -> str:
    """Return the address of a Redis, empty for none; raise `SettingsError` when it is none (it may hold a password)."""
    if given and not re.fullmatch(r"(redis|rediss)://\S+|unix://\S+", given):
        raise SettingsError("LINDEN_LOCKS: expected an address such as redis://127.0.0.1:6379/0")
    return given


def exit_page(given: str) -> str:
    """Return the address `given` of the page that the exit opens; raise `SettingsError` when it is none."""
    if not re.fullmatch(r"https?://[^\s\"'<>]+", given):
        raise SettingsError(f"LINDEN_EXIT={given}: expected an address such as https://www.example.org/weather")
    return given
