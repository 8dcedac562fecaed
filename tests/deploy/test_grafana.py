"""The dashboard asks for metrics that there are."""

from __future__ import annotations

import json
import re

from prometheus_client import REGISTRY

from assistant import metrics
from tests.deploy.programs import DEPLOY

DASHBOARD = json.loads((DEPLOY / "grafana" / "linden.json").read_text())


def test_every_metric_of_the_dashboard_is_served_and_every_metric_is_on_it() -> None:
    """By its name."""
    served = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    served |= {f"{family.name}{end}" for family in REGISTRY.collect() for end in ("_total", "_bucket", "")}
    asked = {
        name for panel in DASHBOARD["panels"] for t in panel["targets"] for name in re.findall(r"linden_\w+", t["expr"])
    }

    assert metrics.TURNS
    assert asked <= served
    assert {f.name for f in REGISTRY.collect() if f.name.startswith("linden")} <= {
        re.sub("_total|_bucket", "", a) for a in asked
    }


def test_panels_do_not_overlap() -> None:
    """Each has a place of its own on the grid."""
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(cells) == len(set(cells))
