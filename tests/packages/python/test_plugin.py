"""The fixtures for pytest, as a project uses them."""

from __future__ import annotations

import re

import pytest

from conftest import Server

pytestmark = pytest.mark.usefixtures("environment")


def test_each_test_has_a_number_and_failures_show_its_timeline(server: Server, pytester: pytest.Pytester) -> None:
    pytester.makeini(f"[pytest]\notpwire_pool = {server.pool(3).name}\notpwire_ttl = 300\n")
    pytester.makepyfile(
        """
        numbers = set()

        def test_passes(sms):
            numbers.add(sms.phone_number)

        def test_several(sms, sms_pool):
            assert sms_pool.lease().phone_number != sms.phone_number

        def test_fails(sms):
            sms.wait_for_code(service="GitHub", timeout=1)

        def test_needs_nothing():
            assert len(numbers) == 1
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=3, failed=1)
    output = result.stdout.str()
    assert "no code of GitHub arrived at" in output
    assert re.search(
        r"-+ sms -+\n +0\.000 s  leased …\d{4} .*\n.*waiting for a code of GitHub\n.*gave up waiting", output
    )
    assert server.leases() == []


def test_workers_of_xdist_have_numbers_of_their_own(server: Server, pytester: pytest.Pytester) -> None:
    pytester.makeini(f"[pytest]\notpwire_pool = {server.pool(2).name}\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(8))
        def test_one(sms, n):
            assert sms.messages() == []
        """
    )
    pytester.runpytest_subprocess("-n", "4").assert_outcomes(passed=8)
    assert server.leases() == []


def test_settings_that_are_wrong_are_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(sms): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*TypeError: lease: needs a pool or a country, and not both"])
