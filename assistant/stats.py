"""How much Linden is used, a day: counts without words or names, small ones hidden.

A day on which only one person wrote must not tell what they wrote about, so a count below SMALLEST is shown as "<5"
and a day's rest cannot be worked out from sums: no sums are shown.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from assistant.content import LEVELS
from assistant.store import COUNTS, ConversationStore

SMALLEST = 5
KEPT_DAYS = 400
GENERAL = ("conversations", "turns", "not understood", "exits", "erased")
COLUMNS = (*GENERAL, *LEVELS[:-1])


def count(store: ConversationStore, names: Iterable[str]) -> None:
    """Count each of `names` once for today; raise `StoreError`."""
    with store.transaction() as db:
        store.add_counts(db, names)


def days(store: ConversationStore, most: int) -> list[tuple[str, dict[str, int]]]:
    """Return (day, counts) of the last `most` days that have any, oldest first; forget days older than KEPT_DAYS."""
    oldest = (datetime.date.fromtimestamp(store.now()) - datetime.timedelta(KEPT_DAYS)).isoformat()
    found: dict[str, dict[str, int]] = {}
    with store.transaction() as db:
        db.execute(COUNTS.delete().where(COUNTS.c.day < oldest))
        for row in db.execute(select(COUNTS).order_by(COUNTS.c.day)):
            found.setdefault(row.day, {})[row.name] = row.n
    return list(found.items())[-most:]


def shown(n: int) -> str:
    """Return a count as it may be seen."""
    return "–" if n == 0 else str(n) if n >= SMALLEST else f"<{SMALLEST}"


def table(rows: list[tuple[str, dict[str, int]]]) -> str:
    """Return the counts as a table in plain text."""
    head = ["day", *COLUMNS]
    lines = [head, *([day, *(shown(counts.get(name, 0)) for name in COLUMNS)] for day, counts in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def picture(rows: list[tuple[str, dict[str, int]]], path: Path) -> None:
    """Write a picture of the counts to `path`; what is hidden in the table is not drawn."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, 1, figsize=(9, 7), sharex=True)
    for axes, names in ((above, GENERAL), (below, LEVELS[:-1])):
        for name in names:
            values = [n if (n := counts.get(name, 0)) >= SMALLEST else float("nan") for _, counts in rows]
            axes.plot([day for day, _ in rows], values, marker="o", label=name)
        axes.legend(fontsize="small", frameon=False, ncol=2)
        axes.set_ylim(bottom=0)
    below.tick_params(axis="x", rotation=60)
    above.set_title(f"A day; counts below {SMALLEST} are not shown")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
