"""A password from the operator: typed where nobody can read it, or the first line of the standard input."""

from __future__ import annotations

import getpass
import sys
import warnings

from cutover.cli.options import Invocation
from cutover.errors import UsageError


def typed_password(invocation: Invocation) -> str:
    """Asked for on the terminal, without an echo. Raises UsageError where there is no terminal."""
    if invocation.no_input or not sys.stdin.isatty():
        raise UsageError(
            "cannot ask for the password",
            cause="--no-input was given" if invocation.no_input else "the input is no terminal",
            fix="run it on a terminal, or hand the password over with --password-stdin",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass("Password of the old pool: ", stream=sys.stderr)
        except getpass.GetPassWarning:
            raise UsageError(
                "cannot ask for the password", cause="this terminal would show it", fix="use another one"
            ) from None


def piped_password() -> str:
    """The first line, without its end. Raises UsageError where there is none."""
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError("no password came in", fix="write it to the standard input, as one line")
    return line
