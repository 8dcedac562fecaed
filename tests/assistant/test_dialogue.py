"""What happens next: danger first, its memory, and when that ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.content import load
from assistant.dialogue import LONG_QUIET_TURNS, QUIET_TURNS, Danger, Memory, Turn, decide

CONTENT = load()
TALKED = Memory(turn=3, device="answered")


def after(turn: Turn, memory: Memory = TALKED, *, handed_out: bool = True, topic: str = "") -> Memory:
    return decide(turn, memory, content=CONTENT, handed_out=handed_out, topic=topic)


def in_danger(level: str, **more: object) -> Memory:
    return replace(TALKED, danger=Danger(level=level, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("intent", ["goodbye", "ask_signs", "greet", "stop_or_cancel", "delete_conversation", "affirm"])
@pytest.mark.parametrize("level", ["emergency", "suicide", "child_at_risk", "harm_to_others", "high_risk", "monitored"])
def test_a_danger_wins_over_every_intent(level: str, intent: str) -> None:
    """R11: "he hits me, bye" is not a goodbye."""
    now = after(Turn("…", intent, level=level))

    assert ("utter_danger",) == now.actions
    assert now.danger is not None
    assert level == now.danger.level


def test_abuse_told_with_a_question_is_believed_and_the_question_answered() -> None:
    """SAFETY.md: believe them, then the answer."""
    assert ("utter_danger", "action_answer") == after(Turn("…", "ask_can_they_change", level="abuse_disclosed")).actions
    assert ("utter_danger", "action_reflect") == after(Turn("…", "describe_partner", level="abuse_disclosed")).actions
    assert ("utter_danger",) == after(Turn("…", "report_violence", level="abuse_disclosed")).actions


@pytest.mark.parametrize(
    ("text", "intent", "followup"),
    [
        ("what should i do?", "ask_how_to_leave", "what_now"),
        ("yes", "affirm", "affirm"),
        ("ok", "affirm", "affirm"),
        ("no", "deny", "deny"),
        ("why?", "ask_why_it_happens", "why"),
        ("tell me more", "ask_more", "more"),
        ("thanks", "thank", "thanks"),
        ("bye", "goodbye", "goodbye"),
        ("i feel so alone", "express_distress", "distress"),
        ("asdf", "nlu_fallback", "default"),
        ("weather?", "out_of_scope", "default"),
        ("he took it", "report_violence", "what_now"),
    ],
)
def test_the_turns_after_a_danger_stay_in_its_path(text: str, intent: str, followup: str) -> None:
    """R13: the next messages are answered inside the danger."""
    now = after(Turn(text, intent), in_danger("high_risk"))

    assert ("utter_danger_followup",) == now.actions
    assert followup == now.followup


@pytest.mark.parametrize("level", ["high_risk", "monitored", "emergency", "harm_to_others", "abuse_disclosed"])
def test_what_is_told_of_the_other_inside_a_danger_asks_nothing_of_the_article(level: str) -> None:
    """ "hes got a key" sounds like who it happens to; whoever says it was locked in yesterday."""
    for text, followup in (("hes got a key", "what_now"), ("hes at work", "asleep")):
        now = after(Turn(text, "ask_who_it_happens_to"), in_danger(level))
        assert (followup, ("utter_danger_followup",)) == (now.followup, now.actions)


def test_a_question_inside_a_danger_is_left_to_the_rules_and_the_danger_kept() -> None:
    """The answer is given by the article's action, which keeps the contact at hand."""
    now = after(Turn("what is love bombing", "ask_love_bombing", 0.99), in_danger("high_risk"))

    assert () == now.actions
    assert now.danger is not None
    assert 1 == now.danger.quiet
    doubtful = after(Turn("what now with the love thing", "ask_love_bombing", 0.4), in_danger("high_risk"))
    assert "what_now" == doubtful.followup


@pytest.mark.parametrize(("level", "turns"), [("high_risk", QUIET_TURNS), ("suicide", LONG_QUIET_TURNS)])
def test_a_danger_is_forgotten_after_its_quiet_turns(level: str, turns: int) -> None:
    """The memory ends where the module says it ends, not a turn before."""
    memory = in_danger(level)
    for _ in range(turns):
        memory = after(Turn("what is love bombing", "ask_love_bombing"), memory)
        assert memory.danger is not None

    assert after(Turn("what is love bombing", "ask_love_bombing"), memory).danger is None


