"""What the pools sent, and to which address: whoever holds the address reads it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from tests.simulator.pool import CONTACTS, User


@dataclass(frozen=True)
class Message:
    to: str
    pool_id: str
    username: str
    purpose: str
    code: str


@dataclass
class Mail:
    sent: list[Message] = field(default_factory=list)
    _codes: itertools.count[int] = field(default_factory=lambda: itertools.count(100001))

    def send(self, pool_id: str, user: User, purpose: str, contact: str, to: str) -> dict[str, str]:
        """A code for `purpose`, which replaces the one before. Returns the delivery's details."""
        code = str(next(self._codes))
        user.codes[purpose] = code
        self.sent.append(Message(to, pool_id, user.username, purpose, code))
        return details(contact)

    def newest(self, to: str, purpose: str) -> Message | None:
        return next(
            (found for found in reversed(self.sent) if (found.to, found.purpose) == (to, purpose)), None
        )


def details(contact: str = "email") -> dict[str, str]:
    medium = "EMAIL" if contact == "email" else "SMS"
    return {"Destination": "a***", "DeliveryMedium": medium, "AttributeName": contact}


def verified_contact(user: User) -> str | None:
    return next((contact for contact in CONTACTS if user.verified(contact)), None)
