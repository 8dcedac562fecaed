"""Builds the two assistants in .cache/bench, each in an environment of its own.

Files are copied, not linked to uv's cache, so that no page of them is shared with another program's memory; Python's
bytecode is compiled, as pip does, so that no first start pays for it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from bench import stock
from bench.places import (
    CACHE,
    LINDEN,
    LINDEN_ENVIRONMENT,
    PYTHON,
    ROOT,
    STOCK,
    STOCK_ENVIRONMENT,
    UV,
    BenchError,
    run,
)

RASA = "rasa==3.6.21"
VERSION = LINDEN / "bench-version"
INSTALL = ("--link-mode", "copy", "--compile-bytecode")
# What a clone needs to serve; its tests, documents and history do not run.
PARTS = (
    "assistant", "actions", "content", "data", "models", "vendor", "widget", "config.yml", "domain.yml",
    "endpoints.yml", "credentials.yml", "pyproject.toml", "uv.lock", "README.md", "LICENSE",
)  # fmt: skip
NOT_SERVED = {".rasa", ".cache"}
LEFT_OUT = ("__pycache__", "linden.tar.gz", "linden.sha256", "train.log", "checkpoint.pt", "model.fp32.onnx")


def build() -> None:
    """Build both anew; raise `BenchError` when one cannot be."""
    if not UV.exists():
        raise BenchError(f"{UV.relative_to(ROOT)} is missing; run `python3 scripts/setup.py dev` first")
    CACHE.mkdir(parents=True, exist_ok=True)
    print("Building a stock assistant (its environment, rasa init, its first training) ...", flush=True)
    build_stock()
    print("Building Linden from this tree, as it is ...", flush=True)
    build_linden()


def check() -> None:
    """Raise `BenchError` unless both were built."""
    for python in (STOCK_ENVIRONMENT / "bin" / "python", LINDEN_ENVIRONMENT / "bin" / "python"):
        if not python.exists():
            raise BenchError(f"{python.relative_to(ROOT)} is missing; run without --skip-build once")
    if not (STOCK / stock.ACTIONS).exists():
        raise BenchError(f"{STOCK.relative_to(ROOT)} is not whole; run without --skip-build once")


def build_stock() -> None:
    """`rasa init --no-prompt` with the newest packages that Rasa takes, and one custom action."""
    for folder in (STOCK, STOCK_ENVIRONMENT):
        shutil.rmtree(folder, ignore_errors=True)
    outside = Path(tempfile.gettempdir())  # in here uv would read Linden's pyproject.toml, which leaves TensorFlow out
    run([UV, "venv", "--quiet", "--python", PYTHON, STOCK_ENVIRONMENT], outside, "stock-install")
    python = STOCK_ENVIRONMENT / "bin" / "python"
    run([UV, "pip", "install", *INSTALL, "--python", python, RASA], outside, "stock-install")
    STOCK.mkdir()
    run([STOCK_ENVIRONMENT / "bin" / "rasa", "init", "--no-prompt"], STOCK, "stock-init")
    stock.add_action(STOCK)


def build_linden() -> None:
    """A copy of this tree's files, installed from uv.lock without the tools of development."""
    shutil.rmtree(LINDEN, ignore_errors=True)
    LINDEN.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, LINDEN / part, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy(source, LINDEN / part)
    VERSION.write_text(commit())
    run([UV, "sync", "--frozen", "--no-default-groups", *INSTALL, "--python", PYTHON], LINDEN, "linden-install")


def version() -> str:
    """Return the commit that Linden was built from, as `commit` told it then."""
    return VERSION.read_text().strip()


def commit() -> str:
    """Return the commit of this tree, with a plus where files that are served differ from it; "unknown" without git."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    found = git("rev-parse", "--short=12", "HEAD") or "unknown"
    return found + ("+" if git("status", "--porcelain", "--", *PARTS) else "")


def size(*folders: Path) -> float:
    """Return the size of all files under `folders` in MB (10^6 bytes), without Rasa's cache and talks."""
    files = (
        path
        for folder in folders
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and not NOT_SERVED.intersection(path.relative_to(folder).parts)
    )
    return sum(path.lstat().st_size for path in files) / 1e6
