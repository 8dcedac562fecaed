"""Holds the names equal everywhere: intents, domain, data, content, tests, levels, signs."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from assistant.content import LEVELS, load

ROOT = Path(__file__).resolve().parent.parent
FAMILIES = ("article", "describe", "safety", "conversation")
INTENTS = 48
SIGNS = {
    "confuse_love_abuse", "isolated_dependent", "self_blame_excuses", "covers_up", "trusts_unreliable",
    "selective_memory", "reluctant_to_end", "defends_other", "doubts_safe_love", "charming", "mood_swings",
    "blames_other", "isolates", "empty_promises", "needs_to_survive", "terror_of_ending", "needed_for_fulfilment",
    "cannot_remove", "unsafe_everywhere", "longs_for_what_could_be", "dissociates", "love_bombing",
    "narcissistic_traits",
}  # fmt: skip


def domain() -> dict:
    return yaml.safe_load((ROOT / "domain.yml").read_text())


def data_files() -> dict[str, dict]:
    paths = [path for family in FAMILIES for path in sorted((ROOT / "data" / family).glob("*.yml"))]
    return {path.stem: yaml.safe_load(path.read_text()) for path in paths}


def test_every_intent_of_the_domain_has_its_data_file_and_no_other_is_there():
    """The domain lists what data/ holds, and the fallback."""
    files = data_files()

    assert len(files) == INTENTS
    assert {*files, "nlu_fallback"} == set(domain()["intents"])


def test_a_data_file_holds_its_own_intent_and_one_rule_for_it():
    """One file, one intent: its examples and where it leads."""
    for intent, data in data_files().items():
        assert {intent} == {entry["intent"] for entry in data["nlu"]}
        assert intent == data["rules"][0]["steps"][0]["intent"]


def test_every_intent_has_words():
    """Each intent has an answer in content/, and content/ answers nothing else."""
    assert set(domain()["intents"]) == set(load().answers)


def test_every_action_of_the_domain_is_a_class_and_the_reverse():
    """actions/ holds one file an action, named after it."""
    files = {f"action_{p.stem}" for p in (ROOT / "actions").glob("*.py") if p.stem not in ("__init__", "reading")}

    assert files == set(domain()["actions"])


def test_every_level_has_words_messages_and_rules():
    """content/levels, data/levels and content/screen know the same levels."""
    dangers = set(LEVELS) - {"none"}

    assert dangers == set(load().levels)
    assert set(LEVELS) == {path.stem for path in (ROOT / "data" / "levels").glob("*.txt")}
    assert dangers == {path.stem for path in (ROOT / "content" / "screen").glob("*.yml")} - {
        "contexts",
        "words",
        "turns",
    }


def test_the_signs_are_those_of_the_contract():
    """Descriptions carry the contract's signs, each of which has a phrase."""
    lines = (ROOT / "data" / "signs" / "descriptions.jsonl").read_text().splitlines()

    assert {sign for line in lines for sign in json.loads(line)["signs"]} == SIGNS
    assert set(load().phrases.signs) == SIGNS


def test_the_encoder_knows_the_levels_in_the_order_of_urgency():
    """The encoder's labels are the contract's."""
    labels = json.loads((ROOT / "models" / "encoder" / "labels.json").read_text())

    assert list(LEVELS) == labels["levels"]
    assert set(labels["signs"]) == SIGNS
    assert set(labels["intents"]) <= set(domain()["intents"])
