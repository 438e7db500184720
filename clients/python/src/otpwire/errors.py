"""What can go wrong. No error has a code, a text, a key or a full phone number in it: errors end up in logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .message import ArrivalSummary


class OtpwireError(Exception):
    """An error that the server answers with, or that the client found."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        #: For programs, and stable, such as ``NOT_FOUND``.
        self.code = code
        #: The HTTP status, if there was an answer.
        self.status = status
        #: What the server says besides, such as the field that is wrong.
        self.details = dict(details or {})
        #: The request in the server's log.
        self.request_id = request_id


class LeaseLostError(OtpwireError):
    """The lease is over: what arrives on the number now belongs to somebody else."""

    @property
    def reason(self) -> str:
        """Why: a word that does not change.

        ``expired``, ``released``, ``superseded`` by a newer lease of the number, ``rental_ended``, ``blocked``,
        ``deactivated``, or ``unknown_fence`` for a fence that was never given.
        """
        return str(self.details.get("reason", "unknown"))


class WaitTimeoutError(OtpwireError, TimeoutError):
    """Nothing that was waited for came in time. The message says what did arrive."""

    def __init__(self, message: str, waited_for: str, arrived: Sequence[ArrivalSummary] = ()) -> None:
        super().__init__("TIMEOUT", message)
        #: Such as ``a code of GitHub``.
        self.waited_for = waited_for
        #: What arrived during the lease.
        self.arrived = tuple(arrived)
