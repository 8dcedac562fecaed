"""Trains the assistant when something that matters changed, and only then."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from assistant.settings import ROOT

MODEL = ROOT / "models" / "linden.tar.gz"
LOG = ROOT / "models" / "train.log"
STAMP = ROOT / "models" / "linden.sha256"
# What a trained model depends on. The words of content/ are read at start and need no training.
INPUTS = (
    "config.yml",
    "domain.yml",
    "data/**/*",
    "models/encoder/model.sha256",
    "models/encoder/learnt.npy",
    "assistant/text.py",
    "assistant/encoder.py",
    "assistant/heads.py",
    "assistant/questions.py",
    "assistant/screen.py",
    "assistant/spelling.py",
    "uv.lock",
)
COMPONENT = re.compile(r"assistant\.components\.(\w+)\.")  # as config.yml names those that are trained


class TrainingError(Exception):
    """Training did not succeed; the message is for the operator."""


def digest(root: Path = ROOT) -> str:
    """Return one hash over everything that a trained model depends on."""
    hashed = hashlib.sha256()
    components = sorted(set(COMPONENT.findall((root / "config.yml").read_text(encoding="utf-8"))))
    for pattern in [*INPUTS, *(f"assistant/components/{name}.py" for name in components)]:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                hashed.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return hashed.hexdigest()


def is_fresh() -> bool:
    """Return whether the model on disk was trained from what is there now."""
    return MODEL.exists() and STAMP.exists() and STAMP.read_text().strip() == digest()


def train() -> None:
    """Train the model, telling progress on standard output; raise `TrainingError`."""
    before = digest()
    code = (
        "from assistant.components.training_run import run; import sys; "
        f"sys.exit(run({str(MODEL.parent)!r}, {MODEL.name.removesuffix('.tar.gz')!r}))"
    )
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    MODEL.parent.mkdir(exist_ok=True)
    with LOG.open("w", encoding="utf-8") as log:  # Rasa's own progress and its libraries' warnings
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, env=environment, stderr=log)
    if done.returncode != 0 or not MODEL.exists():
        last = [line for line in LOG.read_text(encoding="utf-8").splitlines() if line.strip()][-1:]
        raise TrainingError(f"training failed: {(last or ['no reason given'])[0]} (all of it is in {LOG})")
    STAMP.write_text(before + "\n")


def ensure() -> None:
    """Train unless the model is fresh."""
    if not is_fresh():
        print("Training the assistant (once; again only when its messages change) ...", flush=True)
        train()
