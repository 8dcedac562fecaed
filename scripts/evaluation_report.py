"""Writes what scripts/evaluate.py measured: as tables, pictures, a list of errors and JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.evaluation import Share

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
INK, COLOURS = "#333333", ["#1f6fb2", "#e08a1e", "#7a7a7a"]
Table = list[Sequence[object]]


class EvaluationError(Exception):
    """Why something cannot be measured or written; the message is for the person who asked for it."""


@dataclass
class Section:
    """One part of the report."""

    title: str
    figures: dict[str, Share | float]
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)  # the first row is the head
    matrix: tuple[list[str], list[list[int]]] | None = None
    bars: dict[str, dict[str, Share]] = field(default_factory=dict)  # series: label: share
    listed: bool = True  # whether its figures are shown beside its tables

    @property
    def slug(self) -> str:
        return self.title.lower().replace(" ", "-")


def short(share: Share | None) -> str:
    """Return `share` for a cell of a table."""
    if share is None or not share.total:
        return "–"
    low, high = share.interval
    return f"{share.value:.2f} ({low:.2f}–{high:.2f})"


def value(figure: Share | float) -> float:
    return figure.value if isinstance(figure, Share) else figure


def markdown(table: Table) -> list[str]:
    """Return the lines of `table`."""
    lines = [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in table]
    return [lines[0], f"|{' --- |' * len(table[0])}", *lines[1:], ""]


def figures_table(section: Section) -> Table:
    """Return the figures of `section` with their intervals and counts."""
    table: Table = [("measure", "figure", "95 % interval", "count")]
    for name, figure in section.figures.items():
        if not isinstance(figure, Share):
            table.append((name, f"{figure:.3f}", "", ""))
        elif not figure.total:
            table.append((name, "–", "", "none counted"))
        else:
            low, high = figure.interval
            table.append((name, f"{figure.value:.3f}", f"{low:.3f}–{high:.3f}", f"{figure.hits} of {figure.total}"))
    return table


def in_words(sections: Sequence[Section], head: Sequence[str], pictures: str) -> str:
    """Return the report's tables; `pictures` is where they are, seen from the report."""
    lines = [*head, ""]
    for section in sections:
        lines += [f"### {section.title}", ""]
        lines += markdown(figures_table(section)) if section.listed else []
        for note in section.notes:
            lines += [note, ""]
        for table in section.tables:
            lines += markdown(table)
        for name, alt in pictures_of(section).items():
            lines += [f"![{alt}]({pictures}/{name})", ""]
    return "\n".join(lines).rstrip() + "\n"


def plain(sections: Sequence[Section]) -> str:
    """Return the figures for a terminal."""
    lines: list[str] = []
    for section in sections:
        lines += [section.title]
        lines += [f"  {name}: {f if isinstance(f, Share) else f'{f:.3f}'}" for name, f in section.figures.items()]
    return "\n".join(lines)


