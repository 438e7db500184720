"""The package `otpwire`, as its wheel has it, against the real program."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from otpwire import AsyncOtpwire, Lease, LeaseLostError, Message, Otpwire, OtpwireError, WaitTimeoutError

from conftest import Server


def github(code: str) -> str:
    return f"{code} is your GitHub verification code."


def google(code: str) -> str:
    return f"{code} is your Google verification code."


def later(seconds: float, work: object, *arguments: object) -> None:
    threading.Timer(seconds, work, arguments).start()  # type: ignore[arg-type]


def test_waiting_twice_gives_two_codes_and_a_repeated_webhook_is_no_second_code(server: Server, lease: Lease) -> None:
    server.post(lease.phone_number, github("111111"), repeat="python")
    server.post(lease.phone_number, github("111111"), repeat="python")
    server.post(lease.phone_number, github("222222"))
    assert lease.wait_for_code() == "111111"
    assert lease.wait_for_code() == "222222"
    with pytest.raises(WaitTimeoutError):
        lease.wait_for_code(timeout=0)


def test_what_one_wait_does_not_want_is_kept_for_another(server: Server, lease: Lease) -> None:
    later(0.3, server.post, lease.phone_number, google("333333"))
    later(0.4, server.post, lease.phone_number, github("444444"))
    assert lease.wait_for_code(service="github") == "444444"
    assert lease.wait_for_code(service="Góogle") == "333333"
    assert [message.code for message in lease.messages()] == ["333333", "444444"]


def test_messages_are_filtered_by_expressions_functions_and_senders(server: Server, lease: Lease) -> None:
    server.post(lease.phone_number, github("111111"))
    server.post(lease.phone_number, "Zugang: lima-oscar")
    server.post(lease.phone_number, "There are lemons.")
    assert lease.wait_for_code(match=r"Zugang: (?P<code>[\w-]+)") == "lima-oscar"
    assert lease.wait_for_message(sender="tests", match=re.compile("LEMONS", re.IGNORECASE)).text == "There are lemons."

    def fails(_: Message) -> bool:
        raise RuntimeError("the function of a test")

    with pytest.raises(RuntimeError, match="the function of a test"):
        lease.wait_for_code(match=fails)
    assert lease.wait_for_code(match=lambda message: message.service == "GitHub") == "111111"


def test_a_link_is_found_without_a_pattern(server: Server, lease: Lease) -> None:
    if not server.reads_links():
        pytest.skip("the server does not read links")
    server.post(lease.phone_number, "Our shop: https://example.com/shop")
    text = "From https://example.com: verify your account at https://example.com/verify?token=abc"
    server.post(lease.phone_number, text)
    assert lease.wait_for_link(kind="verify") == "https://example.com/verify?token=abc"
    assert lease.wait_for_link() == "https://example.com/shop"


def test_codes_of_before_the_lease_are_never_seen(server: Server, client: Otpwire) -> None:
    pool = server.pool(1)
    with client.lease(pool=pool.name):
        server.post(pool.numbers[0], github("111111"))
    server.post(pool.numbers[0], github("222222"))
    with client.lease(pool=pool.name) as lease:
        server.post(pool.numbers[0], github("333333"), sent_at=(datetime.now(UTC) - timedelta(minutes=1)).isoformat())
        with pytest.raises(WaitTimeoutError) as raised:
            lease.wait_for_code(timeout=1)
        expected = r"no code arrived at …\d{4} within 1 s; nothing arrived during this lease; older messages for this number: 1"
        assert re.fullmatch(expected, str(raised.value))
        server.post(pool.numbers[0], github("444444"))
        assert lease.wait_for_code() == "444444"


def test_a_timeout_says_what_did_arrive_and_nothing_tells_a_secret(server: Server, lease: Lease) -> None:
    server.post(lease.phone_number, google("731905"))
    server.post(lease.phone_number, "There are lemons.")
    message = lease.wait_for_message()
    with pytest.raises(WaitTimeoutError) as raised:
        lease.wait_for_code(service="GitHub", sender="+14155559876", timeout=1.2)
    error = raised.value
    assert isinstance(error, TimeoutError) and isinstance(error, OtpwireError)
    assert (error.code, error.waited_for) == ("TIMEOUT", "a code of GitHub from …9876")
    assert [(a.type, a.service, a.taken) for a in error.arrived] == [("otp", "Google", True), ("sms", None, False)]
    assert re.fullmatch(
        r"no code of GitHub from …9876 arrived at …\d{4} within 1\.2 s; what did arrive: "
        r"a code of Google \(\d+ s ago, given to an earlier wait\), a message of type sms \(\d+ s ago\)",
        str(error),
    )
    shown = repr([error, vars(error), lease, lease.timeline, message])
    for secret in ("731905", "lemons", server.api_key, lease.phone_number, "+14155559876"):
        assert secret not in shown


def test_refusals_are_waited_out_as_retry_after_says(server: Server, lease: Lease) -> None:
    wait = f"/v1/leases/{lease.id}/wait"
    server.refuse("GET", wait, times=1, status=429, retry_after=1)
    server.refuse("GET", wait, times=1, status=503, retry_after=1)
    server.post(lease.phone_number, github("111111"))
    start = time.monotonic()
    assert lease.wait_for_code() == "111111"
    assert time.monotonic() - start >= 2
    server.refuse("GET", wait, times=1000, status=503)
    with pytest.raises(WaitTimeoutError, match=r"; at the end, a test refuses it \(UNAVAILABLE\)$"):
        lease.wait_for_code(timeout=1)


def test_what_is_refused_for_good_is_not_repeated(server: Server, client: Otpwire) -> None:
    with pytest.raises(OtpwireError) as raised:
        client.lease(pool="unknown")
    assert (raised.value.code, raised.value.status) == ("NOT_FOUND", 404)
    with Otpwire(server.url, "otpk_wrong") as stranger, pytest.raises(OtpwireError) as refused:
        stranger.lease(pool="x")
    assert (refused.value.code, refused.value.status) == ("UNAUTHENTICATED", 401)
    with (
        Otpwire("http://127.0.0.1:9", "x") as nobody,
        pytest.raises(OtpwireError, match="^cannot reach http://127.0.0.1:9: "),
    ):
        nobody.lease(pool="x")


def test_whoever_waits_is_given_the_number_when_it_is_released(server: Server, client: Otpwire) -> None:
    pool = server.pool(1).name
    first = client.lease(pool=pool)
    with pytest.raises(OtpwireError) as raised:
        client.lease(pool=pool, wait=0)
    assert raised.value.code == "NO_NUMBER_AVAILABLE"
    with pytest.raises(WaitTimeoutError, match=r"became free within 1 s: position 1 of those who wait$"):
        client.lease(pool=pool, wait=1)
    # It has given up its place: nobody waits behind it.
    first.release()
    first = client.lease(pool=pool, wait=0)
    later(0.3, first.release)
    with client.lease(pool=pool) as second:
        assert second.fence > first.fence


def test_a_lease_is_renewed_and_lost_when_that_fails(server: Server, client: Otpwire) -> None:
    pool = server.pool(1)
    lease = client.lease(pool=pool.name, ttl=12)
    first = lease.expires_at
    time.sleep((first - datetime.now(UTC)).total_seconds() + 1)
    assert lease.expires_at > first
    server.refuse("POST", f"/v1/leases/{lease.id}/renew", times=1000, status=503)
    with client.lease(pool=pool.name) as following:
        server.post(following.phone_number, github("111111"))
        for _ in range(2):
            with pytest.raises(LeaseLostError) as raised:
                lease.wait_for_code()
            assert raised.value.reason in ("expired", "superseded")
        lease.release()
        assert following.wait_for_code() == "111111"
    with pytest.raises(LeaseLostError) as released:
        following.wait_for_code()
    assert released.value.reason == "released"


def test_a_lease_is_released_when_its_block_is_left_by_an_error(server: Server, client: Otpwire) -> None:
    class Left(Exception):
        pass

    with pytest.raises(Left), client.lease(pool=server.pool(1).name) as lease:
        raise Left
    assert lease.id not in [held["id"] for held in server.leases()]


def test_16_workers_have_a_number_and_the_codes_of_their_own(server: Server, client: Otpwire) -> None:
    pool = server.pool(5).name
    held: set[str] = set()
    lock = threading.Lock()

    def work(_: int) -> None:
        with client.lease(pool=pool) as lease:
            with lock:
                assert lease.phone_number not in held
                held.add(lease.phone_number)
            for _ in range(2):
                code = f"{random.randrange(100_000, 1_000_000)}"
                server.post(lease.phone_number, github(code))
                assert lease.wait_for_code() == code
            with lock:
                held.remove(lease.phone_number)

    with ThreadPoolExecutor(16) as workers:
        assert len(list(workers.map(work, range(32)))) == 32


def test_asyncio(server: Server) -> None:
    async def scenario() -> None:
        async def post(to: str, text: str) -> None:
            await asyncio.to_thread(server.post, to, text)

        async with AsyncOtpwire(server.url, server.api_key) as client:
            async with client.lease(pool=server.pool(1).name) as lease:
                waits = [asyncio.create_task(lease.wait_for_code(service=name)) for name in ("GitHub", "Google")]
                await post(lease.phone_number, google("222222"))
                await post(lease.phone_number, github("111111"))
                assert await asyncio.gather(*waits) == ["111111", "222222"]
                # To cancel a wait misses nothing.
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(lease.wait_for_code(), 0.3)
                await post(lease.phone_number, github("333333"))
                assert await lease.wait_for_code() == "333333"
            second = await client.lease(pool=server.pool(1).name)
            wait = asyncio.create_task(second.wait_for_code())
            await asyncio.sleep(0.1)
            await second.release()
            with pytest.raises(LeaseLostError):
                await wait

    asyncio.run(scenario())


def test_options_that_cannot_be_right_are_named(client: Otpwire, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTPWIRE_URL", raising=False)
    monkeypatch.delenv("OTPWIRE_API_KEY", raising=False)
    for url, key, expected in [
        (None, "x", "^url: "),
        ("ftp://x", "x", "^url: "),
        ("http://a:secret@x", "x", "^url: "),
        ("http://x", None, "^api_key: "),
        ("http://x", "otpk_secret\n", "^api_key: "),
    ]:
        with pytest.raises(ValueError, match=expected) as raised:
            Otpwire(url, key)
        assert "secret" not in str(raised.value)
    with pytest.raises(TypeError, match="^lease: "):
        client.lease()
    with pytest.raises(TypeError, match="^lease: "):
        client.lease(pool="x", country="US")
    with pytest.raises(ValueError, match="^ttl: "):
        client.lease(pool="x", ttl=120_000)
    with pytest.raises(ValueError, match="^timeout: "):
        lease.wait_for_code(timeout=-1)
    with pytest.raises(TypeError, match="'servce'"):
        lease.wait_for_code(servce="GitHub")  # type: ignore[call-arg]


def test_a_server_that_is_killed_in_the_middle_of_a_wait_is_waited_for(server: Server, lease: Lease) -> None:
    def restart() -> None:
        server.kill()
        time.sleep(1.5)
        server.run()
        server.post(lease.phone_number, github("111111"))

    later(0.3, restart)
    assert lease.wait_for_code() == "111111"
