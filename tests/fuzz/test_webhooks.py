"""The messengers' webhooks under what nobody should send, signed as the platform signs and not."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.conftest import PUBLIC
from tests.channels.platforms import PLATFORMS, Messenger, Platform, Request, Slack, Sms, Telegram
from tests.fuzz.conftest import Target
from tests.fuzz.nasty import ANY_TEXT, CANARY, JSON, TEXT, TEXTS, nested, put, tries

KINDS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain",
    "\u00fc",
    "",
)
BODIES = st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode())
SIGNED = {"x-twilio-signature", "x-telegram-bot-api-secret-token", "x-slack-signature", "x-slack-request-timestamp", "x-hub-signature-256"}  # fmt: skip


@pytest.fixture(autouse=True)
def unharmed(target: Target, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Afterwards others are answered, and no log holds a word."""
    yield
    assert target.is_alive()
    assert target.tells_nothing()
    assert CANARY not in "".join(capfd.readouterr())


@pytest.fixture(params=PLATFORMS, ids=lambda kind: kind.name)
def platform(request: pytest.FixtureRequest, target: Target) -> Platform:
    return request.param(target.url, PUBLIC)


@pytest.fixture(scope="module")
def client(target: Target) -> Iterator[httpx.Client]:
    with target.client() as given_:
        yield given_


def signed(platform: Platform, body: bytes) -> Request:
    """Return `body` under a signature that holds; Slack's own library signs text only."""
    if platform.name == "slack":
        body = body.decode(errors="replace").encode()
    return Request(body, platform.sign(body))


def send(client: httpx.Client, platform: Platform, request: Request) -> int:
    """Return the status of the answer to `request`."""
    return status(client.post(platform.url, content=request.body, headers=request.headers))


def status(answer: httpx.Response) -> int:
    """Return the status of `answer`, which says nothing of what was sent."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.text[:200]
    assert CANARY not in answer.text
    return answer.status_code


def real(platform: Platform, words: str) -> dict[str, Any]:
    """Return a message of `platform` before it is signed."""
    person = platform.person()
    if isinstance(platform, Sms):
        return platform.fields(person, words)
    if isinstance(platform, Telegram):
        return platform.update(person, text=words)
    if isinstance(platform, Slack):
        return platform.event(person, text=words)
    assert isinstance(platform, Messenger)
    return platform.batch(platform.event(person, message={"mid": f"m{time.time_ns()}", "text": words}))


# --- signed


@tries(20)
@given(BODIES)
def test_any_signed_bytes_are_taken(client: httpx.Client, platform: Platform, body: bytes) -> None:
    """To refuse them would have them sent again for ever."""
    expected = (
        (200, 403) if isinstance(platform, Sms) else (200,)
    )  # of bytes that are no form, each library signs others
    assert send(client, platform, signed(platform, body)) in expected


@tries(25)
@given(st.data())
def test_a_message_with_anything_in_it_is_taken(client: httpx.Client, platform: Platform, data: st.DataObject) -> None:
    """Each place of a real message in turn holds what the platform never puts there."""
    message = copy.deepcopy(real(platform, CANARY))
    places = nested(message)
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True)):
        new = data.draw(TEXT if isinstance(platform, Sms) else JSON)
        try:
            put(message, place, new)
        except (KeyError, IndexError, TypeError):  # what stood there has been replaced
            continue
    if isinstance(platform, Sms):
        body = urlencode({name: value.encode("utf-8", "replace") for name, value in message.items()}).encode()
    else:
        body = json.dumps(message).encode()

    assert send(client, platform, signed(platform, body)) in (200, 403)


def test_every_nasty_text_is_taken(client: httpx.Client, target: Target) -> None:
    """And answered in the platform's measure, who repeats it or not: the stand-in refuses what the platform would."""
    cut = [kind for kind in PLATFORMS if kind is not Sms]  # what stands for Rasa here has no short forms to send
    del target.standin.faults[:]
    for n, (name, typed) in enumerate(TEXTS.items()):
        platform = cut[n % len(cut)](target.url, PUBLIC)
        said = typed.encode("utf-8", "replace").decode()[:50_000]
        assert send(client, platform, platform.words(platform.person(), f"{CANARY} {said}")) == 200, name
    for kind in cut:
        platform = kind(target.url, PUBLIC)
        person = platform.person()
        send(client, platform, platform.words(person, "hello"))
        assert target.standin.said(platform.to(person))

    assert target.standin.faults == []


