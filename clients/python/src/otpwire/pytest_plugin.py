"""Fixtures for pytest: a phone number for each test, and the codes that arrive on it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from ._sync import Lease, Otpwire

_LEASES = pytest.StashKey[list[Lease]]()
_OPTIONS = {"pool": str, "country": str, "ttl": float, "wait": float, "url": str}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("otpwire_pool", "the pool of the numbers that tests lease")
    parser.addini("otpwire_country", "the country of the numbers that tests lease, instead of a pool")
    parser.addini("otpwire_ttl", "how long a lease lasts if the worker dies, in seconds", default="120")
    parser.addini("otpwire_wait", "how long a test waits until a number is free, in seconds", default="60")
    parser.addini("otpwire_url", "where the server is; by default, OTPWIRE_URL")


class SmsPool:
    """More numbers for a test that needs several."""

    def __init__(self, otpwire: Otpwire, config: pytest.Config, leases: list[Lease]) -> None:
        self._otpwire = otpwire
        self._config = config
        self._leases = leases

    def lease(self, **options: Any) -> Lease:
        """Leases another number, as the settings say or with the options of `Otpwire.lease`. It is released after the test."""
        named = [name for name in ("pool", "country") if name in options]
        for name in ("ttl", "wait", *([] if named else ["pool", "country"])):
            if value := self._config.getini(f"otpwire_{name}"):
                options.setdefault(name, _OPTIONS[name](value))
        lease = self._otpwire.lease(**options)
        self._leases.append(lease)
        return lease


@pytest.fixture(scope="session")
def otpwire(pytestconfig: pytest.Config) -> Iterator[Otpwire]:
    """The client of this worker."""
    with Otpwire(pytestconfig.getini("otpwire_url") or None) as client:
        yield client


@pytest.fixture
def sms_pool(otpwire: Otpwire, request: pytest.FixtureRequest) -> Iterator[SmsPool]:
    """`sms_pool.lease()` for a test that needs several numbers."""
    leases = request.node.stash.setdefault(_LEASES, [])
    yield SmsPool(otpwire, request.config, leases)
    for lease in leases:
        lease.__exit__()


@pytest.fixture
def sms(sms_pool: SmsPool) -> Lease:
    """A number that is this test's alone, released when it ends, also when it fails."""
    return sms_pool.lease()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows the timelines of the leases where a test failed."""
    report = yield
    if report.when == "call":
        report.sections += [("sms", timeline_of(lease)) for lease in item.stash.get(_LEASES, [])]
    return report


def timeline_of(lease: Lease) -> str:
    """A line for each event, with the seconds since the lease began."""
    start = lease.timeline[0].at
    return "\n".join(f"{(entry.at - start).total_seconds():8.3f} s  {entry.event}" for entry in lease.timeline)