def errors_in_words(sections: Sequence[Section], head: str) -> str:
    """Return every error, by section, as meant → understood."""
    lines = [head, "", "Each line: what was meant → what was understood: what was written.", ""]
    for section in sections:
        if section.errors:
            lines += [
                f"## {section.title} ({len(section.errors)})",
                "",
                *(f"- {e}" for e in sorted(section.errors)),
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"


def as_json(sections: Sequence[Section]) -> dict[str, Any]:
    """Return all figures and confusion matrices for another program."""
    return {
        section.title: {
            "figures": {n: f.as_dict() if isinstance(f, Share) else {"value": f} for n, f in section.figures.items()},
            **({"labels": section.matrix[0], "confusion": section.matrix[1]} if section.matrix else {}),
        }
        for section in sections
    }


def compare(before: dict[str, Any], sections: Sequence[Section]) -> list[str]:
    """Return a table of the figures that changed since the sections `before` were written."""
    table: Table = [("since the last report", "before", "now", "change")]
    for section in sections:
        old = before.get(section.title, {}).get("figures", {})
        for name, figure in section.figures.items():
            then, now = old.get(name, {}).get("value"), value(figure)
            if then is not None and abs(now - then) >= 0.0005:
                table.append((f"{section.title}: {name}", f"{then:.3f}", f"{now:.3f}", f"{now - then:+.3f}"))
    return markdown(table) if len(table) > 1 else ["No figure changed.", ""]


def put_into(frame: Path, words: str) -> None:
    """Replace what stands between the markers of `frame`; raise `EvaluationError` where they are missing."""
    text = frame.read_text(encoding="utf-8") if frame.exists() else ""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise EvaluationError(
            f"docs/{frame.name}: the lines {BEGIN} and {END} are missing; the figures were not put in"
        )
    marked = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    frame.write_text(marked.sub(lambda _: f"{BEGIN}\n\n{words}\n{END}", text), encoding="utf-8")


# --- pictures


def pictures_of(section: Section) -> dict[str, str]:
    """Return the file names of the pictures of `section`, each with what it shows."""
    shown = {}
    if section.matrix:
        shown[f"{section.slug}-confusion.png"] = (
            f"{section.title}: what was meant (rows) and what was understood (columns)"
        )
    if section.bars:
        shown[f"{section.slug}-bars.png"] = f"{section.title}: {', '.join(section.bars)}, with 95 % intervals"
    return shown


def draw(sections: Sequence[Section], folder: Path) -> None:
    """Draw the pictures of `sections` into `folder`; the same figures give the same files."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    folder.mkdir(parents=True, exist_ok=True)
    for section in sections:
        for name, title in pictures_of(section).items():
            figure = draw_matrix(section) if name.endswith("-confusion.png") else draw_bars(section)
            figure.axes[0].set_title(title, loc="left", color=INK)
            figure.savefig(folder / name, dpi=110, bbox_inches="tight", metadata={"Software": None})


def draw_matrix(section: Section) -> Any:
    """Return the confusion matrix as shares of each row, with counts where they are few enough to read."""
    from matplotlib.figure import Figure

    assert section.matrix
    labels, counts = section.matrix
    size = len(labels)
    side = max(5.0, size * 0.24)
    figure = Figure(figsize=(side, side))
    axes = figure.add_subplot()
    axes.imshow([[n / max(sum(row), 1) for n in row] for row in counts], cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(size), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(size), labels, fontsize=8)
    axes.tick_params(length=0)
    for y, row in enumerate(counts):
        for x, n in enumerate(row):
            if n:
                colour = "white" if n / sum(row) > 0.55 else INK
                axes.text(x, y, str(n), ha="center", va="center", fontsize=9 if size < 12 else 6, color=colour)
    return figure


def draw_bars(section: Section) -> Any:
    """Return one group of bars a label, one bar a series, each with its interval."""
    from matplotlib.figure import Figure

    labels = list(next(iter(section.bars.values())))
    thick = 0.8 / len(section.bars)
    figure = Figure(figsize=(8, 1 + len(labels) * (0.18 + 0.16 * len(section.bars))))
    axes = figure.add_subplot()
    for n, (series, shares) in enumerate(section.bars.items()):
        drawn = [
            (labels.index(label) + (n + 0.5) * thick - 0.4, share) for label, share in shares.items() if share.total
        ]
        ends = [(s.value - s.interval[0], s.interval[1] - s.value) for _, s in drawn]
        low, high = [max(low, 0.0) for low, _ in ends], [max(high, 0.0) for _, high in ends]
        whiskers = {"ecolor": INK, "elinewidth": 0.8, "capsize": 2}
        places, widths = [y for y, _ in drawn], [share.value for _, share in drawn]
        colour = COLOURS[n % len(COLOURS)]
        axes.barh(places, widths, thick * 0.9, color=colour, label=series, xerr=[low, high], error_kw=whiskers)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(section.bars) > 1:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1))
    return figure
