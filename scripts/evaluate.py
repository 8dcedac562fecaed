"""Measures the assistant on messages kept apart from its training, and writes down what it got wrong.

    .venv/bin/python scripts/evaluate.py [--set heldout|validation] [--model FILE] [--limit N]

Figures and errors go to reports/; those of the whole held-out set also to docs/.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import hashlib
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import evaluation_measures as measures
import evaluation_report as report
from evaluation_measures import Assistant, Row
from evaluation_report import EvaluationError, Section, Table

from assistant.cli import OPERATOR_ERRORS
from assistant.content import LEVELS, ContentError
from assistant.evaluation import spread
from assistant.settings import ROOT
from assistant.text import key
from assistant.training import MODEL, TrainingError, ensure

REPORTS, DOCS = ROOT / "reports", ROOT / "docs"

# What is measured, in this order: files of tests/<set>, keys that their lines must have, and by which function.
MEASURES: list[tuple[tuple[str, ...], tuple[str, ...], Callable[[Assistant, list[Row]], Awaitable[Section]]]] = [
    (("levels",), ("text", "level"), measures.levels),
    (("ordinary",), ("text",), measures.ordinary),
    (("long",), ("text", "level"), measures.long),
    (("secondturns",), ("first", "second", "expect"), measures.secondturns),
    (("conversations",), ("turns",), measures.conversations),
    (("intents",), ("text", "intent"), measures.intents),
    (("facts",), ("text", "intent"), measures.facts),
    (("signs",), ("text", "signs"), measures.signs),
    (("languages",), ("text", "language"), measures.languages),
    (("levels", "intents"), ("text",), measures.robustness),
]


def read(path: Path, keys: Sequence[str], limit: int) -> list[Row]:
    """Return the lines of `path`, each with `keys`; raise `EvaluationError`, also when there are none."""
    place = "/".join(path.parts[-3:])
    if not path.exists():
        raise EvaluationError(f"{place}: this file is missing")
    lines = [(n, line) for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if line.strip()]
    rows = [checked(line, keys, f"{place}: line {n}") for n, line in lines]
    if not rows:
        raise EvaluationError(f"{place}: no messages")
    return spread(rows, limit)


def checked(line: str, keys: Sequence[str], place: str) -> Row:
    """Return the row that `line` holds; raise `EvaluationError` where it cannot be measured."""
    try:
        row = json.loads(line)
    except ValueError:
        raise EvaluationError(f"{place}: not JSON") from None
    if not isinstance(row, dict):
        raise EvaluationError(f"{place}: expected keys and values")
    missing = [name for name in keys if name not in row]
    missing += ["user" for turn in row.get("turns", []) if "user" not in turn]
    if missing:
        raise EvaluationError(f"{place}: the key '{missing[0]}' is missing")
    if row.get("level", "none") not in LEVELS:
        raise EvaluationError(f"{place}: there is no level '{row['level']}'")
    return row


def trained() -> set[str]:
    """Return the keys of everything under data/ that a message could repeat."""
    files = [path for path in (ROOT / "data").rglob("*") if path.suffix in (".yml", ".txt", ".jsonl")]
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {key(json.loads(line)["text"] if line[0] == "{" else line.removeprefix("- ")) for line in lines}


def texts_of(row: Row) -> list[str]:
    """Return what a person writes in `row`, without the short second turns, which repeat by nature."""
    return [row.get("text") or row.get("first") or row["turns"][0]["user"]]


async def load_assistant(model: Path) -> Assistant:
    """Return the assistant of `model`; raise `EvaluationError` with the reason why it cannot answer."""
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    os.environ["LINDEN_STORE"] = "sqlite://"  # in memory: these talks are none of the deployment's, nor of its counts
    logging.captureWarnings(True)  # Rasa's libraries warn of one another while they are imported
    logging.getLogger("py.warnings").disabled = True
    from assistant.components import server

    server.configure_logs()
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    server.MODEL = model  # type: ignore[attr-defined]
    try:
        return Assistant(await server.load())
    except OPERATOR_ERRORS as error:
        raise EvaluationError(str(error) or type(error).__name__) from error


async def measure(model: Path, folder: Path, limit: int) -> tuple[list[Section], list[str], Table]:
    """Return what could be measured, a line on each thing that could not, and the files that were read."""
    assistant, known = await load_assistant(model), trained()
    sections, skipped = list[Section](), list[str]()
    files: Table = [("file", "messages or conversations", "of them also in training")]
    for names, keys, function in MEASURES:
        try:
            rows = [row for name in names for row in read(folder / f"{name}.jsonl", keys, limit)]
            sections.append(await function(assistant, rows))
        except EvaluationError as error:
            skipped.append(f"Not measured: {function.__name__} ({error})")
            continue
        if len(names) == 1:
            repeated = sum(key(text) in known for row in rows for text in texts_of(row))
            files.append((f"{names[0]}.jsonl", len(rows), repeated))
    if not sections:
        raise EvaluationError("\n".join(skipped))
    return sections, skipped, files


def write(name: str, model: Path, limit: int, sections: list[Section], skipped: list[str], files: Table) -> None:
    """Write the report of the set `name`; a trial (`limit`) under another name, and nothing under docs/."""
    stem = f"{name}-trial" if limit else name
    day, stamp = datetime.date.today().isoformat(), hashlib.sha256(model.read_bytes()).hexdigest()[:12]
    head = [
        f"Measured on {day} with tests/{name} and the model {stamp}.",
        "",
        *report.markdown(files),
        *(f"{line}\n" for line in skipped),
    ]
    record = REPORTS / f"evaluation-{stem}.json"
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    changes = report.compare(before["sections"], sections) if before and before["limit"] == limit else []
    errors = report.errors_in_words(sections, f"# Errors on tests/{name}, {day}")
    words = report.in_words(sections, [*head, *changes], f"evaluation-{stem}")
    now = {"date": day, "model": stamp, "limit": limit, "sections": report.as_json(sections)}
    REPORTS.mkdir(exist_ok=True)
    report.draw(sections, REPORTS / f"evaluation-{stem}")
    (REPORTS / f"evaluation-{stem}.md").write_text(f"# Evaluation: {stem}\n\n{words}", encoding="utf-8")
    (REPORTS / f"errors-{stem}.md").write_text(errors, encoding="utf-8")
    record.write_text(json.dumps(now, indent=1), encoding="utf-8")
    print(report.plain(sections), *skipped, *changes, sep="\n")
    print(f"Written: reports/evaluation-{stem}.md, .json and pictures; reports/errors-{stem}.md")
    if name == "heldout" and not limit:
        report.draw(sections, DOCS / "evaluation")
        (DOCS / "evaluation" / "errors.md").write_text(errors, encoding="utf-8")
        report.put_into(DOCS / "EVALUATION.md", report.in_words(sections, head, "evaluation"))
        print("Written: docs/EVALUATION.md, docs/evaluation/")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--set", choices=["heldout", "validation"], default="heldout", help="which messages of tests/")
    parser.add_argument("--model", type=Path, help="a trained model (default: the project's, trained first if stale)")
    parser.add_argument("--limit", type=int, default=0, help="a trial on at most so many messages of each file")
    return parser.parse_args()


def main() -> int:
    """Run the evaluation; an error that can be mended is one line, not a traceback."""
    args = arguments()
    folder, model = ROOT / "tests" / args.set, args.model or MODEL
    try:
        if not folder.is_dir():
            raise EvaluationError(f"tests/{args.set}: this folder is missing")
        if args.model is None:
            ensure()
        if not model.is_file():
            raise EvaluationError(f"{model}: there is no such model")
        write(args.set, model, args.limit, *asyncio.run(measure(model, folder, args.limit)))
    except (EvaluationError, ContentError, TrainingError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
