"""Three assistants, a database, Redis and the proxy, all real, and broken while people write."""

from __future__ import annotations

from pathlib import Path

from bench.cluster import missing as lacking
from bench.faults import run
from tests.deploy.programs import missing


def test_what_breaks_is_not_noticed_by_those_who_write(tools: Path, agent: object, tmp_path: Path) -> None:
    """Nobody gets another's answer, no turn is applied twice or lost, every danger gets its numbers, all recovers.

    `make faults` does the same with 200 people for several minutes; docs/RELIABILITY.md has its figures.
    """
    if names := lacking():
        missing(f"not installed: {', '.join(names)}")

    found = run(people=20, minutes=0.5, seed=7, folder=tmp_path)

    assert {} == found["what"]
    assert [0, 0, 0] == [found["turns applied twice"], found["turns lost"], found["conversations lost"]]
    assert 0 == found["never answered"]
    assert found["works again"]
    assert found["of them dangers"] > 10
