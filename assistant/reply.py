"""What is said: composes reviewed words, contacts and choices into one reply.

Nothing is worded here. Given the same content, state and message, the reply is the same, except
that words which were said before give way to others (R26).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.brief import Parts, compose
from assistant.choices import payload
from assistant.content import ARTICLE, MOST_CHARACTERS, Choice, Content
from assistant.dialogue import ONCE_MORE, Danger, Memory
from assistant.people import People
from assistant.plan import CHOICE, Plan
from assistant.regions import Regions
from assistant.text import key
from assistant.turns import shared_turns

MOST_SIGNS = 3
SMS = "sms"
SHORT = "short"  # key of the short form in the data of a reply
ANSWERS = {"affirm", "deny", "default", "distress", "more", "what_now"}  # for which a voice may have words of its own
URGENT = ("emergency", "suicide")
SHOWN_ONCE_MORE = ("emergency", "child_at_risk", "harm_to_others", "high_risk")  # of suicide it was (R14)
SELF_INTRODUCING = {"greet", "bot_challenge"}


class Aside(str):
    """A part of a reply that stands around the answer: a short form says it in other words, or not at all."""


class Introduction(Aside):
    """What this is (R25)."""


class Contacts(Aside):
    """Whom to reach."""


class PlaceNote(Aside):
    """Which place the contacts are for."""


class DeviceQuestion(Aside):
    """Whether someone else may see this (R8)."""


@dataclass
class Reply:
    """One reply: short messages, choices below the last, and data for the channel."""

    parts: list[str]
    buttons: list[dict[str, str]] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the messages joined by blank lines, where channels split them again."""
        return "\n\n".join(self.parts)

    def as_message(self) -> dict[str, Any]:
        """Return the reply as a Rasa response."""
        message: dict[str, Any] = {"text": self.text, "buttons": self.buttons}
        if self.custom:
            message["custom"] = self.custom
        return message


@dataclass(frozen=True)
class State:
    """What a reply depends on beside its topic."""

    said: Sequence[str] = ()  # texts of the assistant so far, newest last
    memory: Memory = field(default_factory=Memory)
    region: str | None = None
    topic: str = ""  # what was talked about last: an intent or intent/item
    about: str = ""  # whom it is about: a key of content/people.yml
    channel: str = ""  # by which the person writes

    @property
    def first(self) -> bool:
        return self.memory.turn <= 1


