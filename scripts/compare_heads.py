"""Compares heads over the same features, and how they are calibrated, on tests/validation; writes reports/heads.md.

    .venv/bin/python scripts/compare_heads.py [--task intents|levels] [--heads MLP]

Each head learns what `rasa train` teaches the light heads. Calibration is fitted on folds of the training messages
that the head has not seen. Log loss is the mean surprise in nats; the calibration error is that of Guo et al. 2017
(arXiv:1706.04599, ECE): the gap between confidence and accuracy over 15 bins, weighed by their messages.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import yaml
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from assistant.components.safety_screen import HARMLESS, read_levels, taught
from assistant.encoder import Array, Encoder, read_learnt
from assistant.heads import LinearHead, features
from assistant.questions import general_questions
from assistant.settings import ROOT
from assistant.text import normalise

BINS = 15
RECALL = 0.97  # of dangers, at which false alarms are compared
Rows = list[tuple[str, str]]
Head = Callable[[sparse.csr_matrix, list[str], sparse.csr_matrix], tuple[Array, list[str]]]


def examples() -> Rows:
    """Return (message, intent) of data/<family>/<intent>.yml."""
    entries = [e for path in sorted((ROOT / "data").glob("*/*.yml")) for e in yaml.safe_load(path.read_text())["nlu"]]
    return [
        (normalise(line.removeprefix("- ")), entry["intent"])
        for entry in entries
        for line in entry["examples"].splitlines()
        if line.strip()
    ]


def read_training(task: str) -> Rows:
    """Return what `rasa train` teaches the light head of `task`, but for the pieces of long stories."""
    if task == "intents":
        return examples()
    rows = taught(read_levels(), read_learnt())
    rows += [(text, "none") for text, intent in examples() if intent in HARMLESS]
    return rows + [(normalise(question), "none") for question in general_questions()]


def read_validation(task: str) -> Rows:
    """Return (message, label) of the validation set of `task`."""
    lines = (ROOT / "tests" / "validation" / f"{task}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [(normalise(row["text"]), row[task.removesuffix("s")]) for row in rows]


def ours(x: sparse.csr_matrix, y: list[str], new: sparse.csr_matrix) -> tuple[Array, list[str]]:
    """The head that is shipped: a linear SVM with one temperature for all classes."""
    head = LinearHead.fit(x, y)
    return head.predict(new), head.labels


def fitted(model: object) -> Head:
    """Return a head that is a classifier of scikit-learn."""

    def head(x: sparse.csr_matrix, y: list[str], new: sparse.csr_matrix) -> tuple[Array, list[str]]:
        model.fit(x, np.array(y))  # type: ignore[attr-defined]
        return model.predict_proba(new), list(model.classes_)  # type: ignore[attr-defined]

    return head


def heads() -> dict[str, Head]:
    """Return the heads that are compared, by what the report calls them."""
    svm = LinearSVC(C=1.0, class_weight="balanced", random_state=0, tol=1e-3)
    return {
        "linear SVM, one temperature": ours,
        "linear SVM, a sigmoid a class": fitted(CalibratedClassifierCV(svm, method="sigmoid", cv=3)),
        "linear SVM, isotonic": fitted(CalibratedClassifierCV(svm, method="isotonic", cv=3)),
        "logistic regression, C=10": fitted(LogisticRegression(C=10.0, class_weight="balanced", max_iter=100)),
        "MLP, 64 hidden": fitted(MLPClassifier((64,), alpha=1e-4, early_stopping=True, max_iter=20, random_state=0)),
    }


def calibration_error(found: Array, right: Array) -> float:
    """Return the expected calibration error of probabilities `found` (n, classes) whose best is `right` (n,) or not."""
    sure = found.max(axis=1)
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(sure[places == b].mean() - right[places == b].mean()) * (places == b).mean() for b in set(places)]
    return float(sum(gaps))


def judged(found: Array, labels: list[str], truth: list[str], task: str) -> list[str]:
    """Return one line of figures: for levels the exact level and how danger is told from none, for intents macro-F1."""
    best = [labels[i] for i in found.argmax(axis=1)]
    right = np.array([a == b for a, b in zip(best, truth, strict=True)])
    surprise = -np.log(found[np.arange(len(truth)), [labels.index(t) for t in truth]] + 1e-6).mean()
    figures = [f"{right.mean():.3f}"]
    if task == "intents":
        figures.append(f"{f1_score(truth, best, average='macro'):.3f}")
    else:
        danger, alarm = np.array([t != "none" for t in truth]), 1 - found[:, labels.index("none")]
        bound = np.quantile(alarm[danger], 1 - RECALL)
        figures += [f"{roc_auc_score(danger, alarm):.4f}", f"{(alarm[~danger] >= bound).mean():.3f}"]
    return [*figures, f"{surprise:.3f}", f"{calibration_error(found, right):.3f}"]


def compare(task: str, wanted: str = "") -> list[str]:
    """Return the table of `task`, as lines of Markdown; each head is told alone and in halves with the encoder's.

    Only heads whose name holds `wanted` are compared.
    """
    encoder = Encoder()
    training, validation = read_training(task), read_validation(task)
    encodings = [encoder.encode([text for text, _ in rows]) for rows in (training, validation)]
    x, new = (features([t for t, _ in rows], e) for rows, e in zip((training, validation), encodings, strict=True))
    truth = [label for _, label in validation]
    kind = task.removesuffix("s")
    own = np.stack([getattr(encoding, kind) for encoding in encodings[1]])
    names = encoder.labels[task]
    columns = ["accuracy", "macro-F1"] if task == "intents" else ["exact", "AUC of danger", f"false alarms at {RECALL}"]
    lines = [f"## {task}", "", f"| head | {' | '.join([*columns, 'log loss', 'calibration error'])} | seconds |"]
    lines += ["|" + " --- |" * (len(columns) + 4)]

    def add(name: str, found: Array, labels: list[str], seconds: float) -> None:
        lines.append(f"| {name} | {' | '.join(judged(found, labels, truth, task))} | {seconds:.0f} |")
        print(lines[-1], flush=True)

    add("the encoder's own", own, names, 0)
    for name, head in heads().items():
        if wanted not in name:
            continue
        begun = time.monotonic()
        found, labels = head(x, [label for _, label in training], new)
        seconds = time.monotonic() - begun
        add(name, found, labels, seconds)
        add(f"{name}, with the encoder's own", (found + own[:, [names.index(n) for n in labels]]) / 2, labels, seconds)
    return lines


def main() -> None:
    """Run the comparison and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=["intents", "levels"])
    parser.add_argument("--heads", default="", help="those whose name holds this")
    args = parser.parse_args()
    tasks = [args.task] if args.task else ["intents", "levels"]
    lines = [line for task in tasks for line in [*compare(task, args.heads), ""]]
    (ROOT / "reports").mkdir(exist_ok=True)
    (ROOT / "reports" / "heads.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
