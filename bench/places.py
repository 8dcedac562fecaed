"""Where the bench keeps what it builds and what it writes, and how it runs commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"  # both assistants, their environments and logs; not in git
STOCK, STOCK_ENVIRONMENT = CACHE / "stock", CACHE / "stock-environment"
LINDEN, LINDEN_ENVIRONMENT = CACHE / "linden", CACHE / "linden" / ".venv"
PAGE, PICTURES = ROOT / "docs" / "BENCHMARK.md", ROOT / "docs" / "benchmark"
RESULTS = ROOT / "reports" / "benchmark.json"
UV = ROOT / ".tools" / "bin" / "uv"
PYTHON = Path(sys.base_prefix) / "bin" / "python3.10"


class BenchError(Exception):
    """The bench cannot go on; the message is for the person who runs it."""


def environment() -> dict[str, str]:
    """Return the environment of everything that is measured: this one's, without Linden's own settings."""
    own = ("LINDEN_", "UV_PROJECT", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PORT", "API_TOKEN", "ACTION_SERVER")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    kept.setdefault("UV_SYSTEM_CERTS", "true")
    return kept | {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def run(command: Sequence[str | Path], cwd: Path, log: str) -> None:
    """Run `command` with its output in the log of that name; raise `BenchError` with its last line when it fails."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{log}.log"
    with path.open("w", encoding="utf-8") as file:
        done = subprocess.run(command, cwd=cwd, env=environment(), stdout=file, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        raise BenchError(
            f"{Path(command[0]).name} failed: {(lines or ['no reason given'])[-1]} (all of it is in {path})"
        )
