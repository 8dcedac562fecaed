"""The image, the stack of compose.yaml, the unit for one machine, and what the documents say of them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.programs import DEPLOY, ROOT, program, run

ASSISTANTS = ("assistant-1", "assistant-2", "assistant-3")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
GIVEN = {"PATH": os.environ["PATH"], "LINDEN_DOMAIN": "chat.example.org", "LINDEN_SECRETS": "/etc/linden/secrets"}
everywhere = pytest.mark.parametrize("name", SERVICES)


# --- the image


def test_the_dockerfile_has_no_faults(tools: Path) -> None:
    """Hadolint knows the usual ones, such as what is not pinned."""
    done = run(tools / "hadolint", DEPLOY / "Dockerfile")

    assert (0, "") == (done.returncode, done.stdout)


def test_the_image_runs_as_a_numeric_user_who_is_not_root() -> None:
    """Kubernetes can only see of a number that it is not root."""
    stage = (DEPLOY / "Dockerfile").read_text().rpartition("\nFROM ")[2]

    assert ["10001:10001"] == re.findall(r"^USER (.+)$", stage, re.MULTILINE)
    assert '"serve", "--public"' in stage


def test_the_environment_comes_from_the_lock_and_the_model_is_in_the_image() -> None:
    """The same script as everywhere installs it; nothing else is fetched, nothing is trained at start."""
    text = (DEPLOY / "Dockerfile").read_text()

    assert "python scripts/setup.py" in text
    assert "linden train" in text
    assert not re.search(r"\b(pip install|curl|wget|apt-get)\b", text)


def test_what_the_image_is_copied_from_is_there_and_let_through() -> None:
    """Each path that the Dockerfile copies exists, and .dockerignore lets it through."""
    copies = re.findall(r"^COPY (?!--from)(.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    copied = {path for line in copies for path in line.split()[:-1]}
    let = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split("\n") if line[:1] == "!"}

    assert [] == [path for path in copied if not (ROOT / path).exists()]
    assert [] == [
        path for path in copied if not any(path == p or f"{p}/" in f"{path}/" or p.startswith(f"{path}/") for p in let)
    ]


# --- compose


def compose(tools: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run Compose on deploy/compose.yaml in an environment of its own; a variable that is changed to "" is not set."""
    environment = {name: value for name, value in {**GIVEN, **changes}.items() if value}
    return run(tools / "docker-compose", "--file", DEPLOY / "compose.yaml", *arguments, env=environment, cwd="/")


def test_compose_accepts_the_file(tools: Path) -> None:
    """Compose itself reads it without a fault or a warning."""
    done = compose(tools, "config", "--quiet")

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_compose_accepts_the_messengers_beside_it(tools: Path, tmp_path: Path) -> None:
    """With the second file the assistants, and nobody else, have a way out."""
    (tmp_path / "channels.env").write_text("LINDEN_CHANNELS=telegram\n")
    more = ["--file", str(DEPLOY / "compose.channels.yaml"), "config", "--format", "json"]

    done = compose(tools, *more, LINDEN_SECRETS=str(tmp_path))

    services = json.loads(done.stdout)["services"]
    assert "" == done.stderr
    assert set(ASSISTANTS) == {
        name for name, service in services.items() if "outside" in (service.get("networks") or {})
    }
    assert "telegram" == services["assistant-1"]["environment"]["LINDEN_CHANNELS"]


@pytest.mark.parametrize("variable", ["LINDEN_DOMAIN", "LINDEN_SECRETS"])
def test_compose_names_what_is_not_set(tools: Path, variable: str) -> None:
    """Without the name or the secrets nothing starts, and the line says which is missing."""
    done = compose(tools, "config", "--quiet", **{variable: ""})

    assert 0 != done.returncode
    assert f"required variable {variable} is missing a value" in done.stderr


@everywhere
def test_a_container_can_change_nothing_of_itself(name: str) -> None:
    """Read-only, not root, without capabilities, without a way to gain any, and without a dump of its memory."""
    service = SERVICES[name]

    assert service["read_only"] is True
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert ["ALL"] == service["cap_drop"]
    assert ["no-new-privileges:true"] == service["security_opt"]
    assert 0 == service["ulimits"]["core"]
    assert not service.get("privileged")
    # The proxy's image cannot be started without this one; no_new_privileges keeps it from being gained.
    assert (["NET_BIND_SERVICE"] if name == "proxy" else []) == service.get("cap_add", [])


@everywhere
def test_a_container_has_limits(name: str) -> None:
    """Memory, processors and processes are bounded."""
    assert {"cpus", "memory", "pids"} == set(SERVICES[name]["deploy"]["resources"]["limits"])


def test_an_assistant_has_the_memory_that_was_measured() -> None:
    """600 MB at most, and 400 MB set aside."""
    resources = SERVICES["assistant-1"]["deploy"]["resources"]

    assert ("600M", "400M") == (resources["limits"]["memory"], resources["reservations"]["memory"])


def test_only_the_proxy_is_published() -> None:
    """One service has ports, and it alone is on a network that leads outside."""
    outside = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}

    assert ["proxy"] == [name for name in SERVICES if "ports" in SERVICES[name]]
    assert ["proxy"] == [name for name in SERVICES if outside & set(SERVICES[name].get("networks", []))]
    assert ["80:8080", "443:8443"] == SERVICES["proxy"]["ports"]
    assert "data" not in SERVICES["proxy"]["networks"]
    assert ["none"] == [s["network_mode"] for s in SERVICES.values() if "networks" not in s]


