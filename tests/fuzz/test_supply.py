"""What is installed: told whole and the same each time, and asked after, with exceptions that end."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import audit, sbom

TODAY = datetime.date(2026, 11, 27)
# The kinds of component and of hash that CycloneDX 1.5 knows (https://cyclonedx.org/docs/1.5/json/).
KINDS = {
    "application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver",
    "firmware", "file", "machine-learning-model", "data",
}  # fmt: skip
PURL = re.compile(r"pkg:[a-z][a-z0-9.+-]*/[^\s@?#]+@[^\s@?#]+(\?[a-z]+=[^\s#]+)?")


# --- the bill of materials


@pytest.fixture(scope="module")
def bom() -> dict[str, Any]:
    """Return that of this clone; uv is there wherever the environment was set up."""
    found: dict[str, Any] = json.loads(sbom.text())
    return found


def test_it_is_what_cyclonedx_asks_for(bom: dict[str, Any]) -> None:
    """Its format and release; of each component what it is, its name, its release and an address to look it up by."""
    assert ("CycloneDX", "1.5", 1) == (bom["bomFormat"], bom["specVersion"], bom["version"])
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bom["serialNumber"])
    every = [bom["metadata"]["component"], *bom["components"]]
    for component in every:
        assert component["type"] in KINDS
        assert component["name"]
        assert component["version"]
        assert PURL.fullmatch(component["purl"]), component["purl"]
        for licence in component.get("licenses", []):
            assert licence["license"].get("id") or licence["license"]["name"]
    refs = [component["bom-ref"] for component in every]
    assert len(refs) == len(set(refs))
    assert {ref for entry in bom["dependencies"] for ref in (entry["ref"], *entry.get("dependsOn", []))} <= set(refs)


def test_it_names_every_locked_package_with_its_hashes(bom: dict[str, Any]) -> None:
    """Nothing that is installed is left out."""
    lock = (sbom.ROOT / "uv.lock").read_text(encoding="utf-8")
    named = {component["purl"] for component in bom["components"]}
    for package, version in (("rasa", "3.6.21"), ("sanic", "21.12.2"), ("jsonschema", "3.2.0")):
        assert f'name = "{package}"\nversion = "{version}"' in lock
        assert f"pkg:pypi/{package}@{version}" in named
    assert len(named) > 100
    for component in bom["components"]:
        if component["purl"].startswith("pkg:pypi/"):
            hashes = [h for reference in component["externalReferences"] for h in reference["hashes"]]
            assert all(h["alg"] == "SHA-256" and re.fullmatch(r"[0-9a-f]{64}", h["content"]) for h in hashes)
            assert hashes
    licensed = sum("licenses" in component for component in bom["components"])
    assert licensed > 0.9 * len(bom["components"])


def test_the_encoder_is_among_them_with_the_hash_of_its_file(bom: dict[str, Any]) -> None:
    """And what it was made from; the placeholder is not taken for TensorFlow."""
    (encoder,) = (c for c in bom["components"] if c["type"] == "machine-learning-model")
    digest = hashlib.sha256((sbom.ENCODER / "model.onnx").read_bytes()).hexdigest()

    assert [{"alg": "SHA-256", "content": digest}] == encoder["hashes"]
    assert "all-MiniLM-L6-v2" == encoder["pedigree"]["ancestors"][0]["name"]
    tree = {node["ref"]: node.get("dependsOn", []) for node in bom["dependencies"]}
    assert encoder["bom-ref"] in tree[bom["metadata"]["component"]["bom-ref"]]
    assert not any(component["purl"].startswith("pkg:pypi/tensorflow@") for component in bom["components"])


def test_it_is_the_same_each_time(bom: dict[str, Any]) -> None:
    """No time and no chance in it, and no folder of the machine that made it."""
    again = sbom.text()

    assert bom == json.loads(again)
    assert "timestamp" not in again
    assert str(sbom.ROOT) not in again


def test_an_encoder_that_was_exchanged_is_not_listed(tmp_path: Path) -> None:
    """As at the start of the assistant."""
    (tmp_path / "model.onnx").write_bytes(b"another")
    (tmp_path / "model.sha256").write_text("0" * 64 + "  model.onnx\n")

    with pytest.raises(sbom.SbomError, match="not the file that was reviewed"):
        sbom.encoder(tmp_path)


def test_without_uv_it_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator reads what to do."""
    monkeypatch.setattr(sbom, "exported", lambda: (_ for _ in ()).throw(sbom.SbomError("uv is not there")))

    assert 1 == sbom.main([])
    assert "linden: uv is not there\n" == capsys.readouterr().err


