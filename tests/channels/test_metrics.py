"""What Prometheus reads of a running server: how much, how fast, nothing that was said and nobody who said it."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.channels.conftest import PUBLIC, Served
from tests.channels.platforms import Sms
from tests.channels.standin import StandIn


def read(served: Served) -> dict[tuple[str, str], float]:
    """Return our metrics by name and label."""
    families = text_string_to_metric_families(httpx.get(served.metrics).text)
    samples = [sample for family in families for sample in family.samples if sample.name.startswith("linden_")]
    return {(sample.name, next(iter(sample.labels.values()), "")): sample.value for sample in samples}


def test_turns_levels_and_what_was_not_understood_are_counted(served: Served, standin: StandIn) -> None:
    """By channel and level."""
    sms, before = Sms(served.base, PUBLIC), read(served)
    person = sms.person()
    for at, words in enumerate(("he choked me last night", "what is the capital of peru", "qwxz plmk vvv"), 1):
        sms.say(person, words)
        standin.said(person, least=at)
    httpx.get(f"{served.base}/nowhere")

    after = read(served)

    def grown(name: str, label: str = "") -> float:
        return after.get((name, label), 0) - before.get((name, label), 0)

    assert grown("linden_turns_total", "sms") == 3
    assert grown("linden_levels_total", "high_risk") == 1
    assert grown("linden_fallbacks_total") >= 1
    assert grown("linden_turn_seconds_count") == 3
    assert grown("linden_refused_total", "not_found") == 1
    assert after[("linden_turns_in_progress", "")] == 0


def test_metrics_name_nobody_and_are_not_on_the_public_port(served: Served, standin: StandIn) -> None:
    """Neither numbers nor words nor conversations."""
    sms = Sms(served.base, PUBLIC)
    person = sms.person()
    sms.say(person, "zanzibarcanary")
    standin.said(person)

    text = httpx.get(served.metrics).text
    assert "zanzibarcanary" not in text
    assert person not in text
    assert httpx.get(f"{served.base}/metrics").status_code == 404
