"""The client for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import time
import weakref
from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from typing import Any, Self, TypeVar, Unpack

import httpx

from ._held import DEFAULT_TIMEOUT, HeldNumber, State, WaitOptions
from ._http import LONGEST_HOLD, Http
from ._inbox import Inbox
from ._settings import api_key_of, url_of
from .errors import LeaseLostError, OtpwireError, WaitTimeoutError
from .message import LinkKind, Message, MessageFilter, describe_content, shown

T = TypeVar("T")

#: How many messages an error lists.
_LISTED = 10


class AsyncOtpwire:
    """A client of an otpwire server, for asyncio."""

    def __init__(self, url: str | None = None, api_key: str | None = None) -> None:
        """By default, the settings are those of ``OTPWIRE_URL`` and ``OTPWIRE_API_KEY``."""
        self._http = Http(url_of(url), api_key_of(api_key))

    async def close(self) -> None:
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def lease(
        self, *, pool: str | None = None, country: str | None = None, ttl: float = 120.0, wait: float = 60.0
    ) -> LeaseRequest:
        """Leases a number of a pool or of a country: ``async with otpwire.lease(pool="ci") as lease``, or ``await``.

        A lease lasts for `ttl` seconds (5 to 3,600) without being renewed, which happens by itself. Whoever waits for a
        number, up to `wait` seconds, is served in order.
        """
        if (pool is None) == (country is None):
            raise TypeError("lease: needs a pool or a country, and not both")
        if not 5 <= ttl <= 3600:
            raise ValueError(f"ttl: must be from 5 to 3,600 seconds, not {ttl}")
        if not wait >= 0:
            raise ValueError(f"wait: must be a number of seconds from 0, not {wait}")
        wanted = {"pool": pool} if pool is not None else {"country_code": country}
        return LeaseRequest(self._http, wanted, round(ttl), wait)


class LeaseRequest:
    """A lease that is being acquired."""

    def __init__(self, http: Http, wanted: Mapping[str, Any], ttl: int, wait: float) -> None:
        self._http = http
        self._wanted = wanted
        self._ttl = ttl
        self._wait = wait
        self._lease: AsyncLease | None = None

    def __await__(self) -> Generator[Any, None, AsyncLease]:
        return self._acquire().__await__()

    async def __aenter__(self) -> AsyncLease:
        self._lease = await self._acquire()
        return self._lease

    async def __aexit__(self, *_: object) -> None:
        if self._lease:
            await self._lease.__aexit__()

    async def _acquire(self) -> AsyncLease:
        end = time.monotonic() + self._wait
        ticket: dict[str, Any] = {}
        while True:
            left = max(0.0, end - time.monotonic())
            hold = min(LONGEST_HOLD, math.ceil(left))
            try:
                response = await self._http.send(
                    "POST",
                    "/v1/leases",
                    body={**self._wanted, **ticket, "ttl_seconds": self._ttl, "wait_seconds": int(hold)},
                    idempotency_key=secrets.token_hex(16),
                    hold=hold,
                    retry_for=max(left, 10.0),
                )
            except OtpwireError as error:
                # A place is kept for seconds. A server that was away for longer has given it up.
                if error.code != "NOT_FOUND" or error.details.get("field") != "ticket":
                    raise
                ticket = {}
                continue
            answer = response.json()
            if response.status_code != httpx.codes.ACCEPTED:
                return AsyncLease(self._http, answer, self._ttl)
            ticket = {"ticket": answer["ticket"]}
            if time.monotonic() >= end:
                await self._give_up(answer["ticket"])
                pool, country = self._wanted.get("pool"), self._wanted.get("country_code")
                what = f"of the pool {pool}" if pool else f"of {country}"
                message = f"no number {what} became free within {self._wait:g} s: position {answer['position']} of those who wait"
                raise WaitTimeoutError(message, f"a number {what}")

    async def _give_up(self, ticket: str) -> None:
        """Lets those go on who wait behind a ticket. It would expire by itself, so that a failure is nobody's concern."""
        with contextlib.suppress(OtpwireError, TimeoutError):
            async with asyncio.timeout(2):
                await self._http.send("DELETE", f"/v1/leases/tickets/{ticket}", retry_for=0)


