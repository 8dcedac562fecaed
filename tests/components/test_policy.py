"""Danger wins in the running assistant, and nobody is met with silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assistant.components.rest import answer
from assistant.components.server import faults, store_of
from assistant.content import load

Run = Callable[[Any], Any]
Talk = Callable[[str], list[dict[str, Any]]]


def words(replies: list[dict[str, Any]]) -> str:
    return "\n".join(reply.get("text", "") for reply in replies)


def test_the_loaded_assistant_is_whole(agent: Any) -> None:
    """What `linden serve` checks before it says that it is ready."""
    assert "" == faults(agent)
    assert "the model did not load" == faults(None)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\n", "😭😭😭", "?!", "a" * 5000, "he has a knife " * 400, "привет как дела", "你好，我需要帮助", "مرحبا",
        "/", "//", "/restart", "/session_start", "/back", '/deny{"choice": "false_alarm"}', "/ask_signs{", "{}", "[x](y)",
        "\u202eevil", "\x00\x01", "<script>alert(1)</script>", "' OR 1=1 --", "%s %d {region}", "null",
    ],
)  # fmt: skip
def test_every_message_gets_an_answer_in_words(text: str, talk: Talk) -> None:
    """Empty, huge, foreign and hostile messages are answered, without an error and without a payload shown."""
    replies = talk(text)

    assert words(replies).strip()
    assert "{" not in words(replies)
    assert all(len(reply.get("text", "")) < 1200 for reply in replies)


def test_another_language_after_a_danger_is_answered_in_it_with_the_contacts_of_that_danger(talk: Talk) -> None:
    """Who is in danger may fall back to their own words; "I did not understand that" would end it."""
    talk("im in the uk")
    first = talk("i want to kill myself")

    replies = talk("no puedo mas, ayudame por favor")

    assert load().languages["es"].say in words(replies)
    assert "suicide" == replies[-1]["custom"]["level"]
    shown = [contact["name"] for contact in replies[-1]["custom"]["contacts"]]
    assert [contact["name"] for contact in first[-1]["custom"]["contacts"]] == shown


@pytest.mark.parametrize(
    "command", ["/restart", "/session_start", "/delete_conversation", '/inform_location{"item": "x"}']
)
def test_a_typed_command_is_not_carried_out(command: str, talk: Talk) -> None:
    """E5: what was told before is still remembered."""
    talk("im in the uk")
    talk(command)

    replies = talk("give me a number to call")
    assert "GB" == replies[-1]["custom"]["region"]


def test_a_button_that_was_handed_out_is_carried_out(talk: Talk) -> None:
    """The payload of a choice shown last leads where its title says."""
    buttons = talk("what is a trauma bond")[-1]["buttons"]
    chosen = next(b for b in buttons if b["payload"].startswith("/ask_") and "more" not in b["payload"])

    replies = talk(chosen["payload"])

    assert chosen["payload"][1:].split("{")[0] == replies[-1]["custom"]["topic"].split("/")[0]


def test_the_same_text_never_comes_twice_in_a_row(talk: Talk) -> None:
    """R26, for ten kinds of message, each said three times."""
    for text in ("hi", "what is a trauma bond", "asdkjh qwe", "thanks", "i feel so sad", "he hit me", "are you a bot"):
        before = ""
        for _ in range(3):
            said = words(talk(text))
            assert said != before
            before = said


def test_deleting_leaves_nothing_in_the_store(agent: Any, run: Run) -> None:
    """R32: one short message, confirmed."""
    conversations = store_of(agent).conversations
    run(answer(agent.handle_message, "my name is zanzibar", "deleting", "rest"))
    assert conversations.read("deleting")

    run(answer(agent.handle_message, "please delete everything i wrote", "deleting", "rest"))
    assert conversations.read("deleting") is None


def test_a_fault_inside_is_answered_with_numbers(agent: Any, run: Run) -> None:
    """Where Rasa itself fails, the person reads an apology and whom to reach."""

    async def broken(_: Any) -> None:
        raise OSError("disk full")

    replies = run(answer(broken, "he choked me", "x", "rest"))

    assert replies[-1]["custom"]["contacts"]


def test_a_first_reply_says_what_this_is(talk: Talk) -> None:
    """R25, whatever was asked first."""
    assert "automatic program" in words(talk("what is love bombing"))


def test_an_informational_answer_names_its_section(talk: Talk) -> None:
    """R22."""
    replies = talk("what is love bombing")

    assert "Why and When Does It Happen?" == replies[-1]["custom"]["source"]["section"]
    assert "From the article: Why and When Does It Happen?" in words(replies)