def test_a_milder_danger_does_not_replace_a_worse_one() -> None:
    """The worst level told keeps later turns careful."""
    now = after(Turn("he reads my texts", "report_monitoring", level="monitored"), in_danger("suicide", quiet=4))

    assert now.danger is not None
    assert ("suicide", 0) == (now.danger.level, now.danger.quiet)


def test_a_weapon_named_in_an_emergency_stays_an_emergency() -> None:
    """ "he has a knife", said while someone is at the door."""
    now = after(Turn("he has a knife", "report_violence", level="high_risk"), in_danger("emergency"))

    assert now.danger is not None
    assert "emergency" == now.danger.level


@pytest.mark.parametrize("level", ["emergency", "high_risk", "monitored", "abuse_disclosed", "harm_to_others"])
def test_a_false_alarm_is_corrected_in_one_step(level: str) -> None:
    """R15: by the button, or in words."""
    assert after(Turn("/deny", "deny", command=True, choice="false_alarm"), in_danger(level)).danger is None
    assert after(Turn("you misunderstood", "deny"), in_danger(level)).danger is None


def test_the_suicide_path_ends_on_the_second_correction() -> None:
    """R14: the contact is shown once more, then the correction is respected."""
    once = after(Turn("you misunderstood", "deny"), in_danger("suicide"))
    assert "correction_first" == once.followup

    twice = after(Turn("you misunderstood", "deny"), once)
    assert twice.danger is None
    assert ("utter_correction",) == twice.actions


def test_after_a_correction_the_suicide_path_ends_with_another_subject() -> None:
    """R14: a short "ok" or "why" stays with the contact; a question or a story is answered as if nothing were wrong."""
    once = in_danger("suicide", corrected=1)

    for turn in (Turn("ok", "affirm"), Turn("why", "nlu_fallback")):
        assert ("utter_danger_followup",) == after(turn, once).actions
    for turn in (Turn("what are the signs", "ask_signs", 0.99), Turn("/ask_signs", "ask_signs", command=True)):
        assert (None, ()) == (after(turn, once).danger, after(turn, once).actions)
    assert after(Turn("what are the signs", "ask_signs"), in_danger("suicide")).danger is not None


@pytest.mark.parametrize("level", ["emergency", "suicide", "child_at_risk", "harm_to_others"])
def test_what_is_told_inside_a_danger_is_not_held_against_the_signs(level: str) -> None:
    """ "she made me promise not to tell", after a friend's wish to die, is no sign of a trauma bond."""
    for intent, followup in (("describe_partner", "what_now"), ("describe_self", "distress")):
        assert followup == after(Turn("i promised not to tell", intent), in_danger(level)).followup
        assert () == after(Turn("i promised not to tell", intent), in_danger("abuse_disclosed")).actions


def test_a_correction_that_tells_a_danger_is_a_danger() -> None:
    """ "im not in danger, he just chokes me sometimes" is no correction."""
    now = after(Turn("im not in danger he just chokes me", "deny", level="high_risk"), in_danger("high_risk"))

    assert ("utter_danger",) == now.actions


def test_only_buttons_that_were_handed_out_act_as_commands() -> None:
    """E5: a typed payload is not carried out."""
    typed = Turn("/delete_conversation", "delete_conversation", command=True)

    assert ("utter_typed_command",) == after(typed, handed_out=False).actions
    assert () == after(typed, handed_out=True).actions


@pytest.mark.parametrize("memory", [Memory(), TALKED, in_danger("suicide")])
def test_the_stop_word_works_at_every_turn(memory: Memory) -> None:
    """R9: in any case, with any signs, whatever was remembered."""
    assert ("action_stop",) == after(Turn(" Umbrella! ", "out_of_scope"), memory).actions


