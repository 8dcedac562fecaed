"""What all runs came to: a line for each thing measured, with medians, spread, ratio and target."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.measure import PEOPLE, Run
from bench.messages import ANSWER, DANGER, DESCRIPTION, UTTER

PERCENTILES = (50, 95, 99)
TURNS = (5, 60, 200)  # of the long conversation
AROUND = 2  # turns before and after, whose median is the cost of that turn


@dataclass
class Round:
    """One run of everything."""

    linden: Run
    stock: Run
    sanic: Run
    encoder: list[float]  # ms of one encoding


@dataclass
class Results:
    """Everything that was measured, as it is kept in reports/."""

    turns: int
    seconds: float
    machine: dict[str, str]
    version: str
    sizes: dict[str, dict[str, float]]  # MB, of "environment" and "all", by assistant
    rounds: list[Round] = field(default_factory=list)
    minutes: float = 0.0
    others: float = 0.0  # cores that other programs used during the runs, on average
    date: str = field(default_factory=lambda: datetime.date.today().isoformat())


@dataclass(frozen=True)
class Target:
    """What is to be reached."""

    text: str
    is_met: Callable[[Line], bool]
    ratio: float | None = None  # the bound of the ratio Linden / stock, where there is one


@dataclass(frozen=True)
class Line:
    """One thing measured, one figure a run; `stock` is empty where stock has no such thing, `linden` likewise."""

    what: str
    unit: str
    linden: Sequence[float]
    stock: Sequence[float] = ()
    target: Target | None = None

    @property
    def ratios(self) -> list[float]:
        """Linden / stock of each run: the two were measured one right after the other."""
        return [a / b for a, b in zip(self.linden, self.stock, strict=True)] if self.linden and self.stock else []


def at_most(bound: float, text: str) -> Target:
    return Target(f"ratio ≤ {text}", lambda line: median(line.ratios) <= bound, bound)


def at_least(bound: float, text: str) -> Target:
    return Target(f"ratio ≥ {text}", lambda line: median(line.ratios) >= bound, bound)


MEMORY = Target(
    "ratio ≤ 1/3 and under 400 MB", lambda line: median(line.ratios) <= 1 / 3 and median(line.linden) < 400, 1 / 3
)
GROWTH = Target("≤ 2", lambda line: median(line.linden) <= 2)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` percent of `values` lie, interpolated between neighbours."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def cost(run: Run, turn: int) -> float:
    """Return the median time in ms of the turns around number `turn` of the long conversation."""
    return median(run.growth[turn - 1 - AROUND : turn + AROUND])


def lines(results: Results) -> list[Line]:
    """Return the comparison, in the order of the page."""
    rounds = results.rounds

    def both(what: str, unit: str, figure: Callable[[Run], float], target: Target | None = None) -> Line:
        return Line(what, unit, [figure(r.linden) for r in rounds], [figure(r.stock) for r in rounds], target)

    def sized(what: str, key: str, target: Target | None = None) -> Line:
        return Line(what, "MB", [results.sizes["linden"][key]], [results.sizes["stock"][key]], target)

    found = [
        sized("environment", "environment", at_most(1 / 3, "1/3")),
        sized("environment, model, data and words", "all"),
        Line(
            "training",
            "s",
            [r.linden.training for r in rounds if r.linden.training],
            [r.stock.training for r in rounds if r.stock.training],
        ),
        both("start to first answer", "s", lambda run: run.start, at_most(1 / 6, "1/6")),
        both(f"memory after {results.turns} turns", "MB", lambda run: run.memory.pss, MEMORY),
        both("the same, shared pages counted twice (RSS)", "MB", lambda run: run.memory.rss),
    ]
    for share in PERCENTILES:
        target = at_most(1 / 2, "1/2") if share == 50 else None
        found.append(both(f"answer by a custom action, p{share}", "ms", at(ANSWER, share), target))
    for kind, name in ((DANGER, "danger reply"), (DESCRIPTION, "description")):
        found += [Line(f"{name}, p{s}", "ms", [at(kind, s)(r.linden) for r in rounds]) for s in PERCENTILES]
    found += [
        Line(f"turn that only utters, p{s}", "ms", (), [at(UTTER, s)(r.stock) for r in rounds]) for s in PERCENTILES
    ]
    for people in PEOPLE:
        found.append(
            both(f"{people} conversation{'s' * (people > 1)} at once", "turns/s", loaded(people), at_least(3, "3"))
        )
    found += [both(f"turn {turn} of one conversation", "ms", costing(turn)) for turn in TURNS]
    first, last = TURNS[0], TURNS[-1]
    found.append(both(f"turn {last} / turn {first}", "", lambda run: cost(run, last) / cost(run, first), GROWTH))
    return found


def floors(results: Results) -> list[Line]:
    """Return the floors; what they came to stands in `linden`."""
    rounds = results.rounds
    found = [Line(f"empty Sanic handler, p{s}", "ms", [at(ANSWER, s)(r.sanic) for r in rounds]) for s in PERCENTILES]
    found += [Line(f"the same, {n} at once", "turns/s", [loaded(n)(r.sanic) for r in rounds]) for n in PEOPLE]
    found += [
        Line("the same, start to first answer", "s", [r.sanic.start for r in rounds]),
        Line("the same, memory", "MB", [r.sanic.memory.pss for r in rounds]),
    ]
    for share in PERCENTILES:
        found.append(Line(f"encoder alone, p{share}", "ms", [percentile(r.encoder, share) for r in rounds]))
    return found


def at(kind: str, share: float) -> Callable[[Run], float]:
    return lambda run: percentile(run.turns[kind], share)


def loaded(people: int) -> Callable[[Run], float]:
    return lambda run: run.load[people]


def costing(turn: int) -> Callable[[Run], float]:
    return lambda run: cost(run, turn)
