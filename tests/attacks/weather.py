"""Outages: which service answers what to our functions, until it is calm again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.fakes.cognito import AwsError

FUNCTIONS = "functions"
"""The caller whom the weather meets: our functions, nobody else."""


def throttled() -> Exception:
    return AwsError("TooManyRequestsException", "Rate exceeded")


def unavailable() -> Exception:
    return AwsError("InternalErrorException", "Something went wrong")


def silent() -> Exception:
    return ReadTimeoutError(endpoint_url="https://cognito.invalid")


def closed() -> Exception:
    return ConnectionClosedError(endpoint_url="https://cognito.invalid")


KINDS: tuple[Callable[[], Exception], ...] = (throttled, unavailable, silent, closed)
PLACES = ("old", "new", "ledger", "queue")


@dataclass
class Weather:
    """`storms` is place -> what its next calls end in, and how many of them."""

    places: dict[str, str] = field(default_factory=dict)
    """Pool id -> `old` or `new`."""
    storms: dict[str, tuple[Callable[[], Exception], int]] = field(default_factory=dict)

    def begin(self, place: str, kind: Callable[[], Exception], calls: int) -> None:
        self.storms[place] = (kind, calls)

    def calm(self) -> None:
        self.storms.clear()

    def cognito(self, caller: str, operation: str, asked: dict[str, Any]) -> None:
        if caller == FUNCTIONS:
            self.at(self.places.get(asked.get("UserPoolId", ""), ""))

    def at(self, place: str) -> None:
        if place in self.storms:
            kind, left = self.storms.pop(place)
            if left > 1:
                self.storms[place] = (kind, left - 1)
            raise kind()
