"""Messengers, over real requests: who may write, what comes back, once, in measure, and that nothing is told to others."""

from __future__ import annotations

import concurrent.futures
import json
import time
from typing import Any

import httpx
import pytest

from assistant.brief import segments
from tests.channels.conftest import PUBLIC, Served
from tests.channels.platforms import PLATFORMS, Messenger, Platform, Request, Slack, Sms, Telegram
from tests.channels.standin import StandIn

TELLING = ("abuse", "trauma", "danger", "emergency", "violence", "suicid", "kill", "safety", "hotline", "hurt", "911")


def test_a_question_is_answered_with_its_source(platform: Platform, standin: StandIn) -> None:
    """The webhook is acknowledged at once, the answer comes by the platform's API, in its measure."""
    person = platform.person()

    begun = time.monotonic()
    answer = platform.say(person, "what is a trauma bond")

    assert answer.status_code == 200
    assert time.monotonic() - begun < 3
    said = standin.said(platform.to(person))
    assert "What Is Trauma Bonding?" in said[-1].text
    assert standin.faults == []


def test_a_danger_is_answered_with_numbers(platform: Platform, standin: StandIn) -> None:
    """The person's number comes in words that a phone makes tappable, whatever the platform."""
    person = platform.person()

    platform.say(person, "he is breaking the door down right now help")

    text = standin.said(platform.to(person))[-1].text
    assert "911" in text
    assert "1-800-799-7233" in text


def test_the_first_words_of_a_first_reply_tell_nothing(platform: Platform, standin: StandIn) -> None:
    """They may be read on a locked screen."""
    for message in ("he is breaking the door down right now", "what is a trauma bond", "i want to die"):
        person = platform.person()
        platform.say(person, message)

        first = standin.said(platform.to(person))[0].text.split("\n")[0].lower()
        assert not any(word in first for word in TELLING)


def test_nobody_else_is_answered(platform: Platform, standin: StandIn) -> None:
    """Unsigned, signed with another secret, signed for other bytes: refused before anything is read."""
    person = platform.person()
    right = platform.words(person, "hello")
    forged = Request(right.body, platform.sign(right.body, "another-secret"))
    kind = {"Content-Type": right.headers["Content-Type"]}
    unsigned = Request(right.body, kind)
    empty = Request(right.body, dict.fromkeys(right.headers, "") | kind)
    garbled = Request(
        right.body, {name: "\u00ff" if name != "Content-Type" else value for name, value in right.headers.items()}
    )

    for request in (forged, unsigned, empty):
        assert platform.send(request).status_code == 403
    raw = [(name.encode(), value.encode("latin-1")) for name, value in garbled.headers.items()]
    assert httpx.post(platform.url, content=garbled.body, headers=raw).status_code == 403
    if platform.name != "telegram":  # its secret does not cover the body
        assert platform.send(Request(right.body.replace(b"hello", b"hallo"), right.headers)).status_code == 403
    assert standin.quiet(platform.to(person), 0.5)


def test_a_message_that_is_delivered_again_is_answered_once(platform: Platform, standin: StandIn) -> None:
    """Retries, also at the same moment, and a replay of the same bytes."""
    person = platform.person()
    request = platform.words(person, "what is love bombing")

    with concurrent.futures.ThreadPoolExecutor() as pool:
        statuses = {answer.status_code for answer in pool.map(platform.send, [request] * 5)}
    standin.said(platform.to(person))

    assert statuses == {200}
    assert platform.send(request).status_code == 200
    assert standin.quiet(platform.to(person))
    assert len(standin.said(platform.to(person))) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe", b"a=b", b'{"message": 3, "update_id": 1}', b"payload=%7B"],
)
def test_a_signed_request_of_an_unknown_form_is_taken_and_not_repeated(
    platform: Platform, body: bytes, standin: StandIn
) -> None:
    """To refuse it would have the platform send it again for ever."""
    before = len(standin.calls)
    if platform.name == "slack":  # its library signs text only
        body = body.decode(errors="replace").encode()
    answer = platform.send(Request(body, platform.sign(body)))

    assert answer.status_code == 200
    assert len(standin.calls) == before


def test_a_huge_request_is_refused(platform: Platform, standin: StandIn) -> None:
    """It costs nothing but its reading."""
    request = platform.words(platform.person(), "x" * 400_000)

    assert platform.send(request).status_code == 413


