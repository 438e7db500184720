"""The real program for the tests of the Python client: support/server.mjs, which obeys lines of JSON."""

from __future__ import annotations

import json
import subprocess
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from otpwire import Lease, Otpwire

pytest_plugins = ["pytester"]

SUPPORT = Path(__file__).parent.parent / "support" / "server.mjs"


@dataclass
class Pool:
    name: str
    numbers: list[str]


class Server:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(SUPPORT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._lock = threading.Lock()
        started = self._read()
        self.url: str = started["url"]
        self.api_key: str = started["apiKey"]

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the server has ended"
        return json.loads(line)

    def _do(self, command: str, **arguments: Any) -> Any:
        assert self._process.stdin
        with self._lock:
            self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
            self._process.stdin.flush()
            return self._read()

    def pool(self, numbers: int) -> Pool:
        """A pool of numbers of its own."""
        return Pool(**self._do("pool", numbers=numbers))

    def post(self, to: str, text: str, *, repeat: str | None = None, sent_at: str | None = None) -> None:
        """Posts a webhook; with the same `repeat`, the same again."""
        self._do("post", to=to, text=text, id=repeat or str(uuid.uuid4()), sentAt=sent_at)

    def leases(self) -> list[dict[str, Any]]:
        """What the key holds now."""
        leases: list[dict[str, Any]] = self._do("leases")
        return leases

    def reads_links(self) -> bool:
        return bool(self._do("readsLinks"))

    def refuse(self, method: str, path: str, *, times: int, status: int, retry_after: int | None = None) -> None:
        """Refuses so many requests to a path."""
        self._do("refuse", method=method, path=path, times=times, status=status, retryAfter=retry_after)

    def kill(self) -> None:
        self._do("kill")

    def run(self) -> None:
        self._do("run")

    def stop(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[Otpwire]:
    with Otpwire(server.url, server.api_key) as client:
        yield client


@pytest.fixture
def lease(server: Server, client: Otpwire) -> Iterator[Lease]:
    """A lease of a number that no other test has."""
    with client.lease(pool=server.pool(1).name) as lease:
        yield lease


@pytest.fixture
def environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings as variables."""
    monkeypatch.setenv("OTPWIRE_URL", server.url)
    monkeypatch.setenv("OTPWIRE_API_KEY", server.api_key)
