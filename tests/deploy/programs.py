"""Where deploy/ is, and how the programs that check it are found."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "linden"
TOOLS = ROOT / ".tools" / "deploy"
LOCK = Path(__file__).resolve().parent / "tools.txt"


def missing(what: str) -> None:
    """Skip for a tool that is not there; where CI runs, fail."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def run(*command: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **options)


def program(name: str) -> str:
    """Return the path of a program of this machine."""
    found = shutil.which(name)
    if not found:
        missing(f"{name} is not installed on this machine")
    return found or ""