class Replies:
    """Composes every reply from the reviewed content."""

    def __init__(self, content: Content, default_region: str) -> None:
        """Raise `KeyError` when there is no content for `default_region`."""
        self.content = content
        self.regions = Regions(content, default_region)
        self.people = People(content.people)

    def spoken(self, reply: Reply, state: State) -> Reply:
        """Return `reply` as it is said on the channel of `state`, with the person it is about, where one is known."""
        parts: list[str] = [type(part)(self.people.name(part, state.about)) for part in reply.parts]
        reply = replace(reply, buttons=list({button["payload"]: button for button in reply.buttons}.values()))
        channels = self.content.channels
        if state.channel not in channels.kept:
            return replace(reply, parts=parts)
        custom = dict(reply.custom)
        if state.channel == SMS:
            brief = compose(self._parts(parts, reply, state), channels.sms)
            custom[SHORT] = {"text": brief.text, "rest": brief.rest}
        if state.first:
            parts.insert(0, Aside(channels.opening))
        return replace(reply, parts=parts, custom=custom)

    def _parts(self, parts: Sequence[str], reply: Reply, state: State) -> Parts:
        """Return what the short form of `reply` is made of."""
        sms = self.content.channels.sms
        level = reply.custom.get("level", "")
        contacts = reply.custom.get("contacts", [])
        device = sms.device.format(stop_word=self.content.phrases.stop_word)
        frame = [sms.intro for part in parts if isinstance(part, Introduction)]
        frame += [device for part in parts if isinstance(part, DeviceQuestion)]
        belief = len(state.memory.actions) > 1 and bool(contacts) and state.said  # said in this same turn
        at = next((i for i, part in enumerate(parts) if isinstance(part, Contacts)), len(parts))
        place = self.regions.get(state.region)
        noted = any(isinstance(part, PlaceNote) for part in parts) and state.region is None
        return Parts(
            words=[part for part in parts[:at] if not isinstance(part, Aside)],
            after=[part for part in parts[at:] if not isinstance(part, Aside)],
            contacts=contacts,
            place=sms.place.format(region=place.in_sentence or place.name) if noted else "",
            goes_on=next((i for i, b in enumerate(reply.buttons) if b["payload"] == payload("ask_more")), None),
            section=(reply.custom.get("source") or {}).get("section", ""),
            titles=[button["title"] for button in reply.buttons],
            opening=sms.opening if state.first else "",
            frame=frame,
            before=state.said[-1] if belief else "",
            urgent=level == "emergency",
            danger=bool(contacts) and not reply.custom.get("source"),
        )

    # --- choosing words

    def fresh(self, variants: Sequence[list[str]], said: Sequence[str]) -> list[str]:
        """Return the first of `variants` not said yet, else the one said longest ago."""
        usable = [v for v in variants if v]

        def last_said(variant: list[str]) -> int:
            text = "\n\n".join(variant)
            return max((i for i, old in enumerate(said) if text in old), default=-1)

        return min(usable, key=last_said)

    def phrase(self, variants: Sequence[str], said: Sequence[str]) -> str:
        """Return one sentence of `variants`, chosen as in `fresh`."""
        return self.fresh([[v] for v in variants], said)[0]

    # --- choices

    def title(self, target: str) -> str:
        topic, _, item = target.partition("/")
        answer = self.content.answers[topic]
        found = answer.item(item)
        return found.title if found else answer.title

    def section(self, target: str) -> str:
        """Return the section of the article that `target` (intent or intent/item) retells, empty for none."""
        topic, _, id = target.partition("/")
        item = self.content.answers[topic].item(id)
        return (item.source if item else "") or self.content.answers[topic].source

    def choice(self, target: str) -> dict[str, str]:
        """Return the button that leads to the answer `target` (intent or intent/item)."""
        topic, _, item = target.partition("/")
        return {"title": self.title(target), "payload": payload(topic, item=item) if item else payload(topic)}

    def choices(self, *names: Choice) -> list[dict[str, str]]:
        """Return the standing choices `names`, as phrases.yml words them."""
        leads: dict[Choice, str] = {
            "false_alarm": payload("deny", choice="false_alarm"),
            "more": payload("ask_more"),
            "hotline": payload("ask_hotline"),
            "plan": payload("ask_safety_plan"),
            "device": payload("ask_privacy", choice="device"),
            "privacy": payload("ask_privacy"),
        }
        return [{"title": self.content.phrases.choices[name], "payload": leads[name]} for name in names]

    # --- answers

    def answer(self, topic: str, state: State, also: Sequence[str] = (), near: Sequence[str] = ()) -> Reply:
        """Return the answer to `topic`; shorter, with a contact kept at hand, while a danger is remembered.

        The facts `near` were nearly as likely meant: what comes first of each is told with it where there is room.
        What the message asked `also` is offered next.
        """
        intent, _, id = topic.partition("/")
        answer = self.content.answers[intent]
        item = answer.item(id)
        danger = state.memory.danger
        variants = [item.say, item.again, answer.say] if item else [answer.say, answer.again, *answer.more]
        parts = list(self.fresh(variants, state.said))
        section = self.section(topic)
        if danger:
            parts = parts[:2]
        told_too = self._told_too(near, parts, state) if item and not danger else {}
        parts += told_too.values()
        sections = [section, *map(self.section, told_too)]
        parts += self._source("; ".join(dict.fromkeys(filter(None, sections))))
        buttons = [self.choice(target) for target in answer.offer if target != topic][:3]
        if answer.more and not danger:
            buttons = self.choices("more") + buttons[:2]
        second = next((t for t in also if t != intent and t in self.content.answers), None)
        if intent == "ask_safety_plan" and state.memory.plan is None:
            buttons = [self._plan_choice("start"), *buttons[:2]]
        if second and not danger:
            title = self.title(second)
            parts.append(self.phrase(self.content.phrases.other_topics, state.said).format(topic=title))
            buttons = [self.choice(second), *(b for b in buttons if b["title"] != title)][:3]
        reply = Reply(parts, buttons, self._custom(topic=topic, section=section))
        if told_too:
            reply.custom["near"] = list(told_too)
        return self._frame(reply, state, introduced=intent in SELF_INTRODUCING)

    def _told_too(self, topics: Sequence[str], parts: Sequence[str], state: State) -> dict[str, str]:
        """Return what comes first of each item of `topics`, but for what was just said or has no room by `parts`."""
        told = dict[str, str]()
        for topic in topics:
            intent, _, id = topic.partition("/")
            answer = self.content.answers.get(intent)
            item = answer.item(id) if answer else None
            words = item.say[0] if item else ""
            fits = len("\n".join([*parts, *told.values(), words])) <= MOST_CHARACTERS
            if words and fits and not any(words in said for said in [*parts, *told.values(), *state.said]):
                told[topic] = words
        return told

    def more(self, text: str, state: State) -> Reply:
        """Return what a follow-up ("why?", "and in me?", "tell me more") asks of the last topic."""
        intent, _, id = state.topic.partition("/")
        answer = self.content.answers.get(intent)
        if answer is None:
            return self.answer("ask_more", state)
        target = self.follow(text, state.topic)
        if target:
            return self.answer(target, state)
        item = answer.item(id)
        steps = [*([answer.say] if item else []), *answer.more]
        unsaid = [s for s in steps if not any("\n\n".join(s) in old for old in state.said)]
        if unsaid:
            section = answer.source
            reply = Reply([*unsaid[0], *self._source(section)], [], self._custom(state.topic, section))
            offers = [self.choice(t) for t in answer.offer][:2]
            reply.buttons = (self.choices("more") if len(unsaid) > 1 else []) + offers
            return self._frame(reply, state)
        missing = self.phrase(self.content.phrases.follow_missing, state.said)
        return self._frame(Reply([missing], [self.choice(t) for t in answer.offer][:3]), state)

    def follow(self, text: str, topic: str) -> str:
        """Return where the follow-up `text` leads from `topic`, or an empty string."""
        intent, _, id = topic.partition("/")
        answer = self.content.answers.get(intent)
        if answer is None:
            return ""
        item = answer.item(id)
        said = f" {key(text)} "
        if "why" in shared_turns().meanings(text):
            return (item.why if item else "") or answer.why
        for follow in [*(item.follow if item else []), *answer.follow]:
            if follow.to != topic and any(f" {key(phrase)} " in said for phrase in follow.when):
                return follow.to
        return ""

    def fallback(self, intent: str, near: Sequence[str], state: State) -> Reply:
        """Return what is said to something not understood, with the nearest topics as choices."""
        answer = self.content.answers[intent]
        parts = list(self.fresh([answer.say, answer.again, *answer.more], state.said))
        offered = [t for t in near if t in self.content.answers and self.content.answers[t].source][:2]
        offered += [t for t in answer.offer if t not in offered][: 3 - len(offered)]
        buttons = [self.choice(t) for t in offered] + self.choices("hotline")
        return self._frame(Reply(parts, buttons), state)

    def reflect(self, intent: str, signs: Sequence[str], described: Sequence[str], state: State) -> Reply:
        """Return which of the article's signs a description is like: at most three, never a diagnosis."""
        phrases = self.content.phrases
        new = [s for s in signs if s not in described][:MOST_SIGNS]
        if not new:
            answer = self.content.answers[intent]
            if danger := state.memory.danger:  # "not among the signs" would deny what was just believed
                parts = [self.phrase(self.content.levels[danger.level].words("what_now", danger.voice), state.said)]
            else:
                parts = list(self.fresh([answer.say, answer.again, *answer.more], state.said))
            reply = Reply(parts, [self.choice(t) for t in answer.offer][:3])
            return self._frame(reply, state)
        believed = len(state.memory.actions) > 1
        parts = [] if believed else [self.phrase(phrases.reflect.heard, state.said)]
        at = len(parts)
        if len(new) == 1:
            parts.append(self.phrase(phrases.reflect.one, state.said).format(sign=phrases.signs[new[0]]))
        else:
            listed = "\n".join(f"- {phrases.signs[s]}" for s in new)
            parts.append(self.phrase(phrases.reflect.several, state.said).format(signs=listed))
        parts.append(self.phrase(phrases.reflect.only_you, state.said))
        parts.append(self.phrase(phrases.reflect.ask, state.said))
        targets = [self.topic_of_sign(s) for s in new[:2]]
        buttons = [self.choice(t) for t in targets if t] + self.choices("hotline")
        section = self.content.answers[targets[0].partition("/")[0]].source if targets[0] else ""
        parts[at : at + 1] = [parts[at], *self._source(section)]
        custom = self._custom(topic=targets[0] or intent, section=section)
        return self._frame(Reply(parts, buttons, custom), state)

    def topic_of_sign(self, sign: str) -> str:
        """Return the topic that tells of `sign`, or an empty string."""
        for intent in ("ask_signs", "ask_perpetrator_signs", "ask_feelings"):
            if self.content.answers[intent].item(sign):
                return f"{intent}/{sign}"
        return {"love_bombing": "ask_love_bombing", "narcissistic_traits": "ask_narcissist"}.get(sign, "")

    # --- contacts and places

    def kinds(self, danger: Danger) -> list[str]:
        """Return the kinds of contact for a danger, in the order in which they are shown."""
        level = self.content.levels[danger.level]
        kinds: list[str] = list(level.contacts_if.get(danger.intent, level.contacts))
        if danger.voice == "child" and "child" not in kinds:
            kinds.insert(1, "child")
        if not danger.told:
            return kinds
        fitting = [kind for kind in self.content.levels[danger.told].contacts if kind not in kinds][:1]
        first = 2 if kinds[1:2] == ["emergency"] else 1  # which SAFETY.md wants first or second
        return [*kinds[:first], *fitting, *kinds[first:]]

    def _kinds_now(self, state: State, *without_danger: str) -> list[str]:
        """Return the kinds of contact for the danger that is remembered, else those `without_danger`."""
        danger = state.memory.danger
        return self.kinds(danger) if danger else list(without_danger)

    def hotline(self, state: State) -> Reply:
        """Return whom the person can reach, fitting the danger told before, if any."""
        kinds = self._kinds_now(state, "domestic_abuse", "suicide_crisis", "emergency")
        answer = self.content.answers["ask_hotline"]
        parts = list(self.fresh([answer.say, answer.again, *answer.more], state.said))
        reply = Reply(parts, [self.choice(t) for t in answer.offer][:2])
        self._add_contacts(reply, kinds, state)
        if danger := state.memory.danger:
            reply.custom["level"] = danger.level
            return reply
        return self._frame(reply, state)

    def location(self, region: str | None, state: State) -> Reply:
        """Return the contacts of the `region` just named; None where the place is not known."""
        phrases = self.content.phrases
        if region is None:
            parts = [self.phrase(phrases.place_unknown, state.said), phrases.directory]
            return self._frame(Reply(parts, self.choices("hotline")), state)
        found = self.regions.get(region)
        words = self.phrase(phrases.place_known, state.said).format(region=found.in_sentence or found.name)
        reply = Reply([words], [])
        here = State(state.said, state.memory, region, state.topic)
        self._add_contacts(reply, self._kinds_now(state, "emergency", "domestic_abuse"), here, note=False)
        if danger := state.memory.danger:
            reply.custom["level"] = danger.level
            return reply
        return self._frame(reply, here)

    # --- danger

    def danger(self, state: State) -> Reply:
        """Return the reply of the danger in `state.memory`: SAFETY.md's order, contacts of the region."""
        danger = _required(state.memory.danger)
        level = self.content.levels[danger.level]
        variants = level.replies.get(danger.voice) or level.replies["self"]  # type: ignore[call-overload]
        answered_next = len(state.memory.actions) > 1
        chosen = variants[self._freshest([[*v.before, *v.after] for v in variants], state.said)]
        reply = Reply(list(chosen.before), [])
        reply.custom = {"level": danger.level}
        if answered_next:  # belief first; the answer and the contact follow (SAFETY.md, abuse_disclosed)
            reply.parts += [self._introduction(state)] if state.first else []
            return reply
        self._add_contacts(reply, self.kinds(danger), state)
        reply.parts += [level.notes[rule] for rule in dict.fromkeys(danger.rules) if rule in level.notes][:1]
        reply.parts += chosen.after
        if state.first and danger.level != "emergency":
            reply.parts.append(self._introduction(state))
            phrases = self.content.phrases
            hint = self.phrase(phrases.stop_hint, state.said).format(stop_word=phrases.stop_word)
            reply.parts.append(DeviceQuestion(hint))
        reply.buttons = [self.choice(t) for t in level.offer][:2] + self.choices("false_alarm")
        if state.memory.plan:
            reply.buttons.insert(0, self._plan_choice("resume"))
        return reply

    def danger_followup(self, state: State) -> Reply:
        """Return what is said on the turns after a danger (R13)."""
        danger = _required(state.memory.danger)
        level = self.content.levels[danger.level]
        followup = state.memory.followup
        concern = self.content.concerns.get(followup)
        texts = level.words(followup, danger.voice)
        if concern:
            texts = concern.words(danger.level, danger.told, danger.voice)
        elif followup in ANSWERS and danger.voice in level.followups:
            texts = level.followups[danger.voice]
        reply = Reply([self.phrase(texts or level.followups["default"], state.said)], [])
        reply.custom = {"level": danger.level}
        if state.memory.followup in ("what_now", "correction_first") or (concern and concern.contacts):
            kinds = [*(concern.contacts if concern else []), *self.kinds(danger)]
            self._add_contacts(reply, list(dict.fromkeys(kinds)), state, note=False)
        else:
            self._keep_at_hand(reply, danger, state)
        names: list[Choice] = ["false_alarm"] if state.memory.followup != "goodbye" else []
        reply.buttons = [self.choice(t) for t in level.offer][:2] + self.choices(*names)
        return reply

    def correction(self, state: State) -> Reply:
        """Return the words for a false alarm."""
        words = self.content.phrases.correction
        before = any(text in said for text in words.accepted for said in state.said)
        chosen = self.phrase(words.again if before else words.accepted, state.said)
        reply = Reply([chosen], [self.choice("ask_capabilities"), *self.choices("hotline")])
        # Somebody else may hold the phone, or it was true after all: the contact is shown once more.
        danger = state.memory.withdrawn
        if danger and state.memory.followup == ONCE_MORE and danger.level in SHOWN_ONCE_MORE:
            self._keep_at_hand(reply, danger, state, self.content.phrases.once_more)
        return reply

    # --- the conversation itself

    def plain(self, name: str, state: State) -> Reply:
        """Return the short reply `name` of phrases.yml (sorry, empty, typed_command, device_yes ...)."""
        phrases = self.content.phrases
        words = self.phrase(getattr(phrases, name), state.said).format(stop_word=phrases.stop_word)
        reply = Reply([words], [])
        if name == "deleted" and state.channel in self.content.channels.kept:
            reply.parts.append(self.content.channels.kept[state.channel])  # what the messenger keeps (R32)
        if name == "sorry":
            self._add_contacts(reply, self._kinds_now(state, "emergency", "domestic_abuse"), state)
        elif name in ("empty", "typed_command", "device_no", "device_yes"):
            reply.buttons = [self.choice("ask_definition"), self.choice("ask_signs"), *self.choices("hotline")]
            if danger := state.memory.danger:
                self._keep_at_hand(reply, danger, state)
                reply.custom["level"] = danger.level
        return reply

    def unreadable(self, state: State) -> Reply:
        """Return what is said to a picture, a voice message, a sticker."""
        return Reply([self.phrase(self.content.channels.media, state.said)])

    def too_fast(self, state: State) -> Reply:
        """Return what is said to somebody who writes faster than can be answered, with whom to reach meanwhile."""
        reply = Reply([self.content.channels.too_fast])
        self._add_contacts(reply, ["emergency", "domestic_abuse"], state, note=False)
        return self.spoken(reply, replace(state, memory=Memory(turn=2)))

    def other_language(self, language: str, state: State) -> Reply:
        """Return an honest word in `language` that only English is understood, with contacts."""
        danger = state.memory.danger
        reply = Reply([self.content.languages[language].say], [], {"level": danger.level} if danger else {})
        self._add_contacts(reply, self._kinds_now(state, "emergency", "domestic_abuse"), state)
        return reply

    # --- the safety plan

    def plan(self, state: State) -> Reply:
        """Return the next question of the plan, its summary, or that it was stopped."""
        words, kind, plan = self.content.plan, state.memory.followup, state.memory.plan
        if plan is None:
            return Reply(
                [self.phrase(words.stopped, state.said)], [self.choice("ask_safety_plan"), *self.choices("hotline")]
            )
        if kind == "summary":
            return self._plan_summary(plan, state)
        lead = {"begin": words.begin, "noted": words.noted, "skipped": words.skipped}.get(kind, [])
        parts = [self.phrase(lead, state.said)] if lead else []
        if plan.step < 0:
            parts.append(words.situation.ask)
            buttons = [self._plan_choice(name, title) for name, title in words.situation.choices.items()]
            reply = Reply(parts, [*buttons, self._plan_choice("stop")])
            return self._in_danger(reply, state)
        step, n = words.steps[plan.step], plan.step + 1
        if kind == "change":
            parts.append(words.change.format(n=n, title=step.title))
        else:
            parts.append(words.progress.format(n=n, all=len(words.steps), title=step.title))
            parts.append(step.ask_if.get(plan.situation, step.ask))
            parts.append(words.ideas_line.format(ideas=step.ideas))
        names = ["skip", *(["back"] if n > 1 else []), "show", "stop"]
        reply = Reply(parts, [self._plan_choice(name) for name in names])
        if step.source:
            reply.custom = self._custom("ask_safety_plan", step.source)
        if step.id == "call":
            self._add_contacts(reply, ["emergency", "domestic_abuse"], state, note=False)
            return reply
        return self._in_danger(reply, state)

    def _in_danger(self, reply: Reply, state: State) -> Reply:
        """Return a question of the plan with the first contact of a danger that is remembered."""
        if danger := state.memory.danger:
            contacts = self.regions.contacts(state.region, self.kinds(danger)[:1])[:1]
            reply.parts.append(Contacts("\n".join(map(self.line, contacts))))
            reply.custom |= {"level": danger.level, "contacts": contacts, "region": self.regions.get(state.region).code}
        return reply

    def _plan_summary(self, plan: Plan, state: State) -> Reply:
        words = self.content.plan
        if not plan.notes:
            return Reply(
                [words.nothing], [self._plan_choice("back"), self._plan_choice("stop"), *self.choices("hotline")]
            )
        lines = [
            words.line.format(n=n, title=step.title, text=plan.notes.get(step.id, words.empty))
            for n, step in enumerate(words.steps, 1)
        ]
        parts = ["\n".join([self.phrase(words.summary, state.said), *lines]), self.phrase(words.after, state.said)]
        last = len(words.steps)
        if state.said and words.progress.format(n=last, all=last, title=words.steps[-1].title) in state.said[-1]:
            parts.insert(0, words.at_end)  # not where the plan is shown half-way
        return Reply(parts, [self._plan_choice("back"), self._plan_choice("stop"), *self.choices("hotline")])

    def _plan_choice(self, name: str, title: str = "") -> dict[str, str]:
        shown = title or self.content.plan.choices[name]  # type: ignore[index]
        return {"title": shown, "payload": payload("ask_safety_plan", choice=f"{CHOICE}{name}")}

    # --- parts of replies

    def _freshest(self, variants: Sequence[list[str]], said: Sequence[str]) -> int:
        """Return the index of the variant whose words were not said, or longest ago."""

        def last_said(variant: list[str]) -> int:
            return max((i for i, old in enumerate(said) if any(v in old for v in variant)), default=-1)

        return min(range(len(variants)), key=lambda i: last_said(variants[i]))

    def _introduction(self, state: State) -> str:
        return Introduction(self.phrase(self.content.phrases.intro, state.said))

    def _source(self, section: str) -> list[str]:
        return [Aside(self.content.phrases.source_line.format(section=section))] if section else []

    def _custom(self, topic: str, section: str) -> dict[str, Any]:
        custom: dict[str, Any] = {"topic": topic}
        if section:
            custom["source"] = {"title": ARTICLE, "section": section}
        return custom

    def _frame(self, reply: Reply, state: State, *, introduced: bool = False) -> Reply:
        """Add what a first reply or a remembered danger demands around an ordinary reply."""
        phrases = self.content.phrases
        danger = state.memory.danger
        if state.memory.plan and state.memory.plan.paused:
            reply.parts.append(self.phrase(self.content.plan.resume, state.said))
            reply.buttons = [self._plan_choice("resume"), *reply.buttons[:2]]
        if danger:
            level = self.content.levels[danger.level]
            # After words of belief that were said in this same turn, more of them would be hollow.
            believed = len(state.memory.actions) > 1
            answers = "article" in level.followups and bool(reply.custom.get("source")) and not believed
            if answers:
                reply.parts.insert(0, self.phrase(level.words("article", danger.voice), state.said))
            # "Please use the number before you read on" stands before what there is to read.
            self._keep_at_hand(reply, danger, state, at=1 if answers and danger.level in URGENT else None)
            reply.custom["level"] = danger.level
            reply.buttons = reply.buttons[:2] + self.choices("hotline")
            return reply
        if state.first:
            if not introduced:
                reply.parts.insert(0, self._introduction(state))
            question = self.phrase(phrases.device_question, state.said).format(stop_word=phrases.stop_word)
            reply.parts.append(DeviceQuestion(question))
            reply.buttons = reply.buttons[:3] + self.choices("device")
        return reply

    def _add_contacts(self, reply: Reply, kinds: list[str], state: State, *, note: bool = True) -> None:
        phrases = self.content.phrases
        contacts = self.regions.contacts(state.region, kinds)
        region = self.regions.get(state.region)
        reply.parts.append(Contacts("\n".join(self.line(c) for c in contacts)))
        reply.custom |= {"contacts": contacts, "region": region.code}
        if note:
            words = phrases.region_named if state.region else phrases.region_default
            reply.parts.append(PlaceNote(words.format(region=region.in_sentence or region.name)))

    def _keep_at_hand(
        self, reply: Reply, danger: Danger, state: State, lead: Sequence[str] = (), *, at: int | None = None
    ) -> None:
        """Add the first contacts as the part `at`, by default as the last; one of the words of `lead` goes before."""
        contacts = self.regions.contacts(state.region, self.kinds(danger)[:2])
        phrases = self.content.phrases
        lead = lead or (phrases.at_hand_now if danger.level == "emergency" else phrases.keep_at_hand)
        words = self.phrase(lead, state.said)
        part = Contacts("\n".join([words, *(self.line(c) for c in contacts[:2])]))
        reply.parts.insert(len(reply.parts) if at is None else at, part)
        reply.custom |= {"contacts": contacts, "region": self.regions.get(state.region).code}

    def line(self, contact: dict[str, Any]) -> str:
        """Return one contact as a line of plain text, its numbers as a phone makes them tappable."""
        phrases = self.content.phrases
        ways = []
        if contact.get("phone"):
            ways.append(phrases.call.format(phone=contact["phone"]))
        if contact.get("sms"):
            number, _, word = contact["sms"].partition(" (")
            ways.append(
                phrases.text_keyword.format(keyword=word.rstrip(")"), number=number)
                if word
                else phrases.text.format(number=number)
            )
        if contact.get("chat"):
            ways.append(phrases.chat.format(url=contact["chat"].removeprefix("https://").rstrip("/")))
        elif not ways and contact.get("url"):
            ways.append(contact["url"])
        line = f"{contact['name']}: {', '.join(ways)}"
        if contact.get("hours"):
            line += f" ({contact['hours']})"
        return f"{line}\n{contact['silent']}" if contact.get("silent") else line


def _required(danger: Danger | None) -> Danger:
    if danger is None:
        raise ValueError("no danger is remembered")
    return danger
