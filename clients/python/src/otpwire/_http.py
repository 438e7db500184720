"""Requests to the server: repeated while it is away, and errors made of its answers."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import LeaseLostError, OtpwireError

#: Answers after which the same request makes sense again; proxies answer 502 and 504 while a server restarts.
_RETRIED = {429, 502, 503, 504}
#: How much longer than the server holds a request an answer may take.
_PATIENCE = 15.0
#: For how long a server is waited for that never answered: its address may be wrong.
_FIRST_CONTACT = 10.0
#: The longest pause between two attempts that the server did not ask for.
_LONGEST_PAUSE = 5.0
#: The longest time for which one request is held: proxies often close what takes a minute.
LONGEST_HOLD = 45.0


@dataclass
class _Failure:
    error: OtpwireError
    #: After how many seconds the request may be repeated, if it may.
    retry_after: float | None


class Http:
    """Every request may be repeated: those that make something have a key, the others can do nothing twice."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url
        self._is_known = False
        headers = {"accept": "application/json", "authorization": f"Bearer {api_key}"}
        # One number may be waited for while others are renewed and released.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(base_url=url, headers=headers, limits=limits)

    async def close(self) -> None:
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        hold: float = 0.0,
        retry_for: float = 30.0,
        on_retry: Callable[[OtpwireError | None], None] = lambda _: None,
    ) -> httpx.Response:
        """`hold` is how long the server may hold the request, `retry_for` for how long one that fails is repeated."""
        headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        start = time.monotonic()
        attempt = 0
        while True:
            request = self._client.build_request(
                method, path, params=query, json=body, headers=headers, timeout=math.ceil(hold) + _PATIENCE
            )
            answer = await self._attempt(request)
            self._is_known |= isinstance(answer, httpx.Response) or answer.error.code != "UNREACHABLE"
            if isinstance(answer, httpx.Response):
                on_retry(None)
                return answer
            # Full jitter: clients that failed together do not come back together.
            pause = (answer.retry_after or 0.0) + random.random() * min(_LONGEST_PAUSE, 0.1 * 2**attempt)
            limit = retry_for if self._is_known else min(retry_for, _FIRST_CONTACT)
            if answer.retry_after is None or time.monotonic() + pause - start > limit:
                raise answer.error
            on_retry(answer.error)
            await asyncio.sleep(pause)
            attempt = min(attempt + 1, 16)

    async def _attempt(self, request: httpx.Request) -> httpx.Response | _Failure:
        try:
            response = await self._client.send(request)
        except httpx.TransportError as cause:
            why = "it did not answer in time" if isinstance(cause, httpx.TimeoutException) else type(cause).__name__
            error = OtpwireError("UNREACHABLE", f"cannot reach {self._url}: {why}")
            error.__cause__ = cause
            return _Failure(error, 0.0)
        if response.status_code == 204 or (response.is_success and isinstance(_parse(response), dict)):
            return response
        repeatable = response.status_code in _RETRIED
        return _Failure(self._refusal(request, response), _retry_after(response) if repeatable else None)

    def _refusal(self, request: httpx.Request, response: httpx.Response) -> OtpwireError:
        body = _parse(response)
        status = response.status_code
        if not isinstance(body, dict) or not isinstance(body.get("code"), str):
            what = f"{request.method} {request.url.path} was answered with status {status}, and not as otpwire does"
            return OtpwireError("UNEXPECTED_ANSWER", f"{what}: is {self._url} its address?", status=status)
        kind = LeaseLostError if body["code"] == "LEASE_LOST" else OtpwireError
        message = f"{body.get('message')} ({body['code']})"
        more = {"details": body.get("details"), "request_id": body.get("request_id")}
        return kind(body["code"], message, status=status, **more)


def _retry_after(response: httpx.Response) -> float:
    try:
        return float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0


def _parse(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