def test_a_long_message_is_read(platform: Platform, standin: StandIn) -> None:
    """Longer than anything that a platform sends, and yet answered."""
    person = platform.person()

    platform.say(person, "i feel so alone these days. " * 300)

    assert standin.said(platform.to(person))


def test_messages_in_another_order_are_all_answered(platform: Platform, standin: StandIn) -> None:
    """A platform does not promise an order."""
    person = platform.person()
    platform.say(person, "hello", id="990002" if platform.name == "telegram" else f"later-{platform.name}")
    platform.say(
        person, "what is love bombing", id="990001" if platform.name == "telegram" else f"sooner-{platform.name}"
    )

    assert len(standin.said(platform.to(person), least=2)) == 2


def test_a_picture_or_a_voice_gets_a_kind_short_answer(platform: Platform, standin: StandIn) -> None:
    """It cannot be read, and that is said."""
    person = platform.person()

    assert platform.send(platform.media(person)).status_code == 200

    assert "word" in standin.said(platform.to(person))[0].text


@pytest.mark.parametrize("typed", ["2", "two", "2.", "the second one"])
def test_a_number_chooses(platform: Platform, typed: str, standin: StandIn) -> None:
    """On every platform, whether its buttons are native or lines."""
    person = platform.person()
    platform.say(person, "what is a trauma bond")
    first = standin.said(platform.to(person))[0]
    if not first.buttons:
        assert "\n2. " in first.text

    platform.say(person, typed)

    second = standin.said(platform.to(person), least=2)[1]
    assert "sign" in second.text.lower()
    assert "/ask" not in first.text + second.text


def test_a_button_that_was_shown_can_be_pressed_and_another_cannot(served: Served, standin: StandIn) -> None:
    """What a button carries tells nothing, and only what was shown last counts."""
    for kind in (Telegram, Slack, Messenger):
        platform = kind(served.base, PUBLIC)
        person = platform.person()
        platform.say(person, "what is a trauma bond")
        first = standin.said(platform.to(person))[0]
        assert len(first.buttons) >= 2
        assert not any("/" in carried or "ask" in carried for _, carried in first.buttons)

        platform.send(platform.press(person, first.buttons[1][1]))
        second = standin.said(platform.to(person), least=2)[1]
        assert "sign" in second.text.lower()

        for carried in ("/ask_signs", first.buttons[0][1][:-1] + "x"):
            platform.send(platform.press(person, carried))
        third = standin.said(platform.to(person), least=4)[2:]
        assert all("choice" in call.text for call in third)
    assert len(standin.stopped_spinning) >= 3
    assert standin.faults == []


def test_a_typed_command_is_words(platform: Platform, standin: StandIn) -> None:
    """Nobody can type an intent, or have Rasa begin anew: the danger told before is still remembered."""
    person = platform.person()

    platform.say(person, "he choked me last night")
    platform.say(person, "/restart")
    platform.say(person, '/deny{"choice": "false_alarm"}')
    platform.say(person, "what should i do")

    said = standin.said(platform.to(person), least=4)
    assert all("1-800-799-7233" in call.text for call in (said[0], said[3]))


@pytest.mark.parametrize("failure", [(429, {"Retry-After": "1"}), (500, {}), (503, {})])
def test_a_platform_that_fails_is_asked_again_and_the_answer_comes_once(
    platform: Platform, failure: Any, standin: StandIn
) -> None:
    """With more and more patience, and in order."""
    person = platform.person()
    standin.failures += [failure, failure]
    begun = time.monotonic()

    platform.say(person, "he choked me last night")

    said = standin.said(platform.to(person))
    assert time.monotonic() - begun >= (2 if failure[0] == 429 else 0.5)
    assert standin.quiet(platform.to(person))
    assert len(standin.said(platform.to(person))) == len(said) == 1


def test_a_refusal_by_the_platform_ends_there(platform: Platform, served: Served, standin: StandIn) -> None:
    """It is logged without words or numbers, and the next message is answered."""
    person = platform.person()
    standin.failures.append((400, {}))
    platform.say(person, "what is love bombing")
    for _ in range(100):
        if not standin.failures:
            break
        time.sleep(0.1)

    platform.say(person, "what is a trauma bond")

    assert standin.said(platform.to(person))
    assert f"{platform.name}: a reply could not be delivered: HTTP 400" in served.log()


