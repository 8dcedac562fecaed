"""What happens next: one turn, the memory of danger, and the decision between them.

Everything here is a pure function of the turn and the memory, so that the same message in the
same state always gets the same answer (R28). The rules for when the memory ends:

- a danger keeps the next QUIET_TURNS turns careful (LONG_QUIET_TURNS after an emergency or thoughts of suicide);
  every new danger starts the count again, and a worse one takes the place of a milder one;
- a correction ("that is not what I meant") ends it at once, except for suicide, where the contact is shown
  once more, and a second correction or another subject ends it (R14); "i lied, i do" brings back what was withdrawn;
- erasing the conversation or the stop word ends it with everything else.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.choices import parsed
from assistant.content import LEVELS, Concern, Content, PlanContent
from assistant.plan import CHOICE, Plan, advance, control
from assistant.text import key
from assistant.turns import shared_turns

QUIET_TURNS = 6
LONG_QUIET_TURNS = 10
LEANING = 0.5  # inside a danger, a message this likely to be a danger is taken as one

# Intents that are answered inside the safety path while a danger is remembered, by the follow-up they mean.
FOLLOWUPS = {
    "affirm": "affirm",
    "deny": "deny",
    "ask_more": "more",
    "thank": "thanks",
    "goodbye": "goodbye",
    "greet": "greet",
    "express_distress": "distress",
    "nlu_fallback": "default",
    "out_of_scope": "default",
    "stop_or_cancel": "goodbye",
}
# Asked inside a danger, these mean "help me", whatever their words.
SAFETY_INTENTS = {"report_emergency", "report_violence", "report_child_risk", "report_monitoring", "express_suicidal", "express_harm_others"}  # fmt: skip
# What a message means beside its intent, and is a question for help while this danger is remembered.
MEANS_HELP = {"monitored": {"taking_off"}, "harm_to_others": {"wants_to_stop"}, "child_at_risk": {"wants_to_stop"}}
# Told of oneself or the other inside such a danger, it is no description to hold against the signs of the article.
NO_SIGNS = set(LEVELS) - {"abuse_disclosed"}
DESCRIBED = {"describe_partner": "what_now", "describe_self": "distress"}
# Intents whose own answer follows the words of belief when abuse is told with them.
ANSWERED_WITH_ABUSE = ("ask_", "describe_", "concern_")
ON_ARTICLE = ("ask_", "concern_")  # intents of questions, most of them on the article
TOLD_NOW = {"suicide", "child_at_risk", "harm_to_others", "high_risk", "abuse_disclosed"}  # "just now" makes it urgent
# A question less likely to be one on the article is taken, in a grave danger, for one on the danger: on the conversations
# of validation that puts 9 of 12 right.
OF_ARTICLE = 0.52
# Asks why or whether something is so, for oneself or in general, not what to do: however unsure, one on the article.
OF_KNOWLEDGE = re.compile(
    r"\b(?:why (?:do|does|did|is|are|am|cant|can't)|is (?:it|this|that) (?:normal|common|weird|wrong|love)|what (?:did|does|do) (?:it|that|this|you) mean)\b"
    r"|\bpeople\b[^?]*\?|\btrauma[ -]?bond",
    re.IGNORECASE,
)
SURE = 0.8  # a message this likely to be a danger takes nothing back; a question this sure is one inside a plan
# Follow-up of a correction in words: somebody else may hold the phone. A button is pressed on purpose.
ONCE_MORE = "once_more"
SURELY = 0.98  # so sure a guess of an emergency stands, whatever else was said
QUESTION = re.compile(
    r"\?|^(?:(?:so|and|but|ok|wait|hang on|also|btw|hey|sorry|umm?)[, ]+)*(?:what|whats|why|how|hows|who|whos|when|where|which|is|are|am|do|does|did|can|could"
    r"|should|would|will|tell me|explain|give me|i want to know|i need a)\b",
    re.IGNORECASE,
)
ASIDE = ("ask_", "delete_", "bot_", "inform_", "out_of_")  # what may be said inside a plan and is no answer to it
# Inside a danger, what is told of others ("he has a key", "hes at work", "we're married") asks nothing of the article.
STATEMENT = re.compile(
    r"^(?:(?:ok|okay|and|but|so|now|also|then|omg|sorry)[, ]+)*(?:he|she|they|it|we|hes|shes|theyre|he's|she's|they're|we're)\b[^?]*$",
    re.IGNORECASE,
)
# Somebody who told that they are hurt is taken for one who hurts only if they speak of themselves.
HURT = {"child_at_risk", "high_risk", "monitored", "abuse_disclosed"}
OWN_ACT = {"overdose", "attempt_under_way", "plan_tonight"}  # rules of an emergency that is suicide
SHORT = 14  # words; so short a message that says "gone now" tells nothing else
# A message that asks something is answered, also where it says that the danger is over for now.
ASKS = re.compile(
    r"\?|(?:^|[.!,;] *|\b(?:so|and|but|ok) )(?:should|shall|what|why|can|could|do i|how|where|will|would|is it)\b",
    re.IGNORECASE,
)
FAREWELL = re.compile(r"\b(?:bye|good ?night|night|thank|thanks|thx|ty|take care)\b", re.IGNORECASE)
THIRD_PERSON = re.compile(  # "she is alone i think", told of somebody one worries about
    r"^(?:(?:ok|okay|and|but|so|now|also|then|omg|sorry|no|i think|i guess|i heard)[, ]+)*(?:he|she|they|hes|shes|theyre|he's|she's|they're|her|his|their)\b"
    r"(?!.*\b(?:me|my|us|hurt myself)\b)",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(r"\b(?:i|im|i'm|ive|i've|me|my|mine|myself|we|us|our)\b", re.IGNORECASE)
# Denied, it says nothing of another danger.
OF_SUICIDE = re.compile(r"suicid|kill(?:ing)? myself|\bunalive", re.IGNORECASE)
ASKED_WORD = re.compile(
    r"\b(?:what|whats|how|does|do|mean|means|word|why|if|will|would|can|when)\b", re.IGNORECASE
)  # of the stop word
I_DO = re.compile(r"\b(?:i|im|i'm|ive|i've|ill|i'll|id|i'd|we)\b", re.IGNORECASE)
# What erases for good is asked for in so many words: not "forget it", not "i will delete this later".
ERASE = re.compile(
    r"^(?!.*\b(?:i will|ill|i'll|im|i'm|ima|gonna|going to|deleting|later)\b).*"
    r"\b(?:(?:delete|erase|wipe|clear|remove|destroy)\b|forget (?:everything|all|what|it all|this (?:chat|talk|conversation)|our|me\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Turn:
    """What is known of the message just written."""

    text: str
    intent: str
    confidence: float = 0.0  # of the intent
    level: str = "none"
    rules: tuple[str, ...] = ()
    leaning: str = "none"  # the likeliest danger, even where it stayed under its threshold
    leaning_confidence: float = 0.0
    voice: str = "self"
    command: bool = False  # a button's payload, not typed words
    choice: str = ""  # what a button said beside its intent
    readable: bool = True  # holds at least one letter or digit
    foreign: str = ""  # language code, where it is not English

    @property
    def said(self) -> frozenset[str]:
        """What the message means inside a conversation: the ids of content/screen/turns.yml."""
        return frozenset() if self.command else shared_turns().meanings(self.text)

    @classmethod
    def of(cls, parse: dict[str, Any]) -> Turn:
        """Return the turn of Rasa's parse result `parse`."""
        text = parse.get("text") or ""
        safety = parse.get("safety") or {}
        leaning = safety.get("leaning") or {}
        choice = next((e["value"] for e in parse.get("entities", []) if e.get("entity") == "choice"), "")
        return cls(
            text=text,
            intent=(parse.get("intent") or {}).get("name") or "nlu_fallback",
            confidence=(parse.get("intent") or {}).get("confidence") or 0.0,
            level=safety.get("level", "none"),
            rules=tuple(e["rule"] for e in safety.get("evidence", [])),
            leaning=leaning.get("level", "none"),
            leaning_confidence=leaning.get("confidence", 0.0),
            voice=parse.get("voice") or "self",
            command=text.startswith("/") and "safety" not in parse,
            choice=str(choice),
            readable=any(c.isalnum() for c in text),
            foreign=parse.get("language") or "",
        )


