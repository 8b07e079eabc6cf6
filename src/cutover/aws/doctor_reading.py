"""Reads that may each be refused: a refusal is noted and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.control.refusals import Refusal
from cutover.errors import AwsUnavailable, CutoverError, InterlockRefused

Found = TypeVar("Found")
_ASSUME = "AssumeRole"


@dataclass
class Reading:
    """`notes` say what could not be read and AWS's error code, `refused` what has a code of its own, and
    `role_error` why the role of the old pool's account was not given."""

    notes: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    role_error: str | None = None

    def attempt(self, what: str, read: Callable[..., Found], *given: object) -> Found | None:
        """What `read(*given)` finds; None where it is refused. A network or credential fault is raised:
        nothing after it would be read either."""
        try:
            return read(*given)
        except ClientError as error:
            if error.operation_name == _ASSUME:
                self.role_error = error_code(error)
            self.notes.append(f"{what}: {error.operation_name} {error_code(error)}")
        except InterlockRefused as error:
            self.refused.append(Refusal(error.interlock, error.message, error.cause, error.fix))
        except AwsUnavailable as error:
            self.notes.append(f"{what}: {error.cause}")
        except CutoverError as error:
            self.refused.append(Refusal("function_missing", error.message, error.cause, error.fix))
        return None
