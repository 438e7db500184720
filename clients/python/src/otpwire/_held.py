"""What a lease knows of itself, whether it is used with `await` or without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from .message import Match, shown

#: How long a wait lasts if nothing else is said, in seconds.
DEFAULT_TIMEOUT = 30.0


class WaitOptions(TypedDict, total=False):
    """How to wait for a message. All of what is given has to be right."""

    #: Only messages with a code of this service, without regard to case and accents.
    service: str | None
    #: Only messages of this sender, without regard to case.
    sender: str | None
    #: An expression that the text contains, or a function that says whether this is the message.
    match: Match | None
    #: How long, in seconds: 30 by default. 0 looks only at what is there.
    timeout: float


@dataclass(frozen=True)
class TimelineEntry:
    """What happened during a lease, for reports: without codes, texts and full numbers."""

    at: datetime
    event: str


class State:
    def __init__(self, wire: Mapping[str, Any]) -> None:
        self.id: int = wire["id"]
        self.fence: int = wire["fence"]
        self.phone_number: str = wire["phone_number"]
        self.country_code: str = wire["country_code"]
        self.pool: str | None = wire.get("pool")
        self.unclaimed_messages: int = wire.get("unclaimed_messages", 0)
        self.expires_at = datetime.fromisoformat(wire["expires_at"])
        self.timeline: list[TimelineEntry] = []
        self.note(f"leased {shown(self.phone_number)} (lease {self.id}, fence {self.fence})")

    def note(self, event: str) -> None:
        self.timeline.append(TimelineEntry(datetime.now(UTC), event))


class HeldNumber:
    """A number that is this worker's alone until it is released."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} of {shown(self.phone_number)}>"

    @property
    def id(self) -> int:
        return self._state.id

    @property
    def fence(self) -> int:
        """Grows with each lease of the number: whoever shows an older one is refused."""
        return self._state.fence

    @property
    def phone_number(self) -> str:
        """Such as ``+14155550100``."""
        return self._state.phone_number

    @property
    def country_code(self) -> str:
        return self._state.country_code

    @property
    def pool(self) -> str | None:
        return self._state.pool

    @property
    def unclaimed_messages(self) -> int:
        """How many messages for this number belonged to no lease: they came late, or between two leases."""
        return self._state.unclaimed_messages

    @property
    def expires_at(self) -> datetime:
        """When the lease ends if it is not renewed."""
        return self._state.expires_at

    @property
    def timeline(self) -> tuple[TimelineEntry, ...]:
        """What has happened so far."""
        return tuple(self._state.timeline)
