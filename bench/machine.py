"""Says what the bench ran on, without names of machines or people."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from bench.places import LINDEN_ENVIRONMENT, STOCK_ENVIRONMENT

PACKAGES = {
    "Linden": (LINDEN_ENVIRONMENT, ("rasa", "sanic", "onnxruntime", "numpy", "jsonschema")),
    "stock": (STOCK_ENVIRONMENT, ("rasa", "rasa-sdk", "sanic", "tensorflow", "numpy", "jsonschema")),
}
VERSIONS = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"


def describe() -> dict[str, str]:
    """Return lines on the processor, memory, kernel, Python and the packages that matter."""
    found = {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB",
        "kernel": f"{platform.system()} {(re.match(r'[0-9.]+', platform.release()) or [''])[0]}",
        "Python": platform.python_version(),
    }
    for name, (environment, packages) in PACKAGES.items():
        command = [str(environment / "bin" / "python"), "-c", VERSIONS, *packages]
        versions = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        found[f"{name}'s packages"] = ", ".join(" ".join(pair) for pair in zip(packages, versions, strict=True))
    return found


def processor() -> str:
    """Return the processor's model as the kernel names it."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return model[1].strip() if model else platform.machine()


class Watch:
    """Tells how much of the machine other programs used since it was made."""

    def __init__(self) -> None:
        self._begun = self._read()

    def others(self) -> float:
        """Return the cores that other programs, and other guests of the machine, used on average.

        What this program used, and what it started and has ended since, is not among them.
        """
        busy, own, wall = (now - then for now, then in zip(self._read(), self._begun, strict=True))
        return max(0.0, busy - own) / wall

    @staticmethod
    def _read() -> tuple[float, float, float]:
        """Return seconds of all cores, of this program with its ended children, and of the clock."""
        user, nice, system, _, _, interrupts, soft, stolen = (
            int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        )
        busy = (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")
        return busy, sum(os.times()[:4]), os.times().elapsed
