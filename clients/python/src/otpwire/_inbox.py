"""The messages of a lease in their order, and those who wait for one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from ._http import LONGEST_HOLD
from .message import ArrivalSummary, Message

T = TypeVar("T")

#: How long an answer may take even if nobody wants to wait, so that a timeout of 0 finds what is there.
_SHORTEST_WAIT = 1.0

#: Asks the server for the next message; `None` if none came within so many seconds.
Fetch = Callable[[float], Awaitable[Message | None]]


@dataclass
class _Arrival:
    message: Message
    taken: bool = False


@dataclass(eq=False)
class _Waiter:
    #: Takes the message if it is the right one.
    offer: Callable[[Message], bool]
    deadline: float
    result: asyncio.Future[object]


class Inbox:
    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._arrived: list[_Arrival] = []
        self._waiters: list[_Waiter] = []
        self._polling: asyncio.Task[None] | None = None
        self._closed: Exception | None = None

    async def take(self, read: Callable[[Message], T | None], timeout: float) -> T:
        """The first message for which `read` has something, and which nobody was given before; `TimeoutError` if none
        comes in time. What `read` does not want is kept for others, so the order in which codes of two services arrive
        does not matter.
        """
        if self._closed:
            raise self._closed
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def offer(message: Message) -> bool:
            if result.done():
                return False
            try:
                value = read(message)
            except Exception as error:  # noqa: BLE001 - the caller's own function
                result.set_exception(error)
                return False
            if value is not None:
                result.set_result(value)
            return value is not None

        waiter = _Waiter(offer, time.monotonic() + timeout, result)  # type: ignore[arg-type]
        self._waiters.append(waiter)
        try:
            for arrival in self._arrived:
                if not arrival.taken:
                    arrival.taken = offer(arrival.message)
            if not result.done() and self._polling is None:
                self._polling = asyncio.create_task(self._ask())
            async with asyncio.timeout(max(timeout, _SHORTEST_WAIT)):
                return await result
        finally:
            self._waiters.remove(waiter)
            if not self._waiters and self._polling is not None:
                # Nobody listens to the answer any more.
                self._polling.cancel()
                self._polling = None

    def close(self, error: Exception) -> None:
        """Nobody is given anything any more."""
        self._closed = self._closed or error
        self._fail(error)

    def summary(self) -> list[ArrivalSummary]:
        now = datetime.now(UTC)
        return [
            ArrivalSummary(m.type, m.service, max(0.0, (now - m.received_at).total_seconds()), arrival.taken)
            for arrival in self._arrived
            for m in [arrival.message]
        ]

    async def _ask(self) -> None:
        """Asks for as long as somebody waits, one request at a time."""
        try:
            while pending := [waiter for waiter in self._waiters if not waiter.result.done()]:
                longest = max(waiter.deadline for waiter in pending) - time.monotonic()
                message = await self._fetch(min(max(longest, 0.0), LONGEST_HOLD))
                if message:
                    self._add(message)
                    continue
                for waiter in self._waiters:
                    if waiter.deadline <= time.monotonic() and not waiter.result.done():
                        waiter.result.set_exception(TimeoutError())
        except Exception as error:  # noqa: BLE001 - whoever waits raises it
            self._fail(error)
        finally:
            if self._polling is asyncio.current_task():
                self._polling = None

    def _add(self, message: Message) -> None:
        arrival = _Arrival(message)
        self._arrived.append(arrival)
        for waiter in self._waiters:
            if not arrival.taken:
                arrival.taken = waiter.offer(message)

    def _fail(self, error: Exception) -> None:
        for waiter in self._waiters:
            if not waiter.result.done():
                waiter.result.set_exception(error)
