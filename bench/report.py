"""Writes the results: raw into reports/, tables and pictures into docs/."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from statistics import median

from bench.places import PAGE, RESULTS, BenchError
from bench.results import Results, floors, lines

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
WHOLE_RUNS, WHOLE_TURNS = 3, 500  # what a published page rests on
QUIET = 0.1  # cores that other programs may use meanwhile
PICTURES = {
    "ratios": "Linden's share of what stock needs, with the targets",
    "turns": "How long a turn takes",
    "load": "Turns a second",
    "growth": "Each turn of one long conversation",
}


def write(results: Results) -> None:
    """Write all; raise `BenchError` when the page has lost its markers."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(dataclasses.asdict(results), indent=1, default=str) + "\n", encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise BenchError(f"docs/{PAGE.name}: the lines {BEGIN} and {END} are needed once each")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{page(results)}\n{END}{after}", encoding="utf-8")


def page(results: Results) -> str:
    """Return what stands between the markers."""
    runs = len(results.rounds)
    plural = "" if runs == 1 else "s"
    parts = [
        f"Measured on {results.date} at commit {results.version}: {runs} run{plural} of {results.turns} turns, "
        f"{results.minutes:.0f} minutes in all. Medians of the runs, least and most in brackets; the ratio is Linden / "
        "stock within each run.",
        *warnings(results),
        comparison(results),
        *(f"![{caption}](benchmark/{name}.png)" for name, caption in PICTURES.items()),
        "### Floors\n\n" + floor_table(results),
        "### Replies\n\n" + replies(results),
        "### The machine\n\n" + "\n".join(f"- {name}: {text}" for name, text in results.machine.items()),
    ]
    return "\n\n".join(parts)


def warnings(results: Results) -> list[str]:
    """Return why these figures should not be relied on, if they should not."""
    found = []
    if len(results.rounds) < WHOLE_RUNS or results.turns < WHOLE_TURNS:
        found.append(f"**A short form**: figures that count take {WHOLE_RUNS} runs of {WHOLE_TURNS} turns.")
    if results.others > QUIET:
        found.append(f"**The machine was not quiet**: other programs used {results.others:.1f} of its cores meanwhile.")
    return found


def comparison(results: Results) -> str:
    """Return the table of both assistants."""
    rows = [("", "unit", "Linden", "stock", "ratio", "target", "")]
    for line in lines(results):
        verdict = "" if line.target is None else "met" if line.target.is_met(line) else "**not met**"
        target = line.target.text if line.target else ""
        ratio = spread(line.ratios) if line.unit else ""
        rows.append((line.what, line.unit, spread(line.linden), spread(line.stock), ratio, target, verdict))
    return table(rows, numbers=(2, 3, 4))


def floor_table(results: Results) -> str:
    return table([("", "unit", "floor"), *((x.what, x.unit, spread(x.linden)) for x in floors(results))], numbers=(2,))


def replies(results: Results) -> str:
    """Return how many turns got the kind of reply that the other tables say was measured."""
    found = list[tuple[str, ...]]()
    for name, title in (("linden", "Linden"), ("stock", "stock")):
        runs = [getattr(each, name) for each in results.rounds]
        for kind in runs[0].replies:
            right, said = (sum(run.replies[kind][column] for run in runs) for column in (0, 1))
            found.append((title, kind, f"{said:,}", f"{right:,}", f"{100 * right / said:.1f} %"))
    return table([("", "kind", "turns", "replies as measured", ""), *found], numbers=(2, 3, 4))


def spread(values: Sequence[float]) -> str:
    """Return the median of `values` with the least and the most, a dash where there are none."""
    if not values:
        return "–"
    if len(values) == 1:
        return figure(values[0])
    return f"{figure(median(values))} ({figure(min(values))}–{figure(max(values))})"


def figure(value: float) -> str:
    """Return `value` with three digits, or all of its whole ones."""
    whole = len(str(int(abs(value))))
    return f"{value:,.{max(0, 3 - whole) if value >= 0.1 else 3}f}"


def table(rows: Sequence[tuple[str, ...]], numbers: tuple[int, ...]) -> str:
    """Return `rows` as a Markdown table; the first is its head, columns in `numbers` are set to the right."""
    marks = ["---:" if column in numbers else "---" for column in range(len(rows[0]))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], tuple(marks), *rows[1:]])
