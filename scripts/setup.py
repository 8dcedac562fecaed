"""Prepares the environment: finds Python 3.10, installs uv into the clone, and what uv.lock names.

Runs under any Python from 3.8 on and needs nothing but it. Touches nothing outside the clone but the
caches of pip and uv. Each missing prerequisite is one line on standard error and status 1.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
UV_VERSION = "0.13.9"
VENV = ROOT / ".venv"
STAMP = VENV / ".linden"


def fail(message):
    sys.stderr.write(f"linden: {message}\n")
    sys.exit(1)


def run(command, **options):
    """Run a command whose output matters only when it fails; return whether it succeeded and that output."""
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    return done.returncode == 0, done.stdout.strip()


def is_310(python):
    ok, out = run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    return ok and out.endswith("3.10")


def find_python():
    """Return the path of a working Python 3.10, or None; pyenv's shims may name one that is not there."""
    names = [sys.executable, "python3.10", "python3", "python"]
    folders = os.environ.get("PATH", "").split(os.pathsep) + ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
    candidates = [Path(folder) / name for folder in folders for name in names[1:] if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    shims = [folder for folder in folders if folder.endswith(".pyenv/shims")]
    roots = [pyenv] + [Path(folder).parent for folder in shims]
    installed = [p for root in roots for p in sorted(root.glob("versions/3.10.*/bin/python3.10"), reverse=True)]
    managed = sorted(TOOLS.glob("python/cpython-3.10*/bin/python3.10"), reverse=True)
    for candidate in [Path(sys.executable)] + managed + installed + candidates:
        if candidate.exists() and "shims" not in candidate.parts and is_310(candidate):
            return candidate
    return None


def install_uv():
    """Return the path of uv, installed into the clone with pip."""
    uv = TOOLS / "bin" / "uv"
    if uv.exists() and run([uv, "--version"])[1].startswith("uv " + UV_VERSION):
        return uv
    print(f"Installing uv {UV_VERSION} into .tools ...", flush=True)
    target = TOOLS / "lib"
    pip = [sys.executable, "-m", "pip"]
    if not run(pip + ["--version"])[0]:
        ok, out = run([sys.executable, "-m", "venv", TOOLS / "venv"])
        if not ok:
            fail("this Python has neither pip nor venv; install python3-venv (or python3-pip) and try again")
        pip = [TOOLS / "venv" / "bin" / "python", "-m", "pip"]
    ok, out = run(
        pip
        + [
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--upgrade",
            "--target",
            target,
            "--only-binary",
            ":all:",
            "--require-hashes",
            "-r",
            ROOT / "scripts" / "uv-requirements.txt",
        ]
    )
    if not ok:
        fail("uv could not be installed from PyPI: " + (out.splitlines() or ["no reason given"])[-1])
    (TOOLS / "bin").mkdir(parents=True, exist_ok=True)
    if uv.exists() or uv.is_symlink():
        uv.unlink()
    uv.symlink_to(target / "bin" / "uv")
    return uv


def main():
    if sys.version_info < (3, 8):
        fail("Python 3.8 or later is needed to set up; this is {}.{}".format(*sys.version_info[:2]))
    if sys.platform not in ("linux", "darwin"):
        fail("Linux or macOS is needed; on Windows use WSL")
    groups = sys.argv[1:]
    wanted = hashlib.sha256()
    vendored = [path for path in (ROOT / "vendor").rglob("*") if path.suffix in (".py", ".pth", ".toml")]
    for path in [ROOT / "uv.lock", ROOT / "pyproject.toml"] + sorted(vendored):
        wanted.update(path.read_bytes())
    wanted = [wanted.hexdigest()] + groups
    # An environment that has more than is wanted now will do: `make serve` leaves the tools of `make test` in place.
    there = STAMP.read_text().split() if STAMP.exists() else []
    if there[:1] == wanted[:1] and set(wanted) <= set(there) and (VENV / "bin" / "linden").exists():
        return
    uv = install_uv()
    environment = dict(os.environ, UV_PYTHON_INSTALL_DIR=str(TOOLS / "python"), UV_PROJECT_ENVIRONMENT=str(VENV))
    # The machine's own certificates: behind a proxy that opens TLS, those that uv brings are not enough.
    environment.setdefault("UV_SYSTEM_CERTS", "true")
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    python = find_python()
    if python is None:
        print("No Python 3.10 found; fetching one into .tools/python ...", flush=True)
        ok, out = run([uv, "python", "install", "3.10"], env=environment)
        python = find_python() if ok else None
        if python is None:
            fail(
                "Python 3.10 is needed and could not be fetched; install it (for example `pyenv install 3.10`) and try again"
            )
    print(f"Preparing the environment with {python} ...", flush=True)
    # Compiled here, once: whoever may not write into the environment would compile everything at every start.
    command = [str(uv), "sync", "--frozen", "--no-default-groups", "--compile-bytecode", "--python", str(python)]
    for group in groups:
        command += ["--group", group]
    done = subprocess.run(command + ["--quiet"], cwd=str(ROOT), env=environment)
    if done.returncode != 0:
        fail("the environment could not be installed; the lines above say why")
    STAMP.write_text(" ".join(wanted))


main()