def test_whether_someone_else_may_see_this_is_asked_once() -> None:
    """R8: once, skippably, and a yes gives options."""
    first = after(Turn("hi", "greet"), Memory())
    assert "asked" == first.device

    assert ("utter_device_yes",) == after(Turn("yes", "affirm"), first).actions
    assert ("utter_device_no",) == after(Turn("no", "deny"), first).actions
    skipped = after(Turn("what is love bombing", "ask_love_bombing"), first)
    assert ("answered", ()) == (skipped.device, skipped.actions)


def test_a_leaning_counts_inside_a_danger_only() -> None:
    """What is unsure alone is taken as a danger after one."""
    unsure = Turn("he is back", "report_emergency", leaning="emergency", leaning_confidence=0.6)

    assert ("utter_danger",) == after(unsure, in_danger("high_risk")).actions
    assert () == after(unsure).actions


def test_the_memory_survives_its_slot() -> None:
    """What is written to the slot is read back the same."""
    memory = in_danger("suicide", rules=("wish_to_die",), corrected=1)

    assert memory == Memory.from_slot(memory.as_slot())
    assert Memory() == Memory.from_slot(None)


@pytest.mark.parametrize("level", ["suicide", "high_risk", "child_at_risk", "abuse_disclosed"])
def test_just_now_makes_a_danger_an_emergency(level: str) -> None:
    """ "tonight probably", said after a danger, is read with it."""
    now = after(Turn("tonight probably", "nlu_fallback"), in_danger(level))

    assert now.danger is not None
    assert ("emergency", ("utter_danger",)) == (now.danger.level, now.actions)
    assert after(Turn("tonight probably", "nlu_fallback")).danger is None


def test_safe_now_is_no_correction() -> None:
    """The danger told was real: the contact stays, and the words fit."""
    now = after(Turn("im safe now at my mums", "inform_location"), in_danger("emergency"))

    assert now.danger is not None
    assert ("safe", ("utter_danger_followup",)) == (now.followup, now.actions)


def test_a_question_is_answered_though_the_person_is_safe_now() -> None:
    """With the contact at hand, as any question inside a danger."""
    now = after(
        Turn("im safe now just want to know why i still miss him", "ask_why_hard_to_leave", 0.9), in_danger("high_risk")
    )

    assert () == now.actions
    assert now.danger is not None


def test_how_to_clear_traces_erases_nothing_while_someone_watches() -> None:
    """Asked after being watched was told, it is a question for help."""
    question = Turn("how do i clear this", "delete_conversation")

    assert "clear_chat" == after(question, in_danger("monitored")).followup
    assert () == after(Turn("delete everything", "delete_conversation"), in_danger("monitored")).actions


def test_the_figures_of_a_story_are_in_no_danger_but_its_writer_may_be() -> None:
    """R16: fiction is told apart, until the person speaks of themselves."""
    writing = after(Turn("im writing a novel with a violent husband", "out_of_scope"))
    assert writing.fiction
    assert after(Turn("he locks the wife in the cellar", "describe_partner", level="high_risk"), writing).danger is None

    neighbour = Turn("hes beating her next door", "report_emergency", level="emergency")
    assert after(neighbour, writing).danger is not None

    told = after(Turn("ok its not a novel. he locks me in", "report_violence", level="high_risk"), writing)
    assert told.danger is not None


def test_a_guess_of_the_classifier_gives_way_to_a_correction_and_a_rule_does_not() -> None:
    """ "out of this JOB i mean" may still look like a danger to the classifier."""
    guessed = Turn("it was a joke", "deny", level="high_risk", rules=("classifier",), leaning_confidence=0.5)
    assert after(guessed, in_danger("high_risk")).danger is None

    sure = replace(guessed, rules=("strangulation",))
    assert ("utter_danger",) == after(sure, in_danger("high_risk")).actions


GUESS = ("classifier",)


@pytest.mark.parametrize(
    ("told", "text", "kept"),
    [("harm_to_others", "nobody is in danger", "harm_to_others"), ("", "it stopped. i think he left", "high_risk")],
)
def test_an_emergency_that_is_over_falls_back_to_what_was_told_before(told: str, text: str, kept: str) -> None:
    """The contact that fits stays; the line for right now is no longer pressed on anybody."""
    now = after(Turn(text, "nlu_fallback"), in_danger("emergency", told=told))

    assert now.danger is not None
    assert (kept, "safe") == (now.danger.level, now.followup)