# --- the audit

# What pip-audit 2.10 writes, shortened; the findings are made up.
REPORT: dict[str, Any] = {
    "dependencies": [
        {"name": "absl-py", "version": "1.4.0", "vulns": []},
        {
            "name": "ruamel-yaml",
            "version": "0.17.21",
            "vulns": [
                {
                    "id": "PYSEC-2030-1",
                    "fix_versions": ["0.19.0"],
                    "aliases": ["CVE-2030-11111", "GHSA-aaaa-bbbb-cccc"],
                    "description": "Reads too much.",
                }
            ],
        },
        {
            "name": "sanic",
            "version": "21.12.2",
            "vulns": [
                {"id": "GHSA-dddd-eeee-ffff", "fix_versions": [], "aliases": [], "description": "Waits for ever."}
            ],
        },
    ],
    "fixes": [],
}
WHY = "Nothing of ours calls the part that is at fault."


def entry(**given: Any) -> dict[str, Any]:
    until = TODAY + datetime.timedelta(days=30)
    return {"id": "CVE-2030-11111", "package": "ruamel.yaml", "why": WHY, "until": until, **given}


def allowed(*entries: dict[str, Any], today: datetime.date = TODAY) -> list[audit.Allowed]:
    return audit.read_allowed(audit.yaml.safe_dump(list(entries)), today)


BOTH = (entry(), entry(id="GHSA-dddd-eeee-ffff", package="Sanic"))


def test_what_is_found_fails_and_says_what_would_mend_it() -> None:
    """One line each, with all its names."""
    failed = audit.judged(REPORT, [], TODAY).failed

    assert [
        "ruamel-yaml 0.17.21: PYSEC-2030-1 (CVE-2030-11111, GHSA-aaaa-bbbb-cccc), mended in 0.19.0",
        "sanic 21.12.2: GHSA-dddd-eeee-ffff, mended in no release yet",
    ] == failed


@pytest.mark.parametrize("name", ["PYSEC-2030-1", "CVE-2030-11111", "GHSA-aaaa-bbbb-cccc"])
def test_what_is_allowed_for_does_not_fail(name: str) -> None:
    """By any of its names, and however the package is spelt."""
    verdict = audit.judged(REPORT, allowed(entry(id=name), BOTH[1]), TODAY)

    assert ([], []) == (verdict.failed, verdict.noted)


def test_an_entry_is_for_one_package_and_one_vulnerability() -> None:
    """Neither the same name elsewhere nor another name in the same package."""
    entries = allowed(entry(package="sanic"), entry(id="CVE-2030-22222"), BOTH[1])
    verdict = audit.judged(REPORT, entries, TODAY)

    assert 1 == len(verdict.failed)
    assert verdict.failed[0].startswith("ruamel-yaml")
    assert 2 == len(verdict.noted)
    assert "take it out" in verdict.noted[0]


def test_an_entry_holds_to_the_end_of_its_last_day() -> None:
    """And then fails itself, also where the package was mended meanwhile."""
    last = TODAY + datetime.timedelta(days=30)
    entries = allowed(*BOTH)

    assert [] == audit.judged(REPORT, entries, last).failed
    late = audit.judged(
        {"dependencies": [REPORT["dependencies"][0]]}, entries, last + datetime.timedelta(days=1)
    ).failed
    assert 2 == len(late)
    assert "was allowed until" in late[0]


@pytest.mark.parametrize(
    "wrong",
    [
        entry(until="soon"),
        entry(until=None),
        entry(until=datetime.datetime(2026, 12, 1, 12)),
        entry(until=TODAY + datetime.timedelta(days=367)),
        entry(why=""),
        entry(why="not used"),
        entry(id=""),
        entry(id=3),
        entry(package=None),
        entry(ticket="x"),
        {"id": "CVE-2030-1", "package": "x", "why": WHY},
        "CVE-2030-1",
    ],
)
def test_an_entry_that_says_too_little_or_for_too_long_is_refused(wrong: Any) -> None:
    """A list of exceptions that nobody reads again is no list."""
    with pytest.raises(audit.AuditError, match=r"docs/audit\.yml: entry 2"):
        allowed(BOTH[1], wrong)


