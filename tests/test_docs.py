"""What the documents say is there is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.channels import PLATFORMS
from assistant.content import load
from assistant.helplines import page
from assistant.settings import MESSENGERS, Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "content" / "README.md"])


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    """A command in the documents can be typed."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z]+)", path.read_text(encoding="utf-8"))) <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_every_link_and_path_that_is_named_exists(path: Path) -> None:
    """A newcomer who follows the page arrives."""
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    named += list(re.findall(r"`((?:content|data|docs|tests|assistant|actions|scripts|models)/[\w./-]+)`", text))

    missing = [n for n in named if not ((path.parent / n).exists() or (ROOT / n).exists())]

    assert [] == missing


def test_every_setting_is_documented() -> None:
    """docs/SETTINGS.md names what Settings reads."""
    source = (ROOT / "assistant" / "settings.py").read_text() + (ROOT / "assistant" / "content.py").read_text()
    read = set(re.findall(r'"((?:LINDEN_|API_|PORT)[A-Z_]*)"', source))

    read = {name for name in read if not name.endswith("_")}
    assert read == set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "SETTINGS.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", MESSENGERS)
def test_every_messenger_has_a_guide_with_its_secrets_and_its_address(name: str) -> None:
    """docs/channels/<platform>.md says what to create, what to set, and where the webhook is."""
    guide = (ROOT / "docs" / "channels" / f"{name}.md").read_text()

    assert all(variable in guide for variable in PLATFORMS[name].secrets)
    assert f"/webhooks/{name}/webhook" in guide
    assert "## How to test" in guide


def test_the_page_of_helplines_is_made_from_the_regions() -> None:
    """`make docs` was run after the last change."""
    assert page(load()) == (ROOT / "docs" / "helplines.md").read_text(encoding="utf-8")


def test_the_readme_is_short_and_shows_a_way_in() -> None:
    """Under 150 lines, with the two commands."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(text.splitlines()) < 150
    assert "make serve" in text
    assert "make test" in text


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PORT": "http"}, "PORT=http: expected a number"),
        ({"PORT": "70000"}, "PORT=70000: expected a number"),
        ({"LINDEN_REGION": "XX"}, "LINDEN_REGION=XX: no such region"),
        ({"LINDEN_CONTENT": "/nowhere"}, "no files"),
        ({"LINDEN_CHANNELS": "telegram,fax"}, "LINDEN_CHANNELS=fax: expected some of sms"),
        (
            {"LINDEN_CHANNELS": "telegram"},
            "TELEGRAM_BOT_TOKEN is missing: without it the channel telegram is not opened",
        ),
    ],
)
def test_a_wrong_setting_is_one_line(variables: dict[str, str], message: str) -> None:
    """The operator reads what to mend, not a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "serve"],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", **variables}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert 1 == done.returncode
    assert message in done.stderr
    assert 1 == len([line for line in done.stderr.splitlines() if line.startswith("linden:")])
    assert "Traceback" not in done.stderr


def test_settings_have_defaults() -> None:
    """Nothing must be set to try it."""
    assert Settings() == Settings.from_environment({})