def test_what_was_told_before_an_emergency_is_remembered() -> None:
    """Of several, the first; the other way round, a milder one told later."""
    suicidal = after(Turn("i took pills", "express_suicidal", level="emergency", rules=("overdose",)))
    assert suicidal.danger is not None
    assert ("suicide", "own_act") == (suicidal.danger.told, suicidal.danger.voice)

    harmer = after(Turn("ive got the knife", "express_harm_others", level="emergency"), in_danger("harm_to_others"))
    assert harmer.danger is not None
    assert ("harm_to_others", "harmer") == (harmer.danger.told, harmer.danger.voice)

    watched = after(Turn("he reads this", "report_monitoring", level="monitored"), in_danger("high_risk"))
    assert watched.danger is not None
    assert ("high_risk", "monitored") == (watched.danger.level, watched.danger.told)


def test_a_joke_after_pills_shows_the_contact_once_more() -> None:
    """R14 holds for an act as for a wish."""
    once = after(Turn("no just kidding", "deny"), in_danger("emergency", told="suicide"))
    assert ("correction_first", "emergency") == (once.followup, once.danger and once.danger.level)

    assert after(Turn("just kidding", "deny"), once).danger is None


def test_a_correction_takes_back_the_worse_of_two_dangers() -> None:
    """ "false alarm, it was the neighbour" leaves what he did before."""
    now = after(Turn("false alarm it was the neighbor", "deny"), in_danger("emergency", told="high_risk"))

    assert now.danger is not None
    assert ("high_risk", "correction") == (now.danger.level, now.followup)


def test_a_danger_may_be_somebody_elses() -> None:
    """ "no its my sister" says whose it is, and takes nothing back."""
    now = after(Turn("no its my sister not me", "deny"), in_danger("high_risk"))

    assert now.danger is not None
    assert ("high_risk", "other", ("utter_danger",)) == (now.danger.level, now.danger.voice, now.actions)


def test_somebody_who_is_hurt_is_not_made_the_one_who_hurts() -> None:
    """By a guess; a rule, and a sentence on oneself, stand."""
    asleep = Turn("long day. she cooked", "describe_self", level="harm_to_others", rules=GUESS)
    assert "utter_danger" not in after(asleep, in_danger("abuse_disclosed")).actions
    assert ("utter_danger",) == after(replace(asleep, rules=("i_want_to_kill",)), in_danger("abuse_disclosed")).actions
    assert ("utter_danger",) == after(replace(asleep, text="i will get him"), in_danger("abuse_disclosed")).actions

    back = after(Turn("youve got it backwards, she hits me", "deny"), in_danger("harm_to_others", told="high_risk"))
    assert back.danger is not None
    assert ("high_risk", "wrong_way_round") == (back.danger.level, back.followup)
    mistaken = in_danger("harm_to_others", told="high_risk", last="harm_to_others", voice="harmer")
    put_right = after(Turn("no she is the one who hits", "deny"), mistaken)
    assert put_right.danger is not None
    assert ("self", "") == (put_right.danger.voice, put_right.danger.last)
    assert after(Turn("you misunderstood", "deny"), put_right).danger is None
    stays = after(Turn("im not gonna hurt anyone", "deny"), in_danger("harm_to_others"))
    assert stays.danger is not None
    assert "harm_to_others" == stays.danger.level


def test_a_guess_gives_way_to_what_people_say_after_a_danger() -> None:
    """ "hes asleep now" is a quiet moment; "he has a knife" beside it stays a danger."""
    asleep = Turn("he's asleep now", "report_emergency", level="emergency", rules=GUESS)
    assert "asleep" == after(asleep, in_danger("high_risk")).followup
    assert ("utter_danger",) == after(asleep).actions
    assert ("utter_danger",) == after(replace(asleep, rules=("weapon_now",)), in_danger("high_risk")).actions


