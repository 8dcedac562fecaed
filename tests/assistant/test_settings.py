"""Settings from the environment and from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.settings import Settings, SettingsError, with_files


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """As containers give them; the line end that an editor adds is not part of it."""
    (tmp_path / "keys").write_text("c2VjcmV0\n")

    assert "c2VjcmV0" == Settings.from_environment({"LINDEN_STORE_KEYS_FILE": f"{tmp_path}/keys"}).store_keys
    assert "c2VjcmV0" == with_files({"TELEGRAM_BOT_TOKEN_FILE": f"{tmp_path}/keys"})["TELEGRAM_BOT_TOKEN"]
    assert "HOME" not in with_files({"HOME_FILE": f"{tmp_path}/keys"})


def test_a_file_that_cannot_be_read_and_a_secret_given_twice_are_refused(tmp_path: Path) -> None:
    """With the name of the variable, not with what it holds."""
    with pytest.raises(SettingsError, match=r"LINDEN_STORE_KEYS_FILE=/nowhere: cannot be read"):
        Settings.from_environment({"LINDEN_STORE_KEYS_FILE": "/nowhere"})
    with pytest.raises(SettingsError, match="both set") as error:
        Settings.from_environment({"LINDEN_STORE_KEYS": "canary", "LINDEN_STORE_KEYS_FILE": "/nowhere"})
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("address", ["localhost:1234", "http://canary", "canary", "redis:// canary"])
def test_the_address_of_redis_is_checked_and_not_repeated(address: str) -> None:
    """It may hold a password."""
    with pytest.raises(SettingsError, match="LINDEN_LOCKS: expected") as error:
        Settings.from_environment({"LINDEN_LOCKS": address})
    assert address not in str(error.value)
    assert "canary" not in repr(Settings.from_environment({"LINDEN_LOCKS": "redis://:canary@x/0"}))
