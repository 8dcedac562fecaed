"""Helm as a program, run by the Python of .tools/deploy: `helm.py lint CHART` and `helm.py render CHART`.

Values come as JSON on standard input, the answer goes as JSON to standard output: findings, or manifests by file, or the fault.
"""

import json
import sys

import helm_python as helm


def answer(command: str, chart: str, values: dict) -> dict:
    """Return what Helm says."""
    if command == "lint":
        return {"lint": helm.lint(chart, strict=True)}
    try:
        with helm.Chart.load(chart) as loaded:
            return {"manifests": loaded.render(values, name="linden", namespace="care")}
    except helm.HelmError as error:
        return {"fault": str(error)}


json.dump(answer(sys.argv[1], sys.argv[2], json.load(sys.stdin)), sys.stdout)
