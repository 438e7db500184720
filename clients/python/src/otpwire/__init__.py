"""A client of otpwire for tests: leases a phone number, and waits for the code that is sent to it."""

from ._held import TimelineEntry
from ._sync import Lease, Otpwire
from .aio import AsyncLease, AsyncOtpwire
from .errors import LeaseLostError, OtpwireError, WaitTimeoutError
from .message import ArrivalSummary, Link, Message

__all__ = [
    "ArrivalSummary",
    "AsyncLease",
    "AsyncOtpwire",
    "Lease",
    "LeaseLostError",
    "Link",
    "Message",
    "Otpwire",
    "OtpwireError",
    "TimelineEntry",
    "WaitTimeoutError",
]
