"""Several Lindens as they are deployed, on one machine: PostgreSQL, Redis, assistants and the proxy, all real.

Everything listens on ports of its own on 127.0.0.1 and lives in one folder. Needs `postgres`, `redis-server` and
`caddy`, as Debian packages them.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.places import BenchError
from bench.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
START_SECONDS = 120


def caddy() -> str:
    """Return the proxy: that which the tests of deploy/ install, else the machine's.

    Debian 12 has 2.6, which loses the body of a request that it sends to a second server.
    """
    pinned = ROOT / ".tools" / "deploy" / "bin" / "caddy"
    return str(pinned) if pinned.exists() else "caddy"


def missing() -> list[str]:
    """Return what of the parts is not installed."""
    found = {
        "PostgreSQL": bool(POSTGRES),
        "redis-server": bool(shutil.which("redis-server")),
        "caddy": bool(shutil.which(caddy())),
    }
    return [name for name, there in found.items() if not there]


@dataclass
class Part:
    """One process that can be killed and started again."""

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, its output going to a file."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env={**os.environ, **self.environment}, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it and its children a signal."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 40) -> None:
        """End it as a service manager does: with a signal first, by force when it takes too long."""
        self.kill(number)
        if self.process:
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                self.process.wait(seconds)

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None


def is_ready(port: int) -> bool:
    """Return whether the assistant at `port` would answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_until_ready(assistant: Part, port: int) -> float:
    """Return the seconds until `assistant` is ready at `port`; raise `BenchError` when it ended or takes too long."""
    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS:
        if is_ready(port):
            return time.monotonic() - begun
        if not assistant.runs:
            raise BenchError(f"{assistant.name} ended; see {assistant.folder}")
        time.sleep(0.2)
    raise BenchError(f"{assistant.name} did not get ready; see {assistant.folder}")


class Cluster:
    """Database, locks, `size` assistants and a proxy; `url` is where people reach it."""

    def __init__(self, folder: Path, size: int, settings: dict[str, str] | None = None) -> None:
        """Lay out everything in `folder`; raise `BenchError` naming what is not installed."""
        if lacking := missing():
            raise BenchError(f"not installed: {', '.join(lacking)}")
        self.folder = folder
        self.keys = base64.b64encode(secrets.token_bytes(32)).decode()
        database, redis, https, http = (free_port() for _ in range(4))
        self.store = f"postgresql://postgres@127.0.0.1:{database}/postgres"
        self.url = f"https://localhost:{https}"
        self.postgres = self._database(database)
        self.redis = Part("redis", ["redis-server", "--port", str(redis), "--save", "", "--dir", str(folder)], folder)
        ports = [free_port() for _ in range(size)]
        common = {
            "LINDEN_STORE": self.store, "LINDEN_STORE_KEYS": self.keys, "LINDEN_PROXIES": "1",
            "LINDEN_LOCKS": f"redis://127.0.0.1:{redis}/0", "LINDEN_LIMIT_ADDRESS": "100000",
            "LINDEN_LIMIT_NEW": "100000", "LINDEN_THREADS": "1", **(settings or {}),
        }  # fmt: skip
        linden = str(Path(sys.executable).parent / "linden")
        self.assistants = [
            Part(f"linden{number}", [linden, "serve", "--public"], folder, {**common, "PORT": str(port)})
            for number, port in enumerate(ports)
        ]
        self._ports = ports
        upstreams = " ".join(f"127.0.0.1:{port}" for port in ports)
        reached = {
            "LINDEN_DOMAIN": "localhost", "LINDEN_UPSTREAMS": upstreams, "LINDEN_DOWN": str(folder),
            "LINDEN_HTTP_PORT": str(http), "LINDEN_HTTPS_PORT": str(https),
            "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder),
        }  # fmt: skip
        self.proxy = Part(
            "caddy",
            [caddy(), "run", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")],
            folder,
            reached,
        )

    def _database(self, port: int) -> Part:
        """Return a database cluster made anew; PostgreSQL refuses to run as root, so root runs it as its own user."""
        data, binaries = self.folder / "postgres", POSTGRES[-1]
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        data.mkdir()
        if as_user:
            shutil.chown(data, "postgres")
            for parent in [self.folder, *self.folder.parents][:-1]:
                if not parent.stat().st_mode & 0o001 and parent != Path("/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        made = subprocess.run(
            [*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N"],
            capture_output=True, text=True, cwd="/",
        )  # fmt: skip
        if made.returncode:
            raise BenchError(f"initdb failed: {made.stderr.strip().splitlines()[-1]}")
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c log_min_error_statement=panic"
        )
        command = [*as_user, str(binaries / "postgres"), "-D", str(data), *options.split()]
        return Part("postgres", command, self.folder)

    @property
    def parts(self) -> list[Part]:
        """Everything, in the order in which it is started."""
        return [self.postgres, self.redis, *self.assistants, self.proxy]

    def start(self) -> None:
        """Start everything and wait until each assistant is ready; raise `BenchError`."""
        self.postgres.start()
        self.redis.start()
        time.sleep(2)
        for assistant in self.assistants:
            assistant.start()
        self.proxy.start()
        for number in range(len(self.assistants)):
            self.wait_for(number)
        time.sleep(5)  # until the proxy has seen that they are ready

    def wait_for(self, number: int) -> float:
        """Return the seconds until the assistant `number` is ready; raise `BenchError` when it takes too long."""
        return wait_until_ready(self.assistants[number], self._ports[number])

    def is_ready(self, number: int) -> bool:
        """Return whether the assistant `number` would answer."""
        return is_ready(self._ports[number])

    def logs(self) -> str:
        """Return all that was logged by everything."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))


@contextmanager
def cluster(folder: Path, size: int, settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Run a cluster, and end all of it when the block is left."""
    built = Cluster(folder, size, settings)
    try:
        built.start()
        yield built
    finally:
        for part in reversed(built.parts):
            part.stop(signal.SIGINT if part is built.postgres else signal.SIGTERM, 20)


def interrupted(parts: Sequence[Part]) -> list[str]:
    """Return the names of those that do not run."""
    return [part.name for part in parts if not part.runs]