def test_erasing_says_what_the_platform_keeps(platform: Platform, standin: StandIn) -> None:
    """R32: one short message, confirmed, and honest about the copy that is not ours."""
    person = platform.person()
    platform.say(person, "he reads my messages")
    platform.say(person, "delete everything i said")

    text = standin.said(platform.to(person), least=2)[1].text
    names = {"sms": "phone", "whatsapp": "WhatsApp", "telegram": "Telegram", "slack": "Slack", "messenger": "Messenger"}
    assert names[platform.name] in text


def test_the_stop_word_works(platform: Platform, standin: StandIn) -> None:
    """R9, and its answer tells nothing."""
    person = platform.person()
    platform.say(person, "he reads my messages")
    platform.say(person, "umbrella")

    assert standin.said(platform.to(person), least=2)[1].text.split("\n")[-1] in ("OK.", "Done.")


def test_somebody_who_writes_too_fast_is_told_once(platform: Platform, standin: StandIn) -> None:
    """And shown whom to reach meanwhile."""
    person = platform.person()
    for n in range(16):
        platform.say(person, f"what is love bombing {n}")

    said = standin.said(platform.to(person), least=13)
    assert "wait a minute" in said[12].text
    assert "911" in said[12].text
    assert standin.quiet(platform.to(person))
    assert len(standin.said(platform.to(person))) == 13


def test_what_is_written_and_who_wrote_it_is_in_no_log_and_no_database(
    platform: Platform, served: Served, standin: StandIn
) -> None:
    """Neither words nor numbers nor names, nor the platform's secrets."""
    person = platform.person()
    platform.say(person, "zanzibarcanary he hit me")
    standin.said(platform.to(person))
    standin.failures.append((400, {}))
    platform.say(person, "zanzibarcanary again")
    time.sleep(1)

    log, kept = served.log(), served.kept()
    for secret in (
        "zanzibarcanary",
        person,
        person.lstrip("D"),
        "telegram-bot-token",
        "facebook-page-token",
        "slack-bot-token",
    ):
        assert secret not in log
        assert secret.encode() not in kept


# --- what only one platform does


def test_slack_proves_whose_address_it_is_and_an_old_request_is_refused(served: Served) -> None:
    """The challenge only under a signature; a signature holds for five minutes."""
    slack = Slack(served.base, PUBLIC)
    challenge = {"type": "url_verification", "challenge": "abc123"}

    assert slack.send(slack.request(challenge)).json() == {"challenge": "abc123"}
    body = json.dumps(challenge).encode()
    assert slack.send(Request(body, slack.sign(body, at=time.time() - 301))).status_code == 403
    assert slack.send(Request(body, slack.sign(body, secret="other"))).status_code == 403


def test_slack_speaks_in_direct_messages_only(served: Served, standin: StandIn) -> None:
    """Not in channels, not to itself or other programs, not to edits."""
    slack = Slack(served.base, PUBLIC)
    person = slack.person()
    for event in (
        {"channel_type": "channel", "text": "hello"}, {"channel_type": "group", "text": "hello"},
        {"channel_type": "mpim", "text": "hello"}, {"bot_id": "B1", "text": "hello"},
        {"subtype": "message_changed", "message": {"text": "hello"}}, {"subtype": "message_deleted"},
        {"type": "reaction_added", "reaction": "wave"}, {"type": "app_home_opened"},
    ):  # fmt: skip
        assert slack.send(slack.request(slack.event(person, **event))).status_code == 200

    assert standin.quiet(person)


def test_telegram_is_silent_in_groups_and_to_edits(served: Served, standin: StandIn) -> None:
    """Group chats have readers."""
    telegram = Telegram(served.base, PUBLIC)
    person = telegram.person()
    for kind in ("group", "supergroup", "channel"):
        telegram.send(telegram.request(telegram.update(person, kind=kind, text="hello")))
    edit = telegram.update(person, text="hello")
    for name in (
        "edited_message",
        "channel_post",
        "message_reaction",
        "my_chat_member",
        "poll",
        "inline_query",
        "brand_new_kind",
    ):
        assert (
            telegram.send(
                telegram.request({"update_id": edit["update_id"] + 5000 + len(name), name: edit["message"]})
            ).status_code
            == 200
        )
    joined = telegram.update(person, pinned_message={"message_id": 1})
    telegram.send(telegram.request(joined))
    old = telegram.update(person, text="hello", date=int(time.time()) - 4 * 86400)
    telegram.send(telegram.request(old))

    assert standin.quiet(person)


