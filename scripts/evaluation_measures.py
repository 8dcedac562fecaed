"""What scripts/evaluate.py measures: one function a file of messages, from the assistant's answers to a section."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from evaluation_report import EvaluationError, Section, Table, short
from tqdm import tqdm

from assistant import evaluation as ev
from assistant.content import LEVELS, load
from assistant.evaluation import Answered, Scores, Share, Words, per_label, rate
from assistant.people import People

Row = dict[str, Any]
PEOPLE = People(load().people)
MUST_BE_0 = "emergency or suicide answered as none (must be 0)"
COUNTED = (
    "Level counted: a message of a safety intent is also right when the screen decides a level whose reply serves it"
    " (`CORRESPONDING` in assistant/evaluation.py), because then the level and not the intent chooses the reply. Errors"
    " are listed after this count. Refused: the intent is out_of_scope or nlu_fallback, and there is no level."
)


class Assistant:
    """The real agent; reads each text once, and talks as the rest channel does."""

    def __init__(self, agent: Any) -> None:
        self._agent, self._parses, self._talks = agent, dict[str, Row](), 0

    async def parse(self, rows: Sequence[Row], what: str) -> list[Row]:
        """Return what is understood of the text of each row; raise `EvaluationError` without a safety level."""
        for row in tqdm(rows, what, disable=None, leave=False):
            text = row["text"]
            if text not in self._parses:
                self._parses[text] = await self._agent.parse_message(text)
            if "level" not in self._parses[text].get("safety", {}):
                raise EvaluationError("the model gives no safety level; is the safety screen in config.yml?")
        return [self._parses[row["text"]] for row in rows]

    async def talk(self, conversations: Sequence[list[str]], what: str) -> list[list[Answered]]:
        """Return the answer to each turn of new conversations; an error inside counts as silence."""
        from rasa.core.channels.channel import UserMessage

        from assistant.components.rest import Collector

        answers: list[list[Answered]] = [[] for _ in conversations]
        for answered, turns in zip(answers, tqdm(conversations, what, disable=None, leave=False), strict=True):
            self._talks += 1
            for text in turns:
                collector = Collector()
                try:
                    await self._agent.handle_message(UserMessage(text, collector, f"evaluation {self._talks}"))
                except Exception as error:
                    print(f"evaluate: a turn could not be answered: {type(error).__name__}", file=sys.stderr)
                answered.append(Answered.of(collector.messages))
        return answers


def intent_of(parse: Row) -> str:
    return (parse.get("intent") or {}).get("name") or "nlu_fallback"


def level_of(parse: Row) -> str:
    return str(parse["safety"]["level"])


def refused(intent: str, level: str) -> bool:
    """Return whether a message is told that this is not what the assistant is for."""
    return intent in ev.REFUSED and level == "none"


def single(labels: Sequence[str]) -> list[set[str]]:
    return [{label} for label in labels]


def mistakes(rows: Sequence[Row], meant: Sequence[str], said: Sequence[str]) -> list[str]:
    """Return a line on each row that was understood as something else."""
    compared = zip(rows, meant, said, strict=True)
    return [f"{m} → {s}: {' '.join(row['text'].split())}" for row, m, s in compared if m != s]


def scores_table(kind: str, scores: dict[str, Scores], names: Sequence[str]) -> Table:
    table: Table = [(kind, "messages", "precision", "recall (95 %)", "F1")]
    for name in names:
        s = scores[name]
        table.append((name, s.meant, f"{s.precision.value:.2f}", short(s.recall), f"{s.f1:.2f}"))
    return table


def slices(rows: Sequence[Row], right: Sequence[bool]) -> Table:
    """Return how often messages of a length, a style and a relationship were understood."""
    table: Table = [("slice", "messages", "right (95 %)")]
    names = [ev.slices_of(row["text"], PEOPLE) for row in rows]
    for name in sorted({name for found in names for name in found}):
        share = rate(ok for ok, found in zip(right, names, strict=True) if name in found)
        table.append((name, share.total, short(share)))
    return table


# --- measuring: one function a file of messages


async def intents(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure whether the right topic is found, counted plainly and as the person is served."""
    parses = await assistant.parse(rows, "intents")
    truth, said, decided = [r["intent"] for r in rows], [intent_of(p) for p in parses], [level_of(p) for p in parses]
    read_as = list(zip(truth, said, decided, strict=True))
    served = [t if level in ev.CORRESPONDING.get(t, ()) else s for t, s, level in read_as]
    scores, scores_served = per_label(single(truth), single(said)), per_label(single(truth), single(served))
    labels = list(dict.fromkeys([*truth, *(s for s in said if s in ev.REFUSED)]))
    intended = list(dict.fromkeys(truth))
    section = Section("Intents", {"macro-F1": ev.macro_f1(scores)}, notes=[COUNTED])
    section.figures |= {
        "accuracy": rate(t == s for t, s, _ in read_as),
        "macro-F1, level counted": ev.macro_f1(scores_served),
        "accuracy, level counted": rate(t == s for t, s in zip(truth, served, strict=True)),
        "out of scope recognised": rate(refused(s, level) for t, s, level in read_as if t in ev.REFUSED),
        "in scope refused": rate(refused(s, level) for t, s, level in read_as if t not in ev.REFUSED),
    }
    shown = [s if s == t else f"{s} (level {level})" for t, s, level in zip(truth, served, decided, strict=True)]
    section.errors = mistakes(rows, truth, shown)
    section.tables = [scores_table("intent", scores, intended), slices(rows, [t == s for t, s, _ in read_as])]
    section.tables.append([("safety intent", "recall, level counted (95 %)")])
    section.tables[-1] += [(t, short(scores_served[t].recall)) for t in intended if t in ev.CORRESPONDING]
    section.matrix = (labels, ev.confusion(truth, said, labels))
    section.bars = {"recall": {name: scores[name].recall for name in intended}}
    return section


