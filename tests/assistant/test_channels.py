"""What messengers have in common: cutting, secrets, patience."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels import PLATFORMS, Names, access, handle, same, split, with_numbers
from assistant.delivery import TRIES, Delivery, DeliveryError
from assistant.settings import MESSENGERS, SettingsError


@given(st.text(max_size=400), st.integers(min_value=20, max_value=120))
def test_nothing_is_lost_where_a_text_is_cut(text: str, most: int) -> None:
    """Each piece fits, in UTF-16 units, and the words are all there in order."""
    pieces = split(text, most)

    assert all(len(piece.encode("utf-16-le", "surrogatepass")) // 2 <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_is_cut_between_sentences() -> None:
    """Not in the middle of one that would fit whole."""
    assert ["One two three.", "Four five six."] == split("One two three. Four five six.", 20)
    assert ["one two", "three"] == split("one two three", 9)


def test_choices_become_numbered_lines() -> None:
    """Below the words."""
    assert "Hello\n\n1. A\n2. B" == with_numbers("Hello", [{"title": "A"}, {"title": "B"}])


def test_the_settings_know_every_messenger() -> None:
    """One list of names."""
    assert set(MESSENGERS) == set(PLATFORMS)


@pytest.mark.parametrize("name", MESSENGERS)
def test_a_missing_secret_is_named(name: str) -> None:
    """And secrets are not shown by accident."""
    known = {variable: f"secret-{variable}" for variable in PLATFORMS[name].secrets}
    for variable in known:
        with pytest.raises(SettingsError, match=f"{variable} is missing.*{name}"):
            access(name, {**known, variable: ""})
    assert "secret-" not in repr(access(name, known))


@pytest.mark.parametrize("api", ["http://evil.example", "ftp://x", "https://", "http://localhost.evil.example"])
def test_secrets_are_sent_over_tls_or_on_this_machine_only(api: str) -> None:
    """An API that is moved by mistake gets no token."""
    secrets = {"TELEGRAM_BOT_TOKEN": "t", "TELEGRAM_SECRET_TOKEN": "s"}
    with pytest.raises(SettingsError, match="TELEGRAM_API"):
        access("telegram", {**secrets, "TELEGRAM_API": api})
    assert "http://127.0.0.1:99" == access("telegram", {**secrets, "TELEGRAM_API": "http://127.0.0.1:99/"}).api


def test_names_differ_by_platform_secret_and_purpose_and_tell_nothing() -> None:
    """An HMAC; the number is not in it."""
    names = {
        Names("sms", "a").of("conversation", "+15550001"), Names("sms", "b").of("conversation", "+15550001"),
        Names("whatsapp", "a").of("conversation", "+15550001"), Names("sms", "a").of("message", "+15550001"),
    }  # fmt: skip

    assert 4 == len(names)
    assert all(64 == len(name) and "15550001" not in name for name in names)
    assert 16 == len(handle("/ask_signs"))


def test_secrets_are_compared_whatever_was_sent() -> None:
    """Bytes that are no text are just wrong."""
    assert same("a", "a")
    assert not same("\udcff", "a")
    assert not same("", "a")


class Api:
    """An API that answers as it is told, in order, and then well."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked, self.waits = list(answers), 0, list[float]()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else (200, {}, {"ok": True})
        if answer == "hang up":
            assert request.transport is not None
            request.transport.close()
            raise web.HTTPOk
        status, headers, body = answer
        return web.json_response(body, status=status, headers=headers)

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def post(self, **options: Any) -> dict[str, Any]:
        app = web.Application()
        app.router.add_post("/", self.handle)
        async with TestServer(app) as server:
            delivery = Delivery(sleep=self.wait)
            try:
                return await delivery.post(str(server.make_url("/")), json={}, **options)
            finally:
                await delivery.close()


async def test_it_waits_as_long_as_it_is_told() -> None:
    """`Retry-After`, or what Telegram writes into the body."""
    api = Api((429, {"Retry-After": "7"}, {}), (429, {}, {"parameters": {"retry_after": 9}}))

    assert {"ok": True} == await api.post()
    assert [7, 9] == api.waits


async def test_it_grows_more_patient_and_gives_up() -> None:
    """Without saying what was sent, or what the platform said."""
    api = Api(*[(503, {}, {"error": {"message": "canary", "code": 2}})] * 20)

    with pytest.raises(DeliveryError) as error:
        await api.post()
    assert TRIES == api.asked
    assert api.waits == sorted(api.waits)
    assert f"HTTP 503 (code 2), {TRIES} times" == str(error.value)


async def test_a_refusal_is_final() -> None:
    """A wrong token does not become right."""
    api = Api((401, {}, {"code": 20003}))

    with pytest.raises(DeliveryError, match="code 20003"):
        await api.post()
    assert 1 == api.asked


async def test_no_answer_may_mean_that_it_was_sent() -> None:
    """So it is sent again only where twice is better than not at all."""
    ordinary, urgent = Api("hang up"), Api("hang up")

    with pytest.raises(DeliveryError, match="no answer"):
        await ordinary.post()
    assert {"ok": True} == await urgent.post(urgent=True)
    assert (1, 2) == (ordinary.asked, urgent.asked)


async def test_an_api_that_is_not_there_is_asked_again() -> None:
    """Nothing was sent yet."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    delivery = Delivery(sleep=wait)
    with pytest.raises(DeliveryError, match="no connection"):
        await delivery.post("http://127.0.0.1:9/", json={})
    await delivery.close()
    assert TRIES - 1 == len(waits)
