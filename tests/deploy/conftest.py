"""The programs that check deploy/, installed once into .tools/deploy from a lock with hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.programs import CHART, LOCK, ROOT, TOOLS, missing, run


@pytest.fixture(scope="session")
def tools() -> Path:
    """Return the folder with the programs of tools.txt."""
    stamp = TOOLS / ".linden"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        uv = ROOT / ".tools" / "bin" / "uv"
        if not uv.exists():
            missing(f"{uv} is not there: `make test` puts it there")
        shutil.rmtree(TOOLS, ignore_errors=True)
        environment = {**os.environ, "UV_SYSTEM_CERTS": "true", "UV_PYTHON_INSTALL_DIR": str(TOOLS.parent / "python")}
        environment.pop("VIRTUAL_ENV", None)
        for command in (
            ["venv", "--quiet", "--python", ">=3.11,<3.14", TOOLS],
            ["pip", "install", "--quiet", "--python", TOOLS, "--only-binary", ":all:", "--require-hashes", "-r", LOCK],
        ):
            done = run(uv, *command, env=environment)
            if done.returncode:
                missing(f"the programs of tests/deploy/tools.txt could not be installed: {done.stderr.strip()[-400:]}")
        stamp.write_text(wanted)
    return TOOLS / "bin"


@pytest.fixture(scope="session")
def helm(tools: Path) -> Callable[..., Any]:
    """Return Helm: `helm("lint")`, `helm("render", values)`."""

    def call(command: str, values: dict[str, Any] | None = None) -> Any:
        done = run(tools / "python", Path(__file__).parent / "helm.py", command, CHART, input=json.dumps(values or {}))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call