def test_messenger_answers_the_challenge_and_reads_a_whole_batch(served: Served, standin: StandIn) -> None:
    """Echoes, receipts and reactions are none of ours."""
    messenger = Messenger(served.base, PUBLIC)
    asked = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "facebook-verify-token"}
    assert httpx.get(messenger.url, params=asked).text == "42"
    assert httpx.get(messenger.url, params={**asked, "hub.verify_token": "other"}).status_code == 403

    one, two, three = messenger.person(), messenger.person(), messenger.person()
    batch = messenger.batch(
        messenger.event(one, message={"mid": "b1", "text": "hello"}),
        messenger.event(two, message={"mid": "b2", "text": "hello"}),
        messenger.event(three, message={"mid": "b3", "text": "hello", "is_echo": True}),
        messenger.event(three, reaction={"reaction": "love", "mid": "b1"}),
        messenger.event(three, read={"watermark": 1}),
        messenger.event(three, delivery={"mids": ["b1"]}),
    )
    messenger.send(messenger.request(batch))

    assert standin.said(one)
    assert standin.said(two)
    assert standin.quiet(three, 0.5)


def test_a_text_message_is_short(served: Served, standin: StandIn) -> None:
    """Three segments at most, two in an emergency, and MORE gives the rest."""
    sms = Sms(served.base, PUBLIC)
    person = sms.person()
    sms.say(person, "what are the signs of a trauma bond")
    first = standin.said(person)[0].text
    sms.say(person, "more")
    second = standin.said(person, least=2)[1].text
    sms.say(person, "hes outside my door with a knife")
    third = standin.said(person, least=3)[2].text

    assert segments(first) <= 3
    assert segments(second) <= 3
    assert "You doubt that safe, supportive relationships exist" in first + second
    assert segments(third) <= 2
    assert "911" in third


def test_words_of_carriers_do_as_carriers_expect(served: Served, standin: StandIn) -> None:
    """STOP ends it with one message, nothing follows until START, and a danger is answered all the same."""
    sms = Sms(served.base, PUBLIC)
    person = sms.person()
    sms.say(person, "what is love bombing")
    sms.say(person, "HELP")
    sms.say(person, "Stop")
    said = standin.said(person, least=3)
    assert "STOP" in said[1].text
    assert "erased" in said[2].text

    sms.say(person, "stop")
    sms.say(person, "what is a trauma bond")
    assert standin.quiet(person)
    sms.say(person, "he is strangling me")
    assert "911" in standin.said(person, least=4)[3].text
    sms.say(person, "start")
    sms.say(person, "what is a trauma bond")
    assert "tie" in standin.said(person, least=6)[5].text


def test_a_word_that_twilio_answered_is_not_answered_twice(served: Served, standin: StandIn) -> None:
    """`OptOutType` says so; what it asks is done."""
    sms = Sms(served.base, PUBLIC)
    person = sms.person()
    sms.say(person, "hello")
    standin.said(person)
    for kind in ("STOP", "HELP", "START"):
        sms.send(sms.request(sms.fields(person, kind, OptOutType=kind)))

    assert standin.quiet(person)


def test_twilio_news_of_what_was_sent_and_other_accounts_are_not_answered(served: Served, standin: StandIn) -> None:
    """A message of an account that is not ours, though signed; receipts of delivery; another channel's number."""
    sms = Sms(served.base, PUBLIC)
    person = sms.person()
    sms.send(sms.request(sms.fields(person, "", SmsStatus="delivered", MessageStatus="delivered")))
    sms.send(sms.request({**sms.fields(person, "hello"), "AccountSid": "AC" + "9" * 32}))
    sms.send(sms.request({**sms.fields(person, "hello"), "From": "messenger:123"}))

    assert standin.quiet(person)


def test_the_signature_covers_the_public_address(served: Served) -> None:
    """With a query as Twilio was told it; the host that the request claims does not matter."""
    sms = Sms(served.base, f"{PUBLIC}:443")
    request = sms.words(sms.person(), "hello")

    assert (
        httpx.post(sms.url, content=request.body, headers={**request.headers, "Host": "evil.example"}).status_code
        == 200
    )
    assert httpx.post(f"{sms.url}?a=b", content=request.body, headers=request.headers).status_code == 403


def test_every_platform_is_tried() -> None:
    """The list of the tests is that of the product."""
    from assistant.channels import PLATFORMS as known

    assert {kind.name for kind in PLATFORMS} == set(known)