@dataclass(frozen=True)
class Danger:
    """The memory of a danger told earlier in this conversation."""

    level: str
    told: str = ""  # the milder level that was told before it, or stays where it is over
    voice: str = "self"
    rules: tuple[str, ...] = ()
    intent: str = ""  # of the message that told it
    quiet: int = 0  # turns without danger since
    shown: int = 0  # times its reply was said
    corrected: int = 0
    last: str = ""  # level of the latest alarm, which a correction means

    @property
    def over(self) -> bool:
        long = self.level in ("emergency", "suicide")
        return self.quiet > (LONG_QUIET_TURNS if long else QUIET_TURNS)


@dataclass(frozen=True)
class Memory:
    """What the policy carries from turn to turn; kept in the slot `memory`."""

    turn: int = 0
    danger: Danger | None = None
    withdrawn: Danger | None = None  # the last danger that was corrected, as long as nothing was told after it
    device: str = ""  # "", "asked" or "answered": whether someone else may see this (R8)
    leaving: bool = False  # the person said that they are about to leave somebody
    fiction: bool = False  # the person writes a story: its figures' dangers are none (R16)
    plan: Plan | None = None  # the safety plan that is being made
    chosen: str = ""  # payload of the choice that this turn typed by its number or title
    actions: tuple[str, ...] = ()  # decided for this turn; empty where the rules decide
    followup: str = ""  # which follow-up of the danger is said, or which step of the plan

    def as_slot(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_slot(cls, value: dict[str, Any] | None) -> Memory:
        if not value:
            return cls()
        dangers = {name: value.get(name) for name in ("danger", "withdrawn")}
        return cls(
            **{
                **value,
                **{name: Danger(**{**d, "rules": tuple(d["rules"])}) if d else None for name, d in dangers.items()},
                "plan": Plan.from_slot(value.get("plan")),
                "actions": tuple(value.get("actions", ())),
            }
        )


def worse(a: str, b: str) -> str:
    """Return the more urgent of two levels."""
    return min(a, b, key=LEVELS.index)


def decide(turn: Turn, memory: Memory, *, content: Content, handed_out: bool, topic: str = "") -> Memory:
    """Return the memory after `turn`; its `actions` say what is done, none meaning: as the rules say.

    `handed_out`: the command of this turn is one of the buttons that were shown last. `topic`: what was answered last.
    """
    danger = memory.danger
    now = replace(memory, turn=memory.turn + 1, actions=(), followup="", chosen="")
    if danger is not None:
        danger = replace(danger, quiet=danger.quiet + 1)
        if danger.corrected and turn.level != "suicide":  # the contact was shown once more; now it is respected (R14)
            danger = _milder(danger) or danger
        now = replace(now, danger=None if danger.over else danger)
    first = memory.turn == 0
    if not turn.command and key(turn.text) == content.phrases.stop_word:
        return Memory(actions=("action_stop",))
    said = turn.said
    level = _level(turn, now, said)
    if turn.level == "harm_to_others" != level and turn.voice == "harmer":
        turn = replace(turn, voice="self")
    now = replace(now, fiction=now.fiction or "fiction" in said, leaving=now.leaving or "leaves" in said)
    if turn.command and not handed_out:
        return replace(now, actions=("utter_typed_command",))
    if turn.choice == "false_alarm":
        corrected = _corrected(now)
        return replace(corrected, followup="") if corrected.followup == ONCE_MORE else corrected
    taken_back = now.withdrawn or (now.danger if now.danger and now.danger.corrected else None)
    if taken_back and "meant_it" in said:
        meant = replace(taken_back, quiet=0, corrected=0)
        return replace(now, danger=meant, withdrawn=None, actions=("utter_danger",))
    if now.danger:
        if settled := _settled(turn, level, now, now.danger, said, content):
            return settled
        if level != "none" and _gives_way(turn, level, now.danger, said, content):
            level = "none"
    if level != "none":
        # "he broke her wrist", said while a friend or a sister is talked about.
        if topic.startswith("concern_for_other") and turn.voice == "self" and not FIRST_PERSON.search(turn.text):
            turn = replace(turn, voice="other")
        return _danger(turn, level, replace(now, plan=_paused(now.plan)))
    now = _planned(turn, now, said, content.plan, topic)
    if now.actions:
        return now
    if turn.choice == "device" or (memory.device == "asked" and turn.intent == "affirm" and not now.danger):
        return replace(now, device="answered", actions=("utter_device_yes",))
    if memory.device == "asked":
        now = replace(now, device="answered")
        if turn.intent == "deny" and not now.danger:
            return replace(now, actions=("utter_device_no",))
    if first:
        now = replace(now, device="asked")
    asked = content.phrases.stop_word in key(turn.text).split() and ASKED_WORD.search(turn.text)
    if not turn.command and (asked or "stop_word" in said):
        return replace(now, device="answered", actions=("utter_device_yes",))
    if turn.foreign and not turn.command:
        return replace(now, actions=("utter_other_language",))
    if now.danger:
        return _remembered(turn, now, now.danger, said, content)
    if now.withdrawn and "takes_back" in said and not ASKS.search(turn.text):
        return _corrected(now)  # said again: it is heard again
    if not turn.readable:
        return replace(now, actions=("utter_empty",))
    return now


def choose(turn: Turn, payload: str, memory: Memory, **context: Any) -> Memory:
    """Return the memory after a `turn` that typed the number or title of a choice: the same as after its button.

    `context` is what else `decide` needs. Rasa's rules read what was typed, so what is done is always decided here.
    """
    if turn.level != "none":  # no choice is worth a danger
        return decide(turn, memory, handed_out=False, **context)
    button = Turn.of(parsed(payload))
    now = decide(button, memory, handed_out=True, **context)
    return replace(now, chosen=payload, actions=now.actions or (action_for(button.intent),))


def _planned(turn: Turn, now: Memory, said: frozenset[str], words: PlanContent, topic: str) -> Memory:
    """Return the memory after what `turn` does to the safety plan; without actions where it is not for the plan."""
    leading = control(turn.text if not turn.command else "", turn.choice, words)
    wanted = topic.startswith("ask_safety_plan") and turn.intent == "affirm" and not turn.command
    if now.plan is None:
        if turn.choice == f"{CHOICE}start" or "make_plan" in said or wanted:
            return replace(now, plan=Plan(), device="answered", followup="begin", actions=("utter_plan",))
        return now
    if "make_plan" in said or turn.choice == f"{CHOICE}start":
        leading = "resume"
    if now.plan.paused and leading not in ("resume", "show", "stop"):
        return now
    if now.plan.paused and leading == "stop" and not turn.choice:
        return now  # a bare "stop" means what is going on now
    if not leading and not turn.choice.startswith(CHOICE) and _is_aside(turn, now.plan, words):
        return replace(now, plan=_paused(now.plan))
    plan, kind = advance(now.plan, turn.text, turn.choice or (f"{CHOICE}{leading}" if leading else ""), words)
    return replace(now, plan=plan, followup=kind, actions=("utter_plan",))


def _is_aside(turn: Turn, plan: Plan, words: PlanContent) -> bool:
    """Return whether a message inside a plan is something else than an answer to its question."""
    if turn.command or turn.foreign or not turn.readable:
        return True
    if plan.step < 0 and turn.intent == "inform_location" and turn.confidence >= SURE:
        return True  # a town is no situation; later it may well be where somebody could go
    shown = plan.step >= len(words.steps)
    sure = turn.intent.startswith(ASIDE) and turn.confidence >= SURE
    if turn.intent in ("delete_conversation", "goodbye", "thank") and turn.confidence >= SURE:
        return True
    return (sure and bool(QUESTION.search(turn.text))) or (shown and not any(c.isdigit() for c in turn.text))


def _paused(plan: Plan | None) -> Plan | None:
    return replace(plan, paused=True) if plan else None


def _level(turn: Turn, memory: Memory, said: frozenset[str]) -> str:
    """Return the level of `turn`, read with what was told before it."""
    danger, level = memory.danger, turn.level
    if turn.command:
        return "none"
    # An emergency stands all the same: the next sentence may be about the neighbour.
    if memory.fiction and level != "emergency" and not FIRST_PERSON.search(turn.text):
        return "none"
    # About to leave somebody who abuses is high risk (SAFETY.md), in whichever order it is told.
    if level == "abuse_disclosed" and (memory.leaving or "leaves" in said):
        level = "high_risk"
    # To hit back keeps the level of what was done to the writer (SAFETY.md).
    if level == "harm_to_others" and "fought_back" in said and "hit_back" not in said:
        level = danger.level if danger and danger.level in HURT else "abuse_disclosed"
    if danger is None:
        return level
    if (
        level in ("none", "abuse_disclosed")
        and danger.level == "abuse_disclosed"
        and ("leaves" in said or "pregnant" in said)
    ):
        level = "high_risk"
    if level == "none" and turn.leaning_confidence >= LEANING and turn.intent in SAFETY_INTENTS:
        level = turn.leaning
    if level in ("none", "abuse_disclosed", "high_risk") and danger.level in TOLD_NOW and "right_now" in said:
        return "emergency"
    if danger.level == "emergency" and level == "high_risk":
        return "emergency"  # "he has a knife", said while someone is at the door
    return level


def _guessed(turn: Turn) -> bool:
    """Return whether only the classifier tells a danger, and no rule."""
    return set(turn.rules) == {"classifier"}


def _unsure(turn: Turn, level: str) -> bool:
    """Return whether a message may take a danger back: it tells none itself, or only the classifier guesses so."""
    return level == "none" or (_guessed(turn) and turn.leaning_confidence < SURE)


def _settled(
    turn: Turn, level: str, now: Memory, danger: Danger, said: frozenset[str], content: Content
) -> Memory | None:
    """Return the memory after a `turn` that changes what is known of a `danger`: whose it is, or that it is over."""
    if turn.command:
        return None
    unsure = _unsure(turn, level) or (_guessed(turn) and level == danger.level)
    no_rule = level == "none" or _guessed(turn)
    if "other_person" in said and no_rule:
        return replace(now, danger=replace(danger, voice="other", quiet=0), actions=("utter_danger",))
    if "own_danger" in said and danger.voice == "other" and no_rule:
        return replace(now, danger=replace(danger, voice="self", quiet=0), actions=("utter_danger",))
    if "must_go" in said and no_rule:
        return _remembered_as(now, "goodbye")
    is_hurt = danger.level == "harm_to_others" and "is_hurt" in said
    if "wrong_way_round" in said and (is_hurt or (danger.told in HURT and no_rule)):
        hurt = danger.told if danger.told in HURT else "abuse_disclosed"
        return _remembered_as(replace(now, danger=_fallen(danger, hurt)), "wrong_way_round")
    if "not_a_child" in said and "child_at_risk" in (danger.level, danger.told) and turn.voice != "child":
        hurt = danger.told if danger.told in HURT - {"child_at_risk"} else "abuse_disclosed"
        return _remembered_as(replace(now, danger=replace(_fallen(danger, hurt), voice="self")), "not_a_child")
    if "safe_now" in said and danger.voice != "own_act" and not ASKS.search(turn.text):
        farewell = level == "none" and FAREWELL.search(turn.text)
        known = level == "none" or (len(turn.text.split()) <= SHORT and unsure)
        if known and not farewell and (danger.level == "emergency" or level != "none"):
            over = danger.level == "emergency"
            safer = replace(_fallen(danger, danger.told or "high_risk"), voice=danger.voice) if over else danger
            else_said = (c.id for c in _concerns(said, safer, content) if c.id != "asleep")
            return _remembered_as(replace(now, danger=safer), next(else_said, "safe"))
        return None
    other = OF_SUICIDE.search(turn.text) and "suicide" not in (danger.level, danger.told, danger.last)
    again = danger.corrected and "fine" in said
    if ("takes_back" in said or again) and "doubting" not in said and unsure and not other:
        return _corrected(now)
    if level == "none" and turn.voice == "child" and danger.voice != "child":
        grown = danger.level in ("emergency", "suicide", "child_at_risk", "high_risk")
        return _danger(turn, danger.level if grown else "child_at_risk", now)
    return None


def _gives_way(turn: Turn, level: str, danger: Danger, said: frozenset[str], content: Content) -> bool:
    """Return whether the classifier's guess at a `level` is none: what was said has a meaning of its own after a danger,
    or is a question that is answered beside its contacts, or somebody who is hurt would be taken for one who hurts,
    though they do not speak of themselves."""
    if not _guessed(turn):
        return False
    known = LEVELS.index(level) >= LEVELS.index(danger.level)  # it tells nothing worse than what is known
    surely = level == "emergency" != danger.level and turn.leaning_confidence >= SURELY
    if not surely and any(concern.settles or known for concern in _concerns(said, danger, content)):
        return True
    asks = turn.intent.startswith(ON_ARTICLE) and QUESTION.search(turn.text)
    if asks and turn.leaning_confidence < SURE and level != "emergency":  # the contacts stand beside its answer
        return True
    if level != "harm_to_others" or danger.told == level:
        return False
    return (
        danger.voice == "other" or danger.level == "emergency" or (danger.level in HURT and not I_DO.search(turn.text))
    )


def _concerns(said: frozenset[str], danger: Danger, content: Content) -> list[Concern]:
    """Return what was said of content/after_danger.yml that has words after `danger`, in its order."""
    return [
        concern
        for id, concern in content.concerns.items()
        if id in said and concern.words(danger.level, danger.told, danger.voice)
    ]


def _corrected(now: Memory) -> Memory:
    danger = now.danger
    if danger is None:
        return replace(now, actions=("utter_correction",))
    if danger.last and danger.last != danger.level:  # that was a milder one; the danger before it stands
        told = "" if danger.told == danger.last else danger.told
        stays = replace(danger, told=told, voice=_own(danger.voice), last=danger.level)
        return _remembered_as(replace(now, danger=stays), "correction")
    if "suicide" in (danger.level, danger.told) and danger.corrected == 0:
        return _remembered_as(replace(now, danger=replace(danger, corrected=1)), "correction_first")
    if milder := _milder(danger):  # only the worse of the two was an alarm too many
        return _remembered_as(replace(now, danger=milder), "correction")
    return replace(now, danger=None, withdrawn=danger, followup=ONCE_MORE, actions=("utter_correction",))


def _milder(danger: Danger) -> Danger | None:
    """Return what stays of a `danger` that was read wrong: the milder one told before it, if any."""
    return _fallen(danger, danger.told) if danger.told not in ("", "suicide") else None


def _fallen(danger: Danger, level: str) -> Danger:
    """Return `danger` as it goes on at a milder `level`, where nothing but thoughts of suicide has been corrected yet."""
    corrected = danger.corrected if level == "suicide" else 0
    return replace(danger, level=level, told="", voice=_own(danger.voice), quiet=0, corrected=corrected, last="")


def _own(voice: str) -> str:
    """Return the voice that stays when an emergency by one's own hand was read wrong."""
    return "self" if voice in ("own_act", "harmer") else voice


def _danger(turn: Turn, level: str, now: Memory) -> Memory:
    before, said = now.danger, turn.said
    shown = before.shown + 1 if before and before.level == level else 0
    kept, told = (level, "") if before is None else (worse(level, before.level), before.told)
    if before and kept != before.level:
        told = before.level
    elif before and not told and before.level != level and not _guessed(turn):
        told = level
    if kept == "emergency" and OWN_ACT & set(turn.rules):
        told = "suicide"
    if "pregnant" in said and level == "high_risk":
        turn = replace(turn, rules=("pregnancy", *turn.rules))
    rules = turn.rules if before is None else tuple(dict.fromkeys([*turn.rules, *before.rules]))
    voice = _voice(turn, kept, told, before)
    here = Danger(level=kept, told=told, voice=voice, rules=rules, intent=turn.intent, shown=shown, last=level)
    actions: tuple[str, ...] = ("utter_danger",)
    if level == "abuse_disclosed" and turn.intent.startswith(ANSWERED_WITH_ABUSE):
        actions = ("utter_danger", action_for(turn.intent))
    return replace(now, danger=here, withdrawn=None, actions=actions)


def _voice(turn: Turn, level: str, told: str, before: Danger | None) -> str:
    """Return whose words a reply answers: a child stays one, and in an emergency it counts who is the danger."""
    known = before.voice if before else ""
    if "child" in (turn.voice, known):
        return "child"
    of_them = not FIRST_PERSON.search(turn.text) or THIRD_PERSON.search(turn.text)
    if (known == "other" and of_them) or (known == "harmer" and level == "harm_to_others"):
        return known
    if level == "emergency" and turn.voice == "self":
        return {"suicide": "own_act", "harm_to_others": "harmer"}.get(told, turn.voice)
    return turn.voice


def _remembered_as(now: Memory, followup: str) -> Memory:
    return replace(now, followup=followup, actions=("utter_danger_followup",))


def _remembered(turn: Turn, now: Memory, danger: Danger, said: frozenset[str], content: Content) -> Memory:
    """Return what a turn without danger of its own does while a danger is remembered (R13)."""
    if followup := _followup(turn, danger, said, content):
        return _remembered_as(now, followup)
    return replace(now, danger=_milder(danger), withdrawn=danger) if danger.corrected else now


def _followup(turn: Turn, danger: Danger, said: frozenset[str], content: Content) -> str:
    """Return which follow-up of `danger` answers `turn`, "" where its own answer does."""
    if turn.command:
        return ""
    if "why" in said:
        return "why"
    if concern := next(iter(_concerns(said, danger, content)), None):
        sure = turn.intent.startswith("ask_") and turn.confidence >= SURE
        if not (concern.yields and (sure or FAREWELL.search(turn.text))):
            return concern.id
    means_help = MEANS_HELP.get(danger.level, set()) | MEANS_HELP.get(danger.told, set())
    if turn.intent == "delete_conversation" and not ERASE.search(turn.text) and "taking_off" not in said:
        return "goodbye"
    if "what_now" in said or turn.intent in SAFETY_INTENTS or said & means_help:
        return "what_now"
    asks = turn.intent.startswith("ask_") or ASKS.search(turn.text)
    if "safe_now" in said and not FAREWELL.search(turn.text) and not asks:
        return "safe"
    if not turn.readable:
        return "default"
    answer = content.answers.get(turn.intent)
    of_article = bool(answer and answer.source)
    doubtful = turn.confidence < OF_ARTICLE and danger.level != "abuse_disclosed" and not OF_KNOWLEDGE.search(turn.text)
    if turn.intent.startswith(ON_ARTICLE) and (STATEMENT.search(turn.text) or (of_article and doubtful)):
        return "what_now"
    if turn.intent == "concern_for_other" and danger.voice in ("child", "harmer"):
        return "distress"  # words for those who worry about somebody else are not for them
    if danger.level in NO_SIGNS and turn.intent in DESCRIBED and not danger.corrected:
        return DESCRIBED[turn.intent]
    return FOLLOWUPS.get(turn.intent, "")


def action_for(intent: str) -> str:
    """Return the action that answers `intent` in its rule."""
    return ACTIONS.get(intent, "action_answer")


ACTIONS = {
    "ask_more": "action_more",
    "ask_hotline": "action_hotline",
    "inform_location": "action_location",
    "describe_partner": "action_reflect",
    "describe_self": "action_reflect",
    "delete_conversation": "action_delete",
    "nlu_fallback": "action_fallback",
    "out_of_scope": "action_fallback",
}
