"""The errors an operator or a log reader meets. Each is named for the state it found.

An error says what is wrong (`message`), why (`cause`), how it is put right (`fix`) and the command to run
next (`next_command`). The exit codes are the command line's contract.
"""

from __future__ import annotations

from typing import ClassVar


class CutoverError(Exception):
    """What stopped us; `str()` gives the message alone, so that a secret-free text reaches every log."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, cause: str = "", fix: str = "", next_command: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.fix = fix
        self.next_command = next_command


class UsageError(CutoverError):
    """A flag, file or setting cannot be understood; nothing was changed."""

    exit_code = 2


class DifferencesFound(CutoverError):
    """Source and target are not equal."""

    exit_code = 3


class InterlockRefused(CutoverError):
    """A named condition refuses the verb; `interlock` is its code."""

    exit_code = 4

    def __init__(
        self, interlock: str, message: str, *, cause: str = "", fix: str = "", next_command: str | None = None
    ) -> None:
        super().__init__(message, cause=cause, fix=fix, next_command=next_command)
        self.interlock = interlock


class AwsUnavailable(CutoverError):
    """AWS refused us, could not be reached, or the credentials are missing or expired."""

    exit_code = 5


class PartlyDone(CutoverError):
    """Some of the work is done and kept; running the same command again resumes it."""

    exit_code = 6


class Declined(CutoverError):
    """The operator said no to the plan."""


class Interrupted(CutoverError):
    """Somebody pressed Ctrl-C."""

    exit_code = 130
