from __future__ import annotations

from typing import Any

import pytest

from assistant import evaluation
from assistant.content import load
from assistant.evaluation import Answered, Scores, Share, Words, met, per_label, perturb, tells, wilson
from assistant.people import People

WORDS = Words(corrections=("I got that wrong.",), farewells=("Take care.",), apologies=("Something went wrong.",))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # known values of the interval without continuity correction
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (95, 100, 0.8882, 0.9785),
        # nothing counted, nothing known
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(hits: int, total: int, low: float, high: float) -> None:
    """The interval of a share is Wilson's."""
    assert (low, high) == pytest.approx(wilson(hits, total), abs=5e-5)


def test_share_of_nothing() -> None:
    """A share of nothing is said to be that, and counts as 0."""
    nothing = evaluation.rate([])

    assert ("none counted", 0.0) == (str(nothing), nothing.value)


@pytest.mark.parametrize(("precision", "recall", "expected"), [(0.5, 1.0, 2 / 3), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)])
def test_f1(precision: float, recall: float, expected: float) -> None:
    """F1 is the harmonic mean, and 0 rather than an error where nothing was right."""
    assert expected == pytest.approx(evaluation.f1(precision, recall))


def test_scores_by_label() -> None:
    """Each label is scored on its own; one that was never meant counts in no macro mean."""
    scores = per_label([{"a"}, {"a"}, {"b"}, set()], [{"a"}, {"b"}, {"b"}, {"c"}])

    assert {"a": Scores(1, 2, 1), "b": Scores(1, 1, 2), "c": Scores(0, 0, 1)} == scores
    assert pytest.approx(2 / 3) == evaluation.macro_f1(scores)
    assert pytest.approx(4 / 7) == evaluation.micro_f1(scores)
    assert Share(1, 2) == scores["a"].recall == scores["b"].precision


def test_confusion_has_truth_in_rows() -> None:
    """A row tells what became of the messages of one label."""
    assert [[1, 1], [0, 1]] == evaluation.confusion(["a", "a", "b"], ["a", "b", "b"], ["a", "b"])


@pytest.mark.parametrize(("limit", "expected"), [(0, 600), (900, 600), (300, 300)])
def test_spread(limit: int, expected: int) -> None:
    """A trial takes rows from all of a file in their order, and the same ones each time."""
    rows = evaluation.spread(range(600), limit)

    assert expected == len(rows)
    assert rows == sorted(set(rows)) == evaluation.spread(range(600), limit)
    assert rows[-1] > 500


# --- turns


def message(text: str = "words", **custom: Any) -> dict[str, Any]:
    return {"text": text, "custom": custom}


HELP = {"contacts": [{"name": "a line"}]}
ARTICLE = {"topic": "ask_signs", "source": {"title": "t", "section": "s"}}
PLAN = {"topic": "ask_safety_plan", "source": {"title": "t", "section": "s"}}


@pytest.mark.parametrize(
    ("expect", "said", "before", "expected"),
    [
        # a level is named with contacts
        ("emergency", message(level="emergency", **HELP), (), True),
        ("emergency", message(level="emergency"), (), False),
        ("emergency", message(level="high_risk", **HELP), (), False),
        # a worse one only where it was named before
        ("monitored", message(level="suicide", **HELP), ("suicide",), True),
        ("monitored", message(level="suicide", **HELP), (), False),
        ("monitored", message(level="abuse_disclosed", **HELP), ("abuse_disclosed",), False),
        # the safety path keeps a contact and does not lecture; its own plan is no lecture
        ("in_safety_path", message(level="suicide", **HELP), (), True),
        ("in_safety_path", message(level="suicide", **HELP, **PLAN), (), True),
        ("in_safety_path", message(level="suicide", **HELP, **ARTICLE), (), False),
        ("in_safety_path", message(level="suicide"), (), False),
        ("article_with_contact", message(level="suicide", **HELP, **ARTICLE), (), True),
        ("article_with_contact", message(**ARTICLE), (), False),
        # words decide
        ("corrected", message("All right. I got that wrong."), (), True),
        ("corrected", message("words"), (), False),
        ("farewell_with_contact", message("Take care.", **HELP), (), True),
        ("farewell_with_contact", message("Take care."), (), False),
        ("normal", message(**ARTICLE), (), True),
        ("normal", message(level="suicide", **HELP), (), False),
        # silence and apologies are no answer
        ("normal", message(""), (), False),
        ("in_safety_path", message("Something went wrong.", **HELP), (), False),
    ],
)
def test_expectations(expect: str, said: dict[str, Any], before: tuple[str, ...], expected: bool) -> None:
    """Whether a turn was answered as expected is read off the messages."""
    assert expected == met(expect, Answered.of([said]), WORDS, before)


