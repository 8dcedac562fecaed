"""What the light head of the safety screen is taught."""

from __future__ import annotations

from assistant.components.safety_screen import REPEATED, read_levels, taught
from assistant.encoder import read_learnt
from assistant.text import mark


def test_a_new_message_is_taught_and_of_learnt_ones_a_part() -> None:
    """A message counts as new, too, when it was moved to another level."""
    rows = [(f"he said thing number {n}", "none") for n in range(400)]
    learnt = frozenset(mark(text, "none") for text, _ in rows)

    repeated = taught(rows, learnt)

    assert 400 / REPEATED * 0.7 < len(repeated) < 400 / REPEATED * 1.3
    assert [("brand new", "none"), *repeated] == taught([("brand new", "none"), *rows], learnt)
    assert (moved := [(text, "monitored") for text, _ in rows]) == taught(moved, learnt)


def test_the_encoder_s_record_is_of_these_messages() -> None:
    """Else `make serve` would teach everything twice, and take four times as long."""
    rows, learnt = read_levels(), read_learnt()

    assert len(taught(rows, learnt)) < 0.4 * len(rows)