def danger(pairs: Sequence[tuple[str, str]], which: str = "") -> dict[str, Share | float]:
    """Return how (meant, decided) levels do at telling danger from none."""
    return {
        f"danger noticed{which}": rate(s != "none" for t, s in pairs if t != "none"),
        f"false alarms{which}": rate(s != "none" for t, s in pairs if t == "none"),
        f"exact level{which}": rate(t == s for t, s in pairs),
    }


async def levels(assistant: Assistant, rows: list[Row], what: str = "Levels") -> Section:
    """Measure whether danger is noticed, called by its name, and not seen where there is none."""
    truth = [r.get("level", "none") for r in rows]
    said = [level_of(p) for p in await assistant.parse(rows, what.lower())]
    pairs = list(zip(truth, said, strict=True))
    section = Section(what, danger(pairs), mistakes(rows, truth, said))
    hard = [pair for pair, row in zip(pairs, rows, strict=True) if row.get("hard")]
    section.figures |= danger(hard, ", hard") if hard else {}
    section.figures["precision of any danger"] = rate(t != "none" for t, s in pairs if s != "none")
    section.figures[MUST_BE_0] = rate(s == "none" for t, s in pairs if t in ("emergency", "suicide"))
    scores = per_label(single(truth), single(said))
    noticed = {level: rate(s != "none" for t, s in pairs if t == level) for level in LEVELS[:-1]}
    section.tables = [[("level", "messages", "recall (95 %)", "noticed as danger (95 %)", "precision (95 %)")]]
    for level in LEVELS:
        s = scores.get(level, Scores(0, 0, 0))
        section.tables[0].append((level, s.meant, short(s.recall), short(noticed.get(level)), short(s.precision)))
    section.tables.append(slices(rows, [t == s for t, s in pairs]))
    section.matrix = (list(LEVELS), ev.confusion(truth, said, LEVELS))
    section.bars["exact level"] = {level: scores[level].recall for level in LEVELS[:-1] if level in scores}
    section.bars["noticed as danger"] = {level: noticed[level] for level in section.bars["exact level"]}
    return section


