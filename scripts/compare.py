"""Compares what the light heads could be, on tests/validation: heads, features, calibration, spelling, precision.

    .venv/bin/python scripts/compare.py [--fp32 FILE]

Prints the table of docs/EVALUATION.md, "What was tried". About ten minutes on two cores. The encoder is taken as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.neural_network import MLPClassifier

from assistant.components.safety_screen import read_levels
from assistant.content import LEVELS
from assistant.encoder import FOLDER, Encoder
from assistant.evaluation import perturb
from assistant.heads import LinearHead, features
from assistant.questions import read_questions
from assistant.settings import ROOT
from assistant.spelling import Speller
from assistant.text import normalise

VALIDATION = ROOT / "tests" / "validation"
Labelled = list[tuple[str, str]]


def intents() -> Labelled:
    """Return the training messages of data/ with their intents."""
    rows: Labelled = []
    for path in sorted((ROOT / "data").glob("*/*.yml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            rows += [
                (normalise(line[2:]), entry["intent"]) for line in entry["examples"].splitlines() if line[:2] == "- "
            ]
    return rows


def validation(name: str, label: str) -> Labelled:
    lines = (VALIDATION / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(normalise(row["text"]), row[label]) for row in map(json.loads, lines)]


class Task:
    """One classification, with the encoder's own head and the features of the light heads."""

    def __init__(self, name: str, encoder: Encoder, train: Labelled, test: Labelled, own: str) -> None:
        self.name, self.encoder, self.own = name, encoder, own
        self.train_texts, self.y = [t for t, _ in train], [label for _, label in train]
        self.test_texts, self.truth = [t for t, _ in test], [label for _, label in test]
        self.encoded = encoder.encode(self.train_texts)
        self.x = features(self.train_texts, self.encoded)

    def score(self, predicted: Sequence[str]) -> str:
        accuracy = float(np.mean([p == t for p, t in zip(predicted, self.truth, strict=True)]))
        return f"{f1_score(self.truth, predicted, average='macro'):.3f} | {accuracy:.3f}"

    def own_scores(self, texts: Sequence[str]) -> tuple[list[str], np.ndarray[Any, Any]]:
        labels = self.encoder.labels["intents" if self.own == "intent" else "levels"]
        return labels, np.stack([getattr(e, self.own) for e in self.encoder.encode(list(texts))])

    def best(self, labels: Sequence[str], scores: np.ndarray[Any, Any]) -> list[str]:
        return [labels[i] for i in scores.argmax(1)]


def report(task: Task, what: str, predict: Callable[[], Sequence[str]]) -> None:
    begun = time.time()
    print(f"| {task.name} | {what} | {task.score(predict())} | {time.time() - begun:.0f} s |", flush=True)


def compare(task: Task) -> None:
    x_test = features(task.test_texts, task.encoder.encode(task.test_texts))
    dense = slice(task.x.shape[1] - 384, None)
    labels, own = task.own_scores(task.test_texts)
    report(task, "encoder's own head", lambda: task.best(labels, own))
    heads: dict[str, LinearHead] = {}
    for strength in (0.1, 1.0):

        def fitted(strength: float = strength) -> list[str]:
            heads[f"{strength}"] = LinearHead.fit(task.x, task.y, strength)
            return task.best(heads[f"{strength}"].labels, heads[f"{strength}"].predict(x_test))

        report(task, f"linear SVM on words, letters and meaning, C={strength}", fitted)
    logistic = LogisticRegression(C=3.0, max_iter=300, class_weight="balanced")
    report(
        task,
        "logistic regression on meaning",
        lambda: list(logistic.fit(task.x[:, dense].toarray(), task.y).predict(x_test[:, dense].toarray())),
    )
    mlp = MLPClassifier((256,), alpha=1e-3, early_stopping=True, max_iter=40, random_state=0)
    report(
        task,
        "small MLP (256) on meaning",
        lambda: list(mlp.fit(task.x[:, dense].toarray(), task.y).predict(x_test[:, dense].toarray())),
    )
    light = heads["0.1"].predict(x_test)
    order = [labels.index(label) for label in heads["0.1"].labels]
    for share in (0.3, 0.5, 0.7, 0.85):
        mixed = share * own[:, order] + (1 - share) * light
        report(task, f"both, {share:.2f} of the encoder's", lambda mixed=mixed: task.best(heads["0.1"].labels, mixed))


def misspelt(task: Task) -> None:
    speller = Speller.of([*task.train_texts])
    for how in ("as written", "one typo", "two typos"):
        texts = [t if how == "as written" else perturb(how, t) for t in task.test_texts]
        for mend in (False, True):
            read = [speller.mend(t) for t in texts] if mend else texts
            report(
                task, f"{how}, {'mended' if mend else 'as it is'}", lambda read=read: task.best(*task.own_scores(read))
            )


def precision(task: Task, file: Path) -> None:
    """Compare int8 with fp32, from `file` (`make encoder` leaves model.fp32.onnx beside the model)."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("labels.json", "tokenizer.json"):
            shutil.copy(FOLDER / name, folder)
        shutil.copy(file, Path(folder) / "model.onnx")
        (Path(folder) / "model.sha256").write_text(hashlib.sha256(file.read_bytes()).hexdigest())
        whole = Encoder(Path(folder))
        scores = np.stack([getattr(e, task.own) for e in whole.encode(task.test_texts)])
    labels, _ = task.own_scores(task.test_texts[:1])
    report(task, "encoder's own head, fp32", lambda: task.best(labels, scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fp32", type=Path, help="the encoder before quantisation")
    args = parser.parse_args()
    encoder = Encoder()
    print("| task | what | macro-F1 | accuracy | time |\n|---|---|---|---|---|")
    plain = intents()
    meant = validation("intents", "intent")
    task = Task("intents", encoder, plain, meant, "intent")
    compare(task)
    misspelt(task)
    if args.fp32:
        precision(task, args.fp32)
    asked = [(normalise(q), topic.partition("/")[0]) for topic, lines in read_questions().items() for q in lines]
    with_facts = [*plain, *asked]
    together = Task("intents, with questions for facts", encoder, with_facts, meant, "intent")
    compare(together)
    levels = Task("levels", encoder, read_levels(), validation("levels", "level"), "level")
    assert set(levels.y) == set(LEVELS)
    compare(levels)


if __name__ == "__main__":
    main()
