"""The client without ``await``: the one for asyncio, on a thread of its own, which also renews the leases."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar, Unpack

from ._held import HeldNumber, WaitOptions
from .aio import AsyncLease, AsyncOtpwire
from .message import LinkKind, Message

T = TypeVar("T")


class _Loop:
    """An event loop on a thread that keeps no process alive."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="otpwire", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            # Ctrl-C ends the request too.
            future.cancel()
            raise

    @property
    def is_stopped(self) -> bool:
        return self._loop.is_closed()

    def stop(self) -> None:
        self.run(_cancel_everything())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_everything() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Otpwire:
    """A client of an otpwire server."""

    def __init__(self, url: str | None = None, api_key: str | None = None) -> None:
        """By default, the settings are those of ``OTPWIRE_URL`` and ``OTPWIRE_API_KEY``."""
        self._client = AsyncOtpwire(url, api_key)
        self._loop = _Loop()

    def close(self) -> None:
        """Leases that were not released end by themselves."""
        if not self._loop.is_stopped:
            self._loop.run(self._client.close())
            self._loop.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lease(
        self, *, pool: str | None = None, country: str | None = None, ttl: float = 120.0, wait: float = 60.0
    ) -> Lease:
        """Leases a number of a pool or of a country: ``with otpwire.lease(pool="ci") as lease``.

        A lease lasts for `ttl` seconds (5 to 3,600) without being renewed, which happens by itself. Whoever waits for a
        number, up to `wait` seconds, is served in order.
        """
        request = self._client.lease(pool=pool, country=country, ttl=ttl, wait=wait)

        async def acquire() -> AsyncLease:
            return await request

        return Lease(self._loop.run(acquire()), self._loop)


class Lease(HeldNumber):
    """A number that is this worker's alone until it is released. It is renewed for as long as the object is used; if the
    process dies, it ends by itself within its `ttl`.

    Only what arrived during the lease is ever seen, and each message is given to one wait: waiting for a code twice gives
    two codes, in their order.
    """

    def __init__(self, lease: AsyncLease, loop: _Loop) -> None:
        super().__init__(lease._state)
        self._lease = lease
        self._loop = loop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._lease.__aexit__())

    def wait_for_code(self, **options: Unpack[WaitOptions]) -> str:
        """The next code, as it is typed in."""
        return self._loop.run(self._lease.wait_for_code(**options))

    def wait_for_message(self, **options: Unpack[WaitOptions]) -> Message:
        """The next message, whatever it is."""
        return self._loop.run(self._lease.wait_for_message(**options))

    def wait_for_link(self, *, kind: LinkKind | None = None, **options: Unpack[WaitOptions]) -> str:
        """The next link, of this kind if one is given; of several in one message, one that is for something."""
        return self._loop.run(self._lease.wait_for_link(kind=kind, **options))

    def messages(self) -> list[Message]:
        """Everything that has arrived during the lease, the oldest first. No wait misses anything because of it."""
        return self._loop.run(self._lease.messages())

    def release(self) -> None:
        """Gives the number back. Waits that are under way fail. To do it again does nothing."""
        self._loop.run(self._lease.release())