def test_no_secret_stands_in_the_file() -> None:
    """Passwords and keys are files of the operator's; no variable holds one, and none has a default."""
    variables = {k: v for service in SERVICES.values() for k, v in (service.get("environment") or {}).items()}
    secret = {k: v for k, v in variables.items() if re.search("PASSWORD|SECRET|KEY|TOKEN|LINDEN_STORE|LINDEN_LOCKS", k)}

    assert all(k.endswith("_FILE") and v.startswith("/run/secrets/") for k, v in secret.items())
    assert all(secret["file"].startswith("${LINDEN_SECRETS:?") for secret in COMPOSE["secrets"].values())
    assert {"LINDEN_STORE_FILE", "LINDEN_STORE_KEYS_FILE", "LINDEN_LOCKS_FILE", "POSTGRES_PASSWORD_FILE"} == set(secret)


def test_the_proxy_asks_every_assistant() -> None:
    """A service that is added is named to the proxy, too; all are alike."""
    assert " ".join(f"{name}:5005" for name in ASSISTANTS) == SERVICES["proxy"]["environment"]["LINDEN_UPSTREAMS"]
    assert [name for name in SERVICES if name.startswith("assistant")] == list(ASSISTANTS)
    assert SERVICES["assistant-1"] == SERVICES["assistant-2"] == SERVICES["assistant-3"]
    assert "1" == SERVICES["assistant-1"]["environment"]["LINDEN_PROXIES"]


def test_secrets_are_made_once_for_root_and_never_overwritten(tmp_path: Path) -> None:
    """They fit together, are read by root and group 10001, and a second call changes nothing."""
    if os.geteuid():
        pytest.skip("secrets.sh must be run as root")
    folder = tmp_path / "secrets"

    first, again = (run("sh", DEPLOY / "secrets.sh", folder) for _ in range(2))

    made = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    assert (0, 1) == (first.returncode, again.returncode)
    assert set(COMPOSE["secrets"]) == set(made)
    assert f"postgresql://linden:{made['database_password'].strip()}@postgres/linden\n" == made["store"]
    assert {(0o440, 0, 10001)} == {
        (s.st_mode & 0o777, s.st_uid, s.st_gid) for s in ((folder / name).stat() for name in made)
    }
    assert "is there already" in again.stderr


# --- Redis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """Return the address of a Redis that runs with our configuration and fresh secrets."""
    server = program("redis-server")
    if os.geteuid():
        pytest.skip("secrets.sh must be run as root")
    assert 0 == run("sh", DEPLOY / "secrets.sh", tmp_path / "secrets").returncode
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (DEPLOY / "redis.conf").read_text().replace("/run/secrets/", f"{tmp_path}/secrets/")
    (tmp_path / "redis.conf").write_text(
        text.replace("port 6379", f"port {port}").replace("dir /tmp", f"dir {tmp_path}")
    )
    running = subprocess.Popen([server, str(tmp_path / "redis.conf")], stdout=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                break
        time.sleep(0.1)
    yield (tmp_path / "secrets" / "locks").read_text().strip().replace("redis:6379", f"127.0.0.1:{port}")
    running.terminate()
    running.wait(10)


async def test_redis_serves_locks_and_nothing_else(redis: str, caplog: pytest.LogCaptureFixture) -> None:
    """The assistant's locks work under the user that secrets.sh makes, and nobody else gets an answer."""
    from redis import AuthenticationError, Redis, ResponseError

    from assistant.components.lock_store import ConversationLocks

    async with ConversationLocks(url=redis).lock("somebody"):
        pass
    assert await ConversationLocks(url=redis).answers()
    assert [] == caplog.messages  # a lock that fails is only logged
    client: Any = Redis.from_url(redis)
    for command in (["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "GET", "*"], ["SET", "other", "1"], ["ACL", "LIST"]):
        with pytest.raises(ResponseError):
            client.execute_command(*command)
    stranger: Any = Redis.from_url(re.sub("linden:.*@", "", redis))
    with pytest.raises(AuthenticationError):
        stranger.ping()


# --- one machine


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """systemd reads it without a fault, and finds little that it leaves open."""
    analyze = program("systemd-analyze")
    # What it starts is not on this machine; all else is as it is.
    text = (DEPLOY / "linden.service").read_text().replace("/opt/linden/.venv/bin/", f"{Path(sys.executable).parent}/")
    (tmp_path / "linden.service").write_text(text)

    verified = run(analyze, "verify", "--man=no", tmp_path / "linden.service")
    secure = run(analyze, "security", "--offline=true", "--threshold=15", tmp_path / "linden.service")

    assert (0, "") == (verified.returncode, verified.stderr)
    assert 0 == secure.returncode, secure.stdout[-2000:]


# --- the document


def test_the_document_names_every_file_of_the_folder() -> None:
    """docs/DEPLOYMENT.md leads to whatever is in deploy/."""
    text = (ROOT / "docs" / "DEPLOYMENT.md").read_text()
    files = [
        "Dockerfile",
        "compose.yaml",
        "compose.channels.yaml",
        "Caddyfile",
        "secrets.sh",
        "linden.service",
        "helm/linden",
    ]

    assert [] == [name for name in files if f"deploy/{name}" not in text]


def test_every_path_that_the_document_names_is_there() -> None:
    """An operator who follows the page arrives."""
    named = re.findall(r"deploy/[\w./-]*\w", (ROOT / "docs" / "DEPLOYMENT.md").read_text())

    assert [] == [path for path in named if path != "deploy/.env" and not (ROOT / path).exists()]