def test_who_has_to_go_gets_a_few_words() -> None:
    """A screen full of numbers is a risk when he is at the door."""
    gone = Turn("gotta go hes home", "report_emergency", level="emergency", rules=GUESS)

    assert "goodbye" == after(gone, in_danger("high_risk")).followup


def test_an_age_told_later_makes_it_a_childs_danger() -> None:
    """ "i am 9", after what the father does."""
    now = after(Turn("i am 9", "nlu_fallback", voice="child"), in_danger("abuse_disclosed"))

    assert now.danger is not None
    assert ("child_at_risk", "child") == (now.danger.level, now.danger.voice)
    later = after(Turn("he hits mum now", "report_emergency", level="emergency"), now)
    assert later.danger is not None
    assert "child" == later.danger.voice


@pytest.mark.parametrize("level", ["emergency", "suicide", "child_at_risk", "harm_to_others", "high_risk", "monitored"])
def test_what_is_asked_after_a_danger_has_words_of_its_own(level: str) -> None:
    """Before the article, which knows nothing of doctors; after some dangers only where it says so."""
    assert "doctor" == after(Turn("should i see a doctor", "ask_therapy"), in_danger(level)).followup
    told = after(Turn("should i tell my teacher", "ask_how_to_leave"), in_danger(level)).followup
    assert (told == "tell_grown_up") is (level == "child_at_risk")


def test_doubt_of_oneself_takes_nothing_back() -> None:
    """ "am i being dramatic" is asked by people who are hurt; "sorry, im being dramatic" is a correction."""
    assert "doubting" == after(Turn("is that stalking or am i being dramatic", "deny"), in_danger("high_risk")).followup
    assert after(Turn("sorry im being dramatic", "deny"), in_danger("high_risk")).danger is None


def test_a_correction_means_the_latest_alarm() -> None:
    """ "no i dont want to hurt anyone", said to a milder guess, leaves the attack that was told; so does "im not suicidal"."""
    now = after(
        Turn("you misunderstood", "deny"), in_danger("emergency", last="abuse_disclosed", told="abuse_disclosed")
    )
    assert now.danger is not None
    assert ("emergency", "correction", "") == (now.danger.level, now.followup, now.danger.told)

    assert after(Turn("im not suicidal", "deny"), in_danger("emergency", last="emergency")).danger is not None


def test_a_danger_taken_for_somebody_elses_is_taken_back_as_ones_own() -> None:
    """ "no its me", said to words for a worried friend."""
    now = after(Turn("no its me. its my phone", "deny"), in_danger("monitored", voice="other"))

    assert now.danger is not None
    assert ("self", ("utter_danger",)) == (now.danger.voice, now.actions)


@pytest.mark.parametrize(
    ("text", "erases"),
    [
        ("delete everything i said", True),
        ("please forget everything", True),
        ("wipe this chat", True),
        ("forget it, whatever", False),
        ("i will delete this chat later", False),
        ("ok. deleting this now. thank u", False),
    ],
)
def test_only_a_plain_wish_erases_what_was_told_in_a_danger(text: str, erases: bool) -> None:
    """What is gone takes the contact with it."""
    now = after(Turn(text, "delete_conversation"), in_danger("child_at_risk"))

    assert erases is (now.actions == ())


def test_the_stop_word_is_explained_where_it_is_asked_about() -> None:
    """Alone it stops; in a question it is only spoken of."""
    for memory in (TALKED, in_danger("monitored")):
        assert ("utter_device_yes",) == after(Turn("what does umbrella do", "nlu_fallback"), memory).actions
    assert () == after(Turn("i forgot my umbrella", "out_of_scope")).actions


def test_a_sure_question_is_answered_though_it_also_complains() -> None:
    """ "thats not what i asked. how does no contact work" needs its answer."""
    asked = Turn("thats not what i asked. how do i do no contact", "ask_no_contact", confidence=0.9)

    assert () == after(asked, in_danger("high_risk")).actions
    assert "unheard" == after(replace(asked, confidence=0.4), in_danger("high_risk")).followup