async def ordinary(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure false alarms on what people write to any assistant."""
    section = await levels(assistant, rows, "Ordinary messages")
    return Section(section.title, {"false alarms": section.figures["false alarms"]}, section.errors)


async def long(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure danger and false alarms in long posts."""
    section = await levels(assistant, rows, "Long messages")
    return Section(section.title, section.figures, section.errors)


async def conversations(assistant: Assistant, rows: list[Row], what: str = "Conversations") -> Section:
    """Measure whether each later turn is answered as expected, read off the messages."""
    words, section, unknown = Words.of(load()), Section(what, {}), Counter[str]()
    counted, whole = dict[str, list[bool]](), list[bool]()
    answers = await assistant.talk([[turn["user"] for turn in row["turns"]] for row in rows], what.lower())
    for row, answered in zip(rows, answers, strict=True):
        right = []
        for n, (turn, now) in enumerate(zip(row["turns"], answered, strict=True)):
            expect = turn.get("expect") or ""
            if expect not in ev.EXPECTATIONS:
                unknown.update([expect] if expect else [])
                continue
            right.append(ev.met(expect, now, words, {a.level for a in answered[:n]}))
            counted.setdefault(expect, []).append(right[-1])
            if not right[-1]:
                said = " / ".join(t["user"] for t in row["turns"][: n + 1])
                section.errors.append(f"{expect} → {now.outline}: {said}")
        whole += [all(right)] if right else []
    section.figures["turns as expected"] = rate(flag for flags in counted.values() for flag in flags)
    section.figures["whole conversations as expected"] = rate(whole)
    section.figures |= {f"expected {expect}": rate(flags) for expect, flags in sorted(counted.items())}
    section.notes = [f"Not judged, expectation not known: {name} ({n})" for name, n in unknown.items()]
    return section


async def secondturns(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure the turn after a danger."""
    pairs = [{"turns": [{"user": r["first"]}, {"user": r["second"], "expect": r["expect"]}]} for r in rows]
    section = await conversations(assistant, pairs, "Second turns")
    del section.figures["whole conversations as expected"]
    return section


async def facts(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure whether the first reply to a question for one fact holds that fact.

    A row says how that is seen: `must` lists words of which the reply has to hold one (or all of one inner
    list); `accept` lists the topics that tell the fact; else the answer to its `intent` is looked for.
    """
    answers = [a[0] for a in await assistant.talk([[r["text"]] for r in rows], "facts")]
    right = [ev.tells(a.text, r["must"]) if "must" in r else topical(a, r) for a, r in zip(answers, rows, strict=True)]
    section = Section("Facts", {"the fact is in the first reply": rate(right)})
    section.figures["reply on one fact, not the whole answer"] = rate(any("/" in t for t in a.topics) for a in answers)
    wanted = [r.get("fact") or r["intent"] for r in rows]
    got = [
        fact if ok else " and ".join(answer.topics) or "no topic"
        for fact, answer, ok in zip(wanted, answers, right, strict=True)
    ]
    section.errors = mistakes(rows, wanted, got)
    return section


def topical(answered: Answered, row: Row) -> bool:
    """Return whether a reply is on one of the topics that tell the fact of `row`."""
    return bool(set(row.get("accept") or [row["intent"]]) & set(answered.topics))


async def languages(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure whether another language is recognised, and English is not taken for one."""
    truth, parses = [r["language"] for r in rows], await assistant.parse(rows, "languages")
    said = [parse.get("language") or "en" for parse in parses]
    pairs = list(zip(truth, said, strict=True))
    section = Section("Languages", {"language recognised": rate(t == s for t, s in pairs if t != "en")})
    section.figures["not taken for English"] = rate(s != "en" for t, s in pairs if t != "en")
    section.figures["English taken for another"] = rate(s != "en" for t, s in pairs if t == "en")
    found = {t: rate(s == t for u, s in pairs if u == t) for t in dict.fromkeys(truth)}
    section.tables = [[("language", "recognised (95 %)"), *((t, short(share)) for t, share in found.items())]]
    section.errors = mistakes(rows, truth, said)
    return section


async def signs(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure which of the article's signs are found in a description."""
    parses = await assistant.parse(rows, "signs")
    if not any("signs" in parse for parse in parses):
        raise EvaluationError("the model gives no signs")
    truth, said = [set(r["signs"]) for r in rows], [{s["id"] for s in p.get("signs", [])} for p in parses]
    scores = per_label(truth, said)
    section = Section("Signs", {"micro-F1": ev.micro_f1(scores), "macro-F1": ev.macro_f1(scores)})
    empty = [bool(s) for t, s in zip(truth, said, strict=True) if not t]
    section.figures["a sign found where there is none"] = rate(empty)
    section.tables = [scores_table("sign", scores, sorted(scores))]
    meant, got = ([", ".join(sorted(labels)) or "no sign" for labels in each] for each in (truth, said))
    section.errors = mistakes(rows, meant, got)
    return section


async def robustness(assistant: Assistant, rows: list[Row]) -> Section:
    """Measure what becomes of the levels and intents when the same is typed otherwise; `rows` holds both files."""
    section, before = Section("Robustness", {}, listed=False), list[Share]()
    head = ("the same messages, but", "danger noticed", "change", "false alarms", "change", "intents right", "change")
    table: Table = [head]
    for name in ["as written", *ev.PERTURBATIONS]:
        changed = [{**r, "text": ev.perturb(name, r["text"])} if name in ev.PERTURBATIONS else r for r in rows]
        read_as = list(zip(changed, await assistant.parse(changed, name), strict=True))
        found = danger([(r["level"], level_of(p)) for r, p in read_as if "level" in r])
        shares = [s for s in list(found.values())[:2] if isinstance(s, Share)]
        shares.append(rate(r["intent"] == intent_of(p) for r, p in read_as if "intent" in r))
        before = before or shares
        pairs = zip(shares, before, strict=True)
        cells = [cell for now, then in pairs for cell in (f"{now.value:.3f}", f"{now.value - then.value:+.3f}")]
        table.append((name, *cells))
        for series, now in zip(("danger noticed", "false alarms", "intents right"), shares, strict=True):
            section.figures[f"{name}: {series}"] = now
            section.bars.setdefault(series, {})[name] = now
    section.tables = [table]
    return section