@pytest.mark.parametrize("text", ["- [", "a: b", "- until: 2026-02-30", "word"])
def test_a_list_that_cannot_be_read_is_one_line(text: str) -> None:
    """Broken YAML, another form, a day that there is not."""
    with pytest.raises(audit.AuditError, match=r"docs/audit\.yml"):
        audit.read_allowed(text, TODAY)


def test_an_entry_that_stands_there_twice_is_refused() -> None:
    """One of them would be forgotten."""
    with pytest.raises(audit.AuditError, match="twice"):
        allowed(BOTH[0], BOTH[1], entry(package="ruamel_yaml"))


def test_what_was_not_looked_up_is_no_good_news() -> None:
    """pip-audit calls it clean: where it found no package at all there was no database, where it found some, one is missing."""
    skipped = [{"name": name, "skip_reason": "not found on PyPI"} for name in ("one", "two")]

    with pytest.raises(audit.NotReached):
        audit.judged({"dependencies": skipped}, [], TODAY)
    verdict = audit.judged({"dependencies": [*skipped, REPORT["dependencies"][0]]}, [], TODAY)
    assert ["not looked up: one, two"] == verdict.failed


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that runs the audit with a list and a report of its own, and returns the status."""

    def run(entries: list[dict[str, Any]], report: Any, today: datetime.date = TODAY) -> int:
        (tmp_path / "audit.yml").write_text(audit.yaml.safe_dump(entries))
        monkeypatch.setattr(audit, "ALLOWED", tmp_path / "audit.yml")

        def asked() -> Any:
            if isinstance(report, Exception):
                raise report
            return report

        monkeypatch.setattr(audit, "asked", asked)
        return audit.main(today)

    return run


def test_the_audit_ends_well_with_one_line(audited: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Where all that is found is allowed for."""
    assert 0 == audited(list(BOTH), REPORT)
    told = capsys.readouterr()
    assert "" == told.err
    assert "audit: no vulnerability is known that is not allowed for; 2 are allowed for\n" == told.out


def test_the_audit_fails_with_a_line_for_each_fault(audited: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error."""
    assert 1 == audited([BOTH[0]], REPORT)
    assert "audit: sanic 21.12.2: GHSA-dddd-eeee-ffff, mended in no release yet\n" == capsys.readouterr().err
    assert 1 == audited([entry(until="soon")], REPORT)
    assert 1 == audited([], audit.AuditError("pip-audit failed: no such option"))


def test_without_the_database_it_says_so_and_ends_well(audited: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """But an entry that is past its date fails all the same."""
    away = audit.NotReached("Failed to resolve")
    assert 0 == audited(list(BOTH), away)
    assert (
        "audit: not done: the vulnerability database cannot be reached (Failed to resolve)\n" == capsys.readouterr().out
    )
    assert 1 == audited(list(BOTH), away, TODAY + datetime.timedelta(days=31))


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded", audit.NotReached),
        ("error: Failed to fetch: `https://example.org/simple/pip-audit/`\n  Caused by: dns error", audit.NotReached),
        ("error: unrecognized arguments: --nonsense", audit.AuditError),
        ("", audit.AuditError),
    ],
)
def test_a_failure_of_the_network_is_told_from_one_of_ours(
    told: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first is no reason to fail."""

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1 if "pip-audit" in command else 0, "", told)

    monkeypatch.setattr(audit, "run", run)
    with pytest.raises(kind):
        audit.asked()


def test_the_list_that_is_shipped_can_be_read() -> None:
    """Each entry names a locked package; whether its date is past is for the audit to say."""
    entries = audit.read_allowed(audit.ALLOWED.read_text(encoding="utf-8"), datetime.date.today())
    lock = (audit.ROOT / "uv.lock").read_text(encoding="utf-8")

    assert entries
    assert all(f'name = "{audit.normal(found.package)}"' in lock for found in entries)
