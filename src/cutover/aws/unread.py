"""What AWS refuses to show is said and left out; the rest of a status is shown all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code

Found = TypeVar("Found")


@dataclass
class Unread:
    """Collects, in the order of the attempts, what could not be read and AWS's error code."""

    notes: list[str] = field(default_factory=list)

    def attempt(self, what: str, read: Callable[..., Found], *given: Any) -> Found | None:
        """What `read(*given)` finds; None where a service answers with an error.

        A network or credential fault is raised: nothing after it would be read either.
        """
        try:
            return read(*given)
        except ClientError as error:
            self.notes.append(f"{what}: {error.operation_name} {error_code(error)}")
            return None