class AsyncLease(HeldNumber):
    """A number that is this worker's alone until it is released. It is renewed for as long as the object is used; if the
    process dies, it ends by itself within its `ttl`.

    Only what arrived during the lease is ever seen, and each message is given to one wait: waiting for a code twice gives
    two codes, in their order.
    """

    def __init__(self, http: Http, wire: Mapping[str, Any], ttl: int) -> None:
        super().__init__(State(wire))
        self._http = http
        self._ttl = ttl
        self._start = self._cursor = str(wire["cursor"])
        self._inbox = Inbox(self._next)
        self._is_released = False
        #: Why the server does not answer at the moment.
        self._absence: OtpwireError | None = None
        self._renewal = asyncio.create_task(_renew_again_and_again(weakref.ref(self), ttl))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        # A server that is away is no reason to hide the error of the test: the lease ends by itself.
        with contextlib.suppress(OtpwireError):
            await self.release()

    async def wait_for_code(self, **options: Unpack[WaitOptions]) -> str:
        """The next code, as it is typed in."""
        return await self._wait("a code", options, MessageFilter.code_of)

    async def wait_for_message(self, **options: Unpack[WaitOptions]) -> Message:
        """The next message, whatever it is."""
        return await self._wait("a message", options, lambda _, message: message)

    async def wait_for_link(self, *, kind: LinkKind | None = None, **options: Unpack[WaitOptions]) -> str:
        """The next link, of this kind if one is given; of several in one message, one that is for something."""
        what = f"a link of kind {kind}" if kind else "a link"
        return await self._wait(what, options, lambda _, message: message.link_of(kind))

    async def messages(self) -> list[Message]:
        """Everything that has arrived during the lease, the oldest first. No wait misses anything because of it."""
        found: list[Message] = []
        after = self._start
        while True:
            page = (await self._get("messages", after=after, limit=50)).json()
            if not page["messages"]:
                return found
            found += [Message.read(item["message"]) for item in page["messages"]]
            after = page["cursor"]

    async def release(self) -> None:
        """Gives the number back. Waits that are under way fail. To do it again does nothing."""
        if self._is_released:
            return
        self._is_released = True
        self._renewal.cancel()
        self._inbox.close(LeaseLostError("LEASE_LOST", "the lease was released", details={"reason": "released"}))
        try:
            await self._http.send("DELETE", f"/v1/leases/{self.id}", query={"fence": self.fence}, retry_for=10.0)
        except LeaseLostError:
            pass  # It is over already.
        except BaseException:
            # It may be tried again.
            self._is_released = False
            raise
        self._state.note("released")

    async def _wait(self, what: str, options: WaitOptions, read: Callable[[MessageFilter, Message], T | None]) -> T:
        timeout = options.get("timeout", DEFAULT_TIMEOUT)
        if not timeout >= 0:
            raise ValueError(f"timeout: must be a number of seconds from 0, not {timeout}")
        filters: dict[str, Any] = {name: value for name, value in options.items() if name != "timeout"}
        wanted = MessageFilter(**filters)
        described = wanted.describe(what)
        self._state.note(f"waiting for {described}")
        try:
            found = await self._inbox.take(lambda m: read(wanted, m) if wanted.passes(m) else None, timeout)
        except TimeoutError:
            self._state.note(f"gave up waiting for {described}")
            raise self._timed_out(described, timeout) from self._absence
        self._state.note(f"found {described}")
        return found

    def _timed_out(self, described: str, timeout: float) -> WaitTimeoutError:
        arrived = self._inbox.summary()
        parts = [f"no {described.removeprefix('a ')} arrived at {shown(self.phone_number)} within {timeout:g} s"]
        if arrived:
            parts.append(f"what did arrive: {', '.join(map(str, arrived[-_LISTED:]))}")
        else:
            parts.append("nothing arrived during this lease")
        if len(arrived) > _LISTED:
            parts.append(f"and {len(arrived) - _LISTED} before")
        if self.unclaimed_messages > 0:
            parts.append(f"older messages for this number: {self.unclaimed_messages}")
        if self._absence:
            parts.append(f"at the end, {self._absence}")
        return WaitTimeoutError("; ".join(parts), described, arrived)

    async def _next(self, hold: float) -> Message | None:
        # It is asked again for as long as somebody waits.
        response = await self._get("wait", hold, math.inf, after=self._cursor, timeout=math.ceil(hold))
        if response.status_code == httpx.codes.NO_CONTENT:
            self._cursor = response.headers.get("x-cursor", self._cursor)
            return None
        answer = response.json()
        self._cursor = answer["cursor"]
        message = Message.read(answer["message"])
        self._state.note(f"arrived: {describe_content(message.type, message.service)}")
        return message

    async def _get(self, what: str, hold: float = 0.0, retry_for: float = 30.0, **query: str | int) -> httpx.Response:
        def note(error: OtpwireError | None) -> None:
            self._absence = error

        try:
            return await self._http.send(
                "GET",
                f"/v1/leases/{self.id}/{what}",
                query={"fence": self.fence, **query},
                hold=hold,
                retry_for=retry_for,
                on_retry=note,
            )
        except LeaseLostError as error:
            self._end(error)
            raise

    async def _renew(self) -> bool:
        """Whether to go on renewing."""
        body = {"fence": self.fence, "ttl_seconds": self._ttl}
        try:
            response = await self._http.send("POST", f"/v1/leases/{self.id}/renew", body=body, retry_for=self._ttl)
        except OtpwireError as error:
            self._state.note(f"could not be renewed: {error.code}")
            # Otherwise it may still be valid for a while, and the server says when it is not.
            if isinstance(error, LeaseLostError):
                self._end(error)
            return False
        self._state.expires_at = datetime.fromisoformat(response.json()["expires_at"])
        return True

    def _end(self, error: LeaseLostError) -> None:
        self._renewal.cancel()
        self._state.note(f"lost: {error.reason}")
        self._inbox.close(error)


async def _renew_again_and_again(held: weakref.ref[AsyncLease], ttl: int) -> None:
    """A lease that nobody refers to any more is not renewed."""
    goes_on = True
    while goes_on:
        await asyncio.sleep(ttl / 3)
        lease = held()
        goes_on = lease is not None and await lease._renew()
        del lease
