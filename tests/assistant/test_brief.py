"""The short forms of text messages: whom to reach is always in them, and they never cost more than said."""

from __future__ import annotations

from itertools import product

import pytest

from assistant.brief import MOST, MOST_URGENT, pages, segments, simple
from assistant.content import LEVELS
from assistant.dialogue import Danger, Memory
from assistant.reply import SHORT, SMS, State
from assistant.shared import shared_replies

REPLIES = shared_replies()
WORDS = REPLIES.content.channels.sms


def state(turn: int = 3, region: str | None = None, **memory: object) -> State:
    return State(memory=Memory(turn=turn, **memory), region=region, channel=SMS)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", LEVELS[:-1])
@pytest.mark.parametrize("region", sorted(REPLIES.content.regions))
def test_a_danger_fits_with_whom_to_reach(region: str, level: str) -> None:
    """For oneself, for another, for one who harms and for a child, first and later, in every region."""
    for voice, turn in product(("self", "other", "harmer", "child", "own_act"), (1, 3)):
        here = state(turn, region, danger=Danger(level, voice=voice), actions=("utter_danger",))
        reply = REPLIES.spoken(REPLIES.danger(here), here)
        text = reply.custom[SHORT]["text"]

        assert segments(text) <= (MOST_URGENT if level == "emergency" else MOST)
        reached = [c for c in reply.custom["contacts"] if c.get("phone") or c.get("sms")]
        first = reached[0]
        assert first.get("phone", "-") in text or first["sms"].split(" (")[0] in text
        if level == "emergency":
            assert text.index(REPLIES.content.regions[region].emergency[0].number) < 60


def test_every_answer_fits_and_what_is_left_out_can_be_had() -> None:
    """All words of every answer come, in three segments at a time; the first part names its section."""
    for intent, answer in REPLIES.content.answers.items():
        for topic in [intent, *(f"{intent}/{item.id}" for item in answer.items)]:
            for turn in (1, 3):
                here = state(turn)
                reply = REPLIES.spoken(REPLIES.answer(topic, here), here)
                short = reply.custom[SHORT]
                section = REPLIES.section(topic)
                assert segments(short["text"]) <= MOST
                assert simple(section) in short["text"]
                told, rest = short["text"], short["rest"]
                while rest:
                    page = pages(rest, WORDS)
                    assert segments(page.text) <= MOST
                    assert len(page.rest) < len(rest)
                    told, rest = told + page.text, page.rest
                for part in answer.say if topic == intent else answer.item(topic.partition("/")[2]).say:  # type: ignore[union-attr]
                    assert simple(part).split(". ")[-1].split("\n")[-1] in told


def test_a_first_reply_says_what_this_is_and_asks_who_may_read_it() -> None:
    """R25 and R8, in few words; the first words tell nothing."""
    here = state(1)
    text = REPLIES.spoken(REPLIES.answer("ask_signs", here), here).custom[SHORT]["text"]

    assert text.startswith(WORDS.opening)
    assert WORDS.intro in text
    assert REPLIES.content.phrases.stop_word in text


def test_belief_and_answer_in_one_turn_fit_together() -> None:
    """Abuse told with a question: words of belief, then the answer with a contact."""
    danger = Danger("abuse_disclosed")
    here = state(1, danger=danger, actions=("utter_danger", "action_answer"))
    belief = REPLIES.spoken(REPLIES.danger(here), here)
    then = State(said=[belief.text], memory=here.memory, channel=SMS)
    answer = REPLIES.spoken(REPLIES.answer("ask_can_they_change", then), then)

    whole = "\n".join([belief.custom[SHORT]["text"], answer.custom[SHORT]["text"]])
    assert segments(whole) <= MOST
    assert answer.custom["contacts"][0]["phone"] in whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("", 1),
    ],
)
def test_segments_are_counted_as_phone_companies_do(text: str, expected: int) -> None:
    """3GPP TS 23.038: 160 septets, 153 when joined; 70 and 67 outside the alphabet."""
    assert expected == segments(text)


def test_typographic_signs_do_not_make_a_message_dearer() -> None:
    """One curly quote would cut a segment to 67 signs."""
    assert 'it\'s - "x"... Ceska' == simple("it’s – “x”… Česka")


@pytest.mark.parametrize("name", list(REPLIES.content.concerns))
def test_what_is_said_after_a_danger_fits_with_whom_to_reach(name: str) -> None:
    """After each danger that it is for; in an emergency the number comes first."""
    for level in (level for level in LEVELS[:-1] if REPLIES.content.concerns[name].words(level)):
        here = state(5, danger=Danger(level), followup=name, actions=("utter_danger_followup",))
        reply = REPLIES.spoken(REPLIES.danger_followup(here), here)
        text = reply.custom[SHORT]["text"]

        assert segments(text) <= (MOST_URGENT if level == "emergency" else MOST)
        assert reply.custom["contacts"][0]["phone"] in text
