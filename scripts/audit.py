"""Asks whether a vulnerability is known of what is installed: `python scripts/audit.py`.

pip-audit looks every package of the lock up, at its hash, in the database of the Python Packaging Authority. What it
finds fails, unless docs/audit.yml says why it does not reach us; such an entry holds until its date, then it fails
itself. Where the database cannot be reached that is said in one line, and only entries past their date fail.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".tools" / "bin" / "uv"
ALLOWED = ROOT / "docs" / "audit.yml"
PIP_AUDIT = "pip-audit==2.10.1"
LOCKED = ("export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-emit-local", "--quiet")
MOST_DAYS = 366  # that an entry may hold: who allows for longer has stopped looking
MOST_SECONDS = 900
KEYS = {"id", "package", "why", "until"}
# What uv, pip-audit and the libraries below them say when there is no way to the database.
UNREACHABLE = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|NameResolutionError|Max retries exceeded|"
    r"Failed to resolve|Could not connect|error sending request|Failed to fetch|dns error|timed out|offline",
    re.IGNORECASE,
)


class AuditError(Exception):
    """The audit failed; the message is for whoever runs it."""


class NotReached(Exception):
    """The database, or pip-audit itself, could not be fetched."""


@dataclass(frozen=True)
class Allowed:
    """A vulnerability that is known and does not reach us, or cannot be mended yet: why, and until when that holds."""

    id: str
    package: str
    why: str
    until: datetime.date


@dataclass(frozen=True)
class Verdict:
    """What is told of an audit: `failed` is why it failed, `noted` what is worth knowing."""

    failed: list[str]
    noted: list[str]


def normal(package: str) -> str:
    """Return the name of `package` as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()


def read_allowed(text: str, today: datetime.date) -> list[Allowed]:
    """Return the entries of the allow-list `text`; raise `AuditError` for one that says too little or for too long."""
    try:
        entries = yaml.safe_load(text) or []
    except (yaml.YAMLError, ValueError) as error:
        raise AuditError(f"docs/audit.yml: not valid YAML: {error}") from None
    if not isinstance(entries, list):
        raise AuditError("docs/audit.yml: expected a list of entries")
    found: list[Allowed] = []
    for number, entry in enumerate(entries, 1):
        place = f"docs/audit.yml: entry {number}"
        if not isinstance(entry, dict) or set(entry) != KEYS:
            raise AuditError(f"{place}: expected just the keys {', '.join(sorted(KEYS))}")
        id, package, why, until = (entry[key] for key in ("id", "package", "why", "until"))
        if not all(isinstance(value, str) and value.strip() for value in (id, package, why)) or len(why) < 20:
            raise AuditError(f"{place}: id, package and why are needed, and why takes a sentence")
        if type(until) is not datetime.date:
            raise AuditError(f"{place} ({id}): until: expected a date such as 2027-01-31")
        if (until - today).days > MOST_DAYS:
            raise AuditError(f"{place} ({id}): until: {until} is more than a year away")
        if any((old.id, normal(old.package)) == (id, normal(package)) for old in found):
            raise AuditError(f"{place} ({id}): stands there twice")
        found.append(Allowed(id, package, why, until))
    return found


def expired(entries: Sequence[Allowed], today: datetime.date) -> list[str]:
    """Return a line for each of `entries` whose last day is past."""
    past = [entry for entry in entries if entry.until < today]
    return [f"{entry.id} ({entry.package}) was allowed until {entry.until}: look at it again" for entry in past]


def judged(report: Mapping[str, Any], entries: Sequence[Allowed], today: datetime.date) -> Verdict:
    """Return what the `report` of pip-audit comes to; raise `NotReached` where no package at all was looked up."""
    packages = report["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    # pip-audit then says "no known vulnerabilities" and ends well.
    if packages and len(skipped) == len(packages):
        raise NotReached(f"none of {len(packages)} packages was found there")
    failed, used = expired(entries, today), set[Allowed]()
    for package in packages:
        for found in package.get("vulns", []):
            names = {found["id"], *found.get("aliases", [])}
            entry = next((e for e in entries if e.id in names and normal(e.package) == normal(package["name"])), None)
            if entry:
                used.add(entry)
                continue
            mended = ", ".join(found.get("fix_versions", [])) or "no release yet"
            others = f" ({', '.join(sorted(names - {found['id']}))})" if len(names) > 1 else ""
            failed.append(f"{package['name']} {package['version']}: {found['id']}{others}, mended in {mended}")
    if skipped:
        failed.append(f"not looked up: {', '.join(sorted(skipped))}")
    noted = [
        f"{entry.id} ({entry.package}) is not found any more: take it out" for entry in entries if entry not in used
    ]
    return Verdict(failed, noted)


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run `command` as scripts/setup.py does: with the machine's own certificates; raise `AuditError`, `NotReached`."""
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment.setdefault("UV_SYSTEM_CERTS", "true")
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS)
    except OSError:
        raise AuditError("uv is not there; `make test` or `make serve` installs it") from None
    except subprocess.TimeoutExpired:
        raise NotReached(f"no answer in {MOST_SECONDS} seconds") from None


def asked(uv: Path = UV) -> dict[str, Any]:
    """Return what pip-audit reports of the lock; raise `AuditError`, or `NotReached` where it could not ask."""
    tool = str(uv if uv.exists() else "uv")
    with tempfile.TemporaryDirectory() as folder:
        locked, report = Path(folder) / "requirements.txt", Path(folder) / "report.json"
        exported = run([tool, *LOCKED, "--output-file", str(locked)])
        if exported.returncode != 0:
            raise AuditError(f"uv could not export the lock: {last_line(exported.stderr)}")
        done = run(
            [tool, "tool", "run", "--from", PIP_AUDIT, "pip-audit", "--requirement", str(locked), "--require-hashes",
             "--disable-pip", "--progress-spinner", "off", "--format", "json", "--output", str(report)]
        )  # fmt: skip
        if report.exists():
            found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
            return found
        if UNREACHABLE.search(done.stderr):
            raise NotReached(last_line(done.stderr)[:160])
        raise AuditError(f"pip-audit failed: {last_line(done.stderr)}")


def last_line(told: str) -> str:
    """Return the last line of what a program told, which is where it says why."""
    return (told.strip().splitlines() or ["no reason given"])[-1].strip()


def main(today: datetime.date | None = None) -> int:
    """Audit, print a line for each fault or one that there is none, and return the status."""
    day = today or datetime.date.today()
    try:
        entries = read_allowed(ALLOWED.read_text(encoding="utf-8"), day)
        try:
            verdict = judged(asked(), entries, day)
        except NotReached as error:
            verdict = Verdict(
                expired(entries, day), [f"not done: the vulnerability database cannot be reached ({error})"]
            )
        else:
            if not verdict.failed:
                verdict.noted.append(
                    f"no vulnerability is known that is not allowed for; {len(entries)} are allowed for"
                )
    except (AuditError, OSError) as error:
        verdict = Verdict([str(error)], [])
    for line in verdict.failed:
        print(f"audit: {line}", file=sys.stderr)
    for line in verdict.noted:
        print(f"audit: {line}")
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
