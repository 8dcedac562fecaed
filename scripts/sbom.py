"""Writes what an installation consists of, as a CycloneDX 1.5 bill of materials: `python scripts/sbom.py [FILE]`.

uv exports the locked packages with their hashes; this adds the sentence encoder and the licences that the installed
packages state, and takes out what differs each time: the same lock and environment, the same file. Needs uv, which
scripts/setup.py installs, and nothing but the standard library; under another Python than the environment's no licence
is known.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".tools" / "bin" / "uv"
ENCODER = ROOT / "models" / "encoder"
EXPORT = ("export", "--frozen", "--no-default-groups", "--format", "cyclonedx1.5", "--quiet")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/bom/linden")
LONGEST_LICENCE = 60  # a longer one is the licence itself, not its name
Component = dict[str, Any]


class SbomError(Exception):
    """The bill of materials cannot be made; the message is for the operator."""


def exported(uv: Path = UV) -> dict[str, Any]:
    """Return the locked packages as uv exports them; raise `SbomError`."""
    command = [str(uv if uv.exists() else "uv"), *EXPORT]
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    except OSError:
        raise SbomError("uv is not there; `make test` or `make serve` installs it") from None
    if done.returncode != 0:
        raise SbomError(
            f"uv could not export the lock: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def licence_of(name: str) -> str:
    """Return the licence that the installed package `name` states, in a few words; empty where none is known."""
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    if expression := told.get("License-Expression"):
        return expression
    classified = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    named = [name for name in classified if name != "OSI Approved"]
    stated = (told.get("License") or "").strip()
    short = stated if "\n" not in stated and len(stated) <= LONGEST_LICENCE and stated != "UNKNOWN" else ""
    return "; ".join(named) if named else short


def encoder(folder: Path = ENCODER) -> Component:
    """Return the sentence encoder as a component, with what its card says; raise `SbomError` for another file."""
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    if digest != (folder / "model.sha256").read_text(encoding="utf-8").split()[0]:
        raise SbomError(f"{folder.name}/model.onnx is not the file that was reviewed: its hash is {digest}")
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    component = {
        "type": "machine-learning-model",
        "bom-ref": f"linden-encoder@{digest[:12]}",
        "name": "linden-encoder",
        "version": digest[:12],
        "description": "Sentence encoder, fine-tuned from all-MiniLM-L6-v2, int8 ONNX (models/encoder/CARD.md)",
        "purl": f"pkg:generic/linden-encoder@{digest[:12]}?checksum=sha256:{digest}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    if origin := re.search(r"SHA-256 ([0-9a-f]{64})", card):
        ancestor = {
            "type": "machine-learning-model",
            "publisher": "sentence-transformers",
            "name": "all-MiniLM-L6-v2",
            "purl": "pkg:huggingface/sentence-transformers/all-MiniLM-L6-v2",
            "hashes": [{"alg": "SHA-256", "content": origin[1]}],
            "licenses": [{"license": {"id": "Apache-2.0"}}],
        }
        component["pedigree"] = {"ancestors": [ancestor]}
    return component


def completed(bom: dict[str, Any], model: Component, licence: Callable[[str], str] = licence_of) -> dict[str, Any]:
    """Return uv's `bom` with the encoder and the licences, and without what differs each time."""
    bom = json.loads(json.dumps(bom))
    root = bom["metadata"]["component"]
    root |= {"type": "application", "purl": f"pkg:generic/{root['name']}@{root['version']}"}
    root["licenses"] = [{"license": {"id": "Apache-2.0"}}]
    bom["metadata"].pop("timestamp", None)
    for component in bom["components"]:
        if "purl" not in component:  # a folder of this repository: it must not be taken for a package of PyPI
            component["purl"] = f"pkg:generic/{quote(component['name'])}@{component['version']}"
            component["description"] = "import placeholders (vendor/placeholders), none of the packages they stand for"
        elif stated := licence(component["name"]):
            component["licenses"] = [{"license": {"name": stated}}]
    bom["components"] = sorted([*bom["components"], model], key=lambda component: component["bom-ref"])
    tree = {entry["ref"]: entry for entry in bom.get("dependencies", [])}
    entry = tree.setdefault(root["bom-ref"], {"ref": root["bom-ref"]})
    entry["dependsOn"] = sorted({*entry.get("dependsOn", []), model["bom-ref"]})
    tree[model["bom-ref"]] = {"ref": model["bom-ref"]}
    bom["dependencies"] = [tree[ref] for ref in sorted(tree)]
    bom.pop("serialNumber", None)
    return {**bom, "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, json.dumps(bom, sort_keys=True))}"}


def text() -> str:
    """Return the bill of materials of this clone as it is written; raise `SbomError`."""
    return json.dumps(completed(exported(), encoder()), indent=2, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write to the file that `arguments` name, else to standard output; what cannot be done is one line."""
    try:
        written = text()
        if arguments:
            Path(arguments[0]).write_text(written, encoding="utf-8")
        else:
            sys.stdout.write(written)
    except (SbomError, OSError) as error:
        print(f"linden: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