def test_messages_of_a_turn_are_read_as_one() -> None:
    """Belief and the level may come in one message, the answer and the contacts in the next."""
    answered = Answered.of(
        [message("I believe you.", level="abuse_disclosed"), message(**HELP, **ARTICLE), {"text": None}]
    )

    assert ("abuse_disclosed", True, True, ("ask_signs",)) == (
        answered.level,
        answered.contacts,
        answered.article,
        answered.topics,
    )


def test_words_of_the_content() -> None:
    """There are words for every kind of reply that is known by its words."""
    words = Words.of(load())

    assert all([words.corrections, words.farewells, words.apologies])


# --- perturbations

SENTENCE = "Please help, I can't tell what you are doing tonight because of him."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lower case", "please help, i can't tell what you are doing tonight because of him."),
        ("no punctuation", "Please help I can't tell what you are doing tonight because of him"),
        ("no apostrophes", "Please help, I cant tell what you are doing tonight because of him."),
        ("SMS spelling", "pls help, I cnt tell wat u r doing 2nite cuz of him."),
    ],
)
def test_fixed_perturbations(name: str, expected: str) -> None:
    """These change a message in one known way."""
    assert expected == perturb(name, SENTENCE)


@pytest.mark.parametrize(("name", "changed"), [("one typo", 1), ("two typos", 2)])
@pytest.mark.parametrize(
    "text", ["please help because tonight", "nobody understands what happened there", "pppppp tttttt uuuuuu"]
)
def test_typos(name: str, changed: int, text: str) -> None:
    """As many words are misspelt as is said, and first letters stay."""
    now = perturb(name, text).split()

    assert changed == sum(a != b for a, b in zip(text.split(), now, strict=True))
    assert [word[0] for word in text.split()] == [word[0] for word in now]


@pytest.mark.parametrize("name", evaluation.PERTURBATIONS)
@pytest.mark.parametrize("text", ["", "no", "ok!!", "?", "he’s HERE", SENTENCE])
def test_every_perturbation_is_repeatable(name: str, text: str) -> None:
    """The same message always becomes the same, whatever it holds."""
    assert perturb(name, text) == perturb(name, text)
    assert bool(text) == bool(perturb(name, text)) or name == "emoji"


def test_doubled_letters_only_add() -> None:
    """Without its doubles the message is as before."""
    doubled = perturb("doubled letters", "they never wanted another")

    assert len(doubled) > len("they never wanted another")
    assert "they never wanted another" == "".join(c for i, c in enumerate(doubled) if i == 0 or c != doubled[i - 1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They were held for Six days.", True),
        ("It lasted 6 days", True),
        ("It was in 1973.", False),
        ("The mood may swing", True),
        ("The mood is good", False),
    ],
)
def test_a_fact_is_seen_in_a_reply_by_its_words(text: str, expected: bool) -> None:
    """One word of many, or all of an inner list, in any case."""
    assert expected == tells(text, ["six days", "6 days", ["mood", "swing"]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("why me", ["length: up to 5 words", "style: as on a phone"]),
        ("I am unsure whether my mother loves me.", ["length: 6 to 20 words", "style: formal", "about: mother"]),
        ("idk what " * 11, ["length: over 20 words", "style: as on a phone"]),
    ],
)
def test_a_message_belongs_to_slices(text: str, expected: list[str]) -> None:
    """By length, style and whom it is about."""
    assert expected == evaluation.slices_of(text, People(load().people))
