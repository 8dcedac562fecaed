"""Which site is which, and the settings that name them."""

from __future__ import annotations

import pytest

from assistant.settings import Settings, SettingsError
from assistant.web import headers


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://chat.example.org", "chat.example.org", True),
        ("http://chat.example.org", "chat.example.org", True),
        ("http://127.0.0.1:5005", "127.0.0.1:5005", True),
        ("https://chat.example.org", "CHAT.example.org", True),
        ("https://chat.example.org:8443", "chat.example.org", False),
        ("https://chat.example.org.evil.org", "chat.example.org", False),
        ("https://evil.org/chat.example.org", "chat.example.org", False),
        ("https://evil.org@chat.example.org", "chat.example.org", False),
        ("null", "null", False),
        ("https://", "", False),
        ("", "", False),
    ],
)
def test_our_own_site_is_the_one_that_was_asked(origin: str, host: str, same: bool) -> None:
    """By name and port; nothing that only looks like it."""
    assert same is headers.same(origin, host)


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip; q=1.000", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
    ],
)
def test_only_who_can_read_it_gets_a_compressed_answer(accepted: str, takes: bool) -> None:
    """As the header says."""
    assert takes is headers.takes_gzip(accepted)


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    """R30."""
    assert "unsafe" not in headers.POLICY
    assert "http" not in headers.POLICY
    assert "default-src 'none'" in headers.POLICY


def test_the_sites_that_may_embed_are_read_from_the_settings() -> None:
    """Separated by commas."""
    given = Settings.from_environment({"LINDEN_ORIGINS": "https://a.org, http://localhost:8000,"})

    assert ("https://a.org", "http://localhost:8000") == given.origins


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINDEN_ORIGINS", "*"),
        ("LINDEN_ORIGINS", "https://*.example.org"),
        ("LINDEN_ORIGINS", "https://a.org,*"),
        ("LINDEN_ORIGINS", "null"),
        ("LINDEN_ORIGINS", "a.org"),
        ("LINDEN_ORIGINS", "https://a.org/"),
        ("LINDEN_ORIGINS", "https://a.org/page"),
        ("LINDEN_EXIT", "javascript:alert(1)"),
        ("LINDEN_EXIT", "/weather"),
        ("LINDEN_EXIT", 'https://a.org/"x'),
        ("LINDEN_LIMIT_NEW", "0"),
        ("LINDEN_PROXIES", "-1"),
    ],
)
def test_a_setting_that_would_open_too_much_stops_the_start(name: str, value: str) -> None:
    """With a line that names it."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})