def test_a_danger_told_while_a_friend_is_talked_about_is_the_friends() -> None:
    """ "he broke her wrist", after "my sister wont leave him"; not "he broke my wrist"."""
    for text, voice in (("he broke her wrist", "other"), ("he broke my wrist", "self")):
        now = after(Turn(text, "report_violence", level="high_risk"), topic="concern_for_other/they_wont_leave")
        assert now.danger is not None
        assert voice == now.danger.voice


def test_im_fine_is_the_second_correction_and_never_the_first() -> None:
    """R14: it says so little that it takes nothing back by itself."""
    fine = Turn("no fr im fine", "describe_self")

    assert after(fine, in_danger("suicide", corrected=1)).danger is None
    assert after(fine, in_danger("suicide")).danger is not None


def test_leaving_and_abuse_are_high_risk_in_whichever_order_they_are_told() -> None:
    """SAFETY.md: about to leave a violent person."""
    leaving = after(Turn("im leaving him on friday", "ask_how_to_leave"))
    assert (None, True) == (leaving.danger, leaving.leaving)
    told = after(Turn("hes violent", "report_violence", level="abuse_disclosed"), leaving)
    assert told.danger is not None
    assert "high_risk" == told.danger.level

    later = after(Turn("im leaving him on friday", "ask_how_to_leave"), in_danger("abuse_disclosed"))
    assert later.danger is not None
    assert "high_risk" == later.danger.level


def test_what_was_taken_back_and_was_true_stands_again() -> None:
    """ "kms", "jk", "nah i lied": also where another subject came between."""
    kicked = after(Turn("i was joking", "deny"), in_danger("emergency"))
    assert kicked.danger is None
    assert kicked.withdrawn is not None
    back = after(Turn("no i meant it", "deny"), kicked)
    assert back.danger is not None
    assert ("emergency", ("utter_danger",), None) == (back.danger.level, back.actions, back.withdrawn)

    once = after(Turn("jk", "deny"), in_danger("suicide"))
    moved_on = after(Turn("what are the signs", "ask_signs", 0.99), once)
    assert moved_on.danger is None
    again = after(Turn("nah i lied i really do want to", "ask_is_it_my_fault"), moved_on)
    assert again.danger is not None
    assert "suicide" == again.danger.level
    assert Memory.from_slot(moved_on.as_slot()) == moved_on


def test_to_hit_back_keeps_the_level_of_what_was_done() -> None:
    """SAFETY.md; and nobody is spoken to as the one who harms for it."""
    back = Turn(
        "she hit me first and i hit her back",
        "express_harm_others",
        level="harm_to_others",
        rules=GUESS,
        voice="harmer",
    )
    for memory, level in ((TALKED, "abuse_disclosed"), (in_danger("high_risk"), "high_risk")):
        now = after(back, memory)
        assert now.danger is not None
        assert (level, "self") == (now.danger.level, now.danger.voice)
    asks = after(replace(back, text="should i hit him back"), in_danger("abuse_disclosed"))
    assert "hit_back" == asks.followup


def test_a_parent_who_is_hurt_is_no_child_at_risk() -> None:
    """One sentence puts it right."""
    told = Turn("no im his mother. he is 41", "deny")
    now = after(told, in_danger("child_at_risk", voice="other"))

    assert now.danger is not None
    assert ("abuse_disclosed", "self", "not_a_child") == (now.danger.level, now.danger.voice, now.followup)


def test_a_correction_of_the_suicide_path_is_respected_from_the_next_turn_on() -> None:
    """R14: what was told before it goes on."""
    corrected = in_danger("suicide", told="harm_to_others", corrected=1)
    now = after(Turn("what do i do now", "ask_branch_out"), corrected)

    assert now.danger is not None
    assert ("harm_to_others", "what_now") == (now.danger.level, now.followup)


def test_the_worse_of_two_dangers_falls_back_to_the_one_before_it() -> None:
    """Not to the milder one that came between."""
    watched = after(Turn("he checks my phone", "", level="monitored", rules=("rule",)), in_danger("child_at_risk"))
    now = after(Turn("he is hitting her now", "", level="emergency", rules=("rule",)), watched)

    assert now.danger is not None
    assert ("emergency", "child_at_risk") == (now.danger.level, now.danger.told)
