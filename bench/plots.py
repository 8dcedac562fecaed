"""Draws the results into docs/benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from bench.measure import PEOPLE, Run
from bench.messages import ANSWER, DANGER, DESCRIPTION, UTTER
from bench.places import PICTURES
from bench.results import PERCENTILES, Results, lines, percentile

LINDEN, STOCK, FLOOR = "#2f6f4f", "#b5651d", "#8a8a8a"
WIDTH = 8.0  # inches


def draw(results: Results) -> None:
    """Draw all pictures of the page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True})
    drawings: dict[str, tuple[float, Callable[[Any, Results], None]]] = {
        "ratios": (3.6, ratios), "turns": (3.2, turns), "load": (3.4, load), "growth": (3.4, growth),
    }  # fmt: skip
    for name, (height, drawing) in drawings.items():
        figure, axes = plt.subplots(figsize=(WIDTH, height))
        drawing(axes, results)
        figure.tight_layout()
        figure.savefig(PICTURES / f"{name}.png", dpi=110)
        plt.close(figure)


def plain(axis: Any, ticks: Sequence[float]) -> None:
    """Label a logarithmic axis at `ticks` with plain numbers."""
    axis.set_ticks(ticks)
    axis.set_ticks([], minor=True)
    axis.set_major_formatter(lambda value, _: f"{value:g}")


def ratios(axes: Any, results: Results) -> None:
    """Bars of Linden / stock, where less is better: turns a second are turned over into the time of a turn."""
    shown = [line for line in lines(results) if line.target and line.target.ratio]
    widest = 0.0
    for place, line in enumerate(reversed(shown)):
        bound = line.target.ratio if line.target and line.target.ratio else 1.0
        turned = line.unit == "turns/s"
        values = [1 / ratio for ratio in line.ratios] if turned else line.ratios
        bound = 1 / bound if turned else bound
        middle, widest = median(values), max(widest, *values)
        axes.barh(place, middle, color=LINDEN if middle <= bound else STOCK, height=0.6)
        axes.plot([min(values), max(values)], [place, place], color="black", linewidth=1)
        axes.plot([bound, bound], [place - 0.42, place + 0.42], color="black", linewidth=2)
        axes.text(max(*values, bound), place, f"  {middle:.2f}", va="center")
    names = [f"time a turn, {line.what}" if line.unit == "turns/s" else line.what for line in reversed(shown)]
    axes.set_xlim(0, max(1.05, widest * 1.12))
    axes.set_yticks(range(len(shown)), names)
    axes.axvline(1, color=FLOOR, linestyle=":")
    axes.set_xlabel("Linden / stock; less is better. Thick mark: target; thin line: least and most of the runs")


def turns(axes: Any, results: Results) -> None:
    """From p50 to p99 of each kind of turn, all runs together, and of the floors."""
    shown: list[tuple[str, str, list[float]]] = [
        ("stock: answer by an action", STOCK, pooled([r.stock for r in results.rounds], ANSWER)),
        ("stock: only utters", STOCK, pooled([r.stock for r in results.rounds], UTTER)),
        ("Linden: answer by an action", LINDEN, pooled([r.linden for r in results.rounds], ANSWER)),
        ("Linden: danger reply", LINDEN, pooled([r.linden for r in results.rounds], DANGER)),
        ("Linden: description", LINDEN, pooled([r.linden for r in results.rounds], DESCRIPTION)),
        ("encoder alone", FLOOR, [value for each in results.rounds for value in each.encoder]),
        ("empty Sanic handler", FLOOR, pooled([r.sanic for r in results.rounds], ANSWER)),
    ]
    for place, (_, colour, values) in enumerate(reversed(shown)):
        low, middle, high = (percentile(values, share) for share in PERCENTILES)
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot([low], [place], "o", color=colour, markersize=8)
        axes.plot([middle, high], [place, place], "|", color=colour, markersize=11, markeredgewidth=2)
        axes.annotate(f"{low:.3g} ms", (low, place), (0, 7), textcoords="offset points", ha="center", fontsize=8)
    axes.set_yticks(range(len(shown)), [name for name, _, _ in reversed(shown)])
    axes.set_ylim(-0.5, len(shown) - 0.2)
    axes.set_xscale("log")
    axes.set_xlim(left=min(percentile(values, PERCENTILES[0]) for _, _, values in shown) / 2)
    plain(axes.xaxis, (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500))
    axes.grid(axis="x", color="#dddddd")
    axes.set_xlabel("ms through HTTP, one person at a time: p50 (dot), p95 and p99 (marks)")


def pooled(runs: Sequence[Run], kind: str) -> list[float]:
    return [value for run in runs for value in run.turns[kind]]


def load(axes: Any, results: Results) -> None:
    """Turns a second, by how many people talk at once."""
    runs = {"Linden": ([r.linden for r in results.rounds], LINDEN), "stock": ([r.stock for r in results.rounds], STOCK)}
    highest = {
        people: max(runs, key=lambda name: median(run.load[people] for run in runs[name][0])) for people in PEOPLE
    }
    for name, (found, colour) in runs.items():
        middles = [median(run.load[people] for run in found) for people in PEOPLE]
        axes.plot(PEOPLE, middles, "o-", color=colour, label=name)
        for people, middle in zip(PEOPLE, middles, strict=True):
            values = [run.load[people] for run in found]
            axes.plot([people, people], [min(values), max(values)], color=colour, linewidth=4, alpha=0.3)
            place = (0, 7) if name == highest[people] else (0, -15)
            axes.annotate(f"{middle:.3g}", (people, middle), place, textcoords="offset points", ha="center")
    axes.set_xscale("log")
    plain(axes.xaxis, PEOPLE)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.15)
    axes.grid(axis="y", color="#dddddd")
    axes.set_xlabel("conversations at once")
    axes.set_ylabel("turns a second")
    axes.legend(frameon=False)


def growth(axes: Any, results: Results) -> None:
    """Each turn of the long conversation: thin lines are runs, thick ones the median of nine turns around."""
    runs = {"Linden": ([r.linden for r in results.rounds], LINDEN), "stock": ([r.stock for r in results.rounds], STOCK)}
    for name, (found, colour) in runs.items():
        for run in found:
            axes.plot(range(1, len(run.growth) + 1), run.growth, color=colour, linewidth=0.5, alpha=0.35)
        middles = [median(values) for values in zip(*(run.growth for run in found), strict=True)]
        smooth = [median(middles[max(0, i - 4) : i + 5]) for i in range(len(middles))]
        axes.plot(range(1, len(smooth) + 1), smooth, color=colour, linewidth=2, label=name)
    everything = [value for found, _ in runs.values() for run in found for value in run.growth]
    axes.set_ylim(0, percentile(everything, 99) * 1.15)
    axes.set_xlim(0, len(results.rounds[0].linden.growth))
    axes.grid(axis="y", color="#dddddd")
    axes.set_xlabel("turn of one conversation, each a question that a custom action answers")
    axes.set_ylabel("ms")
    axes.legend(frameon=False, loc="upper left")
