"""Messages, and what can be asked of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

#: What a link is for.
LinkKind = Literal["verify", "login", "reset", "other"]


@dataclass(frozen=True)
class Link:
    """A link in a text."""

    url: str
    kind: LinkKind


@dataclass(frozen=True)
class Message:
    """A message that arrived on the number during the lease. What it says is not part of its ``repr``."""

    id: int
    #: A number, a short code, or a name.
    sender: str = field(repr=False)
    text: str = field(repr=False)
    #: ``otp`` has a code; ``verification`` asks to confirm something by a link or a reply.
    type: Literal["otp", "verification", "sms"]
    #: The code as it is typed in.
    code: str | None = field(repr=False)
    #: The service that the code is for, if the text says so.
    service: str | None
    #: The host of a code that is bound to one, as in ``@example.com #123456``.
    origin: str | None
    links: tuple[Link, ...] = field(repr=False)
    received_at: datetime

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Message:
        """A message as the REST API has it."""
        otp = wire.get("otp") or {}
        return cls(
            id=wire["id"],
            sender=wire["sender_number"],
            text=wire["message_content"],
            type=wire["message_type"],
            code=otp.get("code"),
            service=otp.get("service"),
            origin=otp.get("origin"),
            links=tuple(Link(link["url"], link["kind"]) for link in wire.get("links", ())),
            received_at=datetime.fromisoformat(wire["received_at"]),
        )

    def link_of(self, kind: LinkKind | None) -> str | None:
        """The link of that kind; without a kind and of several, one that is for something."""
        if kind is not None:
            return next((link.url for link in self.links if link.kind == kind), None)
        return next((link.url for link in sorted(self.links, key=lambda link: link.kind == "other")), None)


#: An expression that the text contains, or a function that says whether this is the message.
Match = str | re.Pattern[str] | Callable[[Message], object]


@dataclass(frozen=True)
class MessageFilter:
    """Which messages are waited for. All of what is given has to be right."""

    #: The service, without regard to case and accents.
    service: str | None = None
    #: The sender, without regard to case.
    sender: str | None = None
    match: Match | None = None

    def passes(self, message: Message) -> bool:
        if self.service is not None and (message.service is None or _fold(message.service) != _fold(self.service)):
            return False
        if self.sender is not None and _fold(message.sender) != _fold(self.sender):
            return False
        if isinstance(self.match, (str, re.Pattern)):
            return re.search(self.match, message.text) is not None
        return self.match is None or bool(self.match(message))

    def code_of(self, message: Message) -> str | None:
        """The code; what a group ``code`` of ``match`` captures comes before what the server read."""
        if isinstance(self.match, (str, re.Pattern)):
            found = re.search(self.match, message.text)
            if found and found.groupdict().get("code"):
                return str(found["code"])
        return message.code

    def describe(self, what: str) -> str:
        """What is waited for, for people: ``a code of GitHub``."""
        parts = [what]
        if self.service is not None:
            parts.append(f"of {self.service}")
        if self.sender is not None:
            parts.append(f"from {shown(self.sender)}")
        if isinstance(self.match, (str, re.Pattern)):
            parts.append(f"that matches {self.match if isinstance(self.match, str) else self.match.pattern!r}")
        elif self.match is not None:
            parts.append("that passes a function")
        return " ".join(parts)


@dataclass(frozen=True)
class ArrivalSummary:
    """A message that arrived, without what it said."""

    type: str
    service: str | None
    #: How long before the timeout it arrived, in seconds.
    age: float
    #: Whether an earlier wait was given it.
    taken: bool

    def __str__(self) -> str:
        taken = ", given to an earlier wait" if self.taken else ""
        return f"{describe_content(self.type, self.service)} ({self.age:.0f} s ago{taken})"


def describe_content(kind: str, service: str | None) -> str:
    """What a message is, without what it says."""
    return f"a code of {service or 'an unknown service'}" if kind == "otp" else f"a message of type {kind}"


def shown(number: str) -> str:
    """A sender or number as errors and reports may show it: of digits only the last four."""
    return f"…{number[-4:]}" if re.fullmatch(r"[+\d][\d ]{4,}", number) else number


def _fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip().casefold()