@tries(20)
@given(ANY_TEXT)
def test_any_pressed_button_is_taken(client: httpx.Client, target: Target, carried: str) -> None:
    """What a button carries is the platform's to keep, and a forger's to make up."""
    for kind in (Telegram, Slack, Messenger):
        platform = kind(target.url, PUBLIC)
        assert send(client, platform, platform.press(platform.person(), carried)) == 200


DEEP = {
    "brackets": b"[" * 100_000,
    "braces": b'{"a":' * 30_000,
    "closed": b"[" * 50_000 + b"]" * 50_000,
    "a number": b"9" * 200_000,
    "a text": b'"' + b"x" * 200_000 + b'"',
    "NULs": b"\0" * 200_000,
    "percent signs": b"%" * 200_000,
}


def test_deep_and_long_bodies_are_taken(client: httpx.Client, platform: Platform) -> None:
    """Signed, and refused or taken all the same: Slack would send them again for an hour."""
    for name, body in DEEP.items():
        assert send(client, platform, signed(platform, body)) in (200, 403), name


@pytest.mark.parametrize("id", [5, 1.5, True, None, ["x"], {"a": 1}], ids=str)
@pytest.mark.parametrize("kind", [Messenger, Slack], ids=lambda kind: kind.name)
def test_an_id_that_is_no_text_is_taken(client: httpx.Client, target: Target, kind: type[Platform], id: Any) -> None:
    """As what else is not of the platform's form; one such event has the whole batch sent again."""
    platform = kind(target.url, PUBLIC)
    message = real(platform, "hello")
    if isinstance(platform, Messenger):
        message["entry"][0]["messaging"][0]["message"]["mid"] = id
    else:
        message["event_id"] = id

    assert send(client, platform, platform.request(message)) == 200


def test_a_user_with_a_NUL_leaves_no_failed_task(client: httpx.Client, target: Target) -> None:
    """The message is not answered; the log has a task whose exception was never retrieved."""
    slack = Slack(target.url, PUBLIC)
    message = slack.event(slack.person(), text="hello")
    message["event"]["user"] = "U\0x"
    before = target.written.getvalue().count("never retrieved")

    assert send(client, slack, slack.request(message)) == 200
    for _ in range(5):
        target.is_alive()  # tasks end, and are collected, while others are answered
        time.sleep(0.02)
    assert target.written.getvalue().count("never retrieved") == before


# --- not signed


@tries(40)
@given(BODIES, st.sampled_from(KINDS), st.dictionaries(st.sampled_from(sorted(SIGNED)), st.binary(max_size=60)))
def test_nothing_unsigned_is_read(
    client: httpx.Client, platform: Platform, body: bytes, kind: str, given_: dict[str, bytes]
) -> None:
    """Whatever stands where a signature should."""
    wrong = [(name.encode(), bytes(b for b in value if b > 32 and b != 127)) for name, value in given_.items()]
    lines = [(b"content-type", kind.encode("latin-1")), *wrong]

    assert status(client.post(platform.url, content=body + CANARY.encode(), headers=lines)) == 403


def test_any_other_method_is_refused(client: httpx.Client, platform: Platform) -> None:
    """With a body that would be right, too."""
    request = platform.words(platform.person(), CANARY)
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = client.request(method, platform.url, content=request.body, headers=request.headers)
        assert status(answer) in (204, 403, 405), method


@tries(30)
@given(st.dictionaries(st.sampled_from(["hub.mode", "hub.verify_token", "hub.challenge"]), ANY_TEXT))
def test_any_greeting_is_answered(client: httpx.Client, target: Target, asked: dict[str, str]) -> None:
    """A challenge is given back to who knows the verify token only."""
    url = f"{target.url}/webhooks/messenger/webhook"
    sent = {name: value.encode("utf-8", "replace").decode() for name, value in asked.items()}

    assert status(client.get(url, params=sent)) == 403


@pytest.mark.parametrize("size", [300_000, 3_000_000])
def test_too_much_is_refused(client: httpx.Client, platform: Platform, size: int) -> None:
    """Before a signature is computed over it."""
    assert status(client.post(platform.url, content=b"x" * size, headers={"content-type": "application/json"})) == 413


def test_a_form_of_many_fields_is_refused_at_once(client: httpx.Client, target: Target) -> None:
    """235 kB from anybody: two seconds in which nobody else is answered. Twilio sends some forty fields."""
    body = "&".join(f"{n:x}=" for n in range(40_000))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post(f"{target.url}/webhooks/sms/webhook", content=body, headers=kind, timeout=60)

    assert status(answer) in (403, 413)
    assert answer.elapsed.total_seconds() < 0.5
